"""`monitor deliveries list|show|retry|abandon`."""

from typing import Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, progress, read_since
from monitor.cli.console import DONE, WITH_FAILURES, err, plain, plural, print_json, tell
from monitor.cli.deliveries_show import as_json, attempt_line, show, table
from monitor.domain.delivery import DeliveryState
from monitor.errors import UsageError
from monitor.jobs import deliver
from monitor.jobs import deliveries as job
from monitor.jobs.clock import utc_now
from monitor.jobs.deliveries import Again
from monitor.store import deliveries as store_deliveries

deliveries_app = typer.Typer(
    help="Look at deliveries, and send again what was not received.", no_args_is_help=True, rich_markup_mode=None
)
ChannelOption = Annotated[str | None, typer.Option("--channel", metavar="C", help="Only those of this channel.")]
NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="The delivery's id, as the list shows it.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(deliveries_app, name="deliveries")


@deliveries_app.command("list")
def list_deliveries(
    state: Annotated[
        str | None, typer.Option("--state", metavar="S", help=f"One of: {', '.join(DeliveryState)}.")
    ] = None,
    channel: ChannelOption = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Of digests made since a day, a time, or 7d ago.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="At most so many, the newest; 0 for all.")
    ] = 50,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """List deliveries, the newest first: one digest to one recipient each."""
    now = utc_now()
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        if channel is not None:
            job.known_channel(app, channel)
        found = store_deliveries.listed(
            app.store, states=_states(state), channel=channel, since=read_since(since, now), limit=limit
        )
        if json:
            print_json([as_json(one) for one in found])
        elif found:
            table(found, app)
        else:
            tell("no such delivery; `monitor digest send` makes some", to=err)


def _states(name: str | None) -> list[DeliveryState]:
    if name is None:
        return []
    try:
        return [DeliveryState(name)]
    except ValueError as error:
        raise UsageError(f"--state {name}: give one of {', '.join(DeliveryState)}") from error


@deliveries_app.command("show")
def show_delivery(number: NumberArgument, *, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Show one delivery with every attempt: when, how it ended, and what the server said."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = job.shown(app, number)
        if json:
            suspension = plain(found.suspension) if found.suspension else None
            by = found.carrier
            carrier = {"id": by.id, "digest": by.digest_id, "key": by.key, "state": by.state.value} if by else None
            more = {"tries": found.attempts, "suspension": suspension, "carried_by": carrier}
            print_json({**as_json(found.delivery), **more})
        else:
            show(found, app)


@deliveries_app.command("retry")
def retry_delivery(
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="The delivery's id.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that have failed.")] = False,
    channel: ChannelOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Send again what was not received; who has received a digest does not get it again."""
    if (number is None) != failed:
        raise UsageError("give the id of one delivery, or --failed for all that have failed")
    if number is not None and channel is not None:
        raise UsageError("--channel goes with --failed; an id names one delivery")
    with opened(config, with_model=False, migrate=False) as app:
        found = job.again(app, number, channel=channel, now=utc_now())
        if not json:
            _tell_plan(found)
        with progress("delivering") as bar:
            task = bar.task_ids[0]
            report = deliver.run(
                app, only=found.ids, progress=lambda done: bar.update(task, completed=done, total=len(found.ids))
            )
    if json:
        counted = {"to_send": len(found.ids), "received": found.received, "suspended": found.suspended}
        print_json({"changed": len(found.ids), **counted, "gone": found.gone, "deliveries": report.attempts})
    else:
        for attempt in report.attempts:
            attempt_line(attempt)
        if elsewhere := len(found.ids) - len(report.attempts):
            tell(f"{plural(elsewhere, 'delivery', 'deliveries')}: taken by the daemon, which sends them now", to=err)
    done = report.count(DeliveryState.DELIVERED) == len(found.ids)
    raise typer.Exit(DONE if done else WITH_FAILURES)


def _tell_plan(found: Again) -> None:
    was = "was" if found.received == 1 else "were"
    tell(f"{len(found.ids)} to send again, {found.received} {was} received already")
    if found.suspended:
        what = plural(found.suspended, "delivery", "deliveries")
        tell(f"{what} left: suspended recipients; `monitor channels resume RECIPIENT` sends them", indent=4, to=err)
    if found.gone:
        tell(f"{plural(found.gone, 'delivery', 'deliveries')} left: recipients that left channels.toml", to=err)


@deliveries_app.command("abandon")
def abandon_delivery(
    number: NumberArgument, *, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False
) -> None:
    """Give up a delivery that waits or has failed; its stories are not sent."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = job.abandon(app, number, now=utc_now())
    if json:
        print_json({"changed": 1, **as_json(found)})
    else:
        tell(f"1 delivery abandoned: {found.id}, {found.subscription} {found.key} to {found.recipient}", indent=4)

"""`monitor subscriptions list|show|pause|resume|test|rejoin`."""

from collections.abc import Callable
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened
from monitor.cli.console import DONE, WITH_FAILURES, err, out, plain, plural, print_json, tell
from monitor.domain.delivery import DeliveryState, Via
from monitor.jobs import deliver
from monitor.jobs import subscriptions as job
from monitor.jobs.subscriptions import Standing, Trial

subscriptions_app = typer.Typer(
    help="See how subscriptions stand, pause, resume and test them, and bring back who left.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_HOW = {Via.ONE_CLICK: "by one click in a mail program", Via.PAGE: "by the page of the link"}
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A subscription of subscriptions.toml.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(subscriptions_app, name="subscriptions")


@subscriptions_app.command("list")
def list_(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """List the subscriptions: schedule, channels, when the next digest goes out, or since when one is paused."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = [job.standing(app, name) for name in app.settings.subscriptions]
        if json:
            print_json(found)
            return
        for one in found:
            left = f"; {len(one.left)} left it" if one.left else ""
            to = ", ".join(one.channels)
            tell(f"{one.name}: {one.schedule} {one.timezone}, to {to}; {_next(one, app)}{left}", indent=4)


@subscriptions_app.command()
def show(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Show one subscription, with what it was sent last; `monitor config explain subscriptions.NAME` has the rest."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = job.standing(app, name)
        if json:
            print_json({**_plain(found), "options": app.settings.options.subscriptions[name].model_dump(mode="json")})
            return
        tell(f"{found.name}: {found.title}")
        tell(f"schedule     {found.schedule}, {found.timezone}; {_next(found, app)}", indent=13)
        tell(f"channels     {', '.join(found.channels)}", indent=13)
        tell(f"alerts       {found.alerts} sent", indent=13)
        for number, one in enumerate(found.left):
            how = _HOW[one.via]
            tell(f"{'' if number else 'left it':12} {one.recipient} {local(one.at, app)}, {how}", indent=13)
        for number, sent in enumerate(found.last):
            head = "" if number else "sent last"
            stories = f"{sent.stories} {'story' if sent.stories == 1 else 'stories'}"
            tell(f"{head:12} {local(sent.made_at, app)}: {sent.subject} ({sent.key}, {stories})", indent=13)


@subscriptions_app.command()
def pause(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Send nothing to a subscription until it is resumed; its windows pass."""
    _change(name, "paused", job.pause, config=config, json=json)


@subscriptions_app.command()
def resume(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Send to a subscription again: its next digest looks `digest.begin` back at the most, as a new one does."""
    _change(name, "resumed", job.resume, config=config, json=json)


@subscriptions_app.command()
def rejoin(
    name: NameArgument,
    recipient: Annotated[
        str, typer.Argument(metavar="RECIPIENT", help="Who left: label or id, or a part that only one has.")
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Send a subscription to a recipient who left it again, from its next digest on; what was missed does not come."""
    with opened(config, with_model=False, channels=False) as app:
        found = job.rejoin(app, name, recipient)
    if json:
        print_json({**plain(found), "state": "rejoined"})
    else:
        tell(f"{name}: {found.recipient} is back, and gets the next digest", indent=4)


@subscriptions_app.command("test")
def send_test(
    name: NameArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Send what there is now, marked as a test; the subscription's next digest holds it all the same."""
    with opened(config, with_model=False, migrate=not dry_run) as app:
        trial = job.try_out(app, name, dry_run=dry_run)
        report = None if dry_run else deliver.run(app, only=trial.deliveries)
    if json:
        print_json({"test": trial, "deliveries": report.attempts if report else []})
    else:
        _show_trial(trial)
        if report is not None:
            _show_attempts(trial, report)
    done = report is None or report.count(DeliveryState.DELIVERED) == len(trial.recipients)
    raise typer.Exit(DONE if done else WITH_FAILURES)


def _show_trial(trial: Trial) -> None:
    stories = f"{trial.stories} {'story' if trial.stories == 1 else 'stories'}"
    if trial.sent:
        tell(f"{trial.subscription}: a test with {stories} to {plural(len(trial.recipients), 'recipient')}", indent=4)
        return
    out.print(trial.message.text, no_wrap=True)
    tell(f"nothing was sent; a test with {stories} would go to {', '.join(trial.recipients)}", indent=4, to=err)


def _show_attempts(trial: Trial, report: deliver.DeliverReport) -> None:
    for attempt in report.attempts:
        more = f": {attempt.detail}" if attempt.detail else ""
        to = out if attempt.state is DeliveryState.DELIVERED else err
        tell(f"  {attempt.recipient}: {attempt.state.value}{more}", indent=6, to=to)
    for label in sorted({*trial.recipients} - {attempt.recipient for attempt in report.attempts}):
        tell(f"  {label}: it waits, since this recipient is suspended; see `monitor channels list`", indent=6, to=err)


def _change(name: str, what: str, change: Callable[[App, str], int], *, config: ConfigOption, json: bool) -> None:
    with opened(config, with_model=False, channels=False) as app:
        rows = change(app, name)
    if json:
        print_json({"subscription": name, "state": what, "rows": rows})
    else:
        tell(f"{name}: {what}, {plural(rows, 'row')} changed")


def _next(found: Standing, app: App) -> str:
    if found.paused_at is not None:
        return f"paused since {local(found.paused_at, app)}"
    if found.schedule == "immediate":
        return "sent as it comes"
    return f"next {local(found.next_at, app)}" if found.next_at else "never by its schedule"


def _plain(found: Standing) -> dict[str, object]:
    return {name: getattr(found, name) for name in Standing.__dataclass_fields__}

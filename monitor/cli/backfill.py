"""`monitor backfill`."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from monitor.app import App
from monitor.cli.backfill_show import Bars, rows, show_end, show_job, show_plan
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, stopping
from monitor.cli.console import DONE, WITH_FAILURES, err, out, plain, plural, print_json, tell
from monitor.domain.backfill import ALL_TIME, Job, JobState, RouteName, Span
from monitor.domain.feed import Feed
from monitor.errors import UsageError
from monitor.jobs.backfill import run as job
from monitor.jobs.backfill.announce import announce, offer
from monitor.jobs.backfill.run import OPEN, Planned, Wanted
from monitor.jobs.clock import utc_now
from monitor.jobs.sources import named as named_source
from monitor.store import backfill as store_backfill

_START = "start"


class _Group(TyperGroup):
    """`monitor backfill SOURCE` is short for `monitor backfill start SOURCE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the verb's name in where it is left out."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_START, *args]
        return super().parse_args(ctx, args)


backfill_app = typer.Typer(
    cls=_Group,
    help="Bring in what was published before: `monitor backfill SOURCE --from DAY`, or --all.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before anything is announced.")]
IdsArgument = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers of backfills.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(backfill_app, name="backfill")


@backfill_app.command(_START)
def start(
    name: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="A source's key or a feed's name; KEY/NAME for both.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every enabled feed.")] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, such as 2024-01-01.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The last day; today where none is given.")
    ] = None,
    route: Annotated[RouteName | None, typer.Option("--route", help="This way, instead of the first there is.")] = None,
    archive: Annotated[
        Path | None, typer.Option("--archive", metavar="PATH", help="From a file or folder on this machine.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option("--budget", min=1, metavar="N", help="At most so many requests.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked; write nothing.")] = False,
    announce_: Annotated[
        bool, typer.Option("--announce", help="Let what is young enough be announced, after asking.")
    ] = False,
    yes: YesOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Bring in what a source published, without announcing it."""
    with opened(config, channels=False) as app:
        now = utc_now()
        if announce_ and not yes and not err.is_terminal:
            raise UsageError("--announce asks before it announces, which needs a terminal; or give --yes")
        feeds = _feeds(app, name, everything=everything, archive=archive)
        wanted = Wanted(
            _span(app, since, until, now, optional=archive is not None),
            _route(route, archive),
            budget or app.settings.options.backfill.budget,
            archive,
            announce_,
        )
        planned = job.plan(app, feeds, wanted)
        _demand_route(planned, everything=everything, route=route)
        if dry_run:
            _tell_plan(app, planned, json=json)
            return
        begun = job.begin(app, [one.job for one in planned if one.job is not None])
        _do(app, begun, planned, yes=yes, json=json)


def _feeds(app: App, name: str | None, *, everything: bool, archive: Path | None) -> list[Feed]:
    """The feeds that are meant: of a source with several all, but for an archive, which one feed takes."""
    if (name is None) is not everything:
        raise UsageError("say which source to backfill, or --all")
    if name is None:
        if archive is not None:
            raise UsageError("--archive goes with one source or feed, since its entries are stored as that one's")
        return list(app.settings.enabled_feeds())
    key, feed = named_source(app.settings, name)
    feeds = [one for one in app.settings.feeds.values() if one.source.key == key and feed in {"", one.name}]
    if not feeds:
        raise UsageError(f'source "{name}" has no feed')
    if archive is not None and len(feeds) > 1:
        choices = ", ".join(f"{key}/{one.name}" for one in feeds)
        raise UsageError(f'--archive: source "{key}" has several feeds; say which: {choices}')
    return feeds


def _span(app: App, since: str | None, until: str | None, now: datetime, *, optional: bool) -> Span:
    """Read the days, which are those of the configured zone."""
    if since is None and not optional:
        raise UsageError('--from: say from which day on, such as "2024-01-01"')
    zone, today = app.settings.zone, now.astimezone(app.settings.zone).date()
    first = _day("--from", since) if since else None
    last = _day("--to", until) if until else today
    if first is not None and first > today:
        raise UsageError(f"--from {first}: that day is still to come")
    if last > today:
        raise UsageError(f"--to {last}: that day is still to come")
    if first is not None and first > last:
        raise UsageError(f"--from {first} --to {last}: the range is reversed")
    begin = datetime.combine(first, time(), zone).astimezone(UTC) if first else ALL_TIME.since
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    return Span(begin, end)


def _day(option: str, given: str) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError as error:
        raise UsageError(f'{option} {given}: give a day such as "2024-01-31"') from error
    if found < ALL_TIME.since.date():
        raise UsageError(f"{option} {given}: feeds are not older than {ALL_TIME.since.date()}")
    return found


def _route(route: RouteName | None, archive: Path | None) -> RouteName | None:
    if archive is not None and route not in {None, RouteName.ARCHIVE}:
        raise UsageError(f"--archive and --route {route}: an archive is a route of its own")
    if archive is None and route is RouteName.ARCHIVE:
        raise UsageError("--route archive: say which file or folder by --archive PATH")
    return route


def _demand_route(planned: Sequence[Planned], *, everything: bool, route: RouteName | None) -> None:
    """Refuse where nothing can be done for what was named; of all feeds some will have no way."""
    if any(one.job is not None for one in planned) and (everything or route is None):
        return
    without = [one for one in planned if one.job is None]
    if without and not (everything and len(without) < len(planned)):
        told = "; ".join(f"{one.feed}: {', '.join(one.notes)}" for one in without)
        what = f"the route {route}" if route else "any route to its past"
        raise UsageError(f"no feed has {what}: {told}" if everything else f"the site does not have {what}: {told}")


def _tell_plan(app: App, planned: Sequence[Planned], *, json: bool) -> None:
    if json:
        print_json({"dry_run": True, "feeds": planned})
        return
    for one in planned:
        show_plan(app, one)
    out.print("dry run: nothing is written")


def _do(app: App, jobs: Sequence[Job], planned: Sequence[Planned], *, yes: bool, json: bool) -> None:
    """Run jobs with their progress, then say how each ended."""
    with stopping() as stop, Bars(silent=json) as bars:
        done = job.run(app, jobs, progress=bars.show, stop=stop.is_set)
    skipped = [one for one in planned if one.job is None]
    if json:
        print_json(
            {
                "jobs": [{**plain(one), "statement": plain(job.stated(app, one))} for one in done],
                "without_route": skipped,
            }
        )
    else:
        for one in skipped:
            tell(f"{one.feed}: no route: {'; '.join(one.notes)}", indent=4, to=err, style="yellow")
        for ended in done:
            show_end(ended, job.stated(app, ended))
    _announce(app, [one for one in done if one.announce], yes=yes, json=json)
    failed = skipped or any(one.state is not JobState.DONE for one in done)
    raise typer.Exit(WITH_FAILURES if failed or app.model.problem else DONE)


def _announce(app: App, jobs: Sequence[Job], *, yes: bool, json: bool) -> None:
    if not jobs:
        return
    offered = offer(app, jobs, now=utc_now())
    to = err if json else out
    tell(f"{plural(len(offered.ids), 'entry')} young enough, {len(offered.over)} over a line:", to=to)
    for stored in offered.over:
        tell(f"    {stored.id}  {stored.entry.title}", indent=8, to=to)
    if offered.ids and (yes or typer.confirm("Announce them?", err=True)):
        tell(f"{announce(app, offered)} let out: the next digest of each subscription judges them", to=to)


@backfill_app.command("list")
def list_jobs(
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="At most so many; 0 for all.")] = 30,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """List backfills, the newest first."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = store_backfill.listed(app.store, limit=limit or None)
        if json:
            print_json(found)
        elif not found:
            out.print("no backfill yet; `monitor backfill SOURCE --from DAY` begins one")
        else:
            out.print(rows(app, found))


@backfill_app.command("show")
def show(
    id_: Annotated[int, typer.Argument(metavar="ID", help="A backfill's number.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show a backfill: where it stands, what it found by month, and what is missing."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        (found,) = job.named(app, [id_])
        if json:
            print_json({**plain(found), "statement": plain(job.stated(app, found))})
        else:
            show_job(app, found, job.stated(app, found), running=job.is_running(app, found))


@backfill_app.command("resume")
def resume(
    ids: IdsArgument = None,
    budget: Annotated[
        int | None, typer.Option("--budget", min=1, metavar="N", help="So many requests more, at most.")
    ] = None,
    yes: YesOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Go on with backfills that are not over: those that are named, or all."""
    with opened(config, channels=False) as app:
        found = job.named(app, ids) if ids else store_backfill.listed(app.store, states=OPEN)
        ended = [str(one.id) for one in found if one.state.over]
        if ended:
            raise UsageError(f"backfill {', '.join(ended)} is over; begin a new one")
        taken = [str(one.id) for one in found if job.is_running(app, one)]
        if ids and taken:
            raise UsageError(f"backfill {', '.join(taken)} is being done by another process")
        chosen = [one for one in found if str(one.id) not in taken]
        if not chosen:
            out.print("no backfill is open")
            return
        if any(one.announce for one in chosen) and not yes and not err.is_terminal:
            raise UsageError("one of them asks before it announces, which needs a terminal; or give --yes")
        _do(app, job.extend(app, chosen, budget) if budget else chosen, (), yes=yes, json=json)


@backfill_app.command("cancel")
def cancel(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of backfills.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """End backfills for good; what they have stored stays."""
    with opened(config, with_model=False, channels=False) as app:
        found = job.named(app, ids)
        done = [one.id for one in found if store_backfill.cancel(app.store, one.id, now=utc_now())]
        if json:
            print_json({"cancelled": done})
            return
        for one in found:
            tell(f"backfill {one.id}: {'cancelled' if one.id in done else f'is over already ({one.state.value})'}")

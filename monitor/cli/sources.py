"""`monitor sources`."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, out, print_json, tell
from monitor.errors import UsageError
from monitor.jobs import check as check_job
from monitor.jobs import health as health_job
from monitor.jobs import opml, sources
from monitor.jobs.check import CheckReport, Verdict
from monitor.jobs.clock import utc_now
from monitor.jobs.health import FeedHealth, State
from monitor.jobs.sources import Changed
from monitor.observe import mask
from monitor.settings.load import load
from monitor.settings.model import Settings

sources_app = typer.Typer(
    help="Manage the sources: add, check, import, and how they do.", no_args_is_help=True, rich_markup_mode=None
)
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A source's key or a feed's name; KEY/NAME where both are called alike.")
]
_STYLES = {Verdict.OK: "green", Verdict.STALE: "yellow", Verdict.EMPTY: "yellow"}


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(sources_app, name="sources")


@sources_app.command("list")
def list_sources(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """List the sources with their feeds, as config has them."""
    settings = load(config, channels=False)
    if json:
        print_json(_listed(settings))
        return
    for key, source in sorted(settings.options.sources.items()):
        told = ", ".join(filter(None, (source.kind, source.language, source.region)))
        tell(f"{key}: {source.title} ({told}){'' if source.enabled else ', disabled'}", indent=4)
        for name in source.feeds:
            feed = settings.feeds[name]
            off = "" if feed.enabled or not source.enabled else ", disabled"
            tell(f"    {name}  {mask(feed.url)}{off}", indent=8)


def _listed(settings: Settings) -> list[dict[str, object]]:
    return [
        {
            "source": key,
            **source.model_dump(exclude={"feeds"}),
            "feeds": [
                {"feed": name, "url": mask(settings.feeds[name].url), "enabled": settings.feeds[name].enabled}
                for name in source.feeds
            ],
        }
        for key, source in sorted(settings.options.sources.items())
    ]


@sources_app.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that leads to one.")],
    source: Annotated[str, typer.Option("--source", metavar="KEY", help="Add the feed to this source.")] = "",
    kind: Annotated[str, typer.Option("--kind", help='What the publisher is: "news", "think tank", …')] = "",
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Add the feed at an address: one request for a feed, at most four for a page."""
    with opened(config, with_model=False, channels=False) as app, progress("asking"):
        added = sources.add(app, url, source=source, kind=kind)
    if json:
        print_json(added)
        return
    tell(f'added {added.source}: "{added.title}", feed {added.feed} {added.url}', indent=4)
    tell(
        f"    {added.format}, {added.entries} entries, language {added.language or 'not told'}; "
        f"found as {added.how} with {_count(added.requests, 'request')}; written to {added.file}",
        indent=4,
    )


@sources_app.command("remove")
def remove(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Take a source, or one feed, out of config; what was collected stays."""
    _tell_change("removed", sources.take_out(load(config, channels=False), name), json=json)


@sources_app.command("enable")
def enable(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Poll a source or a feed again."""
    _tell_change("enabled", sources.switch(load(config, channels=False), name, enabled=True), json=json)


@sources_app.command("disable")
def disable(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Keep a source or a feed in config, and poll it no more."""
    _tell_change("disabled", sources.switch(load(config, channels=False), name, enabled=False), json=json)


def _tell_change(what: str, changed: Changed, *, json: bool) -> None:
    if json:
        print_json(changed)
        return
    name = f"feed {changed.feed} of {changed.source}" if changed.feed else f"source {changed.source}"
    if changed.files:
        tell(f"{what} {name} in {', '.join(map(str, changed.files))}", indent=4)
    else:
        tell(f"{name} is {what} already; nothing was written", indent=4)
    if changed.note:
        tell(changed.note, indent=4, to=err, style="yellow")


@sources_app.command("discover")
def discover(
    url: Annotated[str, typer.Argument(metavar="URL", help="A page.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show where a page's feeds may be, at the cost of one request; changes nothing."""
    with opened(config, with_model=False, channels=False) as app, progress("asking"):
        found = sources.discover(app, url)
    if json:
        print_json(found)
    elif found.format:
        tell(f'{found.url} is a feed itself: {found.format}, "{found.title}"', indent=4)
    for candidate in () if json else found.candidates:
        title = f'  "{candidate.title}"' if candidate.title else ""
        tell(f"{candidate.tier.value:10}  {candidate.url}{title}", indent=12)


@sources_app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources or feeds; else all.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Markdown; else var/sources-check.md.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Ask each feed once, disabled ones too, and say what came, with evidence; exit 1 if an enabled one is bad."""
    with opened(config, with_model=False, channels=False) as app:
        chosen = _chosen(app, names)
        with progress("asking") as bar:
            task = bar.task_ids[0]
            found = check_job.run(
                app, chosen, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )
        file = report or app.settings.base / "var" / "sources-check.md"
        _save(file, check_job.markdown(found).encode())
    if json:
        print_json({"at": found.at, "counts": found.counts, "report": file.absolute(), "feeds": found.probes})
    else:
        _show_check(found, file)
    raise typer.Exit(WITH_FAILURES if any(probe.enabled for probe in found.bad) else DONE)


def _chosen(app: App, names: list[str] | None) -> list[str] | None:
    """The feeds that the names stand for; None for all."""
    if not names:
        return None
    pairs = [sources.named(app.settings, name) for name in names]
    return [
        name
        for key, feed in pairs
        for name in ([feed] if feed else app.settings.options.sources[key].feeds)
    ]  # fmt: skip


def _show_check(found: CheckReport, file: Path) -> None:
    for probe in found.bad:
        began = f"; it began with {probe.first_bytes}" if probe.first_bytes else ""
        off = " (disabled)" if not probe.enabled else ""
        text = f"{probe.verdict.value:8} {probe.feed}{off}: {probe.detail}{began}"
        tell(text, indent=13, style=_STYLES.get(probe.verdict, "red"))
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in found.counts.items() if count)
    tell(f"{_count(len(found.probes), 'feed')}: {counts or 'none asked'}; the report is in {file}", indent=4)


@sources_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, as every feed reader exports it.")],
    variables: Annotated[
        bool, typer.Option("--with-variables", help="Take addresses with ${NAME} too: for a file of your own.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Add the feeds of an OPML file that config does not have; asks no publisher."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    found = opml.import_opml(load(config, channels=False), body, variables=variables)
    if json:
        print_json(found)
    else:
        where = f" in {', '.join(map(str, found.files))}" if found.files else ""
        tell(f"added {_count(len(found.added), 'feed')}{where}; {len(found.known)} were there already", indent=4)
    for what, reason in () if json else found.skipped:
        tell(f"left out {what}: {reason}", indent=4, to=err, style="yellow")
    raise typer.Exit(WITH_FAILURES if found.skipped else DONE)


@sources_app.command("export")
def export_file(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to; else stdout.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Write all sources and feeds as OPML; secrets stay ${NAME}."""
    settings = load(config, channels=False)
    body = opml.export_opml(settings)
    if file is None and not json:
        typer.echo(body, nl=False)
        return
    if file is not None:
        _save(file, body)
    if json:
        told = {"sources": len(settings.options.sources), "feeds": len(settings.feeds), "file": file}
        print_json({**told, "opml": None if file else body.decode()})
    else:
        tell(f"wrote {_count(len(settings.feeds), 'feed')} to {file}", indent=4)


def _save(file: Path, body: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


@sources_app.command("health")
def health(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Show how each feed does: last success, failures, silence, entries a week. Asks nobody."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = health_job.health(app, now=utc_now())
        if json:
            print_json(found)
            return
        for feed in found:
            if feed.state is not State.DISABLED:
                _show_health(feed, app)
    counts = ", ".join(f"{n} {state.value}" for state in State if (n := sum(f.state is state for f in found)))
    out.print(f"{_count(len(found), 'feed')}: {counts or 'none'}")


def _show_health(feed: FeedHealth, app: App) -> None:
    rate = "" if feed.a_week is None else f", {feed.a_week:.1f} entries a week"
    quiet = f", nothing new for {feed.silent_days} days" if feed.state is State.SILENT else ""
    failed = f", {feed.failed} of {_count(feed.polls, 'poll')} failed" if feed.failed else ""
    why = f", {feed.kind} since {local(feed.failing_since, app)}: {feed.detail}" if feed.kind else ""
    style = "yellow" if feed.state in {State.FAILING, State.SILENT} else None
    text = f"{feed.state.value:12} {feed.feed}: last success {local(feed.last_success, app)}{rate}{quiet}{failed}{why}"
    tell(text, indent=17, style=style)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

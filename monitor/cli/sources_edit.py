"""`monitor sources`: what changes config, and what is looked at before."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.common import opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, plural, print_json, save, tell
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.errors import UsageError
from monitor.jobs import opml, sources
from monitor.jobs.sources import Changed
from monitor.settings.load import load

verbs = typer.Typer(rich_markup_mode=None)
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A source's key or a feed's name; KEY/NAME where both are called alike.")
]


@verbs.command("add")
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
        f"found as {added.how} with {plural(added.requests, 'request')}; written to {added.file}",
        indent=4,
    )


@verbs.command("remove")
def remove(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Take a source, or one feed, out of config; what was collected stays."""
    _tell_change("removed", sources.take_out(load(config, channels=False), name), json=json)


@verbs.command("enable")
def enable(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Poll a source or a feed again."""
    _tell_change("enabled", sources.switch(load(config, channels=False), name, enabled=True), json=json)


@verbs.command("disable")
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


@verbs.command("discover")
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


@verbs.command("import")
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
        tell(f"added {plural(len(found.added), 'feed')}{where}; {len(found.known)} were there already", indent=4)
    for what, reason in () if json else found.skipped:
        tell(f"left out {what}: {reason}", indent=4, to=err, style="yellow")
    raise typer.Exit(WITH_FAILURES if found.skipped else DONE)


@verbs.command("export")
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
        save(file, body)
    if json:
        told = {"sources": len(settings.options.sources), "feeds": len(settings.feeds), "file": file}
        print_json({**told, "opml": None if file else body.decode()})
    else:
        tell(f"wrote {plural(len(settings.feeds), 'feed')} to {file}", indent=4)

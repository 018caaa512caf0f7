"""`monitor stories list|show|merge|split`."""

import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened, read_since
from monitor.cli.console import err, iso, out, print_json, tell
from monitor.cli.label import check_label, os_user
from monitor.cli.stories_show import as_json, show, story_json
from monitor.domain.labels import Decision
from monitor.jobs import stories as job
from monitor.jobs.clock import utc_now
from monitor.jobs.stories import Listed, Moved

stories_app = typer.Typer(
    help="Look at stories, and put entries where they belong.", no_args_is_help=True, rich_markup_mode=None
)
WhoOption = Annotated[str, typer.Option("--who", metavar="NAME", help="Who says so; default: your user name.")]
_COUNTRIES = 6  # named in a list


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(stories_app, name="stories")


@stories_app.command("list")
def list_stories(
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="At most so many, the newest; 0 for all.")
    ] = 50,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Last seen since a day, a time, or 7d ago.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="L", help="Only those with an entry that passes this label's line.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """List stories with an entry that is in, the last seen first."""
    now = utc_now()
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        if label is not None:
            check_label(label, app.settings.labels)
        found = list(islice(job.listed(app, since=read_since(since, now), label=label), limit or None))
        if json:
            print_json([story_json(one.story, one.decisions, now) for one in found])
        elif found:
            _table(found, app, now)
        else:
            tell("no story has an entry that is in; `monitor items list --band review` shows near-misses", to=err)


@stories_app.command("show")
def show_story(
    number: Annotated[int, typer.Argument(metavar="ID", help="The story's id, or that of one of its entries.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show one story: what its entries tell, each thing once, and the entries with their sources."""
    now = utc_now()
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        told = job.told(app, number)
        if json:
            print_json(as_json(told, app, now))
        else:
            show(told, app, now)


@stories_app.command("merge")
def merge_stories(
    number: Annotated[int, typer.Argument(metavar="ID", help="The story whose entries move.")],
    into: Annotated[int, typer.Argument(metavar="INTO", help="The story that they come into.")],
    who: WhoOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Put all entries of a story into another; later copies follow."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        _tell_moved(job.merge(app, number, into, who=who or os_user(), now=utc_now()), json=json)


@stories_app.command("split")
def split_story(
    entries: Annotated[list[int], typer.Argument(metavar="ENTRY…", help="Entries of one story, but not all.")],
    into: Annotated[
        int | None, typer.Option("--into", metavar="STORY", help="Where to; default: a story of their own.")
    ] = None,
    who: WhoOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Take entries out of their story; later copies of them follow."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        _tell_moved(job.split(app, entries, into=into, who=who or os_user(), now=utc_now()), json=json)


def _tell_moved(moved: Moved, *, json: bool) -> None:
    story = moved.story
    if json:
        renamed = [{"from": old, "to": new} for old, new in moved.renamed.items()]
        entries = [stored.id for stored in story.entries]
        print_json({"story_id": story.id, "moved": moved.entries, "entries": sorted(entries), "renamed": renamed})
        return
    names = ", ".join(map(str, moved.entries))
    what = f"entr{'y' if len(moved.entries) == 1 else 'ies'} {names}"
    count = len(story.entries)
    size = "its only entry" if count == 1 else f"{count} entries"
    tell(f"{what}: now story {story.id} ({size}): {story.lead.entry.title}", indent=4)
    for old, new in moved.renamed.items():
        tell(f"what stays of story {old} is story {new} now")


def _table(found: Sequence[Listed], app: App, now: datetime) -> None:
    if not out.is_terminal:
        for one in found:
            _line(one, now)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column("last seen", no_wrap=True)
    table.add_column("labels", no_wrap=True)
    table.add_column("countries", max_width=9)
    table.add_column("entries", justify="right", no_wrap=True)
    table.add_column("title")
    begin = 0 if out.width >= 100 else len("2026-")
    for one in found:
        story = one.story
        seen = Text(local(story.last_seen, app)[begin:])
        seen.append(f"\n{story.state(now)}", style="dim")
        title = Text(story.lead.entry.title)
        title.append(f"  {_sources(one)}", style="dim")
        labels = Text("\n").join(Text(_score(decision), style="bold green") for decision in one.decisions)
        table.add_row(str(story.id), seen, labels, _countries(one), str(len(story.entries)), title)
    out.print(table, soft_wrap=False)


def _line(one: Listed, now: datetime) -> None:
    story = one.story
    columns: tuple[Any, ...] = (
        story.id, iso(story.last_seen), story.state(now), ",".join(map(_score, one.decisions)),
        ",".join(_codes(one)), len(story.entries), _sources(one), story.lead.entry.title,
    )  # fmt: skip
    sys.stdout.write("\t".join(map(str, columns)) + "\n")  # Rich would make spaces of the tabs


def _score(decision: Decision) -> str:
    """A label with its best score, and + where a person gave it."""
    return f"{decision.label} {decision.probability:.2f}{' +' if decision.human else ''}"


def _sources(one: Listed) -> str:
    """The lead's source, and how many more."""
    first, *more = one.story.sources
    return f"{first} +{len(more)}" if more else first


def _codes(one: Listed) -> list[str]:
    return list(dict.fromkeys(code for stored in one.story.entries for code in stored.countries))


def _countries(one: Listed) -> str:
    codes = _codes(one)
    more = f" +{len(codes) - _COUNTRIES}" if len(codes) > _COUNTRIES else ""
    return f"{' '.join(codes[:_COUNTRIES])}{more}"

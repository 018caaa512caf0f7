"""`monitor items list|show|search`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened, read_since
from monitor.cli.console import iso, out, print_json
from monitor.cli.items_show import Background, background_json, show
from monitor.domain.entry import StoredEntry
from monitor.domain.labels import passing
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.store import views
from monitor.store.known import other_keys
from monitor.store.revisions import versions

items_app = typer.Typer(help="Look at stored entries.", no_args_is_help=True, rich_markup_mode=None)
LimitOption = Annotated[
    int, typer.Option("--limit", min=0, metavar="N", help="At most so many, the newest; 0 for all.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="T", help="First seen since a day, a time, or 7d ago.")
]
LabelOption = Annotated[
    str | None, typer.Option("--label", metavar="L", help="Only those that pass this label's line.")
]


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(items_app, name="items")


@items_app.command("list")
def list_items(
    limit: LimitOption = 50,
    since: SinceOption = None,
    label: LabelOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """List entries, the newest first."""
    _list(config, limit=limit, since=since, label=label, search="", json=json)


@items_app.command("search")
def search_items(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Part of a title or text, in any case.")],
    *,
    limit: LimitOption = 50,
    since: SinceOption = None,
    label: LabelOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Find entries whose title or text holds some words."""
    _list(config, limit=limit, since=since, label=label, search=words, json=json)


def _list(config: Path, *, limit: int, since: str | None, label: str | None, search: str, json: bool) -> None:
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        lines = _lines(app)
        if label is not None and label not in lines:
            raise UsageError(f'no label "{label}" in labels.toml; there are: {", ".join(sorted(lines)) or "none"}')
        moment = read_since(since, utc_now())
        if label is None:
            found = views.items(app.store, limit=limit, since=moment, search=search)
        else:
            some = views.items(app.store, limit=0, since=moment, search=search, over={label: lines[label]})
            mine = [stored for stored in some if label in passing(stored.scores, lines)]
            found = mine[:limit] if limit else mine
        if json:
            print_json([as_json(stored, lines) for stored in found])
        else:
            _table(found, app)


@items_app.command("show")
def show_item(
    number: Annotated[int, typer.Argument(metavar="ID", help="The entry's id, as `items list` prints it.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show one entry: its dates, what it said before, its scores against the lines, and the terms that made them."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        stored = views.item(app.store, number)
        if stored is None:
            raise UsageError(f"no entry {number}; `monitor items list` shows ids")
        background = Background(
            story=tuple(other for other in views.story(app.store, stored.story_id) if other.id != stored.id),
            past=tuple(versions(app.store, number)),
            other_keys=tuple(other_keys(app.store, number)),
        )
        lines = _lines(app)
        if json:
            print_json({**as_json(stored, lines), "terms": _terms(stored), **background_json(stored, background)})
        else:
            show(stored, background, app, lines)


def as_json(stored: StoredEntry, lines: dict[str, float]) -> dict[str, Any]:
    """An entry as scripts get it; README, "For scripts"."""
    return {
        "id": stored.id,
        "feed": stored.feed,
        "source": stored.source,
        "guid": stored.entry.guid,
        "url": stored.entry.url,
        "title": stored.entry.title,
        "text": stored.entry.text,
        "lang": stored.entry.lang,
        "published": iso(stored.entry.published),
        "published_raw": stored.entry.published_raw,
        "date_confidence": stored.entry.date_confidence,
        "updated": iso(stored.entry.updated),
        "first_seen": iso(stored.first_seen),
        "origin": stored.origin.value,
        "announceable": stored.announceable,
        "story_id": stored.story_id,
        "countries": list(stored.countries),
        "scores": {label: round(score.probability, 6) for label, score in stored.scores.items()},
        "decisions": list(passing(stored.scores, lines)),
        "scorer": stored.scorer,
        "version": stored.version,
    }


def _terms(stored: StoredEntry) -> dict[str, list[dict[str, Any]]]:
    return {
        label: [{"text": t.text, "weight": t.weight, "concept": t.concept} for t in score.terms]
        for label, score in stored.scores.items()
    }


def _lines(app: App) -> dict[str, float]:
    return {name: label.threshold for name, label in app.settings.labels.items()}


def _table(found: list[StoredEntry], app: App) -> None:
    lines = _lines(app)
    if not out.is_terminal:
        for s in found:
            columns = (str(s.id), iso(s.first_seen) or "", s.feed, ",".join(passing(s.scores, lines)), s.entry.title)
            sys.stdout.write("\t".join(columns) + "\n")  # Rich would make spaces of the tabs
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column("first seen", no_wrap=True)
    table.add_column("feed", no_wrap=True, max_width=max(10, out.width // 6))
    for label in lines:
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column("title")
    begin = 0 if out.width >= 100 else len("2026-")
    for s in found:
        scores = (_score(s, label, line) for label, line in lines.items())
        table.add_row(str(s.id), local(s.first_seen, app)[begin:], s.feed, *scores, Text(s.entry.title))
    out.print(table, soft_wrap=False)


def _score(stored: StoredEntry, label: str, line: float) -> Text:
    score = stored.scores.get(label)
    if score is None:
        return Text("waits", style="dim")
    return Text(f"{score.probability:.2f}", style="bold green" if score.probability >= line else "")

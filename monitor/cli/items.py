"""`monitor items list|show|search`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from monitor.app import App
from monitor.classify.corpus import LABELS
from monitor.classify.words import WATCHED
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened, read_since
from monitor.cli.console import iso, out, print_json
from monitor.cli.items_show import Background, background_json, show
from monitor.cli.judged import BAND_STYLES, band_of, decisions_of
from monitor.domain.entry import WATCH, StoredEntry
from monitor.domain.labels import Band, Decision
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.store import views
from monitor.store.annotations import history
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
    str | None, typer.Option("--label", metavar="L", help="Only those that pass this label's line, or see --band.")
]
BandOption = Annotated[
    Band | None,
    typer.Option("--band", help="Only what is in, a near-miss (review) or out: for --label, else for the best label."),
]
_PAGE = 500  # entries read at once where only some are wanted


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be listed; ``limit`` 0 means all."""

    limit: int
    since: datetime | None
    label: str | None
    band: Band | None
    search: str = ""


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(items_app, name="items")


@items_app.command("list")
def list_items(
    limit: LimitOption = 50,
    since: SinceOption = None,
    label: LabelOption = None,
    band: BandOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """List entries, the newest first."""
    _list(config, Wanted(limit, read_since(since, utc_now()), label, band), json=json)


@items_app.command("search")
def search_items(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Part of a title or text, in any case.")],
    *,
    limit: LimitOption = 50,
    since: SinceOption = None,
    label: LabelOption = None,
    band: BandOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Find entries whose title or text holds some words."""
    _list(config, Wanted(limit, read_since(since, utc_now()), label, band, words), json=json)


def _list(config: Path, wanted: Wanted, *, json: bool) -> None:
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        labels = app.settings.labels
        if wanted.label is not None and wanted.label not in labels:
            raise UsageError(
                f'no label "{wanted.label}" in labels.toml; there are: {", ".join(sorted(labels)) or "none"}'
            )
        found = list(islice(_found(app, wanted), wanted.limit or None))
        if json:
            print_json([as_json(stored, decisions_of(stored, app.settings)) for stored in found])
        else:
            _table(found, app)


def _found(app: App, wanted: Wanted) -> Iterator[StoredEntry]:
    """Walk back over what is wanted, page by page: the database narrows, and the lines of each entry decide."""
    band = wanted.band or (Band.IN if wanted.label else None)
    if band is None:
        yield from views.items(app.store, limit=wanted.limit, since=wanted.since, search=wanted.search)
        return
    lowest = {n: label.lines.lowest for n, label in app.settings.labels.items() if wanted.label in (None, n)}
    over = {n: cut.threshold if band is Band.IN else cut.review for n, cut in lowest.items()}
    before: int | None = None
    while True:
        page = views.items(
            app.store, limit=_PAGE, since=wanted.since, search=wanted.search, before=before,
            over=None if band is Band.OUT else over, watched=band is Band.REVIEW,
        )  # fmt: skip
        yield from (s for s in page if band_of(decisions_of(s, app.settings), wanted.label) is band)
        if len(page) < _PAGE:
            return
        before = page[-1].id


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
            said=tuple(history(app.store, number)),
        )
        if json:
            shown = as_json(stored, decisions_of(stored, app.settings))
            print_json({**shown, "terms": _terms(stored), **background_json(stored, background)})
        else:
            show(stored, background, app)


def as_json(stored: StoredEntry, decisions: Sequence[Decision]) -> dict[str, Any]:
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
        "scores": _probabilities(stored, finer=False),
        "aspects": _probabilities(stored, finer=True),
        "watch": [term.concept.removeprefix(WATCHED) for term in stored.scores[WATCH].terms]
        if WATCH in stored.scores
        else [],
        "decisions": [decision.label for decision in decisions if decision.passes],
        "bands": {decision.label: decision.band.value for decision in decisions},
        "human": dict(stored.human),
        "scorer": stored.scorer,
        "version": stored.version,
    }


def _probabilities(stored: StoredEntry, *, finer: bool) -> dict[str, float]:
    """The scores of the labels that decide digests, or those of the aspects beside them."""
    return {
        name: round(score.probability, 6)
        for name, score in stored.scores.items()
        if (name not in LABELS) is finer and name != WATCH
    }


def _terms(stored: StoredEntry) -> dict[str, list[dict[str, Any]]]:
    return {
        label: [{"text": t.text, "weight": t.weight, "concept": t.concept} for t in score.terms]
        for label, score in stored.scores.items()
        if label != WATCH
    }


def _table(found: list[StoredEntry], app: App) -> None:
    decided = [{decision.label: decision for decision in decisions_of(s, app.settings)} for s in found]
    if not out.is_terminal:
        for s, decisions in zip(found, decided, strict=True):
            passed = ",".join(label for label, decision in decisions.items() if decision.passes)
            columns = (str(s.id), iso(s.first_seen) or "", s.feed, passed, s.entry.title)
            sys.stdout.write("\t".join(columns) + "\n")  # Rich would make spaces of the tabs
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column("first seen", no_wrap=True)
    table.add_column("feed", no_wrap=True, max_width=max(10, out.width // 6))
    for label in app.settings.labels:
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column("title")
    begin = 0 if out.width >= 100 else len("2026-")
    for s, decisions in zip(found, decided, strict=True):
        scores = (_score(decisions.get(label)) for label in app.settings.labels)
        table.add_row(str(s.id), local(s.first_seen, app)[begin:], s.feed, *scores, Text(s.entry.title))
    out.print(table, soft_wrap=False)


def _score(decision: Decision | None) -> Text:
    """A score in the colour of its band, with + or - behind it where a person gave or refused the label."""
    if decision is None:
        return Text("waits", style="dim")
    said = {True: " +", False: " -", None: ""}[decision.human]
    return Text(f"{decision.probability:.2f}{said}", style=BAND_STYLES[decision.band])

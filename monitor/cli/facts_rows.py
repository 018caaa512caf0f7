"""Steps and counts as scripts and spreadsheets get them."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from monitor.cli.console import iso
from monitor.digest import fact_words
from monitor.domain.facts import Figure
from monitor.domain.telling import Teller
from monitor.extract.ledger import Count
from monitor.extract.reference import Reference
from monitor.extract.tracker import Step

_FORMULA = "=+-@＝＋－＠"  # how a cell begins that a spreadsheet runs
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_POLICY = (
    "date", "last_told", "country", "country_name", "measure", "stage", "negated", "told_otherwise", "title", "url",
    "sources", "near_miss", "story", "entries", "words",
)  # fmt: skip
_LEDGER = (
    "kind", "date", "last_told", "low", "high", "approximate", "of", "from", "to", "as_of", "by", "told_otherwise",
    "title", "url", "sources", "near_miss", "story", "entries", "words",
)  # fmt: skip


def step_json(step: Step) -> dict[str, Any]:
    """One step; docs/guide.md, "Facts"."""
    said = [{**_entry(told.by), "negated": told.fact.negated, "words": told.fact.words} for told in step.told]
    return {
        "country": step.country,
        "country_name": fact_words.actor(step.country),
        "measure": step.measure.value,
        "stage": step.stage.value,
        "negated": step.negated,
        "text": f"{fact_words.measure(step.measure)}: {fact_words.stage(step.stage, negated=step.negated)}",
        **_common(step),
        "entries": said,
        "otherwise": [
            {**_entry(told.by), "negated": told.fact.negated, "words": told.fact.words} for told in step.otherwise
        ],
    }


def count_json(count: Count) -> dict[str, Any]:
    """One count; ``entries`` have what each says by itself."""
    return {
        **_figure(count.figure),
        **_common(count),
        "entries": [{**_entry(told.by), **_figure(told.fact), "words": told.fact.words} for told in count.told],
        "otherwise": [{**_entry(told.by), **_figure(told.fact), "words": told.fact.words} for told in count.otherwise],
    }


def reference_json(reference: Reference) -> dict[str, Any]:
    """One reference count."""
    return {
        **_figure(reference.figure),
        "group": reference.group,
        "report": reference.report,
        "published": reference.published,
        "note": reference.note,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "text": fact_words.count(figure),
        "low": figure.low,
        "high": figure.high,
        "approximate": figure.approximate,
        "of": figure.of.value,
        "from": list(figure.origin),
        "to": figure.to,
        "as_of": figure.as_of,
        "by": figure.by,
    }


def _common(found: Step | Count) -> dict[str, Any]:
    return {
        "date": iso(found.first),
        "last_told": iso(found.last),
        "title": found.lead.title,
        "url": found.lead.url,
        "sources": list(found.sources),
        "near_miss": found.lead.near,
        "story_id": found.lead.story_id,
    }


def _entry(teller: Teller) -> dict[str, Any]:
    return {
        "id": teller.id,
        "story_id": teller.story_id,
        "feed": teller.feed,
        "source": teller.source,
        "title": teller.title,
        "url": teller.url,
        "lang": teller.lang,
        "published": iso(teller.published),
        "first_seen": iso(teller.first_seen),
        "near_miss": teller.near,
    }


def policy_csv(steps: Iterable[Step]) -> Iterator[list[str]]:
    """A header, then a row for each step."""
    yield list(_POLICY)
    for step in steps:
        row = step_json(step)
        otherwise = "; ".join(told.by.source for told in step.otherwise)
        yield _cells({**row, **_flat(row), "told_otherwise": otherwise}, _POLICY)


def ledger_csv(rows: Iterable[Count | Reference]) -> Iterator[list[str]]:
    """A header, then a row for each count; ``kind`` tells reference counts (their title is the report's)."""
    yield list(_LEDGER)
    for found in rows:
        if isinstance(found, Reference):
            row = reference_json(found)
            flat = {"kind": "reference", "date": found.published, "title": found.report, "words": found.group}
        else:
            row = count_json(found)
            numbers = (f"{fact_words.number(told.fact)} ({told.by.source})" for told in found.otherwise)
            flat = {"kind": "told", **_flat(row), "told_otherwise": "; ".join(numbers)}
        yield _cells({**row, **flat, "from": " ".join(row["from"])}, _LEDGER)


def _flat(row: dict[str, Any]) -> dict[str, str]:
    """What a cell has of lists: days, the names of sources, ids, and the words of the first entry."""
    return {
        "date": row["date"][:10],
        "last_told": row["last_told"][:10],
        "sources": "; ".join(row["sources"]),
        "story": str(row["story_id"]),
        "entries": " ".join(str(entry["id"]) for entry in row["entries"]),
        "words": row["entries"][0]["words"],
    }


def _cells(row: dict[str, Any], columns: Iterable[str]) -> list[str]:
    return [_cell(row.get(column)) for column in columns]


def _cell(value: object) -> str:
    """Write a value on one line; what a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _CONTROL.sub(" ", "" if value is None else str(value)).strip()
    return f"'{text}" if text.startswith(tuple(_FORMULA)) else text


def csv_of(rows: Iterable[list[str]]) -> bytes:
    """Write rows as CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def write_csv(body: bytes) -> None:
    """Write CSV to stdout as it is, whatever encoding the terminal has."""
    sys.stdout.flush()
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()

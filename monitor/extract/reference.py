"""The reference counts of the field, to hold a figure of today against (data/reference.toml)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from monitor.domain.facts import Counted, Figure
from monitor.errors import ModelError
from monitor.extract.shipped import data

_NUMBERS = frozenset({"number", "about", "least", "most"})
_REPORT = frozenset({"title", "by", "published", "note", "count"})
_COUNT = _NUMBERS | {"of", "from", "to", "group", "as_of", "by"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A count of a report. ``published`` is a year, month or day; ``group`` says who is counted beside the countries,
    and ``note`` what the report says that is no count."""

    figure: Figure
    report: str
    published: str
    group: str = ""
    note: str = ""


@cache
def load() -> tuple[Reference, ...]:
    """Read the shipped counts, once a process, the latest report first; raises ModelError where they are damaged."""
    return build(data("reference"))


def build(read: Mapping[str, Any]) -> tuple[Reference, ...]:
    """Make the counts of a parsed file (its head explains the form); raises ModelError at what is wrong."""
    found = []
    for report in read["report"]:
        _demand(report, _REPORT, str(report.get("title")))
        found += [
            Reference(
                _figure(count, report), report["title"], report["published"], count.get("group", ""),
                report.get("note", ""),
            )
            for count in report["count"]
        ]  # fmt: skip
    return tuple(sorted(found, key=lambda reference: reference.published, reverse=True))


def chosen(of: Counted | None, country: str | None) -> list[Reference]:
    """Return the counts of a kind, of people from a country or who came there; None is all."""
    return [
        reference
        for reference in load()
        if of in (None, reference.figure.of)
        and (country is None or country in (*reference.figure.origin, reference.figure.to))
    ]


def _figure(count: Mapping[str, Any], report: Mapping[str, Any]) -> Figure:
    title = report["title"]
    _demand(count, _COUNT, title)
    if not _NUMBERS & count.keys():
        raise ModelError(f"reference.toml: {title}: a count without a number: {dict(count)}")
    try:
        of = Counted(count["of"])
    except (KeyError, ValueError) as error:
        raise ModelError(f"reference.toml: {title}: {dict(count)}: `of` is one of {', '.join(Counted)}") from error
    exact = count.get("number", count.get("about"))
    return Figure(
        low=count.get("least", exact),
        high=count.get("most", exact),
        approximate="number" not in count,
        of=of,
        origin=(count["from"],) if "from" in count else (),
        to=count.get("to"),
        as_of=count.get("as_of", ""),
        by=count.get("by", report["by"]),
    )


def _demand(given: Mapping[str, Any], known: Collection[str], where: str) -> None:
    unknown = given.keys() - set(known)
    if unknown:
        raise ModelError(
            f"reference.toml: {where}: unknown {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}"
        )

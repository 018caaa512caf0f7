"""What we take from a case, in the shape of feedparser's result; and how that compares with what it expects."""

import ast
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError
from monitor.normalise.date import claimed
from monitor.normalise.text import plain, plain_title
from monitor.normalise.url import canonical
from monitor.parse.feed import parse

from .cases import Case
from .claims import Result, UnsafeError, claims, judge, paths
from .reasons import COUNT, DOCUMENT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""The clock of all runs, so that a document gives the same dates each time."""
MOST = 100_000
_LINKS = frozenset({"link"})
_TITLES = frozenset({"title"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One claim of one case. ``field`` is the path of what it speaks of, "" where it is nothing that we take."""

    case: str
    claim: str
    field: str
    result: Result


@dataclass(frozen=True, slots=True)
class Tried:
    """A case with what became of it. ``refused`` is the kind of refusal, ``unread`` what the expression holds that is
    not looked at, ``theirs`` the entries that feedparser finds."""

    case: Case
    document: Document | None
    refused: str
    outcomes: tuple[Outcome, ...]
    theirs: list[Any]
    unread: str = ""


def attempt(case: Case) -> Tried:
    """Parse a case and judge each of its claims; and one beside, that there are as many entries as feedparser finds."""
    try:
        document = parse(case.body, content_type=case.content_type, url=case.url, max_entries=MOST)
        refused = ""
    except ParseError as error:
        document, refused = None, error.kind
    have, theirs = shape(document or Document("", "", None, ())), by_feedparser(case)
    outcomes = [Outcome(case.name, f"a document ({refused})", DOCUMENT, Result.DIFFERS)] if refused else []
    ours = len(document.entries) if document else 0
    outcomes.append(
        Outcome(case.name, f"{len(theirs)} entries", COUNT, Result.EXACT if ours == len(theirs) else Result.DIFFERS)
    )
    try:
        outcomes += [_outcome(case, claim, have) for claim in claims(case.expression)] if case.expression else []
    except UnsafeError as error:
        return Tried(case, document, refused, tuple(outcomes), theirs, str(error))
    return Tried(case, document, refused, tuple(outcomes), theirs)


def by_feedparser(case: Case) -> list[Any]:
    """The entries that feedparser finds by itself; without its sanitising, which is slow and finds no other ones."""
    headers = {"content-location": case.url} if case.url else {}
    if case.content_type:
        headers["content-type"] = case.content_type
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it deprecates in itself
        return list(
            feedparser.parse(
                io.BytesIO(case.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            ).entries
        )


def _outcome(case: Case, claim: ast.expr, have: dict[str, object]) -> Outcome:
    spoken = paths(claim, have)
    result = judge(claim, have, lambda path, ours, expected: kept(path, ours, expected, case.url))
    return Outcome(case.name, ast.unparse(claim), spoken[0] if spoken else "", result)


def shape(document: Document) -> dict[str, object]:
    """What we take, by feedparser's names and their aliases; the rest is left out, so that nobody claims it of us."""
    title = document.title
    feed: dict[str, object] = {"title": title, "title_detail": {"value": title}}
    if document.language:
        feed["language"] = document.language
    return {
        "version": document.version,
        "feed": feed,
        "channel": feed,
        "entries": [_entry(e) for e in document.entries],
    }


def _entry(raw: RawEntry) -> dict[str, object]:
    published, updated = _moment(raw.published, raw.published_hint), _moment(raw.updated, raw.updated_hint)
    return {
        "title": raw.title, "title_detail": {"value": raw.title, "language": raw.language},
        "link": raw.link, "id": raw.guid, "guid": raw.guid,
        "summary": raw.summary, "description": raw.summary, "summary_detail": {"value": raw.summary},
        "content": [{"value": raw.summary}],
        **dict.fromkeys(("published", "issued", "created"), raw.published),
        **dict.fromkeys(("published_parsed", "issued_parsed", "created_parsed"), published),
        **dict.fromkeys(("updated", "modified", "date"), raw.updated),
        **dict.fromkeys(("updated_parsed", "modified_parsed", "date_parsed"), updated),
    }  # fmt: skip


def _moment(raw: str | None, hint: datetime | None) -> Sequence[int] | None:
    """A date as it is kept, in the nine numbers that feedparser has."""
    moment = claimed(raw, hint, now=NOW)
    return None if moment is None else list(moment.utctimetuple())


def kept(path: str, ours: object, expected: object, base: str) -> bool:
    """Say whether two values are the same as far as anything of them is kept: plain texts, canonical links."""
    if not isinstance(ours, str) or not isinstance(expected, str):
        return ours == expected
    leaf = path.rpartition(".")[2]
    if leaf in _LINKS:
        base = base or "http://127.0.0.1/"
        return canonical(ours, base) is not None and canonical(ours, base) == canonical(expected, base)
    if leaf in _TITLES or path.endswith("title_detail.value"):
        return plain_title(ours) == plain_title(expected)
    return plain(ours) == plain(expected)

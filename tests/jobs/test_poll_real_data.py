"""Every captured document, served on loopback and polled: what the standard library counts is what is stored, once."""

import csv
import gzip
import json
import os
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from monitor.app import App, Model
from monitor.demo.server import FeedServer
from monitor.domain.feed import Feed, Outcome, Source
from monitor.fetch.politeness import Politeness
from monitor.jobs import poll
from monitor.normalise.text import clean
from monitor.settings.load import load
from monitor.store import views
from monitor.store.database import open_store
from monitor.store.feeds import Which

CAP = 500
# Where more is stored than is counted, and why.
MORE = {
    # The only title is that of an image inside the item's category: feedparser takes it for the item's own.
    "kurtmckee+feedparser/tests/wellformed/rss/item_category_image.xml": 1,
    # Entries under one guid that have links of their own are entries of their own.
    "kurtmckee+feedparser/tests/wellformed/node_precedence/atom10_id.xml": 1,
    "newsboat+newsboat/test/data/atom10_feed_authors.xml": 5,
    "newsboat+newsboat/test/data/rss20_2.xml": 1,
    "newsboat+newsboat/test/data/atom10_2.xml": 1,
    "newsboat+newsboat/test/data/items_without_titles.xml": 2,
}
START = datetime(2026, 11, 22, 6, tzinfo=UTC)
SOURCE = Source("captured", "Captured documents")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not os.environ.get("MONITOR_REAL_DATA"), reason="MONITOR_REAL_DATA names no captured documents"),
]


@dataclass(frozen=True, slots=True)
class Captured:
    """One captured document and what is independently known of it."""

    name: str
    body: bytes
    keys: list[str] | None  # of its entries, in order; None where it is not well-formed
    guids: frozenset[str]


def captured_documents() -> list[Captured]:
    """Read the manifest's documents and count their entries with the standard library."""
    root = Path(os.environ["MONITOR_REAL_DATA"]) / "feeds"
    documents = []
    with (root / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            body = (root / row["path"]).read_bytes()
            body = gzip.decompress(body) if row["path"].endswith(".gz") else body
            entries = json_entries(body) if row["kind"] == "jsonfeed" else xml_entries(body)
            keys = None if entries is None else list(dict.fromkeys(key for key, _ in entries))
            guids = frozenset(clean(guid) for _, guid in entries or () if guid)
            documents.append(Captured(row["path"], body, keys, guids))
    return documents


def json_entries(body: bytes) -> list[tuple[str, str]] | None:
    """The (key, guid) of every item that has an id, a url or a title."""
    try:
        items = json.loads(body)["items"]
    except (ValueError, KeyError, TypeError):
        return None
    found = [(str(item.get("id") or ""), item.get("url") or item.get("title") or "") for item in items]
    return [(guid or other, guid) for guid, other in found if guid or other]


def xml_entries(body: bytes) -> list[tuple[str, str]] | None:
    """The (key, guid) of every ``<item>`` and ``<entry>``: guid, else the link to the entry, else title and text.

    An element counts for what it is by its local name; a link counts in no namespace or a feed's own, and as the
    entry's own where it has no ``rel`` or ``rel="alternate"``. An element with none of these is nothing to store.
    """
    try:
        tree = ET.fromstring(body)
    except (ET.ParseError, ValueError, LookupError):
        return None
    return [
        found for element in tree.iter() if local(element.tag) in {"item", "entry"} and (found := identify(element))
    ]


def local(tag: object) -> str:
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def identify(element: ET.Element) -> tuple[str, str] | None:
    guid = link = title = said = other = ""
    for child in element:
        name, text = local(child.tag), " ".join("".join(child.itertext()).split())
        if name in {"guid", "id"}:
            guid = guid or text
        elif name == "link" and "itunes" not in child.tag.lower():
            own = child.get("rel", "alternate") == "alternate"
            address = child.get("href") or text
            link, other = (link or address if own else link), other or address
        elif name == "title":
            title = title or text
        elif name in {"description", "summary", "content"}:
            said = said or text
    attributes = {local(key): value for key, value in element.attrib.items()}
    guid = guid or attributes.get("about", "")
    key = guid or link or attributes.get("href", "") or (f"{title} {said}" if title else other)
    return (key, guid) if key else None


@pytest.fixture(scope="module")
def documents() -> list[Captured]:
    return captured_documents()


def app_on(folder: Path, feeds: dict[str, Feed]) -> App:
    """An App without a model: what is shown here is that nothing is lost, and scoring has tests of its own."""
    config = folder / "config"
    config.mkdir()
    (config / "monitor.toml").write_text("[fetch]\nallow_private_hosts = true\n", encoding="utf-8")
    settings = replace(load(config, {}), feeds=feeds)
    politeness = Politeness(settings.options.fetch, lambda: 0.0)
    return App(settings, open_store(settings.database_url), Model(None, "not needed here"), politeness)


def test_every_entry_of_every_captured_document_is_stored_exactly_once(
    tmp_path: Path, documents: list[Captured]
) -> None:
    with FeedServer() as server:
        feeds = {}
        for document in documents:
            path = "/" + quote(document.name)
            server.add(path, document.body, content_type="application/xml")
            feeds[document.name] = Feed(document.name, server.url(path), SOURCE)
        with app_on(tmp_path, feeds) as app:
            first = poll.run(app, now=lambda: START)
            assert len(first.events) == len(documents), "every document was polled"
            stored = stored_by_feed(app)
            check(documents, stored)
            for days in (2, 4):
                at = START + timedelta(days=days)
                again = poll.run(app, which=Which.NAMED, now=lambda at=at: at)
                assert len(again.events) == len(documents)
                assert again.new == 0
            server.requests.clear()
            assert stored_by_feed(app) == stored, "a second and a third poll add and lose nothing"


def stored_by_feed(app: App) -> dict[str, list[tuple[int, str | None]]]:
    found: dict[str, list[tuple[int, str | None]]] = {}
    for stored in views.items(app.store, limit=0):
        found.setdefault(stored.feed, []).append((stored.id, stored.entry.guid))
    return found


def check(documents: list[Captured], stored: dict[str, list[tuple[int, str | None]]]) -> None:
    """Compare counts, and guids to the letter, of all well-formed documents."""
    wrong = {}
    for document in documents:
        rows = stored.get(document.name, [])
        if document.keys is None:
            continue
        expected = min(len(document.keys), CAP)
        guids = {guid for _, guid in rows if guid}
        strange = guids - document.guids
        if (
            len(rows) != expected + MORE.get(document.name, 0)
            or strange
            or (len(document.keys) <= CAP and document.guids - guids)
        ):
            wrong[document.name] = (expected, len(rows), strange)
    assert not wrong
    counted = sum(len(document.keys) for document in documents if document.keys is not None)
    assert counted > 2_000, "the captured documents hold entries at all"


def test_a_year_of_one_real_feed_keeps_each_entry_once_through_edits_and_empty_answers(
    tmp_path: Path,
) -> None:
    folder = Path(os.environ["MONITOR_REAL_DATA"]) / "feeds" / "_sequence"
    bodies = [gzip.decompress(file.read_bytes()) for file in sorted(folder.glob("*.rss.gz"))]
    assert len(bodies) > 30
    seen: set[str] = set()
    with FeedServer() as server:
        feeds = {"year": Feed("year", server.url("/year"), SOURCE)}
        with app_on(tmp_path, feeds) as app:
            for day, body in enumerate(bodies):
                server.add("/year", body)
                at = START + timedelta(days=10 * day)
                (event,) = poll.run(app, which=Which.NAMED, now=lambda at=at: at).events
                if not body:
                    assert (event.outcome, event.kind) == (Outcome.FAILED, "empty")
                    continue
                seen |= {key for key, _ in (xml_entries(body) or ())[:CAP]}
                assert event.outcome is Outcome.OK
            stored = [stored.entry.guid or stored.entry.url for stored in views.items(app.store, limit=0)]
    assert len(stored) == len(set(stored)) == len(seen)

"""Edits, other guids, pasts that come again and kept documents: the poll job over a feed server, and the digests after.

What a reader sees is the measure: nothing twice, nothing lost, and what matters told anew only where it was not told.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import App, Model, build
from monitor.demo.server import FeedServer
from monitor.domain.entry import MAX_VERSIONS, Revision, StoredEntry, Trust
from monitor.domain.feed import PollEvent
from monitor.jobs import digest, poll
from monitor.jobs import prune as prune_job
from monitor.parse.workers import ParserPool
from monitor.settings.load import load
from monitor.store import digests, feeds, known, views
from monitor.store.documents import kept
from monitor.store.feeds import Which
from monitor.store.revisions import revise, versions

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVER = "Foreign fighters' families repatriated from al-Hol camp in Syria, ministry says"
BELOW = "Harvest festival draws a record crowd to the valley"
TEXT = (
    "The festival lasted for three days, and the growers say that they sold more apples, honey and cheese than in any "
    "year before."
)


@dataclass(frozen=True)
class Item:
    """An item of a feed. ``age`` is at NOW, None undated."""

    number: int
    title: str = ""
    text: str = ""
    guid: str | None = None
    link: str | None = None
    age: timedelta | None = HOUR

    def xml(self) -> str:
        link = self.link or f"https://paper.example/{self.number}"
        date = "" if self.age is None else f"<pubDate>{format_datetime(NOW - self.age)}</pubDate>"
        said = self.text or f"Story {self.number}: {TEXT}"
        return (
            f'<item><guid isPermaLink="false">{self.guid or self.number}</guid><link>{link}</link>{date}'
            f"<title>{escape(self.title or f'{BELOW}, part {self.number}')}</title>"
            f"<description>{escape(said)}</description></item>"
        )


def rss(*items: Item) -> bytes:
    return f'<rss version="2.0"><channel><title>Paper</title>{"".join(i.xml() for i in items)}</channel></rss>'.encode()


def items(count: int, **fields: Any) -> list[Item]:
    return [Item(n, **fields) for n in range(count)]


def rotated(before: list[Item], mark: str = "new") -> list[Item]:
    return [replace(item, guid=f"{mark}-{item.number}") for item in before]


@dataclass
class Newsroom:
    """One feed on a server, one subscription, and a clock."""

    folder: Path
    server: FeedServer
    parser: ParserPool
    now: datetime = NOW
    apps: list[App] = field(default_factory=list)

    @property
    def app(self) -> App:
        if not self.apps:
            self.apps.append(build(load(self.folder, {})))
        return self.apps[0]

    def restart(self) -> None:
        self.apps.pop().close()

    def poll(self, *brought: Item, body: bytes = b"", app: App | None = None, after: timedelta = HOUR) -> PollEvent:
        """Serve these items, or these bytes, and poll."""
        self.server.add("/feed.xml", body or rss(*brought), etag=False)
        self.now += after
        (event,) = poll.run(
            app or self.app, names=["paper"], which=Which.NAMED, now=lambda: self.now, parser=self.parser
        ).events
        return event

    def stored(self) -> list[StoredEntry]:
        """All entries, the oldest first."""
        return views.items(self.app.store, limit=0)[::-1]

    def digest(self) -> str:
        """Close tomorrow's window; what it tells, on one line."""
        self.now += DAY
        (sent,) = digest.send(self.app, ["desk"], now=lambda: self.now)
        assert not sent.already
        message = digests.digest_of_window(self.app.store, "desk", sent.key)
        assert message is not None
        return " ".join(message.text.split())

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.app.store.read() as connection:
            return [dict(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings()]


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserPool]:
    with ParserPool(workers=1, deadline=timedelta(seconds=30), max_memory=2 << 30) as pool:
        yield pool


@pytest.fixture
def open_room(
    config_folder: Callable[..., Path], store_url: str, feed_server: FeedServer, parser: ParserPool
) -> Iterator[Callable[..., Newsroom]]:
    """A newsroom on each kind of database; ``monitor`` is TOML."""
    opened: list[Newsroom] = []

    def make(monitor: str = "") -> Newsroom:
        folder = config_folder(feeds={"paper": feed_server.url("/feed.xml")}, monitor=monitor, database=store_url)
        opened.append(Newsroom(folder, feed_server, parser))
        assert digest.run(opened[-1].app, now=lambda: NOW) == [], "the subscription begins now"
        return opened[-1]

    yield make
    for room in opened:
        for app in room.apps:
            app.close()


@pytest.fixture
def room(open_room: Callable[..., Newsroom]) -> Newsroom:
    return open_room()


def test_a_feed_whose_guids_all_rotate_brings_nothing_new(room: Newsroom) -> None:
    before = [Item(99, title=OVER), *items(7)]
    room.poll(*before)
    assert OVER in room.digest()
    for mark in ("one", "two"):
        for _ in range(2):
            event = room.poll(*rotated(before, mark))
            assert (event.new, event.repeats, event.edited, event.quarantined, event.gap) == (0, 8, 0, 0, False)
    assert len(room.stored()) == 8
    assert OVER not in room.digest()
    assert {row["key"] for row in room.rows("alias")} == {f"g:{m}-{n}" for m in ("one", "two") for n in (99, *range(7))}


def test_what_is_new_when_the_guids_rotate_is_new(room: Newsroom) -> None:
    before = items(7)
    room.poll(*before)
    event = room.poll(Item(99, title=OVER), *rotated(before))
    assert (event.new, event.repeats) == (1, 7)
    assert OVER in room.digest()


def test_an_entry_that_comes_edited_under_another_guid_is_its_new_version(room: Newsroom) -> None:
    before = items(6)
    room.poll(*before)
    event = room.poll(*rotated([replace(before[0], text=f"{TEXT} So did 7 bakers."), *before[1:]]))
    assert (event.new, event.edited) == (0, 1)
    assert room.stored()[0].entry.text.endswith("So did 7 bakers.")


@pytest.mark.parametrize("telling", [True, False])
def test_a_site_that_moves_is_announced_no_second_time(room: Newsroom, telling: bool) -> None:
    before = [Item(n, title=f"{OVER}, day {n}", text="" if telling else "In short.") for n in range(6)]
    room.poll(*before)
    assert OVER in room.digest()
    after = [replace(i, guid=f"new-{i.number}", link=f"https://new.example/{i.number}") for i in before]
    event = room.poll(*after)
    assert (event.new, event.quarantined) == ((0, 0) if telling else (6, 6))
    event = room.poll(Item(99, title=f"{OVER}, at last"), *after)
    assert (event.new, event.repeats, event.quarantined) == (1, 6, 0)
    told = room.digest()
    assert "at last" in told
    assert "day 3" not in told


def test_a_series_with_one_title_is_told_issue_by_issue_also_after_a_pause(room: Newsroom) -> None:
    issues = [Item(n, title=OVER, text=f"Issue {n}: {TEXT}", age=(10 - n) * timedelta(days=7)) for n in range(12)]
    room.poll(*issues[:4], after=timedelta(days=-42))
    event = room.poll(*issues[2:12], after=timedelta(days=49))
    assert (event.new, event.repeats, event.quarantined) == (8, 2, 0)
    assert room.stored()[-1].announceable


def test_an_edit_is_a_new_version_of_the_same_entry_with_what_it_said_before_kept(room: Newsroom) -> None:
    room.poll(Item(1, title="Festval opens", text=TEXT))
    event = room.poll(Item(1, title="Festival opens", text=TEXT))
    assert (event.new, event.repeats, event.edited) == (0, 1, 1)
    (now,) = room.stored()
    assert (now.entry.title, now.version, now.first_seen) == ("Festival opens", 2, NOW + HOUR)
    (past,) = versions(room.app.store, now.id)
    assert (past.version, past.title, past.replaced_at, past.why) == (1, "Festval opens", NOW + 2 * HOUR, "feed")
    assert room.poll(Item(1, title="Festival opens", text=TEXT)).edited == 0


def test_a_page_that_changes_with_every_look_makes_24_versions_and_no_more(room: Newsroom) -> None:
    edits = [room.poll(Item(1, text=f"{TEXT} You are visitor {n}."), *items(1)).edited for n in range(27)]
    assert edits == [0] + [1] * MAX_VERSIONS + [0] * 2
    now = room.stored()[0]
    assert (now.version, len(versions(room.app.store, now.id))) == (25, 24)
    assert now.entry.text.endswith("visitor 24.")


def test_only_an_edit_that_matters_is_classified_anew(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    room.poll(Item(1, title=OVER, text=TEXT.replace("growers", "farmers")))
    assert {row["version"] for row in room.rows("prediction")} == {1}
    room.poll(Item(1, title=BELOW, text=TEXT))
    assert {row["version"] for row in room.rows("prediction")} == {1, 3}
    (now,) = room.stored()
    assert now.version == 3
    assert now.scores["returns"].probability < 0.5
    assert now.countries == ()


def test_of_several_edits_in_one_document_each_is_judged_by_its_own_words(room: Newsroom) -> None:
    before = [Item(n, title=f"{BELOW}, part {n}", text=TEXT) for n in range(3)]
    room.poll(*before)
    small = [replace(item, text=TEXT.replace("growers", "farmers")) for item in before[:2]]
    room.poll(*small, replace(before[2], title=OVER))
    scores = [entry.scores["returns"].probability > 0.5 for entry in room.stored()]
    assert (scores, [entry.version for entry in room.stored()]) == ([False, False, True], [2, 2, 2])


def test_the_text_of_the_article_s_page_stays_where_the_feed_only_changes_its_teaser(room: Newsroom) -> None:
    room.poll(Item(1, title=BELOW, text="Read on."))
    article = f"{TEXT} " * 5
    with room.app.store.write() as connection:
        one = known.known(room.app.store, "paper", ["g:1"])["g:1"]
        entry = replace(room.stored()[0].entry, text=article)
        revise(connection, [Revision(one.id, 1, entry, None, None, False, "article")], now=room.now)
    assert room.poll(Item(1, title=BELOW, text="Read on, dear reader.")).edited == 0
    assert room.poll(Item(1, title=f"{BELOW} again", text="Read on, dear reader.")).edited == 1
    now = room.stored()[0]
    assert (now.entry.title, now.entry.text, now.version) == (f"{BELOW} again", article, 3)


def test_an_entry_that_is_edited_to_be_over_the_line_comes_into_the_next_digest_once(room: Newsroom) -> None:
    room.poll(Item(1, title=BELOW))
    assert BELOW not in room.digest()
    room.poll(Item(1, title=OVER))
    assert OVER in room.digest()
    room.poll(Item(1, title=f"{OVER} again"))
    assert OVER not in room.digest()


def test_an_entry_that_was_told_is_not_told_again_when_it_is_edited(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER))
    assert OVER in room.digest()
    room.poll(Item(1, title=OVER, text="Twelve of them, and not twenty, came home on Monday night."))
    assert OVER not in room.digest()


NOT_SO = OVER.replace("repatriated", "not repatriated")


def test_a_title_of_another_meaning_brings_a_told_story_back_once_as_a_correction(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    assert "CORRECTED" not in room.digest()
    room.poll(Item(1, title=NOT_SO, text=TEXT))
    told = room.digest()
    assert "1 story (1 correction)" in told
    assert f"CORRECTED BY ITS SOURCE, told last 23 Nov 2026: before “{OVER}”, now “{NOT_SO}” {NOT_SO}" in told
    room.poll(Item(1, title=NOT_SO, text=f"{TEXT} It was the largest of all."))
    assert NOT_SO not in room.digest()
    room.poll(Item(1, title=OVER, text=TEXT))
    assert OVER not in room.digest(), "this title was told before"


@pytest.mark.parametrize(
    "polished",
    [OVER.upper(), OVER.replace("'", "’").replace(",", " –"), f"Live: {OVER}", OVER.replace(", ministry says", "")],
)
def test_a_title_that_is_only_polished_brings_nothing_back(room: Newsroom, polished: str) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    assert OVER in room.digest()
    room.poll(Item(1, title=polished, text=TEXT))
    assert polished not in room.digest()


def test_what_its_source_takes_back_is_told_whatever_its_new_words_score(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    assert OVER in room.digest()
    gone = "Withdrawn: our report of Sunday"
    room.poll(Item(1, title=gone, text=TEXT))
    assert room.stored()[0].scores["returns"].probability < 0.5
    told = room.digest()
    assert f"WITHDRAWN BY ITS SOURCE, told last 23 Nov 2026: before “{OVER}”, now “{gone}” {gone}" in told
    room.poll(Item(1, title=gone, text=f"{TEXT} We regret it."))
    assert gone not in room.digest()


def test_a_title_that_was_never_shown_is_no_correction_of_anything(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    room.poll(Item(1, title=NOT_SO, text=TEXT))
    told = room.digest()
    assert NOT_SO in told
    assert "CORRECTED" not in told


def test_an_entry_that_is_edited_to_be_below_the_line_before_the_digest_is_not_told(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    room.poll(Item(1, title=BELOW, text=TEXT))
    told = room.digest()
    assert OVER not in told
    assert BELOW not in told


def test_an_old_entry_that_is_edited_is_no_news(room: Newsroom) -> None:
    old = Item(1, title=BELOW, age=5 * DAY)
    room.poll(Item(2))
    room.poll(old)
    room.digest()
    room.poll(replace(old, title=OVER), after=6 * DAY)
    assert OVER not in room.digest()


def test_an_edit_that_no_model_could_judge_is_judged_by_the_next_poll_that_has_one(room: Newsroom) -> None:
    room.poll(Item(1, title=OVER, text=TEXT))
    without = replace(room.app, model=Model(None, "the model is damaged"))
    room.poll(Item(1, title=f"{BELOW} this year", text=TEXT), app=without)
    assert OVER not in room.digest(), "what it said before is not judged in its place"
    report = poll.run(room.app, now=lambda: room.now, parser=room.parser)
    assert report.caught_up == 1
    assert {row["version"] for row in room.rows("prediction")} == {1, 2}
    (now,) = room.stored()
    assert now.scores["returns"].probability < 0.5
    assert BELOW not in room.digest()


def test_a_teaser_of_what_is_stored_changes_nothing(room: Newsroom) -> None:
    room.poll(Item(1, text=TEXT))
    assert room.poll(Item(1, text=f"{TEXT[:70]} […]")).edited == 0
    assert room.stored()[0].entry.text == TEXT


def test_a_feed_of_the_latest_item_under_one_guid_and_link_loses_nothing(room: Newsroom) -> None:
    titles = [
        OVER,
        "Court strips fighter who came back from Syria of citizenship",
        "Twelve orphans flown home from Roj",
    ]
    for n, title in enumerate(titles):
        latest = Item(
            0, title=title, text=f"{title}. {n} {TEXT[n * 20 :]}", guid="latest", link="https://paper.example/"
        )
        latest = replace(latest, age=NOW - room.now)
        assert room.poll(latest).new == 1
        assert room.poll(latest).new == 0
        assert title in room.digest()
    assert [entry.entry.title for entry in room.stored()] == titles


@pytest.mark.parametrize("guid", ["home", None])
def test_items_that_all_link_to_the_home_page_are_stories_of_their_own(room: Newsroom, guid: str | None) -> None:
    titles = [
        OVER,
        "Court strips fighter who came back from Syria of citizenship",
        "Twelve orphans flown home from Roj",
    ]
    room.poll(*(Item(n, title=title, guid=guid, link="https://paper.example/") for n, title in enumerate(titles)))
    told = room.digest()
    assert all(title in told for title in titles)


@pytest.mark.parametrize("guid", ["same", None])
def test_items_that_share_guid_and_link_are_all_stored_and_trust_does_not_come_back(
    room: Newsroom, guid: str | None
) -> None:
    shared = items(5, guid=guid or "https://paper.example/", link="https://paper.example/")
    named = [replace(item, title=f"{name} votes on the budget") for item, name in zip(shared, "ABCDE", strict=True)]
    assert room.poll(*named).new == 5
    assert room.poll(*named[::-1]).new == 0
    room.restart()
    assert room.poll(Item(7), Item(8), after=DAY).new == 2
    assert {entry.entry.key[0] for entry in room.stored()} == {"h"}
    (state,) = feeds.claim(room.app.store, ["paper"], Which.NAMED, now=room.now, lease=HOUR)
    assert state.memory.trust is Trust.TEXT


def test_a_feed_that_loses_its_trust_is_known_by_its_links_from_then_on(room: Newsroom) -> None:
    before = items(8)
    room.poll(*before)
    doubled = [Item(20, guid="0"), Item(21, guid="1"), *before]
    event = room.poll(*doubled)
    assert (event.new, event.repeats) == (2, 8)
    assert room.poll(*doubled).new == 0
    assert len(room.stored()) == 10


def test_one_guid_of_twenty_that_is_given_to_another_item_costs_neither(room: Newsroom) -> None:
    before = items(20)
    room.poll(*before)
    title = "Night trains to the coast run again from Monday"
    other = Item(99, title=title, text="The railway says that it has found the drivers it lacked.", guid="3", age=-HOUR)
    after = [other, *before[:3], *before[4:]]
    event = room.poll(*after, after=3 * HOUR)
    assert (event.new, event.repeats, event.edited) == (1, 19, 0)
    assert room.poll(*after).new == 0
    assert {entry.entry.key for entry in room.stored()} == {f"g:{n}" for n in range(20)} | {
        "u:https://paper.example/99"
    }


def test_an_alias_that_turns_out_to_be_another_item_is_stored(room: Newsroom) -> None:
    one, same = Item(1, title=BELOW, text=TEXT), Item(1, title=BELOW, text=TEXT, guid="other")
    room.poll(one, *[Item(n) for n in range(5, 9)])
    assert room.poll(same, *[Item(n) for n in range(5, 9)]).new == 0
    assert room.poll(one, same, *[Item(n) for n in range(5, 9)]).new == 1
    assert room.poll(one, same, *[Item(n) for n in range(5, 9)]).new == 0
    assert len(room.stored()) == 6


def test_every_document_is_kept_once_also_one_that_could_not_be_read(room: Newsroom) -> None:
    good, bad = rss(*items(3)), b"<!DOCTYPE html><html><body>Are you a robot?</body></html>"
    for body in (good, good, bad, bad, good):
        room.poll(body=body)
    found = {one.captured.body: (one.first_at, one.last_at) for one in kept(room.app.store)}
    assert found == {good: (NOW + HOUR, NOW + 5 * HOUR), bad: (NOW + 3 * HOUR, NOW + 4 * HOUR)}
    (one, _) = kept(room.app.store)
    assert one.captured.url == room.server.url("/feed.xml")


def test_without_retention_no_document_is_kept(open_room: Callable[..., Newsroom]) -> None:
    room = open_room('[retention]\ndocuments = "0d"\n')
    room.poll(*items(3))
    room.poll(body=b"<html><body>Hello</body></html>")
    assert list(kept(room.app.store)) == []


def test_retention_lets_old_versions_and_documents_go_and_what_it_took_is_no_news_under_any_guid(
    open_room: Callable[..., Newsroom],
) -> None:
    room = open_room('[retention]\nentries = "30d"\ndocuments = "3d"\n')
    undated = Item(1, title=OVER, age=None, text="The families landed on Monday night. " * 3)
    room.poll(Item(2))
    room.poll(undated, Item(2))
    edited = replace(undated, text=f"{undated.text} The ministry named no names.")
    room.poll(edited, Item(2))
    assert OVER in room.digest()
    room.poll(Item(3))
    pruned = prune_job.run(room.app, now=lambda: room.now + 40 * DAY)
    assert (pruned.entries, pruned.documents) == (3, 4)
    assert (room.rows("entry_version"), list(kept(room.app.store))) == ([], [])
    back = replace(edited, guid="new")
    event = room.poll(back, Item(2), after=40 * DAY)
    assert (event.new, event.repeats) == (0, 2)
    assert room.poll(back, Item(2)).new == 0
    assert OVER not in room.digest()


def test_the_three_clocks_and_how_sure_the_first_is_are_kept_apart(room: Newsroom) -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title><id>paper</id><entry><id>1</id>'
        '<link href="https://paper.example/1"/><title>Two dates</title><published>2026-11-21T08:00:00+01:00</published>'
        "<updated>2026-11-22T05:30:00Z</updated></entry><entry><id>2</id><link href='https://paper.example/2'/>"
        "<title>No date that can be</title><published>2026-02-31T25:00:00Z</published></entry></feed>"
    )
    room.poll(body=atom.encode())
    one, other = sorted(room.stored(), key=lambda entry: entry.entry.key)
    assert one.entry.published == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert one.entry.published_raw == "2026-11-21T08:00:00+01:00"
    assert (one.entry.date_confidence, one.entry.updated) == ("exact", datetime(2026, 11, 22, 5, 30, tzinfo=UTC))
    assert one.first_seen == NOW + HOUR
    assert (other.entry.published, other.entry.published_raw) == (None, "2026-02-31T25:00:00Z")
    assert other.entry.date_confidence != "exact"

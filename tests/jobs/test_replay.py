"""The replay job: documents that polls took from real servers, read again once the parser, or its config, is mended."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from monitor.app import App, Model, build
from monitor.demo.server import FeedServer
from monitor.domain.entry import ClassifiedEntry, Entry, Score, StoredEntry, Trust
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.domain.reclassify import Job, Span
from monitor.errors import UsageError
from monitor.jobs import poll, replay
from monitor.jobs.reclassify.run import Report
from monitor.jobs.replay import ReplayReport
from monitor.parse.workers import ParserPool
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store import reclassify as store_reclassify
from monitor.store import views
from monitor.store.feeds import Which
from monitor.store.replay import Late, add_late, background
from monitor.store.revisions import versions
from monitor.store.single import reclassifying

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SUBJECT = "Foreign fighters' families repatriated from al-Hol camp in Syria, ministry says"
WRONG = {"item": "li.release", "title": "span.nowhere"}
"""Selectors of which one finds nothing: the document fails."""
MISREAD = {"item": "li", "title": "b"}
"""Selectors that take the section's name for the title."""
RIGHT = {"item": "li", "title": "i", "summary": "p"}


def page(*items: tuple[str, str] | tuple[str, str, datetime]) -> bytes:
    """A watched page of (number, title) or (number, title, date)."""
    rows = "".join(
        f'<li><b>Section {number}</b> <a href="/release/{number}"><i>{title}</i></a>'
        f"{''.join(f'<time datetime={date.isoformat()}></time>' for date in dates)}<p>About {title}.</p></li>"
        for number, title, *dates in items
    )
    return f"<html><head><title>Releases</title></head><body><ul>{rows}</ul></body></html>".encode()


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>Paper</title>{"".join(items)}</channel></rss>'.encode()


def item(guid: str, *, title: str, link: str = "", text: str = "", at: datetime = NOW) -> str:
    return (
        f'<item><guid isPermaLink="false">{guid}</guid><link>{link or f"https://paper.example/{guid}"}</link>'
        f"<title>{title}</title><pubDate>{format_datetime(at)}</pubDate><description>{text}</description></item>"
    )


def comparable(report: ReplayReport) -> tuple[ReplayReport, tuple[Any, ...] | None]:
    """What a dry run and one that writes have in common."""
    job = report.reclassified.job if report.reclassified else None
    told = (job.entries, job.tally.done, job.tally.scored, job.tally.labels) if job else None
    return replace(report, dry_run=True, reclassified=None), told


class Desk:
    """A config of one feed, the server that it is polled from, a clock, and a database of either kind."""

    def __init__(self, folder: Path, server: FeedServer, database: str, parser: ParserPool) -> None:
        self.folder = folder / "config"
        self.folder.mkdir()
        self.server = server
        self.database = database
        self.now = NOW
        self.path = "/paper"
        self.selectors: dict[str, str] | None = None
        self.more = ""
        self.environment: dict[str, str] = {}
        self.parser: ParserPool | None = parser
        self.named = "paper"

    def app(self) -> App:
        """Open the database under the config as it is now."""
        (self.folder / "monitor.toml").write_text(
            f'[database]\nurl = "{self.database}"\n[fetch]\nallow_private_hosts = true\n{self.more}', encoding="utf-8"
        )
        selected = "".join(f', {name} = "{value}"' for name, value in (self.selectors or {}).items())
        kind = f', kind = "page", select = {{ {selected[2:]} }}' if selected else ""
        (self.folder / "feeds.toml").write_text(
            f'[sources.paper]\ntitle = "Paper"\nlanguage = "en"\n[sources.paper.feeds]\n'
            f'{self.named} = {{ url = "{self.server.url(self.path)}"{kind} }}\n',
            encoding="utf-8",
        )
        (self.folder / "labels.toml").write_text(
            "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n", encoding="utf-8"
        )
        return build(load(self.folder, self.environment))

    def poll(self, app: App, body: bytes | None = None, *, after: timedelta = timedelta()) -> PollEvent:
        """Let the server give a document from now on, and poll."""
        self.now += after
        if body is not None:
            self.server.add(self.path.partition("?")[0], body, etag=False)
        report = poll.run(app, names=["paper"], which=Which.NAMED, now=lambda: self.now, parser=self.parser)
        return report.events[0]

    def replay(
        self, app: App, *, after: timedelta = timedelta(), rehearsed: bool = True, **options: Any
    ) -> ReplayReport:
        """Run the job; first of all dry, which must come to the same."""
        self.now += after
        if options.get("dry_run") or not rehearsed:
            return replay.run(app, now=self.tick, parser=self.parser, **options)
        dry = replay.run(app, now=self.tick, parser=self.parser, **options, dry_run=True)
        done = replay.run(app, now=self.tick, parser=self.parser, **options)
        assert comparable(dry) == comparable(done)
        return done

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def mend(self, app: App, selectors: dict[str, str] | None = None) -> App:
        """Close, and open again with the right selectors."""
        app.close()
        self.selectors = selectors or RIGHT
        return self.app()


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserPool]:
    """Processes that read documents, as the daemon keeps them: to start them takes longer than a test."""
    with ParserPool() as pool:
        yield pool


@pytest.fixture
def desk(tmp_path: Path, feed_server: FeedServer, store_url: str, parser: ParserPool) -> Desk:
    return Desk(tmp_path, feed_server, store_url, parser)


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """A watched page whose selectors were never right: every poll fails over its document."""
    desk.selectors = WRONG
    return desk


@pytest.fixture
def misread(desk: Desk) -> Desk:
    """A watched page of which every poll takes the wrong element for the title."""
    desk.selectors = MISREAD
    return desk


def stored(app: App) -> dict[str, StoredEntry]:
    return {entry.entry.title: entry for entry in views.items(app.store, limit=0)}


def rows(app: App, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds, or that these tables hold."""
    with app.store.read() as connection:
        names = tables or sorted(inspect(connection).get_table_names())
        return {name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr) for name in names}


def told(app: App) -> dict[str, list[tuple[Any, ...]]]:
    """What is known of entries, but for ids and the times at which it was written."""
    asked = {
        "entry": "SELECT feed, key, title, text, version, announceable, announce_seq IS NULL, first_seen, classified "
        "FROM entry",
        "version": "SELECT key, v.version, v.title, v.text, v.why FROM entry_version v JOIN entry e ON e.id=v.entry_id",
        "alias": "SELECT a.feed, a.key, e.key FROM alias a JOIN entry e ON e.id = a.entry_id",
        "prediction": "SELECT key, p.version, label, scorer, probability FROM prediction p JOIN entry e "
        "ON e.id = p.entry_id",
        "place": "SELECT key, country FROM place p JOIN entry e ON e.id = p.entry_id",
    }
    with app.store.read() as connection:
        return {name: sorted(map(tuple, connection.execute(text(sql))), key=repr) for name, sql in asked.items()}


def announced(app: App) -> set[str]:
    """The titles of the entries that subscriptions judge."""
    with app.store.read() as connection:
        return set(connection.scalars(text("SELECT title FROM entry WHERE announce_seq IS NOT NULL")))


def numbers(report: ReplayReport) -> tuple[int, int, int, int, int]:
    return report.entries, report.new, report.announced, report.changed, report.unchanged


def test_what_no_poll_could_read_is_stored_with_everything_once_the_selectors_are_right(watched: Desk) -> None:
    app = watched.app()
    assert watched.poll(app, page(("1", SUBJECT, NOW - HOUR))).kind == "selector"
    with watched.mend(app) as app:
        before = rows(app, "feed", "poll", "document")
        report = watched.replay(app, after=2 * HOUR)
        assert (report.documents, report.failures, numbers(report)) == (1, (), (1, 1, 1, 0, 0))
        found = stored(app)[SUBJECT]
        assert found.entry.url == watched.server.url("/release/1")
        assert found.scores["returns"].probability > 0.5
        assert found.countries == ("SY",)
        assert found.first_seen == NOW, "when the document came, or silence and rhythm would be judged wrongly"
        assert announced(app) == {SUBJECT}
        assert rows(app, "feed", "poll", "document") == before, "a replay is no poll"


def test_a_second_replay_finds_everything_done_and_announces_nothing(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", "First notice of the day", NOW - HOUR), ("2", SUBJECT, NOW - HOUR)))
    with watched.mend(app) as app:
        watched.replay(app)
        once = rows(app)
        report = watched.replay(app, after=HOUR)
        assert numbers(report) == (2, 0, 0, 0, 2)
        assert rows(app) == once


def test_the_next_poll_after_a_replay_has_nothing_to_add(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", SUBJECT, NOW - HOUR), ("2", "Harbour opens late", NOW - HOUR)))
    with watched.mend(app) as app:
        watched.replay(app)
        event = watched.poll(app, after=HOUR)
        assert (event.new, event.edited, event.repeats) == (0, 0, 2)


def test_what_is_found_late_is_announced_only_within_the_look_back_of_now(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", "Old release of the ministry", NOW - HOUR)))
    watched.poll(app, page(("2", "Late but still news", NOW + 6 * DAY)), after=6 * DAY + HOUR)
    with watched.mend(app) as app:
        report = watched.replay(app, after=6 * DAY)
        assert (report.new, report.announced) == (2, 1)
        assert announced(app) == {"Late but still news"}


def test_what_has_no_date_is_as_old_as_its_document(watched: Desk) -> None:
    app = watched.app()
    first = ("1", "There from the first day on")
    watched.poll(app, page(first))
    watched.poll(app, page(("2", "Ten days ago it came"), first), after=DAY)
    watched.poll(app, page(("3", "Last week it came"), first), after=4 * DAY)
    with watched.mend(app) as app:
        watched.replay(app, after=6 * DAY)
        assert len(stored(app)) == 3
        assert announced(app) == {"Last week it came"}


def test_the_first_document_of_a_feed_is_judged_by_the_rule_of_a_first_poll(watched: Desk) -> None:
    app = watched.app()
    past, young = ("1", "Three days old at first sight", NOW - 3 * DAY), ("2", "An hour old at first sight", NOW - HOUR)
    watched.poll(app, page(past, young))
    watched.poll(app, page(past, young, ("3", "Dated back three days", NOW - 3 * DAY)), after=HOUR)
    with watched.mend(app) as app:
        watched.replay(app)
        assert len(stored(app)) == 3
        assert announced(app) == {"An hour old at first sight", "Dated back three days"}


def test_a_feed_that_went_on_well_keeps_its_later_documents_news(watched: Desk) -> None:
    """Its first good poll was later than the documents that failed: what they brought came before, one by one."""
    app = watched.app()
    first = ("1", "There at the beginning", NOW - 3 * DAY)
    watched.poll(app, page(first))
    watched.poll(app, page(("2", "Came and went in between", NOW - 3 * DAY)), after=HOUR)
    with watched.mend(app) as app:
        watched.poll(app, page(("3", "There at the first good poll", NOW - 3 * DAY)), after=HOUR)
        watched.replay(app, after=HOUR)
        assert announced(app) == {"Came and went in between"}


def test_what_was_misread_becomes_a_new_version_that_is_judged_anew(misread: Desk) -> None:
    app = misread.app()
    misread.poll(app, page(("1", SUBJECT, NOW - HOUR)))
    (before,) = stored(app).values()
    assert (before.entry.title, before.version) == ("Section 1", 1)
    with misread.mend(app) as app:
        report = misread.replay(app, after=HOUR)
        assert numbers(report) == (1, 0, 1, 1, 0)
        (after,) = stored(app).values()
        assert (after.id, after.entry.title, after.version) == (before.id, SUBJECT, 2)
        assert after.scores["returns"].probability > 0.5 > before.scores["returns"].probability
        assert after.countries == ("SY",)
        assert [(v.title, v.why) for v in versions(app.store, after.id)] == [("Section 1", "replay")]
        assert numbers(misread.replay(app, after=HOUR)) == (1, 0, 0, 0, 1)


def test_an_old_entry_that_was_misread_is_mended_and_not_announced(misread: Desk) -> None:
    app = misread.app()
    misread.poll(app, page(("1", SUBJECT, NOW - HOUR)))
    with app.store.write() as connection:
        connection.execute(text("UPDATE entry SET announce_seq = NULL"))
    with misread.mend(app) as app:
        report = misread.replay(app, after=10 * DAY)
        assert (report.changed, report.announced) == (1, 0)
        assert announced(app) == set()


@pytest.mark.parametrize("came", ["AB", "ABA", "ABB", "ABCA", "ABCBD"])
def test_an_older_document_never_turns_back_what_a_newer_one_says(misread: Desk, came: str) -> None:
    """A document that comes again after another one is newer than that, though it was kept first."""
    app = misread.app()
    for version in came:
        misread.poll(app, page(("1", f"Wording {version} of one release", NOW - HOUR)), after=HOUR)
    newest = f"Wording {came[-1]} of one release"
    with misread.mend(app) as app:
        report = misread.replay(app, after=HOUR)
        assert report.documents == len(set(came))
        (entry,) = stored(app).values()
        assert (entry.entry.title, entry.version, report.changed) == (newest, 2, 1)
        assert numbers(misread.replay(app, after=HOUR)) == (1, 0, 0, 0, 1)


@pytest.mark.parametrize("came", ["AB", "ABA", "ABCA"])
def test_an_entry_that_all_documents_were_missing_ends_with_its_newest_words(watched: Desk, came: str) -> None:
    app = watched.app()
    for version in came:
        watched.poll(app, page(("1", f"Wording {version} of one release", NOW)), after=HOUR)
    with watched.mend(app) as app:
        report = watched.replay(app, after=HOUR)
        assert numbers(report) == (1, 1, 1, 0, 0)
        (entry,) = stored(app).values()
        assert entry.entry.title == f"Wording {came[-1]} of one release"
        assert numbers(watched.replay(app, after=HOUR)) == (1, 0, 0, 0, 1)


def test_what_came_while_no_document_was_kept_is_not_turned_back_either(misread: Desk) -> None:
    app = misread.app()
    misread.poll(app, page(("1", "What the release said first", NOW - HOUR)))
    misread.more = '[retention]\ndocuments = "0d"\n'
    app = misread.mend(app)
    assert misread.poll(app, page(("1", "What the release says by now", NOW - HOUR)), after=HOUR).edited == 1
    with app:
        report = misread.replay(app, after=HOUR)
        assert (report.documents, report.changed) == (1, 0)
        assert set(stored(app)) == {"What the release says by now"}


def test_of_failed_documents_alone_none_turns_back_what_a_later_good_one_says(misread: Desk) -> None:
    first, second = "What the release says first", "What the release says in between"
    misread.selectors = RIGHT
    app = misread.app()
    misread.poll(app, page(("1", first, NOW - HOUR)))
    app = misread.mend(app, WRONG)
    missed = ("2", "Only there in between", NOW + HOUR)
    assert misread.poll(app, page(("1", second, NOW - HOUR), missed), after=HOUR).kind == "selector"
    app = misread.mend(app)
    misread.poll(app, page(("1", first, NOW - HOUR)), after=HOUR)
    report = misread.replay(app, after=HOUR, failed=True)
    assert (report.documents, numbers(report)) == (1, (2, 1, 1, 0, 1))
    assert set(stored(app)) == {first, "Only there in between"}
    app.close()


def test_documents_are_chosen_by_failure_time_and_feed(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", "Never read by any poll", NOW)))
    app = watched.mend(app)
    watched.poll(app, page(("2", "Read by a poll at once", NOW)), after=DAY)
    with app:
        assert watched.replay(app, dry_run=True).documents == 2
        assert watched.replay(app, dry_run=True, failed=True).documents == 1
        assert watched.replay(app, dry_run=True, since=NOW + HOUR).documents == 1
        assert watched.replay(app, dry_run=True, since=NOW + HOUR, failed=True).documents == 0
        assert watched.replay(app, dry_run=True, since=NOW + 2 * DAY).documents == 0
        assert watched.replay(app, dry_run=True, names=["paper"]).documents == 2
        assert watched.replay(app, dry_run=True, names=["other"]).documents == 0


def test_a_document_that_still_cannot_be_read_is_counted_and_stops_no_other(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, b"<html><body><p>Nothing to see</p></body></html>")
    watched.poll(app, b"   ", after=HOUR)
    watched.poll(app, page(("1", SUBJECT, NOW)), after=HOUR)
    with watched.mend(app) as app:
        report = watched.replay(app)
        assert (report.documents, report.new) == (3, 1)
        assert report.failed == {"empty": 1, "selector": 1}
        by_kind = {failure.kind: failure for failure in report.failures}
        assert (by_kind["selector"].feed, by_kind["selector"].last_at) == ("paper", NOW)
        assert "li" in by_kind["selector"].detail


def test_another_feeds_documents_are_not_taken_for_this_ones_in_a_replay_either(desk: Desk) -> None:
    def titled(name: str, *items: str) -> bytes:
        return rss(*items).replace(b"Paper", name.encode())

    with desk.app() as app:
        desk.poll(app, titled("Harbour Courier", item("1", title=SUBJECT)))
        casino = titled("Lucky Casino Tips", item("x", title="Win every night with these seven tricks"))
        assert desk.poll(app, casino, after=HOUR).kind == "another-feed"
        report = desk.replay(app, after=HOUR)
        assert (report.documents, report.failed, report.new) == (2, {"another-feed": 1}, 0)
        assert set(stored(app)) == {SUBJECT}
        assert desk.poll(app, casino, after=8 * DAY).kind == "", "after a week it is what the address has now"
        assert desk.replay(app).failed == {}


def test_an_error_nobody_foresaw_is_one_documents_alone(watched: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    app = watched.app()
    watched.poll(app, page(("1", "The one that breaks something", NOW)))
    watched.poll(app, page(("2", SUBJECT, NOW)), after=HOUR)
    real = replay.FeedReplay.take

    def broken(self: Any, kept: Any, document: Any, **named: Any) -> bool:
        if kept.first_at == NOW:
            raise ZeroDivisionError("as nobody would expect")
        return real(self, kept, document, **named)

    monkeypatch.setattr(replay.FeedReplay, "take", broken)
    with watched.mend(app) as app:
        report = watched.replay(app)
        assert report.failed == {"crashed": 1}
        assert set(stored(app)) == {SUBJECT}


def scenario(desk: Desk, app: App) -> App:
    """Documents of every kind of trouble: what is new, misread, edited, renamed, and what cannot be read."""
    same, other = (
        f"A text {how}, of which there is enough to know it again under whatever link it may come to us"
        for how in ("of some length", "that is nearly as long")
    )
    desk.poll(app, page(("1", SUBJECT, NOW - HOUR), ("2", "A notice that is never edited", NOW - HOUR)))
    desk.poll(app, page(("1", SUBJECT + " again", NOW - HOUR), ("3", same, NOW)), after=HOUR)
    app = desk.mend(app, WRONG)
    missed = ("4", "Only in a document that failed", NOW + HOUR), ("6", other, NOW)
    desk.poll(app, page(("3", same, NOW), *missed), after=HOUR)
    missed = ("4", "Only in documents that failed", NOW + HOUR), ("7", other, NOW)
    desk.poll(app, page(*missed, ("5", same, NOW)), after=HOUR)
    desk.poll(app, b"<html><body>Nothing</body></html>", after=HOUR)
    return desk.mend(app)


def test_a_dry_run_writes_nothing_and_has_the_same_numbers(misread: Desk) -> None:
    with scenario(misread, misread.app()) as app:
        before = rows(app)
        misread.now += DAY
        rehearsed = misread.replay(app, dry_run=True, classify=True)
        assert rows(app) == before
        done = misread.replay(app, rehearsed=False, classify=True)
        assert comparable(rehearsed) == comparable(done)
        assert (done.new, done.changed) == (2, 3)
        assert rows(app, "alias")["alias"]
        assert done.failed


def test_a_replay_that_is_killed_anywhere_and_run_again_ends_as_one_that_was_not(misread: Desk) -> None:
    class Killed(BaseException):
        pass

    with scenario(misread, misread.app()) as app:
        untouched = rows(app)
        whole = misread.replay(app).documents
        wanted = told(app)
        for killed_after in range(1, whole + 1):
            _restore(app, untouched)
            misread.now = NOW + DAY

            def kill(what: str, done: int, total: int, killed_after: int = killed_after) -> None:
                if done == killed_after:
                    raise Killed

            with pytest.raises(Killed):
                misread.replay(app, rehearsed=False, progress=kill)
            misread.replay(app)
            assert told(app) == wanted, f"killed after {killed_after} documents"


def _restore(app: App, tables: dict[str, list[tuple[Any, ...]]]) -> None:
    """Take back everything but what was there; what a replay may change of that are entries."""
    with app.store.write() as connection:
        for name in ("prediction", "place", "entry_version", "alias", "story_key", "entry", "counter"):
            connection.execute(text(f"DELETE FROM {name}"))
        for name in ("counter", "entry", "story_key", "alias", "entry_version", "place", "prediction"):
            columns = [column["name"] for column in inspect(connection).get_columns(name)]
            types = {column["name"]: str(column["type"]) for column in inspect(connection).get_columns(name)}
            values = ", ".join(f"CAST(:{c} AS JSON)" if types[c] == "JSON" else f":{c}" for c in columns)
            for row in tables[name]:
                given = dict(zip(columns, row, strict=True))
                plain = {c: _json(v) if types[c] == "JSON" else v for c, v in given.items()}
                statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"
                if connection.dialect.name == "sqlite":
                    statement = re.sub(r"CAST\((:\w+) AS JSON\)", r"\1", statement)
                connection.execute(text(statement), plain)


def _json(value: Any) -> Any:
    return value if isinstance(value, str) else json.dumps(value)


def test_a_poll_in_between_loses_nothing_to_the_replay(misread: Desk) -> None:
    app = misread.app()
    misread.poll(app, page(("1", "What the release said first", NOW - HOUR)))
    with misread.mend(app) as app:
        live = "What the release says by now"

        def meanwhile(what: str, done: int, total: int) -> None:
            misread.poll(app, page(("1", live, NOW - HOUR), ("2", SUBJECT, NOW)))

        report = misread.replay(app, after=HOUR, rehearsed=False, progress=meanwhile)
        assert report.changed == 0
        assert set(stored(app)) == {live, SUBJECT}
        assert stored(app)[live].version == 2
        with app.store.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM feed WHERE leased_until IS NOT NULL")) == 0


def test_a_feed_that_is_being_polled_keeps_its_lease_through_a_replay(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", SUBJECT, NOW)))
    with watched.mend(app) as app:
        inside: list[ReplayReport] = []

        def slow() -> bytes:
            inside.append(watched.replay(app))
            return page(("1", SUBJECT, NOW), ("2", "Came with the poll itself", NOW))

        watched.server.add("/paper", slow, etag=False)
        event = watched.poll(app)
        assert inside[0].new == 1
        assert (event.kind, event.repeats) == ("", 1)
        assert set(stored(app)) == {SUBJECT, "Came with the poll itself"}


def test_a_document_that_was_put_aside_is_tried_again_and_released_once_it_is_read(desk: Desk) -> None:
    desk.parser = None  # but the one that config asks for
    desk.more = '[parse]\ndeadline = "100ms"\n[poll]\nmax_entries = 100000\n'
    body = rss(*(item(str(number), title=f"Item {number}") for number in range(3_000)))
    app = desk.app()
    assert desk.poll(app, body).kind == "killed"
    report = desk.replay(app)
    assert (report.failed, report.released) == ({"killed": 1}, ())
    assert desk.poll(app, after=HOUR).kind == "quarantined", "the mark stays while it cannot be read"
    app.close()
    desk.more = '[parse]\ndeadline = "60s"\n[poll]\nmax_entries = 20\n'
    with desk.app() as app:
        assert desk.replay(app, dry_run=True).released == ("paper",)
        assert desk.poll(app, after=HOUR).kind == "quarantined", "a dry run releases nothing"
        report = desk.replay(app)
        assert (report.released, report.new) == (("paper",), 20)
        event = desk.poll(app, after=HOUR)
        assert (event.kind, event.new, event.repeats) == ("", 0, 20)


def test_the_mark_of_another_document_that_was_put_aside_stays(desk: Desk) -> None:
    with desk.app() as app:
        desk.poll(app, rss(item("1", title=SUBJECT)))
        with app.store.write() as connection:
            connection.execute(text("UPDATE feed SET memory = :memory"), {"memory": '{"poison": "put aside since"}'})
        add_late(app.store, Late("paper", NOW, mended="put aside before"), now=NOW)
        assert background(app.store, "paper").memory.poison == "put aside since"
        add_late(app.store, Late("paper", NOW, mended="put aside since"), now=NOW)
        assert background(app.store, "paper").memory.poison is None


def test_a_feed_that_left_the_config_is_read_as_a_plain_feed_and_not_announced(desk: Desk) -> None:
    desk.selectors = {"item": "item"}
    app = desk.app()
    assert desk.poll(app, rss(item("1", title=SUBJECT))).kind == "selector"
    app.close()
    desk.selectors, desk.named = None, "renamed"
    with desk.app() as app:
        report = desk.replay(app)
        assert (report.documents, report.new, report.announced) == (1, 1, 0)
        assert stored(app)[SUBJECT].scores["returns"].probability > 0.5


def test_relative_links_are_read_as_the_poll_read_them_though_the_addresss_secret_is_not_kept(desk: Desk) -> None:
    desk.path, desk.environment = "/key/${TOKEN}/feed", {"TOKEN": "cccccccccccccccccccccccc"}
    app = desk.app()
    path = "/key/cccccccccccccccccccccccc/feed"
    desk.server.add(path, rss("<item><title>A release with a relative link</title><link>story/9</link></item>"))
    assert poll.run(app, names=["paper"], which=Which.NAMED, now=lambda: desk.now).new == 1
    with app:
        assert b"cccc" not in repr(rows(app, "document")).encode()
        assert numbers(desk.replay(app)) == (1, 0, 0, 0, 1)


def test_without_a_model_entries_wait_for_one(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", SUBJECT, NOW)))
    with watched.mend(app) as app:
        without = App(app.settings, app.store, Model(None, "the model is damaged"), app.politeness)
        report = watched.replay(without)
        assert (report.new, report.announced, report.reclassified) == (1, 1, None)
        assert report.model_problem == "the model is damaged"
        assert announced(app) == set()
        poll.catch_up(app, now=watched.tick)
        assert announced(app) == {SUBJECT}


def test_a_feed_whose_guids_lost_their_trust_since_is_not_doubled_by_its_older_documents(desk: Desk) -> None:
    early = [
        item(f"n{n}", title=f"Report number {n} of the early days", link=f"https://paper.example/e{n}") for n in "123"
    ]
    late = [
        item("same", title=f"Story {word} and what came of it", link=f"https://paper.example/{word}", text=word * 9)
        for word in ("harbour", "bakery", "library")
    ]
    app = desk.app()
    desk.poll(app, rss(*early))
    edited = [part.replace("Report number", "Corrected notice") for part in early]
    desk.poll(app, rss(*edited), after=HOUR)
    desk.poll(app, rss(*late), after=HOUR)
    with app:
        assert background(app.store, "paper").memory.trust is Trust.LINK
        before = len(stored(app))
        report = desk.replay(app, after=HOUR)
        assert numbers(report) == (before, 0, 0, 0, before)
        assert len(stored(app)) == before


OLD = "2025.01+old"


def by_older_model(app: App, *titles: str, at: datetime, feed: str = "paper") -> None:
    """Store entries as a poll would have that an older model scored: none about returns, all about policy."""
    store_feeds.sync(app.store, [replace(app.settings.feeds["paper"], name=feed)], now=at)
    (state,) = store_feeds.claim(app.store, [feed], Which.NAMED, now=at, lease=HOUR)
    scores = {"returns": Score(0.2), "policy": Score(0.9)}
    new = tuple(
        ClassifiedEntry(Entry(f"g:{title}", title, None, title, "", "en", at), scores, OLD, (), (), news=True)
        for title in titles
    )
    event = PollEvent(feed, at, Outcome.OK, 200, entries=len(new), new=len(new))
    store_feeds.apply(app.store, FeedUpdate(event, at + HOUR, "interval", state.lease, 0.0, new=new))


def classified(desk: Desk, app: App, **options: Any) -> Job:
    report: Report | None = desk.replay(app, classify=True, **options).reclassified
    assert report is not None
    return report.job


def test_classify_that_cannot_be_is_refused_before_the_first_document_is_read(watched: Desk) -> None:
    app = watched.app()
    watched.poll(app, page(("1", SUBJECT, NOW)))
    with watched.mend(app) as app:
        before, seen = rows(app), list[int]()
        without = App(app.settings, app.store, Model(None, "the model is damaged"), app.politeness)

        def refused(by: App, why: str) -> None:
            with pytest.raises(UsageError, match=why):
                replay.run(by, classify=True, now=watched.tick, progress=lambda what, done, total: seen.append(done))
            assert (rows(app), seen) == (before, [])

        refused(without, "--classify: the model in use cannot be loaded: the model is damaged")
        with reclassifying(app.store, app.settings.database_url):
            refused(app, "another process is reclassifying")


def test_classify_scores_anew_beside_what_stands_and_says_which_decisions_change(desk: Desk) -> None:
    bread = "Bakery on the harbour wins a prize for its rye bread"
    with desk.app() as app:
        desk.poll(app, rss(item("1", title="First of the documents")))
        by_older_model(app, SUBJECT, bread, at=NOW + HOUR)
        desk.poll(app, rss(item("2", title="Last of the documents")), after=2 * HOUR)
        before, places = rows(app), announced(app)
        rehearsed = classified(desk, app, dry_run=True)
        assert rows(app) == before
        report = classified(desk, app)
        assert (report.entries, report.total, report.tally.labels) == (
            rehearsed.entries, rehearsed.total, rehearsed.tally.labels,
        )  # fmt: skip
        assert (report.tally.scored, report.entries) == (2, 4)
        now_in = stored(app)[SUBJECT]
        assert app.model.classifier is not None
        assert now_in.scorer == app.model.classifier.scorer == report.scorer
        (flip,) = report.tally.labels["returns"].examples
        assert (flip.entry_id, flip.title, flip.before) == (now_in.id, SUBJECT, 0.2)
        assert flip.after == pytest.approx(now_in.scores["returns"].probability)
        assert flip.after > 0.5
        assert (report.tally.labels["returns"].gained, report.tally.labels["returns"].lost) == (1, 0)
        assert bread in {flip.title for flip in report.tally.labels["policy"].examples}
        assert report.tally.labels["policy"].gained == 0
        old = [row for row in rows(app, "prediction")["prediction"] if OLD in row]
        assert len(old) == 4, "old predictions stay"
        assert announced(app) == places, "what a subscription has judged it has judged"
        again = classified(desk, app)
        assert (again.total, again.entries, again.tally.labels) == (0, 4, {}), "nothing about the scorer has changed"


def test_classify_leaves_alone_what_is_of_other_times_and_feeds(desk: Desk) -> None:
    with desk.app() as app:
        by_older_model(app, "Before the documents", at=NOW - HOUR)
        desk.poll(app, rss(item("1", title="First of the documents")))
        by_older_model(app, "Soon after the first", at=NOW + HOUR / 2)
        by_older_model(app, "Another feed's", at=NOW + 1.5 * HOUR, feed="other")
        by_older_model(app, "Soon before the last", at=NOW + 1.5 * HOUR)
        desk.poll(app, rss(item("2", title="Last of the documents")), after=2 * HOUR)
        by_older_model(app, "After the documents", at=NOW + 3 * HOUR)
        assert classified(desk, app, since=NOW + HOUR).tally.scored == 1
        assert {title for title, entry in stored(app).items() if entry.scorer == OLD} == {
            "Before the documents", "Soon after the first", "Another feed's", "After the documents",
        }  # fmt: skip
        assert classified(desk, app).tally.scored == 1
        assert stored(app)["Soon after the first"].scorer != OLD


def test_classify_goes_by_the_words_that_count(desk: Desk) -> None:
    """Of an entry whose newest words another model scored, the scores of older words are not those of today."""
    with desk.app() as app:
        never = item("2", title="Never said anything else")
        desk.poll(app, rss(item("1", title="What it said at first"), never))
        desk.poll(app, rss(item("1", title=SUBJECT), never), after=HOUR)
        assert classified(desk, app).tally.scored == 0
        with app.store.write() as connection:
            connection.execute(text(f"UPDATE prediction SET scorer = '{OLD}' WHERE version = 2"))
        assert classified(desk, app).tally.scored == 1


def test_a_dry_run_classifies_what_a_replay_would_leave_to_classify_in_its_new_words(desk: Desk) -> None:
    """Of two misread entries one is edited materially, which scores it; the other keeps the scores of its old words."""
    more = " ".join(f"word{number}" for number in range(25))
    rows_ = (("1", SUBJECT, SUBJECT, f"{more} camp"), ("2", "Section 2", "Another title altogether", more))
    body = "".join(
        f'<li><b>{wrong}</b><a href="/{n}"><i>{right}</i></a><div><p>{told_}</p><u>Syria</u></div></li>'
        for n, wrong, right, told_ in rows_
    )
    desk.selectors = {**MISREAD, "summary": "p"}
    app = desk.app()
    desk.poll(app, f"<html><body>{body}</body></html>".encode())
    with app.store.write() as connection:
        connection.execute(text(f"UPDATE prediction SET scorer = '{OLD}', probability = 0.01"))
    with desk.mend(app, {**RIGHT, "summary": "div"}) as app:
        rehearsed = desk.replay(app, dry_run=True, classify=True, after=HOUR)
        done = desk.replay(app, classify=True)
        assert done.reclassified is not None
        assert rehearsed.reclassified is not None
        tally = done.reclassified.job.tally
        assert (done.changed, tally.scored) == (2, 1)
        assert tally.labels == rehearsed.reclassified.job.tally.labels
        assert [flip.title for flip in tally.labels["returns"].examples] == [SUBJECT]
        assert stored(app)[SUBJECT].entry.text.endswith("camp Syria")


def test_scores_of_words_that_a_poll_has_replaced_meanwhile_are_not_written(desk: Desk) -> None:
    with desk.app() as app:
        desk.poll(app, rss(item("1", title="First of the documents")))
        with app.store.write() as connection:
            connection.execute(text(f"UPDATE prediction SET scorer = '{OLD}'"))
        job = store_reclassify.create(
            app.store, Job(0, "2026.12", "2026.12+new", counts=True, asked="", span=Span(NOW, NOW), created_at=NOW)
        )
        scored = [
            (found, {"returns": Score(0.99)}) for found in store_reclassify.page(app.store, job, after=0, limit=9)
        ]
        assert len(scored) == 1
        desk.poll(app, rss(item("1", title="Not what it said at first")), after=HOUR)
        written: list[int] = []

        def after(ids: Collection[int]) -> Job:
            written.extend(ids)
            return job

        store_reclassify.advance(app.store, job, scored, after=after, now=desk.now + HOUR)
        assert written == []
        assert stored(app)["Not what it said at first"].scores["returns"].probability < 0.99

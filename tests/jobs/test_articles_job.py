"""The articles job: a feed of teasers and its pages on loopback, the real pipeline, the real store."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from monitor.app import App, build
from monitor.demo.answer import Fault, redirect, too_many_requests
from monitor.demo.server import FeedServer
from monitor.domain.entry import StoredEntry
from monitor.fetch.robots import Rulebook
from monitor.jobs import articles, poll
from monitor.jobs.articles import MOST_A_DOMAIN, ArticlesReport, Ending
from monitor.parse.workers import ParserPool
from monitor.settings.load import load
from monitor.store import digests, pauses, views
from monitor.store import feeds as store_feeds
from monitor.store.entries import entry_table
from monitor.store.feeds import Which
from monitor.store.revisions import versions

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TITLE = "Ministry reports on talks in the north"
TEXT = (
    "Two women and five children of foreign fighters were repatriated from the al-Hol camp in Syria on Thursday, the "
    "ministry said. The women were arrested on arrival and are suspected of membership of the Islamic State. "
    "A court will decide where the children are going to live. The government refuses to bring back the men."
)


def page(*paragraphs: str, title: str = TITLE) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (TEXT,))
    return f"<html><head><title>{title}</title></head><body><article>{text}</article></body></html>".encode()


class Newsroom:
    """A config with one source whose articles are wanted, a server with its feed and pages, and a clock."""

    def __init__(self, folder: Path, server: FeedServer, parser: ParserPool) -> None:
        self.folder = folder / "config"
        self.folder.mkdir()
        self.server = server
        self.parser = parser
        self.now = NOW
        self.full_text = "true"
        self.more = ""
        self.feeds = ""
        self.items: list[str] = []
        self.rulebook = Rulebook()
        server.add("/feed.xml", self._feed, etag=False)

    def _feed(self) -> bytes:
        return f'<rss version="2.0"><channel><title>Paper</title>{"".join(self.items)}</channel></rss>'.encode()

    def item(self, path: str, *, title: str = TITLE, text: str = "A short teaser.", url: str = "") -> None:
        date = format_datetime(NOW - timedelta(hours=1))
        self.items.append(
            f"<item><guid isPermaLink='false'>{path}</guid><link>{url or self.server.url(path)}</link>"
            f"<title>{title}</title><pubDate>{date}</pubDate><description>{text}</description></item>"
        )

    def serve(self, path: str, body: bytes = b"", **options: Any) -> None:
        """An item and its page."""
        self.item(path)
        self.server.add(path, body or page(), **{"content_type": "text/html; charset=utf-8", **options})

    def app(self, *, with_model: bool = False) -> App:
        (self.folder / "monitor.toml").write_text(
            '[fetch]\nallow_private_hosts = true\ntimeout = "5s"\n', encoding="utf-8"
        )
        (self.folder / "feeds.toml").write_text(
            f'[sources.paper]\ntitle = "Paper"\nlanguage = "en"\n{self.more}full_text = {self.full_text}\n'
            f'[sources.paper.feeds]\npaper = "{self.server.url("/feed.xml")}"\n{self.feeds}',
            encoding="utf-8",
        )
        (self.folder / "labels.toml").write_text(
            "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n", encoding="utf-8"
        )
        return build(load(self.folder, {}), with_model=with_model)

    def poll(self, app: App) -> None:
        report = poll.run(app, names=["paper"], which=Which.NAMED, now=lambda: self.now, parser=self.parser)
        assert not report.failed
        self.server.requests.clear()

    def run(self, app: App, *, after: timedelta = timedelta(), **options: Any) -> ArticlesReport:
        self.now += after
        return articles.run(app, now=lambda: self.now, parser=self.parser, rulebook=self.rulebook, **options)

    def asked(self) -> list[str]:
        return [request.path for request in self.server.requests]


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserPool]:
    with ParserPool() as opened:
        yield opened


@pytest.fixture
def room(tmp_path: Path, parser: ParserPool) -> Iterator[Newsroom]:
    with FeedServer() as server:
        yield Newsroom(tmp_path, server, parser)


def stored(app: App) -> dict[str, StoredEntry]:
    return {entry.entry.guid or "": entry for entry in views.items(app.store, limit=0)}


def state(app: App, guid: str) -> tuple[Any, ...]:
    """article, article_at, article_tries."""
    columns = entry_table.c
    with app.store.read() as connection:
        wanted = select(columns.article, columns.article_at, columns.article_tries).where(columns.guid == guid)
        return tuple(connection.execute(wanted).one())


def test_a_teaser_gets_the_text_of_its_article_and_is_judged_anew(room: Newsroom) -> None:
    room.serve("/1")
    with room.app(with_model=True) as app:
        room.poll(app)
        before = stored(app)["/1"]
        report = room.run(app)
        after = stored(app)["/1"]
    assert (report.count(Ending.TAKEN), report.left) == (1, 0)
    assert room.asked() == ["/robots.txt", "/1"]
    assert after.entry.text == TEXT
    assert (before.version, after.version) == (1, 2)
    assert before.scores["returns"].probability < 0.5 < after.scores["returns"].probability
    assert (before.countries, after.countries) == ((), ("SY",))


def test_a_subscription_judges_the_entry_again_by_its_article(room: Newsroom) -> None:
    room.serve("/1")
    with room.app(with_model=True) as app:
        room.poll(app)
        lines = {"returns": 0.5}
        state_ = digests.subscription_state(app.store, "desk", now=room.now, begin=timedelta(days=1))
        assert digests.unjudged(app.store, state_, lines).new == ()
        room.run(app)
        assert [e.entry.guid for e in digests.unjudged(app.store, state_, lines).new] == ["/1"]


def test_nothing_is_asked_for_a_feed_that_does_not_want_it_nor_for_a_long_text(room: Newsroom) -> None:
    room.item("/long", text=TEXT * 2)
    with room.app() as app:
        room.poll(app)
        assert room.run(app) == ArticlesReport((), 0)
    room.full_text = "false"
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        assert room.run(app) == ArticlesReport((), 0)
        assert state(app, "/1") == ("", None, 0)
    assert room.asked() == []


def test_an_entry_waits_where_its_feed_no_longer_wants_articles(room: Newsroom) -> None:
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
    room.full_text = "false"
    with room.app() as app:
        assert room.run(app) == ArticlesReport((), 0)
    assert room.asked() == []


COOKIES = "We use cookies on this site. With your consent our partners store cookies too. Choose your cookie settings. "
FAILURES = {
    "gone": ({"status": 410}, "http-410", Ending.FAILED, True),
    "forbidden": ({"status": 403}, "http-403", Ending.FAILED, True),
    "not there yet": ({"status": 404}, "http-404", Ending.FAILED, False),
    "broken server": ({"status": 500}, "http-500", Ending.FAILED, False),
    "dropped": ({"fault": Fault.DROP}, "connect", Ending.FAILED, False),
    "cut off": ({"fault": Fault.CUT}, "truncated", Ending.FAILED, False),
    "short": ({"body": page("Soon more.")}, "short", Ending.REFUSED, False),
    "consent": ({"body": page(*(COOKIES + COOKIES).split(". "))}, "consent", Ending.REFUSED, True),
    "about something else": (
        {"body": page(title="Apple harvest turns out small")},
        "other-page",
        Ending.REFUSED,
        False,
    ),
    "no page": ({"body": b"%PDF-1.7", "content_type": "application/pdf"}, "not-html", Ending.REFUSED, True),
    "not longer": ({"body": page(TEXT[:230])}, "not-longer", Ending.REFUSED, False),
}


@pytest.mark.parametrize("name", list(FAILURES))
def test_an_article_that_cannot_be_had_leaves_the_entry_as_it_was(room: Newsroom, name: str) -> None:
    answer, kind, ending, for_good = FAILURES[name]
    room.item("/1", text=TEXT[:235])
    room.server.add("/1", **{"body": page(), "content_type": "text/html", **answer})
    with room.app() as app:
        room.poll(app)
        before = stored(app)["/1"]
        report = room.run(app)
        assert stored(app)["/1"] == before
        assert versions(app.store, before.id) == []
        (tried,) = report.tried
        assert (tried.kind, tried.ending, tried.for_good) == (kind, ending, for_good)
        assert report.kinds == {kind: 1}
        expected = (f"failed:{kind}", None, 1) if for_good else ("wanted", NOW + timedelta(hours=2), 1)
        assert state(app, "/1") == expected


def test_what_may_pass_is_tried_three_times_over_a_day_and_then_given_up(room: Newsroom) -> None:
    room.serve("/1", status=404)
    with room.app() as app:
        room.poll(app)
        tried = []
        for _ in range(24 * 4):
            tried += [room.now] * len(room.run(app, after=15 * MINUTE).tried)
        assert [at - tried[0] for at in tried] == [timedelta(), timedelta(hours=2), timedelta(hours=14)]
        assert state(app, "/1") == ("failed:http-404", None, 3)
        assert room.asked().count("/1") == 3


def test_what_was_missing_at_first_is_taken_when_it_is_there(room: Newsroom) -> None:
    room.serve("/1", status=404)
    with room.app() as app:
        room.poll(app)
        room.run(app)
        room.server.add("/1", page(), content_type="text/html")
        assert room.run(app, after=timedelta(hours=1)).left == 0, "not yet"
        assert room.run(app, after=timedelta(hours=2)).count(Ending.TAKEN) == 1
        assert state(app, "/1") == ("taken", None, 2)
        assert room.run(app, after=timedelta(hours=2)) == ArticlesReport((), 0)


def test_a_short_article_is_fetched_once(room: Newsroom) -> None:
    room.serve("/1", page(TEXT[:240]))
    with room.app(with_model=True) as app:
        room.poll(app)
        assert room.run(app).count(Ending.TAKEN) == 1
        assert state(app, "/1") == ("taken", None, 1)
        assert room.run(app, after=timedelta(days=1)) == ArticlesReport((), 0)


def robots(room: Newsroom, text: str) -> None:
    room.server.add("/robots.txt", text.encode(), content_type="text/plain")


def test_a_page_that_robots_txt_forbids_is_not_asked_for(room: Newsroom) -> None:
    robots(room, "User-agent: *\nDisallow: /\nUser-agent: ReturnsMonitor\nDisallow: /closed/\n")
    room.serve("/closed/1")
    room.serve("/open/1")
    with room.app() as app:
        room.poll(app)
        report = room.run(app)
        assert room.asked() == ["/robots.txt", "/open/1"]
        assert (report.count(Ending.TAKEN), report.kinds) == (1, {"robots": 1})
        assert state(app, "/closed/1") == ("failed:robots", None, 1)


def test_a_site_whose_robots_txt_cannot_be_reached_is_left_alone_for_an_hour(room: Newsroom) -> None:
    room.server.add("/robots.txt", status=503)
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        report = room.run(app)
        assert (report.kinds, report.tried[0].ending, report.tried[0].for_good) == (
            {"robots-unreachable": 1},
            Ending.FAILED,
            False,
        )
        room.serve("/2")
        room.poll(app)
        assert room.run(app, after=30 * MINUTE).kinds == {"robots-unreachable": 1}
        assert room.asked() == []
        robots(room, "")
        assert room.run(app, after=timedelta(hours=3)).count(Ending.TAKEN) == 2
        assert room.asked()[0] == "/robots.txt"


def test_rules_are_asked_for_once_a_day_and_not_once_a_run(room: Newsroom) -> None:
    robots(room, "")
    for number in range(3):
        room.serve(f"/{number}", status=404)
    with room.app() as app:
        room.poll(app)
        room.run(app)
        room.run(app, after=timedelta(hours=3))
        assert room.asked().count("/robots.txt") == 1
        room.run(app, after=timedelta(hours=22))
        assert room.asked().count("/robots.txt") == 2


def test_a_crawl_delay_is_a_longer_interval_between_pages(room: Newsroom) -> None:
    robots(room, "User-agent: *\nCrawl-delay: 30\n")
    for number in range(3):
        room.serve(f"/{number}")
    with room.app() as app:
        room.poll(app)
        taken = [room.run(app, after=timedelta(seconds=10)).count(Ending.TAKEN) for _ in range(10)]
        assert taken == [1, 0, 0, 1, 0, 0, 1, 0, 0, 0]
        assert state(app, "/0") == ("taken", None, 1)


def test_a_redirect_is_followed_by_the_rules_of_where_it_leads(room: Newsroom) -> None:
    robots(room, "User-agent: *\nDisallow: /closed\n")
    room.item("/1")
    room.item("/2")
    room.server.play("/1", redirect("/moved"))
    room.server.play("/2", redirect("/closed/2"))
    room.server.add("/moved", page(), content_type="text/html")
    room.server.add("/closed/2", page(), content_type="text/html")
    with room.app() as app:
        room.poll(app)
        report = room.run(app)
        assert (report.count(Ending.TAKEN), report.kinds) == (1, {"robots": 1})
        assert sorted(room.asked()) == ["/1", "/2", "/moved", "/robots.txt"]


def test_redirects_without_end_are_no_article(room: Newsroom) -> None:
    robots(room, "")
    room.item("/1")
    room.server.play("/1", redirect("/1"))
    with room.app() as app:
        room.poll(app)
        assert room.run(app).kinds == {"redirects": 1}
        assert room.asked() == ["/robots.txt", *["/1"] * 6]


def test_after_many_redirects_no_other_page_of_the_domain_is_begun(room: Newsroom) -> None:
    robots(room, "")
    for number in range(4):
        room.item(f"/{number}")
        room.server.play(f"/{number}", redirect(f"/{number}/a"))
        room.server.play(f"/{number}/a", redirect(f"/{number}/b"))
        room.server.add(f"/{number}/b", page(), content_type="text/html")
    with room.app() as app:
        room.poll(app)
        report = room.run(app)
        assert (report.count(Ending.TAKEN), report.left) == (2, 2)
        assert state(app, "/0") == ("wanted", NOW, 0)


def test_a_429_shuts_the_domain_for_articles_and_polls(room: Newsroom) -> None:
    robots(room, "")
    room.item("/1")
    room.server.play("/1", too_many_requests(4 * 3600))
    with room.app() as app:
        room.poll(app)
        assert room.run(app).kinds == {"http-429": 1}
        assert state(app, "/1") == ("wanted", NOW + timedelta(hours=4), 1)
        room.serve("/2")
        room.server.requests.clear()
        room.run(app, after=timedelta(hours=3))
        assert poll.run(app, now=lambda: room.now).events == ()
        assert room.asked() == []
        room.now += timedelta(hours=1)
        room.poll(app)
        room.server.add("/1", page(), content_type="text/html")
        assert room.run(app).count(Ending.TAKEN) == 2


def test_polls_go_first(room: Newsroom) -> None:
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        left = room.run(app, after=timedelta(hours=1, minutes=30))
        assert (left.tried, left.left) == ((), 1)
        assert room.asked() == []
        room.poll(app)
        assert room.run(app).count(Ending.TAKEN) == 1


def test_a_feed_that_nobody_polls_holds_up_no_article_for_ever(room: Newsroom) -> None:
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        assert room.run(app, after=timedelta(hours=3)).count(Ending.TAKEN) == 1


def test_the_budget_is_the_domains_whichever_host_of_it_has_the_feed_or_the_page(room: Newsroom) -> None:
    room.item("/1", url="https://www.paper.example/1")
    room.feeds = 'other = "https://feeds.paper.example/rss"\n'
    with room.app() as app:
        room.poll(app)
        pauses.pause(app.store, "domain:paper.example", NOW + 10 * MINUTE)
        assert room.run(app).left == 1
        store_feeds.sync(app.store, [app.settings.feeds["other"]], now=NOW)  # due since now, and never polled
        assert room.run(app, after=20 * MINUTE).left == 1
        assert state(app, "/1") == ("wanted", NOW, 0)


def test_a_run_is_bounded_and_takes_the_newest_first(room: Newsroom) -> None:
    robots(room, "")
    for number in range(MOST_A_DOMAIN + 2):
        room.serve(f"/{number}")
    with room.app() as app:
        room.poll(app)
        shown: list[tuple[int, int]] = []
        report = room.run(app, progress=lambda done, total: shown.append((done, total)))
        assert (len(report.tried), report.left) == (MOST_A_DOMAIN, 2)
        assert shown == [(done, MOST_A_DOMAIN) for done in range(1, MOST_A_DOMAIN + 1)]
        ids = {entry.id for entry in stored(app).values()}
        assert {tried.entry_id for tried in report.tried} == set(sorted(ids)[2:])
        assert room.run(app).left == 0
        assert len(room.asked()) == 1 + MOST_A_DOMAIN + 2


def test_an_entry_that_its_feed_edits_meanwhile_keeps_what_the_feed_says(room: Newsroom) -> None:
    room.item("/1")
    with room.app() as app:
        room.poll(app)

        def edited_meanwhile() -> bytes:
            room.items.clear()
            room.item("/1", text="A correction was published in the meantime.")
            room.poll(app)
            return page()

        room.server.add("/1", edited_meanwhile, content_type="text/html", etag=False)
        assert room.run(app).kinds == {"edited": 1}
        assert stored(app)["/1"].entry.text == "A correction was published in the meantime."
        assert state(app, "/1")[0] == "wanted"


def test_what_a_stop_calls_off_was_not_tried(room: Newsroom) -> None:
    room.serve("/1", page(), delay=threading.Event())
    with room.app() as app:
        room.poll(app)

        def stop() -> bool:
            return "/1" in room.asked()

        report = room.run(app, stop=stop)
        assert (report.tried, report.left) == ((), 1)
        assert state(app, "/1") == ("wanted", NOW, 0)


def test_a_parser_that_is_gone_is_not_the_entrys_fault(room: Newsroom) -> None:
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        room.parser = ParserPool()
        room.parser.close()
        assert room.run(app) == ArticlesReport((), 1)
        assert state(app, "/1") == ("wanted", NOW, 0)


def test_an_entry_whose_tries_never_end_is_given_up(room: Newsroom) -> None:
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        with app.store.write() as connection:
            connection.execute(update(entry_table).values(article_tries=3))
        assert room.run(app).kinds == {"crashed": 1}
        assert state(app, "/1")[0] == "failed:crashed"
        assert room.asked() == []


def test_a_page_is_asked_for_as_its_feed_is(room: Newsroom) -> None:
    room.serve("/1")
    room.more = 'request = { cookie = "subscriber=1", user_agent = "Paper reader" }\n'
    with room.app() as app:
        room.poll(app)
        room.run(app)
    (rules, page_) = room.server.requests
    assert (rules.headers["Cookie"], rules.headers["User-Agent"]) == (None, "Paper reader")
    assert (page_.headers["Cookie"], page_.headers["User-Agent"]) == ("subscriber=1", "Paper reader")
    assert page_.headers["Accept"].startswith("text/html")


def test_what_is_for_the_feeds_own_origin_goes_nowhere_else_and_not_there_again(room: Newsroom) -> None:
    robots(room, "")
    room.item("/1")
    elsewhere = f"http://localhost:{room.server.port}"
    room.server.play("/1", redirect(f"{elsewhere}/2"))
    room.server.play("/2", redirect(room.server.url("/3")))
    room.server.add("/3", page(), content_type="text/html")
    room.more = 'request = { cookie = "subscriber=1" }\n'
    with room.app() as app:
        room.poll(app)
        assert room.run(app).count(Ending.TAKEN) == 1
    cookies = {request.path: request.headers["Cookie"] for request in room.server.requests}
    assert cookies == {"/robots.txt": None, "/1": "subscriber=1", "/2": None, "/3": None}
    assert room.asked().count("/robots.txt") == 2, "one for each origin"


def test_a_run_of_its_own_opens_what_it_needs(room: Newsroom) -> None:
    room.serve("/1")
    with room.app() as app:
        room.poll(app)
        assert articles.run(app, now=lambda: room.now).count(Ending.TAKEN) == 1


def test_each_try_is_a_line_in_the_log(room: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "monitor")
    room.serve("/1")
    room.serve("/2", status=404)
    with room.app() as app:
        room.poll(app)
        room.run(app)
    lines = sorted(record.message for record in caplog.records if record.message.startswith("article"))
    assert [line.partition(" ms=")[0] for line in lines] == [
        "article feed=paper outcome=failed kind=http-404",
        "article feed=paper outcome=taken",
    ]

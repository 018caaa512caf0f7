"""The poll job: real feeds on loopback, the real pipeline, the real store."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.app import App, Model, build
from monitor.demo.answer import Fault, redirect, too_many_requests
from monitor.demo.server import FeedServer
from monitor.domain.entry import StoredEntry
from monitor.domain.feed import Outcome
from monitor.jobs import poll
from monitor.jobs.compose import coverage
from monitor.jobs.poll import PollReport
from monitor.settings.load import load
from monitor.store import views
from monitor.store.feeds import Which

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SUBJECT = "Foreign fighters' families repatriated from al-Hol camp in Syria, ministry says"


def item(number: int, *, title: str = "", hours: float | None = 1, text: str = "") -> str:
    """An RSS item; ``hours`` is its age at NOW, None leaves it undated."""
    link = f"https://paper.example/{number}"
    date = "" if hours is None else format_datetime(NOW - timedelta(hours=hours))
    return (
        f"<item><guid>{link}</guid><link>{link}</link><title>{title or f'Item {number}'}</title>"
        f"{date and f'<pubDate>{date}</pubDate>'}<description>{text}</description></item>"
    )


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>Paper</title>{"".join(items)}</channel></rss>'.encode()


class Desk:
    """A config, a feed server, and a clock."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        self.folder = folder / "config"
        self.server = server
        self.now = NOW
        self.feeds: dict[str, str] = {}
        self.more = ""
        self.folder.mkdir()

    def app(self) -> App:
        (self.folder / "monitor.toml").write_text(
            f'[fetch]\nallow_private_hosts = true\ntimeout = "5s"\n{self.more}', encoding="utf-8"
        )
        lines = "".join(f'"{name}" = "{url}"\n' for name, url in self.feeds.items())
        (self.folder / "feeds.toml").write_text(
            f'[sources.paper]\ntitle = "Paper"\nlanguage = "en"\n[sources.paper.feeds]\n{lines}', encoding="utf-8"
        )
        (self.folder / "labels.toml").write_text(
            "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n", encoding="utf-8"
        )
        return build(load(self.folder, {}))

    def serve(self, name: str, body: bytes | Callable[[], bytes] = b"", **options: object) -> None:
        path = f"/{name}.xml"
        self.server.add(path, body, **options)  # type: ignore[arg-type]
        self.feeds[name] = self.server.url(path)

    def poll(self, app: App, *names: str, after: timedelta = timedelta(), which: Which | None = None) -> PollReport:
        self.now += after
        way = which or (Which.NAMED if names else Which.DUE)
        return poll.run(app, names=names or None, which=way, now=lambda: self.now)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with FeedServer() as server:
        yield Desk(tmp_path, server)


def stored(app: App) -> dict[str, StoredEntry]:
    return {entry.entry.title: entry for entry in views.items(app.store, limit=0)}


def test_new_entries_are_stored_with_scores_countries_and_language(desk: Desk) -> None:
    desk.serve("paper", rss(item(1, title=SUBJECT), item(2, title="Harvest festival draws record crowd to the valley")))
    with desk.app() as app:
        (event,) = desk.poll(app).events
        assert (event.outcome, event.new, event.repeats) == (Outcome.OK, 2, 0)
        entry = stored(app)[SUBJECT]
        assert entry.scores["returns"].probability > 0.5
        assert entry.scores["returns"].terms
        assert entry.countries == ("SY",)
        assert entry.entry.lang == "en"
        assert entry.scorer.startswith(app.model.name)
        assert stored(app)["Harvest festival draws record crowd to the valley"].scores["returns"].probability < 0.1


def test_a_feed_is_not_asked_again_before_its_interval_and_then_conditionally(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)), last_modified=NOW - timedelta(hours=3))
    with desk.app() as app:
        desk.poll(app)
        assert desk.poll(app, after=timedelta(minutes=59)).events == ()
        (event,) = desk.poll(app, after=timedelta(minutes=30)).events
        assert event.outcome is Outcome.NOT_MODIFIED
        last = desk.server.requests[-1]
        assert last.headers["If-None-Match"]
        assert last.headers["If-Modified-Since"]


def test_a_304_keeps_the_validators_and_a_failure_keeps_them_too(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)))
    with desk.app() as app:
        desk.poll(app, "paper")
        desk.poll(app, "paper")
        desk.server.add("/paper.xml", b"<html><body>Are you a robot?</body></html>", content_type="text/html")
        assert desk.poll(app, "paper").failed[0].kind == "html"
        desk.serve("paper", rss(item(1)))
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED


def test_one_bad_feed_never_stops_the_others(desk: Desk) -> None:
    desk.serve("good", rss(item(1)))
    desk.serve("dead", status=404)
    desk.serve("dropped", fault=Fault.DROP)
    desk.serve("cut", rss(item(2), item(3)), fault=Fault.CUT)
    desk.serve("empty", b"")
    desk.serve("page", b"<!DOCTYPE html><html><body>Hello</body></html>", content_type="text/html")
    desk.serve("noise", b"\x00\xff\xfe not a feed")
    desk.feeds["nobody"] = "http://127.0.0.1:9/feed"
    desk.feeds["nowhere"] = "http://nowhere.invalid/feed"
    with desk.app() as app:
        report = desk.poll(app)
        kinds = {event.feed: event.kind for event in report.failed}
        assert kinds.pop("noise") == "not-a-feed"
        assert kinds == {
            "dead": "http-404", "dropped": "connect", "cut": "truncated", "empty": "empty", "page": "html",
            "nobody": "connect", "nowhere": "dns",
        }  # fmt: skip
        assert list(stored(app)) == ["Item 1"]
        states = {state.name: state for state in views.feeds(app.store, desk.feeds)}
        assert all(states[name].failing_since == NOW and states[name].detail for name in kinds)


def test_failures_back_off_and_one_success_forgives_them(desk: Desk) -> None:
    desk.serve("paper", status=410)
    with desk.app() as app:
        waits = []
        for _ in range(4):
            desk.poll(app, "paper")
            (state,) = views.feeds(app.store, ["paper"])
            assert state.next_poll_at is not None
            waits.append(state.next_poll_at - desk.now)
            desk.now = state.next_poll_at
        assert waits[0] >= timedelta(minutes=60)
        assert waits[3] >= 2 * waits[1] - timedelta(minutes=30)
        desk.serve("paper", rss(item(1)))
        desk.poll(app, "paper")
        (state,) = views.feeds(app.store, ["paper"])
        assert state.next_poll_at - desk.now <= timedelta(minutes=66)  # type: ignore[operator]
        assert (state.kind, state.failing_since) == ("", None)


def test_a_retry_after_holds_even_against_all(desk: Desk) -> None:
    desk.server.play("/busy.xml", too_many_requests(7200))
    desk.feeds["busy"] = desk.server.url("/busy.xml")
    with desk.app() as app:
        assert desk.poll(app).failed[0].kind == "http-429"
        report = desk.poll(app, "busy", after=timedelta(minutes=119))
        assert (report.events, report.held) == ((), ("busy",))
        assert len(desk.poll(app, "busy", after=timedelta(minutes=2)).events) == 1


def test_an_entry_that_was_stored_while_no_model_could_be_loaded_is_scored_by_the_next_poll(desk: Desk) -> None:
    desk.serve("paper", rss(item(1, title=SUBJECT)))
    with desk.app() as app:
        without = App(app.settings, app.store, Model(None, "the model is damaged"), app.politeness)
        report = desk.poll(without)
        assert report.model_problem == "the model is damaged"
        assert (stored(app)[SUBJECT].scores, stored(app)[SUBJECT].scorer) == ({}, "")
        assert desk.poll(app).caught_up == 1
        assert stored(app)[SUBJECT].scores["returns"].probability > 0.5


def test_on_a_first_poll_only_young_and_dated_entries_are_news_and_later_undated_ones_too(desk: Desk) -> None:
    old, ancient = 24 * 5, 24 * 30
    desk.serve("paper", rss(item(1, hours=5), item(2, hours=old), item(3, hours=None)))
    with desk.app() as app:
        desk.poll(app)
        news = {title: entry.announceable for title, entry in stored(app).items()}
        assert news == {"Item 1": True, "Item 2": False, "Item 3": False}
        desk.serve("paper", rss(item(4, hours=old), item(5, hours=ancient), item(6, hours=None)))
        desk.poll(app, "paper", after=timedelta(hours=1))
        news = {title: entry.announceable for title, entry in stored(app).items()}
        assert (news["Item 4"], news["Item 5"], news["Item 6"]) == (True, False, True)


def test_the_same_link_in_two_feeds_is_two_entries_and_one_story(desk: Desk) -> None:
    desk.serve("one", rss(item(1, title="First paper's words")))
    desk.serve("two", rss(item(1, title="Second paper's other words")))
    with desk.app() as app:
        desk.poll(app)
        entries = list(stored(app).values())
        assert len(entries) == 2
        assert len({entry.story_id for entry in entries}) == 1


def test_what_the_cap_cuts_is_counted(desk: Desk) -> None:
    desk.more = "[poll]\nmax_entries = 3\n"
    desk.serve("paper", rss(*(item(number) for number in range(5))))
    with desk.app() as app:
        (event,) = desk.poll(app).events
        assert (event.new, event.cut) == (3, 2)


def test_a_redirect_is_followed_and_relative_links_count_from_where_it_led(desk: Desk) -> None:
    desk.serve("home", rss("<item><title>Relative</title><link>story/9</link></item>"))
    desk.server.play("/moved.xml", redirect("/home.xml", 301))
    desk.feeds = {"moved": desk.server.url("/moved.xml")}
    with desk.app() as app:
        desk.poll(app)
        assert stored(app)["Relative"].entry.url == desk.server.url("/story/9")


def test_private_hosts_are_refused_unless_opened(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)))
    with desk.app():
        text = (desk.folder / "monitor.toml").read_text(encoding="utf-8").replace("allow_private_hosts = true", "")
        (desk.folder / "monitor.toml").write_text(text, encoding="utf-8")
    with build(load(desk.folder, {})) as app:
        (event,) = desk.poll(app, "paper").failed
        assert event.kind == "blocked-address"
        assert "allow_private_hosts" in event.detail
        assert desk.server.requests == []


def test_a_poll_that_is_told_to_stop_gives_back_what_it_has_not_begun(desk: Desk) -> None:
    release, asked = threading.Event(), threading.Event()

    def slow() -> bytes:
        asked.set()
        release.wait(10)
        return rss(item(1))

    desk.serve("slow", slow)
    desk.serve("next", rss(item(2)))
    desk.more = "private_concurrency = 1\nconcurrency = 1\n"
    with desk.app() as app:
        report = poll.run(app, now=lambda: desk.now, stop=asked.is_set)
        release.set()
        assert all(event.feed == "next" for event in report.events)
        again = desk.poll(app)
        assert {event.feed for event in report.events} | {event.feed for event in again.events} == {"slow", "next"}


def test_two_processes_never_poll_one_feed_at_once(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)))
    with desk.app() as app, build(app.settings, with_model=False) as other:
        inside: list[PollReport] = []
        desk.serve("paper", lambda: inside.append(desk.poll(other, "paper")) or rss(item(1)), etag=False)  # type: ignore[func-returns-value]
        outer = desk.poll(app, "paper")
        assert len(outer.events) == 1
        assert (inside[0].events, inside[0].held) == ((), ("paper",))
        assert outer.new == 1


def test_a_feed_whose_address_changed_forgets_its_validators(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)), etag='"same"')
    with desk.app() as app:
        desk.poll(app)
    desk.serve("moved", rss(item(2)), etag='"same"')
    desk.feeds = {"paper": desk.feeds["moved"]}
    with desk.app() as app:
        (event,) = desk.poll(app).events
        assert (event.outcome, event.new) == (Outcome.OK, 1)


def test_a_document_that_breaks_off_unnoticed_by_http_gives_its_whole_entries_and_no_validators(desk: Desk) -> None:
    whole = rss(item(1), item(2), item(3))
    broken = whole[: whole.index(b"Item 3")]
    desk.serve("paper", broken, etag='"constant"')
    with desk.app() as app:
        (event,) = desk.poll(app, "paper").events
        assert (event.outcome, event.kind, event.new) == (Outcome.OK, "cut-off", 2)
        desk.serve("paper", whole, etag='"constant"')
        (event,) = desk.poll(app, "paper").events
        assert (event.outcome, event.kind, event.new) == (Outcome.OK, "", 1), "the rest is not hidden by a 304"
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED


def test_a_server_that_says_not_modified_for_ever_is_found_out_after_eight_days(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)))
    with desk.app() as app:
        desk.poll(app, "paper")
        desk.serve("paper", rss(item(1), item(2)), fault=Fault.LYING_304)
        for _ in range(7):
            assert desk.poll(app, "paper", after=timedelta(days=1)).events[0].outcome is Outcome.NOT_MODIFIED
        (event,) = desk.poll(app, "paper", after=timedelta(days=1)).events
        assert (event.outcome, event.new) == (Outcome.OK, 1)
        assert "If-None-Match" not in desk.server.requests[-1].headers


def test_a_feed_of_which_nothing_is_known_any_more_is_a_gap_and_polled_sooner(desk: Desk) -> None:
    desk.serve("paper", rss(item(1), item(2)))
    with desk.app() as app:
        assert not desk.poll(app, "paper").events[0].gap, "a first poll knows nothing, and misses nothing"
        desk.serve("paper", rss(item(3), item(4)))
        (event,) = desk.poll(app, "paper", after=timedelta(hours=1)).events
        assert (event.gap, event.new) == (True, 2)
        (state,) = views.feeds(app.store, ["paper"])
        assert state.next_poll_at is not None
        assert state.next_poll_at - desk.now <= timedelta(minutes=36)
        assert state.reason == "learned"


def test_what_is_learnt_survives_a_restart(desk: Desk) -> None:
    desk.serve("paper", rss(item(1)))
    with desk.app() as app:
        desk.poll(app, "paper")
        for _ in range(6):
            desk.poll(app, "paper", after=timedelta(hours=2))
    with desk.app() as app:
        desk.poll(app, "paper", after=timedelta(hours=2))
        (state,) = views.feeds(app.store, ["paper"])
        assert state.next_poll_at is not None
        assert state.next_poll_at - desk.now > timedelta(minutes=90)


def test_a_permanent_redirect_is_followed_without_asking_the_old_address_after_a_week(desk: Desk) -> None:
    desk.serve("home", rss(item(1)), etag=False)
    desk.server.play("/old.xml", redirect("/home.xml", 301))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        for _ in range(8):
            desk.poll(app, "paper", after=timedelta(days=1))
        desk.server.requests.clear()
        desk.poll(app, "paper", after=timedelta(days=1))
        assert [seen.path for seen in desk.server.requests] == ["/home.xml"]
        desk.server.add("/home.xml", status=410)
        desk.server.play("/old.xml", redirect("/new.xml", 302))
        desk.server.add("/new.xml", rss(item(2)))
        assert desk.poll(app, "paper", after=timedelta(days=1)).failed[0].kind == "http-410"
        assert desk.poll(app, "paper", after=timedelta(days=1)).new == 1, "the old address is asked again"


def test_a_feed_is_given_up_after_410_three_times_over_two_weeks_and_comes_back_by_name(desk: Desk) -> None:
    desk.serve("paper", status=410)
    with desk.app() as app:
        for days in (0, 8, 8):
            desk.poll(app, "paper", after=timedelta(days=days))
        assert desk.poll(app, after=timedelta(days=60)).events == ()
        desk.serve("paper", rss(item(1)))
        assert desk.poll(app, "paper").new == 1
        assert len(desk.poll(app, after=timedelta(days=2)).events) == 1


def test_three_answers_410_within_an_hour_prove_nothing(desk: Desk) -> None:
    desk.serve("paper", status=410)
    with desk.app() as app:
        for _ in range(3):
            desk.poll(app, "paper", after=timedelta(minutes=20))
        assert len(desk.poll(app, after=timedelta(days=2)).events) == 1


@pytest.fixture
def every_name_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public names, so that domains count, that all lead to the feed server."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **named: real("127.0.0.1", *rest, **named))


@pytest.mark.usefixtures("every_name_is_loopback")
def test_a_429_shuts_the_whole_domain_for_all_its_feeds_and_no_other(desk: Desk) -> None:
    desk.more = 'domain_interval = "0s"\n'
    desk.server.play("/busy.xml", too_many_requests(3600))
    desk.server.add("/fine.xml", rss(item(1)))
    port = desk.server.port
    desk.feeds = {
        "busy": f"http://feeds.paper.example:{port}/busy.xml",
        "sister": f"http://www.paper.example:{port}/fine.xml",
        "stranger": f"http://www.other.example:{port}/fine.xml",
    }
    with desk.app() as app:
        first = desk.poll(app, "busy", "sister", "stranger")
        assert {event.feed: event.kind for event in first.events} == {"busy": "http-429", "stranger": ""}
        assert first.held == ("sister",), "deferred, which is no failure"
        assert desk.poll(app, "sister", after=timedelta(minutes=50)).held == ("sister",)
        assert {event.feed for event in desk.poll(app, after=timedelta(minutes=20)).events} >= {"busy", "sister"}


def test_a_document_that_takes_too_long_is_put_aside_and_not_read_again_until_it_changes(desk: Desk) -> None:
    desk.more = '[parse]\ndeadline = "1s"\n[poll]\nmax_entries = 100000\n'
    desk.serve("monster", rss(*(item(number) for number in range(40_000))), etag=False)
    desk.serve("good", rss(item(1)))
    with desk.app() as app:
        report = desk.poll(app, "monster", "good")
        assert [(event.feed, event.kind) for event in report.failed] == [("monster", "killed")]
        assert report.new == 1, "the others go on"
        assert desk.poll(app, "monster").failed[0].kind == "quarantined"
        desk.serve("monster", rss(item(2)), etag=False)
        assert desk.poll(app, "monster").new == 1


def test_a_news_sitemap_and_a_watched_page_are_polled_like_feeds(desk: Desk) -> None:
    desk.server.add(
        "/news.xml",
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/'
        b'sitemap-news/0.9"><url><loc>https://paper.example/1</loc><news:news><news:publication><news:name>Paper'
        b"</news:name><news:language>en</news:language></news:publication><news:publication_date>2026-11-22"
        b"</news:publication_date><news:title>From the sitemap</news:title></news:news></url></urlset>",
    )
    desk.server.add(
        "/press", b"<html><body><article><a href='/release/7'>From the page</a></article></body></html>",
        content_type="text/html",
    )  # fmt: skip
    desk.feeds = {}
    desk.app().close()
    (desk.folder / "feeds.toml").write_text(
        '[sources.paper]\ntitle = "Paper"\n[sources.paper.feeds]\n'
        f'map = {{ url = "{desk.server.url("/news.xml")}", kind = "sitemap" }}\n'
        f'page = {{ url = "{desk.server.url("/press")}", kind = "page", select = {{ item = "article" }} }}\n',
        encoding="utf-8",
    )
    with build(load(desk.folder, {})) as app:
        assert desk.poll(app).failed == ()
        assert {(s.feed, s.entry.title, s.entry.url) for s in stored(app).values()} == {
            ("map", "From the sitemap", "https://paper.example/1"),
            ("page", "From the page", desk.server.url("/release/7")),
        }


def test_a_gap_stands_in_the_digest_s_coverage(desk: Desk) -> None:
    desk.serve("paper", rss(item(1), item(2)))
    with desk.app() as app:
        desk.poll(app, "paper")
        desk.serve("paper", rss(item(3), item(4)))
        desk.poll(app, "paper", after=timedelta(hours=1))
        covered = coverage(app, since=NOW, until=desk.now, over_line=0)
        assert covered.gaps == ("paper",)
        assert coverage(app, since=desk.now, until=desk.now, over_line=0).gaps == ()

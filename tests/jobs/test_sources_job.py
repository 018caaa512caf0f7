"""Sources: added, probed, judged, imported and exported, over real servers and real files; requests are counted."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app import App, build
from monitor.demo.answer import redirect, too_many_requests
from monitor.demo.server import FeedServer
from monitor.domain.entry import Document, RawEntry
from monitor.domain.feed import Feed, Source, Tier, Validators
from monitor.errors import FetchError, ParseError, Severity, UsageError
from monitor.fetch.client import Fetched
from monitor.fetch.options import Status
from monitor.jobs import check, health, opml, poll, sources, verdicts
from monitor.jobs.ask import Asked
from monitor.jobs.check import Verdict
from monitor.jobs.health import State
from monitor.settings import edit
from monitor.settings.load import load
from monitor.store.feeds import Which
from monitor.store.rhythm import Rhythm

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
HTML = "text/html; charset=utf-8"


def rss(*, title: str = "The Courier", language: str = "en-GB", days: float | None = 1, items: int = 2) -> bytes:
    """A feed whose newest entry is ``days`` old at NOW; None leaves it undated."""
    date = "" if days is None else f"<pubDate>{format_datetime(NOW - timedelta(days=days))}</pubDate>"
    body = "".join(f"<item><guid>{n}</guid><title>Notes, part {n}</title>{date}</item>" for n in range(items))
    return (
        f'<rss version="2.0"><channel><title>{title}</title><language>{language}</language>{body}</channel></rss>'
    ).encode()


def page(*heads: str, body: str = "<p>News of the day</p>") -> bytes:
    return f"<!doctype html><html><head>{''.join(heads)}</head><body>{body}</body></html>".encode()


def link(href: str) -> str:
    return f'<link rel="alternate" type="application/rss+xml" href="{href}">'


@pytest.fixture
def folder(config_folder: Callable[..., Path]) -> Path:
    return config_folder()


@pytest.fixture
def app(folder: Path) -> Iterator[App]:
    with build(load(folder), with_model=False) as opened:
        yield opened


@pytest.fixture
def with_feeds(config_folder: Callable[..., Path]) -> Iterator[Callable[..., App]]:
    """An open App over a config of these feeds."""
    opened: list[App] = []

    def make(tier: str = "news", **feeds: str) -> App:
        opened.append(build(load(config_folder(feeds=feeds, tier=tier)), with_model=False))
        return opened[-1]

    yield make
    for made in opened:
        made.close()


def asked_for(server: FeedServer) -> list[str]:
    return [request.path for request in server.requests]


def clock() -> datetime:
    return NOW


# --- add and discover


def test_adding_a_feed_costs_one_request_and_writes_what_the_document_says(
    app: App, feed_server: FeedServer, folder: Path
) -> None:
    feed_server.add("/feed.xml", rss(title="The <b>Courier</b> &amp;amp; Post"))
    before = (folder / "feeds.toml").read_text()
    added = sources.add(app, feed_server.url("/feed.xml"), now=clock)
    assert asked_for(feed_server) == ["/feed.xml"]
    assert (added.source, added.feed, added.how, added.requests) == ("127-0-0-1", "127-0-0-1", "feed", 1)
    assert (added.title, added.language, added.format, added.entries) == ("The Courier & Post", "en", "rss20", 2)
    assert (folder / "feeds.toml").read_text().startswith(before.rstrip())
    feed = load(folder).feeds["127-0-0-1"]
    assert (feed.url, feed.source.title, feed.source.language) == (
        feed_server.url("/feed.xml"), "The Courier & Post", "en",
    )  # fmt: skip


def test_adding_a_page_takes_the_first_candidate_that_parses_and_asks_no_further(
    app: App, feed_server: FeedServer
) -> None:
    feed_server.add("/", page(link("/gone.xml"), link("/real.xml"), link("/third.xml")), content_type=HTML)
    feed_server.add("/real.xml", rss())
    added = sources.add(app, feed_server.url("/"), now=clock)
    assert asked_for(feed_server) == ["/", "/gone.xml", "/real.xml"]
    assert (added.url, added.how, added.requests) == (feed_server.url("/real.xml"), "declared", 3)


def test_a_page_without_a_feed_costs_four_requests_and_writes_nothing(
    app: App, feed_server: FeedServer, folder: Path
) -> None:
    feed_server.add("/", page(*(link(f"/{n}.xml") for n in range(8))), content_type=HTML)
    before = (folder / "feeds.toml").read_bytes()
    with pytest.raises(UsageError, match=r"no feed is where it leads: .*0\.xml \(http-404.*lists 7 more"):
        sources.add(app, feed_server.url("/"), now=clock)
    assert asked_for(feed_server) == ["/", "/0.xml", "/1.xml", "/2.xml"]
    assert (folder / "feeds.toml").read_bytes() == before


def test_a_page_that_declares_nothing_is_asked_at_the_well_known_paths(app: App, feed_server: FeedServer) -> None:
    feed_server.add("/", page(), content_type=HTML)
    feed_server.add("/rss.xml", rss())
    assert sources.add(app, feed_server.url("/"), now=clock).how == "well-known"
    assert asked_for(feed_server) == ["/", "/feed/", "/rss.xml"]


def test_a_feed_that_config_has_is_refused_without_a_request(with_feeds: Any, feed_server: FeedServer) -> None:
    app = with_feeds(courier=feed_server.url("/feed/"))
    with pytest.raises(UsageError, match=r"already: feed courier of courier"):
        sources.add(app, feed_server.url("/feed"), now=clock)
    assert asked_for(feed_server) == []


def test_a_page_whose_feed_config_has_is_refused(with_feeds: Any, feed_server: FeedServer) -> None:
    app = with_feeds(courier=feed_server.url("/feed.xml"))
    feed_server.add("/", page(link("/feed.xml")), content_type=HTML)
    feed_server.add("/feed.xml", rss())
    with pytest.raises(UsageError, match="already: feed courier"):
        sources.add(app, feed_server.url("/"), now=clock)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 404}, "http-404"),
        ({"body": b"{}", "content_type": "application/json"}, "not-a-feed"),
        ({"body": b""}, "empty"),
    ],
)
def test_what_is_neither_feed_nor_page_is_told_and_costs_one_request(
    app: App, feed_server: FeedServer, answer: dict[str, Any], words: str
) -> None:
    feed_server.add("/x", **answer)
    with pytest.raises(UsageError, match=words):
        sources.add(app, feed_server.url("/x"), now=clock)
    assert len(asked_for(feed_server)) == 1


@pytest.mark.parametrize(
    "given_",
    [
        "ftp://x.example/f",
        "mailto:a@b.example",
        "https://",
        "",
        "a b",
        "http://x/${HOME}",
        "https://me:pw@x.example/",
        "http://x:99999/",
    ],
)
def test_what_is_no_address_is_refused(given_: str) -> None:
    with pytest.raises(UsageError):
        sources.read_address(given_)


def test_an_address_without_a_scheme_gets_https() -> None:
    assert sources.read_address(" courier.example/feed ") == "https://courier.example/feed"


@pytest.mark.parametrize(("asked", "final", "kept"), [("/feed", "/feed/", "/feed/"), ("/feed", "/today.xml", "/feed")])
def test_a_redirect_to_the_slash_is_kept_and_one_to_another_place_is_not(
    app: App, feed_server: FeedServer, asked: str, final: str, kept: str
) -> None:
    feed_server.play(asked, redirect(final, 302))
    feed_server.add(final, rss())
    assert sources.add(app, feed_server.url(asked), now=clock).url == feed_server.url(kept)


def test_a_title_from_outside_cannot_name_a_variable_of_the_environment(
    app: App, feed_server: FeedServer, folder: Path
) -> None:
    feed_server.add("/feed.xml", rss(title="Courier ${HOME}"))
    sources.add(app, feed_server.url("/feed.xml"), now=clock)
    assert "${" not in (folder / "feeds.toml").read_text()
    assert load(folder, {}).feeds["127-0-0-1"].source.title == "Courier $ {HOME}"


def test_a_feed_can_be_added_to_a_source_that_is_there(with_feeds: Any, feed_server: FeedServer) -> None:
    app = with_feeds(courier=feed_server.url("/a.xml"))
    feed_server.add("/b.xml", rss())
    added = sources.add(app, feed_server.url("/b.xml"), source="courier", now=clock)
    assert (added.source, added.feed) == ("courier", "127-0-0-1")
    assert set(load(app.settings.folder).options.sources["courier"].feeds) == {"courier", "127-0-0-1"}
    with pytest.raises(UsageError, match="did you mean courier"):
        sources.add(app, feed_server.url("/c.xml"), source="couriers", now=clock)


def test_discovering_costs_one_request_and_changes_nothing(app: App, feed_server: FeedServer, folder: Path) -> None:
    feed_server.add("/", page(link("/a.xml"), body='<a href="/b/rss">x</a>'), content_type=HTML)
    feed_server.add("/a.xml", rss())
    before = (folder / "feeds.toml").read_bytes()
    found = sources.discover(app, feed_server.url("/"), now=clock)
    assert [candidate.url for candidate in found.candidates[:2]] == [
        feed_server.url("/a.xml"), feed_server.url("/b/rss"),
    ]  # fmt: skip
    assert asked_for(feed_server) == ["/"]
    itself = sources.discover(app, feed_server.url("/a.xml"), now=clock)
    assert (itself.format, itself.title, itself.candidates) == ("rss20", "The Courier", ())
    assert (folder / "feeds.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.courier.example/feed", "courier"),
        ("https://feeds.courier.co.uk/x", "courier"),
        ("https://law.courier.co.uk/", "law-courier"),
        ("https://rss.courier.com", "courier"),
        ("http://localhost:8080/f", "localhost"),
        ("http://[::1]/f", "1"),
        ("https://xn--80ak6aa92e.com/", "xn-80ak6aa92e"),
    ],
)
def test_a_key_comes_from_the_host(url: str, key: str) -> None:
    assert sources.host_key(url) == key


@given(st.from_regex(r"https?://[a-zA-Z0-9.\-_]{1,20}(:\d{1,4})?/[a-z]{0,5}", fullmatch=True))
def test_every_host_gives_a_key_that_config_can_take(url: str) -> None:
    assert set(sources.host_key(url)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert sources.host_key(url)


# --- switching


def test_switching_and_removing_by_source_feed_or_both(with_feeds: Any) -> None:
    app = with_feeds(courier="https://courier.example/a", desk="https://desk.example/")
    folder = app.settings.folder
    assert sources.switch(app.settings, "courier", enabled=True).files == ()
    sources.switch(app.settings, "courier", enabled=False)
    sources.switch(app.settings, "desk/desk", enabled=False)
    settings = load(folder)
    assert [feed.name for feed in settings.enabled_feeds()] == []
    assert settings.options.sources["desk"].enabled
    note = sources.switch(settings, "courier/courier", enabled=True).note
    assert note == "its source courier is disabled, so it is not polled"
    sources.switch(settings, "desk/desk", enabled=True)
    assert [feed.name for feed in load(folder).enabled_feeds()] == ["desk"]
    gone = sources.take_out(load(folder), "desk/desk")
    assert gone.note == "its source desk has no feed any more"
    sources.take_out(load(folder), "desk")
    assert set(load(folder).options.sources) == {"courier"}
    with pytest.raises(UsageError, match="did you mean courier"):
        sources.take_out(load(folder), "currier")


# --- check


def made_feed(tier: Tier = Tier.NEWS) -> Feed:
    return Feed("courier", "https://courier.example/feed", Source("courier", "Courier", tier=tier))


def came(body: bytes, url: str = "https://courier.example/feed", kind: str = "html") -> Asked:
    fetched = Fetched(200, url, body, "text/html", Validators())
    return Asked(fetched, None, ParseError(kind, "a web page came instead of a feed"), 0.1)


def dated(*days: float | None) -> Asked:
    entries = tuple(
        RawEntry(str(n), None, "t", "", published_hint=None if age is None else NOW - timedelta(days=age))
        for n, age in enumerate(days)
    )
    fetched = Fetched(200, "https://courier.example/feed", b"<rss/>", "", Validators())
    return Asked(fetched, Document("rss20", "Courier", None, entries), None, 0.1)


def refused(kind: str, status: int | None = None) -> Asked:
    return Asked(None, None, FetchError(kind, "said no", Severity.SOFT, status=status), 0.1)


@pytest.mark.parametrize(
    ("asked", "verdict", "words"),
    [
        (dated(1, 400), Verdict.OK, ""),
        (dated(None, None), Verdict.OK, "none of its entries has a date"),
        (dated(61, 90), Verdict.STALE, "nothing for 61 days"),
        (dated(), Verdict.EMPTY, "without entries"),
        (dated(-30, 61), Verdict.STALE, "61 days"),
        (came(b"", kind="empty"), Verdict.EMPTY, "empty"),
        (came(page()), Verdict.HTML, "a web page came"),
        (came(page("<title>Just a moment...</title>")), Verdict.BLOCKED, "Just a moment..."),
        (came(page(body="Buy this domain now")), Verdict.PARKED, "Buy this domain"),
        (came(page(), "https://www.hugedomains.com/x"), Verdict.PARKED, "dealer"),
        (came(page("<title>Before you continue</title>")), Verdict.BLOCKED, "a reader's consent"),
        (came(page("<title>Database Error</title>")), Verdict.DOWN, "tells of its own trouble"),
        (refused("http-403", 403), Verdict.BLOCKED, "http-403"),
        (refused("http-429", 429), Verdict.BLOCKED, "http-429"),
        (refused("blocked-address"), Verdict.BLOCKED, "blocked-address"),
        (refused("http-404", 404), Verdict.GONE, "http-404"),
        (refused("http-410", 410), Verdict.GONE, "http-410"),
        (refused("tls"), Verdict.TLS, "tls"),
        (refused("http-503", 503), Verdict.DOWN, "http-503"),
        (refused("dns"), Verdict.DOWN, "dns"),
    ],
)
def test_every_verdict_has_its_evidence(asked: Asked, verdict: Verdict, words: str) -> None:
    probe = check.judge(made_feed(), asked, now=NOW)
    assert probe.verdict is verdict
    assert words in probe.detail
    if asked.fetched and verdict not in {Verdict.OK, Verdict.STALE}:
        assert asked.fetched.body[:9].decode() in probe.first_bytes


def test_analysis_may_be_quiet_for_longer_than_news() -> None:
    assert check.judge(made_feed(Tier.ANALYSIS), dated(100), now=NOW).verdict is Verdict.OK
    assert check.judge(made_feed(Tier.ANALYSIS), dated(181), now=NOW).verdict is Verdict.STALE


def test_check_asks_each_feed_once_and_stores_nothing(with_feeds: Any, feed_server: FeedServer) -> None:
    feed_server.add("/ok", rss())
    feed_server.add("/old", rss(days=900))
    feed_server.add("/page", page(), content_type=HTML)
    feed_server.play("/moved", redirect("/ok"))
    names = ("ok", "old", "page", "moved", "gone")
    app = with_feeds(**{name: feed_server.url(f"/{name}") for name in names})
    steps: list[tuple[int, int]] = []
    report = check.run(app, now=clock, progress=lambda done, total: steps.append((done, total)))
    assert {probe.feed: probe.verdict.value for probe in report.probes} == {
        "gone": "GONE", "moved": "OK", "ok": "OK", "old": "STALE", "page": "HTML",
    }  # fmt: skip
    assert sorted(asked_for(feed_server)) == ["/gone", "/moved", "/ok", "/ok", "/old", "/page"]
    moved = next(probe for probe in report.probes if probe.feed == "moved")
    assert moved.final_url == feed_server.url("/ok")
    assert moved.newest == NOW - timedelta(days=1)
    assert steps[-1] == (5, 5)
    assert [found.state for found in health.health(app, now=NOW)] == [State.UNKNOWN] * 5


def test_check_leaves_a_feed_alone_whose_server_asked_for_patience(with_feeds: Any, feed_server: FeedServer) -> None:
    feed_server.play("/feed", too_many_requests(7200))
    app = with_feeds(courier=feed_server.url("/feed"))
    poll.run(app, which=Which.NAMED, now=clock)
    report = check.run(app, ["courier"], now=clock)
    assert len(feed_server.requests) == 1
    assert report.probes[0].verdict is Verdict.BLOCKED
    assert "not asked: its server asked us to wait until 2026-11-22 08:00 UTC" in report.probes[0].detail


def test_a_429_shuts_the_domain_for_the_run_and_for_polls(with_feeds: Any, feed_server: FeedServer) -> None:
    feed_server.play("/feed", too_many_requests(7200))
    app = with_feeds(courier=feed_server.url("/feed"))
    assert check.run(app, now=clock).probes[0].detail == "http-429: the server answered 429 Too Many Requests"
    again = check.run(app, now=clock).probes[0]
    assert again.verdict is Verdict.BLOCKED
    assert again.detail == "paused: not asked: its server asked us to wait until 2026-11-22 08:00 UTC"
    assert poll.run(app, which=Which.NAMED, now=clock).held == ("courier",)
    assert len(feed_server.requests) == 1


def test_the_report_is_a_table_that_no_server_can_break() -> None:
    body = b"<!doctype html>| <script>alert(1)</script> `x` | *y*\n\n# z"
    probes = (check.judge(made_feed(), came(body), now=NOW), check.judge(made_feed(), dated(1), now=NOW))
    text = check.markdown(check.CheckReport(NOW, probes))
    assert "2 feeds asked once each: 1 OK, 1 HTML." in text
    assert "<script" not in text
    rows = [line for line in text.splitlines() if line.startswith(("| HTML", "| OK"))]
    assert len(rows) == 3
    assert all(line.replace("\\|", "").count("|") == 7 for line in rows)


FEEDS = """\
# The desk's own list.

[sources.desk]                   # ours
title = "Desk"
status = "unverified"
[sources.desk.feeds]
desk = "{0}/desk"                # the main one

[sources.pair]
title = "Pair"
[sources.pair.feeds]
one = "{0}/one"
two = {{ url = "{0}/two", enabled = false, reason = "404 once" }}

[sources.off]
title = "Off"
enabled = false
[sources.off.feeds]
off = "{0}/off"

[sources.watched]
title = "Watched"
[sources.watched.request]
headers = {{ X-Desk = "seven" }}
[sources.watched.feeds]
page = {{ url = "{0}/page", kind = "page", select = {{ item = "li a" }} }}
"""


@pytest.fixture
def pack(config_folder: Callable[..., Path], feed_server: FeedServer) -> Iterator[Callable[[], App]]:
    """Sources of every shape, on the feed server; opened anew at each call."""
    folder = config_folder()
    (folder / "feeds.toml").write_text(FEEDS.format(feed_server.url("").rstrip("/")))
    opened: list[App] = []

    def make() -> App:
        opened.append(build(load(folder), with_model=False))
        return opened[-1]

    yield make
    for made in opened:
        made.close()


def test_a_watched_page_is_probed_by_its_selectors_and_asked_as_config_says(
    pack: Callable[[], App], feed_server: FeedServer
) -> None:
    feed_server.add("/page", page(body='<ul><li><a href="/a">One</a><li><a href="/b">Two</a></ul>'), content_type=HTML)
    (probe,) = check.run(pack(), ["page"], now=clock).probes
    assert (probe.verdict, probe.entries, probe.format) == (Verdict.OK, 2, "page")
    headers = feed_server.requests[0].headers
    assert headers["X-Desk"] == "seven"
    assert headers["Accept"].startswith("text/html")
    feed_server.add("/page", page(body="<p>We have moved things around</p>"), content_type=HTML)
    (probe,) = check.run(pack(), ["page"], now=clock).probes
    assert probe.verdict is Verdict.HTML
    assert "matched nothing" in probe.detail


def test_what_a_check_found_is_written_where_it_belongs_and_switches_nothing(
    pack: Callable[[], App], feed_server: FeedServer
) -> None:
    feed_server.add("/desk", rss())
    feed_server.add("/two", rss(days=900))
    feed_server.add("/off", rss())
    app = pack()
    file = app.settings.folder / "feeds.toml"
    before = file.read_text()
    written = verdicts.write(app.settings.folder, check.run(app, now=clock))
    assert written.files == (file,)
    assert written.rested == ("off",)
    assert sorted(written.changed) == [
        ("desk", "unverified", "ok"), ("off", "unverified", "ok"), ("one", "unverified", "gone"),
        ("page", "unverified", "gone"), ("two", "unverified", "stale"),
    ]  # fmt: skip
    gone = [line for line in before.splitlines() if line not in file.read_text().splitlines()]
    server = feed_server.url("").rstrip("/")
    assert gone == [
        'status = "unverified"', f'one = "{server}/one"',
        f'two = {{ url = "{server}/two", enabled = false, reason = "404 once" }}',
    ]  # fmt: skip
    settings = load(app.settings.folder)
    options = settings.options.sources
    assert (options["desk"].status, options["desk"].checked_at) == ("ok", NOW.date())
    assert [options["pair"].feed(name).status for name in ("one", "two")] == ["gone", "stale"]
    assert (options["pair"].status, options["pair"].feed("two").reason) == ("unverified", "404 once")
    assert [feed.name for feed in settings.enabled_feeds()] == ["desk", "one", "page"]
    assert verdicts.write(app.settings.folder, check.run(app, now=clock)).changed == ()


def test_feeds_of_one_source_that_come_out_alike_say_it_once(pack: Callable[[], App]) -> None:
    app = pack()
    verdicts.write(app.settings.folder, check.run(app, ["one", "two"], now=clock))
    source = load(app.settings.folder).options.sources["pair"]
    assert (source.status, source.checked_at) == ("gone", NOW.date())
    assert source.feed("one").status is None


def test_a_feed_that_was_not_asked_keeps_its_status(pack: Callable[[], App], feed_server: FeedServer) -> None:
    feed_server.play("/desk", too_many_requests(7200))
    app = pack()
    assert verdicts.write(app.settings.folder, check.run(app, ["desk"], now=clock)).changed == (
        ("desk", "unverified", "blocked"),
    )
    before = (app.settings.folder / "feeds.toml").read_bytes()
    again = verdicts.write(app.settings.folder, check.run(app, ["desk"], now=clock))
    assert (again.changed, again.files, again.unasked) == ((), (), ("desk",))
    assert (app.settings.folder / "feeds.toml").read_bytes() == before


def test_where_nobody_answers_nothing_is_written(with_feeds: Any) -> None:
    app = with_feeds(one="http://127.0.0.1:1/a", two="http://127.0.0.1:1/b")
    before = (app.settings.folder / "feeds.toml").read_bytes()
    with pytest.raises(UsageError, match="is this machine connected"):
        verdicts.write(app.settings.folder, check.run(app, now=clock))
    assert (app.settings.folder / "feeds.toml").read_bytes() == before


def test_a_feed_that_config_changed_meanwhile_is_left_as_it_is(
    pack: Callable[[], App], feed_server: FeedServer
) -> None:
    feed_server.add("/desk", rss())
    app = pack()
    report = check.run(app, ["desk", "one", "off"], now=clock)
    sources.take_out(app.settings, "off")
    edit.set_value(app.settings.folder, ("sources", "pair", "feeds", "one"), feed_server.url("/another"))
    assert verdicts.write(app.settings.folder, report).changed == (("desk", "unverified", "ok"),)
    assert "off" not in load(app.settings.folder).options.sources


def test_every_verdict_is_a_status_that_config_knows() -> None:
    assert {verdict.value.lower() for verdict in Verdict} | {"unverified"} == set(get_args(Status))


def test_a_redirect_waits_for_the_turn_of_where_it_leads(
    config_folder: Callable[..., Path], feed_server: FeedServer
) -> None:
    folder = config_folder(feeds={"courier": feed_server.url("/feed")})
    file = folder / "monitor.toml"
    file.write_text(file.read_text().replace("[fetch]", '[fetch]\nprivate_interval = "60ms"'))
    feed_server.play("/feed", redirect("/now"))
    feed_server.add("/now", rss())
    with build(load(folder), with_model=False) as app:
        began = monotonic()
        assert check.run(app, now=clock).probes[0].verdict is Verdict.OK
        assert monotonic() - began >= 0.06


# --- health


def test_health_tells_success_failure_and_what_comes_in_a_week(with_feeds: Any, feed_server: FeedServer) -> None:
    bodies = [rss(items=n) for n in (5, 5, 8, 8, 8)]
    feed_server.add("/courier", lambda: bodies.pop(0), etag=False)
    feed_server.add("/dead", status=404)
    app = with_feeds(courier=feed_server.url("/courier"), dead=feed_server.url("/dead"))
    for week in range(4):
        poll.run(app, which=Which.NAMED, now=lambda week=week: NOW + timedelta(weeks=week))  # type: ignore[misc]
    courier, dead = health.health(app, now=NOW + timedelta(weeks=3))
    assert (courier.state, courier.a_week, courier.polls, courier.failed) == (State.OK, 1.0, 4, 0)
    assert courier.last_success == NOW + timedelta(weeks=3)
    assert courier.last_new == NOW + timedelta(weeks=2)
    assert (dead.state, dead.kind, dead.failed, dead.last_success) == (State.FAILING, "http-404", 4, None)
    assert health.health(app, now=NOW + timedelta(weeks=9))[0].state is State.OK  # nobody has looked since
    poll.run(app, which=Which.NAMED, now=lambda: NOW + timedelta(weeks=9))
    silent = health.health(app, now=NOW + timedelta(weeks=9))[0]
    assert (silent.state, silent.silent_days) == (State.SILENT, 49)


def test_what_a_first_poll_brought_is_no_rhythm() -> None:
    assert health.entries_a_week(Rhythm("x", NOW - timedelta(weeks=2), 9, 0, 6), NOW) == 3.0
    assert health.entries_a_week(Rhythm("x", NOW - timedelta(days=6), 9, 0, 6), NOW) is None
    assert health.entries_a_week(Rhythm("x", None, 9, 9, 0), NOW) is None
    assert health.entries_a_week(Rhythm("x", NOW - timedelta(weeks=50), 9, 0, 8), NOW) == 2.0


# --- OPML

OWN = """\
[sources.courier]
title = "Courier & <Post>"
kind = "think tank"
language = "fr"
tier = "analysis"
enabled = false
note = "quoted \\"so\\", 100 % | sure"
rhythm = "7d"
full_text = true
licence = "1.0"
status = "stale"
checked_at = 2026-11-20
reason = "404"
replacement = "https://courier.example/"
[sources.courier.request]
headers = { X-Key = "${LAW_KEY}", X-Desk = "seven" }
user = "desk"
password = "${LAW_KEY}"
allow_private = true
[sources.courier.feeds]
courier = "https://courier.example/feed?a=1&b=2"
courier-page = { url = "https://courier.example/news", kind = "page", select = { item = "li a" } }
courier-more = { url = "https://courier.example/more", checked_at = 2026-11-21, request = { cookie = "${LAW_KEY}" } }
courier-law = { url = "https://courier.example/law?key=${LAW_KEY}", interval = "30m", enabled = false }

[sources.watched]
title = "A page"
enabled = false
note = "no feed"
"""


def test_an_export_and_import_loses_nothing_and_shows_no_secret(folder: Path, tmp_path: Path) -> None:
    file, environment = folder / "feeds.toml", {"LAW_KEY": "correct-horse"}
    file.write_text(OWN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAW_KEY", environment["LAW_KEY"])
        body = opml.export_opml(load(folder))
        assert b"correct-horse" not in body
        again = opml.import_opml(load(folder), body, variables=True)
        assert (again.added, len(again.known), again.files) == ((), 4, ())
        assert body.count(b"urn:returns-monitor") == 1
        file.write_text("# empty\n")
        done = opml.import_opml(load(folder), body, variables=True)
        assert {feed for _, feed in done.added} == {"courier", "courier-page", "courier-more", "courier-law"}
        assert (tomllib.loads(file.read_text()), done.skipped) == (tomllib.loads(OWN), ())
        assert opml.export_opml(load(folder)) == body


def test_a_file_from_outside_cannot_ask_for_a_variable(folder: Path) -> None:
    body = b'<opml version="2.0"><body><outline text="x" xmlUrl="https://evil.example/?${HOME}"/></body></opml>'
    before = (folder / "feeds.toml").read_bytes()
    done = opml.import_opml(load(folder), body)
    assert done.skipped == (
        ("https://evil.example/?${HOME}", "it names a variable of the environment; --with-variables takes it"),
    )
    assert (folder / "feeds.toml").read_bytes() == before


def test_a_file_from_outside_cannot_say_how_to_ask(folder: Path) -> None:
    space = 'xmlns:m="urn:returns-monitor"'
    body = f"""<opml version="2.0" {space}><body>
      <outline text="a" xmlUrl="https://a.example/" m:source="a" m:feed="a" m:request='{{"allow_private": true}}'/>
      <outline text="b" xmlUrl="https://b.example/" m:feed-request='{{"proxy": "http://evil.example"}}'/>
      <outline text="c" xmlUrl="https://c.example/"/></body></opml>""".encode()
    done = opml.import_opml(load(folder), body)
    assert done.added == (("c", "c"),)
    reason = "it says how to ask: accounts, proxies, private hosts; --with-variables takes it"
    assert done.skipped == (("https://a.example/", reason), ("https://b.example/", reason))
    assert opml.import_opml(load(folder), body, variables=True).skipped == ()
    assert load(folder).feeds["a"].manner.allow_private


def test_a_secret_that_stands_in_the_file_itself_is_not_exported(folder: Path) -> None:
    (folder / "feeds.toml").write_text(
        '[sources.a]\ntitle = "A"\n[sources.a.request]\nuser = "desk"\npassword = "in-clear-1"\ncookie = "in-clear-2"\n'
        'headers = { X-Token = "in-clear-3", X-Desk = "seven" }\nproxy = "http://u:in-clear-4@proxy.example"\n'
        "[sources.a.feeds]\n"
        'a = { url = "https://a.example/", request = { headers = { Authorization = "in-clear-5" } } }\n'
    )
    body = opml.export_opml(load(folder))
    assert b"in-clear" not in body
    assert b"seven" in body
    assert b"feed-request" not in body


def test_another_reader_s_file_comes_in_nested_with_what_it_says(folder: Path) -> None:
    body = b"""<opml version="1.0"><body><outline text="World"><outline text="Law">
      <outline text="The Courier" type="rss" xmlUrl="https://www.courier.example/feed" language="de-CH"
        htmlUrl="https://www.courier.example/"/>
      <outline text="Courier, law" xmlUrl="https://www.courier.example/law"/>
      <outline text="Same again" xmlUrl="http://courier.example/feed/"/>
      <outline text="No address" xmlUrl="gopher://x.example/1"/><outline xmlUrl="http://[x/"/></outline></outline></body></opml>"""
    done = opml.import_opml(load(folder), body)
    assert done.added == (("courier", "courier"), ("courier-2", "courier-2"))
    assert done.known == ("https://www.courier.example/feed",)
    assert [what for what, _ in done.skipped] == ["gopher://x.example/1", "http://[x/"]
    source = load(folder).options.sources["courier"]
    assert (source.title, source.kind, source.language) == ("The Courier", "World / Law", "de")
    assert source.note == "https://www.courier.example/"


def test_a_feed_that_is_new_joins_the_source_that_is_there(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAW_KEY", "x")
        (folder / "feeds.toml").write_text(OWN)
        body = opml.export_opml(load(folder))
        sources.take_out(load(folder), "courier-law")
        done = opml.import_opml(load(folder), body, variables=True)
        assert done.added == (("courier", "courier-law"),)
        assert tomllib.loads((folder / "feeds.toml").read_text()) == tomllib.loads(OWN)


def test_what_is_no_opml_is_refused(folder: Path) -> None:
    with pytest.raises(ParseError):
        opml.import_opml(load(folder), b"<rss/>")


def test_asking_without_politeness_is_a_mistake_of_ours(app: App) -> None:
    with pytest.raises(RuntimeError, match="politeness"):
        check.run(App(app.settings, app.store), [], now=clock)

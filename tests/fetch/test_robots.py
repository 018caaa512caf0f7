"""robots.txt, rule by rule of RFC 9309, and what stands in for one that does not come."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.answer import redirect
from monitor.demo.server import FeedServer
from monitor.domain.feed import Validators
from monitor.errors import BlockedAddress, FetchError, Severity
from monitor.fetch.client import Fetched, user_agent
from monitor.fetch.robots import (
    EVERYTHING,
    LONGEST_DELAY,
    MAX_BYTES,
    NOTHING,
    TOKEN,
    Rulebook,
    Rules,
    origin,
    read_rules,
    robots_url,
    rules_from,
)

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
SITE = "https://courier.example"


def rules(text: str) -> Rules:
    return read_rules(text.encode())


def allowed(text: str, *paths: str) -> list[bool]:
    read = rules(text)
    return [read.may(SITE + path) for path in paths]


def test_we_are_named_in_the_user_agent_as_in_robots_txt() -> None:
    assert user_agent("").partition("/")[0] == TOKEN


def test_our_own_group_counts_and_everybodys_only_without_one() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: returnsMONITOR\nDisallow: /archive/\n"
    assert allowed(text, "/news/1", "/archive/1") == [True, False]
    assert allowed("User-agent: OtherBot\nDisallow: /\n", "/news/1") == [True]
    assert allowed("User-agent: OtherBot\nAllow: /\nUser-agent: *\nDisallow: /news\n", "/news/1", "/") == [False, True]


@pytest.mark.parametrize(
    "name", ["Returns", "R", "Monitor", "MyReturnsMonitor", "ReturnsMonitorBot", "Returns*", "bot"]
)
def test_a_name_that_is_only_like_ours_is_somebody_elses(name: str) -> None:
    assert allowed(f"User-agent: {name}\nDisallow: /\n", "/news/1") == [True]


@pytest.mark.parametrize("name", ["ReturnsMonitor/1.0", "returnsmonitor  # the media monitor", "ReturnsMonitor (all)"])
def test_our_name_with_a_version_or_a_remark_is_ours(name: str) -> None:
    assert allowed(f"User-agent: {name}\nDisallow: /\n", "/news/1") == [False]


def test_groups_of_one_name_are_one_group() -> None:
    ours = "User-agent: ReturnsMonitor\nDisallow: {}\n"
    text = ours.format("/a") + "User-agent: x\nDisallow: /\n" + ours.format("/b")
    assert allowed(text, "/a", "/b", "/c") == [False, False, True]


def test_several_names_share_the_rules_that_follow() -> None:
    assert allowed("User-agent: x\nUser-agent: ReturnsMonitor\nDisallow: /a\n", "/a", "/b") == [False, True]


@pytest.mark.parametrize("line", ["Sitemap: https://courier.example/s.xml", "Crawl-delay: 5", "Noindex: /x", "", "# !"])
def test_a_line_that_is_no_rule_ends_no_group(line: str) -> None:
    assert allowed(f"User-agent: *\n{line}\nUser-agent: x\nDisallow: /a\n{line}\nDisallow: /b\n", "/a", "/b") == [
        False,
        False,
    ]


def test_an_empty_group_or_an_empty_rule_forbids_nothing() -> None:
    assert allowed("User-agent: *\nDisallow: /\nUser-agent: ReturnsMonitor\nDisallow:\n", "/a") == [True]
    assert allowed("User-agent: *\nDisallow: /\nUser-agent: ReturnsMonitor\n", "/a") == [True]
    assert allowed("", "/a") == [True]


def test_rules_before_any_name_are_nobodys() -> None:
    assert allowed("Disallow: /\nUser-agent: x\nDisallow: /b\n", "/a", "/b") == [True, True]


def test_the_longest_match_wins_and_allow_wins_a_tie() -> None:
    text = "User-agent: *\nAllow: /news/open\nDisallow: /news\nDisallow: /page\nAllow: /page\nDisallow: /*.php$\n"
    assert allowed(text, "/news/open/1", "/news/1", "/page", "/x.php", "/x.php?id=1") == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_robots_txt_itself_may_always_be_fetched() -> None:
    assert allowed("User-agent: *\nDisallow: /\n", "/robots.txt") == [True]


def test_paths_match_by_their_letters_however_they_are_escaped() -> None:
    text = "User-agent: *\nDisallow: /новости\nDisallow: /%7ejan\nDisallow: /a%2Fb\n"
    assert allowed(text, "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1", "/~jan/x", "/a%2fb", "/a/b") == [
        False,
        False,
        False,
        True,
    ]


def test_rules_match_queries_and_are_case_sensitive() -> None:
    assert allowed("User-agent: *\nDisallow: /*?print=\nDisallow: /News\n", "/a?print=1", "/a", "/news", "/News") == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way_and_may_begin_with_a_mark(ending: str) -> None:
    read = read_rules(ending.join(["\ufeffUser-agent: *", "Disallow: /a # why", ""]).encode())
    assert [read.may(f"{SITE}/a"), read.may(f"{SITE}/b")] == [False, True]


def test_beyond_500_kib_nothing_is_read_and_the_cut_line_neither() -> None:
    head = b"User-agent: *\nDisallow: /first\n"
    filler = b"#" * (MAX_BYTES - len(head) - len(b"\nDisallow: /p")) + b"\n"
    read = read_rules(head + filler + b"Disallow: /private\nDisallow: /last\n")
    assert [read.may(f"{SITE}{path}") for path in ("/first", "/private", "/public", "/last")] == [
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><html><body><p>User-agent: nobody</p></body></html>", b"\xff\xfe\x00\x81", b"User-agent", b":::"],
)
def test_what_is_no_robots_txt_forbids_nothing(body: bytes) -> None:
    assert read_rules(body).may(f"{SITE}/a")


def test_a_robots_txt_made_to_hold_us_up_is_read_in_seconds() -> None:
    names = "".join(f"User-agent: bot{number}\n" for number in range(13_000))
    began = time.process_time()
    assert rules(names + "User-agent: *\n" + "Disallow: /*a*b$\n" * 6_000).may(f"{SITE}/{'ab' * 900}c")
    assert time.process_time() - began < 10  # Protego alone: minutes


PATTERN = st.text("/ab*$", min_size=1, max_size=8).map(lambda text: "/" + text)
RULES = st.lists(st.tuples(st.booleans(), PATTERN), max_size=6)


def as_written(found: list[tuple[bool, str]], path: str) -> bool:
    """RFC 9309, 2.2.2, word for word: the longest pattern that matches, and allow where two are as long."""
    lengths: dict[bool, int] = {}
    for allow, pattern in found:
        ended = pattern.endswith("$")
        parts = pattern.removesuffix("$").split("*") if ended else pattern.split("*")
        regex = ".*".join(map(re.escape, parts)) + ("$" if ended else "")
        if re.match(regex, path):
            lengths[allow] = max(lengths.get(allow, -1), len(pattern))
    return lengths.get(True, -1) >= lengths.get(False, -1)


@given(found=RULES, path=st.text("/ab", max_size=10).map(lambda text: "/" + text))
def test_any_rules_decide_as_the_standard_says(found: list[tuple[bool, str]], path: str) -> None:
    lines = "\n".join(f"{'Allow' if allow else 'Disallow'}: {pattern}" for allow, pattern in found)
    assert allowed(f"User-agent: *\n{lines}\n", path) == [as_written(found, path)]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    read = read_rules(b"User-agent: *\n" + body)
    assert read.may(f"{SITE}/a") in {True, False}
    assert timedelta() <= read.delay <= LONGEST_DELAY


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("10", 10), ("0.5", 0.5), ("86400", 60), ("1e300", 60), ("-3", 0), ("nan", 0), ("inf", 0), ("soon", 0), ("", 0)],
)
def test_a_crawl_delay_is_obeyed_up_to_a_minute(written: str, seconds: float) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {written}\n").delay == timedelta(seconds=seconds)


def test_the_crawl_delay_of_somebody_else_is_not_ours() -> None:
    assert rules("User-agent: x\nCrawl-delay: 30\nDisallow:\nUser-agent: *\nDisallow: /a\n").delay == timedelta()


def fetched(body: bytes) -> Fetched:
    return Fetched(200, robots_url(SITE), body, "text/plain", Validators())


@pytest.mark.parametrize(
    ("answer", "may"),
    [
        (fetched(b"User-agent: *\nDisallow: /a\n"), False),
        (fetched(b""), True),
        *[(FetchError(f"http-{s}", "", Severity.SOFT, status=s), True) for s in (400, 401, 403, 404, 410, 451)],
        *[(FetchError(f"http-{s}", "", Severity.TEMPORARY, status=s), False) for s in (429, 500, 502, 503, 599)],
        *[(FetchError(kind, "", Severity.SOFT), False) for kind in ("dns", "tls", "timeout", "truncated", "too-large")],
        (BlockedAddress("10.0.0.1"), False),
        (FetchError("redirects", "more than 10", Severity.SOFT), True),
    ],
)
def test_what_cannot_be_found_allows_and_what_cannot_be_reached_forbids(
    answer: Fetched | FetchError, may: bool
) -> None:
    assert rules_from(answer).may(f"{SITE}/a") is may


def test_a_robots_txt_behind_five_redirects_is_followed(
    feed_server: FeedServer, ask: Callable[..., Fetched], refusal: Callable[..., FetchError]
) -> None:
    feed_server.add("/robots.txt", etag=False, status=302, headers={"Location": "/1"})
    for number in range(1, 5):
        feed_server.play(f"/{number}", redirect(f"/{number + 1}"))
    feed_server.add("/5", b"User-agent: *\nDisallow: /a\n", content_type="text/plain")
    read = rules_from(ask(robots_url(feed_server.url("/a/b?c"))))
    assert not read.may(feed_server.url("/a"))
    assert read.may(feed_server.url("/b"))
    feed_server.play("/5", redirect("/robots.txt"))
    assert rules_from(refusal(robots_url(feed_server.url("/a")))).may(feed_server.url("/a"))


def test_rules_are_an_origins_own() -> None:
    assert origin("https://User:pw@News.Example:8443/a?b#c") == "https://news.example:8443"
    assert robots_url("http://[2001:db8::1]/a") == "http://[2001:db8::1]/robots.txt"
    book = Rulebook()
    book.learn(f"{SITE}/a", NOTHING, now=NOW)
    assert book.rules(f"{SITE}/b", now=NOW) is NOTHING
    for other in ("http://courier.example/b", "https://www.courier.example/b", "https://courier.example:8443/b"):
        assert book.rules(other, now=NOW) is None


def test_rules_are_good_for_a_day_and_a_failure_for_an_hour() -> None:
    book = Rulebook()
    book.learn(SITE, EVERYTHING, now=NOW)
    assert book.rules(SITE, now=NOW + timedelta(hours=23, minutes=59)) is EVERYTHING
    assert book.rules(SITE, now=NOW + timedelta(hours=24)) is None
    book.learn(SITE, NOTHING, now=NOW)
    assert book.rules(SITE, now=NOW + timedelta(minutes=59)) is NOTHING
    assert book.rules(SITE, now=NOW + timedelta(hours=1)) is None


def test_an_origin_with_a_delay_is_free_again_when_it_has_passed() -> None:
    book = Rulebook()
    book.learn(SITE, rules("User-agent: *\nCrawl-delay: 30\n"), now=NOW)
    assert book.free(SITE, now=NOW)
    book.started(SITE, now=NOW)
    assert not book.free(f"{SITE}/other", now=NOW + timedelta(seconds=29))
    assert book.free("https://other.example", now=NOW)
    assert book.free(SITE, now=NOW + timedelta(seconds=30))
    book.learn(SITE, EVERYTHING, now=NOW + timedelta(seconds=30))
    book.started(SITE, now=NOW + timedelta(seconds=30))
    assert book.free(SITE, now=NOW + timedelta(seconds=30))

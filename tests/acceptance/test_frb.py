"""The rules of the Feed Reader Behavior project (rachelbythebay.com/frb), FRB001 to FRB141, one test or more a rule.

A test named after a span (``frb060_066``) holds one thing that the span's theme asks for. Where this program keeps a
rule less strictly than it is written, the test is an expected failure that says what is done instead, and why.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import build
from monitor.demo.answer import Answer, Fault, redirect, too_many_requests
from monitor.domain.feed import FeedMemory, Outcome
from monitor.errors import UsageError
from monitor.fetch import moves
from monitor.fetch.options import FetchOptions
from monitor.fetch.politeness import Politeness
from monitor.jobs import check, sources
from monitor.settings.load import load

Desk = Any  # the class is the conftest's, which no test can import
Doorways = Callable[[float], Any]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = "Mon, 16 Nov 2026 05:00:00 GMT"
SPANS = ((1, 4), (10, 16), (20, 24), (30, 37), (50, 51), (60, 66), (70, 71), (80, 90), (100, 106), (110, 120),
         (130, 137), (140, 141))  # fmt: skip
"""The numbers that the list gives out."""
FIRST_WORDS = {"Host", "User-Agent", "Accept", "Accept-Encoding"}
"""The headers of a first request: everything that a server needs, and nothing else."""


def broken_by(reason: str) -> pytest.MarkDecorator:
    """A rule that is not kept as it is written, and why."""
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)


def test_every_number_of_the_list_has_a_test() -> None:
    named = [re.match(r"test_frb(\d{3})(?:_(\d{3}))?_", name) for name in globals()]
    tested = {number for m in named if m for number in range(int(m[1]), int(m[2] or m[1]) + 1)}
    assert tested == {number for first, last in SPANS for number in range(first, last + 1)}


# FRB001–FRB004: conditional requests


def test_frb001_last_modified_is_kept_as_it_was_sent(desk: Desk) -> None:
    """A Last-Modified is an opaque text, even where it is no date that the RFC knows."""
    odd = "monday 16-Nov-26 5:00 +0000 (ca.)"
    desk.serve("paper", etag=False, headers={"Last-Modified": odd})
    with desk.app() as app:
        desk.visits(app, 2)
    assert desk.sent("If-Modified-Since") == [None, odd]


def test_frb002_if_modified_since_brings_a_304(desk: Desk) -> None:
    """What came as Last-Modified goes back as If-Modified-Since, well formed, so that the server can say 304."""
    desk.serve("paper", etag=False, last_modified=desk.now - DAY)
    with desk.app() as app:
        desk.visits(app, 1)
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED


@pytest.mark.parametrize("tag", ['"a b, c"', 'W/"weak"', "unquoted", "'single'"])
def test_frb003_an_etag_is_kept_as_it_was_sent(desk: Desk, tag: str) -> None:
    """An ETag is an opaque text; quotes, where there are any, are part of it."""
    desk.serve("paper", etag=False, headers={"ETag": tag})
    with desk.app() as app:
        desk.visits(app, 2)
    assert desk.sent("If-None-Match") == [None, tag]


def test_frb004_if_none_match_brings_a_304(desk: Desk) -> None:
    """What came as ETag goes back as If-None-Match, well formed, so that the server can say 304."""
    desk.serve("paper")
    with desk.app() as app:
        desk.visits(app, 1)
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED


# FRB010–FRB016: a memory for validators


def test_frb010_016_validators_survive_a_restart(desk: Desk) -> None:
    """A restart is no reason to fetch everything anew."""
    desk.serve("paper")
    for _ in range(3):
        with desk.app() as app:
            desk.poll(app, "paper", after=2 * HOUR)
    first, *later = desk.sent("If-None-Match")
    assert first is None
    assert all(later)


def test_frb010_016_validators_survive_an_upgrade(desk: Desk) -> None:
    """A new version of the program takes over what the old one stored."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
        with app.store.write() as connection:
            connection.execute(text("UPDATE feed SET memory = '{}'"))  # as a column that an older version lacks comes
    with desk.app() as app:
        assert desk.poll(app, "paper", after=2 * HOUR).events[0].outcome is Outcome.NOT_MODIFIED
        assert desk.poll(app, "paper", after=7 * DAY).events[0].outcome is Outcome.NOT_MODIFIED


def test_frb010_016_validators_outlive_a_week_without_change(desk: Desk) -> None:
    """Validators do not age: a feed that nobody touches is asked conditionally every day."""
    desk.serve("paper")
    with desk.app() as app:
        for _ in range(8):
            desk.poll(app, "paper", after=DAY)
    assert None not in desk.sent("If-None-Match")[1:]


def test_frb010_016_whoever_wants_it_never_asks_anew(desk: Desk) -> None:
    """The unconditional request after eight days can be put off for good."""
    desk.poll_table = 'refetch_after = "3650d"'
    desk.serve("paper")
    with desk.app() as app:
        for _ in range(6):
            desk.poll(app, "paper", after=30 * DAY)
    assert None not in desk.sent("If-None-Match")[1:]


@broken_by("[poll] refetch_after is 8 days: some servers say 304 for ever, and what they hide is silent loss")
def test_frb010_016_validators_are_forgotten_on_no_schedule(desk: Desk) -> None:
    """No clock of the reader's throws a validator away."""
    desk.serve("paper")
    with desk.app() as app:
        for _ in range(10):
            desk.poll(app, "paper", after=DAY)
    assert None not in desk.sent("If-None-Match")[1:]


def test_frb012_no_if_modified_since_is_made_up(desk: Desk) -> None:
    """Without a Last-Modified there is no If-Modified-Since: no clock time, no epoch, no "null"."""
    desk.serve("paper", etag=False)
    with desk.app() as app:
        desk.visits(app, 3)
    assert desk.sent("If-Modified-Since") == [None] * 3


def test_frb013_no_if_none_match_is_made_up(desk: Desk) -> None:
    """Without an ETag there is no If-None-Match: no hash of ours, no ``*``, no empty text."""
    desk.serve("paper", etag=False, last_modified=desk.now - DAY)
    with desk.app() as app:
        desk.visits(app, 3)
    assert desk.sent("If-None-Match") == [None] * 3


@pytest.mark.parametrize(("left", "right"), [("ETag", "Last-Modified"), ("Last-Modified", "ETag")])
def test_frb014_etag_and_last_modified_are_one_pair(desk: Desk, left: str, right: str) -> None:
    """A new document's pair takes the place of the old one's, also where a half of it is missing or the text the same.

    Half a pair of last week's would be sent with half of today's.
    """
    values = {"ETag": '"one"', "Last-Modified": MONDAY}
    echo = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    same = desk.rss(1)
    desk.feeds["paper"] = desk.server.url("/paper.xml")
    desk.server.play(
        "/paper.xml", Answer(same, etag=False, headers=values), Answer(same, etag=False, headers={left: values[left]})
    )
    with desk.app() as app:
        desk.visits(app, 3)
    assert desk.sent(echo[left]) == [None, values[left], values[left]]
    assert desk.sent(echo[right]) == [None, values[right], None]


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_frb016_validators_survive_a_refusal(desk: Desk, status: int) -> None:
    """A 429, or another error, says nothing about the document that we have: it stays asked for conditionally."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
        desk.serve("paper", b"", status=status)
        desk.poll(app, after=2 * HOUR)
        desk.serve("paper")
        assert desk.poll(app, "paper", after=DAY).events[0].outcome is Outcome.NOT_MODIFIED


# FRB020–FRB024: what a server says about the pace


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_frb020_a_retry_after_is_obeyed(desk: Desk, status: int, as_date: bool) -> None:
    """Seconds or a date: until then nobody asks, not even who names the feed."""
    until: int | datetime = datetime.now(UTC) + 3 * HOUR if as_date else 3 * 3600
    desk.serve("paper")
    desk.server.play("/paper.xml", too_many_requests(until, status), Answer(desk.rss(1)))
    with desk.app() as app:
        desk.poll(app)
        assert desk.poll(app, after=2 * HOUR).events == ()
        assert desk.poll(app, "paper", after=timedelta(minutes=58)).held == ("paper",)
        assert desk.poll(app, "paper", after=timedelta(minutes=3)).failed == ()


@pytest.mark.parametrize(
    "longest",
    [
        "7d",
        pytest.param("24h", marks=broken_by("[poll] max_backoff is a day: one mistyped header must not end a source")),
    ],
)
def test_frb020_a_retry_after_of_two_days_is_obeyed(desk: Desk, longest: str) -> None:
    """However long a server wants to be left alone, it is."""
    desk.poll_table = f'max_backoff = "{longest}"'
    desk.feeds["paper"] = desk.server.url("/paper.xml")
    desk.server.play("/paper.xml", too_many_requests(2 * 86_400))
    with desk.app() as app:
        desk.poll(app)
        assert desk.wait(app) >= 2 * DAY


@pytest.mark.parametrize("status", [429, 503])
def test_frb021_a_refusal_without_retry_after_slows_us_down_too(desk: Desk, status: int) -> None:
    """Too many requests are too many also where no time is named: the next comes later than the usual one."""
    desk.serve("paper")
    with desk.app() as app:
        (usual,) = desk.visits(app, 1)
        desk.server.play("/paper.xml", too_many_requests(None, status))
        desk.poll(app, after=usual)
        assert desk.wait(app) > 1.5 * usual


def test_frb022_a_max_age_is_obeyed_on_a_200_and_on_a_304(desk: Desk) -> None:
    """What is fresh for three hours is not asked for in less."""
    fresh = {"Cache-Control": "public, max-age=10800"}
    desk.serve("paper", headers=fresh)
    with desk.app() as app:
        assert desk.visits(app, 1)[0] >= 3 * HOUR
        desk.server.play("/paper.xml", Answer(status=304, headers=fresh, etag=False))
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED
        assert desk.wait(app) >= 3 * HOUR


@pytest.mark.parametrize(
    "longest",
    ["12h", pytest.param("5h", marks=broken_by("[poll] max_hint is 5 hours: a CDN's default must not delay news"))],
)
def test_frb022_a_max_age_of_half_a_day_is_obeyed(desk: Desk, longest: str) -> None:
    """However long a document is fresh, it is not asked for meanwhile."""
    desk.poll_table = f'max_hint = "{longest}"'
    desk.serve("paper", headers={"Cache-Control": "max-age=43200"})
    with desk.app() as app:
        assert desk.visits(app, 1)[0] >= 12 * HOUR


def test_frb023_a_feed_that_hardly_changes_is_asked_less_and_less(desk: Desk) -> None:
    """What brings nothing new for weeks is asked about once a day in the end."""
    desk.serve("paper")
    with desk.app() as app:
        waits = desk.visits(app, 46)
    assert waits[0] < 1.2 * HOUR
    assert waits[20] > 2 * HOUR
    assert waits[-1] > 20 * HOUR


@pytest.mark.parametrize(
    "head",
    [
        "<ttl>180</ttl>",
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>8</sy:updateFrequency>",
    ],
    ids=["ttl", "syndication"],
)
def test_frb024_a_pace_that_the_document_names_is_obeyed(desk: Desk, head: str) -> None:
    """A ttl, or an update period, of three hours holds after the document and after each 304."""
    desk.serve("paper", desk.rss(1, head=head))
    with desk.app() as app:
        assert min(desk.visits(app, 3)) >= 3 * HOUR


def test_frb024_hours_and_days_to_be_left_alone_are_obeyed(desk: Desk) -> None:
    """Within skipHours and skipDays nobody asks."""
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24) if hour != 20)
    desk.serve("paper", desk.rss(1, head=f"<skipHours>{hours}</skipHours>"))
    desk.serve("weekly", desk.rss(1, head="<skipDays><day>Sunday</day></skipDays>"))
    with desk.app() as app:
        desk.poll(app)
        assert (desk.now + desk.wait(app)).hour == 20
        assert (desk.now + desk.wait(app, "weekly")).weekday() == 0


# FRB030–FRB037: no hammering


@pytest.mark.parametrize(
    "options",
    [
        {"fault": Fault.DROP}, {"fault": Fault.CUT}, {"status": 429}, {"status": 500}, {"body": b"<html>"},
        {"body": b""}, {},
    ],
    ids=["dropped", "cut", "429", "500", "page", "empty", "fine"],
)  # fmt: skip
def test_frb030_032_one_turn_is_one_request(desk: Desk, options: dict[str, Any]) -> None:
    """Whatever comes back, nothing is asked again at once: no retries, no second try in another way."""
    desk.serve("paper", **options)
    with desk.app() as app:
        desk.poll(app)
        desk.poll(app, after=timedelta(seconds=15))
    assert len(desk.server.requests) == 1


def test_frb030_032_a_feed_is_asked_once_an_hour_at_most(desk: Desk) -> None:
    """Conditional requests are an hour apart."""
    desk.serve("paper")
    with desk.app() as app:
        assert min(desk.visits(app, 6)) >= HOUR


@broken_by("[poll] min_interval is 15 minutes: where two thirds of a document are new, an hour loses entries unseen")
def test_frb030_032_a_busy_feed_is_asked_once_an_hour_at_most(desk: Desk) -> None:
    """Conditional requests are an hour apart, however fast a feed moves."""
    days = iter(range(0, 1000, 10))

    def moving() -> bytes:
        first = next(days)
        body: bytes = desk.rss(*range(first, first + 10))
        return body

    desk.serve("paper", moving)
    with desk.app() as app:
        assert min(desk.visits(app, 6)) >= HOUR


@broken_by("[poll] interval is an hour for all: a server without validators may be as full of news as others")
def test_frb030_032_a_server_without_validators_is_asked_once_a_day_at_most(desk: Desk) -> None:
    """Where every request costs the whole document, they are a day apart."""
    desk.serve("paper", etag=False)
    with desk.app() as app:
        assert min(desk.visits(app, 3)) >= DAY


@pytest.mark.usefixtures("public_names")
def test_frb033_one_server_is_asked_one_thing_at_a_time(desk: Desk, doorway: Doorways) -> None:
    """Feeds of one domain that are due together wait for each other."""
    door = doorway(0.05)
    desk.fetch_table = 'domain_interval = "0s"'
    desk.server.add("/feed", door)
    for name in ("www", "feeds", "news", "blog"):
        desk.feeds[name] = f"http://{name}.paper.example:{desk.server.port}/feed"
    with desk.app() as app:
        assert len(desk.poll(app).events) == 4
    assert door.most == 1


def test_frb033_requests_to_one_server_keep_their_distance() -> None:
    """After one request a domain is left alone for its interval, by default five seconds."""
    time = [0.0]
    assert FetchOptions().domain_interval == timedelta(seconds=5)
    turns = Politeness(FetchOptions(domain_concurrency=0), lambda: time[0]).session()

    async def goes(url: str) -> bool:
        """Whether a request may start now."""
        async with AsyncExitStack() as stack:
            try:
                await asyncio.wait_for(stack.enter_async_context(turns.turn(url, "paper")), 0.01)
            except TimeoutError:
                return False
            return True

    async def main() -> list[bool]:
        began = [await goes("https://www.paper.example/a"), await goes("https://feeds.paper.example/b")]
        time[0] = 4.9
        began.append(await goes("https://feeds.paper.example/b"))
        time[0] = 5.0
        return [*began, await goes("https://feeds.paper.example/b")]

    assert asyncio.run(main()) == [True, False, False, True]


@pytest.mark.usefixtures("public_names")
def test_frb034_many_feeds_on_few_servers_take_turns(desk: Desk, doorway: Doorways) -> None:
    """Dozens of feeds on two servers are two queues, and not dozens of connections."""
    desk.fetch_table = 'domain_interval = "0s"'
    doors = {domain: doorway(0.01) for domain in ("paper.example", "agency.example")}
    for domain, door in doors.items():
        desk.server.add(f"/{domain}", door)
        for number in range(12):
            desk.feeds[f"{domain}-{number}"] = f"http://www{number}.{domain}:{desk.server.port}/{domain}"
    with desk.app() as app:
        assert len(desk.poll(app).events) == 24
    assert [door.most for door in doors.values()] == [1, 1]


@broken_by("budgets count by registrable domain: one address of a CDN stands for publishers without number")
@pytest.mark.usefixtures("public_names")
def test_frb035_many_names_on_one_address_take_turns(desk: Desk, doorway: Doorways) -> None:
    """Names that lead to one address are one server."""
    door = doorway(5)
    desk.server.add("/feed", door)
    for name in ("paper", "agency"):
        desk.feeds[name] = f"http://{name}.example:{desk.server.port}/feed"
    with desk.app() as app:
        desk.poll(app)
    assert door.most == 1


def test_frb036_adding_a_feed_is_one_request(desk: Desk) -> None:
    """Title, language and format of a new feed all come from one look at it."""
    desk.server.add("/feed", desk.rss(1))
    with desk.app() as app:
        assert sources.add(app, desk.server.url("/feed"), now=lambda: desk.now).requests == 1
    assert [request.path for request in desk.server.requests] == ["/feed"]


@broken_by("`sources add` keeps nothing of the document but its title and language: the first poll fetches it again")
def test_frb036_adding_a_feed_and_polling_it_first_is_one_request(desk: Desk) -> None:
    """What was fetched to look at a feed is not fetched again to read it."""
    desk.server.add("/feed", desk.rss(1))
    with desk.app() as app:
        sources.add(app, desk.server.url("/feed"), now=lambda: desk.now)
    with build(load(desk.folder, {}), with_model=False) as app:
        desk.poll(app)
    assert desk.sent("If-None-Match").count(None) == 1


def test_frb037_no_run_of_the_program_is_a_reason_to_ask(desk: Desk) -> None:
    """Started anew every five minutes, as by cron, the program asks when a feed is due and not when it is started."""
    desk.serve("paper")
    for _ in range(12):
        with desk.app() as app:
            desk.poll(app, after=timedelta(minutes=5))
    assert len(desk.server.requests) == 1


def test_frb037_feeds_do_not_stay_in_step_with_the_clock_nor_with_each_other(desk: Desk) -> None:
    """Feeds first asked on the hour drift apart, and away from the minutes at which everybody asks."""
    for number in range(20):
        desk.serve(f"paper-{number}")
    with desk.app() as app:
        desk.poll(app)
        due = [desk.now + desk.wait(app, name) for name in desk.feeds]
    assert len(set(due)) == 20
    assert all(moment.minute % 15 for moment in due)


# FRB050–FRB051: methods


def test_frb050_everything_is_a_get(desk: Desk) -> None:
    """Polling, following, failing, finding, checking and adding all get, and nothing else."""
    desk.serve("paper")
    desk.serve("gone", b"", status=404)
    desk.server.play("/moved.xml", redirect("/paper.xml", 303))
    desk.feeds["moved"] = desk.server.url("/moved.xml")
    desk.server.add("/page", b'<html><link rel="alternate" type="application/rss+xml" href="/new.xml">',
                    content_type="text/html")  # fmt: skip
    desk.server.add("/new.xml", desk.rss(2))
    with desk.app() as app:
        desk.visits(app, 2)
        check.run(app, now=lambda: desk.now)
        sources.discover(app, desk.server.url("/page"), now=lambda: desk.now)
        sources.add(app, desk.server.url("/page"), now=lambda: desk.now)
    assert {request.path for request in desk.server.requests} >= {"/paper.xml", "/gone.xml", "/moved.xml", "/new.xml"}
    assert {request.method for request in desk.server.requests} == {"GET"}


def test_frb051_nobody_asks_by_head_whether_there_is_something_to_get(desk: Desk) -> None:
    """A conditional GET says all that a HEAD could; the server, which refuses HEAD, sees none."""
    desk.serve("paper")
    with desk.app() as app:
        desk.visits(app, 3)
    assert [request.method for request in desk.server.requests] == ["GET"] * 3


# FRB060–FRB066: clean requests


def test_frb060_066_the_address_is_sent_as_it_is_written(desk: Desk) -> None:
    """Nothing in the path or query is unquoted, reordered, added or taken away, and a fragment stays at home."""
    path = "/%7Edesk/a%2Cb//feed.xml?sign=x%2Cy%20z&e=&b=1&a=2+3&u=http%3A%2F%2Fpaper.example%2F"
    desk.server.add(path, desk.rss(1))
    desk.feeds["paper"] = desk.server.url(f"{path}#latest")
    with desk.app() as app:
        desk.visits(app, 2)
    assert [request.path for request in desk.server.requests] == [path] * 2


def test_frb060_066_the_first_request_holds_what_is_needed_and_no_more(desk: Desk) -> None:
    """No cookies, no referrer, no cache control, no range, no body, no headers of a browser."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
    assert set(desk.server.requests[0].headers) == FIRST_WORDS


def test_frb060_066_later_requests_add_the_validators_only(desk: Desk) -> None:
    """Cookies that a server sets are not kept, and nothing says where we come from."""
    desk.serve("paper", headers={"Set-Cookie": "id=7; Max-Age=9999"}, last_modified=desk.now - DAY)
    with desk.app() as app:
        desk.visits(app, 2)
    assert set(desk.server.requests[1].headers) == FIRST_WORDS | {"If-None-Match", "If-Modified-Since"}


def test_frb060_066_a_redirect_is_followed_without_cookies_and_referrer(desk: Desk) -> None:
    """The second hop of a redirect is as clean as the first."""
    desk.serve("home")
    desk.server.play("/old.xml", Answer(status=302, headers={"Location": "/home.xml", "Set-Cookie": "id=7"}))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        desk.poll(app)
    assert [set(request.headers) for request in desk.server.requests] == [FIRST_WORDS] * 2


def test_frb060_066_a_poll_asks_for_the_feed_and_for_nothing_around_it(desk: Desk) -> None:
    """No favicon, no front page, no robots.txt, no articles, no images."""
    desk.serve("paper")
    with desk.app() as app:
        desk.visits(app, 3)
    assert {request.path for request in desk.server.requests} == {"/paper.xml"}


# FRB070–FRB071: on demand


def test_frb070_071_who_asks_on_demand_asks_conditionally(desk: Desk) -> None:
    """No reader has a button; `monitor poll --feed`, the operator's, sends the validators as every poll does."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED


@broken_by("`monitor poll --feed` is the operator's own word, at a terminal, and is taken each time")
def test_frb070_071_asking_on_demand_again_and_again_asks_once(desk: Desk) -> None:
    """Impatience costs the server nothing."""
    desk.serve("paper")
    with desk.app() as app:
        for _ in range(5):
            desk.poll(app, "paper", after=timedelta(seconds=5))
    assert len(desk.server.requests) == 1


# FRB080–FRB090: who asks


def test_frb080_the_program_says_its_own_name_and_version(desk: Desk) -> None:
    """The User-Agent is the program's, not its HTTP library's."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
    assert re.match(r"ReturnsMonitor/\d+\.\d+\S*", desk.sent("User-Agent")[0])


@pytest.mark.parametrize("other", ["Mozilla", "Chrome", "AppleWebKit", "compatible", "aiohttp", "Python", "curl"])
def test_frb080_090_nobody_else_is_named(desk: Desk, other: str) -> None:
    """No browser, crawler or library stands in the User-Agent."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
    assert other.lower() not in desk.sent("User-Agent")[0].lower()


def test_frb080_090_the_operator_says_how_to_be_reached(desk: Desk) -> None:
    """An address to turn to stands in the User-Agent once the config has one."""
    desk.fetch_table = 'contact = "https://desk.example/about"'
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
    assert desk.sent("User-Agent")[0].endswith(" (+https://desk.example/about)")


@broken_by("[fetch] contact is the operator's to fill in, and empty in the config that ships")
def test_frb080_090_there_is_an_address_to_turn_to_without_any_config(desk: Desk) -> None:
    """Somebody can be reached from the first request on."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
    assert re.search(r"\(\+https?://", desk.sent("User-Agent")[0])


def test_frb080_090_nobody_changes_names_when_refused(desk: Desk) -> None:
    """A 403 is not answered by pretending to be another."""
    desk.serve("paper", b"", status=403)
    with desk.app() as app:
        desk.visits(app, 4)
    assert len(desk.server.requests) == 4
    assert len(set(desk.sent("User-Agent"))) == 1


# FRB100–FRB106: what becomes of an address


@pytest.mark.parametrize("status", [301, 403, 404, 410, 429, 500])
def test_frb100_an_address_that_answers_by_no_document_is_not_added(desk: Desk, status: int) -> None:
    """Only what answers by a 200 becomes a feed: one request, and config is as it was."""
    desk.server.add("/feed", b"", status=status)
    with desk.app() as app:
        before = (desk.folder / "feeds.toml").read_bytes()
        with pytest.raises(UsageError):
            sources.add(app, desk.server.url("/feed"), now=lambda: desk.now)
    assert (desk.folder / "feeds.toml").read_bytes() == before
    assert len(desk.server.requests) == 1


def test_frb101_who_adds_a_feed_is_told_what_the_server_said(desk: Desk) -> None:
    """The answer's status is in the message, with the address."""
    desk.server.add("/feed", b"", status=403)
    with desk.app() as app, pytest.raises(UsageError, match=r"/feed: http-403: the server answered 403 Forbidden"):
        sources.add(app, desk.server.url("/feed"), now=lambda: desk.now)


def test_frb102_an_address_that_is_no_feed_is_not_added(desk: Desk) -> None:
    """A page that leads to no feed becomes none, and is not searched by more than four requests."""
    desk.server.add("/page", b"<html><body>Hello</body></html>", content_type="text/html")
    with desk.app() as app:
        before = (desk.folder / "feeds.toml").read_bytes()
        with pytest.raises(UsageError, match="is a page, and no feed is where it leads"):
            sources.add(app, desk.server.url("/page"), now=lambda: desk.now)
    assert (desk.folder / "feeds.toml").read_bytes() == before
    assert len(desk.server.requests) <= 4


@pytest.mark.parametrize("given", ["", "ftp://paper.example/feed", "https://", "http://paper example/feed", "null"])
def test_frb103_106_what_is_no_address_is_asked_nowhere(desk: Desk, given: str) -> None:
    """A malformed address is refused, not repaired, guessed at or sent out; a bare word is refused by the resolver."""
    with desk.app() as app, pytest.raises(UsageError):
        sources.add(app, given, now=lambda: desk.now)
    assert desk.server.requests == []


def test_frb103_106_a_feed_that_is_there_already_is_not_asked_for_again(desk: Desk) -> None:
    """Adding a feed twice costs its server nothing, also by another spelling of its address."""
    desk.serve("paper")
    with desk.app() as app, pytest.raises(UsageError, match=r"is in feeds\.toml already"):
        sources.add(app, desk.feeds["paper"] + "/", now=lambda: desk.now)
    assert desk.server.requests == []


def test_frb103_106_a_feed_that_is_taken_out_or_off_is_asked_no_more(desk: Desk) -> None:
    """What the config no longer names, or names as disabled, is forgotten at once."""
    desk.serve("paper")
    desk.serve("other")
    with desk.app() as app:
        desk.poll(app)
    desk.server.requests.clear()
    del desk.feeds["other"]
    with desk.app() as app:
        sources.switch(app.settings, "paper/paper", enabled=False)
    with build(load(desk.folder, {}), with_model=False) as app:
        assert desk.poll(app, after=30 * DAY).events == ()
    assert desk.server.requests == []


# FRB110–FRB120: backing off

FAILURES: dict[str, Any] = {
    "http-403": {"status": 403}, "http-404": {"status": 404}, "http-500": {"status": 500}, "http-502": {"status": 502},
    "connect": {"fault": Fault.DROP}, "truncated": {"fault": Fault.CUT}, "html": {"body": b"<!doctype html><html>"},
    "not-a-feed": {"body": b"\x00\xff no feed at all"}, "empty": {"body": b""}, "redirects": {},
    "dns": "http://nowhere.example/feed", "tls": "https://127.0.0.1:{port}/paper.xml",
}  # fmt: skip


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize("kind", FAILURES)
def test_frb110_119_what_fails_is_asked_less_and_less(desk: Desk, kind: str) -> None:
    """Refused, gone, broken, unresolved, untrusted, or no feed any more: the waits grow, and none is under an hour."""
    how = FAILURES[kind]
    desk.serve("paper", **({} if isinstance(how, str) else how))
    if kind == "redirects":
        desk.server.play("/paper.xml", redirect("/paper.xml", 302))
    if isinstance(how, str):
        desk.feeds["paper"] = how.format(port=desk.server.port)
    with desk.app() as app:
        waits = desk.visits(app, 16)
        assert desk.state(app).kind == kind
    assert min(waits) >= HOUR
    assert waits[-1] > 3 * waits[0]
    assert all(later > 0.9 * earlier for earlier, later in pairwise(waits))


def test_frb110_119_what_fails_is_not_asked_more_often_than_what_works(desk: Desk) -> None:
    """A feed that was left alone for hours is left alone as long when its server breaks down."""
    desk.serve("paper")
    with desk.app() as app:
        usual = desk.visits(app, 30)[-1]
        desk.serve("paper", b"", status=500)
        desk.poll(app, after=usual)
        assert desk.wait(app) > 0.9 * usual > 4 * HOUR


def test_frb110_119_what_has_failed_for_weeks_is_asked_once_a_week(desk: Desk) -> None:
    """A dead server sees some twenty requests in its first month, and four in each further one."""
    desk.serve("paper", b"", status=404)
    with desk.app() as app:
        assert desk.visits(app, 32)[-1] >= 7 * DAY


def test_frb110_119_a_challenge_page_does_not_take_the_place_of_the_feed(desk: Desk) -> None:
    """What is no feed is a failure: the validators of the last feed stay, and those of the page are not kept."""
    desk.serve("paper")
    with desk.app() as app:
        desk.poll(app)
        desk.serve("paper", b"<html>Are you human?</html>", content_type="text/html", etag='"page"')
        desk.poll(app, after=2 * HOUR)
        desk.poll(app, "paper", after=2 * HOUR)
    first, second, third = desk.sent("If-None-Match")
    assert first is None
    assert second == third != '"page"'


def test_frb114_a_feed_that_is_gone_is_asked_no_more(desk: Desk) -> None:
    """A 410 ends the polling, once it has stood for two weeks: a mistake of an afternoon must not end a source."""
    desk.serve("paper", b"", status=410)
    with desk.app() as app:
        while desk.poll(app).events:
            desk.now += desk.wait(app)
        assert len(desk.server.requests) <= 25
        assert desk.poll(app, after=3650 * DAY).events == ()


def test_frb120_whoever_runs_the_program_learns_of_the_failure(desk: Desk) -> None:
    """The report and the feed's state say what failed, in words, since when, and when it is tried again."""
    desk.serve("paper", b"", status=403)
    began = desk.now
    with desk.app() as app:
        (event,) = desk.poll(app).failed
        desk.visits(app, 2)
        state = desk.state(app)
    assert (event.kind, event.detail) == ("http-403", "the server answered 403 Forbidden")
    assert (state.kind, state.detail, state.failing_since) == (event.kind, event.detail, began)
    assert (state.reason, state.next_poll_at is not None) == ("back-off", True)


# FRB130–FRB137: moves


@pytest.mark.parametrize("status", [301, 308])
def test_frb130_137_a_permanent_move_is_learnt_for_good(desk: Desk, status: int) -> None:
    """After a week of the same answer the old address is asked no more, also not after a restart."""
    desk.serve("home")
    desk.server.play("/old.xml", redirect("/home.xml", status))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        for _ in range(8):
            desk.poll(app, "paper", after=DAY)
    desk.server.requests.clear()
    with desk.app() as app:
        desk.poll(app, "paper", after=DAY)
    assert [request.path for request in desk.server.requests] == ["/home.xml"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_frb130_137_a_temporary_move_is_followed_and_not_learnt(desk: Desk, status: int) -> None:
    """However long it stands, a temporary redirect is asked for anew each time."""
    desk.serve("home")
    desk.server.play("/old.xml", redirect("/home.xml", status))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        for _ in range(12):
            assert desk.poll(app, "paper", after=DAY).failed == ()
    assert [request.path for request in desk.server.requests] == ["/old.xml", "/home.xml"] * 12


def test_frb130_137_a_move_is_learnt_up_to_its_first_temporary_step(desk: Desk) -> None:
    """Of a chain the permanent beginning is kept, and what follows is asked for each time."""
    desk.serve("home")
    desk.server.play("/old.xml", redirect("/new.xml", 301))
    desk.server.play("/new.xml", redirect("/home.xml", 302))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        for _ in range(8):
            desk.poll(app, "paper", after=DAY)
        desk.server.requests.clear()
        desk.poll(app, "paper", after=DAY)
    assert [request.path for request in desk.server.requests] == ["/new.xml", "/home.xml"]


def test_frb130_137_a_move_to_what_is_no_feed_is_not_learnt(desk: Desk) -> None:
    """A redirect to a page, however permanent, leaves the address that the config names."""
    desk.server.add("/page", b"<!doctype html><html>Sorry</html>", content_type="text/html")
    desk.server.play("/old.xml", redirect("/page", 301))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        for _ in range(9):
            assert desk.poll(app, "paper", after=DAY).failed[0].kind == "html"
    assert desk.server.requests[-2].path == "/old.xml"


def test_frb130_137_a_ring_of_moves_is_walked_eleven_steps_at_most(desk: Desk) -> None:
    """A loop ends by itself, and is a failure like others."""
    desk.server.play("/old.xml", redirect("/new.xml", 301))
    desk.server.play("/new.xml", redirect("/old.xml", 301))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        assert desk.poll(app).failed[0].kind == "redirects"
    assert len(desk.server.requests) == 11


def test_frb130_137_validators_are_sent_to_where_a_feed_has_moved(desk: Desk) -> None:
    """A move costs no second copy of the document."""
    desk.serve("home")
    desk.server.play("/old.xml", redirect("/home.xml", 301))
    desk.feeds = {"paper": desk.server.url("/old.xml")}
    with desk.app() as app:
        outcomes = [desk.poll(app, "paper", after=DAY).events[0].outcome for _ in range(8)]
    assert outcomes == [Outcome.OK] + [Outcome.NOT_MODIFIED] * 7


def test_frb130_137_a_move_to_https_is_learnt_at_once(desk: Desk) -> None:
    """Only the scheme changes, so there is nothing to wait for; the plain address is asked no more."""
    plain, secure = "http://paper.example/feed", "https://paper.example/feed"
    memory = moves.seen(FeedMemory(), asked=plain, permanent=secure, configured=plain, now=desk.now)
    assert moves.address(plain, memory, desk.now) == secure


# FRB140–FRB141: compression


def test_frb140_a_compressed_document_is_read(desk: Desk) -> None:
    """What comes as gzip is unpacked, checked for its end, and asked for conditionally the next time."""
    desk.serve("paper", desk.rss(1, 2, 3), gzip=True)
    with desk.app() as app:
        assert desk.poll(app).new == 3
        assert desk.poll(app, "paper").events[0].outcome is Outcome.NOT_MODIFIED


def test_frb141_every_request_offers_compression(desk: Desk) -> None:
    """Accept-Encoding names gzip, on first and later requests."""
    desk.serve("paper")
    with desk.app() as app:
        desk.visits(app, 3)
    assert all("gzip" in offer for offer in desk.sent("Accept-Encoding"))

"""Gaps: what came and went between two polls is fetched from the feed's older pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.demo.answer import too_many_requests
from monitor.demo.server import FeedServer
from monitor.domain.feed import PollEvent
from monitor.jobs.compose import coverage
from monitor.jobs.repair import MOST_PAGES
from monitor.store import pauses
from tests.jobs.test_poll import SUBJECT, Desk, item, stored

WORDPRESS = "<generator>https://wordpress.org/?v=6.8</generator>"
DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with FeedServer() as server:
        yield Desk(tmp_path, server)


def page(*numbers: int, older: str = "", head: str = "") -> bytes:
    """A page of a feed that leads to the one before it."""
    link = f'<a:link rel="next" href="{older}"/>' if older else ""
    items = "".join(item(number, hours=None) for number in numbers)
    return (
        f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Paper</title>{head}{link}{items}'
        "</channel></rss>"
    ).encode()


def poll_twice(desk: Desk, first: bytes, second: bytes) -> tuple[PollEvent, set[str]]:
    """The event of the second poll, and the titles that are stored after it."""
    desk.serve("paper", first, etag=False)
    with desk.app() as app:
        desk.poll(app, "paper")
        desk.serve("paper", second, etag=False)
        (event,) = desk.poll(app, "paper", after=DAY).events
        gaps = coverage(app, since=desk.now - DAY / 2, until=desk.now, over_line=0).gaps
        assert gaps == (("paper",) if event.gap else ()), "the coverage says what the event does"
        return event, set(stored(app))


def named(*numbers: int) -> set[str]:
    return {f"Item {number}" for number in numbers}


def test_a_gap_is_closed_from_the_older_pages_that_the_feed_names(desk: Desk) -> None:
    desk.server.add("/2.xml", page(5, 6, older="3.xml"), etag=False)
    desk.server.add("/3.xml", page(3, 4, 2), etag=False)
    event, found = poll_twice(desk, page(1, 2), page(7, 8, older="2.xml"))
    assert (event.gap, event.new) == (False, 6)
    assert found == named(1, 2, 3, 4, 5, 6, 7, 8)


def test_what_was_missed_is_news_if_it_is_young_enough(desk: Desk) -> None:
    late = item(3, title=SUBJECT, hours=-20), item(4, title="An old piece", hours=24 * 40), item(1, hours=None)
    desk.server.add(
        "/2.xml",
        f'<rss version="2.0"><channel><title>Paper</title>{"".join(late)}</channel></rss>'.encode(),
        etag=False,
    )
    desk.serve("paper", page(1), etag=False)
    with desk.app() as app:
        desk.poll(app, "paper")
        desk.serve("paper", page(9, older="2.xml"), etag=False)
        desk.poll(app, "paper", after=DAY)
        assert stored(app)[SUBJECT].announceable
        assert stored(app)[SUBJECT].scores
        assert not stored(app)["An old piece"].announceable


def test_wordpress_is_asked_for_its_second_page(desk: Desk) -> None:
    desk.server.add("/paper.xml?paged=2", page(3, 2, head=WORDPRESS), etag=False)
    event, found = poll_twice(desk, page(1, 2, head=WORDPRESS), page(4, 5, head=WORDPRESS))
    assert [request.path for request in desk.server.requests][-1].endswith("paged=2")
    assert found >= named(1, 2, 4, 5)
    assert not event.gap


def test_without_a_gap_no_older_page_is_asked(desk: Desk) -> None:
    desk.server.add("/2.xml", page(9), etag=False)
    event, found = poll_twice(desk, page(1, 2), page(2, 3, older="2.xml"))
    assert (event.gap, found) == (False, named(1, 2, 3))
    assert "/2.xml" not in [request.path for request in desk.server.requests]


def test_pages_in_a_circle_end_and_the_gap_stays(desk: Desk) -> None:
    desk.server.add("/2.xml", page(5, older="3.xml"), etag=False)
    desk.server.add("/3.xml", page(6, older="2.xml"), etag=False)
    event, found = poll_twice(desk, page(1), page(9, older="2.xml"))
    assert (event.gap, event.new, found) == (True, 3, named(1, 5, 6, 9))


def test_no_more_than_some_pages_are_asked(desk: Desk) -> None:
    for number in range(2, 20):
        desk.server.add(f"/{number}.xml", page(100 + number, older=f"{number + 1}.xml"), etag=False)
    event, _ = poll_twice(desk, page(1), page(9, older="2.xml"))
    assert (event.gap, event.new) == (True, 1 + MOST_PAGES)


@pytest.mark.parametrize("status", [404, 500])
def test_an_older_page_that_fails_leaves_the_gap_and_fails_no_poll(desk: Desk, status: int) -> None:
    desk.server.add("/2.xml", b"", status=status)
    event, found = poll_twice(desk, page(1), page(9, older="2.xml"))
    assert (event.outcome.value, event.gap, found) == ("ok", True, named(1, 9))


def test_an_older_page_that_is_no_feed_leaves_the_gap(desk: Desk) -> None:
    desk.server.add("/2.xml", b"<!doctype html><html><title>Archive</title><p>Nothing here.</p></html>", etag=False)
    event, _ = poll_twice(desk, page(1), page(9, older="2.xml"))
    assert (event.outcome.value, event.gap) == ("ok", True)


def test_a_server_that_wants_patience_is_left_alone_from_then_on(desk: Desk) -> None:
    desk.server.play("/2.xml", too_many_requests(3600))
    desk.serve("paper", page(1), etag=False)
    with desk.app() as app:
        desk.poll(app, "paper")
        desk.serve("paper", page(9, older="2.xml"), etag=False)
        assert desk.poll(app, "paper", after=DAY).events[0].gap
        assert list(pauses.paused(app.store, now=desk.now)) == ["feed:paper"]


def test_many_feeds_with_gaps_do_not_wait_for_one_another_for_ever(desk: Desk) -> None:
    """More than may be fetched and waiting at once: what repairs holds no room while it waits for a turn."""
    names = [f"paper-{number}" for number in range(70)]
    for name in names:
        desk.server.add(f"/old-{name}.xml", page(2, 1), etag=False)
        desk.serve(name, page(1), etag=False)
    with desk.app() as app:
        desk.poll(app)
        for name in names:
            desk.serve(name, page(9, older=f"old-{name}.xml"), etag=False)
        events = desk.poll(app, *names, after=DAY).events
        assert len(events) == len(names)
        assert not any(event.gap for event in events)

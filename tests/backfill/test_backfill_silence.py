"""What backfills bring is news only when a poll sees it in time, or when its owner says so."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import App
from monitor.domain.backfill import Span
from monitor.domain.entry import Origin
from monitor.jobs import alert, deliver, digest, notices, prune
from monitor.jobs.backfill import run as backfill
from monitor.jobs.backfill.announce import announce, offer
from monitor.jobs.compose import coverage
from monitor.store import drift, views
from tests.backfill.desk import DAY, NOW, SUBJECT, Desk, stored
from tests.backfill.sites import Blog, Post, WordPress, day, posts

LATELY = Span(NOW - 40 * DAY, NOW + DAY)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def room(tmp_path: Path, opened: ExitStack, *shown: Post) -> tuple[Desk, Blog]:
    blog = Blog(list(shown))
    site = opened.enter_context(WordPress(blog))
    return Desk(tmp_path, {"paper": site.url("/feed/")}), blog


def subjects(count: int, *, first: datetime, begin: int = 1000) -> list[Post]:
    """Posts of our subject, a dozen a day."""
    return [
        Post(
            begin + n, first + n * timedelta(hours=2), f"{SUBJECT}: group {n}", f"Group {n} landed at noon, {n} in all."
        )
        for n in range(count)
    ]


def digests(desk: Desk, app: App) -> str:
    """All that digests say from now on."""
    desk.now += DAY
    digest.run(app, now=lambda: desk.now)
    deliver.run(app, now=lambda: desk.now)
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(desk.base.rglob("digests/**/*.txt")))


def alerts(desk: Desk, app: App) -> int:
    """How many stories are alerted within the next ten minutes."""
    found = 0
    for _ in range(20):
        desk.now += timedelta(seconds=30)
        found += sum(sent.stories for sent in alert.run(app, now=lambda: desk.now))
    return found


def test_six_hundred_old_entries_beside_live_polls_are_in_no_digest_and_in_no_coverage(
    tmp_path: Path, opened: ExitStack
) -> None:
    news = Post(5001, NOW + timedelta(hours=1), f"{SUBJECT}: the news of the day", "A court heard two of them.")
    desk, blog = room(tmp_path, opened, *posts(3, first=NOW - 2 * DAY, apart=DAY))
    blog.per_feed = 3
    blog.posts += subjects(600, first=day("2024-02-01"))
    with desk.app() as app:
        desk.poll(app)
        digests(desk, app)
        began = desk.now
        job = desk.backfill(app)
        assert job.tally.new == 600
        blog.posts.append(Post(5001, desk.now - timedelta(hours=2), news.title, news.text))
        desk.poll(app, after=timedelta(hours=1))
        said = digests(desk, app)
        assert "the news of the day" in said
        assert "group" not in said
        seen = coverage(app, since=began, until=desk.now, over_line=1)
        assert seen.new == 1
        notices.run(app, now=lambda: desk.now)
        assert not any(notice.subject == "paper" for notice in notices_of(app))
        assert sum(one.origin is Origin.BACKFILL for one in stored(app).values()) == 600
        assert drift.size(app.store, drift.Span(NOW - DAY, desk.now)) == len(stored(app)) - 600


def test_six_hundred_old_entries_beside_live_polls_are_in_no_alert(tmp_path: Path, opened: ExitStack) -> None:
    desk, blog = room(tmp_path, opened, *posts(3, first=NOW - 2 * DAY, apart=DAY))
    desk.subscribed = "alert_thresholds = { returns = 0.5 }\n"
    blog.per_feed = 3
    blog.posts += subjects(600, first=day("2024-02-01"))
    with desk.app() as app:
        desk.poll(app)
        digests(desk, app)
        assert desk.backfill(app).tally.new == 600
        assert alerts(desk, app) == 0
        blog.posts.append(
            Post(5001, desk.now - timedelta(hours=1), f"{SUBJECT}: the news of the day", "A court heard two of them.")
        )
        desk.poll(app, after=timedelta(hours=1))
        assert alerts(desk, app) == 1
        assert "group" not in digests(desk, app)


def notices_of(app: App) -> list[object]:
    from monitor.store.notices import open_notices

    return list(open_notices(app.store))


def test_what_a_poll_sees_within_the_look_back_is_announced_though_a_backfill_was_first(
    tmp_path: Path, opened: ExitStack
) -> None:
    desk, blog = room(tmp_path, opened, *posts(3, first=NOW - 3 * DAY, apart=DAY))
    with desk.app() as app:
        digests(desk, app)
        desk.poll(app)
        blog.posts += subjects(2, first=NOW - 2 * DAY)
        desk.backfill(app, span=LATELY)
        assert {one.origin for title, one in stored(app).items() if "group" in title} == {Origin.BACKFILL}
        desk.poll(app, after=DAY)
        found = [one for title, one in stored(app).items() if "group" in title]
        assert [(one.origin, one.announceable) for one in found] == [(Origin.LIVE, True)] * 2
        desk.poll(app, after=DAY)
        said = digests(desk, app)
        assert "group 0" in said
        assert "group 1" in said


def test_a_poll_that_sees_it_too_late_or_first_of_all_announces_nothing_then_or_later(
    tmp_path: Path, opened: ExitStack
) -> None:
    old, new = subjects(1, first=NOW - 20 * DAY), subjects(1, first=NOW - 5 * DAY, begin=2000)
    desk, _ = room(tmp_path, opened, *old, *new)
    with desk.app() as app:
        desk.backfill(app, span=LATELY)
        for _ in range(3):  # of the first poll only the last 48 hours are news, of the later ones nothing is new
            desk.poll(app, after=timedelta(hours=2))
        assert [one.announceable for one in stored(app).values()] == [False]
        assert [one.origin for one in stored(app).values()] == [Origin.LIVE]


def test_what_is_announced_on_demand_is_shown_first_and_is_what_is_young(tmp_path: Path, opened: ExitStack) -> None:
    desk, _ = room(
        tmp_path, opened, *subjects(2, first=NOW - 3 * DAY), *subjects(3, first=NOW - 20 * DAY, begin=2000),
        *posts(2, first=NOW - 2 * DAY, apart=DAY),
    )  # fmt: skip
    with desk.app() as app:
        digests(desk, app)
        job = desk.backfill(app, span=LATELY, announce=True)
        offered = offer(app, [job], now=desk.now)
        assert (len(offered.ids), len(offered.over)) == (4, 2)
        assert "group" not in digests(desk, app)
        assert announce(app, offered) == 4
        assert announce(app, offered) == 0, "nothing is let out twice"
        assert "group 0" in digests(desk, app)


def test_archived_entries_join_stories_of_their_own_time_only(tmp_path: Path, opened: ExitStack) -> None:
    title = "Ministry brings four families home from the north-east of Syria"
    desk, _ = room(tmp_path, opened, Post(1, NOW - timedelta(hours=5), title, "One."))
    other = opened.enter_context(WordPress(Blog([Post(1, day("2024-05-02"), title, "Two.")])))
    third = opened.enter_context(
        WordPress(Blog([Post(1, day("2024-05-04"), title, "Three."), Post(2, NOW, title, "Four.")], per_feed=1))
    )
    desk.feeds |= {"third": third.url("/feed/")}
    with desk.app() as app:
        desk.now += timedelta(hours=1)
        desk.poll(app)
    desk.feeds |= {"other": other.url("/feed/")}
    with desk.app() as app:
        jobs = backfill.begin(app, [job for job in desk.plan(app) if job is not None], now=lambda: desk.now)
        desk.run(app, jobs)
        of = {(one.feed, one.entry.published): one.story_id for one in views.items(app.store, limit=0)}
        live = {story for (_, at), story in of.items() if at and at > day("2026-01-01")}
        past = {story for (_, at), story in of.items() if at and at < day("2026-01-01")}
        assert len(live) == 1
        assert len(past) == 1
        assert not live & past


def test_who_told_the_same_is_found_though_it_is_brought_in_another_week(tmp_path: Path, opened: ExitStack) -> None:
    title = "France brings home 12 women and 30 children from Roj camp in Syria"
    told = "The foreign ministry said the 12 women and 30 children landed at Villacoublay on Tuesday morning."
    sites = [
        opened.enter_context(WordPress(Blog([Post(1, day("2024-03-05"), title, told)]))),
        opened.enter_context(WordPress(Blog([Post(7, day("2024-03-06"), f"{title}, ministry says", told)]))),
    ]
    desk = Desk(tmp_path)
    for name, site in zip(("paper", "herald"), sites, strict=True):
        desk.feeds = {name: site.url("/feed/")}
        with desk.app() as app:
            assert desk.backfill(app).tally.new == 1
            desk.now += 10 * DAY
            prune.run(app, now=lambda: desk.now)
            entries = views.items(app.store, limit=0)
    assert {one.feed for one in entries} == {"paper", "herald"}
    assert len({one.story_id for one in entries}) == 1

"""The rules of routes, without anybody to ask."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.backfill import older, paged, sitemap, wayback, wordpress
from monitor.backfill.completeness import by_month, empty_months, months, statement
from monitor.backfill.route import GAVE_UP, MOST_PAGES, TRIES, Ask, Failed, Page, Reads
from monitor.backfill.routes import ROUTES
from monitor.domain.backfill import Cursor, Job, JobState, Listed, Listing, RouteName, Site, Span, Tally
from tests.backfill.sites import day

SPAN = Span(day("2024-01-01"), day("2025-01-01"))
FEED = "https://paper.example/feed/"
SITE = Site(api="https://paper.example/wp-json/", kinds=("posts", "reports"), maps=("https://paper.example/map.xml",))
NUMBERS = st.integers(0, 12)


@given(st.dictionaries(NUMBERS, NUMBERS), st.sampled_from([0, 10]))
def test_links_that_lead_anywhere_among_some_pages_come_to_an_end(leads: dict[int, int], before: int) -> None:
    """However the pages lead to one another, each is asked for once at the most."""
    cursor, asked = older.begin(SITE, SPAN, "/0"), list[str]()
    while (ask := older.ask(SITE, SPAN, cursor, None)) is not None:
        asked.append(ask.url)
        number = int(ask.url.strip("/"))
        further = f"/{leads[number]}" if number in leads else ""
        cursor = older.after(SITE, SPAN, cursor, None, Page(f"i{number}", 10, before, older=further))
    assert len(asked) == len(set(asked))
    assert cursor.ended


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_numbered_pages_that_only_repeat_end_soon(shown: list[int]) -> None:
    """A site that gives some pages for whatever number: two in a row that bring nothing new are enough."""
    cursor, asked = paged.begin(SITE, SPAN, FEED), 0
    while paged.ask(SITE, SPAN, cursor, None) is not None:
        page = shown[asked % len(shown)]
        cursor, asked = paged.after(SITE, SPAN, cursor, None, Page(f"i{page}", 10)), asked + 1
    assert asked <= 2 * len(set(shown)) + 2
    assert cursor.ended == "the pages repeat themselves"


@given(
    st.lists(st.sampled_from([404, 500, None, 429, 403]), min_size=TRIES, max_size=TRIES), st.sampled_from(list(ROUTES))
)
def test_refusals_end_every_route_in_a_few_requests(answers: list[int | None], name: RouteName) -> None:
    route = ROUTES[name]
    cursor = route.begin(SITE, SPAN, FEED)
    for asked in range(2 * TRIES + 1):
        if route.ask(SITE, SPAN, cursor, None) is None:
            return
        status = answers[asked % TRIES]
        cursor = route.after(SITE, SPAN, cursor, None, Failed(f"http-{status}", status))
    raise AssertionError(f"{name} goes on asking: {cursor}")


def test_a_page_that_is_tried_in_vain_gives_up_where_it_stands() -> None:
    cursor = replace(older.begin(SITE, SPAN, FEED), page=5)
    for _ in range(TRIES):
        cursor = older.after(SITE, SPAN, cursor, None, Failed("timeout"))
    assert cursor.ended.startswith(GAVE_UP)
    assert (cursor.next, cursor.page) == (FEED, 5)


def test_no_part_has_more_than_some_thousand_pages() -> None:
    cursor = paged.after(SITE, SPAN, Cursor(part=FEED, page=MOST_PAGES), None, Page("new", 10))
    assert cursor.ended == f"{MOST_PAGES} pages"


@pytest.mark.parametrize(
    ("url", "page", "said"),
    [
        ("https://a.example/feed/", 3, "https://a.example/feed/?paged=3"),
        ("https://a.example/?feed=rss2", 2, "https://a.example/?feed=rss2&paged=2"),
        ("https://a.example/feed/?paged=2", 4, "https://a.example/feed/?paged=4"),
    ],
)
def test_pages_of_a_feed_are_numbered(url: str, page: int, said: str) -> None:
    assert paged.numbered(url, page) == said


@pytest.mark.parametrize("api", ["https://a.example/wp-json/", "https://a.example/?rest_route=/"])
def test_wordpress_is_asked_at_whatever_root_it_names(api: str) -> None:
    ask = wordpress.ask(Site(api=api), SPAN, wordpress.begin(Site(), SPAN, ""), None)
    assert ask is not None
    assert ask.url.startswith(f"{api}wp/v2/posts")
    assert ask.url.count("?") == 1
    assert "after=2023-12-31T10%3A00%3A00" in ask.url
    assert "before=2025-01-01T14%3A00%3A00" in ask.url


def test_wordpress_goes_on_from_the_last_post_a_second_before_it() -> None:
    cursor = wordpress.begin(SITE, SPAN, "")
    cursor = wordpress.after(SITE, SPAN, cursor, None, Page("a", 100, older="2024-03-01T12:00:00", total=230))
    ask = wordpress.ask(SITE, SPAN, cursor, None)
    assert ask is not None
    assert "after=2024-03-01T11%3A59%3A59" in ask.url


def test_an_index_that_names_itself_or_leads_too_deep_ends() -> None:
    cursor, asked = sitemap.begin(SITE, SPAN, ""), 0
    while (ask := sitemap.ask(SITE, SPAN, cursor, None)) is not None:
        deeper = Listed(f"{ask.url}x"), Listed(ask.url)
        cursor, asked = sitemap.after(SITE, SPAN, cursor, None, Listing(listings=deeper)), asked + 1
    assert asked == sitemap.DEEPEST + 1


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://a.example/2024/05/01/title", True), ("https://a.example/2023/05/title", False),
        ("https://a.example/2023/12/31/title", True), ("https://a.example/news/title-2019", True),
        ("https://a.example/2025-01-02-title", True), ("https://a.example/20260101/title", True),
    ],
)  # fmt: skip
def test_an_address_with_a_month_says_whether_it_may_be_of_the_range(url: str, may: bool) -> None:
    assert (sitemap.wanted(Listing((Listed(url),)), SPAN) != ()) is may


def test_captures_are_asked_for_as_they_were_taken_and_the_index_goes_on_by_its_key() -> None:
    site = Site(api="https://archive.example")
    listing = Listing((Listed(FEED, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),), more="key 2")
    cursor = wayback.begin(False, site, SPAN, FEED)
    assert wayback.ask(False, site, SPAN, cursor, listing) == Ask(
        f"https://archive.example/web/20240506070809id_/{FEED}", Reads.FEED, listing.items[0], metered=True, base=FEED
    )
    cursor = wayback.after(False, site, SPAN, cursor, listing, Page("a", 10))
    assert (cursor.next, cursor.at) == ("key 2", 0)
    ask = wayback.ask(False, site, SPAN, cursor, None)
    assert ask is not None
    assert "resumeKey=key+2" in ask.url
    assert "collapse=digest" in ask.url


MOMENTS = st.integers(-800, 10_000).map(lambda hours: day("2024-01-01") + timedelta(hours=hours))


@given(st.lists(MOMENTS))
def test_counted_by_month_nothing_is_lost_and_what_is_empty_between_is_named(dates: list[datetime]) -> None:
    inside = [date for date in dates if SPAN.holds(date)]
    counted = by_month(inside)
    assert sum(counted.values()) == len(inside)
    assert set(counted) <= set(months(SPAN))
    empty = empty_months(SPAN, counted)
    told = sum(_length(stretch) for stretch in empty)
    between = [month for month in months(SPAN) if counted and min(counted) < month < max(counted)]
    assert told == len([month for month in between if month not in counted])


def _length(stretch: str) -> int:
    first, _, last = stretch.partition(" to ")
    return 1 if not last else int(last[5:]) - int(first[5:]) + 1


def test_the_statement_names_what_is_missing() -> None:
    tally = Tally(requests=12, undated=2, failures={"http-500": 3})
    job = Job(
        1, "paper", SPAN, 100, SPAN.since, state=JobState.STOPPED, detail="spent", tally=tally, declared=9,
        gaps=("/a: http-500",),
    )  # fmt: skip
    said = statement(job, [day("2024-02-03"), day("2024-06-03")])
    assert (said.found, said.declared, said.requests) == (2, 9, 12)
    assert said.gaps == (
        "/a: http-500",
        "nothing in 2024-03 to 2024-05",
        "3 pages not had (http-500)",
        "2 without a date, of which nobody knows whether they belong here",
        "not at its end: spent",
    )


def test_a_rate_tells_the_time_that_is_left() -> None:
    job = Job(1, "paper", SPAN, 100, SPAN.since, declared=300, tally=Tally(entries=100, seconds=50.0))
    assert (job.rate, job.left) == (2.0, 100.0)
    assert replace(job, declared=None).left is None
    assert timedelta(seconds=job.left or 0) == timedelta(seconds=100)

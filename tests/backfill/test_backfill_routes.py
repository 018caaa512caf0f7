"""Routes that lead through a feed's own pages and WordPress's interface, against sites on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.demo.answer import Answer
from monitor.domain.backfill import JobState, RouteName, Span
from monitor.domain.entry import Origin
from monitor.jobs.backfill import run as backfill
from monitor.jobs.backfill.run import Wanted
from monitor.store import pauses
from tests.backfill.desk import DAY, NOW, SPAN, SUBJECT, Desk, doubles, months, stored, titles
from tests.backfill.sites import Blog, Chain, Post, Site, WordPress, day, json_feed, posts

JANUARY = day("2024-01-03")
OnBlog = Callable[[Blog], tuple[Desk, WordPress]]
OnChain = Callable[[Chain], tuple[Desk, Chain]]


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def wordpress(tmp_path: Path, opened: ExitStack) -> OnBlog:
    def build(blog: Blog) -> tuple[Desk, WordPress]:
        site = opened.enter_context(WordPress(blog))
        return Desk(tmp_path, {"paper": site.url("/feed/")}), site

    return build


@pytest.fixture
def chain(tmp_path: Path, opened: ExitStack) -> OnChain:
    def build(site: Chain) -> tuple[Desk, Chain]:
        opened.enter_context(site)
        return Desk(tmp_path, {"paper": site.url("/feed/1")}), site

    return build


def test_all_posts_of_the_range_come_by_the_interface_and_their_number_is_proved(wordpress: OnBlog) -> None:
    blog = Blog(posts(250, first=JANUARY, apart=DAY) + posts(30, first=day("2025-02-01"), apart=DAY, begin=900))
    desk, site = wordpress(blog)
    with desk.app() as app:
        job = desk.backfill(app)
        said = backfill.stated(app, job)
        assert (job.state, job.route) == (JobState.DONE, "wordpress")
        assert (said.found, said.declared, said.gaps) == (250, 250, ())
        assert said.by_month["2024-01"] == 29
        assert len(titles(app)) == 250
        assert not any("paged" in target for target in site.asked)


def test_what_a_backfill_brings_is_classified_searchable_and_not_announced(wordpress: OnBlog) -> None:
    young = Post(7, NOW - timedelta(hours=3), SUBJECT)
    desk, _ = wordpress(Blog([*posts(5, first=day("2026-11-01"), apart=DAY, begin=100), young]))
    with desk.app() as app:
        desk.backfill(app, span=Span(day("2026-11-01"), day("2026-11-23")))
        one = stored(app)[SUBJECT]
        assert (one.origin, one.announceable) == (Origin.BACKFILL, False)
        assert one.scores["returns"].probability > 0.5
        assert one.countries


@pytest.mark.parametrize("hours", [-11, 0, 9, 13])
def test_bounds_are_those_of_the_site_s_own_time_and_no_post_at_the_edge_is_lost(wordpress: OnBlog, hours: int) -> None:
    edges = [
        Post(1, SPAN.since), Post(2, SPAN.since - timedelta(seconds=1)),
        Post(3, SPAN.until - timedelta(seconds=1)), Post(4, SPAN.until),
    ]  # fmt: skip
    desk, _ = wordpress(Blog(edges, zone=timedelta(hours=hours)))
    with desk.app() as app:
        job = desk.backfill(app, route=RouteName.WORDPRESS)
        said = backfill.stated(app, job)
        assert titles(app) == ["Harbour notes, part 1", "Harbour notes, part 3"]
        assert (said.found, said.declared) == (2, 2)


def test_more_posts_of_one_second_than_fit_on_a_page_are_all_found(wordpress: OnBlog) -> None:
    same = [Post(n, JANUARY) for n in range(1, 231)]
    desk, _ = wordpress(Blog([*same, *posts(20, first=day("2024-02-01"), apart=DAY, begin=500)]))
    with desk.app() as app:
        job = desk.backfill(app)
        assert (len(titles(app)), backfill.stated(app, job).declared) == (250, 250)


def test_posts_that_come_and_go_meanwhile_move_no_other_out_of_sight(wordpress: OnBlog) -> None:
    blog = Blog(posts(250, first=JANUARY, apart=timedelta(hours=20)))
    desk, site = wordpress(blog)
    went = {post.headline for post in blog.posts[:3]}

    def change(target: str) -> None:
        if "per_page=100" in target and len(blog.posts) == 250:
            del blog.posts[:3]
            blog.posts.append(Post(999, day("2024-12-30")))

    with desk.app() as app:
        jobs = desk.begin(app)
        site.before = change
        desk.run(app, jobs)
        assert len(titles(app)) == 248
        assert not went & set(titles(app))
        assert doubles(app) == []


@pytest.mark.parametrize("says", [True, False])
def test_a_site_below_a_path_is_found_there(wordpress: OnBlog, says: bool) -> None:
    desk, site = wordpress(Blog(posts(20, first=JANUARY, apart=DAY), at="/blog", says=says, generator=not says))
    desk.feeds["paper"] = site.url("/blog/feed/")
    with desk.app() as app:
        assert desk.backfill(app).site.api == site.url("/blog/wp-json/")
        assert len(titles(app)) == 20


@pytest.mark.parametrize("says", [True, False])
def test_the_feed_of_a_part_of_a_site_brings_that_part(wordpress: OnBlog, says: bool) -> None:
    desk, site = wordpress(Blog(posts(20, first=JANUARY, apart=DAY), says=says))
    desk.feeds["paper"] = site.url("/category/piers/feed/")
    with desk.app() as app:
        assert desk.backfill(app).route == "paged"


def test_other_kinds_of_posts_come_along_and_those_that_are_shut_are_named(wordpress: OnBlog) -> None:
    reports = posts(12, first=JANUARY, apart=DAY, begin=300, kind="reports")
    blog = Blog([*posts(8, first=JANUARY, apart=DAY), *reports], kinds=("posts", "reports"), shut_kinds=("briefs",))
    desk, _ = wordpress(blog)
    with desk.app() as app:
        job = desk.backfill(app)
        assert (len(titles(app)), job.declared, job.site.kinds) == (20, 20, ("posts", "reports"))


def test_times_in_other_digits_are_read(wordpress: OnBlog) -> None:
    desk, _ = wordpress(Blog(posts(5, first=JANUARY, apart=DAY), digits="٠١٢٣٤٥٦٧٨٩"))
    with desk.app() as app:
        job = desk.backfill(app, route=RouteName.WORDPRESS)
        assert months(app, job) == {"2024-01": 5}


def test_without_totals_the_walk_ends_and_the_number_is_unknown(wordpress: OnBlog) -> None:
    desk, _ = wordpress(Blog(posts(120, first=JANUARY, apart=DAY), totals=False))
    with desk.app() as app:
        job = desk.backfill(app)
        assert (job.state, len(titles(app))) == (JobState.DONE, 120)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_where_the_interface_is_shut_the_feed_s_pages_are_read(wordpress: OnBlog, status: int) -> None:
    blog = Blog(posts(47, first=day("2023-12-20"), apart=DAY), rest=status)
    desk, _ = wordpress(blog)
    with desk.app() as app:
        job = desk.backfill(app)
        assert (job.route, job.state, job.detail) == ("paged", JobState.DONE, "past the last page")
        assert len(titles(app)) == sum(SPAN.holds(post.at) for post in blog.posts)
        assert backfill.stated(app, job).declared is None


def test_an_interface_that_is_shut_is_named_where_it_was_asked_for(wordpress: OnBlog) -> None:
    desk, _ = wordpress(Blog(posts(5, first=JANUARY, apart=DAY), rest=401))
    with desk.app() as app:
        wanted = Wanted(SPAN, RouteName.WORDPRESS)
        feeds = [app.settings.feeds["paper"]]
        (planned,) = backfill.plan(app, feeds, wanted, now=lambda: desk.now, parser=desk.parser)
        assert planned.job is None
        assert "http-401" in planned.notes[-1]


def test_a_theme_that_repeats_page_1_past_the_end_is_noticed(wordpress: OnBlog) -> None:
    desk, site = wordpress(Blog(posts(35, first=JANUARY, apart=DAY), rest=401, repeats=True))
    with desk.app() as app:
        job = desk.backfill(app)
        assert (job.state, job.detail) == (JobState.DONE, "the pages repeat themselves")
        assert len(titles(app)) == 35
        assert sum("paged=" in target for target in site.asked) <= 6


def test_a_post_published_meanwhile_hides_none_and_doubles_none(wordpress: OnBlog) -> None:
    blog = Blog(posts(40, first=JANUARY, apart=DAY), rest=401)
    desk, site = wordpress(blog)

    def publish(target: str) -> None:
        if target.endswith("paged=3"):
            blog.posts.append(Post(900 + len(blog.posts), day("2024-11-01") + DAY * len(blog.posts)))

    with desk.app() as app:
        jobs = desk.begin(app)
        site.before = publish
        desk.run(app, jobs)
        assert set(titles(app)) >= {f"Harbour notes, part {n}" for n in range(1, 41)}
        assert doubles(app) == []


def test_pages_older_than_the_range_end_the_walk(wordpress: OnBlog) -> None:
    blog = Blog(posts(500, first=day("2022-01-01"), apart=2 * DAY), rest=401)
    desk, site = wordpress(blog)
    with desk.app() as app:
        job = desk.backfill(app, span=Span(day("2024-06-01"), day("2025-01-01")))
        assert job.detail == "3 pages in a row hold only what is older"
        assert sum("paged=" in target for target in site.asked) < 20


def test_links_to_older_pages_are_followed_to_the_last(chain: OnChain) -> None:
    desk, _ = chain(Chain(posts(45, first=JANUARY, apart=DAY)))
    with desk.app() as app:
        job = desk.backfill(app)
        assert (job.route, job.state, job.tally.pages) == ("rfc5005", JobState.DONE, 5)
        assert len(titles(app)) == 45


def test_a_feed_that_says_it_is_complete_is_read_once(chain: OnChain) -> None:
    desk, site = chain(Chain(posts(8, first=JANUARY, apart=DAY), whole=True))
    with desk.app() as app:
        job = desk.backfill(app)
        said = backfill.stated(app, job)
        assert (said.found, said.declared, job.detail) == (8, 8, "the feed says that it is complete")
        assert site.asked == ["/feed/1", "/feed/1"]


def test_pages_in_a_circle_end(chain: OnChain) -> None:
    site = Chain(posts(30, first=JANUARY, apart=DAY))
    site.leads[3] = "/feed/2"
    desk, _ = chain(site)
    with desk.app() as app:
        job = desk.backfill(app)
        assert (job.state, job.detail) == (JobState.DONE, "the pages lead in a circle")
        assert len(titles(app)) == 30


def test_a_page_that_is_gone_is_a_gap_by_its_address(chain: OnChain) -> None:
    site = Chain(posts(50, first=JANUARY, apart=DAY))
    site.gone.add(4)
    desk, _ = chain(site)
    with desk.app() as app:
        job = desk.backfill(app)
        assert job.state is JobState.DONE
        assert [gap.rpartition(": ")[2] for gap in job.gaps] == ["http-404"]
        assert any("/feed/4" in gap for gap in backfill.stated(app, job).gaps)


def test_json_feeds_lead_on_by_next_url(tmp_path: Path) -> None:
    class Json(Site):
        def answer(self, path: str, _: object) -> Answer:
            number = int(path.rpartition("/")[2])
            shown = posts(10, first=JANUARY + DAY * 10 * (4 - number), apart=DAY, begin=number * 10)
            further = f"/feed/{number + 1}" if number < 4 else ""
            return Answer(json_feed(self.root, shown, further), "application/feed+json", etag=False)

    with Json() as site, (desk := Desk(tmp_path, {"paper": site.url("/feed/1")})).app() as app:
        job = desk.backfill(app)
        assert (job.route, len(titles(app))) == ("rfc5005", 40)


def test_a_server_that_fails_a_while_is_asked_again_and_then_given_up_to_be_resumed(chain: OnChain) -> None:
    site = Chain(posts(40, first=JANUARY, apart=DAY))
    desk, _ = chain(site)
    broken = [True]
    real = site.answer
    site.answer = lambda path, query: (  # type: ignore[method-assign]
        Answer(b"", "text/plain", 503, etag=False) if broken[0] and path == "/feed/3" else real(path, query)
    )
    with desk.app() as app:
        job = desk.backfill(app)
        assert (job.state, job.detail) == (JobState.FAILED, "gave up: http-503, 3 times in a row")
        assert len(titles(app)) == 20
        broken[0] = False
        (job,) = desk.run(app, [job])
        assert (job.state, len(titles(app))) == (JobState.DONE, 40)


def test_a_429_shuts_the_domain_and_the_job_waits_or_is_resumed(chain: OnChain) -> None:
    site = Chain(posts(40, first=JANUARY, apart=DAY))
    desk, _ = chain(site)
    left = [1]
    real = site.answer

    def answer(path: str, query: object) -> Answer:
        if path == "/feed/3" and left[0]:
            left[0] -= 1
            return Answer(b"", "text/plain", 429, {"Retry-After": "90"}, etag=False)
        return real(path, query)  # type: ignore[arg-type]

    site.answer = answer  # type: ignore[method-assign]
    with desk.app() as app:
        jobs = desk.begin(app)
        (job,) = desk.run(app, jobs, stop=_after(4))
        assert job.state is JobState.PAUSED
        assert job.pause_until == desk.now + timedelta(seconds=90)
        assert list(pauses.paused(app.store, now=desk.now)) == ["feed:paper"]
        (job,) = desk.run(app, [job])
        assert desk.now >= NOW + timedelta(seconds=90)
        assert (job.state, len(titles(app))) == (JobState.DONE, 40)


def _after(times: int) -> Callable[[], bool]:
    """Say "stop" from the given question on."""
    asked = [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > times

    return stop


def test_what_live_polling_had_is_not_touched(wordpress: OnBlog) -> None:
    blog = Blog(posts(12, first=day("2024-03-01"), apart=DAY))
    desk, _ = wordpress(blog)
    with desk.app() as app:
        desk.poll(app)
        before = stored(app)
        blog.posts[11] = Post(12, blog.posts[11].at, text="Other words altogether, which the interface gives today.")
        job = desk.backfill(app)
        after = stored(app)
        assert {title: after[title] for title in before} == before
        assert (job.tally.new, job.tally.known) == (2, 10)


def test_a_second_feed_of_the_source_does_not_bring_the_whole_site_again(wordpress: OnBlog) -> None:
    desk, site = wordpress(Blog(posts(20, first=JANUARY, apart=DAY)))
    desk.feeds["briefs"] = site.url("/feed/")
    with desk.app() as app:
        planned = desk.plan(app)
        assert [job.route if job else "" for job in planned] == ["paged", "wordpress"]

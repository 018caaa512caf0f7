"""Routes that lead through listings: sitemaps with the pages of articles, and the Wayback Machine."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import build
from monitor.domain.backfill import Cursor, JobState, RouteName, Span
from monitor.jobs.backfill import run as backfill
from monitor.settings.load import load
from monitor.store import pauses
from tests.backfill.desk import DAY, NOW, Desk, doubles, job_of, months, stored, titles
from tests.backfill.sites import LONG, Capture, Chain, Mapped, Post, Wayback, article, day, posts, rss, urlset

MARCH = Span(day("2024-03-01"), day("2024-04-01"))


def desk_of(folder: Path, site: Mapped, archive: Wayback | None = None) -> Desk:
    more = f'[backfill]\nwayback = "{archive.url("")}"\nwayback_interval = "0s"\n' if archive else ""
    return Desk(folder, {"paper": site.url("/feed.xml")}, more)


def with_articles(site: Mapped, *days: int) -> None:
    for n in days:
        site.pages[f"/news/{n}"] = article(f"Quay wall, part {n}", LONG, date=f"2024-03-{n:02}T08:00:00Z")


def test_an_index_three_deep_is_walked_and_its_pages_become_entries(tmp_path: Path) -> None:
    with Mapped(robots="Sitemap: {root}/index.xml\n") as site:
        site.maps = {
            "/index.xml": urlset(("/years.xml", ""), kind="sitemapindex"),
            "/years.xml": urlset(("/2024.xml", "2024-05-01"), ("/2019.xml", "2019-12-31"), kind="sitemapindex"),
            "/2024.xml": urlset(("/march.xml", ""), ("/index.xml", ""), kind="sitemapindex"),
            "/march.xml": urlset(*((f"/news/{n}", "2024-03-20") for n in range(1, 7)), ("/news/old", "2024-02-01")),
        }
        with_articles(site, *range(1, 7))
        with desk_of(tmp_path, site).app() as app:
            desk = desk_of(tmp_path, site)
            job = desk.backfill(app, span=MARCH)
            assert (job.route, job.state) == ("sitemap", JobState.DONE)
            assert titles(app) == [f"Quay wall, part {n}" for n in range(1, 7)]
            assert months(app, job) == {"2024-03": 6}
            one = stored(app)["Quay wall, part 3"].entry
            assert one.published == day("2024-03-03")
            assert "third report" in one.text
            assert not {"/2019.xml", "/news/old"} & set(site.asked)
            assert len(set(site.asked)) == len(site.asked) - 2, "only robots.txt and the index were asked twice"


def test_a_month_in_an_address_saves_the_request(tmp_path: Path) -> None:
    with Mapped() as site:
        site.maps["/sitemap.xml"] = urlset(("/2023/07/pier", ""), ("/2024/03/pier", ""), ("/2024/11/02/pier", ""))
        site.pages["/2024/03/pier"] = article("The pier opens", LONG, date="2024-03-09")
        desk = desk_of(tmp_path, site)
        with desk.app() as app:
            desk.backfill(app, span=MARCH, route=RouteName.SITEMAP)
            assert titles(app) == ["The pier opens"]
            assert not any("2023" in target or "2024/11" in target for target in site.asked)


def test_robots_txt_keeps_a_backfill_away_from_what_it_forbids(tmp_path: Path) -> None:
    robots = "Sitemap: {root}/map.xml\nUser-agent: *\nDisallow: /news/2\n"
    with Mapped(robots=robots) as site:
        site.maps["/map.xml"] = urlset(*((f"/news/{n}", "") for n in (1, 2, 3)))
        with_articles(site, 1, 2, 3)
        desk = desk_of(tmp_path, site)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH)
            assert titles(app) == ["Quay wall, part 1", "Quay wall, part 3"]
            assert job.tally.failures == {"robots": 1}
            assert "/news/2" not in site.asked


def test_pages_that_are_none_or_of_another_time_are_left_out_and_told(tmp_path: Path) -> None:
    with Mapped() as site:
        site.maps["/sitemap.xml"] = urlset(*((f"/news/{n}", "") for n in (1, 2, 3, 4, 5)))
        with_articles(site, 1)
        site.pages["/news/2"] = article("Too old", LONG, date="2022-03-02")
        site.pages["/news/3"] = article("A caption", "Short.", date="2024-03-02")
        site.pages["/news/4"] = article("Of no day", LONG)
        desk = desk_of(tmp_path, site)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH, route=RouteName.SITEMAP)
            said = backfill.stated(app, job)
            assert titles(app) == ["Quay wall, part 1"]
            assert (job.tally.outside, job.tally.failures) == (1, {"short": 1, "http-404": 1})
            assert any("/news/5: http-404" in gap for gap in said.gaps)


def test_a_page_that_the_feed_had_brought_is_known_by_its_link(tmp_path: Path) -> None:
    with Mapped() as site:
        site.feed = [Post(1, day("2024-03-01"), "In the feed's own words")]
        site.maps["/sitemap.xml"] = urlset(("/1/", ""), ("/news/2", ""))
        site.pages["/1/"] = article("On the page it is called otherwise", LONG, date="2024-03-01")
        with_articles(site, 2)
        desk = desk_of(tmp_path, site)
        with desk.app() as app:
            desk.poll(app)
            job = desk.backfill(app, span=MARCH, route=RouteName.SITEMAP)
            assert titles(app) == ["In the feed's own words", "Quay wall, part 2"]
            assert (job.tally.new, job.tally.known) == (1, 1)


def test_a_site_without_a_sitemap_and_without_captures_has_no_route(tmp_path: Path) -> None:
    with Mapped() as site, Wayback() as archive:
        desk = desk_of(tmp_path, site, archive)
        with desk.app() as app:
            assert desk.plan(app, span=MARCH) == [None]


def test_an_address_that_holds_a_secret_is_not_told_to_the_wayback_machine(tmp_path: Path) -> None:
    with Mapped() as site, Wayback() as archive:
        desk = desk_of(tmp_path, site, archive)
        desk.feeds["paper"] += "?key=${WIRE_KEY}"
        with build(load(desk.write(), {"WIRE_KEY": "correct-horse"})) as app:
            assert desk.plan(app, span=MARCH) == [None]
            assert archive.asked == []


def test_where_the_cursor_would_hold_a_secret_it_holds_nothing_and_the_job_begins_anew(tmp_path: Path) -> None:
    with Chain(posts(40, first=day("2024-03-01"), apart=DAY / 2)) as site:
        for number in range(1, 4):
            site.leads[number] = f"/feed/{number + 1}?key=correct-horse"
        desk = Desk(tmp_path, {"paper": site.url("/feed/1?key=${WIRE_KEY}")})
        with build(load(desk.write(), {"WIRE_KEY": "correct-horse"})) as app:
            job = desk.backfill(app, span=MARCH, budget=3)
            assert (job.state, len(titles(app))) == (JobState.STOPPED, 20)
            assert job_of(app, job.id).cursor == Cursor()
            (job,) = desk.run(app, backfill.extend(app, [job_of(app, job.id)], 9))
            assert (job.state, len(titles(app)), doubles(app)) == (JobState.DONE, 40, [])
            assert b"correct-horse" not in (tmp_path / "var" / "monitor.db").read_bytes()


def captures(site: Mapped, archive: Wayback) -> None:
    """Six captures of the feed, each with ten entries, five of them the next one's too."""
    for n in range(6):
        shown = [Post(5 * n + k, day("2024-03-01") + timedelta(hours=12) * (5 * n + k)) for k in range(10)]
        stamp = (day("2024-03-06") + 2 * DAY * n).strftime("%Y%m%d120000")
        archive.captures.append(Capture(stamp, site.url("/feed.xml"), rss(site.root, shown)))


def test_captures_of_the_feed_bring_its_entries_with_their_own_dates(tmp_path: Path) -> None:
    with Mapped() as site, Wayback() as archive:
        captures(site, archive)
        desk = desk_of(tmp_path, site, archive)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH)
            assert (job.route, job.state, len(titles(app)), doubles(app)) == ("wayback", JobState.DONE, 35, [])
            assert stored(app)["Harbour notes, part 3"].entry.published == day("2024-03-01") + timedelta(hours=36)
            assert sum("cdx" in target for target in archive.asked) == 3, "to look, and two parts by the resume key"


def test_a_429_of_the_index_is_obeyed_for_a_minute_and_the_next_for_two(tmp_path: Path) -> None:
    with Mapped() as site, Wayback() as archive:
        captures(site, archive)
        archive.busy = {3, 5}
        desk = desk_of(tmp_path, site, archive)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH)
            assert (job.state, len(titles(app))) == (JobState.DONE, 35)
            assert desk.now >= NOW + timedelta(seconds=60 + 120)
            assert job.tally.failures == {"http-429": 2}
            assert pauses.paused(app.store, now=desk.now) == {}


def test_captures_that_are_no_feed_are_passed_over(tmp_path: Path) -> None:
    with Mapped() as site, Wayback() as archive:
        captures(site, archive)
        blocked = b"<!doctype html><title>429 Too Many Requests</title>"
        archive.captures.insert(2, Capture("20240309120000", site.url("/feed.xml"), blocked))
        desk = desk_of(tmp_path, site, archive)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH)
            assert (job.state, len(titles(app)), sum(job.tally.failures.values())) == (JobState.DONE, 35, 1)


def test_captures_of_pages_bring_articles_by_the_date_on_the_page(tmp_path: Path) -> None:
    with Mapped() as site, Wayback(per_part=10) as archive:
        for n, date in ((1, "2024-03-04"), (2, "2021-06-06"), (3, "")):
            page = article(f"Pier, part {n}", LONG, date=date)
            archive.captures.append(Capture("20240320080000", site.url(f"/stories/{n}"), page))
        archive.captures.append(Capture("20240320080000", site.url("/tag/pier/"), article("Pier", LONG)))
        desk = desk_of(tmp_path, site, archive)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH, route=RouteName.WAYBACK_PAGES)
            assert (job.state, titles(app)) == (JobState.DONE, ["Pier, part 1"])
            assert not any("/tag/" in target for target in archive.asked)


@pytest.mark.parametrize("budget", [6, 9])
def test_a_budget_ends_a_job_in_the_middle_of_a_listing_and_it_goes_on_there(tmp_path: Path, budget: int) -> None:
    with Mapped() as site:
        site.maps["/sitemap.xml"] = urlset(*((f"/news/{n}", "") for n in range(1, 13)))
        with_articles(site, *range(1, 13))
        desk = desk_of(tmp_path, site)
        with desk.app() as app:
            job = desk.backfill(app, span=MARCH, route=RouteName.SITEMAP, budget=budget)
            assert (job.state, job.tally.requests) == (JobState.STOPPED, budget)
            before = len(titles(app))
            assert 0 < before < 12
            asked = set(site.asked)
            (job,) = desk.run(app, backfill.extend(app, [job], 50))
            assert (job.state, len(titles(app))) == (JobState.DONE, 12)
            assert [target for target in site.asked if "/news/" in target].count("/news/1") == 1
            assert asked < set(site.asked)

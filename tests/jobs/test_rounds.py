"""Rounds: a domain with many feeds keeps no other waiting, and its distance is kept over a restart."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from monitor.app import App, build
from monitor.domain.feed import FeedMemory, FeedUpdate, Outcome, PollEvent
from monitor.fetch.politeness import Politeness
from monitor.jobs import rounds
from monitor.settings.load import load
from monitor.store import feeds, pauses
from monitor.store.feeds import Which
from tests.conftest import NOW

DAY = timedelta(days=1)
Opener = Callable[..., App]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Builds an App over feeds of these addresses, each of them named by its place: f0, f1 …"""
    apps: list[App] = []

    def make(*urls: str, more: str = "") -> App:
        folder = tmp_path / "config"
        folder.mkdir(exist_ok=True)
        (folder / "monitor.toml").write_text(more, encoding="utf-8")
        lines = "".join(f'f{n} = "{url}"\n' for n, url in enumerate(urls))
        (folder / "feeds.toml").write_text(f'[sources.x]\ntitle = "X"\n[sources.x.feeds]\n{lines}', encoding="utf-8")
        app = build(load(folder), with_model=False)
        apps.append(app)
        feeds.sync(app.store, app.settings.enabled_feeds(), now=NOW)
        return app

    yield make
    for app in apps:
        app.close()


def taken(app: App, *, at: timedelta = timedelta()) -> list[str]:
    found = rounds.due(app, list(app.settings.feeds), Which.DUE, now=NOW + at)
    return rounds.choose(app, found, now=NOW + at)


def polled(app: App, name: str, *, again: timedelta, memory: FeedMemory | None = None, seconds: float = 1.0) -> None:
    (state,) = feeds.claim(app.store, [name], Which.NAMED, now=NOW, lease=DAY)
    event = PollEvent(name, NOW, Outcome.OK, 200, seconds=seconds)
    feeds.apply(app.store, FeedUpdate(event, NOW + again, "interval", state.lease, 0.0, memory=memory or FeedMemory()))


def test_a_domain_takes_no_more_turns_in_a_round_than_fit_into_it(opened: Opener) -> None:
    many = [f"https://feeds{n}.big.example/feed" for n in range(40)]
    app = opened(*many, "https://small.example/feed", more='[fetch]\ndomain_interval = "5s"')
    domains = Counter(urlsplit(app.settings.feeds[name].url).hostname[-11:] for name in taken(app))  # type: ignore[index]
    assert domains == {"big.example": 12, "all.example": 1}


def test_where_the_interval_is_longer_than_a_round_one_feed_a_domain_is_taken(opened: Opener) -> None:
    app = opened("https://a.example/1", "https://a.example/2", more='[fetch]\ndomain_interval = "10m"')
    assert taken(app) == ["f0"]


def test_without_an_interval_all_are_taken(opened: Opener) -> None:
    app = opened(*(f"https://a.example/{n}" for n in range(30)), more='[fetch]\ndomain_interval = "0s"')
    assert len(taken(app)) == 30


def test_the_longest_due_are_taken_first(opened: Opener) -> None:
    app = opened("https://a.example/1", "https://a.example/2", more='[fetch]\ndomain_interval = "10m"')
    polled(app, "f0", again=timedelta(hours=3))
    polled(app, "f1", again=timedelta(hours=1))
    assert taken(app, at=timedelta(hours=4)) == ["f1"]


def test_feeds_are_counted_by_the_domain_that_they_have_moved_to(opened: Opener) -> None:
    app = opened("https://old.example/1", "https://new.example/2", more='[fetch]\ndomain_interval = "10m"')
    moved = FeedMemory(moved_to="https://new.example/1", moved_since=NOW - 8 * DAY)
    polled(app, "f0", again=timedelta(hours=1), memory=moved)
    polled(app, "f1", again=timedelta(hours=2))
    assert taken(app, at=timedelta(hours=3)) == ["f0"]


def test_a_domain_that_is_shut_is_not_due_by_whichever_address_it_is_reached(opened: Opener) -> None:
    app = opened("https://old.example/1", "https://other.example/2")
    polled(
        app, "f0", again=timedelta(hours=1),
        memory=FeedMemory(moved_to="https://busy.example/1", moved_since=NOW - 8 * DAY),
    )  # fmt: skip
    pauses.pause(app.store, "domain:busy.example", NOW + DAY)
    assert taken(app, at=timedelta(hours=2)) == ["f1"]


def restarted(app: App) -> Politeness:
    """What a new process over the same store begins with; its clock stands."""
    return Politeness(app.settings.options.fetch, lambda: 1000.0)


def test_a_restart_keeps_the_distance_from_the_polls_before_it(opened: Opener) -> None:
    app = opened("https://a.example/1", "https://b.example/1", more='[fetch]\ndomain_interval = "30s"')
    polled(app, "f0", again=DAY, seconds=4.0)
    politeness = restarted(app)
    rounds.keep_distance(app, politeness, now=NOW + timedelta(seconds=6))
    assert politeness.wait("domain:a.example") == pytest.approx(20.0)
    assert politeness.wait("domain:b.example") <= 0
    assert not politeness.take("domain:a.example", 30.0)


def test_polls_of_long_ago_and_of_private_hosts_hold_nobody_up(opened: Opener) -> None:
    app = opened("https://a.example/1", "http://127.0.0.1/2", more='[fetch]\ndomain_interval = "30s"')
    polled(app, "f0", again=DAY)
    polled(app, "f1", again=DAY)
    politeness = restarted(app)
    rounds.keep_distance(app, politeness, now=NOW + timedelta(minutes=1))
    assert politeness.wait("domain:a.example") <= 0
    rounds.keep_distance(app, politeness, now=NOW)
    assert politeness.wait("feed:f1") <= 0


def test_what_was_asked_for_and_not_polled_is_named() -> None:
    assert rounds.unpolled(["b", "a", "c"], ["b"]) == ("a", "c")

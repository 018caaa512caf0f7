"""What entries tell, and the stories they are in: the poll job over a feed server, two newspapers and an agency."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest

from monitor.app import App, Model, build
from monitor.dedupe.keys import candidate_keys
from monitor.dedupe.remembered import Remembered
from monitor.demo.server import FeedServer
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Counted, Measure, Role, Stage
from monitor.domain.story import WINDOW
from monitor.extract.facts import extract
from monitor.jobs import poll, prune
from monitor.jobs.neighbours import lately
from monitor.pipeline import Fresh, made_ready
from monitor.settings.load import load
from monitor.store import views
from monitor.store.neighbours import Wanted, nearest

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
FEEDS = ("agency", "harbour", "courrier")
COPY = "Belgium brings home six women and 16 children from Roj camp"
BODY = (
    "BRUSSELS. A military plane landed at Melsbroek shortly before dawn on Sunday, the foreign ministry said. Two of "
    "the women had been convicted in their absence of membership of Islamic State and were arrested on arrival."
)
OTHER = ("Six mères et seize enfants belges rapatriés de Syrie", "L'avion venu de Roj s'est posé à Melsbroek à l'aube.")
LOOK_ALIKE = ("Netherlands brings home four women and nine children from Roj camp", "They landed in Eindhoven.")
ORDINARY = ("Harvest festival draws a record crowd to the valley", "Growers sold 9,000 apples in three days.")


def rss(*items: tuple[str, str], guid: str = "") -> bytes:
    date = format_datetime(NOW - timedelta(hours=1))
    entries = "".join(
        f'<item><guid isPermaLink="false">{guid or title}</guid><title>{escape(title)}</title>'
        f"<description>{escape(text)}</description><pubDate>{date}</pubDate></item>"
        for title, text in items
    )
    return f"<rss version='2.0'><channel><title>Paper</title>{entries}</channel></rss>".encode()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
def app(tmp_path: Path, server: FeedServer) -> Iterator[App]:
    config = tmp_path / "config"
    config.mkdir()
    (config / "monitor.toml").write_text("[fetch]\nallow_private_hosts = true\n", encoding="utf-8")
    sources = "".join(
        f'[sources.{name}]\ntitle = "The {name}"\n[sources.{name}.feeds]\n{name} = "{server.url(f"/{name}.xml")}"\n'
        for name in FEEDS
    )
    (config / "feeds.toml").write_text(sources, encoding="utf-8")
    labels = "[labels.returns]\nthreshold = 0.4\n[labels.policy]\nthreshold = 0.37\n"
    (config / "labels.toml").write_text(labels, encoding="utf-8")
    with build(load(config, {})) as opened:
        yield opened


def bring(app: App, server: FeedServer, after: timedelta = timedelta(), **items: tuple[str, str]) -> None:
    """Let each feed bring one item, one feed after the other."""
    for at, (name, item) in enumerate(items.items()):
        server.add(f"/{name}.xml", rss(item), etag=False)
        moment = NOW + after + timedelta(minutes=at)
        poll.run(app, names=[name], which=poll.Which.NAMED, now=lambda moment=moment: moment)


def stored(app: App) -> dict[str, StoredEntry]:
    return {entry.feed: entry for entry in views.items(app.store, limit=0)}


def test_what_an_entry_tells_is_stored_with_it(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY), harbour=ORDINARY)
    facts = stored(app)["agency"].facts
    roles = {place.country: place.roles for place in facts.places}
    assert {"BE", "SY"} <= set(roles)
    assert Role.ACTOR in roles["BE"]
    assert Role.EVENT in roles["SY"]
    assert (Measure.REPATRIATION, "BE", Stage.APPLIED) in {(m.measure, m.country, m.stage) for m in facts.measures}
    assert {(f.low, f.high, f.of) for f in facts.figures} >= {(6, 6, Counted.WOMEN), (16, 16, Counted.CHILDREN)}
    ordinary = stored(app)["harbour"].facts
    assert (ordinary.measures, ordinary.figures) == ((), ())


def test_what_came_while_no_model_was_there_is_told_once_there_is_one(app: App, server: FeedServer) -> None:
    bring(replace(app, model=Model(None, "the model is damaged")), server, agency=(COPY, BODY), harbour=ORDINARY)
    assert stored(app)["agency"].facts.measures == ()
    poll.run(app, names=[], now=lambda: NOW)
    assert stored(app)["agency"].facts.measures == extract(COPY, BODY).measures != ()
    assert stored(app)["harbour"].facts.measures == ()


def test_a_copy_under_another_headline_is_known_as_one(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY), harbour=("Plane with 22 Belgians from Syria lands", BODY + " — Agency"))
    first, second = stored(app)["agency"], stored(app)["harbour"]
    assert (second.copy_of, second.story_id) == (first.id, first.story_id)
    assert first.copy_of is None


def test_two_tellings_in_two_languages_are_one_story(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY), courrier=OTHER)
    assert len({entry.story_id for entry in stored(app).values()}) == 1
    assert all(entry.copy_of is None for entry in stored(app).values())


def test_another_countrys_flight_is_another_story(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY), harbour=LOOK_ALIKE)
    assert len({entry.story_id for entry in stored(app).values()}) == 2


def test_what_comes_after_the_window_begins_a_story_of_its_own(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY))
    bring(app, server, timedelta(days=15), courrier=OTHER)
    assert len({entry.story_id for entry in stored(app).values()}) == 2


def test_an_entry_is_compared_by_what_it_says_since_it_was_edited(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY))  # which is remembered from here on
    server.add("/agency.xml", rss(("Correction", "The agency takes back its report."), guid=COPY), etag=False)
    later = NOW + timedelta(hours=1)
    poll.run(app, names=["agency"], which=poll.Which.NAMED, now=lambda: later)
    bring(app, server, timedelta(hours=2), courrier=OTHER)
    entries = stored(app)
    assert entries["agency"].version == 2
    assert entries["courrier"].story_id != entries["agency"].story_id


def test_an_entry_is_remembered_as_it_would_be_read(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY), harbour=LOOK_ALIKE, courrier=OTHER)
    one = stored(app)["harbour"]
    ready = made_ready(one.entry, one.facts, feed="another", seen=NOW)
    new = Fresh(replace(one.entry, key="g:new"), ready, candidate_keys(ready, NOW.date()))
    now = NOW + timedelta(hours=1)
    (remembered,) = lately(app, [new], now=now)
    (read,) = lately(replace(app, remembered=Remembered()), [new], now=now)
    assert remembered == read
    assert len(read) == 3


def test_the_keys_of_what_no_entry_can_join_any_more_are_pruned(app: App, server: FeedServer) -> None:
    bring(app, server, agency=(COPY, BODY))
    one = stored(app)["agency"]
    keys = candidate_keys(made_ready(one.entry, one.facts, feed="agency", seen=NOW), NOW.date())
    prune.run(app, now=lambda: NOW + WINDOW)
    assert [near.id for near in nearest(app.store, [Wanted(keys, NOW, NOW)])[0]] == [one.id]
    prune.run(app, now=lambda: NOW + WINDOW + timedelta(seconds=1))
    assert nearest(app.store, [Wanted(keys, NOW, NOW)]) == [[]]

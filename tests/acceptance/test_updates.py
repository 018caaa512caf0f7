"""From feeds to a second digest: what is new in a told story is told, from the documents to the words, once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App, build
from monitor.demo.server import FeedServer
from monitor.jobs import digest, poll
from monitor.settings.load import load
from monitor.store import digests as store_digests

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY = timedelta(days=1)
FEEDS = ("agency", "harbour", "courrier", "gazette", "ledger")
FIRST = (
    "Belgium brings home six women and 16 children from Roj camp",
    "BRUSSELS. A military plane landed at Melsbroek shortly before dawn on Sunday, the foreign ministry said.",
)
SAME = ("Six mères et seize enfants belges rapatriés de Syrie", "L'avion venu de Roj s'est posé à Melsbroek à l'aube.")
CORRECTED = (
    "Belgium corrects itself: 22 children came home from Roj camp with six women",
    "BRUSSELS. The plane that landed at Melsbroek brought 22 children from Roj camp, the foreign ministry said.",
)


@pytest.fixture
def newsroom(tmp_path: Path, feed_server: FeedServer, config_folder: Callable[..., Any]) -> Iterator[App]:
    feeds = {name: feed_server.url(f"/{name}.xml") for name in FEEDS}
    desk = (
        '[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = ["files"]\nblocks = ["tracker", "ledger"]\n'
        "update_sources = 2\n"
    )
    labels = "[labels.returns]\nthreshold = 0.4\n[labels.policy]\nthreshold = 0.37\n"
    with build(load(config_folder(feeds=feeds, subscriptions=desk, labels=labels), {})) as opened:
        yield opened


def rss(at: datetime, title: str, text: str) -> bytes:
    return (
        f"<rss version='2.0'><channel><title>Paper</title><item><guid isPermaLink='false'>{escape(title)}</guid>"
        f"<title>{escape(title)}</title><description>{escape(text)}</description>"
        f"<pubDate>{format_datetime(at - timedelta(hours=1))}</pubDate></item></channel></rss>"
    ).encode()


def test_a_correction_comes_as_an_update_and_what_says_the_same_does_not(
    newsroom: App, feed_server: FeedServer
) -> None:
    def day(number: int, **items: tuple[str, str]) -> str:
        """Let feeds bring one item each, and send the day's digest; "" where nothing was told."""
        at = NOW + number * DAY
        for name, item in items.items():
            feed_server.add(f"/{name}.xml", rss(at, *item), etag=False)
            poll.run(newsroom, names=[name], which=poll.Which.NAMED, now=lambda: at)
        (sent,) = digest.send(newsroom, ["desk"], now=lambda: at + timedelta(hours=1))
        found = store_digests.digest_of_window(newsroom.store, "desk", sent.key)
        return " ".join(found.text.split()) if found else ""

    first = day(0, agency=FIRST)
    assert "UPDATE" not in first
    assert "Belgium: repatriation, applied" in first[first.index("POLICY TRACKER") :]
    assert "16 children to Belgium" in first
    assert day(1, harbour=SAME) == ""
    update = day(2, courrier=CORRECTED)
    assert "UPDATE, told last 22 Nov 2026: now 22 children, before 16 · +2 sources: Harbour, Courrier" in update
    assert update.index("UPDATE") < update.index(CORRECTED[0])
    assert "22 children" in update[update.index("FIGURES LEDGER") :]
    assert day(3, gazette=CORRECTED) == ""


def test_a_told_entry_that_its_feed_withdraws_is_told_of_once(newsroom: App, feed_server: FeedServer) -> None:
    def day(number: int, title: str, text: str) -> str:
        """Let the agency's one item say this, and send the day's digest; "" where nothing was told."""
        at = NOW + number * DAY
        body = rss(NOW, title, text).replace(f">{escape(title)}</guid>".encode(), b">one-and-the-same</guid>")
        feed_server.add("/agency.xml", body, etag=False)
        poll.run(newsroom, names=["agency"], which=poll.Which.NAMED, now=lambda: at)
        (sent,) = digest.send(newsroom, ["desk"], now=lambda: at + timedelta(hours=1))
        found = store_digests.digest_of_window(newsroom.store, "desk", sent.key)
        return " ".join(found.text.split()) if found else ""

    withdrawn = (f"Withdrawn: {FIRST[0]}", f"{FIRST[1]} The agency withdraws this report: no plane has landed.")
    assert "WITHDRAWN" not in day(0, *FIRST)
    told = day(1, *withdrawn)
    assert "WITHDRAWN BY ITS SOURCE, told last 22 Nov 2026" in told
    assert f"before “{FIRST[0]}”, now “{withdrawn[0]}”" in told
    assert day(2, *withdrawn) == ""
    assert day(3, withdrawn[0], f"{withdrawn[1]} It regrets the error.") == ""

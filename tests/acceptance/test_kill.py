"""kill -9 anywhere between composing and settling: everybody gets every story, and nothing else comes twice."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.domain.delivery import DeliveryState
from monitor.domain.entry import ClassifiedEntry
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source
from monitor.store import feeds as store_feeds
from monitor.store import outbox
from monitor.store.database import Store, open_store
from monitor.store.feeds import Which

from .receivers import Servers, Worker, receiving

pytestmark = pytest.mark.slow
SEED = 20261122
KILLS = {"sqlite": 40, "postgresql": 10}
STORIES = 4  # brought before each kill, so 200 in all
AT_THE_SERVER = 5  # each so many-th order ends when a server has the whole message, and has not answered
BETWEEN = timedelta(minutes=12)  # longer than a lease
SUBSCRIPTION = '[subscriptions.desk]\nlabels = ["returns"]\nchannels = ["mail", "hook", "slack"]\nmax_stories = 200\n'
UNDER_WAY = text(
    "SELECT o.channel, e.guid, o.id, o.token FROM outbox o JOIN ledger l ON l.digest_id = o.digest_id "
    "JOIN entry e ON e.id = l.entry_id WHERE o.state = 'sending'"
)


def bring(store: Store, made: Callable[..., ClassifiedEntry], first: int, at: datetime) -> None:
    """Store some stories, as a poll does."""
    store_feeds.sync(store, [Feed("paper", "http://127.0.0.1:9/feed", Source("paper", "The Paper"))], now=at)
    (state,) = store_feeds.claim(store, ["paper"], Which.NAMED, now=at, lease=timedelta(minutes=5))
    new = tuple(made(f"s{number}", published=at) for number in range(first, first + STORIES))
    event = PollEvent("paper", at, Outcome.OK, 200, entries=STORIES, new=STORIES)
    store_feeds.apply(store, FeedUpdate(event, at, "interval", state.lease, 0.0, new=new))


def killed(
    worker: Worker, servers: Servers, at: datetime, rules: random.Random, steps: Mapping[str, int], turn: int
) -> bool:
    """Have a digest made and sent, and kill whoever does it: somewhere, or when a server has the whole message."""
    at_the_server, others = divmod(turn, AT_THE_SERVER)
    if others:
        part = rules.choice(sorted(steps))
        worker.start(at, part, rules.randint(1, steps[part]))
    else:
        with servers.lock:
            servers.victim = (worker.start(at), ("mail", "hook", "slack")[at_the_server % 3])
    ended = worker.end()
    servers.victim = None
    assert ended["killed"] or ended["status"] == 0
    return bool(ended["killed"])


def under_way(store: Store) -> list[tuple[str, str, int, int]]:
    """What is noted as being sent, by channel and story, with the delivery and the number of its attempt."""
    with store.read() as connection:
        return [(channel, guid, ident, token) for channel, guid, ident, token in connection.execute(UNDER_WAY)]


def test_a_kill_anywhere_loses_nothing_and_repeats_only_what_was_being_sent(
    store_url: str, config_folder: Callable[..., Path], classified: Callable[..., ClassifiedEntry], now: datetime
) -> None:
    rules, wanted = random.Random(SEED), KILLS[store_url.partition(":")[0]]
    with receiving() as (servers, channels), open_store(store_url) as store:
        config = config_folder(channels=channels, subscriptions=SUBSCRIPTION, database=store_url)
        with Worker(config) as worker:
            bring(store, classified, 0, now)
            worker.start(now)
            steps = worker.end()["steps"]
            assert min(steps.values()) > 20
            attempts: set[tuple[str, str, int, int]] = set()
            kills, stories = 0, STORIES
            for turn in count():
                if kills == wanted:
                    break
                now += BETWEEN
                bring(store, classified, stories, now)
                stories += STORIES
                was_killed = killed(worker, servers, now, rules, steps, turn)
                kills += was_killed
                left = set(under_way(store))
                assert was_killed or not left, "who was not killed leaves nothing under way"
                attempts |= left
            for _ in range(2):
                now += BETWEEN
                worker.start(now)
                assert worker.end()["status"] == 0
        assert set(outbox.counts(store)) == {DeliveryState.DELIVERED}
        may_repeat = Counter((channel, story) for channel, story, _, _ in attempts)
        for channel in channels:
            for number in range(stories):
                mark = (channel, f"s{number}")
                assert 1 <= servers.got[mark] <= 1 + may_repeat[mark], mark
        repeated = [mark for mark, times in servers.got.items() if times > 1]
        assert repeated, "no kill came between a server's yes and our note of it: these kills prove nothing"
        with store.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM ledger")) == stories
            ends = text("SELECT count(*) FROM attempt WHERE outcome = 'delivered' GROUP BY delivery_id")
            assert set(connection.scalars(ends)) == {1}
            if store.dialect == "sqlite":
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"

"""Which of the due feeds one round of polling takes, so that no domain with many feeds keeps all others waiting."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from monitor.app import App
from monitor.domain.feed import FeedState
from monitor.fetch import moves
from monitor.fetch.politeness import Politeness, budget_key
from monitor.store import backfill as store_backfill
from monitor.store import feeds as store_feeds
from monitor.store import pauses as store_pauses
from monitor.store.feeds import Which

ROUND = timedelta(seconds=60)
"""How long the feeds of one domain may take turns in one round; the others of it are due again in the next."""


def due(app: App, names: Iterable[str], which: Which, *, now: datetime) -> list[FeedState]:
    """The feeds to be polled whose politeness budget no server has shut, the longest due first. Claims nothing."""
    shut = store_pauses.paused(app.store, now=now)
    states = store_feeds.due(app.store, list(names), which, now=now)
    return [state for state in states if not shut or _budget(app, state, now)[0] not in shut]


def choose(app: App, states: Sequence[FeedState], *, now: datetime) -> list[str]:
    """The names of those whose turns fit into one round, at least one a domain."""
    interval = app.settings.options.fetch.domain_interval
    most = max(1, ROUND // interval) if interval else len(states)
    taken: Counter[str] = Counter()
    chosen = []
    for state in states:
        budget, private = _budget(app, state, now)
        if private or taken[budget] < most:
            chosen.append(state.name)
            taken[budget] += 1
    return chosen


def keep_distance(app: App, politeness: Politeness, *, now: datetime) -> None:
    """Let the polls and the backfills' requests of just now count, whichever process made them: a restart is no reason
    to ask a domain again."""
    interval = app.settings.options.fetch.domain_interval
    if not interval:
        return
    for state, began in store_feeds.polled_since(app.store, now - interval):
        if state.name in app.settings.feeds:
            budget, private = _budget(app, state, now)
            if not private:
                politeness.remember(budget, (now - began).total_seconds())
    for budget, at in store_backfill.asked_since(app.store, now - interval).items():
        politeness.remember(budget, (now - at).total_seconds())


def unpolled(wanted: Collection[str], polled: Iterable[str]) -> tuple[str, ...]:
    """The names that were asked for and not polled."""
    return tuple(sorted(set(wanted) - set(polled)))


def _budget(app: App, state: FeedState, now: datetime) -> tuple[str, bool]:
    """The budget of the address that will really be asked."""
    return budget_key(moves.address(app.settings.feeds[state.name].url, state.memory, now), state.name)

"""Folding: who missed what an earlier digest or alert told gets it with the next one. Writes nothing."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.app import App
from monitor.deliver.unsubscribe import links
from monitor.digest.fold import entries_of, folded
from monitor.domain.delivery import Recipient
from monitor.domain.digest import Digest, Subscription, Verdict
from monitor.jobs.compose import Composed, Shared, recipients, titles
from monitor.store import channels as store_channels
from monitor.store import deliveries as store_deliveries
from monitor.store import folds as store_folds
from monitor.store.digests import Fold, SubscriptionState

OLDEST = timedelta(days=30)
"""What was told longer ago is no news to anybody: a recipient that is down for months gets no digest without end."""


@dataclass(frozen=True, slots=True)
class Group:
    """Recipients that missed the same: these entries, by these deliveries."""

    recipients: tuple[Recipient, ...]
    entries: frozenset[int]
    deliveries: tuple[int, ...]


def groups(
    app: App, subscription: Subscription, state: SubscriptionState, shared: Shared, *, now: datetime, suspended: bool
) -> list[Group]:
    """Find the recipients of a subscription that missed something, by what they missed.

    Without ``suspended`` those that are sent nothing now are left out. What was sent before the subscription was
    resumed is no concern of it any more.
    """
    if not shared.owing:
        shared.owing.append(store_deliveries.owing(app.store))
    if subscription.name not in shared.owing[0]:
        return []
    since = max(now - OLDEST, state.began_at)
    entries, deliveries = defaultdict[str, set[int]](set), defaultdict[str, list[int]](list)
    for one in store_deliveries.missed(app.store, subscription.name, since=since):
        entries[one.recipient_id].update(one.entry_ids)
        deliveries[one.recipient_id].append(one.delivery_id)
    if not entries:
        return []
    out = set() if suspended else {one.recipient_id for one in store_channels.suspensions(app.store)}
    alike = defaultdict[frozenset[int], list[Recipient]](list)
    for recipient in recipients(app, subscription, shared):
        if recipient.id in entries and recipient.id not in out:
            alike[frozenset(entries[recipient.id])].append(recipient)
    return [
        Group(tuple(to), missed, tuple(id_ for one in to for id_ in deliveries[one.id])) for missed, to in alike.items()
    ]


def folds(
    app: App,
    subscription: Subscription,
    state: SubscriptionState,
    composed: Composed,
    shared: Shared,
    *,
    wanted: bool,
) -> tuple[Fold, ...]:
    """Make a digest for each group of recipients that missed something, beside the one of the window.

    Without ``wanted`` the window has none of its own, and what is said beside stories waits for the next one.
    """
    digest = composed.digest if wanted else replace(composed.digest, near=(), alerted=())
    found = groups(app, subscription, state, shared, now=digest.made_at, suspended=wanted)
    if not found:
        return ()
    last = store_folds.taken(app.store, subscription.name, digest.key)
    made: list[Fold] = []
    for group in found:
        if fold := _fold(app, digest, composed, group, f"{digest.key}+{last + len(made) + 1}", shared):
            made.append(fold)
    return tuple(made)


def _fold(app: App, digest: Digest, composed: Composed, group: Group, key: str, shared: Shared) -> Fold | None:
    """None where all that was missed is pruned by now, or a person has said no to it."""
    subscription = digest.subscription
    owed = store_folds.owed(app.store, subscription.name, group.entries)
    if not owed.of:
        return None
    noted = {one.entry_id for one in composed.selection.judgements if one.verdict is Verdict.TOLD}
    joined = [stored for stored in (*composed.found.new, *composed.found.rolled_over) if stored.id in noted]
    made = folded(
        digest,
        owed,
        key=key,
        joined=joined,
        titles=titles(app, subscription.headings),
        source_of=app.settings.source_of,
    )
    if not made.folded:
        return None
    leaving = links(app.settings.options.mail, subscription.name, group.recipients)
    message = replace(shared.rendered.render(made), unsubscribe=leaving)
    return Fold(key, made.stories, message, group.recipients, entries_of(made, owed), group.deliveries)

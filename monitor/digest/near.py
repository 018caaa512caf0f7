"""Near-misses: the best stories just below the line. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from monitor.digest.select import SourceOf, wants
from monitor.domain.digest import Judgement, Story, Subscription, Verdict
from monitor.domain.entry import StoredEntry
from monitor.domain.labels import Band, Decision, cuts_for, decide
from monitor.domain.story import lead_order

ReadMore = Callable[[], Sequence[StoredEntry]]
"""Gives the next candidates, the best first; nothing where there are no more."""


def nearest(subscription: Subscription, more: ReadMore, *, taken: Collection[int], source_of: SourceOf) -> list[Story]:
    """Find the `near_misses` best stories of which no entry is over a line, but one is a near-miss at least.

    ``taken`` are the stories that the digest, or one before it, tells. The candidates come by their best margin, so
    reading ends with the stories that are wanted.
    """
    found: dict[int, list[tuple[StoredEntry, tuple[Decision, ...]]]] = defaultdict(list)
    while len(found) < subscription.near_misses and (candidates := more()):
        for stored in candidates:
            decisions = _near(subscription, stored, source_of)
            if decisions and stored.story_id not in taken:
                found[stored.story_id].append((stored, decisions))
    stories = [_story(id_, entries, source_of) for id_, entries in found.items()]
    stories.sort(key=lambda story: (-story.decisions[0].margin, story.id))
    return stories[: subscription.near_misses]


def judged(stories: Sequence[Story]) -> tuple[Judgement, ...]:
    """The ledger's lines of near-misses: named once, and told of nothing."""
    return tuple(
        Judgement(stored.id, story.id, Verdict.NEAR, story.decisions[0], None)
        for story in stories
        for stored in (story.lead, *story.others)
    )


def _near(subscription: Subscription, stored: StoredEntry, source_of: SourceOf) -> tuple[Decision, ...]:
    source = source_of(stored.feed)
    if not wants(subscription, stored, source.key if source else ""):
        return ()
    cuts = cuts_for(subscription.lines, stored.entry.lang, source.tier if source else "")
    decisions = decide(stored.scores, cuts, human=stored.human)
    if any(decision.passes for decision in decisions):
        return ()
    return tuple(decision for decision in decisions if decision.band is Band.REVIEW)


def _story(id_: int, entries: Sequence[tuple[StoredEntry, tuple[Decision, ...]]], source_of: SourceOf) -> Story:
    best = max(entries, key=lambda pair: (pair[1][0].margin, -pair[0].id))[1]
    lead, *others = sorted((stored for stored, _ in entries), key=lambda s: lead_order(s, source_of(s.feed)))
    label = best[0].label
    terms = next((s.scores[label].terms for s in (lead, *others) if label in s.scores and s.scores[label].terms), ())
    return Story(id_, lead, tuple(others), best, terms)

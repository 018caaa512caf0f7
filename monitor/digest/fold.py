"""A digest for those whom an earlier one did not reach in time: it tells what they missed, too. Pure.

A story that they missed stands as it is now, with all that came to it since. What is new in it is held against what had
reached them before they missed it. The cap has no part in it: what it cut here would be told by nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.digest.news import whats_new
from monitor.digest.select import SourceOf, nearest, passed, sections_of, story_of
from monitor.domain.digest import Digest, Heard, Story, Subscription, Verdict
from monitor.domain.entry import StoredEntry
from monitor.domain.fold import Owed

_SHOWN = (Verdict.SHOWN, Verdict.ALERTED)


def folded(
    digest: Digest,
    owed: Owed,
    *,
    key: str,
    joined: Sequence[StoredEntry] = (),
    titles: Mapping[str, str],
    source_of: SourceOf,
) -> Digest:
    """Put what was missed into a digest, under another key; each story stands in it once.

    ``joined`` are entries of its window that brought nothing to stories of which others were told.
    """
    window = {story.id: story for section in digest.sections for story in section.stories}
    came = defaultdict[int, list[StoredEntry]](list)
    for stored in joined:
        came[stored.story_id].append(stored)
    # What a person has said no to since is told to nobody else.
    missed = {
        stored.story_id
        for stored in owed.entries
        if stored.id in owed.of and not any(value is False for value in stored.human.values())
    }
    told = [_story(digest.subscription, owed, id_, window.get(id_), came[id_], source_of) for id_ in sorted(missed)]
    left = [story for story in window.values() if story.id not in missed]
    return replace(
        digest,
        key=key,
        sections=sections_of(digest.subscription, [*left, *told], titles),
        near=tuple(story for story in digest.near if story.id not in missed),
        alerted=tuple(story for story in digest.alerted if story.id not in missed),
    )


def entries_of(digest: Digest, owed: Owed) -> tuple[int, ...]:
    """The entries of all that a digest tells: those that were missed, and those of its window."""
    stories = [story for section in digest.sections for story in section.stories]
    return tuple(sorted({*owed.of, *(s.id for story in stories for s in (story.lead, *story.others))}))


def _story(
    subscription: Subscription,
    owed: Owed,
    id_: int,
    window: Story | None,
    joined: Sequence[StoredEntry],
    source_of: SourceOf,
) -> Story:
    lines = owed.told.get(id_, ())
    before = _before(lines, owed)
    reached = {line.entry_id for line in before}
    known = {stored.id: stored for stored in owed.entries if stored.story_id == id_ and stored.id not in reached}
    of_window = (window.lead, *window.others) if window else ()
    entries = list({**known, **{stored.id: stored for stored in (*joined, *of_window)}}.values())
    sources = {stored.feed: source_of(stored.feed) for stored in entries}
    # What was told to others is told in any case, over a line that was raised meanwhile or not.
    decisions = {
        s.id: passed(s, subscription, sources[s.feed]) or (nearest(s, subscription, sources[s.feed]),) for s in entries
    }
    update = whats_new(subscription, before, entries) if before else None
    rolled_over = window is not None and window.rolled_over
    made = story_of(id_, entries, decisions=decisions, sources=sources, update=update, rolled_over=rolled_over)
    first = min((owed.of[stored.id] for stored in known.values() if stored.id in owed.of), key=lambda one: one.at)
    return replace(made, span=window.span if window else owed.spans.get(id_), undelivered=first)


def _before(lines: Sequence[Heard], owed: Owed) -> list[Heard]:
    """What had been told of a story before it was missed first."""
    first = min((line.at for line in lines if line.entry_id in owed.of), default=None)
    if first is None:
        return []
    return [line for line in lines if line.verdict in _SHOWN and line.at < first and line.entry_id not in owed.of]

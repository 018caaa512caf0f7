"""Negatives made from our own positives: the same item without what makes it ours.

A corpus has few ordinary news items beside a real stream. "Court jails mother of two who [joined IS in Syria]" without
the words in brackets is ordinary news, and teaches that courts, mothers and governments alone decide nothing: for
policy 2 instead of 15 of 1,000 real background items pass .5.
"""

from monitor.classify.lexicon import Match
from monitor.classify.reading import Reading

_SUBJECT = frozenset({"fighter", "camp", "group", "conflict", "travel", "terror", "citizenship", "strip"})


def without_subject(reading: Reading) -> Reading | None:
    """Take out every word that stands for a subject of ours; None where there is none to take out."""
    gone = {at for match in reading.matches if match.concept in _SUBJECT for at in range(match.start, match.end)}
    if not gone:
        return None
    kept = [at for at in range(len(reading.words)) if at not in gone]
    moved = {old: new for new, old in enumerate(kept)}
    matches = tuple(
        Match(match.concept, moved[match.start], moved[match.end - 1] + 1)
        for match in reading.matches
        if gone.isdisjoint(range(match.start, match.end))
    )
    title_length = sum(at < reading.title_length for at in kept)
    return Reading(tuple(reading.words[at] for at in kept), title_length, matches)

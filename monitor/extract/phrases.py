"""Cues: what phrases of a text point to, by files of words in all languages at once.

A file of cues has a table for each target, with a list of terms for each language, or for `any`. Tables may stand in
tables: a term of [stage.adopted] points to "stage:adopted". The notation is that of the gazetteer, but capitals ask
nothing, and `..` between words leaves room for up to three. Classes of endings are those of endings.toml.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from monitor.errors import ModelError
from monitor.extract.gazetteer import GAP, Endings, Hit, Index, Known, Term, parse
from monitor.extract.reading import MARKS, Reading
from monitor.extract.shipped import data

ROOM = 3
"""How many words may stand in the room that `..` leaves."""
_QUOTES = frozenset('«»“”"')
_STOPS = MARKS - _QUOTES


class Phrases:
    """Cues with their targets; one phrase may point to several."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index the cues."""
        self._index = Index(terms)

    def hits(self, reading: Reading) -> list[Hit]:
        """Find the cues of a reading, in order of their begin, longer ones first.

        A cue reaches over no end of a sentence. Where all words of a cue are words of a longer one of the same group,
        the longer counts alone; a group are the targets with the same word before the colon, or those without.
        """
        known = self._index.known(reading)
        found: dict[str, list[tuple[Hit, frozenset[int]]]] = {}
        for at, word in enumerate(known):
            following = known[at + 1].patterns if at + 1 < len(known) else frozenset()
            for term in word.terms:
                places: Sequence[int] | None = (at,)
                if len(term.patterns) > 1:
                    if term.patterns[1] not in following and term.patterns[1] != GAP:
                        continue
                    places = _match(term.patterns, known, reading.words, at)
                if places and (len(places) == 1 or reading.sentence(at) == reading.sentence(places[-1])):
                    group = term.target.partition(":")[0] if ":" in term.target else ""
                    hit = Hit(term.target, at, places[-1] + 1)
                    found.setdefault(group, []).append((hit, frozenset(places)))
        hits = {hit for group in found.values() for hit in _longest(group)}
        return sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.target))


def _longest(found: Sequence[tuple[Hit, frozenset[int]]]) -> Iterator[Hit]:
    if len(found) == 1:
        yield found[0][0]
        return
    longer: dict[int, list[frozenset[int]]] = {}
    for _, places in found:
        if len(places) > 1:
            for at in places:
                longer.setdefault(at, []).append(places)
    for hit, places in found:
        if not any(places < other for other in longer.get(hit.start, ())):
            yield hit


def _match(patterns: Sequence[str], known: Sequence[Known], words: Sequence[str], at: int) -> list[int] | None:
    """Find the words of a term from ``at`` on, whose word fits the first pattern; the nearest word fills a gap."""
    places, room = [at], 0
    for pattern in patterns[1:]:
        if pattern == GAP:
            room = ROOM
            continue
        at += 1
        while room and at < len(known) and pattern not in known[at].patterns and words[at] not in _STOPS:
            room -= 1
            at += 1
        if at >= len(known) or pattern not in known[at].patterns:
            return None
        places.append(at)
        room = 0
    return places


@cache
def load(name: str) -> Phrases:
    """Build the cues of the shipped file ``name``.toml, once a process; raises ModelError where it cannot be read."""
    return build(data(name), data("endings")["endings"])


def build(tables: Mapping[str, Any], endings: Endings) -> Phrases:
    """Build cues from parsed tables; raises ModelError at what is no term. A table [endings] adds classes."""
    endings = {**endings, **tables.get("endings", {})}
    return Phrases(
        term
        for target, notation in _flat({key: table for key, table in tables.items() if key != "endings"}, "")
        for term in parse(notation, target, endings, cased=False)
    )


def _flat(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, list):
            if not path:
                raise ModelError(f"cues: {key!r} stands outside of a table; put it into the table of its target")
            yield from ((path, notation) for notation in value)
        elif isinstance(value, dict):
            yield from _flat(value, f"{path}:{key}" if path else key)
        else:
            raise ModelError(f"cues: {key!r} in {path!r} is no list of terms; give a list for each language")

"""Persons that a reading names: by a common first name, by a role before the name, or by a verb of saying beside it.

Nothing is known of any person here: the rules see the shape of names, and the names stay with the entry.
"""

from collections.abc import Sequence

from monitor.extract.names.person_words import Sort, sort
from monitor.extract.reading import MARKS, Reading

_MOST = 4
"""Words of a name, particles not counted."""
_LEAST = 2
_HEADLINE = 0.85
"""The share of longer words with a capital by which a sentence is taken for a headline that writes all so."""
_ARTICLES = frozenset({"den", "der"})
"""Particles after others only ("van der Horst"): alone they are German articles, before nouns with capitals."""
_HYPHENS = frozenset({"-", "‑"})
_ALIAS = frozenset({"abu", "abou", "aboe", "umm", "oum", "um", "om", "abo", "ابو", "ام", "абу", "умм"})
"""What an alias after a child begins with."""
_SPACES = frozenset({" ", ". ", "-", "'", "’", "‑", "\u00a0"})


_BEGINS = Sort.CAPITAL | Sort.FIRST
_STARTS = Sort.FIRST | Sort.ROLE | Sort.HONORIFIC | Sort.AFTER | Sort.BEFORE | Sort.INITIAL | Sort.TO


def persons(reading: Reading, taken: Sequence[range], placed: frozenset[int]) -> list[tuple[int, str]]:
    """Find the persons of a reading: the token each name begins with, and the name as it is written.

    ``taken`` are the tokens of institutions, ``placed`` those of places; no name is made of them alone.
    """
    sorts = [sort(word) for word in reading.words]
    if not any(kind & _STARTS for kind in sorts):
        return []
    return _Search(reading, sorts, taken, placed).all()


class _Search:
    """One reading, searched from left to right."""

    def __init__(self, reading: Reading, sorts: Sequence[int], taken: Sequence[range], placed: frozenset[int]) -> None:
        self._reading, self._sorts, self._placed = reading, sorts, placed
        self._taken = frozenset(at for span in taken for at in span)

    def all(self) -> list[tuple[int, str]]:
        found, free = [], 0
        for at, kind in enumerate(self._sorts):
            if kind & _BEGINS and at >= free and at not in self._taken and not self._before(at) & Sort.THING:
                end = self._name(at)
                if end and self._full(at, end):
                    found.append((at, self._reading.surface(at, end)))
                    free = end
        return found

    def _full(self, at: int, end: int) -> bool:
        """Is a name none that an initial cuts short ("Loubna A."), no alias ("Umm Idris"), no one word ("Jean-Luc")?"""
        if end - at == 1:
            return True
        if self._sorts[end - 1] & Sort.INITIAL or (end - at == _LEAST and self._reading.folded[at] in _ALIAS):
            return False
        return any(self._reading.between(place - 1, place) not in _HYPHENS for place in range(at + 1, end))

    def _name(self, at: int) -> int:
        """Give the end of the name that begins at ``at``, 0 where none does."""
        kind = self._sorts[at]
        if kind & Sort.ARABIC:
            return self._arabic_name(at)
        if kind & Sort.STOP and (kind & Sort.DOUBTFUL or not kind & Sort.FIRST):
            return 0
        if kind & (Sort.ROLE | Sort.HONORIFIC) and not kind & Sort.FIRST:
            return 0
        end = self._run(at)
        words = [place for place in range(at, end) if not self._sorts[place] & Sort.PARTICLE]
        sure = self._alone(at, end) if len(words) == 1 else self._named(at, end, words)
        return end if sure else 0

    def _named(self, at: int, end: int, words: Sequence[int]) -> bool:
        """Are several words with capitals a name?"""
        kind, named = self._sorts[at], self._reading.words
        in_places = [place in self._placed for place in words]
        if all(in_places):
            return False
        if kind & Sort.FIRST and not kind & Sort.DOUBTFUL and not in_places[0]:
            return True
        if kind & Sort.FIRST and not self._loud(at) and not any(in_places[1:]):
            return True
        if not (self._role(at) or self._speaks(at, end)):
            return False
        if kind & Sort.INITIAL:
            return len(named[end - 1]) > _LEAST
        return not (any(in_places) or any(named[place].isupper() for place in words) or self._loud(at))

    def _run(self, at: int) -> int:
        """Take the words with capitals from ``at`` on, with particles between them."""
        end, words = at + 1, 1
        while end < len(self._sorts) and words < _MOST and self._close(end):
            step = end
            while (
                step < len(self._sorts) and self._sorts[step] & Sort.PARTICLE and step < end + 2 and self._close(step)
            ):
                step += 1
            lone = step == end + 1 and self._reading.folded[end] in _ARTICLES
            if lone or step >= len(self._sorts) or not self._part(step) or not self._close(step):
                if step == end or not self._sorts[end] & Sort.CAPITAL or self._sorts[end] & Sort.STOP:
                    break
                step = end
            end, words = step + 1, words + 1
        return end

    def _part(self, at: int) -> bool:
        kind = self._sorts[at]
        if kind & Sort.INITIAL:
            return True
        word = self._reading.words[at]
        if not kind & Sort.CAPITAL or kind & Sort.STOP or at in self._taken or (len(word) > 2 and word.isupper()):
            return False
        return not (kind & (Sort.AFTER | Sort.HONORIFIC | Sort.BEFORE) and not kind & Sort.FIRST)

    def _alone(self, at: int, end: int) -> bool:
        """May a single word be a name? After an honorific, or where somebody with a known sort of name speaks."""
        if at in self._placed or len(self._reading.words[at]) < 3 or self._loud(at):
            return False
        if self._before(at) & Sort.HONORIFIC:
            return not self._sorts[at] & Sort.ROLE
        kind = self._sorts[at]
        if kind & Sort.DOUBTFUL or not kind & (Sort.FIRST | Sort.SURNAME):
            return False
        opens = at == self._reading.sentences[self._reading.sentence(at)].start
        return (opens or bool(self._before(at) & (Sort.BEFORE | Sort.ROLE))) and self._speaks(at, end)

    def _role(self, at: int) -> bool:
        before = self._before(at)
        if not before and at > 1 and self._reading.words[at - 1] in (",", "،"):
            before = self._sorts[at - 2] & ~Sort.HONORIFIC
        return bool(before & (Sort.ROLE | Sort.HONORIFIC))

    def _speaks(self, at: int, end: int) -> bool:
        """Does a verb of saying stand beside the name?"""
        after = end < len(self._sorts) and self._close(end) and self._sorts[end] & Sort.AFTER
        if after and not self._sorts[end] & Sort.CAPITAL:
            return True
        before = self._before(at)
        return bool(before & Sort.BEFORE) or bool(before & Sort.TO and at > 1 and self._sorts[at - 2] & Sort.TO)

    def _before(self, at: int) -> int:
        if at == 0 or self._reading.words[at - 1] in MARKS:
            return Sort.NONE
        return self._sorts[at - 1]

    def _arabic_name(self, at: int) -> int:
        """Take an Arabic name: a first name, then one to three words that none of the stop words is."""
        kind = self._sorts[at]
        led = bool(self._before(at) & (Sort.ROLE | Sort.BEFORE))
        if not kind & Sort.FIRST or (at in self._placed and not led):
            return 0
        end, words = at + 1, 1
        while end < len(self._sorts) and words < _MOST and self._close(end) and end not in self._taken:
            following = self._sorts[end]
            if (
                not following & Sort.ARABIC
                or following & (Sort.STOP | Sort.AFTER | Sort.BEFORE | Sort.ROLE)
                or end in self._placed
            ):
                break
            strong = following & (Sort.FIRST | Sort.PARTICLE) or self._sorts[end - 1] & Sort.PARTICLE
            word = self._reading.words[end]
            if not strong and not (words == 1 or self._sorts[end - 1] & Sort.FIRST or (led and word.startswith("ال"))):
                break
            if not strong and (word.startswith("و") or (not led and not word.startswith("ال"))):
                break
            end, words = end + 1, words + 1
        return end if words > 1 and not self._sorts[end - 1] & Sort.PARTICLE else 0

    def _close(self, at: int) -> bool:
        if at == 0 or self._reading.words[at] in MARKS:
            return False
        between = self._reading.between(at - 1, at)
        return between in _SPACES and (between != ". " or len(self._reading.words[at - 1]) <= 2)

    def _loud(self, at: int) -> bool:
        """Does the sentence write most of its longer words with a capital?"""
        sentence = self._reading.sentences[self._reading.sentence(at)]
        longer = [self._reading.words[place] for place in sentence if len(self._reading.words[place]) > 3]
        return len(longer) > 4 and sum(word[0].isupper() for word in longer) > _HEADLINE * len(longer)

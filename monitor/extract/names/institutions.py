"""Institutions that a reading names, as it writes them: known names and common words, grown by what belongs to them."""

from collections.abc import Iterator, Sequence

from monitor.extract.gazetteer import Hit
from monitor.extract.mentions import PEOPLE
from monitor.extract.names.institution_words import Grammar, Names, load
from monitor.extract.reading import MARKS, Reading

_MOST = 5
"""How many words a name takes to the left, and in one part to the right."""
_LONG = 3
_COMPOUND = 9
"""The least letters of a compound that names an institution."""
_PROCLITICS = "وفبلك"
_JOINTS = frozenset({" ", "-", "'", "’", "\u00a0", "‑", "", "' "})
_RUSSIAN = (
    "скии",
    "ского",
    "скому",
    "ском",
    "ским",
    "ская",
    "скои",
    "скую",
    "ныи",
    "ного",
    "ному",
    "ном",
    "ным",
    "ная",
    "нои",
)
_NATIONAL = ("supreme", "federal", "constitutional", "верховн", "конституционн", "supremo", "bundes", "national")


def institutions(reading: Reading, places: Sequence[Hit]) -> list[tuple[range, str]]:
    """Find the institutions of a reading in order: their tokens, and how the text writes them.

    ``places`` are the names of countries and towns in the reading. What only looks like an institution has the name "".
    """
    known = load()
    grow = _Growth(known, reading, places)
    hits = sorted([*known.gazetteer.hits(reading), *_compounds(reading, known)], key=_order)
    found: list[tuple[range, str]] = []
    free = 0
    for hit in hits:
        if hit.start < free:
            continue
        span = grow.span(hit, free)
        if span:
            found.append((span, "" if hit.target.startswith("none") else grow.written(span)))
            free = span.stop
    return found


def _order(hit: Hit) -> tuple[int, int]:
    return hit.start, -hit.end


def _compounds(reading: Reading, known: Names) -> Iterator[Hit]:
    """Find words that end as institutions of their language are called ("Passbehörden", "adviescommissie")."""
    for at, folded in enumerate(reading.folded):
        if len(folded) < _COMPOUND or not folded.endswith(known.endings) or folded in known.compounds:
            continue
        ending = max((ending for ending in known.suffixes if folded.endswith(ending)), key=len)
        target = known.suffixes[ending]
        if len(folded) > len(ending) + 1 and (target.endswith("nl") or reading.words[at][0].isupper()):
            yield Hit(target, at, at + 1)


class _Growth:
    """Grow the hits of one reading to the names as they are written."""

    def __init__(self, known: Names, reading: Reading, places: Sequence[Hit]) -> None:
        self._known, self._reading = known, reading
        self._words, self._folded = reading.words, reading.folded
        self._headlines: dict[int, bool] = {}
        self._begins = {hit.start: hit.end for hit in places}
        self._ends = {hit.end: hit.start for hit in places}
        self._peoples = frozenset(hit.start for hit in places if hit.kind == PEOPLE)

    def span(self, hit: Hit, free: int) -> range | None:
        """Give the tokens of the name at a hit that may begin at ``free``; None where it names nothing."""
        kind, _, languages = hit.target.partition(":")
        if kind in ("fixed", "none"):
            return range(hit.start, hit.end)
        if kind == "noun":
            grammar = self._known.grammars[languages.partition("+")[0]]
            return range(hit.start, hit.end) if self._stands_alone(hit, grammar) else None
        spans = [self._grown(hit, kind, self._known.grammars[language], free) for language in languages.split("+")]
        return max((span for span in spans if span), key=len, default=None)

    def written(self, span: range) -> str:
        """Give a name as the text has it, but for what Arabic writes together with its first word."""
        name = self._reading.surface(span.start, span.stop)
        folded = self._folded[span.start]
        if folded in self._known.first or folded[0] not in _PROCLITICS:
            return name
        while folded[0] in _PROCLITICS and folded not in self._known.first and len(folded) > 3:
            lam = folded.startswith("لل")
            name, folded = ("ا" + name[1:], "ا" + folded[1:]) if lam else (name[1:], folded[1:])
        return name

    def _stands_alone(self, hit: Hit, grammar: Grammar) -> bool:
        """Is a name that in English, German and Dutch also serves as an adjective spoken of itself?"""
        if grammar.small or hit.end >= len(self._words):
            return True
        following = self._words[hit.end]
        return following in MARKS or self._folded[hit.end] in self._known.follow or not self._joined(hit.end)

    def _grown(self, hit: Hit, kind: str, grammar: Grammar, free: int) -> range | None:
        start = self._left(hit, kind, grammar, free)
        stop = self._right(hit, kind, grammar)
        if kind == "head" and start == hit.start and stop == hit.end:
            return None
        if kind == "qualified" and not (self._placed(start, stop, hit) or self._proper(start, hit)):
            return None
        return range(start, stop)

    def _placed(self, start: int, stop: int, hit: Hit) -> bool:
        return stop > hit.end or any(at in self._begins for at in range(start, hit.start))

    def _proper(self, start: int, hit: Hit) -> bool:
        """Is a common word the end of a name with capitals ("State Security Service")?"""
        return start < hit.start and self._words[hit.end - 1][0].isupper() and not self._headline(hit.start)

    def _left(self, hit: Hit, kind: str, grammar: Grammar, free: int) -> int:
        start = hit.start
        if not grammar.left:
            return start
        proper = self._words[start][0].isupper()
        loud = grammar.left == "capitals" and self._headline(start)
        for _ in range(_MOST):
            at = start - 1
            if at < free or not self._joined(start):
                break
            folded, word = self._folded[at], self._words[at]
            if folded in grammar.possessive:
                return start
            place = self._ends.get(start)
            if place is not None and place >= free and self._country_may(kind, grammar, place):
                start = place
            elif place is None and self._belongs(word, folded, grammar, proper and not loud):
                start = at
            else:
                break
        while start < hit.start and self._folded[start] in self._known.stops:
            start += 1
        return start

    def _country_may(self, kind: str, grammar: Grammar, at: int) -> bool:
        return grammar.left != "adjective" or kind != "head" or at not in self._peoples or self._words[at][0].isupper()

    def _belongs(self, word: str, folded: str, grammar: Grammar, proper: bool) -> bool:
        """May a word stand in a name before its head?"""
        if grammar.adjective(folded):
            return True
        if not word[0].isupper() or folded in self._known.stops:
            return False
        if grammar.left == "capitals":
            return proper
        return grammar.left == "adjective" and folded.endswith(_RUSSIAN)

    def _right(self, hit: Hit, kind: str, grammar: Grammar) -> int:
        stop = hit.end
        if grammar.complements:
            return self._arabic(stop, kind, grammar)
        small = grammar.small and kind == "head" and self._words[hit.start][0].isupper()
        for _ in range(3):
            before = stop
            stop = self._quoted(self._direct(stop, grammar), kind)
            stop = self._part(stop, kind, grammar, small)
            if stop == before:
                break
        if grammar.number and self._joined(stop + 1) and self._folded[stop] in grammar.number:
            return stop + 2 if self._words[stop + 1].isdigit() else stop
        if kind == "seated" and not self._national(hit):
            return self._seat(stop, grammar, stop == hit.end)
        return self._seat_of_common(stop, grammar) if kind == "qualified" and stop == hit.end else stop

    def _seat_of_common(self, stop: int, grammar: Grammar) -> int:
        """Take the known town of a common word: "court in Ghent", "Polizei Hamburg"."""
        at = stop + 1 if self._joined(stop) and self._folded[stop] in grammar.seat else stop
        if at not in self._begins or not self._joined(at) or (at == stop and not grammar.town):
            return stop
        return self._begins[at]

    def _direct(self, stop: int, grammar: Grammar) -> int:
        """Take adjectives and the country or town that follow at once."""
        while grammar.direct and self._joined(stop):
            place = self._begins.get(stop)
            if place is None and not grammar.adjective(self._folded[stop]):
                break
            stop = place or stop + 1
        return stop

    def _quoted(self, stop: int, kind: str) -> int:
        if kind != "head" or stop >= len(self._words) or self._words[stop] != "«":
            return stop
        end = next((at for at in range(stop, min(stop + 5, len(self._words))) if self._words[at] == "»"), None)
        return stop if end is None else end + 1

    def _part(self, stop: int, kind: str, grammar: Grammar, small: bool) -> int:
        """Take "of …": a place, and after a head all capitals, or one small word where the language writes so."""
        if not self._joined(stop) or self._folded[stop] not in grammar.of:
            return stop
        at = self._articles(stop + 1, grammar)
        if not self._joined(at):
            return stop
        if kind != "head":
            return self._begins.get(at, at + 1 if kind == "seated" and self._town(at) else stop)
        end = self._capitals(at, grammar)
        if end == at and small and self._words[at].islower() and len(self._words[at]) > 2:
            end = at + 1
        return end if end > at else stop

    def _capitals(self, at: int, grammar: Grammar) -> int:
        """Take a run of words with capitals, joined by "and" too."""
        end = self._begins.get(at, at)
        most = 1 if self._headline(at) else _MOST
        while self._joined(end) and end - at < most:
            step = 1
            if self._folded[end] in grammar.join and end > at and self._joined(end + 1):
                step = 2
            word = self._words[end + step - 1]
            if not word[0].isupper() or self._folded[end + step - 1] in self._known.stops:
                break
            end += step
        return end

    def _seat(self, stop: int, grammar: Grammar, bare: bool = False) -> int:
        """Take the town of a court: after "in", or at once where the language writes so and none stands there yet."""
        if not self._joined(stop):
            return stop
        if self._folded[stop] not in grammar.seat:
            return stop + 1 if bare and grammar.town and self._town(stop) else stop
        at = stop + 1
        if at in self._begins:
            return self._begins[at] if self._joined(at) else stop
        return at + 1 if self._joined(at) and self._town(at) and not self._headline(at) else stop

    def _town(self, at: int) -> bool:
        word = self._words[at]
        return word[0].isupper() and not word.isupper() and self._folded[at] not in self._known.stops

    def _arabic(self, stop: int, kind: str, grammar: Grammar) -> int:
        begin = stop
        while kind in ("head", "seated", "qualified", "owned") and self._joined(stop) and stop - begin < _MOST:
            folded, word = self._folded[stop], self._words[stop]
            place = self._begins.get(stop)
            if place is not None and (word.startswith("ال") or (kind == "qualified" and stop == begin)):
                stop = place
            elif kind != "owned" and place is not None and word.startswith("ب"):
                return place
            elif (folded in grammar.complements and kind == "head") or grammar.adjective(folded):
                stop += 1
            elif kind == "head" and stop > begin and word.startswith("لل"):
                return stop + 1
            else:
                break
        return self._seat(stop, grammar) if kind in ("seated", "head") and (kind == "seated" or stop > begin) else stop

    def _articles(self, at: int, grammar: Grammar) -> int:
        for _ in range(2):
            if self._joined(at) and self._folded[at] in grammar.articles:
                at += 1
        return at

    def _national(self, hit: Hit) -> bool:
        return any(word.startswith(_NATIONAL) for word in self._folded[hit.start : hit.end])

    def _joined(self, at: int) -> bool:
        """Does the word ``at`` follow the one before with no more than a space, hyphen or apostrophe between?"""
        if not 0 < at < len(self._words) or self._words[at] in MARKS:
            return False
        return self._reading.between(at - 1, at) in _JOINTS

    def _headline(self, at: int) -> bool:
        """Is the sentence one that writes all words but articles and the like with a capital?"""
        number = self._reading.sentence(at)
        if number not in self._headlines:
            words = [place for place in self._reading.sentences[number] if self._words[place] not in MARKS]
            small = any(self._words[at].islower() and self._folded[at] not in self._known.stops for at in words)
            self._headlines[number] = not small and sum(len(self._words[at]) > _LONG for at in words) > _LONG
        return self._headlines[number]

"""Who takes a measure: the country that acts, by its place in the sentence and its role in the item."""

from collections.abc import Sequence
from typing import Protocol

from monitor.domain.facts import Measure, Place, Role, Stage
from monitor.extract.mentions import PEOPLE, Mention
from monitor.extract.reading import Reading
from monitor.extract.stages import Cues

_THEATRE = frozenset({"SY", "IQ", "AF", "SO", "YE", "LY", "ML"})
"""Where people joined: such a state acts only where it is said to."""
_THIRD = frozenset({"TR", "IQ", "SY", "LB", "LY", "PK", "AF", "EG", "AE", "IR", "SD", "ML", "SO", "JO", "US"})
"""Where travellers are caught and held, and sent on from."""
_BODIES = frozenset({Measure.REPATRIATION, Measure.LISTING, Measure.TRAVEL_CONTROL, Measure.REINTEGRATION})
_STOPS = frozenset(",;:،؛()")
_JOINED = frozenset({",", "and", "y", "e", "et", "und", "en", "и", "و", "،", "&"})
_INSIDE = 6  # named amidst the words: whom it is asked of
_UNSURE = 2
_PEOPLE = 2  # a word for the people is rather whom it is done to
_REACH = 3  # how far after "deported" the country may be named from which


class Words(Protocol):
    """The words that say a measure: tokens from ``start`` up to ``end``, of a kind of cue."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...


class Agents:
    """The countries of one reading, to choose from."""

    def __init__(
        self, reading: Reading, places: Sequence[Place], named: Sequence[Mention], *, sent: bool, body: bool
    ) -> None:
        """Take the countries with their roles, and find where each is named.

        The item tells that a state sent people on, if ``sent``; it speaks of an international body, if ``body``.
        """
        self._sent = sent
        self._body = body
        self._words = reading.folded
        self._places = places
        self._actors = [place.country for place in places if Role.ACTOR in place.roles]
        self._mentions = named

    def of(self, measure: Measure, words: Words, stage: Stage, cues: Cues, here: range) -> list[str | None]:
        """List who takes the measure that some words of the sentence ``here`` say.

        Mostly one; None is an international body.
        """
        named = [mention for mention in self._mentions if mention.start in here]
        if measure is Measure.DETENTION:
            return self._sender(named, words, cues)
        if measure is Measure.PROSECUTION and stage is not Stage.WITHDRAWN:
            court = self._held_in(named, words, cues)
            if court:
                return [court]
        acting: Sequence[Mention] = [mention for mention in named if self._acts(mention, here)]
        if measure in _BODIES and cues.get("international"):
            at = cues["international"][0].start
            if not acting or (
                at < words.start
                and not any(at < mention.start < words.start and mention.kind != PEOPLE for mention in acting)
            ):
                return [None]
        acting = self._without_sender(acting, cues)
        if acting:
            return self._joined(min(acting, key=lambda mention: self._rank(mention, words)), named)
        asked = measure is Measure.REPATRIATION and stage is Stage.PROPOSED
        if self._body and measure in _BODIES and (asked or not self._actors):
            return [None]
        return [self._overall()]

    def of_people(self, cues: Cues) -> bool:
        """Does a word for a people stand beside a passport?"""
        people = {mention.start for mention in self._mentions if mention.kind == PEOPLE}
        return any({hit.start - 1, hit.end} & people for hit in cues.get("passport", ()))

    def _acts(self, mention: Mention, here: range) -> bool:
        """May a mention be of who acts? By its role in the item, or since the sentence or a clause begins with it."""
        if mention.country in self._actors:
            return True
        return mention.kind != PEOPLE and (mention.start == here.start or self._words[mention.start - 1] in _STOPS)

    def _rank(self, mention: Mention, words: Words) -> tuple[int, int]:
        """Rank a mention: the first of the same clause before the words, then what is near."""
        at = mention.start
        less = (_PEOPLE if mention.kind == PEOPLE else 0) + (0 if mention.country in self._actors else _UNSURE)
        if at < words.start:
            return less + sum(word in _STOPS for word in self._words[at : words.start]), at
        if at < words.end:
            return less + _INSIDE, at
        parted = any(word in _STOPS for word in self._words[words.end : at])
        return less + (12 if parted else 3) + (at - words.end), at

    def _joined(self, chosen: Mention, named: Sequence[Mention]) -> list[str | None]:
        """Add to a country those that stand beside it in a list."""
        found: list[str | None] = [chosen.country]
        for mention in [mention for mention in named if (mention.kind == PEOPLE) is (chosen.kind == PEOPLE)]:
            low, high = sorted((mention.start, chosen.start))
            between = self._words[low + 1 : high]
            if mention.country not in found and 0 < len(between) <= 2 and _JOINED.intersection(between):
                found.append(mention.country)
        return found

    def _held_in(self, named: Sequence[Mention], words: Words, cues: Cues) -> str | None:
        """Find the country that words like "sentenced in Baghdad" name right after."""
        for mention in named:
            if mention.kind == PEOPLE or mention.country == "SY":
                continue
            if 0 <= mention.start - words.end <= _REACH and any(
                hit.end == mention.start and hit.start >= words.end for hit in cues.get("in", ())
            ):
                return mention.country
        return None

    def _sender(self, named: Sequence[Mention], words: Words, cues: Cues) -> list[str | None]:
        """Say who sent people on: "from" or "by" whom, else the subject, else the third state of the item."""
        source = self._source(named, words.start, words.end, cues) if words.kind != "detention" else None
        if source:
            return [source]
        before = [m.country for m in named if m.start < words.start and self._acts(m, range(named[0].start, 0))]
        if not before:
            before = [m.country for m in named if any(hit.end == m.start for hit in cues.get("in", ()))]
        third = [code for code in (*before, *self._actors) if code in _THIRD]
        if third:
            return [third[0]]
        others = [] if words.kind == "deport" else before or self._actors
        return [others[0]] if others else []

    def _source(self, named: Sequence[Mention], start: int, end: int, cues: Cues) -> str | None:
        for mention in named:
            at = mention.start
            if end <= at <= end + _REACH and any(start <= hit.start < at for hit in cues.get("from", ())):
                return mention.country if mention.country != "SY" or "SY" in self._actors else None
        return None

    def _without_sender(self, acting: Sequence[Mention], cues: Cues) -> Sequence[Mention]:
        """Leave out a country from which people were sent on."""
        for hit in (*cues.get("deport", ()), *cues.get("hand_over", ())):
            source = self._source(acting, hit.start, hit.end, cues)
            acting = [mention for mention in acting if mention.country != source]
        return acting

    def _overall(self) -> str | None:
        """Choose by the whole item: who acts, else whoever is not where people joined or were caught."""
        actors = [code for code in self._actors if code not in _THEATRE] or self._actors
        codes = [place.country for place in self._places if place.country != "SY"]
        home = [code for code in codes if code not in _THEATRE]
        if self._sent:
            own = [code for code in (*actors, *home) if code not in _THIRD]
            actors = own or actors
        return next(iter([*actors, *home, *codes]), None)

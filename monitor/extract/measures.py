"""What states do about people who joined, at which stage, by cues in the words of a text. The words are data."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.facts import Measure, MeasureFact, Place, Stage
from monitor.extract import phrases
from monitor.extract.agents import Agents
from monitor.extract.gazetteer import Hit
from monitor.extract.mentions import Named
from monitor.extract.reading import MARKS, Reading
from monitor.extract.stages import LAWS, Cues, Said, governs, stage_of

_TOGETHER: tuple[tuple[Measure, str, str, int, Said | None], ...] = (
    (Measure.CITIZENSHIP, "take", "nationality", 12, None),
    (Measure.CITIZENSHIP, "challenged", "case", 12, Said(Stage.CHALLENGED)),
    (Measure.TRAVEL_CONTROL, "take", "passport", 8, None),
    (Measure.TRAVEL_CONTROL, "challenged", "passport", 6, Said(Stage.CHALLENGED)),
    (Measure.REPATRIATION, "fly", "people", 5, None),
)
"""Two classes of cues that say a measure where they stand in one sentence, so many words apart at the most."""
_ALONE: Mapping[str, Measure] = {measure.value: measure for measure in Measure} | {
    "deport": Measure.DETENTION,
    "hand_over": Measure.DETENTION,
    "pardon": Measure.AMNESTY,
    "criminalise": Measure.CRIMINAL_LAW,
}
_FIRM = frozenset({"criminalise", "pardon", "deport", "hand_over"})
_LEGAL = frozenset({
    Measure.CITIZENSHIP, Measure.CRIMINAL_LAW, Measure.TRAVEL_CONTROL, Measure.ADMINISTRATIVE_CONTROL, Measure.AMNESTY,
})  # fmt: skip
"""What is done by making a law, so that a law in the title is about it."""
_CONTESTED = (_LEGAL | {Measure.REFUSAL, Measure.LISTING}) - {Measure.CRIMINAL_LAW, Measure.AMNESTY}
_WAYS = ("withdrawn", "debated", "adopted")
_ROOM = 7
_FAR = 20
_COURT = frozenset({Stage.STRUCK_DOWN, Stage.CHALLENGED})


@dataclass(frozen=True, slots=True)
class _Trigger:
    """Words from token ``start`` up to ``end`` that say a measure; ``said`` is its stage where that is clear.

    ``firm``: they say that it is done, not only what it is called.
    """

    measure: Measure
    start: int
    end: int
    said: Said | None = None
    firm: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    fact: MeasureFact
    weak: bool


def measures(reading: Reading, places: Sequence[Place], named: Named) -> tuple[MeasureFact, ...]:
    """List the measures of a reading with country and stage, each once, in order of the text.

    ``places`` are the countries of the same reading with their roles. Within a sentence a cue for the stage shifts what
    the measure's own words say; the country is the one that acts, None for an international body.
    """
    sentences = _by_sentence(reading)
    if not sentences or _another_subject(sentences):
        return ()
    sent = any("deport" in cues or "hand_over" in cues for cues in sentences.values())
    body = any("international" in cues for cues in sentences.values())
    who = Agents(reading, places, named.mentions, sent=sent, body=body)
    way = _way_of_title(sentences.get(0))
    found: list[_Found] = []
    last: list[_Found] = []
    for number, cues in sentences.items():
        told = list(_told(number, cues, reading, who, way if number else None))
        last = told or list(_taken_to_court(last, cues, reading))
        found += last
    return _settled(found)


def _told(number: int, cues: Cues, reading: Reading, who: Agents, way: Stage | None) -> Iterator[_Found]:
    """Tell the measures of one sentence."""
    here = reading.sentences[number]
    for trigger in _triggers(cues, reading, title=number == 0):
        measure, said = _said(trigger, cues, reading, way)
        if said is None:
            continue
        words = reading.surface(trigger.start, trigger.end)
        weak = said.plain and (not trigger.firm or measure is Measure.REFUSAL)
        if measure is Measure.TRAVEL_CONTROL and trigger.firm and (cues.get("dual") or who.of_people(cues)):
            measure = Measure.CITIZENSHIP  # "the Swiss passport" is the citizenship
        for country in who.of(measure, trigger, said.stage, cues, here):
            yield _Found(MeasureFact(measure, country, said.stage, said.negated, words), weak)


def _taken_to_court(last: Sequence[_Found], cues: Cues, reading: Reading) -> Iterator[_Found]:
    """Tell the fate in court of what the sentence before said: "In seven cases the decision was annulled"."""
    if cues.get("upheld") or cues.get("lawyer") or cues.get("future"):
        return
    for stage in (Stage.STRUCK_DOWN, Stage.CHALLENGED):
        for hit in cues.get(stage.value, ())[:1]:
            words = reading.surface(hit.start, hit.end)
            for one in last:
                if one.fact.measure in _CONTESTED and not one.fact.negated:
                    yield _Found(MeasureFact(one.fact.measure, one.fact.country, stage, words=words), weak=False)
            return


def _by_sentence(reading: Reading) -> dict[int, Cues]:
    sentences: dict[int, dict[str, list[Hit]]] = {}
    for hit in phrases.load("measures").hits(reading):
        number = reading.sentence(hit.start)
        sentences.setdefault(number, defaultdict(list))[hit.target.removeprefix("tense:")].append(hit)
    return {number: dict(cues) for number, cues in sentences.items()}


def _another_subject(sentences: Mapping[int, Cues]) -> bool:
    """Does the item speak of others who return or are tried, and not of our people?"""
    return any("other" in cues for cues in sentences.values()) and not any(
        "ours" in cues for cues in sentences.values()
    )


def _way_of_title(cues: Cues | None) -> Stage | None:
    """Say how far a law has come of which the title speaks."""
    return next((Stage(way) for way in _WAYS if cues and cues.get(way)), None)


def _triggers(cues: Cues, reading: Reading, *, title: bool) -> Iterator[_Trigger]:
    """Find what says a measure in one sentence: two words together, fixed phrases with their stage, words alone."""
    home = list(_home(cues, reading))
    planes = [_Trigger(Measure.REPATRIATION, hit.start, hit.end) for hit in cues.get("plane", ())]
    refusal = _refusal(home, cues, _FAR) or _refusal(planes, cues, _ROOM)
    yield from [refusal] if refusal else home
    taken = set()
    for measure, left, right, within, said in _TOGETHER:
        pair = _nearest(cues.get(left, ()), cues.get(right, ()), within)
        if pair and measure not in taken:
            taken.add(measure)
            yield _Trigger(measure, min(hit.start for hit in pair), max(hit.end for hit in pair), said, firm=True)
    for hit in cues.get("headline", ()) if title else ():
        yield _Trigger(Measure.PROSECUTION, hit.start, hit.end, Said(Stage.APPLIED))
    for target, hits in cues.items():
        name, _, stage = target.partition(".")
        alone = _ALONE.get(name)
        if alone is None or alone is Measure.REPATRIATION:
            continue
        for hit in hits:
            yield _Trigger(alone, hit.start, hit.end, Said(Stage(stage)) if stage else None, name in _FIRM, name)


def _home(cues: Cues, reading: Reading) -> Iterator[_Trigger]:
    """Find what says that people are brought home."""
    for hit in (*cues.get("repatriation", ()), *cues.get("flight", ())):
        yield _Trigger(Measure.REPATRIATION, hit.start, hit.end, firm=True)
    for hit in cues.get("bring", ()):
        for to in cues.get("home", ()):
            if 0 <= to.start - hit.end < _ROOM and not MARKS.intersection(reading.words[hit.end : to.start]):
                yield _Trigger(Measure.REPATRIATION, hit.start, to.end, firm=True)


def _refusal(home: Sequence[_Trigger], cues: Cues, within: int) -> _Trigger | None:
    """Make one refusal of bringing home and a word that refuses it in the same sentence."""
    for trigger in home:
        for hit in cues.get("refuse", ()):
            if max(trigger.start - hit.end, hit.start - trigger.end) <= within:
                return _joint(trigger, hit)
        for hit in cues.get("refuse_next", ()):  # "no repatriation"
            if 0 <= trigger.start - hit.end <= 1:
                return _joint(trigger, hit)
    return None


def _joint(trigger: _Trigger, hit: Hit) -> _Trigger:
    return _Trigger(Measure.REFUSAL, min(trigger.start, hit.start), max(trigger.end, hit.end), firm=True)


def _nearest(left: Sequence[Hit], right: Sequence[Hit], within: int) -> tuple[Hit, Hit] | None:
    pairs = [(max(a.start - b.end, b.start - a.end), a, b) for a in left for b in right]
    near = [(gap, a.start, a, b) for gap, a, b in pairs if 0 <= gap <= within]
    if not near:
        return None
    _, _, first, second = min(near, key=lambda pair: pair[:2])
    return first, second


def _said(trigger: _Trigger, cues: Cues, reading: Reading, way: Stage | None) -> tuple[Measure, Said | None]:
    """Say measure and stage of a trigger, None where it says nothing after all; ``way`` is that of the title's law."""
    measure, start, end = trigger.measure, trigger.start, trigger.end
    if trigger.said:
        return measure, _fixed(trigger, trigger.said, cues, reading)
    said = stage_of(measure, start, end, cues, reading)
    if measure is Measure.REPATRIATION:
        return _home_said(trigger, said, cues, reading)
    if way is Stage.WITHDRAWN and trigger.firm:
        way = None  # what was done before stays done
    if measure in _LEGAL and way and (said.stage is Stage.PROPOSED or said.plain) and trigger.kind != "pardon":
        said = Said(way)
    if measure is Measure.CRIMINAL_LAW and said.plain:
        return measure, Said(Stage.ADOPTED, plain=True) if trigger.firm else None
    return measure, said


def _fixed(trigger: _Trigger, said: Said, cues: Cues, reading: Reading) -> Said | None:
    """Take a phrase at its stage, unless a law threatens it or it is said not to have come."""
    if trigger.measure is Measure.PROSECUTION and said.stage is Stage.APPLIED:
        if any(hit.start <= trigger.start for hit in cues.get("liable", ())):
            return None
        if governs(cues.get("negation", ()), trigger.start, trigger.end, reading, before=4, after=0):
            return None
    if trigger.measure is Measure.PROSECUTION and said.stage is Stage.PROPOSED and cues.get("withdrawn"):
        return Said(Stage.WITHDRAWN)
    return said


def _home_said(trigger: _Trigger, said: Said, cues: Cues, reading: Reading) -> tuple[Measure, Said | None]:
    """Make of bringing home that does not happen a refusal, unless only a report of it is denied."""
    if governs(cues.get("deny", ()), trigger.start, trigger.end, reading, before=5, after=0):
        return Measure.REPATRIATION, Said(Stage.APPLIED, negated=True)
    if said.negated:
        refused = stage_of(Measure.REFUSAL, trigger.start, trigger.end, cues, reading)
        return Measure.REFUSAL, refused if refused.stage in _COURT else Said(Stage.IN_FORCE, plain=True)
    return Measure.REPATRIATION, said


def _settled(found: Sequence[_Found]) -> tuple[MeasureFact, ...]:
    """Keep each fact once, and leave out what another of the same measure and country says better."""
    of: dict[tuple[Measure, str | None], list[_Found]] = defaultdict(list)
    for one in found:
        of[one.fact.measure, one.fact.country].append(one)
    kept = {id(one.fact) for group in of.values() for one in group if _stands(one, group)}
    facts: dict[tuple[Measure, str | None, Stage, bool], MeasureFact] = {}
    for one in found:
        fact = one.fact
        if id(fact) in kept:
            facts.setdefault((fact.measure, fact.country, fact.stage, fact.negated), fact)
    return tuple(facts.values())


def _key(fact: MeasureFact) -> tuple[Stage, bool]:
    return fact.stage, fact.negated


def _stands(one: _Found, group: Sequence[_Found]) -> bool:
    fact = one.fact
    stages = {other.fact.stage for other in group}
    if one.weak and any(not other.weak and _key(other.fact) != _key(fact) for other in group):
        return fact.measure is Measure.ADMINISTRATIVE_CONTROL and Stage.CHALLENGED in stages
    if fact.stage in LAWS and fact.measure is not Measure.REPATRIATION:
        further = LAWS[LAWS.index(fact.stage) + 1 :]
        if stages.intersection(further):
            return False
    if fact.measure is Measure.PROSECUTION and fact.stage in {Stage.PROPOSED, Stage.APPLIED}:
        first = next(other.fact.stage for other in group if other.fact.stage in {Stage.PROPOSED, Stage.APPLIED})
        return fact.stage is first
    if fact.measure is Measure.REFUSAL:
        court = _COURT & stages
        return fact.stage in court or not court or fact.stage is Stage.IN_FORCE
    return True

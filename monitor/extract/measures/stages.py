"""How far a measure has come: the stage that the cues, and the words around those that name it, speak for most."""

from collections.abc import Iterator, Mapping, Sequence

from monitor.domain.facts import Measure, Stage
from monitor.extract.gazetteer import Hit
from monitor.extract.measures import weights
from monitor.extract.measures.kinds import OWN
from monitor.extract.measures.passages import Passage
from monitor.extract.reading import MARKS, Reading

STAGES = tuple(Stage)
_CLOSE = 4
_AROUND = 3
_ENDING = 3
_WORD = 0.3  # a word of the text says less than a class of words
_DENIED = frozenset({
    Measure.CITIZENSHIP, Measure.AMNESTY, Measure.PROSECUTION, Measure.TRAVEL_CONTROL, Measure.CRIMINAL_LAW,
})  # fmt: skip
"""Where "nobody was" is told; bringing home that does not happen is a refusal."""
_WHO = frozenset({"parliament", "government", "court", "international", "family", "lawyer", "expert"})
_WHAT = frozenset(
    {"future", "proposed", "debated", "adopted", "in_force", "challenged", "struck_down", "upheld", "withdrawn"}
)
"""Who does what in one sentence says more than each alone: a court that ends something, or a government."""
_BEFORE, _AFTER = 6, 2
_TAKEN = frozenset({Measure.CITIZENSHIP, Measure.TRAVEL_CONTROL})
_ENDED = frozenset({"withdrawn", "struck_down"})
"""Who withdraws or annuls a passport ends no measure: such a word is one of the measure's own."""


def stage_of(passage: Passage, measure: Measure, table: Mapping[str, Sequence[float]]) -> tuple[Stage, bool]:
    """Say the stage of a measure that a passage tells, by the weights of ``table``, and whether it is denied."""
    found = weights.scores(signs(passage, measure), table, len(STAGES))
    stage = STAGES[max(range(len(STAGES)), key=found.__getitem__)]
    if not denied(passage, measure):
        return stage, False
    return (Stage.APPLIED if stage is Stage.PROPOSED else stage), True


def signs(passage: Passage, measure: Measure) -> dict[str, float]:
    """List the signs for a stage: all cues, closer to the measure's own words the more, and words as they stand."""
    reading, named = passage.reading, passage.of(OWN[measure])
    found = weights.present(_cues(passage, measure, named))
    if len(reading.sentences) == 1:
        found["bare title"] = 1.0
    for number, hit in named:
        sentence = reading.sentences[number]
        for at in (hit.start, hit.end - 1):
            word = reading.folded[at]
            found |= weights.present((f"-{word[-2:]}", f"-{word[-_ENDING:]}", f"{word[:2]}-"))
        found |= weights.present(
            f"<{reading.folded[at]}" for at in range(max(sentence.start, hit.start - _AROUND), hit.start)
        )
        found |= weights.present(f">{reading.folded[at]}" for at in range(hit.end, min(sentence.stop, hit.end + 2)))
    for number, hits in passage.cues.items():
        classes = {hit.target for hit in hits}
        found |= weights.present(f"{who} {what}" for who in classes & _WHO for what in classes & _WHAT)
        for at in reading.sentences[number]:
            if reading.words[at] not in MARKS:
                found[f"={reading.folded[at]}"] = _WORD
    return found


def _cues(passage: Passage, measure: Measure, named: list[tuple[int, Hit]]) -> Iterator[str]:
    yield f"{measure}|"
    yield from (f"says:{hit.target}" for _, hit in named if "." in hit.target)
    for number, hits in passage.cues.items():
        beside = [hit for other, hit in named if other == number]
        taken = {at for word in beside for at in range(word.start, word.end)}
        if measure in _TAKEN:
            taken |= {hit.start for hit in hits if hit.target == "take"}
        for hit in hits:
            if hit.target in _ENDED and hit.start in taken:
                continue
            places = ["any"]
            if number == 0:
                yield f"title:{hit.target}"
            gaps = [
                (max(hit.start - word.end, word.start - hit.end), hit.start < word.start)
                for word in beside
                if word is not hit
            ]
            if gaps:
                places.append("same")
                gap, before = min(gaps)
                if gap <= _CLOSE:
                    places.append("before" if before else "after")
            for place in places:
                yield f"{place}:{hit.target}"
                yield f"{measure}|{place}:{hit.target}"


def denied(passage: Passage, measure: Measure) -> bool:
    """Is it said that a measure was not taken, or will not be?"""
    if measure is Measure.REPATRIATION:
        return _governed(passage, measure, frozenset({"deny"}))
    return measure in _DENIED and _governed(passage, measure, frozenset({"negation", "deny"}))


def _governed(passage: Passage, measure: Measure, targets: frozenset[str]) -> bool:
    """Does a cue stand close before the measure's main words, or right after, with no mark between?"""
    named = passage.of(frozenset(name for name in OWN[measure] if name == measure or name.startswith(f"{measure}.")))
    return any(
        other == number and _governs(hit, word, passage.reading)
        for number, word in named
        for other, hit in passage.of(targets)
    )


def _governs(hit: Hit, word: Hit, reading: Reading) -> bool:
    if hit.end <= word.start:
        return word.start - hit.end < _BEFORE and not MARKS.intersection(reading.words[hit.end : word.start])
    return 0 <= hit.start - word.end < _AFTER and not MARKS.intersection(reading.words[word.end : hit.start])

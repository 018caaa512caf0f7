"""What states do about people who joined, at which stage: passage by passage, by weighed signs.

Three decisions, each a sum of weights (weights.py): which measures a passage tells (kinds.py), how far each has come
(stages.py), and who takes it (agents.py). One act has one stage, so a measure of a country has the stage of the passage
that tells it most clearly.
"""

from collections.abc import Iterable, Sequence

from monitor.domain.facts import Measure, MeasureFact, Place
from monitor.extract.measures.agents import Countries, countries_of
from monitor.extract.measures.kinds import OWN, told
from monitor.extract.measures.passages import Passage, passages
from monitor.extract.measures.stages import stage_of
from monitor.extract.measures.weights import Weights, load
from monitor.extract.mentions import Named
from monitor.extract.reading import Reading

_HOME = frozenset({Measure.REPATRIATION, Measure.REFUSAL})


def measures(reading: Reading, places: Sequence[Place], named: Named) -> tuple[MeasureFact, ...]:
    """List the measures of a reading with country and stage, each once, in order of the text.

    ``places`` are the countries of the same reading with their roles; the country of a measure is one of them, or None
    for an international body, or where none is named.
    """
    return told_by(passages(reading), Countries(places, named.mentions), load())


def told_by(of: Iterable[Passage], countries: Countries, fitted: Weights) -> tuple[MeasureFact, ...]:
    """List the measures that passages of one reading tell, by fitted weights."""
    found: dict[tuple[Measure, str | None], tuple[float, MeasureFact]] = {}
    for passage in of:
        for measure, sure in _one_of_two(told(passage, fitted.told)):
            stage, negated = stage_of(passage, measure, fitted.stage)
            words = _words(passage, measure)
            for country in countries_of(passage, measure, countries, fitted):
                key = (measure, country)
                if key not in found or found[key][0] < sure:
                    found[key] = sure, MeasureFact(measure, country, stage, negated, words)
    return tuple(fact for _, fact in found.values())


def _one_of_two(of: Iterable[tuple[Measure, float]]) -> list[tuple[Measure, float]]:
    """Take bringing home or its refusal, whichever is surer: the same words name both."""
    found = dict(of)
    if found.keys() >= _HOME:
        del found[min(_HOME, key=found.__getitem__)]
    return list(found.items())


def _words(passage: Passage, measure: Measure) -> str:
    """Give the first words that name the measure, "" where it is told without."""
    for _, hit in passage.of(OWN[measure]):
        return passage.reading.surface(hit.start, hit.end)
    return ""

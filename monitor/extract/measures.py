"""What states do about people who joined, at which stage: passage by passage, by weighed signs.

Three decisions, each a sum of weights (weights.py): which measures a passage tells (kinds.py), how far each has come
(stages.py), and who takes it (agents.py). One act has one stage, so a measure of a country has the stage of the passage
that tells it most clearly.
"""

from collections.abc import Sequence

from monitor.domain.facts import Measure, MeasureFact, Place
from monitor.extract.agents import Countries, countries_of
from monitor.extract.kinds import OWN, told
from monitor.extract.mentions import Named
from monitor.extract.passages import Passage, passages
from monitor.extract.reading import Reading
from monitor.extract.stages import stage_of
from monitor.extract.weights import Weights, load


def measures(
    reading: Reading, places: Sequence[Place], named: Named, fitted: Weights | None = None
) -> tuple[MeasureFact, ...]:
    """List the measures of a reading with country and stage, each once, in order of the text.

    ``places`` are the countries of the same reading with their roles; the country of a measure is one of them, or None
    for an international body, or where none is named.
    ``fitted`` are weights other than the shipped ones.
    """
    fitted = fitted or load()
    countries = Countries(places, named.mentions)
    found: dict[tuple[Measure, str | None], tuple[float, MeasureFact]] = {}
    for passage in passages(reading):
        for measure, sure in told(passage, fitted.told):
            stage, negated = stage_of(passage, measure, fitted.stage)
            words = _words(passage, measure)
            for country in countries_of(passage, measure, countries, fitted):
                key = (measure, country)
                if key not in found or found[key][0] < sure:
                    found[key] = sure, MeasureFact(measure, country, stage, negated, words)
    return tuple(fact for _, fact in found.values())


def _words(passage: Passage, measure: Measure) -> str:
    """Give the first words that name the measure, "" where it is told without."""
    for _, hit in passage.of(OWN[measure]):
        return passage.reading.surface(hit.start, hit.end)
    return ""

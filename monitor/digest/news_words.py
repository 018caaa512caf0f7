"""What is new in a story, in words: "new: France: citizenship, struck down, before adopted"."""

from monitor.digest import fact_words
from monitor.digest.words import NAME, sentence
from monitor.domain.digest import NewFigure, NewMeasure, News
from monitor.tongue.tongue import Tongue

_MEASURES, _FIGURES = 3, 3


def facts(news: News, tongue: Tongue) -> tuple[str, ...]:
    """Say each new fact beside what was told before it, and how many more there are."""
    measures = [_measure(new, tongue) for new in news.measures[:_MEASURES]]
    figures = [_figure(new, tongue) for new in news.figures[:_FIGURES]]
    more = len(news.measures) + len(news.figures) - len(measures) - len(figures)
    said = [sentence(words, 2 * NAME) for words in (*measures, *figures)]
    return (*said, tongue.count("news.more", more)) if more else tuple(said)


def _measure(new: NewMeasure, tongue: Tongue) -> str:
    told, before = fact_words.step(new.fact, tongue), new.before
    if before:
        stage = fact_words.stage(before.stage, negated=before.negated, of=before.measure, tongue=tongue)
        told = tongue.say("news.before", said=told, stage=stage)
    return tongue.say("news.measure", step=told)


def _figure(new: NewFigure, tongue: Tongue) -> str:
    before = fact_words.number(new.before, tongue)
    return tongue.say("news.figure", count=fact_words.count(new.figure, tongue), before=before)

"""What is new in a story, in words: "new: France: citizenship, struck down, before adopted"."""

from monitor.digest import fact_words
from monitor.digest.words import NAME, sentence, shown
from monitor.domain.digest import NewFigure, NewMeasure, News, Retitled
from monitor.tongue.tongue import Tongue

_MEASURES, _FIGURES, _TITLES = 3, 3, 3
_TITLE = 200  # characters of a title, beside another


def facts(news: News, tongue: Tongue) -> tuple[str, ...]:
    """Say each corrected title and each new fact beside what was told before it, and how many more there are."""
    titles = [_title(one, tongue) for one in news.corrections[:_TITLES]]
    measures = [_measure(new, tongue) for new in news.measures[:_MEASURES]]
    figures = [_figure(new, tongue) for new in news.figures[:_FIGURES]]
    more = len(news.measures) + len(news.figures) - len(measures) - len(figures)
    more += len(news.corrections) - len(titles)
    said = [*titles, *(sentence(words, 2 * NAME) for words in (*measures, *figures))]
    return (*said, tongue.count("news.more", more)) if more else tuple(said)


def _title(one: Retitled, tongue: Tongue) -> str:
    """Old and new title; the new one may be another entry's than the one whose title heads the story."""
    before, now = (tongue.apart(shown(title, _TITLE)) for title in (one.before, one.now))
    return tongue.say("news.title", before=before, now=now) if one.before else tongue.say("news.title_now", now=now)


def _measure(new: NewMeasure, tongue: Tongue) -> str:
    told, before = fact_words.step(new.fact, tongue), new.before
    if before:
        stage = fact_words.stage(before.stage, negated=before.negated, of=before.measure, tongue=tongue)
        told = tongue.say("news.before", said=told, stage=stage)
    return tongue.say("news.measure", step=told)


def _figure(new: NewFigure, tongue: Tongue) -> str:
    before = fact_words.number(new.before, tongue)
    return tongue.say("news.figure", count=fact_words.count(new.figure, tongue), before=before)

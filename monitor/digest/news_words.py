"""What is new in a story, in words: "new: France: citizenship, struck down, before adopted"."""

from monitor.digest import fact_words
from monitor.digest.words import NAME, shown
from monitor.domain.digest import NewFigure, NewMeasure, News

_MEASURES, _FIGURES = 3, 3


def facts(news: News) -> tuple[str, ...]:
    """Say each new fact beside what was told before it, and how many more there are."""
    measures = [_measure(new) for new in news.measures[:_MEASURES]]
    figures = [_figure(new) for new in news.figures[:_FIGURES]]
    more = len(news.measures) + len(news.figures) - len(measures) - len(figures)
    said = [shown(words, 2 * NAME) for words in (*measures, *figures)]
    return (*said, f"{more} more that is new") if more else tuple(said)


def _measure(new: NewMeasure) -> str:
    before = new.before
    told = f", before {fact_words.stage(before.stage, negated=before.negated)}" if before else ""
    return f"new: {fact_words.step(new.fact)}{told}"


def _figure(new: NewFigure) -> str:
    return f"now {fact_words.count(new.figure)}, before {fact_words.number(new.before)}"

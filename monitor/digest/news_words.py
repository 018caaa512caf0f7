"""What is new in a story, in words: "new: France: citizenship, struck down, before adopted"."""

from monitor.digest import fact_words
from monitor.digest.words import NAME, shown
from monitor.domain.digest import NewFigure, NewMeasure, News, Retitled

_MEASURES, _FIGURES, _TITLES = 3, 3, 3
_TITLE = 200  # characters of a title, beside another


def facts(news: News) -> tuple[str, ...]:
    """Say each corrected title and each new fact beside what was told before it, and how many more there are."""
    titles = [_title(one) for one in news.corrections[:_TITLES]]
    measures = [_measure(new) for new in news.measures[:_MEASURES]]
    figures = [_figure(new) for new in news.figures[:_FIGURES]]
    more = len(news.measures) + len(news.figures) - len(measures) - len(figures)
    more += len(news.corrections) - len(titles)
    said = [*titles, *(shown(words, 2 * NAME) for words in (*measures, *figures))]
    return (*said, f"{more} more that is new") if more else tuple(said)


def _title(one: Retitled) -> str:
    """Old and new title; the new one may be another entry's than the one whose title heads the story."""
    now = f"now “{shown(one.now, _TITLE)}”"
    return f"before “{shown(one.before, _TITLE)}”, {now}" if one.before else f"its title is {now}"


def _measure(new: NewMeasure) -> str:
    before = new.before
    told = f", before {fact_words.stage(before.stage, negated=before.negated)}" if before else ""
    return f"new: {fact_words.step(new.fact)}{told}"


def _figure(new: NewFigure) -> str:
    return f"now {fact_words.count(new.figure)}, before {fact_words.number(new.before)}"

"""Ordinary items of a user's own stream: presumed negatives, which no person has looked at."""

from monitor.classify import lexicon
from monitor.classify.features import UNNAMED, concept_columns, concept_names
from monitor.classify.reading import read


def is_ordinary(title: str, text: str, own: tuple[tuple[str, str], ...] = ()) -> bool:
    """Say whether an item names nothing of our subject: else a presumed negative might be a miss of the model's.

    ``own`` are the user's (concept, term) pairs, by which it may be named as well.
    """
    return concept_names().index(UNNAMED) in concept_columns(read(title, text, lexicon.load(own)))

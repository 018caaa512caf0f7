from collections.abc import Mapping

import pytest

from monitor.classify.explain import Columns, concept_shares, parts, terms, word_shares
from monitor.classify.features import concept_columns, concept_names, grams, word_features
from monitor.classify.lexicon import load
from monitor.classify.reading import Reading, read

ITEM = ("Jihadist returns", "The jihadist was quiet")
READING = read(*ITEM, load())
GRAMS = sorted({gram for word in READING.words for gram in grams(word)})
COLUMNS = Columns(
    words=["jihadist", "quiet", "was quiet", "the"],
    grams=GRAMS,
    concepts=concept_names(),
)


def shares_of(reading_shares: Mapping[str, float]) -> dict[int, float]:
    """Name shares by feature: ``w:`` word, ``g:`` piece, ``c:`` concept."""
    first = {"w": 0, "g": 0, "c": COLUMNS.first_concept}
    places = {"w": COLUMNS.words, "g": COLUMNS.grams, "c": {name: at for at, name in enumerate(COLUMNS.concepts)}}
    return {first[key[0]] + places[key[0]][key[2:]]: share for key, share in reading_shares.items()}


def test_pairs_are_halved_and_pieces_go_to_their_words() -> None:
    shares = shares_of({"w:quiet": 0.3, "w:was quiet": 0.2, "g:quie": 0.1})
    assert word_shares(READING, shares, COLUMNS) == pytest.approx(
        {"jihadist": 0, "returns": 0, "the": 0, "was": 0.1, "quiet": 0.5}
    )


def test_conjunctions_are_split_among_the_concepts_that_were_found() -> None:
    shares = shares_of({"c:fighter": 1.0, "c:fighter+return": 0.5, "c:domain+return": 0.2, "c:domain": 0.1})
    assert concept_shares(READING, shares, COLUMNS) == pytest.approx({"fighter": 1.45, "return": 0.35})


def test_nothing_of_a_logit_is_lost_but_what_belongs_to_absence() -> None:
    shares = {COLUMNS.first_concept + column: 0.1 for column in concept_columns(READING)}
    assert sum(concept_shares(READING, shares, COLUMNS).values()) == pytest.approx(sum(shares.values()))


def test_every_share_of_a_logit_is_in_a_part() -> None:
    """Words, pairs, pieces, concepts, and what is absent: nothing is left over, also where words come twice."""
    shares = {at: 0.1 + at / 1000 for at in range(COLUMNS.first_concept + len(COLUMNS.concepts))}
    for item in (ITEM, ("Jihadist jihadist", "the the quiet quiet"), ("Rain at noon", "The rain was quiet"), ("", "")):
        reading = read(*item, load())
        held = {column: shares[column] for column in columns_of(reading)}
        assert sum(part.share for part in parts(item, reading, held, COLUMNS)) == pytest.approx(sum(held.values()))


def columns_of(reading: Reading) -> set[int]:
    words = {COLUMNS.words[name] for name in word_features(reading) if name in COLUMNS.words}
    pieces = {column for word in reading.words for column in COLUMNS.pieces(word)}
    return words | pieces | {COLUMNS.first_concept + column for column in concept_columns(reading)}


def test_stopwords_and_weak_words_are_not_shown() -> None:
    shares = shares_of({"w:the": 2.0, "w:quiet": 0.3, "w:was quiet": 0.1, "c:fighter": 1.0})
    shown = terms(ITEM, READING, shares, COLUMNS, load().stopwords)
    assert [(term.text, term.concept) for term in shown] == [("Jihadist", "fighter"), ("quiet", "")]
    assert shown[1].weight == pytest.approx(0.35)

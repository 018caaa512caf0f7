"""Cues: what phrases point to, over gaps, within a sentence, and which of two counts."""

import pytest

from monitor.errors import ModelError
from monitor.extract.phrases import build
from monitor.extract.reading import read

CUES = build(
    {
        "citizenship": {"en": ["strip{s,ped} .. citizenship", "nationality"]},
        "control": {"en": ["house arrest"], "ru": ["домашн+ий арест+"]},
        "prosecution": {"en": ["arrest*"], "ar": ["اعتقال"]},
        "stage": {"applied": {"en": ["strip{s,ped}"]}},
    },
    {"ий": ["ий", "им"], "": ["", "ом"]},
)


def found(text: str) -> list[str]:
    return [hit.target for hit in CUES.hits(read("", text))]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("She was STRIPPED of citizenship", ["citizenship", "stage:applied"]),
        ("stripped of her British citizenship", ["citizenship", "stage:applied"]),
        ("stripped of all that he had and citizenship", ["stage:applied"]),
        ("stripped, and citizenship is another matter", ["stage:applied"]),
        ("He was stripped. Citizenship is another matter", ["stage:applied"]),
        ("held under house arrest", ["control"]),
        ("arrested at the house", ["prosecution"]),
        ("под домашним арестом", ["control"]),
        ("وباعتقال رجل", ["prosecution"]),
        ("nothing of it", []),
    ],
)
def test_cues_point_to_their_targets(text: str, targets: list[str]) -> None:
    assert found(text) == targets


def test_a_list_outside_of_a_table_is_refused() -> None:
    with pytest.raises(ModelError, match="'en' stands outside"):
        build({"en": ["x"]}, {})

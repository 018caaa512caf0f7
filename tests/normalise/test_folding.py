"""What makes two ways of typing a word one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise.folding import bare, unify


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Raqqa", "RAQQA"),
        ("Déchéance", "Decheance"),
        ("De\u0301che\u0301ance", "Déchéance"),
        ("sœur", "soeur"),
        ("Łódź", "lodz"),
        ("ещё", "еще"),
        ("أسرة", "اسره"),
        ("مَحْكَمَة", "محكمه"),
        ("ISIS\u00ad", "isis"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert bare(unify(one)) == bare(unify(other))


def test_other_letters_stay_apart() -> None:
    assert len({bare(word) for word in ("Roj", "Rog", "Рой", "روج")}) == 4


@given(st.text())
def test_nothing_invisible_is_left_of_any_text(text: str) -> None:
    assert not {"\u00ad", "\u0640", "\u200b", "\u200f", "\ufeff"} & set(unify(text))

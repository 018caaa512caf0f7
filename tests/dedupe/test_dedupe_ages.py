"""Ages, as texts in seven languages give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dedupe.ages import ages


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A 29-year-old from Ceuta was jailed for eight years.", {29}),
        ("She is 31. Her brother, 27, fled; a third man aged 40 stayed.", {31, 27, 40}),
        ("Die 35-Jährige und ein 41 Jahre alter Mann; ein 19jähriger kam frei", {35, 41, 19}),
        ("Een 33-jarige vrouw en haar man, 36, kregen tien jaar cel", {33, 36}),
        ("Une Niçoise de 36 ans écope de douze ans de prison", {36}),
        ("Âgé de 44 ans, il vivait caché. À 40 ans, sa sœur a été jugée.", {44, 40}),
        ("Un vecino del Príncipe, de 29 años, a una pena de 12 años de prisión", {29}),
        ("33-летнего жителя Дербента приговорили к 16 годам колонии", {33}),
        ("قال الادعاء إن المتهم (32 عاماً) حُكم بالسجن 15 عاماً", {32}),
        ("امرأة تبلغ من العمر ٢٧ عاماً", {27}),
    ],
)
def test_ages_are_read_and_terms_are_not(text: str, found: set[int]) -> None:
    assert ages("Court news", text) == found


@pytest.mark.parametrize("text", ["Une peine de 30 ans", "20 ans de réclusion", "dix ans", "In 2014, 19 people left"])
def test_a_sentence_a_year_or_a_count_is_no_age(text: str) -> None:
    assert ages("", text) == frozenset()


@given(st.text(max_size=120), st.text(max_size=300))
def test_any_text_can_be_read_for_ages(title: str, text: str) -> None:
    assert all(0 <= age <= 99 for age in ages(title, text))

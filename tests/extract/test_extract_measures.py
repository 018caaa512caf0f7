"""Measures with country and stage, in sentences of all seven languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import MeasureFact
from monitor.extract.facts import extract


def found(title: str, text: str = "") -> tuple[MeasureFact, ...]:
    return extract(title, text).measures


def told(title: str, text: str = "") -> set[str]:
    return {
        f"{fact.measure}/{fact.country}/{fact.stage}" + ("/not" if fact.negated else "") for fact in found(title, text)
    }


@pytest.mark.parametrize(
    "title",
    [
        "Sweden stripped an ISIS fighter of his citizenship",
        "La Suède a retiré la nationalité à un djihadiste parti en Syrie",
        "Schweden hat einem IS-Kämpfer die Staatsangehörigkeit entzogen",
        "Швеция лишила гражданства боевика ИГ",
        "السويد تسحب جنسية مقاتل في داعش",
        "Zweden heeft een Syriëganger de nationaliteit ontnomen",
        "Suecia retiró la nacionalidad a un combatiente del Estado Islámico",
    ],
)
def test_citizenship_that_is_taken_is_found_in_every_language(title: str) -> None:
    assert told(title) == {"citizenship/SE/applied"}


@pytest.mark.parametrize(
    "title",
    [
        "Finland repatriated four women from Roj",
        "La Finlande a rapatrié quatre femmes du camp de Roj",
        "Finnland hat vier Frauen aus dem Lager Roj zurückgeholt",
        "Финляндия вывезла четырёх женщин из лагеря Родж",
        "فنلندا استعادت أربع نساء من مخيم روج",
        "Finland heeft vier vrouwen uit kamp Roj teruggehaald",
        "Finlandia repatrió a cuatro mujeres del campo de Roj",
    ],
)
def test_bringing_home_is_found_in_every_language(title: str) -> None:
    assert told(title) == {"repatriation/FI/applied"}


@pytest.mark.parametrize(
    "title",
    [
        "Denmark refuses to repatriate fighters",
        "Le Danemark refuse de rapatrier les combattants",
        "Dänemark lehnt Rückholung von Kämpfern ab",
        "Дания отказалась репатриировать боевиков",
        "الدنمارك ترفض استعادة مقاتلين",
        "Denemarken weigert strijders terug te halen",
        "Dinamarca rechaza repatriar a los combatientes",
    ],
)
def test_a_refusal_is_no_negated_repatriation(title: str) -> None:
    assert told(title) == {"refusal/DK/applied"}


@pytest.mark.parametrize(
    "title",
    [
        "Norway arrested a returnee from Syria",
        "Norvège : une revenante de Syrie arrêtée à Oslo",
        "Norwegen: Rückkehrerin in Oslo verhaftet",
        "В Норвегии задержали вернувшегося из Сирии боевика",
        "النرويج: توقيف عائد من سوريا في أوسلو",
        "Noorwegen: teruggekeerde strijder in Oslo aangehouden",
        "Noruega detiene a un retornado de Siria",
    ],
)
def test_an_arrest_is_prosecution_in_every_language(title: str) -> None:
    assert told(title) == {"prosecution/NO/applied"}


def test_follow_on_facts_of_a_case_are_one_prosecution() -> None:
    facts = found("Oslo: returnee arrested", "She was charged with terrorism. The court in Oslo sentenced her in May.")
    assert [fact.measure for fact in facts] == ["prosecution"]


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("Belgium proposes a bill to revoke the citizenship of fighters", "proposed"),
        ("Belgian parliament debates revoking the citizenship of fighters", "debated"),
        ("Belgian parliament approves bill to revoke the citizenship of fighters", "adopted"),
        ("Belgium revoked the citizenship of a fighter", "applied"),
        ("Belgian fighter challenges decision to revoke his citizenship", "challenged"),
        ("Belgian court annuls order that revoked the citizenship of a fighter", "struck_down"),
    ],
)
def test_words_around_a_measure_give_its_stage(title: str, stage: str) -> None:
    assert told(title) == {f"citizenship/BE/{stage}"}


def test_what_will_not_be_done_is_negated() -> None:
    assert told("Belgium will not strip the fighter of his citizenship") == {"citizenship/BE/applied/not"}


def test_bringing_home_that_will_not_happen_is_a_refusal_as_policy() -> None:
    assert told("Belgium will not bring back its fighters from Roj") == {"refusal/BE/in_force"}


def test_a_denied_flight_is_a_repatriation_that_was_not() -> None:
    assert told("Sweden denies repatriation of fighters from Roj") == {"repatriation/SE/applied/not"}


def test_an_upheld_order_is_no_struck_down_one() -> None:
    assert told("London court upholds removal of citizenship from fighter") == {"citizenship/GB/applied"}


def test_deporting_is_done_by_the_state_from_which_one_comes() -> None:
    assert "detention/TR/applied" in told("Man deported from Turkey jailed in Oslo", "He had fought in Syria.")
    assert "prosecution/NO/applied" in told("Man deported from Turkey jailed in Oslo", "He had fought in Syria.")


def test_a_court_acts_for_the_country_in_which_it_sits() -> None:
    assert told("Dutch fighter sentenced in Baghdad") == {"prosecution/IQ/applied"}


def test_two_states_that_act_together_both_count() -> None:
    assert told("Spain and Morocco arrest three returnees from Syria") == {
        "prosecution/ES/applied",
        "prosecution/MA/applied",
    }


def test_an_international_body_has_no_country() -> None:
    assert told("UN experts urge states to repatriate women from Roj") == {"repatriation/None/proposed"}


def test_a_law_in_the_title_carries_the_measures_of_the_text() -> None:
    assert told("Austrian parliament passes terror law", "Returnees would be put under control orders.") == {
        "administrative_control/AT/adopted"
    }


def test_the_fate_in_court_is_told_of_the_sentence_before() -> None:
    assert told("Netherlands stripped six fighters of citizenship", "In two cases the decision was annulled.") == {
        "citizenship/NL/applied",
        "citizenship/NL/struck_down",
    }


def test_a_passport_with_a_people_is_the_citizenship() -> None:
    assert told("Bern entzieht Dschihadisten den Schweizer Pass") == {"citizenship/CH/applied"}
    assert told("Bern entzieht Dschihadisten den Pass") == {"travel_control/CH/applied"}


@pytest.mark.parametrize(
    "title",
    [
        "Clinical trials of new drug begin in Ghana",
        "Prisoners of war brought home to Armenia",
        "Nicaragua strips opponents of citizenship",
        "Ferry traffic halted by wind",
        "",
    ],
)
def test_what_only_looks_like_a_measure_is_none(title: str) -> None:
    assert not found(title)


def test_a_threatened_term_is_no_sentence() -> None:
    assert not told("Rejoining the group is punishable by 12 years in prison in Norway")


def test_the_words_that_say_it_are_kept() -> None:
    assert [fact.words for fact in found("Finland repatriated four women from Roj")] == ["repatriated"]


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_has_each_fact_once(title: str, text: str) -> None:
    facts = found(title, text)
    assert len({(fact.measure, fact.country, fact.stage, fact.negated) for fact in facts}) == len(facts)


WORDS = ["France", "Iraq", "will", "not", "refuses", "repatriate", "court", "citizenship", "stripped", "annulled", ".",
         "arrested", "deported", "from", "Turkey", "bill", "passed", "UN", "and", ","]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_cues_in_any_order_give_each_fact_once(words: list[str]) -> None:
    facts = found(" ".join(words[:10]), " ".join(words[10:]))
    assert len({(fact.measure, fact.country, fact.stage, fact.negated) for fact in facts}) == len(facts)

"""Measures with country and stage, in sentences of all seven languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import MeasureFact
from monitor.extract.facts import extract
from monitor.extract.measures.passages import language
from monitor.extract.reading import read


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
    assert {(fact.measure, fact.country, fact.negated) for fact in found(title)} == {("refusal", "DK", False)}


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


@pytest.mark.parametrize(
    "title",
    [
        "Turkey deports three foreign fighters to Germany",
        "La Turquie expulse trois combattants étrangers vers l'Allemagne",
        "Türkei schiebt drei IS-Kämpfer nach Deutschland ab",
        "Турция депортировала трёх боевиков в Германию",
        "تركيا ترحّل ثلاثة مقاتلين أجانب إلى ألمانيا",
        "Turkije zet drie Syriëgangers uit naar Duitsland",
        "Turquía deporta a tres combatientes extranjeros a Alemania",
    ],
)
def test_who_is_sent_on_is_detained_by_the_state_that_sends(title: str) -> None:
    assert "detention/TR/applied" in told(title)


@pytest.mark.parametrize(
    "title",
    [
        "Austria puts Syria returnee under house arrest",
        "L'Autriche assigne à résidence un revenant de Syrie",
        "Österreich stellt Syrien-Rückkehrer unter Hausarrest",
        "Австрия поместила вернувшегося из Сирии боевика под административный надзор",
        "النمسا تفرض الإقامة الجبرية على عائد من سوريا",
        "Oostenrijk legt teruggekeerde Syriëganger een enkelband en meldplicht op",
        "Austria impone arresto domiciliario a un retornado de Siria",
    ],
)
def test_control_without_a_sentence_is_found_in_every_language(title: str) -> None:
    assert ("administrative_control", "AT") in {(fact.measure, fact.country) for fact in found(title)}


@pytest.mark.parametrize(
    "title",
    [
        "Tajikistan pardons 20 fighters who came back from Syria",
        "Le Tadjikistan amnistie 20 combattants revenus de Syrie",
        "Tadschikistan begnadigt 20 Kämpfer aus Syrien",
        "Таджикистан амнистировал 20 боевиков, вернувшихся из Сирии",
        "طاجيكستان تعفو عن 20 مقاتلا عادوا من سوريا",
        "Tadzjikistan verleent amnestie aan 20 strijders uit Syrië",
        "Tayikistán indulta a 20 combatientes que volvieron de Siria",
    ],
)
def test_a_pardon_is_found_in_every_language(title: str) -> None:
    assert ("amnesty", "TJ") in {(fact.measure, fact.country) for fact in found(title)}


@pytest.mark.parametrize(
    "title",
    [
        "Kosovo opens rehabilitation centre for women back from Syria",
        "Le Kosovo ouvre un centre de réinsertion pour les femmes revenues de Syrie",
        "Kosovo eröffnet Zentrum zur Wiedereingliederung von Syrien-Rückkehrerinnen",
        "В Косово открыли центр реабилитации для вернувшихся из Сирии женщин",
        "كوسوفو تفتتح مركز تأهيل للعائدات من سوريا",
        "Kosovo opent centrum voor re-integratie van teruggekeerde vrouwen uit Syrië",
        "Kosovo abre un centro de rehabilitación para mujeres retornadas de Siria",
    ],
)
def test_help_for_those_who_came_back_is_found_in_every_language(title: str) -> None:
    assert ("reintegration", "XK") in {(fact.measure, fact.country) for fact in found(title)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The women were brought before a judge and the children to their aunts.", "en"),
        ("Les femmes ont été présentées à un juge dans la journée.", "fr"),
        ("Die Frauen wurden am Abend dem Haftrichter vorgeführt.", "de"),
        ("Женщин доставили к судье.", "ru"),
        ("مثلت النساء أمام القاضي.", "ar"),
        ("De vrouwen werden door de politie naar het bureau gebracht.", "nl"),
        ("Las mujeres fueron llevadas ante el juez por la tarde.", "es"),
        ("Oslo: 4", ""),
    ],
)
def test_the_small_words_tell_the_language(text: str, expected: str) -> None:
    assert language(read("", text)) == expected


def test_each_paragraph_of_a_long_text_is_read_for_itself() -> None:
    text = (
        "Italy has its own worries this spring. They are told on other pages.\n"
        "In Belgium a court stripped a fighter of his citizenship. He had joined ISIS in Raqqa.\n"
        "Sweden flew home four women from Roj. They were met by doctors at the airport."
    )
    facts = told("What states do about those who joined", text)
    assert {"citizenship/BE/applied", "repatriation/SE/applied"} <= facts


def test_countries_of_a_list_act_together() -> None:
    facts = found("Israel, Australia and Bahrain withdrew citizenship from fighters for ISIS")
    assert {fact.country for fact in facts if fact.measure == "citizenship"} == {"IL", "AU", "BH"}


def test_follow_on_facts_of_a_case_are_one_prosecution() -> None:
    facts = found("Oslo: returnee arrested", "She was charged with terrorism. The court in Oslo sentenced her in May.")
    assert [fact.measure for fact in facts] == ["prosecution"]


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("Belgium proposes a bill to revoke the citizenship of fighters", "proposed"),
        ("Belgian parliament debates revoking the citizenship of fighters", "debated"),
        ("Belgium adopts law to revoke the citizenship of fighters", "adopted"),
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


def test_two_states_that_act_together_both_count() -> None:
    assert told("Spain and Morocco arrest three returnees from Syria") == {
        "prosecution/ES/applied",
        "prosecution/MA/applied",
    }


def test_an_international_body_has_no_country() -> None:
    assert told("UN experts urge states to repatriate women from Roj") == {"repatriation/None/proposed"}


def test_a_law_in_the_title_carries_the_measures_of_the_text() -> None:
    facts = told("Austrian parliament passes terror law", "Returnees would be put under control orders.")
    assert "administrative_control/AT/adopted" in facts


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


def test_a_threatened_term_is_a_rule_and_no_sentence() -> None:
    assert told("Rejoining the group is punishable by 12 years in prison in Norway") == {"criminal_law/NO/in_force"}


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

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classify import lexicon
from monitor.classify.classifier import Classifier
from monitor.classify.explain import MAX_TERMS
from monitor.domain.entry import Score

RETURNS, POLICY, BOTH, NEITHER = {"returns"}, {"policy"}, {"returns", "policy"}, set[str]()

CLEAR = [
    (
        "Three mothers and seven children land after years in Roj camp",
        "They joined the Islamic State in 2014.",
        RETURNS,
    ),
    (
        "Former IS fighter sentenced to nine years on return from Syria",
        "The court in Malmo heard six witnesses.",
        RETURNS,
    ),
    ("Parliament votes to strip citizenship from dual nationals who joined terrorist groups", "", POLICY),
    ("Government refuses to repatriate women from al-Hol despite court ruling", "The minister will appeal.", BOTH),
    ("Dix femmes et vingt enfants rapatriés des camps du nord-est syrien", "Les mères sont en garde à vue.", RETURNS),
    ("IS-Rückkehrerin muss wegen Mitgliedschaft in der Terrormiliz in Haft", "Sie lebte in Rakka.", RETURNS),
    ("Из лагеря Аль-Холь вывезли сорок детей боевиков", "Спецборт приземлился ночью.", RETURNS),
    ("عودة نساء وأطفال من مخيم الهول", "كن زوجات مقاتلي داعش في سوريا.", RETURNS),
    ("Repatriadas dos mujeres y nueve niños desde campamentos en Siria", "Eran esposas de yihadistas.", RETURNS),
    ("Vier moeders en hun kinderen opgehaald uit kamp Roj in Syrië", "De Syriëgangers zijn aangehouden.", RETURNS),
    ("Striker returns to training", "The coach expects him back for the cup tie.", NEITHER),
    ("Refugees return to their village after the flood", "", NEITHER),
    ("Museum returns looted bronzes", "The artefacts were flown home on Tuesday.", NEITHER),
    ("Senate passes pension bill", "The opposition voted against the law.", NEITHER),
]


@pytest.mark.parametrize(("title", "text", "labels"), CLEAR)
def test_clear_items_get_their_labels(title: str, text: str, labels: set[str], shipped: Classifier) -> None:
    [scores] = shipped.classify([(title, text)])
    assert {label for label in shipped.labels if scores[label].probability >= shipped.recommended[label]} == labels


@settings(deadline=None, max_examples=60)
@given(title=st.text(), text=st.text())
def test_any_text_gets_scores_between_nothing_and_certainty(title: str, text: str) -> None:
    _check_scores(_shipped().classify([(title, text)]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "а" * 1_000_000,
        "الهول " * 200_000,
        "isis fighter return " * 60_000,
        "\u0301" * 100_000,
        "ﷺ" * 50_000,
    ],
    ids=["empty", "blank", "null", "surrogate", "one-word", "arabic", "ours", "marks", "ligatures"],
)
def test_empty_strange_and_huge_texts_get_scores(text: str, shipped: Classifier) -> None:
    _check_scores(shipped.classify([(text, text), ("", text), (text, "")]))


def test_nothing_gives_nothing(shipped: Classifier) -> None:
    assert shipped.classify([]) == []


def test_a_batch_scores_as_its_items_do_alone(shipped: Classifier) -> None:
    items = [(title, text) for title, text, _ in CLEAR]
    together = shipped.classify(items * 90)
    for at, item in enumerate(items):
        [alone] = shipped.classify([item])
        for label, score in alone.items():
            assert together[-len(items) :][at][label].probability == pytest.approx(score.probability, abs=1e-9)


def test_terms_are_the_items_own_words(shipped: Classifier) -> None:
    for title, text, _ in CLEAR:
        for score in shipped.classify([(title, text)])[0].values():
            assert len(score.terms) <= MAX_TERMS
            for term in score.terms:
                assert term.text in title or term.text in text
            if score.probability < 0.05:
                assert score.terms == ()


def test_terms_name_concepts_first_and_no_stopwords(shipped: Classifier) -> None:
    terms = shipped.classify([("The IS bride's return", "She is back in Leeds from Al\u00ad-Hol.")])[0]["returns"].terms
    plain = [bool(term.concept) for term in terms]
    assert plain == sorted(plain, reverse=True)
    assert {term.concept for term in terms} >= {"fighter", "return"}
    assert not {term.text.casefold() for term in terms if not term.concept} & lexicon.load().stopwords


def test_a_long_text_gets_a_second_look(shipped: Classifier) -> None:
    title = "Women held in al-Hol return home from Syria after joining the Islamic State"
    filler = "They arrived with their children on a flight that left before dawn and were met by doctors. " * 8
    later = "The government then put a counter-terrorism bill before parliament to strip jihadists of citizenship."
    [short] = shipped.classify([(title, filler)])
    [long] = shipped.classify([(title, filler + later)])
    assert short["policy"].probability < shipped.recommended["policy"] <= long["policy"].probability
    assert all(term.text in title or term.text in filler + later for term in long["policy"].terms)


def test_the_scorer_names_model_and_lexicon(shipped: Classifier) -> None:
    assert shipped.scorer == f"{shipped.version}+{lexicon.load().sha256[:8]}"
    assert shipped.labels == ("returns", "policy")
    assert all(0 < threshold < 1 for threshold in shipped.recommended.values())


def test_what_is_ours_has_aspects_and_what_is_not_has_none(shipped: Classifier) -> None:
    trial, football = shipped.classify([CLEAR[1][:2], CLEAR[10][:2]])
    assert set(shipped.aspects) >= {"prosecution", "repatriation", "citizenship", "detention_camp", "reintegration"}
    assert set(trial) == {*shipped.labels, *shipped.aspects}
    assert max(shipped.aspects, key=lambda name: trial[name].probability) == "prosecution"
    assert set(football) == set(shipped.labels)


def test_an_aspect_is_never_surer_than_that_the_item_is_ours(shipped: Classifier) -> None:
    for scores in shipped.classify([(title, text) for title, text, _ in CLEAR]):
        best = max(scores[label].probability for label in shipped.labels)
        assert all(scores[name].probability <= best for name in shipped.aspects if name in scores)


def test_importing_the_classifier_does_not_import_scikit_learn() -> None:
    code = "import sys, monitor.classify.classifier; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _check_scores(scores: list[dict[str, Score]]) -> None:
    for item in scores:
        assert set(item) >= {"returns", "policy"}
        assert all(0 <= score.probability <= 1 for score in item.values())


def _shipped(kept: list[Classifier] = []) -> Classifier:  # noqa: B006  (hypothesis does not take this fixture's scope)
    from pathlib import Path

    if not kept:
        kept.append(Classifier.load(Path(__file__).parents[2] / "models"))
    return kept[0]

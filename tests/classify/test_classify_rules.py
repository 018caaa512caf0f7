"""The rule score, the user's own words, and the watch-list: with a model, beside it, and without one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app import words_of
from monitor.classify import lexicon
from monitor.classify.classifier import Classifier, Words
from monitor.classify.options import LabelOptions, RuleOptions, WatchOptions
from monitor.classify.rules import Rule, judge, rules_of
from monitor.classify.words import concepts_of, own_words
from monitor.domain.entry import WATCH
from monitor.errors import ModelError
from monitor.settings.bundled import bundled_config
from monitor.settings.load import load

MODELS = Path(__file__).parents[2] / "models"
CAMP = ("Twelve children flown home from Roj camp", "They were born under the Islamic State.")


def labels(**rule: object) -> dict[str, LabelOptions]:
    return {"returns": LabelOptions(threshold=0.5, rule=RuleOptions(**rule))}  # type: ignore[arg-type]


def words(options: dict[str, LabelOptions], **more: object) -> Words:
    own = own_words(options, more.get("terms", {}), more.get("watch", {}))  # type: ignore[arg-type]
    return Words(tuple((word.concept, word.term) for word in own), rules_of(options))


def rule(**given: object) -> Rule:
    return rules_of(labels(**given))["returns"]


def test_points_at_the_minimum_make_a_half() -> None:
    found = judge(
        rule(terms={"concept:camp": 2.0, "concept:camp + concept:return": 1.0}, minimum=3.0), {"camp", "return"}
    )
    assert (found.probability, found.points) == (0.5, 3.0)
    assert [term for term, _, _ in found.hits] == ["concept:camp", "concept:camp + concept:return"]


def test_without_what_is_required_there_is_nothing() -> None:
    needs = rule(terms={"concept:return": 5.0}, required=["concept:camp", "word one"])
    assert judge(needs, {"return"}).probability == 0
    assert "required" in judge(needs, {"return"}).why
    assert judge(needs, {"return", "camp"}).probability > 0.5
    assert judge(needs, {"return", "word:word one"}).probability > 0.5


def test_what_is_excluded_ends_it() -> None:
    bars = rule(terms={"concept:camp": 5.0}, excluded=["concept:off_topic + concept:family"])
    assert judge(bars, {"camp", "off_topic"}).probability > 0.5
    barred = judge(bars, {"camp", "off_topic", "family"})
    assert (barred.probability, barred.why) == (0.0, "excluded by concept:off_topic + concept:family")


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.floats(-5, 5), max_size=6),
    st.sets(st.sampled_from("abcdef")),
    st.floats(0.1, 10),
)
def test_a_rule_score_is_a_share_that_no_point_lowers(
    points: dict[str, float], found: set[str], minimum: float
) -> None:
    terms = {f"concept:{name}": worth for name, worth in points.items()}
    score = judge(rule(terms=terms, minimum=minimum), found).probability
    assert 0 <= score < 1
    more = judge(rule(terms=terms | {"concept:z": 1.0}, minimum=minimum), found | {"z"}).probability
    assert more >= score


def test_parts_of_a_term_must_all_be_there() -> None:
    assert concepts_of("concept:camp + bring* home") == {"camp", "word:bring* home"}


def test_own_words_count_at_once() -> None:
    item = [("Vurgund back in town", "The court heard him."), ("Bakery opens", "")]
    before = Classifier.load(MODELS)
    after = Classifier.load(MODELS, None, words({}, terms={"fighter": ["vurgund"]}))
    scores = [model.classify(item)[0]["returns"].probability for model in (before, after)]
    assert scores[1] > 2 * scores[0]
    assert before.scorer != after.scorer
    assert before.classify(item)[1] == after.classify(item)[1]


def test_a_hit_of_the_watch_list_is_named_in_the_items_own_words() -> None:
    watch = {"al-hol": WatchOptions(terms=["al Hol", "مخيم الهول"])}
    model = Classifier.load(MODELS, None, words({}, watch=watch))
    fire, arabic, rain = model.classify([("Fire in al-Hol", ""), ("حريق في مخيم الهول", ""), ("Rain", "")])
    assert [(t.text, t.concept) for t in fire[WATCH].terms] == [("al-Hol", "watch:al-hol")]
    assert arabic[WATCH].probability == 1
    assert WATCH not in rain


def test_a_watched_name_may_stand_for_a_concept() -> None:
    item = [("Forty leave Zzyzx for Dushanbe", "The women and children were flown home.")]
    plain, known = (
        Classifier.load(MODELS, None, words({}, watch={"z": WatchOptions(terms=["Zzyzx"], concept=concept)}))
        for concept in ("", "camp")
    )
    assert known.classify(item)[0]["returns"].probability > plain.classify(item)[0]["returns"].probability


def test_without_a_model_the_rules_go_on_and_say_so() -> None:
    own = words(labels(terms={"concept:camp + concept:return": 4.0}, minimum=2.0, required=["concept:camp"]))
    alone = Classifier.by_rules(own, "the model is damaged")
    camp, rain = alone.classify([CAMP, ("Rain at noon", "")])
    assert camp["returns"].probability == pytest.approx(4 / 6)
    assert {term.concept for term in camp["returns"].terms} == {"camp", "return"}
    assert all(term.text in " ".join(CAMP) for term in camp["returns"].terms)
    assert rain["returns"].probability == 0
    assert alone.scorer.startswith("rules+")
    assert "the model is damaged" in alone.warnings[0]
    explained = alone.explain(*CAMP)["returns"]
    assert (explained.counted, explained.probability) == ("rule", pytest.approx(4 / 6))


def test_without_model_and_rules_there_is_no_classifier() -> None:
    with pytest.raises(ModelError, match="the model is damaged"):
        Classifier.by_rules(Words(), "the model is damaged")


def test_a_rule_lifts_a_language_that_the_model_has_not_learnt_and_no_other() -> None:
    own = words(labels(terms={"kotiin": 9.0}, minimum=1.0))
    model = Classifier.load(MODELS, None, own)
    item = [("Lapset tuotiin kotiin", "")]
    finnish, swedish, unknown = (model.classify(item, [lang])[0]["returns"] for lang in ("fi", "sv", ""))
    assert finnish.probability == pytest.approx(0.9)
    assert swedish.probability == unknown.probability < 0.5
    assert model.explain(*item[0], "fi")["returns"].counted == "rule"


def test_the_shipped_rules_find_clear_items_by_themselves(tmp_path: Path) -> None:
    settings = load(bundled_config(), {}, channels=False)
    alone = Classifier.by_rules(words_of(settings), "no model")
    clear = [
        ("Dutch jihadist women and their children repatriated from al-Hol camp", "returns"),
        ("Former IS fighter who travelled to Syria jailed for nine years on return", "returns"),
        ("Frankreich holt IS-Rückkehrerinnen und Kinder aus dem Lager Roj zurück", "returns"),
        ("Parliament passes law to strip terrorists of citizenship", "policy"),
        ("Un projet de loi sur la déchéance de nationalité des terroristes devant le Parlement", "policy"),
    ]
    for title, label in clear:
        assert alone.classify([(title, "")])[0][label].probability >= 0.5, title
    for title in ("Striker returns to training camp", "Museum returns looted bronzes", "Senate passes pension bill"):
        assert all(score.probability < 0.5 for score in alone.classify([(title, "")])[0].values()), title


@pytest.mark.parametrize(
    "item", [CAMP, ("", ""), ("Rain at noon", "It rained."), ("Суд лишил гражданства боевика", "")]
)
def test_an_explanation_adds_up_to_the_logit_and_the_logit_to_the_score(item: tuple[str, str]) -> None:
    model = Classifier.load(MODELS)
    [scores] = model.classify([item])
    for label, explained in model.explain(*item).items():
        assert explained.intercept + sum(part.share for part in explained.parts) == pytest.approx(
            explained.logit, abs=1e-9
        )
        odds = explained.slope * explained.logit + explained.offset
        assert explained.probability == pytest.approx(1 / (1 + 2.718281828459045**-odds), abs=1e-9)
        assert scores[label].probability == pytest.approx(explained.probability, abs=1e-12)


def test_an_own_term_that_is_no_term_is_refused() -> None:
    with pytest.raises(ModelError, match=r"labels\.toml: 'a/b'"):
        lexicon.check("a/b")

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classify import artefact, corpus, lexicon
from monitor.classify.calibrate import Calibration, Mix, fit_platt, mix, recommend
from monitor.classify.classifier import Classifier
from monitor.classify.counterfactual import without_subject
from monitor.classify.fit import Sample, assign_folds, fit
from monitor.classify.quality.evaluate import sigmoid
from monitor.classify.reading import read
from monitor.classify.train import Annotated, Stream, TrainReport, train
from monitor.errors import UsageError

ROOT = Path(__file__).parents[2]

TEXTS = [
    ("Two sisters flown home from Roj camp after nine years", "Doctors met the plane at a military airfield."),
    ("Upper house passes bill to strip dual nationals of citizenship over terrorism", ""),
    ("Minister will not bring them back", "The mothers have asked three courts to be repatriated from al-Hol."),
    ("Striker returns to the club that let him go", "He signed for two seasons."),
    ("Le retour de six orphelins de Syrie", "Leur grand-mère les attendait à l'aéroport."),
    ("Déchéance de nationalité : le Conseil d’État confirme", "L'homme avait été condamné pour terrorisme."),
    ("La rentrée scolaire sous la pluie", "Les cours reprennent lundi."),
    ("IS-Rückkehrerin gesteht vor dem Oberlandesgericht", "Die Frau lebte vier Jahre in Rakka."),
    ("Kabinett billigt Passentzug für Dschihadreisende", ""),
    ("Neue Brücke über den Fluss eröffnet", "Der Bau dauerte drei Jahre."),
    ("Kabinet haalt elf kinderen op uit kamp Roj", ""),
    ("Hoge Raad: Nederlanderschap mocht worden ingetrokken", "De man sloot zich aan bij IS."),
    ("Tulpenseizoen begint vroeg", ""),
    ("Вдову боевика осудили после возвращения из Сирии", "Она провела в лагере три года."),
    ("Депутаты одобрили лишение гражданства за терроризм", ""),
    ("В области начался сев", "Аграрии ждут дождей."),
    ("عودة عشرة أطفال من مخيم الهول", "وصلت الطائرة ليلا."),
    ("البرلمان يناقش سحب الجنسية من المدانين بالإرهاب", ""),
    ("Repatrían a una madre y a sus hijos desde un campamento en Siria", "Aterrizaron de madrugada."),
    ("", "وصول المطر"),
]


def test_what_is_loaded_scores_as_what_was_trained(small_corpus: Path, small_trained: tuple[Path, TrainReport]) -> None:
    items = [item for item in corpus.read(small_corpus) if item.kind != "borderline"]
    readings = [read(item.title, item.text, lexicon.load()) for item in items]
    truths = {label: np.array([label in item.labels for item in items]) for label in corpus.LABELS}
    fitted = fit(Sample.of_corpus(readings, truths), 0).logits(
        [read(title, text, lexicon.load()) for title, text in TEXTS]
    )
    stored = artefact.read(small_trained[0])
    loaded = Classifier.load(small_trained[0]).classify(TEXTS)
    for label, weights in stored.labels.items():
        expected = sigmoid(fitted[label] * weights.slope + weights.offset)
        assert [scores[label].probability for scores in loaded] == pytest.approx(expected.tolist(), abs=1e-6)


def test_the_same_corpus_and_seed_give_the_same_weights(
    small_corpus: Path, small_trained: tuple[Path, TrainReport], tmp_path: Path
) -> None:
    report = train(small_corpus, tmp_path, version="small")
    assert report == small_trained[1]
    for name in ("weights.npz", "model.json", "MODEL_CARD.md"):
        assert (tmp_path / "small" / name).read_bytes() == (small_trained[0] / "small" / name).read_bytes()


def test_the_card_tells_what_the_model_is(small_trained: tuple[Path, TrainReport]) -> None:
    models, report = small_trained
    card = (models / "small" / "MODEL_CARD.md").read_text("utf-8")
    for fact in (report.sha256, report.corpus_sha256, artefact.installed_scikit_learn(), lexicon.load().sha256):
        assert fact in card
    assert "| de |" in card


def test_progress_is_told(small_corpus: Path, tmp_path: Path) -> None:
    told: list[str] = []
    train(small_corpus, tmp_path, version="small", progress=told.append)
    assert told[0] == "reading the corpus"
    assert "measuring, fold 5 of 5" in told


def test_a_corpus_that_is_too_small_is_refused_with_numbers(small_corpus: Path, tmp_path: Path) -> None:
    lines = (small_corpus / "de-a.jsonl").read_text("utf-8").splitlines()
    few = [line for line in lines if not json.loads(line)["labels"]][:20]
    (tmp_path / "few.jsonl").write_text("\n".join(few), encoding="utf-8")
    with pytest.raises(UsageError, match="0 with 'returns', 10 are needed"):
        train(tmp_path, tmp_path / "models", version="x")


def test_folds_share_out_every_language_and_set_of_labels(small_corpus: Path) -> None:
    items = corpus.read(small_corpus)
    folds = assign_folds(items, 5, 0)
    for wanted in (frozenset(), frozenset({"returns"}), frozenset({"policy"})):
        counts = [sum(fold == n and i.labels == wanted for i, fold in zip(items, folds, strict=True)) for n in range(5)]
        assert max(counts) - min(counts) <= 2
    assert (folds != assign_folds(items, 5, 1)).any()
    assert (folds == assign_folds([replace(item, text="other") for item in items], 5, 0)).all()


def test_a_positive_without_its_subject_keeps_its_ordinary_words() -> None:
    reading = read("Court jails mother who joined the Islamic State", "She came home from Syria.", lexicon.load())
    masked = without_subject(reading)
    assert masked is not None
    assert masked.words == ("court", "jails", "mother", "who", "she", "came", "home", "from")
    assert masked.title_length == 4
    assert {"family", "justice"} <= {match.concept for match in masked.matches}
    assert without_subject(read("Rain at noon", "", lexicon.load())) is None


def test_the_recommended_threshold_keeps_ordinary_news_out() -> None:
    truths = np.array([True] * 10 + [False] * 10)
    logits = np.log(np.r_[np.full(10, 0.7 / 0.3), np.full(10, 0.1 / 0.9)])
    plain = Calibration(1.0, 0.0, 0.5)
    assert recommend(mix(truths, logits, np.full(50, np.log(0.55 / 0.45))), plain) > 0.55
    assert 0.1 < recommend(mix(truths, logits, np.empty(0)), plain) <= 0.7


def test_a_mix_has_the_base_rate_that_was_asked_for() -> None:
    truths = np.array([True] * 8 + [False] * 20)
    mixed = mix(truths, np.zeros(28), np.zeros(100), 0.002)
    assert mixed.base_rate == pytest.approx(0.002)
    assert mixed.weights.sum() == pytest.approx(128)
    assert mixed.weights[8:28].sum() == pytest.approx(4 * mixed.weights[:8].sum())


@given(st.floats(0.001, 0.15), st.integers(0, 50))
@settings(deadline=None, max_examples=25)
def test_calibrated_scores_are_right_on_average_at_the_base_rate(base_rate: float, seed: int) -> None:
    draw = np.random.default_rng(seed)
    truths = draw.random(300) < 0.4
    logits = np.where(truths, draw.normal(2, 2, 300), draw.normal(-2, 2, 300))
    mixed: Mix = mix(truths, logits, draw.normal(-4, 2, 600), base_rate)
    scores = fit_platt(mixed).apply(mixed.logits)
    assert np.average(scores, weights=mixed.weights) == pytest.approx(mixed.base_rate, rel=0.05)


def test_the_shipped_model_was_trained_with_the_shipped_corpus_and_lexicon() -> None:
    models = Path(__file__).parents[2] / "models"
    stored = artefact.read(models)
    items = [item for item in corpus.read(models / "corpus") if item.kind != "borderline"]
    assert stored.lexicon_sha256 == lexicon.load().sha256, "the lexicon has changed: run `monitor train`"
    assert stored.facts["corpus"]["sha256"] == corpus.fingerprint(items), "the corpus has changed: run `monitor train`"


def test_a_store_adds_what_people_said_and_what_is_ordinary(small_corpus: Path, tmp_path: Path) -> None:
    """A model that was told so often enough takes a word for ours, or for nothing, whatever the corpus says."""
    ours = [Annotated(f"Zorvane {n} verhandelt", "Ein Satz.", {"returns": True}) for n in range(40)]
    rain = [(f"Rückkehrerin aus Quaddle {n}", "Das Wetter.") for n in range(60)]
    models = tmp_path / "models"
    plain = train(small_corpus, models, version="plain")
    taught = train(small_corpus, models, version="taught", stream=Stream(ours, rain[:50], rain[50:], 0.01))
    assert (taught.annotated, taught.ordinary, plain.annotated) == (40, 50, 0)
    before, after = (Classifier.load(models, name) for name in ("plain", "taught"))
    item = [("Rückkehrerin aus Quaddle 99", "Das Wetter.")]
    assert after.classify(item)[0]["returns"].probability < before.classify(item)[0]["returns"].probability
    facts = artefact.read(models, "taught").facts
    assert facts["stream"] == {"annotated": 40, "ordinary": 50, "base_rate": 0.01}
    assert "40 labels of people, 50 ordinary items" in (models / "taught" / "MODEL_CARD.md").read_text("utf-8")


def test_a_label_that_nobody_spoke_of_is_not_learnt_from_people(small_corpus: Path, tmp_path: Path) -> None:
    said = Stream([Annotated(f"Grundsatzurteil {n}", "", {"returns": False}) for n in range(50)])
    train(small_corpus, tmp_path, version="plain")
    train(small_corpus, tmp_path, version="said", stream=said)
    plain, taught = (artefact.read(tmp_path, name).labels["policy"] for name in ("plain", "said"))
    assert (plain.coefficients == taught.coefficients).all()


def test_what_is_held_out_is_measured_and_plotted(small_corpus: Path, tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.mkdir()
    lines = (ROOT / "models" / "heldout" / "de.jsonl").read_text("utf-8")
    (held / "de.jsonl").write_text(lines + (ROOT / "models" / "heldout" / "en.jsonl").read_text("utf-8"), "utf-8")
    report = train(small_corpus, tmp_path, version="small", held_out=held)
    assert report.held_out["returns"]["positives"] > 30
    card = (tmp_path / "small" / "MODEL_CARD.md").read_text("utf-8")
    assert "## Quality on what was kept out" in card
    assert "look-alikes" in card
    assert "](reliability.svg)" in card
    assert (tmp_path / "small" / "reliability.svg").read_text("utf-8").startswith("<svg")

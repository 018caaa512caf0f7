import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from monitor.classify import artefact, features, lexicon
from monitor.classify.linear import LinearModel
from monitor.classify.quality.evaluate import Scores, sigmoid
from monitor.classify.reading import Reading, read
from monitor.classify.vectorise import ConceptFeatures

MODELS = Path(__file__).parents[2] / "models"
STORED = artefact.read(MODELS)
MODEL = LinearModel(STORED)
WORDS = [
    "return",
    "Syria",
    "women",
    "of",
    "the",
    "камп",
    "лагеря",
    "العودة",
    "Roj",
    "IS",
    "IS",
    "citizenship",
    "tax",
    "-",
]


def scikit_learn(readings: Sequence[Reading]) -> dict[str, Scores]:
    """The probabilities by scikit-learn's own objects, given the weights through their public attributes."""
    words = TfidfVectorizer(analyzer=features.word_features, vocabulary=STORED.words, sublinear_tf=True)
    words.idf_ = STORED.word_idf.astype(np.float64)
    pieces = TfidfVectorizer(analyzer=features.gram_features, vocabulary=STORED.grams, sublinear_tf=True)
    pieces.idf_ = STORED.gram_idf.astype(np.float64)
    matrix = FeatureUnion([("word", words), ("gram", pieces), ("concept", ConceptFeatures())]).transform(readings)
    found = {}
    for label, weights in STORED.labels.items():
        regression = LogisticRegression()
        regression.coef_ = weights.coefficients.astype(np.float64).reshape(1, -1)
        regression.intercept_ = np.array([weights.intercept])
        regression.classes_ = np.array([False, True])
        found[label] = sigmoid(regression.decision_function(matrix) * weights.slope + weights.offset)
    return found


def check(texts: Sequence[tuple[str, str]]) -> None:
    readings = [read(title, text, lexicon.load()) for title, text in texts]
    scored = MODEL.score(readings).probabilities
    for label, expected in scikit_learn(readings).items():
        assert scored[label] == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)), min_size=1, max_size=5))
def test_scores_are_those_of_scikit_learn(texts: list[tuple[str, str]]) -> None:
    check(texts)


def test_scores_of_a_batch_with_empty_items_are_those_of_scikit_learn() -> None:
    check([("", ""), ("Women return from Roj", "The women and the children return."), ("", ""), ("Zz", "qq"), ("", "")])


def test_no_reading_has_no_scores() -> None:
    assert all(len(scores) == 0 for scores in MODEL.score([]).probabilities.values())


def test_scoring_needs_no_scikit_learn() -> None:
    code = (
        "import sys; from pathlib import Path; from monitor.classify.classifier import Classifier;"
        f"Classifier.load(Path({str(MODELS)!r})).classify([('Women return from Roj', 'They are heard in Lille.')]);"
        "sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

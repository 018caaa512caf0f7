"""Floors on real items, which are never trained on; they lie outside the repository."""

import gzip
import html
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.classify.classifier import EXPLAINED, Classifier
from monitor.classify.ordinary import is_ordinary
from monitor.classify.quality import evaluate
from monitor.classify.train import Stream, train

FOLDER = os.environ.get("MONITOR_REAL_DATA")
ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="MONITOR_REAL_DATA names no folder with captured documents"),
]
# label: average precision, recall at 1 false positive per 1,000 background items
FLOORS = {"any": (0.96, 0.94), "returns": (0.95, 0.91), "policy": (0.88, 0.87)}
# label: precision and recall at the shipped threshold, recall of items that are not English
AT_THE_LINE = {"returns": (0.86, 0.86, 0.75), "policy": (0.70, 0.82, 0.75)}
# label: background items of 1,000 over the shipped threshold
NOISE = {"returns": 0.8, "policy": 0.8}


@dataclass(frozen=True)
class Judged:
    """Real items with their truths and a model's scores; "any" is either label."""

    items: list[dict[str, Any]]
    truths: dict[str, evaluate.Truths]
    scores: dict[str, evaluate.Scores]
    background: dict[str, evaluate.Scores]


def scored(model: Classifier, items: list[dict[str, Any]]) -> dict[str, evaluate.Scores]:
    found = model.classify([(item["title"], item["text"] or "") for item in items])
    by_label = {label: np.array([scores[label].probability for scores in found]) for label in model.labels}
    return by_label | {"any": np.max(list(by_label.values()), axis=0)}


@pytest.fixture(scope="module")
def background() -> list[dict[str, Any]]:
    with gzip.open(Path(str(FOLDER)) / "eval" / "background.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def real() -> list[dict[str, Any]]:
    lines = (Path(str(FOLDER)) / "eval" / "dev.jsonl").read_text("utf-8").splitlines()
    return [item for item in map(json.loads, lines) if item["difficulty"] != "borderline"]


def judged(model: Classifier, real: list[dict[str, Any]], background: list[dict[str, Any]]) -> Judged:
    truths = {label: np.array([label in item["labels"] for item in real]) for label in model.labels}
    truths["any"] = np.any(list(truths.values()), axis=0)
    return Judged(real, truths, scored(model, real), scored(model, background))


@pytest.fixture(scope="module")
def found(shipped: Classifier, real: list[dict[str, Any]], background: list[dict[str, Any]]) -> Judged:
    return judged(shipped, real, background)


@pytest.mark.parametrize("label", FLOORS)
def test_real_items_are_told_apart(label: str, found: Judged) -> None:
    truths, scores = found.truths[label], found.scores[label]
    got = (
        evaluate.average_precision(truths, scores),
        evaluate.recall_at(truths, scores, found.background[label]),
    )
    assert all(value >= floor for value, floor in zip(got, FLOORS[label], strict=True)), (got, FLOORS[label])


@pytest.mark.parametrize("label", AT_THE_LINE)
def test_the_shipped_thresholds_find_what_they_should(label: str, found: Judged, shipped: Classifier) -> None:
    line = shipped.recommended[label]
    others = np.array([item["lang"] != "en" for item in found.items])
    precision, recall, _ = evaluate.precision_recall_f1(found.truths[label], found.scores[label], line)
    elsewhere = evaluate.precision_recall_f1(found.truths[label][others], found.scores[label][others], line)[1]
    got = (precision, recall, elsewhere)
    assert all(value >= floor for value, floor in zip(got, AT_THE_LINE[label], strict=True)), (got, AT_THE_LINE[label])
    assert 1_000 * np.mean(found.background[label] >= line) <= NOISE[label]


def test_a_users_own_stream_helps(
    shipped: Classifier,
    real: list[dict[str, Any]],
    background: list[dict[str, Any]],
    found: Judged,
    tmp_path: Path,
) -> None:
    """Every second background item is the stream that is trained on; the others are what comes later."""
    seen, later = background[::2], background[1::2]
    low = np.max([scores[::2] for label, scores in found.background.items()], axis=0) < EXPLAINED
    texts = [(item["title"], item["text"] or "") for item, kept in zip(seen, low, strict=True) if kept]
    ordinary = [text for text in texts if is_ordinary(*text)][:5_000]
    stream = Stream(ordinary=ordinary[:4_000], recent=ordinary[4_000:], base_rate=0.002)
    train(ROOT / "models" / "corpus", tmp_path, version="own", stream=stream)
    before, after = judged(shipped, real, later), judged(Classifier.load(tmp_path, "own"), real, later)
    for label in FLOORS:
        gain = [
            evaluate.recall_at(side.truths[label], side.scores[label], side.background[label])
            for side in (before, after)
        ]
        precision = [evaluate.average_precision(side.truths[label], side.scores[label]) for side in (before, after)]
        assert gain[1] >= gain[0] - 0.015, (label, gain)
        assert precision[1] >= precision[0] - 0.005, (label, precision)
    rises = [
        evaluate.recall_at(after.truths[label], after.scores[label], after.background[label])
        - evaluate.recall_at(before.truths[label], before.scores[label], before.background[label])
        for label in FLOORS
    ]
    assert np.mean(rises) >= 0


def article() -> tuple[str, list[str]]:
    page = (Path(str(FOLDER)) / "feeds" / "seed-article.html").read_text("utf-8")
    [title] = re.findall(r"<h1>(.*?)</h1>", page)
    texts = [html.unescape(re.sub(r"<.*?>", "", text)) for text in re.findall(r"<p>(.*?)</p>", page, re.DOTALL)]
    return title, texts


def labels(shipped: Classifier, title: str, text: str) -> set[str]:
    [scores] = shipped.classify([(title, text)])
    return {label for label in shipped.labels if scores[label].probability >= shipped.recommended[label]}


@pytest.mark.parametrize("paragraphs", [1, 99], ids=["lead", "whole"])
def test_the_article_that_the_project_began_from_gets_both_labels(paragraphs: int, shipped: Classifier) -> None:
    title, texts = article()
    assert labels(shipped, title, " ".join(texts[:paragraphs])) == {"returns", "policy"}


# How a sentence of it begins, the labels that it shall have alone, and whether a near-miss will do: the text was turned
# into English by a machine.
SENTENCES = [
    ("2014, and especially after the fall", {"returns"}, False),
    ("The French Parliament has approved", {"policy"}, False),
    ("But the countries to which return", {"policy"}, False),
    ("To some extent, these measures operate", {"returns"}, False),
    ("A number of countries, including Israel", {"policy"}, True),
    ("It is difficult to assess the scale", {"returns"}, True),
    ("But this discussion stopped after", set(), False),
    ("The reaction of the Europeans", set(), False),
    ("If immigrants feel their isolation", set(), False),
]


@pytest.mark.parametrize(("beginning", "expected", "near"), SENTENCES)
def test_its_sentences_one_by_one_get_sensible_labels(
    beginning: str, expected: set[str], near: bool, shipped: Classifier
) -> None:
    _, texts = article()
    sentences = [sentence for text in texts for sentence in re.split(r"(?<=[.!?])\s+", text)]
    [sentence] = [sentence for sentence in sentences if sentence.startswith(beginning)]
    [scores] = shipped.classify([(sentence, "")])
    lines = {label: shipped.recommended[label] * (0.5 if near else 1.0) for label in shipped.labels}
    assert {label for label in shipped.labels if scores[label].probability >= lines[label]} == expected

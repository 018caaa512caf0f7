"""Floors on real items, which are never trained on; they lie outside the repository."""

import gzip
import html
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from monitor.classify import evaluate
from monitor.classify.classifier import Classifier

FOLDER = os.environ.get("MONITOR_REAL_DATA")
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="MONITOR_REAL_DATA names no folder with captured documents"),
]
# label: average precision, recall at 1 false positive per 1,000 background items, precision and recall at the threshold
FLOORS = {"returns": (0.90, 0.80, 0.84, 0.82), "policy": (0.76, 0.74, 0.62, 0.76)}


@pytest.fixture(scope="module")
def background(shipped: Classifier) -> dict[str, evaluate.Scores]:
    with gzip.open(Path(str(FOLDER)) / "eval" / "background.jsonl.gz", "rt", encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    scores = shipped.classify([(item["title"], item["text"]) for item in items])
    return {label: np.array([score[label].probability for score in scores]) for label in shipped.labels}


@pytest.mark.parametrize("label", FLOORS)
def test_real_items_are_told_apart(label: str, shipped: Classifier, background: dict[str, evaluate.Scores]) -> None:
    lines = (Path(str(FOLDER)) / "eval" / "dev.jsonl").read_text("utf-8").splitlines()
    items = [item for item in map(json.loads, lines) if item["difficulty"] != "borderline"]
    scored = shipped.classify([(item["title"], item["text"]) for item in items])
    scores = np.array([score[label].probability for score in scored])
    truths = np.array([label in item["labels"] for item in items])
    precision, recall, _ = evaluate.precision_recall_f1(truths, scores, shipped.recommended[label])
    found = (
        evaluate.average_precision(truths, scores),
        evaluate.recall_at(truths, scores, background[label]),
        precision,
        recall,
    )
    assert all(value >= floor for value, floor in zip(found, FLOORS[label], strict=True)), (found, FLOORS[label])


@pytest.mark.parametrize("paragraphs", [1, 99], ids=["lead", "whole"])
def test_the_article_that_the_project_began_from_gets_both_labels(paragraphs: int, shipped: Classifier) -> None:
    page = (Path(str(FOLDER)) / "feeds" / "seed-article.html").read_text("utf-8")
    [title] = re.findall(r"<h1>(.*?)</h1>", page)
    texts = [html.unescape(re.sub(r"<.*?>", "", text)) for text in re.findall(r"<p>(.*?)</p>", page, re.DOTALL)]
    [scores] = shipped.classify([(title, " ".join(texts[:paragraphs]))])
    assert {label for label in scores if scores[label].probability >= shipped.recommended[label]} == {
        "returns",
        "policy",
    }

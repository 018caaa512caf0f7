import re
from dataclasses import replace

import numpy as np
import pytest
from lxml import html

from monitor.classify.quality.evalset import EvalItem
from monitor.classify.quality.measure import curves, measure
from monitor.classify.quality.page import page
from monitor.domain.labels import Cut, Lines

LINES = {"returns": Lines(Cut(0.5, 0.2)), "policy": Lines(Cut(0.5, 0.2))}
EVIL = '<img src=x onerror="alert(1)"> & Söhne'


@pytest.fixture
def items():
    """Forty items of `returns`, forty of none; the first of each are decided wrongly."""
    made = [EvalItem(f"p{n}", f"Positive {n}", lang="en", labels=frozenset({"returns"})) for n in range(40)]
    return made + [EvalItem(f"n{n}", f"Negative {n}", lang="ar", kind="easy") for n in range(40)]


@pytest.fixture
def scores():
    return {"returns": np.array([0.2] + [0.9] * 39 + [0.8] + [0.1] * 39), "policy": np.zeros(80)}


@pytest.fixture
def render(scores):
    def build(items, **how):
        found = measure(items, scores, LINES, resamples=50)
        return page(found, curves(items, scores, LINES), **{"heading": "Model X", **how})

    return build


def test_what_comes_from_items_is_text(render, items):
    items[0] = replace(items[0], title=EVIL, id="<b>id</b>", lang='"><i>')
    items[1] = replace(items[1], style="<u>wire</u>")
    page_ = html.document_fromstring(render(items, heading="<i>X</i>", facts=[("<s>", EVIL)]))
    assert not page_.xpath("//img | //i | //u | //s | //b[text()='id']")
    assert EVIL in [cell.text_content() for cell in page_.xpath("//td")]
    assert EVIL in [cell.text_content() for cell in page_.xpath("//dd")]
    assert "<b>id</b>" in [cell.text_content() for cell in page_.xpath("//td")]


def test_the_page_needs_nothing_beside_itself(render, items):
    whole = render(items)
    page_ = html.document_fromstring(whole)
    assert not page_.xpath("//script | //link | //img | //iframe | //@src | //@href")
    assert "url(" not in whole
    assert "@import" not in whole
    assert set(re.findall(r"https?://[^\"\s<]*", whole)) == {"http://www.w3.org/2000/svg"}


def test_numbers_plots_groups_confusion_and_examples_are_there(render, items):
    page_ = html.document_fromstring(render(items, labels={"returns": ("The returns", "0.5, ru 0.4")}))
    (row,) = page_.xpath("//table[contains(@class, 'lead')]//tr[th='returns']")
    cells = [cell.text_content().strip() for cell in row.xpath("./td")]
    assert cells[:4] == ["80", "40", "1", "1"]
    assert all(re.fullmatch(r"[01]\.\d{2,3}[01]\.\d{2,3}–[01]\.\d{2,3}", cell) for cell in cells[4:]), cells
    captions = [caption.text_content() for caption in page_.xpath("//figcaption")]
    assert [caption.split()[0] for caption in captions] == ["Precision", "Reliability", "Reliability"]
    assert len(page_.xpath("//figure/svg")) == 3
    heads = [head.text_content() for head in page_.xpath("//h2 | //h3")]
    assert heads == [
        "The returns", "returns by language", "returns by kind", "returns: false alarms, the worst first",
        "returns: misses, the worst first", "What was taken for what",
    ]  # fmt: skip
    assert "Line 0.5, ru 0.4: 39 found (TP), 1 false alarm (FP), 1 missed (FN), 39 rightly left out (TN)." in [
        told.text_content().strip() for told in page_.xpath("//p")
    ]
    (none,) = page_.xpath("//table[@class='matrix']/tbody/tr[th='none']")
    assert [cell.text_content() for cell in none.xpath("./td")] == ["39", "1"]
    assert page_.xpath("//td[.='Negative 0']/@dir") == ["auto"]


def test_a_label_without_numbers_says_why_and_nothing_undefined_is_shown(render, items):
    whole = render(items)
    page_ = html.document_fromstring(whole)
    assert page_.xpath("//table[contains(@class, 'lead')]//tr[th='policy']//td[@class='refused']/text()") == [
        "not enough labels (0/30)"
    ]
    text = page_.text_content().replace("none", "")
    assert "None" not in text
    assert "nan" not in text
    easy = page_.xpath("//tr[th='easy']/td")
    assert [cell.text_content().strip() for cell in easy][5] == "–"  # recall


def test_many_sets_of_labels_are_told_as_a_list_of_mistakes():
    labels = [f"label{n}" for n in range(12)]
    items = [EvalItem(str(n), "x", labels=frozenset({labels[n % 12]})) for n in range(24)]
    scores = {
        label: np.array([0.9 if n % 12 == (at + 1) % 12 else 0.1 for n in range(24)]) for at, label in enumerate(labels)
    }
    lines = {label: Lines(Cut(0.5, 0.2)) for label in labels}
    page_ = html.document_fromstring(page(measure(items, scores, lines), {}, heading="X"))
    assert not page_.xpath("//table[@class='matrix']")
    assert page_.xpath("//tr[td='label0' and td='label11']/td[@class='n']/text()") == ["2"]

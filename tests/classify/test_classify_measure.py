import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.quality.evalset import EvalItem
from monitor.classify.quality.measure import bins, curves, measure
from monitor.cli.console import plain
from monitor.domain.labels import Cut, Lines

LINES = {"returns": Lines(Cut(0.5, 0.2)), "policy": Lines(Cut(0.5, 0.2))}


def sample(size=300, seed=0):
    """Items with scores that are mostly right; every third positive, a third of the others look-alikes."""
    generator = random.Random(seed)
    items, scores = [], {"returns": [], "policy": []}
    for number in range(size):
        labels = {label for label in scores if generator.random() < 0.3}
        kind = "" if labels else generator.choice(["trap", "easy", "easy"])
        if generator.random() < 0.1:
            kind = "borderline"
        for label, found in scores.items():
            found.append(min(1.0, max(0.0, generator.gauss(0.7 if label in labels else 0.3, 0.2))))
        items.append(
            EvalItem(
                f"item-{number}",
                f"Title {number}",
                lang=generator.choice(["en", "de"]),
                labels=frozenset(labels),
                kind=kind,
                style=generator.choice(["wire", ""]),
                month=generator.choice(["2026-03", "2026-11"]),
            )
        )
    return items, {label: np.array(found) for label, found in scores.items()}


def simple(positives, negatives, **fields):
    """Items of one label that are all decided rightly."""
    items = [EvalItem(f"p{n}", "x", labels=frozenset({"returns"}), **fields) for n in range(positives)]
    items += [EvalItem(f"n{n}", "x", **fields) for n in range(negatives)]
    return items, {"returns": np.array([0.9] * positives + [0.1] * negatives)}


def counts(measures):
    return (
        measures.true_positives, measures.false_positives, measures.false_negatives, measures.true_negatives
    )  # fmt: skip


def test_what_is_decided_rightly_and_wrongly_is_counted_at_the_line():
    items, scores = simple(40, 60)
    scores["returns"][:10] = 0.4  # ten misses
    scores["returns"][40:45] = 0.5  # five false alarms, on the line
    found = measure(items, scores, LINES).labels["returns"]
    assert (found.items, found.positives, found.refused) == (100, 40, "")
    assert counts(found.overall) == (30, 5, 10, 55)
    assert found.overall.precision.value == pytest.approx(30 / 35)
    assert found.overall.recall.value == pytest.approx(0.75)
    assert found.overall.recall.low < 0.75 < found.overall.recall.high


def test_a_language_has_its_own_line_and_a_tier_too():
    items, scores = simple(40, 40)
    items = [
        replace(item, lang="ru" if at % 2 else "en", tier="" if at % 4 else "news") for at, item in enumerate(items)
    ]
    lines = {"returns": Lines(Cut(0.5, 0.2), {"ru": Cut(0.95, 0.2)}, {"news": Cut(0.05, 0.01)})}
    groups = measure(items, scores, lines, resamples=0).labels["returns"].groups
    assert counts(groups["language"]["ru"]) == (0, 0, 20, 20)
    assert counts(groups["language"]["en"]) == (20, 10, 0, 10)  # the even ones that are 4n have the tier's line


def test_borderline_items_are_in_no_number_but_that_of_their_kind():
    items, scores = simple(40, 40)
    items += [EvalItem(f"b{n}", "x", lang="fr", kind="borderline") for n in range(7)]
    scores["returns"] = np.r_[scores["returns"], np.full(7, 0.99)]
    found = measure(items, scores, LINES, resamples=0)
    label = found.labels["returns"]
    assert (found.items, found.borderline, label.items) == (87, 7, 80)
    assert label.overall.false_positives == 0
    assert label.false_alarms == ()
    assert "fr" not in label.groups.get("language", {})
    assert counts(label.groups["kind"]["borderline"]) == (0, 7, 0, 0)
    assert sum(pair.items for pair in found.confusion) == 80
    assert sum(each.count for each in label.calibration.bins) == 80


@pytest.mark.parametrize(
    ("positives", "negatives", "refused"),
    [
        (7, 50, "not enough labels (7/30)"),
        (50, 29, "not enough labels (29/30)"),
        (0, 0, "not enough labels (0/30)"),
        (30, 30, ""),
    ],
)
def test_few_positives_or_negatives_give_no_number(positives, negatives, refused):
    found = measure(*simple(positives, negatives), LINES, resamples=0).labels["returns"]
    assert found.refused == refused
    assert (found.overall is None) == bool(refused)
    assert (found.items, found.positives) == (positives + negatives, positives)
    assert not refused or (found.groups, found.calibration, found.stream) == ({}, None, None)


def test_what_nobody_was_asked_for_is_left_out_for_that_label_only():
    items, scores = simple(40, 40)
    scores["policy"] = scores["returns"][::-1].copy()
    asked = [
        replace(item, judged=frozenset({"returns"} if at < 70 else {"returns", "policy"}))
        for at, item in enumerate(items)
    ]
    found = measure(asked, scores, LINES, resamples=0)
    assert found.labels["returns"].items == 80
    assert (found.labels["policy"].items, found.labels["policy"].refused) == (10, "not enough labels (0/30)")
    assert sum(pair.items for pair in found.confusion) == 10


def test_a_label_that_the_model_does_not_score_says_so():
    found = measure(*simple(40, 40), LINES)
    assert found.labels["policy"].refused == "not scored"
    assert found.labels["policy"].overall is None
    assert {label for pair in found.confusion for label in (*pair.truth, *pair.decided)} == {"returns"}


def test_an_aspect_is_measured_where_it_has_a_line():
    items, scores = simple(40, 40)
    items = [replace(item, aspects=frozenset({"prosecution"} if item.labels else ())) for item in items]
    found = measure(items, {"prosecution": scores["returns"]}, {"prosecution": Lines(Cut(0.5, 0.5))}, resamples=0)
    assert counts(found.labels["prosecution"].overall) == (40, 0, 0, 40)


def test_groups_share_the_items_among_them_and_small_ones_have_no_interval():
    items, scores = sample()
    label = measure(items, scores, LINES, resamples=50).labels["returns"]
    assert list(label.groups) == ["language", "style", "month", "kind"]
    for dimension, groups in label.groups.items():
        shared = [found for name, found in groups.items() if name != "borderline"]
        assert np.array([counts(found) for found in shared]).sum(axis=0).tolist() == list(counts(label.overall)), (
            dimension
        )
        for found in groups.values():
            enough = found.positives >= 30 and found.items - found.positives >= 30
            assert (found.f1.low is not None) == enough
    assert list(label.groups["month"]) == ["2026-03", "2026-11"]
    assert set(label.groups["style"]) == {"wire", "unknown"}
    assert list(label.groups["kind"]) == ["named", "trap", "easy", "borderline"]
    assert label.groups["kind"]["trap"].recall.value is None
    sizes = [found.items for found in label.groups["language"].values()]
    assert sizes == sorted(sizes, reverse=True)


def test_without_kinds_there_is_no_word_of_a_stream():
    items, scores = simple(40, 40)
    label = measure(items, scores, LINES, resamples=0).labels["returns"]
    assert label.groups == {}
    assert (label.stream, label.calibration is None) == (None, False)
    told = measure([replace(item, kind="" if item.labels else "easy") for item in items], scores, LINES, resamples=0)
    assert told.labels["returns"].stream is not None
    assert set(bins(told, stream=True)) == set(bins(told)) == {"returns"}


def test_an_item_of_another_label_is_a_look_alike():
    items, scores = simple(40, 80)
    other = [
        replace(item, labels=item.labels or frozenset({"policy"} if at < 80 else ()), kind="" if at < 80 else "easy")
        for at, item in enumerate(items)
    ]
    label = measure(other, scores, LINES, resamples=0).labels["returns"]
    ordinary = 1 - 0.002 - 0.008
    assert sum(each.weight for each in label.stream.bins) == pytest.approx(1)
    # All negatives score .1, look-alikes and ordinary ones: their bin has all but the positives.
    assert label.stream.bins[1].weight == pytest.approx(ordinary + 0.008)


def test_the_worst_mistakes_come_first_and_ten_at_most():
    items, scores = simple(40, 40)
    scores["returns"][:15] = np.linspace(0.3, 0.44, 15)
    scores["returns"][40:43] = [0.6, 0.8, 0.7]
    found = measure(items, scores, LINES, resamples=0).labels["returns"]
    assert [example.id for example in found.false_alarms] == ["n1", "n2", "n0"]
    assert [example.id for example in found.misses] == [f"p{n}" for n in range(10)]
    assert found.misses[0].score == pytest.approx(0.3)


def test_sets_of_labels_are_held_against_each_other():
    items = [
        EvalItem(str(n), "x", labels=frozenset(labels))
        for n, labels in enumerate([{"returns"}, {"returns", "policy"}, (), ()])
    ]
    scores = {"returns": np.array([0.9, 0.9, 0.6, 0.1]), "policy": np.array([0.9, 0.1, 0.1, 0.1])}
    found = {(pair.truth, pair.decided): pair.items for pair in measure(items, scores, LINES).confusion}
    assert found == {
        (("returns",), ("returns", "policy")): 1,
        (("returns", "policy"), ("returns",)): 1,
        ((), ("returns",)): 1,
        ((), ()): 1,
    }


@given(st.integers(0, 1_000), st.integers(0, 3))
def test_the_order_of_items_changes_nothing(seed, which):
    items, scores = sample(120, which)
    order = list(range(len(items)))
    random.Random(seed).shuffle(order)
    shuffled = {label: found[order] for label, found in scores.items()}
    there = measure(items, scores, LINES, resamples=10)
    assert measure([items[at] for at in order], shuffled, LINES, resamples=10) == there


def test_an_evaluation_is_json_without_a_number_that_is_none():
    told = json.dumps(plain(measure(*sample(), LINES, resamples=20)), allow_nan=False)
    assert json.loads(told)["labels"]["returns"]["overall"]["items"] > 200


def test_curves_are_drawn_of_what_has_numbers():
    items, scores = sample()
    scores["policy"] = np.zeros(len(items))
    found = curves([replace(item, labels=item.labels - {"policy"}) for item in items], scores, LINES)
    assert list(found) == ["returns"]
    overall = measure(items, scores, LINES, resamples=0).labels["returns"].overall
    assert found["returns"].average_precision == pytest.approx(overall.average_precision.value)
    assert found["returns"].at == (overall.recall.value, overall.precision.value)


@pytest.mark.parametrize("wrong", [np.zeros(3), np.full(80, 1.5), np.full(80, np.nan)])
def test_scores_that_cannot_be_are_refused(wrong):
    items, _ = simple(40, 40)
    with pytest.raises(ValueError, match="returns"):
        measure(items, {"returns": wrong}, LINES)

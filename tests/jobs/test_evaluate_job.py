"""Measuring a model, here rules whose scores are known: 2 / (2 + 1) where "returnee" is in the title, else 0."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.app import App
from monitor.classify import artefact
from monitor.errors import ModelError, UsageError
from monitor.jobs import evaluate
from monitor.jobs.evaluate import EvaluateReport
from monitor.settings.load import load
from monitor.store import annotations, views
from monitor.store.annotations import NewAnnotation

LABELS = """[labels.returns]
threshold = 0.6
languages = { ru = { threshold = 0.7 } }
tiers = { analysis = { threshold = 0.8 } }
[labels.returns.rule]
terms = { returnee = 2.0 }
minimum = 1.0
[labels.policy]
threshold = 0.5
"""


@pytest.fixture
def desk(office: Any) -> Iterator[App]:
    """An app that scores by rules, with nobody's entries yet."""
    office.more = '[model]\ndirectory = "models"\n'
    app = office.app()
    (office.folder / "config" / "labels.toml").write_text(LABELS, encoding="utf-8")
    with replace(app, settings=load(office.folder / "config")) as app_:
        yield app_


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a set: items by title, of `returns` where they say "yes"."""

    def build(*items: dict[str, Any], name: str = "set.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
        return path

    return build


def items(found: int = 30, missed: int = 10, alarms: int = 5, right: int = 35, **more: Any) -> list[dict[str, Any]]:
    """Items in English that the rules decide so."""
    made = [("A returnee in court", True)] * found + [("A court", True)] * missed
    made += [("A returnee of the past", False)] * alarms + [("A bakery", False)] * right
    return [{"title": title, "lang": "en", "labels": ["returns"] if holds else [], **more} for title, holds in made]


def measure(desk: App, path: Path, **how: Any) -> EvaluateReport:
    return evaluate.run(desk.settings, evaluate.from_files(desk.settings, [path]), **{"resamples": 20, **how})


def test_a_set_is_measured_at_the_lines_of_the_config(desk: App, write: Any) -> None:
    steps: list[tuple[int, int]] = []
    report = measure(desk, write(*items(), *items(2, 0, 0, 0, lang="ru")), progress=lambda *step: steps.append(step))
    found = report.evaluation.labels["returns"].overall
    assert found is not None
    # The two in Russian score 2/3, under the line of .7 for that language.
    assert (found.true_positives, found.false_positives, found.false_negatives, found.true_negatives) == (30, 5, 12, 35)
    assert report.lines["returns"].languages["ru"].threshold == 0.7
    assert report.evaluation.labels["policy"].refused == "not scored"
    assert list(report.curves) == ["returns"]
    assert steps == [(50, 82), (82, 82)]
    assert any("rules of labels.toml are measured" in note for note in report.notes)


def test_the_language_of_an_item_that_names_none_is_detected(desk: App, write: Any) -> None:
    title = "Суд приговорил вернувшегося из Сирии боевика к девяти годам"
    (item,) = evaluate.from_files(desk.settings, [write({"title": title})]).items
    assert item.lang == "ru"


def test_labels_without_a_line_are_named_and_aspects_are_not(desk: App, write: Any) -> None:
    report = measure(desk, write({"title": "x", "labels": ["retruns", "policy"], "aspects": ["prosecution"]}))
    assert report.notes[-1] == "labels of the set that labels.toml has no line for: retruns"


def test_the_held_out_set_beside_the_models_is_the_default(desk: App, write: Any) -> None:
    write(*items(), name="models/heldout/en.jsonl")
    assert desk.settings.models.name == "models"
    assert len(evaluate.from_files(desk.settings, []).items) == 80


def test_without_a_held_out_set_it_says_where_it_would_be(
    desk: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "bundled_models", lambda: tmp_path / "installed")
    with pytest.raises(UsageError, match=r"no held-out set in .*models.heldout; .*--set FILE"):
        evaluate.from_files(desk.settings, [])


def test_a_version_that_is_not_there_is_refused_whatever_rules_there_are(desk: App, write: Any) -> None:
    with pytest.raises(ModelError, match="2031"):
        measure(desk, write(*items()), version="2031")


def bring(office: Any, desk: App, item: Any, number: int, *, feed: str = "paper") -> None:
    """Store entries 1 … number; every second is about a returnee."""
    news = [
        item(n, title=f"Returnee number {n} in court" if n % 2 else f"Bakery number {n}") for n in range(1, number + 1)
    ]
    office.bring(desk, *news, feed=feed)


def say(desk: App, office: Any, *words: tuple[int, str, bool | None]) -> None:
    annotations.add(desk.store, [NewAnnotation(*word) for word in words], who="ana", via="cli", now=office.now)


def test_what_people_said_is_a_set_with_source_month_and_language(office: Any, desk: App, item: Any) -> None:
    bring(office, desk, item, 3)
    say(desk, office, (1, "returns", True), (1, "policy", False), (2, "returns", False), (3, "returns", None))
    office.now += timedelta(days=40)
    found = {given.id: given for given in evaluate.from_people(desk.settings, desk.store).items}
    assert set(found) == {"1", "2"}
    assert (found["1"].labels, found["1"].judged) == ({"returns"}, {"returns", "policy"})
    assert (found["2"].labels, found["2"].judged) == (set(), {"returns"})
    assert (found["1"].source, found["1"].month, found["1"].lang, found["1"].tier) == (
        "The paper",
        "2026-11",
        "en",
        "news",
    )
    assert found["1"].title == "Returnee number 1 in court"


def test_people_s_labels_measure_each_label_by_what_was_said_of_it(office: Any, desk: App, item: Any) -> None:
    bring(office, desk, item, 64)
    say(
        desk,
        office,
        *((n, "returns", n % 2 == 1 or n == 2) for n in range(1, 65)),
        *((n, "policy", True) for n in range(1, 8)),
    )
    report = evaluate.run(desk.settings, evaluate.from_people(desk.settings, desk.store), resamples=0)
    found = report.evaluation.labels["returns"]
    assert found.overall is not None
    assert (found.overall.true_positives, found.overall.false_negatives, found.overall.true_negatives) == (32, 1, 31)
    assert [example.id for example in found.misses] == ["2"]
    assert set(found.groups) == {"language", "source", "month"}
    assert report.evaluation.labels["policy"].items == 7
    assert any("not of a stream" in note for note in report.notes)


def test_a_person_s_word_does_not_decide_what_is_measured(office: Any, desk: App, item: Any) -> None:
    bring(office, desk, item, 2)
    say(desk, office, (2, "returns", True))
    assert views.item(desk.store, 2).human == {"returns": True}  # type: ignore[union-attr]
    report = evaluate.run(desk.settings, evaluate.from_people(desk.settings, desk.store), resamples=0)
    assert [example.id for example in report.evaluation.labels["returns"].misses] == ["2"]


def test_of_a_model_that_has_learnt_from_people_only_the_stories_kept_out_are_measured(
    office: Any, desk: App, item: Any
) -> None:
    bring(office, desk, item, 60)
    say(desk, office, *((n, "returns", True) for n in range(1, 61)))
    assert len(evaluate.from_people(desk.settings, desk.store).items) == 60
    weights = artefact.LabelWeights(np.zeros(1, dtype=np.float32), 0.0, 1.0, 0.0, 0.5)
    one = np.ones(1, dtype=np.float32)
    for version, number in (("plain", 0), ("taught", 48)):
        made = artefact.Artefact(
            version, 1, (), ("word",), one, (), one[:0], {"returns": weights}, "", "1",
            facts={"stream": {"annotated": number}},
        )  # fmt: skip
        artefact.write(desk.settings.models, made)
    assert len(evaluate.from_people(desk.settings, desk.store, "plain").items) == 60
    kept = evaluate.from_people(desk.settings, desk.store, "taught")
    assert 4 <= len(kept.items) <= 22  # one in five
    assert any("kept out of its training" in note for note in kept.notes)


def test_without_a_label_of_anybody_there_is_nothing_to_measure_on(office: Any, desk: App, item: Any) -> None:
    bring(office, desk, item, 1)
    with pytest.raises(UsageError, match="nobody has labelled"):
        evaluate.from_people(desk.settings, desk.store)

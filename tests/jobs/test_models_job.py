"""Versions made of one small model: a twin, a coarser one, and one that lost a label."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.app import App
from monitor.classify import artefact
from monitor.classify.artefact import Artefact
from monitor.classify.classifier import Classifier
from monitor.classify.quality.gate import kept_out
from monitor.classify.train import train
from monitor.errors import ModelError, UsageError
from monitor.jobs import audit, models
from monitor.jobs.compare import stored
from monitor.jobs.models import Outcome
from monitor.jobs.train import demand_unused, run_into_use
from monitor.jobs.trial import compete, held_out, in_use, opened_if_there
from monitor.settings.bundled import bundled_models
from monitor.store import newest
from monitor.store.annotations import NewAnnotation, add


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the project's corpus, in two languages."""
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("en-a", "fr-a"):
        shutil.copy(bundled_models() / "corpus" / f"{name}.jsonl", folder)
    return folder


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The versions, none of them active: good, twin, coarse (without concepts), narrow (only returns)."""
    folder = tmp_path_factory.mktemp("models")
    train(corpus, folder, version="good")
    good = artefact.read(folder, "good")
    lexical = len(good.words) + len(good.grams)
    write(folder, replace(good, version="twin"))
    write(folder, changed(good, "coarse", lambda coefficients: np.arange(len(coefficients)) < lexical))
    write(folder, replace(good, version="narrow", labels={"returns": good.labels["returns"]}))
    return folder


def changed(good: Artefact, version: str, factor: Callable[[Any], Any]) -> Artefact:
    labels = {
        label: replace(weights, coefficients=(weights.coefficients * factor(weights.coefficients)).astype(np.float32))
        for label, weights in good.labels.items()
    }
    return replace(good, version=version, labels=labels)


def write(folder: Path, version: Artefact) -> None:
    artefact.write(folder, version)
    artefact.write_card(folder, version.version, f"# Model {version.version}\n")


@pytest.fixture
def app(office: Any, made: Path) -> Iterator[App]:
    """An office whose folder of models holds the versions, ``coarse`` in use."""
    shutil.copytree(made, office.folder / "models")
    (office.folder / "models" / "ACTIVE").write_text("coarse\n", encoding="utf-8")
    office.more = '[model]\ndirectory = "models"\n'
    with office.app() as opened:
        yield opened


@pytest.fixture
def go(app: App, office: Any) -> Callable[..., Outcome]:
    def run(version: str, **how: Any) -> Outcome:
        return models.activate(app.settings, version, store=app.store, now=office.now, **how)

    return run


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_better_version_goes_live_and_the_record_has_its_line(app: App, go: Callable[..., Outcome]) -> None:
    outcome = go("good")
    assert (outcome.activated, outcome.before, outcome.forced) == (True, "coarse", False)
    assert artefact.active(app.settings.models) == "good"
    ((line,), _) = audit.read(app.settings.models)
    manifest = json.loads((app.settings.models / "good" / "model.json").read_bytes())
    told = {name: line[name] for name in ("at", "what", "version", "before", "sha256", "forced", "reasons")}
    assert told == {
        "at": "2026-11-22T06:00:00Z", "what": "activate", "version": "good", "before": "coarse",
        "sha256": manifest["weights"]["sha256"], "forced": False, "reasons": [],
    }  # fmt: skip
    assert line["numbers"]["returns"]["average_precision"]["low"] > 0
    assert set(line["numbers"]) == {"returns", "policy"}


def test_a_worse_version_changes_no_byte(app: App, go: Callable[..., Outcome]) -> None:
    go("good")
    before = tree(app.settings.models)
    outcome = go("coarse")
    assert not outcome.activated
    assert outcome.verdict.reasons
    assert tree(app.settings.models) == before


def test_force_puts_in_use_what_was_refused_and_the_record_says_why_it_was(
    app: App, go: Callable[..., Outcome]
) -> None:
    go("good")
    outcome = go("narrow", force=True)
    assert (outcome.activated, outcome.forced) == (True, True)
    line = audit.read(app.settings.models)[0][-1]
    assert (line["version"], line["before"], line["forced"]) == ("narrow", "good", True)
    assert line["reasons"] == list(outcome.verdict.reasons)
    assert any("does not know policy" in reason for reason in line["reasons"])


def test_force_is_not_written_where_it_was_not_needed(app: App, go: Callable[..., Outcome]) -> None:
    go("good", force=True)
    assert audit.read(app.settings.models)[0][-1]["forced"] is False


def test_a_retrained_twin_goes_live(go: Callable[..., Outcome]) -> None:
    go("good")
    outcome = go("twin")
    assert outcome.verdict.twin
    assert outcome.activated


def test_what_cannot_be_loaded_is_not_put_in_use_by_force_either(app: App, go: Callable[..., Outcome]) -> None:
    (app.settings.models / "good" / "weights.npz").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="checksum"):
        go("good", force=True)
    assert artefact.active(app.settings.models) == "coarse"


def test_where_the_version_in_use_is_damaged_nothing_is_compared_with_it(app: App, go: Callable[..., Outcome]) -> None:
    (app.settings.models / "coarse" / "weights.npz").write_bytes(b"no weights")
    outcome = go("good")
    assert outcome.activated
    assert outcome.before == "coarse"
    assert "cannot be loaded" in outcome.remarks[0]
    assert outcome.verdict.labels["returns"].average_precision.incumbent is None


def test_a_record_that_cannot_be_written_leaves_everything_as_it_was(app: App, go: Callable[..., Outcome]) -> None:
    (app.settings.models / "audit.jsonl").mkdir()
    with pytest.raises(UsageError, match=r"audit\.jsonl cannot be written"):
        go("good")
    assert artefact.active(app.settings.models) == "coarse"


def test_a_version_that_config_names_is_the_one_to_beat_and_stays_in_use(office: Any, app: App) -> None:
    office.more = '[model]\ndirectory = "models"\nversion = "good"\n'
    with office.app() as pinned:
        assert in_use(pinned.settings) == "good"
        refused = models.activate(pinned.settings, "coarse", store=pinned.store, now=office.now)
        assert not refused.activated
        outcome = models.activate(pinned.settings, "twin", store=pinned.store, now=office.now)
    assert outcome.activated
    assert outcome.before == "coarse"
    assert outcome.remarks == ("good stays in use: [model] version in monitor.toml names it",)


def test_versions_are_listed_with_what_is_wrong_with_them(app: App) -> None:
    folder = app.settings.models
    (folder / "twin" / "weights.npz").write_bytes(b"no weights")
    (folder / "narrow" / "model.json").unlink()
    (folder / "corpus").mkdir()
    (folder / "corpus" / "en.jsonl").write_text("{}", encoding="utf-8")
    found = {version.name: version for version in models.versions(folder)}
    assert set(found) == {"good", "twin", "coarse", "narrow"}
    assert [name for name, version in found.items() if version.active] == ["coarse"]
    assert "checksum" in found["twin"].problem
    assert "model.json is missing" in found["narrow"].problem
    good = found["good"]
    assert good.problem == ""
    assert good.size == sum(path.stat().st_size for path in (folder / "good").iterdir())
    facts = artefact.read(folder, "good").facts
    assert good.items == facts["corpus"]["items"]
    assert good.out_of_fold["policy"] == facts["labels"]["policy"]["out_of_fold"]["average_precision"]


def test_a_version_that_nobody_knows_names_those_there_are(app: App) -> None:
    with pytest.raises(UsageError, match=r'no version "\.\./good".*coarse'):
        models.card(app.settings.models, "../good")
    with pytest.raises(UsageError, match="there is no folder"):
        models.versions(app.settings.models / "nowhere")


def test_labels_of_people_join_the_held_out_set_only_for_stories_that_are_kept_out(
    app: App, office: Any, item: Any
) -> None:
    written = held_out(app.settings.models, None)
    assert len(written) > 700
    office.bring(app, *(item(number, returns=0.1) for number in range(1, 41)))
    entries = newest.page(app.store, since=office.now, until=office.now, below=None, limit=100)
    said = [NewAnnotation(entry.id, "returns", entry.id % 2 == 0) for entry in entries]
    add(app.store, said, who="desk", via="cli", now=office.now)
    found = held_out(app.settings.models, app.store)
    assert found[: len(written)] == written
    kept = [entry for entry in sorted(entries, key=lambda entry: entry.id) if kept_out(entry.story_id)]
    assert 0 < len(kept) < 20
    told = [(example.title, dict(example.labels)) for example in found[len(written) :]]
    assert told == [(entry.entry.title, {"returns": entry.id % 2 == 0}) for entry in kept]
    good = Classifier.load(app.settings.models, "good")
    labels = compete(good, good, found).labels
    assert labels["returns"].items == len(written) + len(kept)
    assert labels["policy"].items == len(written)


def test_ordinary_entries_of_ones_own_join_the_held_out_set_for_stories_that_are_kept_out(
    app: App, office: Any, item: Any
) -> None:
    written = held_out(app.settings.models, None)
    titles = [f"{'Bakery' if number % 2 else 'Al-Hol returnee'} {number}" for number in range(1, 81)]
    office.bring(app, *(item(number, title=title, returns=0.9) for number, title in enumerate(titles, 1)))
    entries = newest.page(app.store, since=office.now, until=office.now, below=None, limit=100)
    spoken, *others = (entry for entry in entries if kept_out(entry.story_id))
    add(app.store, [NewAnnotation(spoken.id, "returns", None)], who="desk", via="cli", now=office.now)
    found = held_out(app.settings.models, app.store)[len(written) :]
    ordinary = [entry for entry in others if entry.entry.title.startswith("Bakery")]
    assert 0 < len(ordinary) < len(others)
    assert [example.title for example in found] == [entry.entry.title for entry in ordinary]
    assert all(dict(example.labels) == {"returns": False, "policy": False} for example in found)


def test_a_folder_of_models_with_a_set_of_its_own_is_measured_by_it(app: App) -> None:
    own = app.settings.models / "heldout"
    own.mkdir()
    line = (bundled_models() / "heldout" / "fr.jsonl").read_text("utf-8").splitlines()[0]
    (own / "fr.jsonl").write_text(line, encoding="utf-8")
    (example,) = held_out(app.settings.models, None)
    assert example.lang == "fr"


def test_without_a_database_there_is_no_store_and_none_is_made(office: Any, app: App) -> None:
    app.store.close()
    for path in office.folder.glob("monitor.db*"):
        path.unlink()
    with opened_if_there(app.settings) as store:
        assert store is None
    assert not list(office.folder.glob("monitor.db*"))


@pytest.fixture
def filled(app: App, office: Any, item: Any) -> App:
    """Four entries, the fourth of them a week old."""
    titles = {
        1: "Court convicts man who came back from fighting in Syria for Islamic State",
        2: "Bakery on the harbour wins a prize for its rye bread",
        3: "Mothers and children repatriated from al-Hol camp in Syria",
    }
    office.now -= timedelta(days=7)
    office.bring(app, item(4, returns=0.1, title="Woman who returned from Syria is tried for joining Islamic State"))
    office.now += timedelta(days=7)
    office.bring(app, *(item(number, returns=0.1, title=title) for number, title in titles.items()))
    return app


def loaded(app: App, *versions: str) -> Any:
    return tuple(Classifier.load(app.settings.models, version) for version in versions)


@pytest.fixture
def blind(app: App) -> None:
    """A version that finds nothing."""
    good = artefact.read(app.settings.models, "good")
    nothing = changed(good, "blind", lambda coefficients: np.zeros(len(coefficients)))
    labels = {label: replace(weights, intercept=-20.0) for label, weights in nothing.labels.items()}
    write(app.settings.models, replace(nothing, labels=labels))


def test_what_two_models_decide_otherwise_is_counted_by_label_and_nothing_is_written(
    filled: App, blind: None, office: Any, tables: Any
) -> None:
    before = tables(filled)
    steps: list[tuple[int, int]] = []
    span = {"since": office.now, "until": office.now}
    found = stored(
        filled.settings, filled.store, loaded(filled, "good", "blind"), progress=lambda *at: steps.append(at), **span
    )
    assert found.entries == 3
    returns = found.labels["returns"]
    assert (returns.gained, returns.lost) == (0, 2)
    titles = {moved.title for moved in returns.examples}
    assert titles == {
        "Court convicts man who came back from fighting in Syria for Islamic State",
        "Mothers and children repatriated from al-Hol camp in Syria",
    }
    assert all((one.before or 0) >= 0.5 > (1.0 if one.after is None else one.after) for one in returns.examples)
    back = stored(filled.settings, filled.store, loaded(filled, "blind", "good"), **span)
    assert (back.labels["returns"].gained, back.labels["returns"].lost) == (2, 0)
    assert steps == [(3, 3)]
    assert tables(filled) == before


def test_the_span_and_the_limit_choose_entries_the_newest_first(filled: App, blind: None, office: Any) -> None:
    both = loaded(filled, "good", "blind")
    since = office.now - timedelta(days=30)
    assert stored(filled.settings, filled.store, both, since=since, until=office.now).labels["returns"].lost == 3
    limited = stored(filled.settings, filled.store, both, since=since, until=office.now, limit=3)
    assert (limited.entries, limited.labels["returns"].lost) == (3, 2)


def test_what_people_said_of_an_entry_stands_whatever_the_model(filled: App, blind: None, office: Any) -> None:
    span = {"since": office.now, "until": office.now}
    entries = newest.page(filled.store, below=None, limit=10, **span)
    said = [NewAnnotation(entry.id, "returns", True) for entry in entries]
    add(filled.store, said, who="desk", via="cli", now=office.now)
    found = stored(filled.settings, filled.store, loaded(filled, "good", "blind"), **span)
    assert (found.labels["returns"].gained, found.labels["returns"].lost) == (0, 0)


def test_a_label_that_the_other_model_does_not_know_falls_out(filled: App, office: Any) -> None:
    good = artefact.read(filled.settings.models, "good")
    lifted = {label: replace(weights, intercept=20.0) for label, weights in good.labels.items()}
    write(filled.settings.models, replace(good, version="all", labels=lifted))
    span = {"since": office.now, "until": office.now}
    policy = stored(filled.settings, filled.store, loaded(filled, "all", "narrow"), **span).labels["policy"]
    assert (policy.gained, policy.lost) == (0, 3)
    assert {moved.after for moved in policy.examples} == {None}


def test_training_over_the_version_in_use_is_refused(app: App) -> None:
    with pytest.raises(UsageError, match="coarse: this version is in use"):
        demand_unused(app.settings, "coarse")
    demand_unused(app.settings, "good")


def test_a_version_that_stands_elsewhere_takes_the_place_of_the_one_of_its_name(
    app: App, go: Callable[..., Outcome], tmp_path: Path
) -> None:
    write(tmp_path / "aside", replace(artefact.read(app.settings.models, "good"), version="coarse"))
    assert go("coarse", folder=tmp_path / "aside").activated
    folder = app.settings.models
    assert (folder / "coarse" / "weights.npz").read_bytes() == (folder / "good" / "weights.npz").read_bytes()
    assert artefact.read(folder).version == "coarse"


def test_a_version_in_use_is_trained_aside_and_stays_where_the_new_one_is_worse(
    app: App, corpus: Path, office: Any, tmp_path: Path
) -> None:
    (app.settings.models / "ACTIVE").write_text("good\n", encoding="utf-8")
    before = tree(app.settings.models)
    poor = tmp_path / "poor"
    poor.mkdir()
    for path in corpus.iterdir():
        (poor / path.name).write_text("\n".join(path.read_text("utf-8").splitlines()[::2]), encoding="utf-8")
    report, worse = run_into_use(app.settings, corpus=poor, version="good", store=app.store, now=office.clock)
    assert report.version == "good"
    assert (worse.activated, worse.kept) == (False, False)
    assert tree(app.settings.models) == before

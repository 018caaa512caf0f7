"""`monitor models`, and `monitor train --activate`."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monitor.classify import artefact
from monitor.classify.train import train
from monitor.settings.bundled import bundled_models


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("en-a", "fr-a"):
        shutil.copy(bundled_models() / "corpus" / f"{name}.jsonl", folder)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory, corpus):
    """Two versions, ``good`` and ``poor``, neither of them active."""
    folder = tmp_path_factory.mktemp("models")
    train(corpus, folder, version="good")
    good = artefact.read(folder, "good")
    lexical = len(good.words) + len(good.grams)
    labels = {
        label: replace(w, coefficients=(w.coefficients * (np.arange(len(w.coefficients)) < lexical)).astype(np.float32))
        for label, w in good.labels.items()
    }
    artefact.write(folder, replace(good, version="poor", labels=labels))
    artefact.write_card(folder, "poor", "# Model poor\n\n| label | threshold |\n|---|---|\n| returns | 0.5 |\n")
    return folder


@pytest.fixture
def models(desk, made, tmp_path):
    """The folder that config names, ``poor`` in use."""
    desk.write(monitor='timezone = "Europe/Brussels"\n[model]\ndirectory = "models"\n')
    folder = shutil.copytree(made, tmp_path / "models")
    (folder / "ACTIVE").write_text("poor\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(call, desk, models):
    return lambda *args: call(*args, "--config", desk.config)


def test_a_better_version_is_activated_with_the_numbers(run, models):
    done = run("models", "activate", "good")
    assert (done.code, done.err) == (0, "")
    assert "returns: 727 held-out items, " in done.out
    assert done.out.splitlines()[-1].startswith("good is active now, before it was poor;")
    assert artefact.active(models) == "good"
    assert run("models", "activate", "good").out == "good is active already; nothing was changed\n"
    assert len((models / "audit.jsonl").read_text("utf-8").splitlines()) == 1


def test_a_worse_version_is_refused_with_the_reasons(run, models):
    run("models", "activate", "good")
    refused = run("models", "activate", "poor")
    assert refused.code == 2
    assert "average precision is surely worse" in refused.err
    assert refused.err.splitlines()[-1].startswith("monitor: poor is refused for ")
    assert "good stays active" in refused.err
    assert artefact.active(models) == "good"


def test_what_scripts_get_of_a_refusal_is_json_alone(run):
    run("models", "activate", "good")
    refused = run("models", "activate", "poor", "--json")
    told = json.loads(refused.out)
    assert refused.code == 2
    assert (told["version"], told["before"], told["activated"], told["passed"]) == ("poor", "good", False, False)
    assert told["reasons"]
    assert told["labels"]["returns"]["average_precision"]["high"] < 0


def test_by_force_it_is_activated_and_the_list_tells_it(run, models):
    run("models", "activate", "good")
    done = run("models", "activate", "poor", "--force")
    assert done.code == 0
    assert "poor is active now, before it was good, by force" in done.out
    last = run("models", "list").out.splitlines()[-1]
    assert "activated poor, before it was good, by force past" in last
    told = json.loads(run("models", "list", "--json").out)
    assert (told["active"], told["config_names"]) == ("poor", None)
    assert [line["forced"] for line in told["activations"]] == [False, True]


def test_the_list_marks_the_active_version_and_says_what_is_damaged(run, models):
    (models / "good" / "weights.npz").write_bytes(b"no weights")
    done = run("models", "list")
    assert done.code == 0
    lines = {line[2:].split()[0]: line for line in done.out.splitlines()}
    assert lines["poor"].startswith("* poor")
    assert "average precision out of fold: returns 0." in lines["poor"]
    assert lines["good"].startswith("  good")
    assert "damaged: " in lines["good"]
    assert "checksum" in lines["good"]


def test_an_active_version_that_is_gone_is_told(run, models):
    shutil.rmtree(models / "poor")
    done = run("models", "list")
    assert done.code == 0
    assert "ACTIVE names poor, which is not there" in done.err


def test_a_card_is_plain_text_in_a_pipe_and_the_manifest_is_json(run, models):
    assert run("models", "show", "poor").out == (models / "poor" / "MODEL_CARD.md").read_text("utf-8")
    manifest = json.loads((models / "poor" / "model.json").read_text("utf-8"))
    assert json.loads(run("models", "show", "poor", "--json").out) == manifest


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo terminal")
def test_a_card_is_laid_out_in_a_terminal(desk, models):
    terminal, screen = os.openpty()
    command = [sys.executable, "-m", "monitor", "models", "show", "poor", "--config", str(desk.config)]
    subprocess.run(command, stdout=screen, env={**os.environ, "TERM": "xterm"}, check=True, timeout=120)
    os.close(screen)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "Model poor" in shown
    assert "|---|" not in shown


@pytest.mark.parametrize("verb", [["show", "{}"], ["activate", "{}"], ["compare", "poor", "{}"]])
@pytest.mark.parametrize("name", ["nowhere", "../models/poor", ""])
def test_a_version_that_is_not_there_is_wrong_usage(run, verb, name):
    refused = run("models", *(word.format(name) for word in verb))
    assert (refused.code, refused.out) == (2, "")
    assert f'no version "{name}"' in refused.err
    assert "poor" in refused.err


def test_two_versions_are_compared_before_any_poll(run, models):
    before = sorted(models.rglob("*"))
    done = run("models", "compare", "poor", "good")
    assert (done.code, done.err) == (0, "")
    assert "in place of poor, good would be let through" in done.out
    assert "no database yet" in done.out
    back = json.loads(run("models", "compare", "good", "poor", "--json").out)
    assert (back["a"], back["b"], back["stored"]) == ("good", "poor", None)
    assert back["held_out"]["passed"] is False
    assert sorted(models.rglob("*")) == before
    assert not (models.parent / "var").exists()


def test_decisions_on_stored_entries_are_compared_by_the_lines_of_config(call, polled, made, tmp_path):
    folder = shutil.copytree(made, tmp_path / "models")
    # Far under and far over any score: the first model lets in everything, the second nothing.
    for version, intercept in (("poor", 20.0), ("good", -20.0)):
        manifest = json.loads((folder / version / "model.json").read_text("utf-8"))
        manifest["labels"]["policy"]["intercept"] = intercept
        (folder / version / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    config = shutil.copytree(polled.config, tmp_path / "config")
    database = polled.base / "var" / "monitor.db"
    with (config / "monitor.toml").open("a", encoding="utf-8") as file:
        file.write(f'[model]\ndirectory = "models"\n[database]\nurl = "sqlite:///{database}"\n')
    done = call("models", "compare", "poor", "good", "--json", "--config", config)
    assert done.code == 0
    assert done.err == "3 of 3 entries scored\n"
    found = json.loads(done.out)["stored"]
    assert found["entries"] == 3
    assert (found["labels"]["policy"]["gained"], found["labels"]["policy"]["lost"]) == (0, 3)
    assert found["labels"]["policy"]["examples"][0]["before"] > 0.99
    told = call("models", "compare", "poor", "good", "--limit", "1", "--config", config).out
    assert "on 1 stored entry, by the lines of config:" in told
    assert "policy: 0 in, 1 out" in told
    none = call("models", "compare", "poor", "good", "--since", "2099-01-01", "--config", config).out
    assert "on 0 stored entries" in none


def test_training_over_the_version_in_use_is_refused_without_activate(run, models, corpus):
    before = (models / "poor" / "weights.npz").read_bytes()
    refused = run("train", "--corpus", corpus, "--version", "poor")
    assert (refused.code, refused.out) == (2, "")
    assert "poor: this version is in use" in refused.err
    assert (models / "poor" / "weights.npz").read_bytes() == before


def test_force_without_activate_is_wrong_usage(run, corpus):
    refused = run("train", "--corpus", corpus, "--force")
    assert refused.code == 2
    assert "--activate" in refused.err


def test_a_trained_version_goes_through_the_gate_and_stays_on_disk_where_it_is_refused(run, models, corpus, tmp_path):
    (models / "ACTIVE").write_text("good\n", encoding="utf-8")
    half = tmp_path / "half"
    half.mkdir()
    for path in corpus.iterdir():
        (half / path.name).write_text("\n".join(path.read_text("utf-8").splitlines()[::2]), encoding="utf-8")
    refused = run("train", "--corpus", half, "--version", "new", "--activate", "--json")
    assert refused.code == 2
    told = json.loads(refused.out)
    assert (told["version"], told["activation"]["activated"]) == ("new", False)
    assert artefact.active(models) == "good"
    assert artefact.read(models, "new").version == "new"
    assert not (models / "audit.jsonl").exists()
    assert run("models", "activate", "new", "--force").code == 0
    assert artefact.active(models) == "new"


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(run, models):
    (models / "audit.jsonl").mkdir()
    refused = run("models", "activate", "good")
    assert refused.code == 2
    assert "audit.jsonl cannot be written" in refused.err
    assert Path(models / "ACTIVE").read_text("utf-8") == "poor\n"

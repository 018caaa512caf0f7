import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.classify import artefact
from monitor.classify.classifier import Classifier
from monitor.errors import ModelError


def edit(models: Path, **changes: Any) -> None:
    path = models / "small" / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), encoding="utf-8")


def test_tampered_weights_are_refused(small_models: Path) -> None:
    path = small_models / "small" / "weights.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"checksum.*monitor train"):
        Classifier.load(small_models)


@pytest.mark.parametrize("name", ["weights.npz", "model.json"])
def test_a_missing_file_is_refused(name: str, small_models: Path) -> None:
    (small_models / "small" / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing; run `monitor train`"):
        Classifier.load(small_models)


def test_without_an_active_version_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"ACTIVE.*monitor train"):
        Classifier.load(tmp_path)


def test_a_missing_checksum_is_refused(small_models: Path) -> None:
    edit(small_models, weights={"file": "weights.npz"})
    with pytest.raises(ModelError, match="checksum"):
        Classifier.load(small_models)


@pytest.mark.parametrize("changes", [{"format": 99}, {"features": 99}])
def test_an_unknown_format_is_refused(changes: dict[str, int], small_models: Path) -> None:
    edit(small_models, **changes)
    with pytest.raises(ModelError, match=r"99.*monitor train"):
        Classifier.load(small_models)


@pytest.mark.parametrize("changes", [{"labels": {"returns": {}}}, {"labels": 3}, {"concepts": []}, {"labels": {}}])
def test_a_manifest_that_does_not_fit_its_weights_is_refused(changes: dict[str, Any], small_models: Path) -> None:
    edit(small_models, **changes)
    with pytest.raises(ModelError, match="does not fit"):
        Classifier.load(small_models)


def test_a_manifest_that_is_no_json_is_refused(small_models: Path) -> None:
    (small_models / "small" / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier.load(small_models)


@pytest.mark.parametrize("version", ["../small", "", "a/b", ".hidden"])
def test_a_version_cannot_leave_the_folder_of_models(version: str, small_models: Path) -> None:
    with pytest.raises(ModelError, match="no model version"):
        Classifier.load(small_models, version)


def test_another_scikit_learn_is_a_warning_and_no_error(small_models: Path) -> None:
    edit(small_models, scikit_learn="0.1")
    [warning] = Classifier.load(small_models).warnings
    assert "scikit-learn 0.1" in warning
    assert artefact.installed_scikit_learn() in warning


def test_the_same_version_warns_of_nothing(small_models: Path) -> None:
    assert Classifier.load(small_models, "small").warnings == ()


def test_pickled_arrays_are_never_loaded(small_models: Path) -> None:
    path = small_models / "small" / "weights.npz"
    np.savez(path, words=np.array([object()], dtype=object))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    edit(small_models, weights={"file": "weights.npz", "sha256": digest})
    with pytest.raises(ModelError, match="no plain arrays"):
        Classifier.load(small_models)


def test_a_version_that_does_not_load_is_not_activated(small_models: Path) -> None:
    with pytest.raises(ModelError):
        artefact.activate(small_models, "other")
    assert artefact.active(small_models) == "small"


def test_what_is_written_is_read_again(small_models: Path) -> None:
    stored = artefact.read(small_models)
    assert (
        artefact.write(small_models, stored)
        == json.loads((small_models / "small" / "model.json").read_text("utf-8"))["weights"]["sha256"]
    )
    again = artefact.read(small_models)
    assert (again.words, again.grams, again.concepts) == (stored.words, stored.grams, stored.concepts)

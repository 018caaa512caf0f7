"""The shipped model, and a small one that is trained once a run."""

import shutil
from pathlib import Path

import pytest

from monitor.classify import artefact
from monitor.classify.classifier import Classifier
from monitor.classify.train import TrainReport, train

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shipped() -> Classifier:
    return Classifier.load(ROOT / "models")


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("de-a.jsonl", "fr-a.jsonl"):
        shutil.copy(ROOT / "models" / "corpus" / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def small_trained(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainReport]:
    models = tmp_path_factory.mktemp("models")
    report = train(small_corpus, models, version="small")
    artefact.activate(models, "small")
    return models, report


@pytest.fixture
def small_models(small_trained: tuple[Path, TrainReport], tmp_path: Path) -> Path:
    """A copy of the small model that a test may damage."""
    return Path(shutil.copytree(small_trained[0], tmp_path / "models"))

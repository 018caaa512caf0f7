"""Model versions for all tests of the room, and desks over both databases."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reclassify.desk import Desk, versions


@pytest.fixture(scope="session")
def _versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return versions(tmp_path_factory.mktemp("models"))


@pytest.fixture
def models(_versions: Path, tmp_path: Path) -> Path:
    """A folder of models of the test's own."""
    return Path(shutil.copytree(_versions, tmp_path / "models"))


@pytest.fixture
def desk(tmp_path: Path, models: Path, store_url: str) -> Desk:
    """A desk, on each kind of database."""
    return Desk(tmp_path, models, store_url)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let a page hold so few entries."""
    from monitor.jobs.reclassify import judging

    def make(size: int) -> None:
        monkeypatch.setattr(judging, "PAGE", size)

    return make

"""Two stores, and the two jobs between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App
from monitor.exchange.files import Form
from monitor.jobs import export, takein
from monitor.jobs.export import Asked
from monitor.jobs.takein import ImportReport
from monitor.settings.load import load
from monitor.store.database import Store, open_store

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


@dataclass
class Desk:
    """What exports and imports by one config, whatever the store."""

    settings: Any
    base: Path

    def app(self, store: Store) -> App:
        return App(self.settings, store)

    def export(self, store: Store, name: str = "out.jsonl", form: Form = Form.JSONL, **asked: Any) -> Path:
        path = self.base / name
        export.run(self.app(store), path, form, Asked(**asked), now=NOW)
        return path

    def take(self, store: Store, path: Path, **how: Any) -> ImportReport:
        return takein.run(self.app(store), path, **how)


@pytest.fixture
def exchange(config_folder: Callable[..., Path], tmp_path: Path) -> Desk:
    feeds = {f"paper{n}": f"https://paper{n}.example/feed" for n in range(2)}
    return Desk(load(config_folder(feeds=feeds), {}), tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    """A store to export from, on SQLite."""
    with open_store(f"sqlite:///{tmp_path / 'source.db'}") as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    """A store to import into, on SQLite, where it does not matter which."""
    with open_store(f"sqlite:///{tmp_path / 'target.db'}") as opened:
        yield opened

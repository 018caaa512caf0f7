"""Nothing that a user can call or set is left out of the documentation."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from typer.main import get_command

from monitor.cli.main import VERBS
from monitor.settings.model import ConfigModel

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def documentation() -> str:
    """README.md and docs/*.md as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))


def verbs() -> list[str]:
    """Every verb as a user types it, e.g. ``digest preview``."""
    holder = typer.Typer()
    for module in {module for module, _ in VERBS.values()}:
        import_module(f"monitor.cli.{module}").add_to(holder)
    commands: dict[str, Any] = get_command(holder).commands  # type: ignore[attr-defined]
    return sorted(
        f"{name} {inner}".strip() for name, command in commands.items() for inner in getattr(command, "commands", [""])
    )


def settings(model: type[BaseModel] = ConfigModel, table: str = "") -> Iterator[tuple[str, str]]:
    """Every key that may stand in config/ with the table it belongs to, ``NAME`` for a name that the user gives."""
    for key, field in model.model_fields.items():
        inner = list(_models(field.annotation))
        named = "dict" in str(field.annotation)
        if not inner or table:  # at the top a table is named by its keys
            yield table, key
        for part in inner:
            yield from settings(part, ".".join(filter(None, (table, key, "NAME" if named else ""))))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


def test_the_walk_over_the_settings_finds_them() -> None:
    found = set(settings())
    assert {("", "timezone"), ("poll", "interval"), ("labels.NAME", "threshold"), ("sources.NAME", "feeds")} <= found
    assert ("sources.NAME.feeds.NAME", "enabled") in found
    assert ("subscriptions.NAME", "thresholds") in found
    assert len(found) > 40


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_is_documented(documentation: str, verb: str) -> None:
    *group, name = verb.split()  # one line may name several: `monitor items list`, `show ID`; `items list|show`
    pattern = rf"monitor {' '.join(group)}\b.*[`|]{name}\b" if group else "(?!)"
    documented = f"monitor {verb}" in documentation or re.search(pattern, documentation)
    assert documented, f"name `monitor {verb}` in README.md or docs/"


@pytest.mark.parametrize(("table", "key"), sorted(set(settings())), ids=lambda part: part or "top")
def test_every_setting_is_documented(documentation: str, table: str, key: str) -> None:
    dotted = f"{table}.{key}".strip(".")
    assert f"`{dotted}`" in documentation or f"`{dotted}." in documentation, f"name `{dotted}` in README.md or docs/"

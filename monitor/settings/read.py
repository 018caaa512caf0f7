"""Files to one tree of plain values: defaults in config/, overrides in config/local/, secrets from the environment."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError, ConfigProblem
from monitor.observe import MASK
from monitor.settings.locate import lines_of

FILES = ("monitor.toml", "feeds.toml", "labels.toml", "channels.toml", "subscriptions.toml")
TABLES_OF = {
    "feeds.toml": ("sources",),
    "labels.toml": ("labels", "terms", "watch"),
    "channels.toml": ("channels",),
    "subscriptions.toml": ("subscriptions",),
}
"""The tables that each of these files holds; monitor.toml holds everything else."""
FILE_OF = {table: file for file, tables in TABLES_OF.items() for table in tables}
"""The file of each of those tables."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: file (relative to the config folder's parent) and line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class Tree:
    """The merged values, where each was written, and the texts that hold secrets as they are written in the file."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    templates: dict[KeyPath, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    problems: list[ConfigProblem] = field(default_factory=list)

    def place(self, path: KeyPath) -> Place | None:
        """Where ``path``, or the nearest thing around it, was written."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.places:
                return self.places[path[:depth]]
        return None

    def problem(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note something wrong at ``path``; of a value that came from the environment nothing is told."""
        place = self.place(path)
        file, line = (place.file, place.line) if place else ("", None)
        self.problems.append(ConfigProblem(file, dotted(path), line, self._masked(message), self._masked(hint)))

    def faulty(self, path: KeyPath) -> bool:
        """Say whether something is wrong at ``path`` already, so that what follows from it need not be told."""
        return any(problem.key == dotted(path) for problem in self.problems)

    def _masked(self, text: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def dotted(path: KeyPath) -> str:
    """Write a path as TOML does, quoting parts that need it."""
    return ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"' for part in path)


def read(folder: Path, environment: Mapping[str, str]) -> Tree:
    """Read the config files of ``folder`` and its ``local/``; raises ConfigError where there is nothing to read."""
    if not any((folder / name).is_file() for name in FILES):
        problem = ConfigProblem(
            str(folder), "", None, "no configuration here", f"`monitor init {folder}` writes a starter"
        )
        raise ConfigError([problem])
    tree = Tree()
    for name in FILES:
        for path in (folder / name, folder / "local" / name):
            if path.is_file():
                _read_file(tree, path, name, shown=str(path.relative_to(folder.parent)))
    for stray in sorted((*folder.glob("*.toml"), *folder.glob("local/*.toml"))):
        if stray.name not in FILES:
            shown = str(stray.relative_to(folder.parent))
            hint = f"{_near(stray.name, FILES)}nothing in it would be obeyed; the files are {', '.join(FILES)}"
            tree.problems.append(ConfigProblem(shown, "", None, "is no config file", hint))
    tree.values = _resolve(tree, tree.values, (), environment)
    return tree


def _read_file(tree: Tree, path: Path, name: str, *, shown: str) -> None:
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        tree.problems.append(ConfigProblem(shown, "", int(line[1]) if line else None, f"not valid TOML: {error}"))
        return
    except (OSError, UnicodeDecodeError) as error:
        tree.problems.append(ConfigProblem(shown, "", None, f"cannot be read: {error}"))
        return
    for key_path, number in lines_of(text).items():
        tree.places[key_path] = Place(shown, number)
    for key in [key for key in values if not _belongs(key, name)]:
        tree.problem((key,), f"does not belong into {name}", _where(key, name))
        del values[key]
    _merge(tree.values, values)


def _belongs(key: str, name: str) -> bool:
    return FILE_OF.get(key, "monitor.toml") == name


def _where(key: str, name: str) -> str:
    if key in FILE_OF:
        return f"[{key}] is a table of {FILE_OF[key]}"
    tables = TABLES_OF[name]
    return f"{_near(key, tables)}all of {name} stands under [{tables[0]}.NAME]; single settings are in monitor.toml"


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.8)
    return f"did you mean {found[0]}? " if found else ""


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    """Lay tables over tables; anything else replaces."""
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _resolve(tree: Tree, value: Any, path: KeyPath, environment: Mapping[str, str]) -> Any:
    """Put the environment's values in for ``${NAME}``, and remember what was written instead."""
    if isinstance(value, dict):
        return {key: _resolve(tree, inner, (*path, key), environment) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(tree, inner, (*path, str(index)), environment) for index, inner in enumerate(value)]
    if not isinstance(value, str) or not _VARIABLE.search(value):
        return value
    tree.templates[path] = value
    for name in _VARIABLE.findall(value):
        if name not in environment:
            tree.problem(path, f"the environment variable {name} is not set", f"export {name}=… before the start")
        elif environment[name]:
            tree.secrets.add(environment[name])
    return _VARIABLE.sub(lambda match: environment.get(match[1], ""), value)

"""The training corpus: ``*.jsonl`` files of items that the project has written itself."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UsageError

LABELS = ("returns", "policy")
_STRINGS = ("id", "lang", "title", "text", "style", "note")
_LISTS = ("labels", "aspects")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the corpus. ``kind`` is the first word of its note: trap, easy, borderline, or ""."""

    id: str
    lang: str
    title: str
    text: str
    labels: frozenset[str]
    aspects: tuple[str, ...]
    style: str
    note: str

    @property
    def kind(self) -> str:
        head, colon, _ = self.note.partition(":")
        return head if colon and head in {"trap", "easy", "borderline"} else ""


def read(folder: Path) -> list[Item]:
    """Read every file of a folder, in the order of their names.

    Raises:
        UsageError: there is no item, a line is not one, or an id comes twice; it names file and line.
    """
    items: dict[str, Item] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for where, line in _lines(path):
            item = _item(line, where)
            if item.id in items:
                raise UsageError(f"{where}: id {item.id!r} is taken by an earlier item; give every item its own")
            items[item.id] = item
    if not items:
        raise UsageError(f"no items in {folder}: it must hold *.jsonl files with one JSON object a line")
    return list(items.values())


def fingerprint(items: Sequence[Item]) -> str:
    """Hash what training sees of the items (sha256)."""
    content = [[item.id, item.lang, item.title, item.text, sorted(item.labels), item.kind] for item in items]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name}: cannot be read as UTF-8: {error}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path.name}:{number}", line


def _item(line: str, where: str) -> Item:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}: not valid JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{where}: must be a JSON object")
    for key in (*_STRINGS, *_LISTS):
        _check(key, data, where)
    unknown = set(data["labels"]) - set(LABELS)
    if unknown:
        raise UsageError(f"{where}: unknown label {sorted(unknown)[0]!r}; known are {', '.join(LABELS)}")
    if not data["id"] or not data["title"].strip():
        raise UsageError(f"{where}: id and title must not be empty")
    strings = {key: data[key] for key in _STRINGS}
    return Item(**strings, labels=frozenset(data["labels"]), aspects=tuple(data["aspects"]))


def _check(key: str, data: dict[str, object], where: str) -> None:
    if key not in data:
        raise UsageError(f"{where}: {key!r} is missing")
    value = data[key]
    if key in _STRINGS and not isinstance(value, str):
        raise UsageError(f"{where}: {key!r} must be a string, not {value!r}")
    if key in _LISTS and not (isinstance(value, list) and all(isinstance(part, str) for part in value)):
        raise UsageError(f"{where}: {key!r} must be a list of strings, not {value!r}")

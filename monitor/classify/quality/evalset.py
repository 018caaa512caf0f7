"""Sets that a model is measured on: the corpus' form, and less where the rest is not known."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.errors import UsageError

BORDERLINE = "borderline"
KINDS = ("named", "trap", "easy", "other", BORDERLINE)
"""Items that carry a label, look-alikes, ordinary items, further ones without a label, and those readers differ on."""
_KIND = re.compile(rf"(trap|easy|{BORDERLINE})\b")
_TEXTS = ("id", "title", "text", "lang", "source", "style", "note", "difficulty", "date")


@dataclass(frozen=True, slots=True)
class EvalItem:
    """An item whose truth is known: ``labels``, and ``aspects`` (finer ones), are true of it, and no others.

    ``judged`` names the labels of which that is known (None: all). ``kind`` is trap, easy, borderline or "",
    ``month`` is YYYY-MM, and what is not known is "".
    """

    id: str
    title: str
    text: str = ""
    lang: str = ""
    labels: frozenset[str] = frozenset()
    aspects: frozenset[str] = frozenset()
    judged: frozenset[str] | None = None
    kind: str = ""
    source: str = ""
    style: str = ""
    month: str = ""
    tier: str = ""

    @property
    def group(self) -> str:
        """One of `KINDS`."""
        return self.kind or ("named" if self.labels else "other")

    def holds(self, label: str) -> bool:
        """Say whether a label or aspect is true."""
        return label in self.labels or label in self.aspects

    def knows(self, label: str) -> bool:
        """Say whether the truth about a label is known."""
        return self.judged is None or label in self.judged


def read(paths: Iterable[Path]) -> list[EvalItem]:
    """Read files, and every ``*.jsonl`` of folders, each file once.

    Of an item only ``title`` is required. ``difficulty`` or the beginning of ``note`` is its kind, ``date`` (ISO 8601)
    gives the month, and an item without ``id`` goes by its file and line.

    Raises:
        UsageError: there is no item, a line is not one, or an id comes twice in a file; it names file and line.
    """
    files = dict.fromkeys(file.resolve() for path in paths for file in _files(path))
    items = [item for file in files for item in _items(file)]
    if not items:
        names = ", ".join(file.name for file in files)
        raise UsageError(f"no items in {names}: a set holds one JSON object a line, with a title at least")
    return items


def fingerprint(items: Iterable[EvalItem]) -> str:
    """Hash the items with what is true of them (sha256)."""
    content = [[item.id, item.lang, item.title, item.text, sorted(item.labels), item.kind] for item in items]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*.jsonl"))
    if not found:
        raise UsageError(f"no *.jsonl in {path}: give a file, or a folder of such files")
    return found


def _items(path: Path) -> Iterator[EvalItem]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    seen: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"{path.name}:{number}"
            item = _item(line, where)
            if item.id in seen:
                raise UsageError(f"{where}: id {item.id!r} is taken by {seen[item.id]}; give every item its own")
            seen[item.id] = where
            yield item


def _item(line: str, where: str) -> EvalItem:
    data = _object(line, where)
    texts = {key: _text(data, key, where) for key in _TEXTS}
    if not texts["title"].strip():
        raise UsageError(f"{where}: 'title' is missing or empty; it is what is scored")
    return EvalItem(
        id=texts["id"] or where,
        title=texts["title"],
        text=texts["text"],
        lang=texts["lang"],
        labels=frozenset(_list(data, "labels", where)),
        aspects=frozenset(_list(data, "aspects", where)),
        kind=_kind(texts),
        source=texts["source"],
        style=texts["style"],
        month=_month(texts["date"], where),
    )


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}: not valid JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise UsageError(f"{where}: not valid JSON: nested too deeply") from error
    if not isinstance(data, dict):
        raise UsageError(f"{where}: must be a JSON object")
    return data


def _text(data: dict[str, Any], key: str, where: str) -> str:
    value = data.get(key)
    if key == "id" and isinstance(value, int):
        return str(value)
    if value is None or isinstance(value, str):
        return value or ""
    raise UsageError(f"{where}: {key!r} must be a string, not {value!r}")


def _list(data: dict[str, Any], key: str, where: str) -> list[str]:
    value = data.get(key)
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise UsageError(f"{where}: {key!r} must be a list of strings, not {value!r}")


def _kind(texts: dict[str, str]) -> str:
    if texts["difficulty"] == BORDERLINE:
        return BORDERLINE
    found = _KIND.match(texts["note"])
    return found[1] if found else ""


def _month(date: str, where: str) -> str:
    if not date:
        return ""
    try:
        return datetime.fromisoformat(date).strftime("%Y-%m")
    except ValueError as error:
        raise UsageError(f"{where}: 'date' {date!r} is no date such as 2026-11-22") from error

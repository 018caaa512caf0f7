"""One setting explained: its value, where it was written, what it means, and which part of the program obeys it."""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from monitor.errors import UsageError
from monitor.fetch.manner import is_secret
from monitor.normalise.duration import show
from monitor.observe import MASK, mask
from monitor.settings.model import OBEYED_BY, Settings
from monitor.settings.read import KeyPath, Tree, dotted

# As far as a password can reach: SQLAlchemy takes all up to the last "@" for one, other addresses end it at a slash.
_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^/?#\s]*@")
_DATABASE_PASSWORD = re.compile(r"(?<=://)([^:/@]*):.*@")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `monitor config explain` prints; ``value`` holds no secret."""

    key: str
    value: str
    origin: str
    meaning: str
    obeyed_by: str


def explain(settings: Settings, tree: Tree, key: str) -> list[Explanation]:
    """Explain one key, or every key under a table; raises UsageError with the nearest ones where there is none."""
    rows = {dotted(path): (path, value, meaning) for path, value, meaning in _leaves(settings.options)}
    chosen = [name for name in rows if name == key or name.startswith(f"{key}.")]
    if not chosen:
        near = difflib.get_close_matches(key, [*rows, *OBEYED_BY], n=3)
        raise UsageError(
            f'no setting "{key}"'
            + (f"; did you mean {', '.join(near)}?" if near else f"; tables: {', '.join(OBEYED_BY)}")
        )
    return [_explanation(settings, tree, *rows[name]) for name in chosen]


def _explanation(settings: Settings, tree: Tree, path: KeyPath, value: Any, meaning: str) -> Explanation:
    place = tree.places.get(path)
    shown = _masked(settings, tree, path, value)
    return Explanation(dotted(path), shown, str(place) if place else "default", meaning, OBEYED_BY[path[0]])


def _masked(settings: Settings, tree: Tree, path: KeyPath, value: Any) -> str:
    """Show a value; one that holds a variable as it was written, a recipient by its label, a password as asterisks."""
    if path[0] == "channels" and path[-1] == "urls":
        return json.dumps([recipient.label for recipient in settings.channels[path[1]]], ensure_ascii=False)
    if path in tree.templates:
        return tree.templates[path]
    if "request" in path and value and is_secret(*path[path.index("request") + 1 :]):
        return MASK
    if isinstance(value, timedelta):
        return show(value)
    if isinstance(value, list):
        value = [tree.templates.get((*path, str(index)), item) for index, item in enumerate(value)]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    password = _DATABASE_PASSWORD if path[0] == "database" else _PASSWORD
    return mask(password.sub(rf"\1:{MASK}@", text))


def _leaves(value: BaseModel, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any, str]]:
    """Every setting with its value and description, tables of names included."""
    for name, info in type(value).model_fields.items():
        inner = getattr(value, name)
        if isinstance(inner, BaseModel):
            yield from _leaves(inner, (*path, name))
        elif isinstance(inner, dict) and any(isinstance(item, BaseModel) for item in inner.values()):
            for key, item in inner.items():
                if isinstance(item, BaseModel):
                    yield from _leaves(item, (*path, name, key))
                else:
                    yield (*path, name, key), item, info.description or ""
        elif isinstance(inner, dict):
            for key, item in inner.items():
                yield (*path, name, key), item, info.description or ""
        else:
            yield (*path, name), inner, info.description or ""

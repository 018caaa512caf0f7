"""`monitor label`."""

import getpass
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened
from monitor.cli.console import print_json, tell
from monitor.cli.items_show import annotation_json
from monitor.cli.judged import said
from monitor.domain.entry import StoredEntry
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.jobs.label import annotate
from monitor.store import annotations, views
from monitor.store.annotations import Annotation, NewAnnotation

_VALUES: Mapping[str, bool | None] = {"+": True, "-": False, "?": None}
_VIA = "cli"


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    # Else Click takes -policy for options.
    app.command("label", context_settings={"ignore_unknown_options": True})(label)


def label(
    words: Annotated[
        list[str],
        typer.Argument(metavar="ID… [+LABEL] [-LABEL] [?LABEL]", help="+ it holds, - it does not, ? I cannot say."),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept with the labels.")] = "",
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Who says so; default: your user name.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Say which labels entries have, or without labels, show what people said."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        given = read_words(words, app.settings.labels)
        if given.values:
            new = [NewAnnotation(id_, name, value, note) for id_ in given.ids for name, value in given.values.items()]
            annotate(app.store, new, who=who or os_user(), via=_VIA, now=utc_now())
        elif note:
            raise UsageError("--note goes with a label, such as +returns")
        found = [(_entry(app, id_), annotations.history(app.store, id_)) for id_ in given.ids]
        if json:
            print_json([_as_json(stored, history) for stored, history in found])
            return
        for stored, history in found:
            _tell_given(stored, given.values) if given.values else _tell_history(stored, history, app)


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed: entries, and what they are said to be."""

    ids: tuple[int, ...]
    values: Mapping[str, bool | None]


def read_words(words: Sequence[str], labels: Collection[str]) -> Given:
    """Tell ids from labels, in any order; raises UsageError for what is neither."""
    ids: list[int] = []
    values: dict[str, bool | None] = {}
    for word in words:
        if word.isdecimal() and len(word) < 19:
            ids.append(int(word))
        elif word[:1] in _VALUES and not word.startswith("--"):
            name, value = word[1:], _VALUES[word[0]]
            check_label(name, labels)
            if name in values and values[name] is not value:
                raise UsageError(f"{name} is said twice, once {said(values[name])} and once {said(value)}")
            values[name] = value
        else:
            what = "is no option" if word.startswith("--") else "is neither an id nor a label"
            raise UsageError(f"{word} {what}; give ids of entries, then labels: `monitor label 12 +returns -policy`")
    if not ids:
        raise UsageError("which entry? give its id, as `monitor items list` prints it: `monitor label 12 +returns`")
    return Given(tuple(dict.fromkeys(ids)), values)


def check_label(name: str, labels: Collection[str]) -> None:
    """Refuse a label that labels.toml does not have; raises UsageError."""
    if name not in labels:
        near = get_close_matches(name, labels, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(labels) or 'none'}"
        raise UsageError(f'no label "{name}" in labels.toml; {hint}')


def os_user() -> str:
    """The name under which the user is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, as in a container
        return "unknown"


def _entry(app: App, id_: int) -> StoredEntry:
    stored = views.item(app.store, id_)
    if stored is None:
        raise UsageError(f"no entry {id_}; `monitor items list` shows ids")
    return stored


def _as_json(stored: StoredEntry, history: Sequence[Annotation]) -> dict[str, Any]:
    return {
        "id": stored.id,
        "title": stored.entry.title,
        "human": dict(stored.human),
        "annotations": [annotation_json(word) for word in history],
    }


def _tell_given(stored: StoredEntry, values: Mapping[str, bool | None]) -> None:
    words = ", ".join(f"{name} {said(value)}" for name, value in values.items())
    tell(f"{stored.id}: {words}: {stored.entry.title}", indent=4)


def _tell_history(stored: StoredEntry, history: Sequence[Annotation], app: App) -> None:
    """Tell what people said, the newest first."""
    tell(f"{stored.id}: {stored.entry.title}", indent=4, style="bold")
    if not history:
        tell("    nobody has labelled it", indent=4)
    for word in reversed(history):
        undone = f", taken back {local(word.withdrawn_at, app)}" if word.withdrawn_at else ""
        note = f': "{word.note}"' if word.note else ""
        tell(
            f"    {local(word.at, app)}  {word.label} {said(word.value)}  {word.who} ({word.via}{undone}){note}",
            indent=22,
        )

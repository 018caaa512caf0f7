"""`monitor classify`."""

import json
import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from monitor.app import load_model
from monitor.classify.classifier import Classifier
from monitor.cli.common import DEFAULT_CONFIG, DONE, WITH_FAILURES, ConfigOption, err, progress
from monitor.domain.labels import passing
from monitor.errors import ModelError, UsageError
from monitor.normalise import language
from monitor.settings.load import load

_BATCH = 256


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("classify")(classify)


def classify(
    jsonl: Annotated[
        str, typer.Option("--jsonl", metavar="FILE|-", help='One {"id","title","text","lang"?} a line; - for stdin.')
    ],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Print {"id","lang","scores","decisions"} a line, in order, as a stream."""
    settings = load(config)
    model = load_model(settings)
    if model.classifier is None:
        raise ModelError(model.problem)
    lines = {name: label.threshold for name, label in settings.labels.items()}
    bad = 0
    source = _open(jsonl)
    with progress("classifying") as bar:
        for batch in _batches(source):
            bad += sum(item.problem != "" for item in batch)
            for answer in _answers(batch, model.classifier, lines):
                sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            bar.advance(bar.task_ids[0], len(batch))
    if bad:
        err.print(f"{bad} lines could not be read; each has its error in its place", style="yellow")
    raise typer.Exit(WITH_FAILURES if bad else DONE)


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of the input, or what is wrong with it."""

    id: Any = None
    title: str = ""
    text: str = ""
    lang: str = ""
    problem: str = ""


def _open(name: str) -> TextIO:
    if name == "-":
        return sys.stdin
    try:
        return Path(name).open(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--jsonl {name}: {error.strerror}") from error


def _batches(source: TextIO) -> Iterator[list[_Item]]:
    """Yield what has arrived, `_BATCH` lines at the most: a slow writer gets its answers line by line."""
    arrived: queue.Queue[_Item | None] = queue.Queue(_BATCH * 4)

    def read() -> None:
        try:
            for number, line in enumerate(source, 1):
                if line.strip():
                    arrived.put(_item(line, number))
        except (OSError, UnicodeDecodeError) as error:
            arrived.put(_Item(problem=f"the input cannot be read on: {error}"))
        finally:
            arrived.put(None)

    threading.Thread(target=read, daemon=True).start()
    ended = False
    while not ended:
        batch = [arrived.get()]
        while batch[-1] is not None and len(batch) < _BATCH and not arrived.empty():
            batch.append(arrived.get())
        ended = batch[-1] is None
        items = [item for item in batch if item is not None]
        if items:
            yield items


def _item(line: str, number: int) -> _Item:
    try:
        data = json.loads(line)
    except ValueError as error:
        return _Item(problem=f"line {number}: not JSON: {error}")
    if not isinstance(data, dict):
        return _Item(problem=f"line {number}: not an object")
    values = [data.get(key) or "" for key in ("title", "text", "lang")]
    if not all(isinstance(value, str) for value in values):
        return _Item(id=data.get("id"), problem=f"line {number}: title, text and lang must be texts")
    return _Item(data.get("id"), *values)


def _answers(batch: list[_Item], classifier: Classifier, lines: dict[str, float]) -> Iterator[dict[str, Any]]:
    scored = iter(classifier.classify([(item.title, item.text) for item in batch if not item.problem]))
    for item in batch:
        if item.problem:
            yield {"id": item.id, "error": item.problem}
            continue
        scores = next(scored)
        yield {
            "id": item.id,
            "lang": item.lang or language.detect(f"{item.title}\n{item.text}"),
            "scores": {label: round(score.probability, 6) for label, score in scores.items()},
            "decisions": list(passing(scores, lines)),
        }

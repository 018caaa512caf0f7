"""`monitor classify`."""

import codecs
import json
import os
import queue
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn

import typer

from monitor.app import load_model
from monitor.classify.classifier import Classifier
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, out, to_json
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
    settings = load(config, channels=False)
    model = load_model(settings)
    if model.classifier is None:
        raise ModelError(model.problem)
    lines = {name: label.threshold for name, label in settings.labels.items()}
    bad = 0
    source = _open(jsonl)
    with progress("classifying", silent=out.is_terminal) as bar:
        for batch in _batches(source):
            bad += sum(item.problem != "" for item in batch)
            for answer in _answers(batch, model.classifier, lines):
                sys.stdout.write(to_json(answer) + "\n")
            sys.stdout.flush()
            bar.advance(bar.task_ids[0], len(batch))
    if bad:
        lines_are = "line" if bad == 1 else "lines"
        err.print(f"{bad} {lines_are} could not be read; each has its error in its place", style="yellow")
    raise typer.Exit(WITH_FAILURES if bad else DONE)


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of the input, or what is wrong with it."""

    id: Any = None
    title: str = ""
    text: str = ""
    lang: str = ""
    problem: str = ""


def _open(name: str) -> BinaryIO:
    if name == "-":
        # A file object of its own: the interpreter cannot close sys.stdin at its end while a thread waits in it.
        return os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"--jsonl {name}: {error.strerror}") from error


def _batches(source: BinaryIO) -> Iterator[list[_Item]]:
    """Yield what has arrived, `_BATCH` lines at the most: a slow writer gets its answers line by line."""
    arrived: queue.Queue[_Item | None] = queue.Queue(_BATCH * 4)

    def read() -> None:
        try:
            with source:
                for number, line in enumerate(source, 1):
                    text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                    if text.strip():
                        arrived.put(_item(text, number))
        except OSError as error:
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


def _item(line: bytes, number: int) -> _Item:
    try:
        data = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return _Item(problem=f"line {number}: not JSON: {error}")
    if not isinstance(data, dict):
        return _Item(problem=f"line {number}: not an object")
    values = ["" if data.get(key) is None else data[key] for key in ("title", "text", "lang")]
    if not all(isinstance(value, str) for value in values):
        return _Item(id=data.get("id"), problem=f"line {number}: title, text and lang must be texts")
    return _Item(data.get("id"), *values)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _answers(batch: list[_Item], classifier: Classifier, lines: Mapping[str, float]) -> Iterator[dict[str, Any]]:
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

"""`monitor classify --jsonl`: a stream of items in, a stream of answers out."""

import codecs
import json
import os
import queue
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from monitor.classify.classifier import Classifier
from monitor.classify.words import WATCHED
from monitor.cli.common import progress
from monitor.cli.console import err, out, plural, to_json
from monitor.domain.entry import WATCH, Score
from monitor.domain.labels import Lines, cuts_for, decide, passing
from monitor.errors import UsageError
from monitor.normalise import language

_BATCH = 256


def run(name: str, classifier: Classifier, lines: Mapping[str, Lines], *, explained: bool) -> int:
    """Answer every line of a file, or of stdin for ``-``, in order; returns how many could not be read.

    Raises UsageError where the file cannot be opened.
    """
    bad = 0
    source = _open(name)
    with progress("classifying", silent=out.is_terminal) as bar:
        for batch in _batches(source):
            bad += sum(item.problem != "" for item in batch)
            for answer in _answers(batch, classifier, lines, explained=explained):
                sys.stdout.write(to_json(answer) + "\n")
            sys.stdout.flush()
            bar.advance(bar.task_ids[0], len(batch))
    if bad:
        err.print(f"{plural(bad, 'line')} could not be read; each has its error in its place", style="yellow")
    return bad


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


def _answers(
    batch: list[_Item], classifier: Classifier, lines: Mapping[str, Lines], *, explained: bool
) -> Iterator[dict[str, Any]]:
    good = [item for item in batch if not item.problem]
    langs = [item.lang or language.detect(f"{item.title}\n{item.text}") for item in good]
    scored = classifier.classify([(item.title, item.text) for item in good], langs)
    found = iter(zip(scored, langs, strict=True))
    for item in batch:
        if item.problem:
            yield {"id": item.id, "error": item.problem}
            continue
        scores, lang = next(found)
        answer = {
            "id": item.id,
            "lang": lang,
            "scores": {label: round(scores[label].probability, 6) for label in classifier.labels},
            "decisions": list(passing(scores, cuts_for(lines, lang))),
        }
        if explained:
            answer |= as_json(scores, lines, lang, classifier)
        yield answer


def as_json(
    scores: Mapping[str, Score], lines: Mapping[str, Lines], lang: str, classifier: Classifier
) -> dict[str, Any]:
    """What else there is to say of an item: bands, lines, terms, aspects, the watch-list, and who scored."""
    cuts = cuts_for(lines, lang)
    return {
        "bands": {d.label: d.band.value for d in decide(scores, cuts)},
        "thresholds": {label: cut.threshold for label, cut in cuts.items()},
        "review": {label: cut.review for label, cut in cuts.items()},
        "terms": {
            label: [{"text": t.text, "weight": round(t.weight, 4), "concept": t.concept} for t in scores[label].terms]
            for label in classifier.labels
        },
        "aspects": {name: round(scores[name].probability, 4) for name in classifier.aspects if name in scores},
        "watch": [term.concept.removeprefix(WATCHED) for term in scores[WATCH].terms] if WATCH in scores else [],
        "scorer": classifier.scorer,
    }

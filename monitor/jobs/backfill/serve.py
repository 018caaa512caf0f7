"""What runs in the processes that read an archive: read, clean, and judge by the words alone.

It imports no more than that: each process has a model of its own, and counts in memory.
"""

import base64
import pickle
from dataclasses import dataclass
from pathlib import Path

from monitor.classify.classifier import Classifier, Words
from monitor.normalise.entry import CleanDocument
from monitor.parse import serve as reading
from monitor.parse.document import ReadRequest
from monitor.pipeline import Judged, judge, words_of


@dataclass(frozen=True, slots=True)
class JudgedDocument(CleanDocument):
    """A document whose entries were judged, each in its place."""

    judged: tuple[Judged, ...] = ()


def serve(deadline: float, max_memory: int, given: str) -> None:
    """Answer as a reading worker does, and judge the entries of documents."""
    models, version, words = _handed_over(given)
    classifier = Classifier.load(models, version, words)
    reading.answer(deadline, max_memory, lambda request: _judged(reading.read(request), request, classifier))


def handed_over(models: Path, version: str, words: Words) -> str:
    """Where the model is, and the user's own words, as a text for the command line of a process."""
    return base64.b64encode(pickle.dumps((models, version, words))).decode()


def _handed_over(given: str) -> tuple[Path, str, Words]:
    models, version, words = pickle.loads(base64.b64decode(given))  # noqa: S301 - from the process that started this
    return models, version, words


def _judged(reply: reading.Reply, request: reading.Request, classifier: Classifier) -> reading.Reply:
    if not isinstance(request, ReadRequest) or not isinstance(reply, CleanDocument):
        return reply
    entries = [cleaned.entry for cleaned in reply.entries]
    found = judge(entries, classifier)
    judged = tuple(found[words_of(entry)] for entry in entries)
    parts = {name: getattr(reply, name) for name in CleanDocument.__dataclass_fields__}
    return JudgedDocument(**parts, judged=judged)

"""What runs in the processes that judge by the words alone: what they read and clean, and stored entries anew.

It imports no more than that: each process has a model of its own, and counts in memory.
"""

import base64
import pickle
from dataclasses import dataclass
from pathlib import Path

from monitor.classify import classifier as classifying
from monitor.classify.classifier import Classifier
from monitor.extract import mentions
from monitor.normalise.entry import CleanDocument
from monitor.parse import serve as reading
from monitor.parse.document import ReadRequest
from monitor.pipeline import Judged, Words, judge, rejudge, words_of


@dataclass(frozen=True, slots=True)
class JudgedDocument(CleanDocument):
    """A document whose entries were judged, each in its place."""

    judged: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class RejudgeRequest:
    """Stored entries to be judged anew, by their words; ``unread`` says of each whether nobody has its facts yet."""

    words: tuple[Words, ...]
    unread: tuple[bool, ...]

    @property
    def body(self) -> bytes:
        """What tells it from others."""
        return repr(self.words).encode()


def serve(deadline: float, max_memory: int, given: str) -> None:
    """Answer as a reading worker does, judge the entries of documents, and stored ones."""
    models, version, words = _handed_over(given)
    classifier = Classifier.load(models, version, words)
    mentions.load()  # as the language's tables, before anything is asked
    reading.answer(deadline, max_memory, lambda request: _answer(request, classifier))


def handed_over(models: Path, version: str, words: classifying.Words) -> str:
    """Where the model is, and the user's own words, as a text for the command line of a process."""
    return base64.b64encode(pickle.dumps((models, version, words))).decode()


def _handed_over(given: str) -> tuple[Path, str, classifying.Words]:
    models, version, words = pickle.loads(base64.b64decode(given))  # noqa: S301 - from the process that started this
    return models, version, words


def _answer(request: reading.Request | RejudgeRequest, classifier: Classifier) -> object:
    if isinstance(request, RejudgeRequest):
        return rejudge(request.words, request.unread, classifier)
    return _judged(reading.read(request), request, classifier)


def _judged(reply: reading.Reply, request: reading.Request, classifier: Classifier) -> reading.Reply:
    if not isinstance(request, ReadRequest) or not isinstance(reply, CleanDocument):
        return reply
    entries = [cleaned.entry for cleaned in reply.entries]
    found = judge(entries, classifier)
    judged = tuple(found[words_of(entry)] for entry in entries)
    parts = {name: getattr(reply, name) for name in CleanDocument.__dataclass_fields__}
    return JudgedDocument(**parts, judged=judged)

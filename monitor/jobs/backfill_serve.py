"""What runs in the processes that read an archive: read, clean, and judge by the words alone.

An archive brings more than one process can classify beside storing it. The model's two thirds of the time go where the
reading is; what needs the store stays with the job.
"""

import base64
import pickle
from dataclasses import dataclass
from pathlib import Path

from monitor.app import App, words_of
from monitor.classify.classifier import RULES, Classifier, Words
from monitor.normalise.entry import CleanDocument
from monitor.parse import serve as reading
from monitor.parse.document import ReadRequest
from monitor.parse.workers import ParserPool
from monitor.pipeline import Judged, judge

_MOST_GIVEN = 100_000  # bytes; a command line takes 128 KiB


@dataclass(frozen=True, slots=True)
class JudgedDocument(CleanDocument):
    """A document whose entries were judged, each in its place."""

    judged: tuple[Judged, ...] = ()


def judging_pool(app: App, workers: int) -> ParserPool | None:
    """Processes that read and judge; None where there is no model, or too much of the user's own words to hand over."""
    options, classifier = app.settings.options, app.model.classifier
    if classifier is None or classifier.version == RULES:
        return None
    given = base64.b64encode(pickle.dumps((app.settings.models, classifier.version, words_of(app.settings))))
    if len(given) > _MOST_GIVEN:
        return None
    return ParserPool(
        workers=workers,
        deadline=options.parse.deadline,
        max_memory=options.parse.max_memory,
        reader=__name__,
        given=given.decode(),
    )


def serve(deadline: float, max_memory: int, given: str) -> None:
    """Answer as a reading worker does, and judge the entries of documents."""
    models, version, words = _handed_over(given)
    classifier = Classifier.load(models, version, words)
    reading.answer(deadline, max_memory, lambda request: _judged(reading.read(request), request, classifier))


def _handed_over(given: str) -> tuple[Path, str, Words]:
    models, version, words = pickle.loads(base64.b64decode(given))  # noqa: S301 - from the process that started this
    return models, version, words


def _judged(reply: reading.Reply, request: reading.Request, classifier: Classifier) -> reading.Reply:
    if not isinstance(request, ReadRequest) or not isinstance(reply, CleanDocument):
        return reply
    entries = [cleaned.entry for cleaned in reply.entries]
    found = judge(entries, classifier)
    judged = tuple(found[entry.title, entry.text] for entry in entries)
    parts = {name: getattr(reply, name) for name in CleanDocument.__dataclass_fields__}
    return JudgedDocument(**parts, judged=judged)

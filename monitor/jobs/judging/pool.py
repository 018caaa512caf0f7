"""The pool of processes that judge.

More comes than one process can classify beside storing it: two thirds of the time go into the judging, and what needs
the store stays with the job.
"""

import os
from datetime import timedelta

from monitor.app import App, words_of
from monitor.classify.classifier import RULES, Classifier
from monitor.jobs.judging import serve
from monitor.parse.workers import ParserPool

LEAST_JUDGES = min(2, os.cpu_count() or 1)
"""Processes that judge, where nobody names more: each holds a model of its own."""
_MOST_GIVEN = 100_000  # bytes; a command line takes 128 KiB


def judging_pool(
    app: App, workers: int, *, classifier: Classifier | None = None, deadline: timedelta | None = None
) -> ParserPool | None:
    """Processes that judge by a classifier (None: by the one in use); None where there is no model, or too much of the
    user's own words to hand over. ``deadline`` is for one request, that of [parse] where none is given."""
    options, classifier = app.settings.options, classifier or app.model.classifier
    if classifier is None or classifier.version == RULES:
        return None
    given = serve.handed_over(app.settings.models, classifier.version, words_of(app.settings))
    if len(given) > _MOST_GIVEN:
        return None
    return ParserPool(
        workers=workers,
        deadline=deadline or options.parse.deadline,
        max_memory=options.parse.max_memory,
        reader=serve.__name__,
        given=given,
    )

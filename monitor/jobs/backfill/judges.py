"""The processes that read an archive and judge it.

An archive brings more than one process can classify beside storing it: two thirds of the time go where the reading is,
and what needs the store stays with the job.
"""

from monitor.app import App, words_of
from monitor.classify.classifier import RULES
from monitor.jobs.backfill import serve
from monitor.parse.workers import ParserPool

_MOST_GIVEN = 100_000  # bytes; a command line takes 128 KiB


def judging_pool(app: App, workers: int) -> ParserPool | None:
    """Processes that read and judge; None where there is no model, or too much of the user's own words to hand over."""
    options, classifier = app.settings.options, app.model.classifier
    if classifier is None or classifier.version == RULES:
        return None
    given = serve.handed_over(app.settings.models, classifier.version, words_of(app.settings))
    if len(given) > _MOST_GIVEN:
        return None
    return ParserPool(
        workers=workers,
        deadline=options.parse.deadline,
        max_memory=options.parse.max_memory,
        reader=serve.__name__,
        given=given,
    )

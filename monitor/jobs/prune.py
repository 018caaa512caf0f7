"""Retention, as [retention] says."""

from collections.abc import Callable
from datetime import datetime

from monitor.app import App
from monitor.domain.story import WINDOW
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log
from monitor.store.prune import Pruned, prune, prune_index


def run(app: App, *, now: Callable[[], datetime] = utc_now) -> Pruned:
    """Let go of what is older than config says."""
    kept, moment = app.settings.options.retention, now()
    pruned = prune(
        app.store,
        entries_before=moment - kept.entries,
        polls_before=moment - kept.polls,
        digests_before=moment - kept.digests,
        documents_before=moment - kept.documents,
    )
    prune_index(app.store, before=moment - WINDOW)
    if pruned != Pruned(0, 0, 0):
        log.info(
            fields(
                "prune", entries=pruned.entries, polls=pruned.polls, digests=pruned.digests, documents=pruned.documents
            )
        )
    return pruned

"""What a planned backfill would ask for first, and about how often."""

from math import ceil

from monitor.app import App
from monitor.backfill import wordpress
from monitor.backfill.routes import ROUTES
from monitor.domain.backfill import Job, RouteName
from monitor.observe import mask


def first_request(app: App, job: Job) -> str:
    """The first address, or the archive."""
    if job.route == RouteName.ARCHIVE:
        return f"{job.site.archive} ({job.site.form})"
    route = ROUTES[RouteName(job.route)]
    cursor = route.begin(job.site, job.span, app.settings.feeds[job.feed].url)
    ask = route.ask(job.site, job.span, cursor, None)
    return mask(ask.url) if ask else "nobody"


def pages_expected(job: Job) -> int | None:
    """How many requests there will be at the least; None where nobody knows."""
    if job.declared is None or job.route != RouteName.WORDPRESS:
        return None
    return max(len(job.site.kinds), ceil(job.declared / wordpress.PER_PAGE))

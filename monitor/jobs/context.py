"""What entries of a feed are judged by: the model and the rules that are in force."""

from datetime import datetime

from monitor.app import App
from monitor.domain.feed import Feed
from monitor.pipeline import Context


def context_of(app: App, feed: Feed, *, now: datetime, first_poll: bool = False) -> Context:
    """Make the context of a feed's entries; on a feed's ``first_poll`` what has no date is no news."""
    return Context(
        feed,
        first_poll=first_poll,
        first_poll_news=app.settings.options.poll.first_poll_news,
        classifier=app.model.classifier,
        now=now,
    )

"""A digest as a message: one content, three forms."""

from monitor.digest.html import page
from monitor.digest.slack import posts
from monitor.digest.text import plain
from monitor.digest.view import look
from monitor.domain.digest import Digest, Message


def render(digest: Digest) -> Message:
    """Render a digest; the same digest gives the same bytes.

    The text form holds every story. The HTML is cut by whole stories to `html.LIMIT` bytes and says how many it lacks;
    Slack's blocks are split on the borders of stories.
    """
    view = look(digest)
    return Message(
        key=f"{digest.subscription.name}/{digest.key}",
        subject=view.subject,
        html=page(view),
        text=plain(view),
        blocks=posts(view),
    )

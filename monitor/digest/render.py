"""A digest as a message: one content, each form of it."""

from monitor.digest.document import document
from monitor.digest.html import page
from monitor.digest.markdown import markdown
from monitor.digest.slack import posts
from monitor.digest.text import plain
from monitor.digest.view import look
from monitor.domain.digest import Digest, Message


def render(digest: Digest) -> Message:
    """Render a digest; the same digest gives the same bytes.

    The text, Markdown and JSON forms hold every story. The HTML is cut by whole stories to `html.LIMIT` bytes and says
    how many it lacks; Slack's blocks are split on the borders of stories.
    """
    view = look(digest)
    stories = [story.id for section in digest.sections for story in section.stories]
    return Message(
        key=f"{digest.subscription.name}/{digest.key}",
        subject=view.subject,
        html=page(view),
        text=plain(view),
        blocks=posts(view),
        markdown=markdown(view),
        data=document(digest, view),
        thread=f"{digest.subscription.name}/{stories[0]}" if len(stories) == 1 else "",
    )

"""A digest as a message: one content, each form of it."""

from collections import defaultdict
from dataclasses import replace

from monitor.digest.document import document
from monitor.digest.html import page
from monitor.digest.markdown import markdown
from monitor.digest.slack import posts
from monitor.digest.text import plain, rest
from monitor.digest.view import again, look
from monitor.domain.digest import Digest, Message


def render(digest: Digest) -> Message:
    """Render a digest; the same digest gives the same bytes.

    The text, Markdown and JSON forms hold every story. The HTML is cut by whole stories to `html.LIMIT` bytes and says
    how many it lacks; those are in a file of their own. Slack's blocks are split on the borders of stories.
    """
    view = look(digest)
    html, lacking = page(view)
    return Message(
        key=_key(digest),
        subject=view.subject,
        html=html,
        text=plain(view),
        blocks=posts(view),
        markdown=markdown(view),
        data=document(digest, view),
        thread=_thread(digest),
        rest=rest(lacking) if lacking else "",
    )


class Rendered:
    """What one run has rendered: digests that differ in their subscription's name only are laid out once."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], list[tuple[Digest, Message]]] = defaultdict(list)

    def render(self, digest: Digest) -> Message:
        """As `render`, from what was rendered before where that has the same content."""
        subscription = replace(digest.subscription, name="", channels=())
        nameless = replace(digest, subscription=subscription)
        made = self._made[digest.key, subscription.title, _ids(digest)]
        for other, message in made:
            if other == nameless:
                data = {**message.data, "subscription": digest.subscription.name, "command": again(digest)}
                return replace(message, key=_key(digest), data=data, thread=_thread(digest))
        message = render(digest)
        made.append((nameless, message))
        return message


def _key(digest: Digest) -> str:
    return f"{digest.subscription.name}/{digest.key}"


def _ids(digest: Digest) -> tuple[int, ...]:
    return tuple(story.id for section in digest.sections for story in section.stories)


def _thread(digest: Digest) -> str:
    stories = _ids(digest)
    return f"{digest.subscription.name}/{stories[0]}" if len(stories) == 1 else ""

"""The short form of a digest: as many whole stories as a service takes, and how many there are beside. Pure.

It is made of the frozen JSON form of a message, so that a retry makes the same one.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.deliver.limits import Layout, Limit, plain_sms
from monitor.domain.digest import Message

_TITLE = 160
_CALL = re.compile(r"@(?=\w)")


def brief(message: Message, limit: Limit, *, headed: bool = True) -> str:
    """Write the short form of ``message`` within ``limit``; ``headed`` False leaves out its subject.

    The first story's headline is shortened where not even that fits; every other story is in whole or counted.
    Raises ValueError for a message that is no digest, or a limit that has no room for a word.
    """
    if not message.data:
        raise ValueError("only digests have a short form")
    stories = [_clean(story, limit) for story in _stories(message.data)]
    for kept in range(len(stories), 0 if stories else -1, -1):
        text = _lay(message, limit, stories[:kept], len(stories) - kept, headed=headed)
        if limit.fits(text):
            return text
    return _least(message, limit, stories, headed=headed)


def _stories(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for section in data["sections"]:
        yield from section["stories"]


def _clean(story: Mapping[str, Any], limit: Limit) -> Mapping[str, Any]:
    """Shorten a title, and keep what a service could take for a call of somebody from being one."""
    more = len(story["sources"]) - 1
    return {
        "title": tame(_cut(story["title"], _TITLE), limit),
        "url": story["url"],
        "mark": story.get("mark", "Update" if story["update"] else ""),
        "source": tame(story["source"], limit) + (f" +{more}" if more > 0 else ""),
    }


def tame(text: str, limit: Limit) -> str:
    """Keep a text from calling people: a word joiner after @ is not seen, and no service finds a name behind it."""
    return _CALL.sub("@\u2060", text) if limit.calls else text


def _lay(message: Message, limit: Limit, stories: Sequence[Mapping[str, Any]], left: int, *, headed: bool) -> str:
    if limit.layout is Layout.SMS:
        return _sms(message, stories, left)
    write = _html if limit.layout is Layout.HTML else _plain
    quote = html.escape if limit.layout is Layout.HTML else str
    head = tame(message.subject, limit)
    parts = [f"<b>{quote(head)}</b>" if limit.layout is Layout.HTML else head] if headed else []
    parts += [quote(folded["said"])] if (folded := message.data.get("folded")) else []
    parts += [write(story) for story in stories]
    more = f"and {left:,} more: " if left else "All of it: "
    parts.append(quote(f"{_state(message.data)}\n{more}{message.data['command']}"))
    return "\n\n".join(parts)


def _plain(story: Mapping[str, Any]) -> str:
    mark = f"{story['mark']}: " if story["mark"] else ""
    lines = [f"• {mark}{story['title']} – {story['source']}", *([story["url"]] if story["url"] else [])]
    return "\n".join(lines)


def _html(story: Mapping[str, Any]) -> str:
    """The tags that Telegram knows, and no others; a quotation mark in a link is escaped too."""
    title = html.escape(story["title"])
    linked = f'<a href="{html.escape(story["url"])}">{title}</a>' if story["url"] else title
    mark = f"<b>{story['mark']}</b>: " if story["mark"] else ""
    return f"• {mark}{linked} – {html.escape(story['source'])}"


def _sms(message: Message, stories: Sequence[Mapping[str, Any]], left: int) -> str:
    told = [f"{number}) {_marked(story)} ({story['source']})" for number, story in enumerate(stories, start=1)]
    more = [f"+{left} more"] if left else []
    return plain_sms(" ".join([f"{message.data['title']}: {message.data['summary']}.", *told, *more]))


def _marked(story: Mapping[str, Any]) -> str:
    return f"{story['mark']}: {story['title']}" if story["mark"] else str(story["title"])


def _state(data: Mapping[str, Any]) -> str:
    """Say in one line what was looked at, so that a short digest, too, says what it could not see."""
    seen = data["coverage"]
    feeds = f"{seen['feeds']['polled']:,} of {seen['feeds']['enabled']:,} feeds polled"
    faults = [f"{len(seen[name]):,} {name}" for name in ("failed", "silent") if seen[name]]
    near = [f"{data['counts']['near']:,} just below the line"] if data["counts"]["near"] else []
    return " · ".join([", ".join([feeds, *faults]), f"{seen['entries']['new']:,} new entries", *near])


def _least(message: Message, limit: Limit, stories: Sequence[Mapping[str, Any]], *, headed: bool) -> str:
    """What is left where not one story fits: its headline shortened by words, or the head alone, or part of it."""
    if stories:
        first = stories[0]
        for size in range(len(first["title"]), 15, -1):
            # An address is long; of a story that hardly fits it goes first.
            cut = {**first, "title": _cut(first["title"], size), "url": None}
            text = _lay(message, limit, [cut], len(stories) - 1, headed=headed)
            if limit.fits(text):
                return text
        counted = _lay(message, limit, [], len(stories), headed=headed)
        if limit.fits(counted):
            return counted
    head = message.subject if limit.layout is not Layout.SMS else plain_sms(message.subject)
    for size in range(len(head), 0, -1):
        text = _cut(head, size)
        text = (
            html.escape(text)
            if limit.layout is Layout.HTML
            else plain_sms(text)
            if limit.layout is Layout.SMS
            else text
        )
        if text and limit.fits(text):
            return text
    raise ValueError(f"a limit of {limit.size} has no room for a word")


def _cut(text: str, limit: int) -> str:
    """Shorten to ``limit`` characters, an ellipsis included, on a word where there is one in the last half."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = head.rfind(" ")
    return (head[:at] if at > limit // 2 else head).rstrip(" ,;:.–—-") + "…"

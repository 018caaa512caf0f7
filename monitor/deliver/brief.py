"""The short form of a digest: as many whole stories as a service takes, and how many there are beside. Pure.

It is made of the frozen JSON form of a message, in its language, so that a retry makes the same one.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.deliver.limits import Layout, Limit, plain_sms
from monitor.domain.digest import Message
from monitor.tongue.direction import balanced
from monitor.tongue.tongue import Tongue, spoken

_TITLE = 160
_CALL = re.compile(r"@(?=\w)")


def brief(message: Message, limit: Limit, *, headed: bool = True) -> str:
    """Write the short form of ``message`` within ``limit``; ``headed`` False leaves out its subject.

    The first story's headline is shortened where not even that fits; every other story is in whole or counted. Where
    there is room for the same stories with it, each says where it comes from, if not of this window.
    Raises ValueError for a message that is no digest, or a limit that has no room for a word.
    """
    if not message.data:
        raise ValueError("only digests have a short form")
    tongue = spoken(message.data)
    stories = [_clean(story, limit, tongue) for story in _stories(message.data)]
    for kept in range(len(stories), 0 if stories else -1, -1):
        told, left = stories[:kept], stories[kept:]
        unmarked = list(map(_unmarked, told))
        for shown in (told, unmarked) if unmarked != told else (told,):
            text = _lay(message, limit, shown, left, headed=headed)
            if limit.fits(text):
                return text
    return _least(message, limit, stories, headed=headed)


def _stories(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for section in data["sections"]:
        for story in section["stories"]:
            yield {**story, "label": section["label"]}


def _clean(story: Mapping[str, Any], limit: Limit, tongue: Tongue) -> Mapping[str, Any]:
    """Shorten a title, and keep what a service could take for a call of somebody from being one."""
    more = len(story["sources"]) - 1
    source = tongue.apart(tame(story["source"], limit)) + (f" {tongue.count('story.plus', more)}" if more > 0 else "")
    return {
        "title": tongue.apart(tame(_cut(story["title"], _TITLE), limit)),
        "url": story["url"],
        "mark": story.get("mark", tongue.say("story.update") if story["update"] else ""),
        "source": source,
        "carried": story.get("carried", ""),  # not in what was frozen before it was there
        "label": tongue.apart(tongue.label(story["label"])),
    }


def _unmarked(story: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**story, "carried": ""}


def tame(text: str, limit: Limit) -> str:
    """Keep a text from calling people: a word joiner after @ is not seen, and no service finds a name behind it."""
    return _CALL.sub("@\u2060", text) if limit.calls else text


def _lay(
    message: Message,
    limit: Limit,
    stories: Sequence[Mapping[str, Any]],
    left: Sequence[Mapping[str, Any]],
    *,
    headed: bool,
) -> str:
    if limit.layout is Layout.SMS:
        return _sms(message, stories, len(left))
    tongue, write = spoken(message.data), _html if limit.layout is Layout.HTML else _plain
    quote = html.escape if limit.layout is Layout.HTML else str
    head = tame(message.subject, limit)
    parts = [f"<b>{quote(head)}</b>" if limit.layout is Layout.HTML else head] if headed else []
    parts += [quote(folded["said"])] if (folded := message.data.get("folded")) else []
    parts += [write(story, tongue) for story in stories]
    command = tongue.apart(message.data["command"])
    more = _more(left, command, tongue) if left else tongue.say("brief.all", command=command)
    parts.append(quote(f"{_state(message.data)}\n{more}"))
    return "\n\n".join(parts)


def _more(left: Sequence[Mapping[str, Any]], command: str, tongue: Tongue) -> str:
    """``and 12 more (8 returns, 4 policy)``, and what shows them."""
    counts = Counter(story["label"] for story in left)
    tally = tongue.listed(tongue.count("digest.tally", number, label=label) for label, number in counts.items())
    return tongue.count("brief.more", len(left), tally=tally, command=command)


def _plain(story: Mapping[str, Any], tongue: Tongue) -> str:
    title = _marked(story["mark"], story["title"], tongue)
    lines = [f"• {title} – {_about(story)}", *([story["url"]] if story["url"] else [])]
    return "\n".join(lines)


def _html(story: Mapping[str, Any], tongue: Tongue) -> str:
    """The tags that Telegram knows, and no others; a quotation mark in a link is escaped too."""
    title = html.escape(story["title"])
    linked = f'<a href="{html.escape(story["url"])}">{title}</a>' if story["url"] else title
    mark = f"<b>{html.escape(story['mark'])}</b>" if story["mark"] else ""
    return f"• {_marked(mark, linked, tongue)} – {html.escape(_about(story))}"


def _sms(message: Message, stories: Sequence[Mapping[str, Any]], left: int) -> str:
    data, tongue = message.data, spoken(message.data)
    head = tongue.say("brief.sms", title=tongue.apart(data["title"]), summary=data["summary"])
    told = [
        f"{number}) {_marked(story['mark'], story['title'], tongue)} ({_about(story)})"
        for number, story in enumerate(stories, start=1)
    ]
    more = [tongue.count("brief.sms_more", left)] if left else []
    return plain_sms(" ".join([head, *told, *more]))


def _about(story: Mapping[str, Any]) -> str:
    return " · ".join(part for part in (story["source"], story["carried"]) if part)


def _marked(mark: str, title: str, tongue: Tongue) -> str:
    return tongue.say("form.headed", head=mark, text=title) if mark else title


def _state(data: Mapping[str, Any]) -> str:
    """Say in one line what was looked at, so that a short digest, too, says what it could not see."""
    seen, tongue = data["coverage"], spoken(data)
    feeds, new, near = seen["feeds"], seen["entries"]["new"], data["counts"]["near"]
    polled, enabled = tongue.number(feeds["polled"]), tongue.number(feeds["enabled"])
    faults = [tongue.count(f"brief.{name}", len(seen[name])) for name in ("failed", "silent") if seen[name]]
    asked = tongue.listed([tongue.say("brief.feeds", polled=polled, enabled=enabled), *faults])
    below = [tongue.count("brief.near", near)] if near else []
    return " · ".join([asked, tongue.count("brief.entries", new), *below])


def _least(message: Message, limit: Limit, stories: Sequence[Mapping[str, Any]], *, headed: bool) -> str:
    """What is left where not one story fits: its headline shortened by words, or the head alone, or part of it."""
    if stories:
        first = _unmarked(stories[0])
        for size in range(len(first["title"]), 15, -1):
            # An address is long; of a story that hardly fits it goes first.
            cut = {**first, "title": balanced(_cut(first["title"], size)), "url": None}
            text = _lay(message, limit, [cut], stories[1:], headed=headed)
            if limit.fits(text):
                return text
        counted = _lay(message, limit, [], stories, headed=headed)
        if limit.fits(counted):
            return counted
    head = message.subject if limit.layout is not Layout.SMS else plain_sms(message.subject)
    for size in range(len(head), 0, -1):
        text = balanced(_cut(head, size))
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

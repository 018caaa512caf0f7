"""An Atom feed of digests (RFC 4287): one entry a digest, made of its frozen JSON form. Pure: bytes in, bytes out.

An entry says its language where that is not English; a story in it says its own.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from monitor.domain.digest import Message
from monitor.tongue.tongue import Tongue, spoken

ENTRIES = 30
"""The most that a feed holds; the oldest go."""
_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME = "urn:returns-monitor:"
# What XML 1.0 has no way to write, not even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def grown(feed: bytes, message: Message) -> bytes:
    """Put a digest at its place in a feed, by when it was made; one that is in it already is written anew.

    ``feed`` are the bytes of the file so far, b"" for none. A file that is no Atom feed is begun anew: all that it
    could hold is in the database too.
    """
    kept = {_text(entry, "id"): entry for entry in _entries(feed)}
    made = _entry(message)
    kept[_text(made, "id")] = made
    newest = sorted(kept.values(), key=lambda entry: (_text(entry, "updated"), _text(entry, "id")), reverse=True)[
        :ENTRIES
    ]
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", _urn(f"feed:{message.data['subscription']}"))
    _add(root, "title", str(message.data["title"]))
    _add(root, "updated", _text(newest[0], "updated"))
    _add(_add(root, "author"), "name", "Returns Monitor")
    _add(root, "generator", "Returns Monitor")
    root.extend(newest)
    ET.register_namespace("", _ATOM)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entries(feed: bytes) -> list[ET.Element]:
    if not feed:
        return []
    try:
        root = ET.fromstring(feed)  # noqa: S314 (a file of our own; expat 2.4.1 and later stop entities that explode)
    except ET.ParseError:
        return []
    return root.findall(f"{{{_ATOM}}}entry") if root.tag == f"{{{_ATOM}}}feed" else []


def _entry(message: Message) -> ET.Element:
    data = message.data
    tongue = spoken(data)
    entry = ET.Element(f"{{{_ATOM}}}entry", {_LANG: tongue.code} if tongue.code != "en" else {})
    _add(entry, "id", _urn(f"digest:{message.key}"))
    _add(entry, "title", message.subject)
    _add(entry, "updated", str(data["made_at"]))
    _add(entry, "published", str(data["made_at"]))
    _add(entry, "summary", str(data["summary"]))
    content = "".join(_content(data, tongue))
    if tongue.code != "en":
        content = f'<div lang="{tongue.code}" dir="{"rtl" if tongue.rtl else "ltr"}">{content}</div>'
    _add(entry, "content", content, type="html")
    return entry


def _content(data: Mapping[str, Any], tongue: Tongue) -> Iterator[str]:
    """The stories as HTML of a few plain tags, every text escaped."""
    if folded := data.get("folded"):
        yield f"<p>{html.escape(folded['said'])}</p>"
    for section in data["sections"]:
        yield f"<h2>{html.escape(section['title'])}</h2><ul>"
        yield from (_story(story, tongue) for story in section["stories"])
        yield "</ul>"
    if not data["sections"]:
        yield f"<p>{html.escape(tongue.say('digest.nothing_passed'))}</p>"
    for name in ("alerted", "near"):
        if data[name]:
            stories = "".join(_story(story, tongue) for story in data[name])
            yield f"<h2>{html.escape(tongue.say(f'digest.{name}'))}</h2><ul>{stories}</ul>"
    seen = data["coverage"]
    feeds, entries = seen["feeds"], seen["entries"]
    numbers = {
        "enabled": feeds["enabled"],
        "polled": feeds["polled"],
        "failed": len(seen["failed"]),
        "silent": len(seen["silent"]),
        "seen": entries["seen"],
        "new": entries["new"],
        "over": entries["over_line"],
    }
    said = tongue.say("brief.coverage", **{name: tongue.number(number) for name, number in numbers.items()})
    yield f"<p>{html.escape(said)}</p>"


def _story(story: Mapping[str, Any], tongue: Tongue) -> str:
    own = "" if tongue.code == "en" else f' lang="{html.escape(story["lang"])}" dir="auto"'
    title = f"<b{own}>{html.escape(story['title'])}</b>"
    linked = f'<a href="{html.escape(story["url"])}">{title}</a>' if story["url"] else title
    facts = story["update"]["facts"] if story["update"] else []
    head = f"<b>{html.escape(story.get('mark') or tongue.say('story.update'))}</b>"
    update = f"{head} {html.escape(' · '.join(facts))}<br>" if story["update"] else ""
    said = [fact["said"] for fact in (*story["measures"], *story["figures"])]
    why = tongue.listed(tongue.say("form.quoted", text=tongue.apart(reason["text"])) for reason in story["why"])
    excerpt, carried = html.escape(story["excerpt"]), story.get("carried", "")
    lines = [
        html.escape(tongue.listed(map(tongue.apart, story["sources"]))),
        html.escape(" · ".join(said)),
        html.escape(carried[:1].upper() + carried[1:]),
        f"<span{own}>{excerpt}</span>" if own and excerpt else excerpt,
        html.escape(" · ".join(_score(found, tongue) for found in story["decisions"])),
        html.escape(f"{tongue.say('story.why_line')} {why}") if why else "",
    ]
    return f"<li>{update}{linked}{''.join(f'<br>{line}' for line in lines if line)}</li>"


def _score(found: Mapping[str, Any], tongue: Tongue) -> str:
    score = tongue.score(found["score"], found["line"])
    against = tongue.against(found["line"], by_hand=found["by_hand"])
    return f"{tongue.apart(tongue.label(found['label']))} {score} {against}"


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = _NOT_XML.sub("", text) or None
    return element


def _text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{{{_ATOM}}}{name}") or ""


def _urn(name: str) -> str:
    """An id that stays, whatever becomes of titles and places: RFC 4287 asks for an IRI that is never changed."""
    return uuid5(NAMESPACE_URL, _NAME + name).urn

"""Feeds of invented news: the same numbers give the same bytes, but for the dates, which lie before ``now``."""

import random
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path

FIELD_SHARE = 12
"""One entry in so many is about what the monitor looks for."""
WORDS = 60
"""Words of an entry's text, at least."""
_SPACING = timedelta(minutes=95)  # from one entry of a feed to the next: twenty are younger than two days


@cache
def languages() -> Mapping[str, Mapping[str, list[str]]]:
    """The sentences of each language."""
    return tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))


def language_of(feed: int) -> str:
    """The language that a feed is written in; each has its share."""
    codes = list(languages())
    return codes[feed % len(codes)]


def feed_document(feed: int, *, entries: int, now: datetime) -> bytes:
    """One document, every second one Atom and the others RSS, its newest entry first."""
    rng = random.Random(feed)
    lang = language_of(feed)
    items = [(n, now - _SPACING * (n + rng.random()), *story(rng, lang)) for n in range(entries)]
    # Neighbours share a form and not a language, since their number is halved first.
    return (_atom if feed // 2 % 2 else _rss)(feed, lang, items, now)


Item = tuple[int, datetime, str, str]
"""Number, date, title and HTML text."""


def story(rng: random.Random, lang: str, share: int = FIELD_SHARE) -> tuple[str, str]:
    """A title and a text in HTML; one in ``share`` is about what the monitor looks for."""
    said = languages()[lang]
    kind = "plain" if rng.randrange(share) else "field"
    slots = {
        "town": _name(rng, said["syllables"]),
        "name": f"{_name(rng, said['syllables'])} {_name(rng, said['syllables'])}",
        "thing": rng.choice(said["things"]),
    }
    title = rng.choice(said[f"{kind}_titles"]).format(n=rng.randrange(2, 900), **slots)
    sentences = [*said[kind], *rng.sample(said["plain"], 4)] if kind == "field" else rng.sample(said["plain"], 8)
    text: list[str] = []
    while sum(sentence.count(" ") + 1 for sentence in text) < WORDS:
        text.append(sentences[len(text)].format(n=rng.randrange(2, 900), **slots))
    half = len(text) // 2
    return title, f"<p>{escape(' '.join(text[:half]))}</p><p>{escape(' '.join(text[half:]))}</p>"


def _name(rng: random.Random, syllables: list[str]) -> str:
    return "".join(rng.sample(syllables, rng.choice((2, 2, 3)))).capitalize()


def _rss(feed: int, lang: str, items: list[Item], now: datetime) -> bytes:
    site = f"https://paper{feed}.example"
    body = "".join(
        f"<item><title>{escape(title)}</title><link>{site}/{feed}/{n}?utm_source=rss</link>"
        f'<guid isPermaLink="false">{feed}-{n}</guid><pubDate>{format_datetime(date)}</pubDate>'
        f"<category>news</category><description><![CDATA[{text}]]></description></item>\n"
        for n, date, title, text in items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Paper {feed}</title>'
        f"<link>{site}/</link><description>Paper {feed}</description><language>{lang}</language>"
        f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>\n{body}</channel></rss>\n"
    ).encode()


def _atom(feed: int, lang: str, items: list[Item], now: datetime) -> bytes:
    site = f"https://paper{feed}.example"
    body = "".join(
        f'<entry><title>{escape(title)}</title><link rel="alternate" href="{site}/{feed}/{n}"/>'
        f"<id>tag:paper{feed}.example,2026:{n}</id><updated>{date.isoformat()}</updated>"
        f"<published>{date.isoformat()}</published><author><name>Desk</name></author>"
        f'<summary type="html">{escape(text)}</summary></entry>\n'
        for n, date, title, text in items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{lang}">'
        f'<title>Paper {feed}</title><id>tag:paper{feed}.example,2026:feed</id><link href="{site}/"/>'
        f"<updated>{now.isoformat()}</updated>\n{body}</feed>\n"
    ).encode()

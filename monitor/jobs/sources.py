"""Sources: add one by its address, find a page's feeds, switch on and off, remove. Config is edited, nothing else."""

import asyncio
import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from monitor.app import App
from monitor.domain.entry import Document
from monitor.errors import ParseError, UsageError
from monitor.fetch.discover import Candidate, candidates
from monitor.fetch.politeness import budget_key
from monitor.jobs.ask import Asked, asking
from monitor.jobs.clock import utc_now
from monitor.normalise.text import plain_title
from monitor.normalise.url import MAX_LENGTH
from monitor.settings.edit import add_source, remove, set_value
from monitor.settings.model import Settings
from monitor.settings.read import KeyPath

MAX_REQUESTS = 4
"""What finding a feed may cost a publisher: the page, and three of the candidates in it."""
_MAX_TITLE = 200
_NO_PART_OF_A_NAME = frozenset({"www", "feeds", "feed", "rss", "rssfeeds", "m"})
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Added:
    """A feed that was added. ``how`` is "feed" where the address was one itself, else the candidate's tier."""

    source: str
    feed: str
    url: str
    title: str
    language: str
    format: str
    entries: int
    how: str
    requests: int
    file: Path


@dataclass(frozen=True, slots=True)
class Discovery:
    """What one look at an address found: that it is a feed (``format`` and ``title``), or where feeds may be."""

    url: str
    format: str
    title: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A source ("") or a feed of it that was switched or removed; ``files`` is empty where it was so already."""

    source: str
    feed: str
    files: tuple[Path, ...]
    note: str = ""


def add(app: App, url: str, *, source: str = "", kind: str = "", now: Callable[[], datetime] = utc_now) -> Added:
    """Add the feed at ``url``, or the first one that the page there leads to.

    One request where it is a feed, at most `MAX_REQUESTS` where it is a page. Title and language are the document's
    own; the key comes from the host. ``source`` names one of config that gets the feed, instead of a new one. Raises
    UsageError where there is no feed, or where it is in config already.
    """
    asked_for = read_address(url)
    _refuse_known(app.settings, asked_for)
    if source and source not in app.settings.options.sources:
        raise _no_such(source, app.settings.options.sources, "source")
    found = asyncio.run(_find(app, asked_for, now))
    _refuse_known(app.settings, found.url)
    feed = free_name(host_key(found.url), app.settings.feeds)
    title, language = text_of(found.document.title) or host_key(found.url), language_of(found.document)
    if source:
        file = set_value(app.settings.folder, ("sources", source, "feeds", feed), found.url, new=True)
    else:
        source = free_name(host_key(found.url), app.settings.options.sources)
        known = {"title": title, "kind": kind, "language": language, "feeds": {feed: found.url}}
        file = add_source(app.settings.folder, source, {name: value for name, value in known.items() if value})
    document = found.document
    return Added(
        source, feed, found.url, title, language, document.version, len(document.entries), found.how, found.requests,
        file,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """A feed, where it is, how it was found, and what that cost."""

    document: Document
    url: str
    how: str
    requests: int


async def _find(app: App, url: str, now: Callable[[], datetime]) -> _Found:
    """Ask for ``url``, then for candidates in it; stops at the first feed. Raises UsageError where there is none."""
    name = host_key(url)
    async with asking(app, now) as line:
        first = await line.ask(url, name)
        if first.document is not None:
            return _Found(first.document, _lasting(url, first), "feed", 1)
        offered = _offered(first, url)
        tried: list[str] = []
        for candidate in offered[: MAX_REQUESTS - 1]:
            asked = await line.ask(candidate.url, name)
            if asked.document is not None:
                return _Found(asked.document, _lasting(candidate.url, asked), candidate.tier.value, len(tried) + 2)
            tried.append(f"{candidate.url} ({asked.error})")
    rest = len(offered) - len(tried)
    more = f"; `monitor sources discover {url}` lists {rest} more" if rest else ""
    raise UsageError(f"{url} is a page, and no feed is where it leads: {'; '.join(tried)}{more}")


def _offered(asked: Asked, url: str) -> tuple[Candidate, ...]:
    """The candidates in a page; raises UsageError where what came is none."""
    error, fetched = asked.error, asked.fetched
    if fetched is None or not isinstance(error, ParseError):
        raise UsageError(f"{url}: {error}") from error
    if error.kind in {"challenge", "parked"} or (error.kind != "html" and "html" not in fetched.content_type.lower()):
        raise UsageError(f"{url}: {error}") from error
    return candidates(fetched.body, fetched.url)


def discover(app: App, url: str, *, now: Callable[[], datetime] = utc_now) -> Discovery:
    """Look at one address, at the cost of one request; raises UsageError where neither feed nor page comes."""
    return asyncio.run(_discover(app, read_address(url), now))


async def _discover(app: App, url: str, now: Callable[[], datetime]) -> Discovery:
    async with asking(app, now) as line:
        asked = await line.ask(url, host_key(url))
    if asked.document is not None:
        return Discovery(url, asked.document.version, text_of(asked.document.title), ())
    return Discovery(url, "", "", _offered(asked, url))


def switch(settings: Settings, name: str, *, enabled: bool) -> Changed:
    """Enable or disable a source or a feed; raises UsageError where there is none of that name."""
    source, feed = named(settings, name)
    given = settings.options.sources[source]
    note = f"its source {source} is disabled, so it is not polled" if feed and enabled and not given.enabled else ""
    path: KeyPath = ("sources", source, *(("feeds", feed) if feed else ()), "enabled")
    written = given.feeds[feed] if feed else given
    if (True if isinstance(written, str) else written.enabled) is enabled:
        return Changed(source, feed, (), note)
    return Changed(source, feed, (set_value(settings.folder, path, enabled),), note)


def take_out(settings: Settings, name: str) -> Changed:
    """Remove a source with its feeds, or one feed; what was collected stays. Raises UsageError as `switch`."""
    source, feed = named(settings, name)
    last = bool(feed) and len(settings.options.sources[source].feeds) == 1
    files = remove(settings.folder, ("sources", source, *(("feeds", feed) if feed else ())))
    return Changed(source, feed, files, f"its source {source} has no feed any more" if last else "")


def named(settings: Settings, name: str) -> tuple[str, str]:
    """Resolve a source's key, a feed's name, or KEY/NAME where both are called alike; raises UsageError."""
    sources = settings.options.sources
    key, _, inner = name.partition("/")
    if inner and key in sources and inner in sources[key].feeds:
        return key, inner
    if name in sources:
        return name, ""
    if name in settings.feeds:
        return settings.feeds[name].source.key, name
    raise _no_such(name, {*sources, *settings.feeds}, "source or feed")


def _no_such(name: str, known: Iterable[str], what: str) -> UsageError:
    near = get_close_matches(name, list(known), n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "`monitor sources list` shows them"
    return UsageError(f'no {what} "{name}" in feeds.toml; {hint}')


def read_address(url: str) -> str:
    """An address as a user gives it, with https:// where no scheme stands; raises UsageError."""
    given = url.strip()
    if "${" in given:
        raise UsageError(f"{given}: an address that holds a variable is written into feeds.toml by hand")
    given = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(given)
        valid = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", given)
        valid = valid and parts.port != 0  # which also asks whether the port is a number
    except ValueError:
        valid = False
    if valid and parts.username is not None:
        raise UsageError(f"{parts.hostname}: an address with a name or password is written into feeds.toml by hand")
    if not valid or len(given) > MAX_LENGTH:
        raise UsageError(f"{url} is no address of a feed or page; give one such as https://example.org/feed/")
    return given


def _refuse_known(settings: Settings, url: str) -> None:
    known = next((feed for feed in settings.feeds.values() if same_feed(feed.url, url)), None)
    if known is not None:
        state = "" if known.enabled else ", disabled"
        raise UsageError(f"{url} is in feeds.toml already: feed {known.name} of {known.source.key}{state}")


def same_feed(one: str, other: str) -> bool:
    """Say whether two addresses differ in scheme, www or a last slash at most."""
    return _skeleton(one) == _skeleton(other)


def _skeleton(url: str) -> tuple[str, str, str, int | None]:
    """What two spellings of one feed's address share."""
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query, parts.port


def _lasting(asked: str, found: Asked) -> str:
    """The address to keep: where the document came from if that is the same place, else what was asked.

    A redirect elsewhere may be for a day; one to https, to www or to the slash saves the publisher a request a poll.
    """
    final = found.fetched.url if found.fetched else asked
    downgrade = asked.startswith("https:") and not final.startswith("https:")
    kept = final if same_feed(asked, final) and not downgrade else asked
    return kept.replace("${", "$%7B")


def host_key(url: str) -> str:
    """A name from an address: ``https://www.news.example.co.uk/x`` gives ``news-example``."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    budget, private = budget_key(url, "")
    domain = host if private else budget.removeprefix("domain:")
    if private or domain.replace(".", "").isdigit():
        parts = [host]
    else:
        above = [label for label in host.removesuffix(domain).split(".") if label not in _NO_PART_OF_A_NAME]
        parts = [*above, domain.partition(".")[0]]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, parts))).strip("-") or "source"


def free_name(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it where it is taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def text_of(given: str) -> str:
    """A text from outside, for config: plain, short, and naming no variable of the environment."""
    return plain_title(given)[:_MAX_TITLE].replace("${", "$ {")


def language_of(document: Document) -> str:
    """The document's language as config writes it, or ""."""
    found = _LANGUAGE.fullmatch((document.language or "").strip())
    return found[1].lower() if found else ""

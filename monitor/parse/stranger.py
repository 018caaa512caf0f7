"""What came instead of the document that we asked for, by where it came from and what it says."""

import re
from urllib.parse import urlsplit

from monitor.errors import ParseError, Severity
from monitor.normalise.text import clean, plain
from monitor.parse.frame import is_page
from monitor.parse.signs import CONSENT_HOSTS, LOGIN_PATHS, PARKING_HOSTS, SIGNS, Sign

LEAST_BYTES = len(b"<rss></rss>") + 1
"""Below this nothing can be in a document: "Not Found" with its line end has 11 bytes too."""
_HEAD = 65_536  # bytes of a page that are looked at
_SHORT = 2_000  # characters: a page that says more than this is about something else than itself
_SHOWN = 60
_TITLES = re.compile(r"<(title|h1)\b[^>]{0,500}>(.{0,500}?)</\1", re.IGNORECASE | re.DOTALL)


def demand_enough(body: bytes) -> None:
    """Raise ParseError (``empty``) for no bytes, blanks and NULs, or so few that nothing can be in them."""
    said = body.strip(b"\xef\xbb\xbf \t\r\n\0")
    if not said:
        raise ParseError("empty", "the server answered with an empty document", Severity.TEMPORARY)
    if len(said) < LEAST_BYTES and said[:1] not in b"{[":
        shown = clean(said.decode("utf-8", "replace"))
        raise ParseError("empty", f"the server answered with {len(said)} bytes only: {shown!r}", Severity.TEMPORARY)


def refusal(body: bytes, url: str) -> ParseError:
    """Say what a document is that is none of those that are read; ``url`` is where it came from at last.

    The kinds are ``empty``, ``parked``, ``challenge``, ``html`` for any other page, and ``not-a-feed``.
    """
    try:
        demand_enough(body)
    except ParseError as error:
        return error
    found = recognised(body, url)
    if found is not None:
        return found
    if is_page(body):
        return ParseError("html", "a web page came instead of a feed")
    shown = body[:_SHOWN].decode("utf-8", "replace")
    return ParseError("not-a-feed", f"neither RSS nor Atom nor JSON Feed; it begins with {shown!r}")


def recognised(body: bytes, url: str) -> ParseError | None:
    """Say what a document is by its address or its words, where these are known; None for any other.

    Only for what proved to be no feed: a feed may well write about parked domains. What is no page and tells of its
    site's trouble (WordPress writes that as XML) is ``not-a-feed``.
    """
    text = body[:_HEAD].decode("utf-8", "replace")
    return _by_address(url, text) or _by_words(text, page=is_page(body))


def _by_address(url: str, text: str) -> ParseError | None:
    try:
        host, path = (urlsplit(url).hostname or "").lower(), urlsplit(url).path.lower()
    except ValueError:  # http://[x
        return None
    if PARKING_HOSTS.search(host):
        return ParseError("parked", f"the address leads to a dealer in domains: {host}")
    if CONSENT_HOSTS.search(host):
        return ParseError("challenge", f"the address leads to a page that wants a reader's consent first: {host}")
    if LOGIN_PATHS.search(path) and 'type="password"' in text:
        return ParseError("html", f"the address leads to a page to log in at: {clean(path)[:_SHOWN]}")
    return None


def _by_words(text: str, *, page: bool) -> ParseError | None:
    titles = [plain(found[2]) for found in _TITLES.finditer(text)][:2]
    short = len(plain(text)) <= _SHORT
    for sign in SIGNS:
        said = _said(sign, text, titles, short=short)
        if said is not None:
            kind = "not-a-feed" if sign.kind == "html" and not page else sign.kind
            return ParseError(kind, f'{sign.meaning}: "{clean(plain(said))[:_SHOWN]}"', sign.severity)
    return None


def _said(sign: Sign, text: str, titles: list[str], *, short: bool) -> str | None:
    """What gives the page away, in its own words."""
    looked = [(sign.anywhere, text), (sign.short if short else None, text), *((sign.title, title) for title in titles)]
    return next((found[0] for pattern, where in looked if pattern and (found := pattern.search(where))), None)

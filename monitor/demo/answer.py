"""What the feed server may answer, as values, and the rules of conditional requests (RFC 9110, section 13)."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum


class Fault(StrEnum):
    """A way in which a server breaks its word."""

    DROP = "drop"  # closes the connection before it answers
    CUT = "cut"  # sends half of the body, then closes
    UNDERSTATE = "understate"  # Content-Length of half the body, all of which follows
    OVERSTATE = "overstate"  # the whole body under a Content-Length of one byte more
    DRIP = "drip"  # sends the body byte by byte, then blanks, and never ends
    LYING_304 = "lying-304"  # "not modified" to every conditional request, whatever has changed


class Framing(StrEnum):
    """How the end of the body is told (RFC 9112, section 6.3)."""

    LENGTH = "length"  # by Content-Length
    CHUNKED = "chunked"  # by the last chunk
    CLOSE = "close"  # by nothing but the end of the connection


Wire = Callable[[threading.Event], Iterable[bytes]]
"""All that is sent for one answer, status line included, piece by piece; given the event of the server's closing, by
which it may wait between two pieces. After the last one the connection is closed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one request.

    ``etag`` is True for one made from the body, False for none, or a text that is sent as it is: a constant text
    over a body that changes is a server that lies. ``delay`` is seconds, or an event to wait for, before anything is
    sent. ``gzip`` compresses where the request accepts it. A callable ``body`` is asked at every request. With ``wire``
    nothing else counts but the delay.
    """

    body: bytes | Callable[[], bytes] = b""
    content_type: str = "application/rss+xml"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: bool | str = True
    last_modified: datetime | None = None
    gzip: bool = False
    delay: threading.Event | float | None = None
    fault: Fault | None = None
    framing: Framing = Framing.LENGTH
    wire: Wire | None = None

    def content(self) -> bytes:
        """Return the body as it is now."""
        return self.body() if callable(self.body) else self.body


def redirect(location: str, status: int = 301) -> Answer:
    """Answer that the document is at ``location``, which may be relative to the path that was asked for."""
    return Answer(b"", "text/plain", status, {"Location": location}, etag=False)


def too_many_requests(retry_after: str | int | datetime | None = None, status: int = 429) -> Answer:
    """Answer 429 (or 503) and when to come again: seconds, an aware UTC time, or a text sent as it is."""
    if isinstance(retry_after, datetime):
        retry_after = http_date(retry_after)
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(b"", "text/plain", status, headers, etag=False)


def http_date(moment: datetime) -> str:
    """Write an aware time as HTTP does (RFC 9110, section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def validators(answer: Answer, body: bytes, *, compressed: bool) -> dict[str, str]:
    """Make the ETag and Last-Modified of an answer; a compressed body gets a weak tag, as other bytes are sent."""
    found: dict[str, str] = {}
    if isinstance(answer.etag, str):
        found["ETag"] = answer.etag
    elif answer.etag and answer.status == 200:
        found["ETag"] = f'{"W/" if compressed else ""}"{hashlib.sha256(body).hexdigest()[:16]}"'
    if answer.last_modified is not None:
        found["Last-Modified"] = http_date(answer.last_modified)
    return found


def not_modified(answer: Answer, request: Message, found: Mapping[str, str]) -> bool:
    """Say whether a request is answered by 304.

    If-None-Match decides alone where it is given, by weak comparison; If-Modified-Since counts only without it.
    """
    wanted, since = request.get("If-None-Match"), request.get("If-Modified-Since")
    if answer.status != 200 or (wanted is None and since is None):
        return False
    if answer.fault is Fault.LYING_304:
        return True
    if wanted is not None:
        return _matches(wanted, found.get("ETag"))
    return answer.last_modified is not None and _not_after(answer.last_modified, since or "")


def accepts_gzip(request: Message) -> bool:
    """Say whether a request takes a gzip body: it names gzip or ``*``, and not with a weight of zero."""
    for offer in request.get("Accept-Encoding", "").lower().split(","):
        coding, _, weight = (part.strip() for part in offer.partition(";"))
        if coding in {"gzip", "*"}:
            return weight.removeprefix("q=").strip("0.") != "" or not weight
    return False


def _matches(wanted: str, etag: str | None) -> bool:
    if etag is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def _not_after(modified: datetime, since: str) -> bool:
    try:
        limit = parsedate_to_datetime(since)
    except ValueError:
        return False  # RFC 9110, 13.1.3: a date that is none is passed over
    # The header has whole seconds only.
    return modified.replace(microsecond=0) <= (limit if limit.tzinfo else limit.replace(tzinfo=UTC))

"""HTTP answers as delivery errors, and a watch on the requests of Apprise's stock plugins.

Apprise's result (2.2) holds neither the status nor a header nor the kind of a network error: a refused connection,
which may be repeated freely, and a lost answer, which may repeat a message, both read "A Connection error occurred".
So the watch sees the requests of its own context pass through ``requests.Session.send`` and notes how each ended.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3 import exceptions as transport

from monitor.deliver.text import one_line
from monitor.errors import DeliveryError

# RFC 9110: these client errors say "later"; all others mean that the same request fails again.
_LATER = frozenset({408, 425, 429})
_BEFORE_SENDING = (
    transport.NewConnectionError,
    transport.ConnectTimeoutError,
    transport.ProxyError,
    transport.SSLError,
)

_send = requests.Session.send
_seen: ContextVar[list[DeliveryError | int] | None] = ContextVar("deliver_wire_seen", default=None)


def answer_error(response: requests.Response, word: str = "") -> DeliveryError | None:
    """Say what an HTTP answer means, or None for 2xx. ``word`` is what the service itself says of it.

    Permanent: 3xx (redirects are not followed, the URL may hold a token) and 4xx but 408, 425 and 429.
    ``retry_after`` is read on 429 and 503, in seconds; a date counts from the answer's own Date.
    """
    status = response.status_code
    if 200 <= status < 300:
        return None
    said = f": {one_line(word, 200)}" if word else ""
    retry_after = _retry_after(response) if status in {429, 503} else None
    permanent = 300 <= status < 500 and status not in _LATER
    return DeliveryError(f"the server answered {status}{said}", permanent=permanent, retry_after=retry_after)


def request_error(error: requests.RequestException) -> DeliveryError:
    """Say what a failed request means: ambiguous unless it is sure that the body was never sent."""
    if isinstance(
        error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | requests.exceptions.MissingSchema
    ):
        return DeliveryError("the address in the URL is not one that can be reached by HTTP", permanent=True)
    if isinstance(error, requests.exceptions.ReadTimeout):
        return DeliveryError("no answer in time; the message may have arrived", ambiguous=True)
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    early = isinstance(
        error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError
    )
    if early or isinstance(reason, _BEFORE_SENDING):
        return DeliveryError(f"no connection to the server ({_cause(reason)})")
    return DeliveryError(
        f"the connection broke before an answer came ({_cause(reason)}); the message may have arrived", ambiguous=True
    )


@contextmanager
def watching() -> Iterator[list[DeliveryError | int]]:
    """Note how each HTTP request of this context ends: the status of a 2xx, else the error, in order."""
    seen: list[DeliveryError | int] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def install() -> None:
    """Put the watch into ``requests``; outside of `watching` it passes everything through. Safe to repeat."""
    requests.Session.send = _watched_send  # type: ignore[method-assign, assignment]


def _watched_send(session: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
    seen = _seen.get()
    if seen is None:
        return _send(session, request, **kwargs)
    try:
        response = _send(session, request, **kwargs)
    except requests.RequestException as error:
        seen.append(request_error(error))
        raise
    seen.append(answer_error(response) or response.status_code)
    return response


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    try:
        then, base = parsedate_to_datetime(value), parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (then - base).total_seconds())
    except (TypeError, ValueError):  # neither a number nor a pair of dates: the server asked for nothing readable
        return None


def _cause(reason: object) -> str:
    """Shorten an exception to what helps; its full text would repeat the URL, tokens and all."""
    found = re.search(r"\[Errno -?\d+\] ([^\"')]+)", str(reason))
    return found[1].strip() if found else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(reason).__name__).lower()

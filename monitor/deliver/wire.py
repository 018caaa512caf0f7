"""HTTP answers as delivery errors, and a watch on the requests of Apprise's stock plugins.

Apprise's result (2.2) holds neither the status nor a header nor the kind of a network error: a refused connection,
which may be repeated freely, and a lost answer, which may repeat a message, both read "A Connection error occurred".
So the watch sees the requests of its own context pass through ``requests.Session.send`` and notes how each ended.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3 import exceptions as transport

from monitor.deliver.answers import Word, http_error
from monitor.deliver.text import one_line
from monitor.errors import DeliveryError

_LONGEST_BODY = 20_000
_WORDS = ("description", "error", "message", "detail")  # Telegram; Slack, ntfy; Discord, Mattermost; FastAPI


@dataclass(frozen=True, slots=True)
class Taken:
    """A 2xx, and what stood in it."""

    status: int
    text: str


_send = requests.Session.send
_seen: ContextVar[list[DeliveryError | Taken] | None] = ContextVar("deliver_wire_seen", default=None)


def answer_error(response: requests.Response) -> DeliveryError | None:
    """Say what an HTTP answer means, or None for 2xx. A date in Retry-After counts from the answer's own Date."""
    return http_error(response.status_code, word_of(response), _retry_after(response))


def word_of(response: requests.Response) -> Word:
    """Read what the body says: the words in a JSON object, else a text that is no web page."""
    text = response.text[:_LONGEST_BODY].strip()
    try:
        found = json.loads(text)
    except ValueError:
        return Word("" if text.startswith("<") else one_line(text, 200))
    if not isinstance(found, dict):
        return Word(one_line(text, 200))
    said = next((found[key] for key in _WORDS if isinstance(found.get(key), str)), "")
    more = found.get("parameters")
    waits = [part.get("retry_after") for part in (found, more) if isinstance(part, dict)]
    wait = next((float(value) for value in waits if isinstance(value, int | float) and 0 <= value < 1e9), None)
    return Word(one_line(said, 200), found.get("ok") is False and "error_code" in found, wait)


def request_error(error: requests.RequestException) -> DeliveryError:
    """Say what a failed request means: ambiguous unless it is sure that the body was never sent."""
    if isinstance(
        error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | requests.exceptions.MissingSchema
    ):
        return DeliveryError("the address in the URL is not one that can be reached by HTTP", permanent=True)
    if isinstance(error, requests.exceptions.ReadTimeout):
        return DeliveryError("no answer in time; the message may have arrived", ambiguous=True, code="timeout")
    reason = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    if early := _before_sending(error, reason):
        return early
    detail = f"the connection broke before an answer came ({_cause(reason)}); the message may have arrived"
    return DeliveryError(detail, ambiguous=True, code="lost")


def _before_sending(error: requests.RequestException, reason: object) -> DeliveryError | None:
    if isinstance(reason, transport.NameResolutionError):
        return DeliveryError("the server's name is not known (DNS)", code="dns")
    if isinstance(error, requests.exceptions.SSLError) or isinstance(reason, transport.SSLError):
        return DeliveryError(f"no secure connection to the server (TLS: {_tls(reason)})", code="tls")
    # Before the next: urllib3 makes a refused connection a kind of one that came to no end in time.
    if isinstance(error, requests.exceptions.ProxyError) or isinstance(
        reason, transport.NewConnectionError | transport.ProxyError
    ):
        return DeliveryError(f"no connection to the server ({_cause(reason)})", code="connect")
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, transport.ConnectTimeoutError):
        return DeliveryError(f"no connection to the server ({_cause(reason)})", code="timeout")
    return None


@contextmanager
def watching() -> Iterator[list[DeliveryError | Taken]]:
    """Note how each HTTP request of this context ends, in order."""
    seen: list[DeliveryError | Taken] = []
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
    seen.append(answer_error(response) or Taken(response.status_code, word_of(response).text))
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


def _tls(reason: object) -> str:
    """What the handshake said, without the file and line of the library."""
    found = re.search(r"certificate verify failed: [^(\"']+|\b[A-Z]+(?:_[A-Z]+)+\b", str(reason))
    return found[0].strip().lower().replace("_", " ") if found else "the handshake failed"


def _cause(reason: object) -> str:
    """Shorten an exception to what helps; its full text would repeat the URL, tokens and all."""
    found = re.search(r"\[Errno -?\d+\] ([^\"')]+)", str(reason))
    return found[1].strip() if found else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(reason).__name__).lower()

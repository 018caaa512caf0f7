"""One document from one address: conditional, bounded in time and size, guarded at every hop."""

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from monitor.domain.feed import Validators
from monitor.errors import BlockedAddress, FetchError, Severity
from monitor.fetch.decode import ACCEPT_ENCODING, Decoder
from monitor.fetch.guard import check_connected
from monitor.fetch.hints import freshness, read_retry_after
from monitor.fetch.options import FetchOptions
from monitor.normalise.text import clean

MAX_REDIRECTS = 10
_CHUNK = 64 * 1024
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_SEVERITY = dict.fromkeys((401, 402, 410, 451), Severity.HARD) | dict.fromkeys((408, 425, 429), Severity.TEMPORARY)
_MAX_DETAIL = 300
_NO_VALIDATORS = Validators()
# Longer than from one hop of a redirect to the next, shorter than any server waits (Apache: 5): what is reused is open.
_KEEP_ALIVE = 2.0
_WELL_FORMED = re.compile(r"https?://(?:[\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9a-f]{2})+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: ``body`` is decoded, and empty where the document had not changed (304).

    ``url`` is where it came from in the end, ``permanent`` where the redirects led that were permanent from the first
    on (None: there were none). ``retry_after`` is in seconds; ``fresh_for`` is how long the headers call it good.
    """

    status: int
    url: str
    body: bytes
    content_type: str
    validators: Validators
    retry_after: float | None = None
    fresh_for: timedelta | None = None
    permanent: str | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304


def user_agent(contact: str) -> str:
    """Say who asks, without pretending to be a browser, and how to reach its owner."""
    return f"ReturnsMonitor/{version('returns-monitor')}" + (f" (+{contact})" if contact else "")


class _BlockedError(OSError):
    """What the guard refused, as the class that asyncio's connecting carries through.

    Where a name has several addresses, aiohappyeyeballs 2.7 fails with an IndexError over any other class, and hands on
    the first of several errors only if they read alike.
    """

    def __str__(self) -> str:
        return "blocked by the guard"


class _BrokenOffError(aiohttp.ClientError):
    """A connection that broke before an answer came, as a class that aiohttp does not ask again over."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Ask once: aiohttp 3.14 asks a second time at once where a GET's connection breaks, a fresh one too."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise _BrokenOffError(str(error)) from error


class Fetcher:
    """Holds the connections. An async context manager."""

    def __init__(self, options: FetchOptions) -> None:
        self._options = options
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, socket_factory=self._open_socket, keepalive_timeout=_KEEP_ALIVE)
        self._session = aiohttp.ClientSession(
            connector=connector,
            middlewares=(_once,),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "User-Agent": user_agent(self._options.contact),
                "Accept": _ACCEPT,
                "Accept-Encoding": ACCEPT_ENCODING,
            },
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._options.connect_timeout.total_seconds()),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def _open_socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            check_connected(str(address[0]), allow_private=self._options.allow_private_hosts)
        except BlockedAddress as error:
            raise _BlockedError(error.detail) from error
        opened = socket.socket(family, kind, protocol)
        opened.setblocking(False)
        return opened

    async def fetch(self, url: str, validators: Validators = _NO_VALIDATORS, *, now: datetime) -> Fetched:
        """Get one document.

        ``now`` (aware) only serves to read a Retry-After that is a date where the server sends none of its own.
        Raises FetchError with its kind; BlockedAddress where the guard refuses.
        """
        try:
            async with asyncio.timeout(self._options.timeout.total_seconds()):
                return await self._follow(url, validators, now)
        except aiohttp.ConnectionTimeoutError as error:
            seconds = self._options.connect_timeout.total_seconds()
            raise FetchError("timeout", f"no connection within {seconds:g} s", Severity.TEMPORARY) from error
        except TimeoutError as error:
            seconds = self._options.timeout.total_seconds()
            raise FetchError("timeout", f"no whole answer within {seconds:g} s", Severity.TEMPORARY) from error
        except aiohttp.ClientError as error:
            if isinstance(error.__cause__, _BlockedError):
                raise BlockedAddress(str(error.__cause__.args[0])) from error
            raise _classified(error) from error
        except ValueError as error:
            raise FetchError("bad-url", _told(f"{url} cannot be asked: {error}"), Severity.HARD) from error
        except OSError as error:
            raise FetchError("connect", _told(str(error)), Severity.TEMPORARY) from error

    async def _follow(self, url: str, validators: Validators, now: datetime) -> Fetched:
        """Walk the redirects one by one, so that the guard sees each hop."""
        permanent: str | None = None
        unbroken = True
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._ask(url, validators, now)
            if isinstance(answer, Fetched):
                return replace(answer, permanent=permanent)
            status, url = answer
            unbroken = unbroken and status in {301, 308}
            permanent = url if unbroken else permanent
        raise FetchError("redirects", _told(f"more than {MAX_REDIRECTS} redirects, the last to {url}"), Severity.SOFT)

    async def _ask(self, url: str, validators: Validators, now: datetime) -> Fetched | tuple[int, str]:
        """Ask once; returns what came, or the status of a redirect and where it leads."""
        if not url.lower().startswith(("http://", "https://")):
            raise FetchError("bad-url", _told(f"{url} is not an http or https address"), Severity.HARD)
        if self._session is None:
            raise RuntimeError("the Fetcher is used outside of its context")
        headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        async with self._session.get(
            _as_given(url), headers={name: value for name, value in headers.items() if value}, allow_redirects=False
        ) as response:
            location = response.headers.get("Location")
            if response.status in {301, 302, 303, 307, 308} and location:
                return response.status, urljoin(url, location)
            return await self._read(response, now)

    async def _read(self, response: aiohttp.ClientResponse, now: datetime) -> Fetched:
        header = response.headers.get
        retry_after = read_retry_after(header("Retry-After"), header("Date"), now)
        if response.status not in {200, 203, 226, 304}:
            raise _refused(response.status, response.reason or "", retry_after)
        return Fetched(
            status=response.status,
            url=str(response.url),
            body=b"" if response.status == 304 else await self._body(response),
            content_type=header("Content-Type", ""),
            validators=Validators(_kept(response, "ETag"), _kept(response, "Last-Modified")),
            retry_after=retry_after,
            fresh_for=freshness(header("Cache-Control"), header("Expires"), header("Date"), now),
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        decoder = Decoder(response.headers.get("Content-Encoding", ""), self._options.max_bytes)
        body = b"".join([decoder.feed(part) async for part in response.content.iter_chunked(_CHUNK)])
        decoder.finish()
        return body


def _as_given(url: str) -> URL:
    """The address as it is written, where it is well formed: yarl would unquote ``%2C``, which breaks a signed one."""
    return URL(url, encoded=_WELL_FORMED.fullmatch(url) is not None)


def _kept(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A validator as it was sent; None for bytes that are no text, which could be neither stored nor sent back."""
    value = response.headers.get(name)
    return value if value and value.isprintable() else None


def _told(text: str) -> str:
    """A text for people that holds what a server said, in characters that can be stored."""
    return clean(text)[:_MAX_DETAIL]


def _refused(status: int, reason: str, retry_after: float | None) -> FetchError:
    severity = _SEVERITY.get(status, Severity.TEMPORARY if status >= 500 else Severity.SOFT)
    said = _told(f"the server answered {status} {reason}")
    return FetchError(f"http-{status}", said, severity, status=status, retry_after=retry_after)


def _reason(error: aiohttp.ClientError) -> str:
    """What aiohttp says, without the tuples and connection details that it says it with."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"{error.host}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}, port {error.port}: {error.os_error.strerror or error.os_error}"
    return str(error)


def _classified(error: aiohttp.ClientError) -> FetchError:
    """Name what went wrong by aiohttp's own classes."""
    if isinstance(error, _BrokenOffError) and isinstance(error.__cause__, aiohttp.ClientError):
        error = error.__cause__
    said = _told(_reason(error))
    match error:
        case aiohttp.ClientSSLError():
            return FetchError("tls", said, Severity.SOFT)
        case aiohttp.ClientConnectorDNSError():
            return FetchError("dns", said, Severity.TEMPORARY)
        case aiohttp.ClientPayloadError():
            return FetchError("truncated", "the document was cut off before its end", Severity.TEMPORARY)
        case aiohttp.InvalidURL():
            return FetchError("bad-url", said, Severity.HARD)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            tls = isinstance(error.__cause__, ssl.SSLError)
            return FetchError("tls" if tls else "connect", said, Severity.SOFT if tls else Severity.TEMPORARY)
        case _:
            return FetchError("protocol", _told(f"{type(error).__name__}: {error}"), Severity.TEMPORARY)

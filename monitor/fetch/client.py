"""One document from one address: conditional, bounded in time and size, guarded at every hop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp

from monitor.domain.feed import Manner, Validators
from monitor.errors import FetchError, Severity
from monitor.fetch.connections import Connections
from monitor.fetch.decode import ACCEPT_ENCODING, Decoder
from monitor.fetch.failures import classified, refused, told
from monitor.fetch.guard import check_named
from monitor.fetch.hints import freshness, read_api, read_retry_after, read_total
from monitor.fetch.manner import as_given, is_own
from monitor.fetch.options import FetchOptions

MAX_REDIRECTS = 10
ACCEPT_FEEDS = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
ACCEPT_PAGES = "text/html, application/xhtml+xml, application/xml;q=0.5, */*;q=0.1"
_CHUNK = 64 * 1024
_NO_VALIDATORS = Validators()
_AS_USUAL = Manner()

Pace = Callable[[str], Awaitable[None]]
"""Waits until an address may be asked."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: ``body`` is decoded, and empty where the document had not changed (304).

    ``url`` is where it came from in the end, ``permanent`` where the redirects led that were permanent from the first
    on (None: there were none). ``retry_after`` is in seconds; ``fresh_for`` is how long the headers call it good.
    ``total`` is how many posts WordPress says there are in all, ``api`` where it says that its REST interface is.
    """

    status: int
    url: str
    body: bytes
    content_type: str
    validators: Validators
    retry_after: float | None = None
    fresh_for: timedelta | None = None
    permanent: str | None = None
    total: int | None = None
    api: str = ""

    @property
    def not_modified(self) -> bool:
        return self.status == 304


def user_agent(contact: str) -> str:
    """Say who asks, without pretending to be a browser, and how to reach its owner."""
    return f"ReturnsMonitor/{version('returns-monitor')}" + (f" (+{contact})" if contact else "")


@dataclass(frozen=True, slots=True)
class _Request:
    """What stays the same from hop to hop."""

    validators: Validators
    manner: Manner
    accept: str | None
    now: datetime

    def headers(self, *, own: bool) -> dict[str, str]:
        """What is sent beside the session's headers; the feed's own ones only where ``own``."""
        asked = {
            "If-None-Match": self.validators.etag,
            "If-Modified-Since": self.validators.last_modified,
            "User-Agent": self.manner.user_agent,
            "Accept": self.accept,
        }
        found = {name: value for name, value in asked.items() if value}
        given = self.manner.headers if own else ()
        return {name: value for name, value in given if name.title() not in found} | found


@dataclass(frozen=True, slots=True)
class _Redirect:
    """Where an answer leads; ``own`` says that the way has been the feed's own origin up to here."""

    status: int
    url: str
    own: bool


class Fetcher:
    """Holds the connections. An async context manager."""

    def __init__(self, options: FetchOptions) -> None:
        self._options = options
        self._connections: Connections | None = None

    async def __aenter__(self) -> Self:
        self._connections = Connections(
            allow_private=self._options.allow_private_hosts,
            headers={
                "User-Agent": user_agent(self._options.contact),
                "Accept": ACCEPT_FEEDS,
                "Accept-Encoding": ACCEPT_ENCODING,
            },
            connect_timeout=self._options.connect_timeout.total_seconds(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connections is not None:
            await self._connections.close()
            self._connections = None

    async def fetch(
        self,
        url: str,
        validators: Validators = _NO_VALIDATORS,
        *,
        now: datetime,
        manner: Manner = _AS_USUAL,
        accept: str | None = None,
        pace: Pace | None = None,
    ) -> Fetched:
        """Get one document, walking the redirects one by one, so that the guard sees each hop.

        ``now`` (aware) only serves to read a Retry-After that is a date where the server sends none of its own.
        ``accept`` is what is asked for instead of a feed. ``pace`` is awaited with the next address before every
        further hop; its time is not the document's, and what it raises comes through.
        Raises FetchError with its kind; BlockedAddress where the guard refuses.
        """
        request = _Request(validators, manner, accept, now)
        clock = asyncio.get_running_loop().time
        left = self._options.timeout.total_seconds()
        permanent, unbroken, own = None, True, True
        for hop in range(MAX_REDIRECTS + 1):
            if hop and pace is not None:
                await pace(url)
            started = clock()
            answer = await self._hop(request, url, own=own, seconds=left)
            left -= clock() - started
            if isinstance(answer, Fetched):
                return replace(answer, permanent=permanent)
            url, own = answer.url, answer.own
            unbroken = unbroken and answer.status in {301, 308}
            permanent = url if unbroken else permanent
        raise FetchError("redirects", told(f"more than {MAX_REDIRECTS} redirects, the last to {url}"), Severity.SOFT)

    async def _hop(self, request: _Request, url: str, *, own: bool, seconds: float) -> Fetched | _Redirect:
        """Ask once, and name what goes wrong."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                return await self._ask(request, url, own=own)
        except aiohttp.ConnectionTimeoutError as error:
            waited = self._options.connect_timeout.total_seconds()
            raise FetchError("timeout", f"no connection within {waited:g} s", Severity.TEMPORARY) from error
        except TimeoutError as error:
            waited = self._options.timeout.total_seconds()
            raise FetchError("timeout", f"no whole answer within {waited:g} s", Severity.TEMPORARY) from error
        except aiohttp.ClientError as error:
            raise classified(error) from error
        except ValueError as error:
            raise FetchError("bad-url", told(f"{url} cannot be asked: {error}"), Severity.HARD) from error
        except OSError as error:
            raise FetchError("connect", told(str(error)), Severity.TEMPORARY) from error

    async def _ask(self, request: _Request, url: str, *, own: bool) -> Fetched | _Redirect:
        """Ask once; returns what came, or where it leads."""
        if self._connections is None:
            raise RuntimeError("the Fetcher is used outside of its context")
        given, proxy = as_given(_http(url)), request.manner.proxy or None
        own = own and is_own(request.manner, url)
        if proxy and not self._connections.may_go_inside(request.manner):
            check_named(str(given))
        session = self._connections.session(request.manner)
        headers = request.headers(own=own)
        async with session.get(given, headers=headers, allow_redirects=False, proxy=proxy) as response:
            location = response.headers.get("Location")
            if response.status in {301, 302, 303, 307, 308} and location:
                return _Redirect(response.status, _http(urljoin(url, location)), own)
            return await self._read(response, request.now)

    async def _read(self, response: aiohttp.ClientResponse, now: datetime) -> Fetched:
        header = response.headers.get
        retry_after = read_retry_after(header("Retry-After"), header("Date"), now)
        if response.status not in {200, 203, 226, 304}:
            raise refused(response.status, response.reason or "", retry_after)
        return Fetched(
            status=response.status,
            url=str(response.url),
            body=b"" if response.status == 304 else await self._body(response),
            content_type=header("Content-Type", ""),
            validators=Validators(_kept(response, "ETag"), _kept(response, "Last-Modified")),
            retry_after=retry_after,
            fresh_for=freshness(header("Cache-Control"), header("Expires"), header("Date"), now),
            total=read_total(header("X-WP-Total")),
            api=read_api(response.headers.getall("Link", []), str(response.url)),
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        decoder = Decoder(response.headers.get("Content-Encoding", ""), self._options.max_bytes)
        body = b"".join([decoder.feed(part) async for part in response.content.iter_chunked(_CHUNK)])
        decoder.finish()
        return body


def _http(url: str) -> str:
    """An http or https address as it is; raises FetchError over any other."""
    if not url.lower().startswith(("http://", "https://")):
        raise FetchError("bad-url", told(f"{url} is not an http or https address"), Severity.HARD)
    return url


def _kept(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A validator as it was sent; None for bytes that are no text, which could be neither stored nor sent back."""
    value = response.headers.get(name)
    return value if value and value.isprintable() else None

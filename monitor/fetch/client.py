"""One document from one address: conditional, bounded in time and size, guarded at every hop."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import aiohttp

from monitor.domain.feed import Validators
from monitor.errors import BlockedAddress, FetchError, Severity
from monitor.fetch.guard import check_connected
from monitor.fetch.options import FetchOptions

MAX_REDIRECTS = 10
_CHUNK = 64 * 1024
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
_SEVERITY = {401: Severity.HARD, 402: Severity.HARD, 403: Severity.SOFT, 404: Severity.SOFT, 408: Severity.TEMPORARY, 410: Severity.HARD, 425: Severity.TEMPORARY, 429: Severity.TEMPORARY, 451: Severity.HARD}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: ``body`` is decoded, and empty where the document had not changed (304).

    ``url`` is where it came from in the end; ``retry_after`` is in seconds.
    """

    status: int
    url: str
    body: bytes
    content_type: str
    validators: Validators
    retry_after: float | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304


def user_agent(contact: str) -> str:
    """Say who asks, without pretending to be a browser, and how to reach its owner."""
    return f"ReturnsMonitor/{version('returns-monitor')}" + (f" (+{contact})" if contact else "")


class Fetcher:
    """Holds the connections. An async context manager."""

    def __init__(self, options: FetchOptions) -> None:
        self._options = options
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, socket_factory=self._open_socket, enable_cleanup_closed=False)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "User-Agent": user_agent(self._options.contact),
                "Accept": _ACCEPT,
                "Accept-Encoding": "gzip, deflate",
            },
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
        check_connected(str(address[0]), allow_private=self._options.allow_private_hosts)
        opened = socket.socket(family, kind, protocol)
        opened.setblocking(False)
        return opened

    async def fetch(self, url: str, validators: Validators = Validators(), *, now: datetime) -> Fetched:
        """Get one document.

        ``now`` (aware) only serves to read a Retry-After that is a date where the server sends none of its own.
        Raises FetchError with its kind; BlockedAddress where the guard refuses.
        """
        try:
            async with asyncio.timeout(self._options.timeout.total_seconds()):
                return await self._follow(url, validators, now)
        except TimeoutError as error:
            raise FetchError(
                "timeout", f"no whole answer within {self._options.timeout.total_seconds():g} s", Severity.TEMPORARY
            ) from error
        except BlockedAddress:
            raise
        except aiohttp.ClientError as error:
            raise _classified(error) from error
        except (ValueError, UnicodeError) as error:
            raise FetchError("bad-url", f"{url} cannot be asked: {error}", Severity.HARD) from error
        except OSError as error:
            raise FetchError("connect", str(error), Severity.TEMPORARY) from error

    async def _follow(self, url: str, validators: Validators, now: datetime) -> Fetched:
        """Walk the redirects one by one, so that the guard sees each hop."""
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._ask(url, validators, now)
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchError("redirects", f"more than {MAX_REDIRECTS} redirects, the last to {url}", Severity.SOFT)

    async def _ask(self, url: str, validators: Validators, now: datetime) -> Fetched | str:
        if not url.lower().startswith(("http://", "https://")):
            raise FetchError("bad-url", f"{url} is not an http or https address", Severity.HARD)
        if self._session is None:
            raise RuntimeError("the Fetcher is used outside of its context")
        headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        async with self._session.get(
            url, headers={name: value for name, value in headers.items() if value}, allow_redirects=False
        ) as response:
            location = response.headers.get("Location")
            if response.status in {301, 302, 303, 307, 308} and location:
                return urljoin(url, location)
            retry_after = read_retry_after(response.headers.get("Retry-After"), response.headers.get("Date"), now)
            if response.status not in {200, 203, 226, 304}:
                raise _refused(response.status, response.reason or "", retry_after)
            body = b"" if response.status == 304 else await self._body(response)
            return Fetched(
                status=response.status,
                url=str(response.url),
                body=body,
                content_type=response.headers.get("Content-Type", ""),
                validators=Validators(response.headers.get("ETag"), response.headers.get("Last-Modified")),
                retry_after=retry_after,
            )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_chunked(_CHUNK):
            size += len(part)
            if size > self._options.max_bytes:
                raise FetchError(
                    "too-large", f"more than {self._options.max_bytes} bytes after decompression", Severity.HARD
                )
            parts.append(part)
        return b"".join(parts)


def read_retry_after(value: str | None, date: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds, or a date, which counts from the server's own ``Date`` where there is one."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value.strip())
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(date) or now)).total_seconds())


def _http_date(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value) if value else None
    except (ValueError, TypeError, IndexError):
        return None
    return None if found is None else found.replace(tzinfo=found.tzinfo or UTC)


def _refused(status: int, reason: str, retry_after: float | None) -> FetchError:
    severity = _SEVERITY.get(status, Severity.TEMPORARY if status >= 500 else Severity.SOFT)
    return FetchError(
        f"http-{status}",
        f"the server answered {status} {reason}".strip(),
        severity,
        status=status,
        retry_after=retry_after,
    )


def _classified(error: aiohttp.ClientError) -> FetchError:
    """Name what went wrong by aiohttp's own classes."""
    inner = error.__cause__ if isinstance(error.__cause__, FetchError) else None
    if inner is not None:
        return inner
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return FetchError("tls", str(error), Severity.SOFT)
        case aiohttp.ClientConnectorDNSError():
            return FetchError("dns", str(error), Severity.TEMPORARY)
        case aiohttp.ClientPayloadError():
            return FetchError("truncated", "the document was cut off before its end", Severity.TEMPORARY)
        case aiohttp.InvalidURL():
            return FetchError("bad-url", str(error), Severity.HARD)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            certificate = isinstance(error.__cause__, ssl.SSLError)
            return FetchError(
                "tls" if certificate else "connect", str(error), Severity.SOFT if certificate else Severity.TEMPORARY
            )
        case _:
            return FetchError("protocol", f"{type(error).__name__}: {error}"[:300], Severity.TEMPORARY)

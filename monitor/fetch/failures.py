"""What goes wrong in asking, named: aiohttp's errors and a server's refusals as our own."""

import ssl

import aiohttp

from monitor.errors import BlockedAddress, FetchError, Severity
from monitor.normalise.text import clean

_SEVERITY = dict.fromkeys((401, 402, 410, 451), Severity.HARD) | dict.fromkeys((408, 425, 429), Severity.TEMPORARY)
_MAX_DETAIL = 300
_KINDS: tuple[tuple[type[aiohttp.ClientError], tuple[str, Severity]], ...] = (
    (aiohttp.ClientProxyConnectionError, ("proxy", Severity.TEMPORARY)),
    (aiohttp.ClientHttpProxyError, ("proxy", Severity.TEMPORARY)),
    (aiohttp.ClientSSLError, ("tls", Severity.SOFT)),
    (aiohttp.ClientConnectorDNSError, ("dns", Severity.TEMPORARY)),
    (aiohttp.ClientPayloadError, ("truncated", Severity.TEMPORARY)),
    (aiohttp.InvalidURL, ("bad-url", Severity.HARD)),
    (aiohttp.ServerDisconnectedError, ("connect", Severity.TEMPORARY)),
    (aiohttp.ClientOSError, ("connect", Severity.TEMPORARY)),
)
"""aiohttp's classes with our kinds, the narrower before the wider."""


class BlockedError(OSError):
    """What the guard refused, as the class that asyncio's connecting carries through.

    Where a name has several addresses, aiohappyeyeballs 2.7 fails with an IndexError over any other class, and hands on
    the first of several errors only if they read alike.
    """

    def __str__(self) -> str:
        return "blocked by the guard"


class BrokenOffError(aiohttp.ClientError):
    """A connection that broke before an answer came, as a class that aiohttp does not ask again over."""


def told(text: str) -> str:
    """A text for people that holds what a server said, in characters that can be stored."""
    return clean(text)[:_MAX_DETAIL]


def refused(status: int, reason: str, retry_after: float | None) -> FetchError:
    """Name an answer that brought no document by its status."""
    severity = _SEVERITY.get(status, Severity.TEMPORARY if status >= 500 else Severity.SOFT)
    said = told(f"the server answered {status} {reason}")
    return FetchError(f"http-{status}", said, severity, status=status, retry_after=retry_after)


def classified(error: aiohttp.ClientError) -> FetchError:
    """Name what went wrong by aiohttp's own classes."""
    if isinstance(error.__cause__, BlockedError):
        return BlockedAddress(str(error.__cause__.args[0]))
    if isinstance(error, BrokenOffError) and isinstance(error.__cause__, aiohttp.ClientError):
        error = error.__cause__
    kind, severity = _kind(error)
    plain = "the document was cut off before its end" if kind == "truncated" else told(_reason(error))
    return FetchError(kind, plain, severity)


def _kind(error: aiohttp.ClientError) -> tuple[str, Severity]:
    found = next((found for known, found in _KINDS if isinstance(error, known)), ("protocol", Severity.TEMPORARY))
    # What breaks off inside of a TLS handshake comes as a lost connection.
    broken = found[0] == "connect" and isinstance(error.__cause__, ssl.SSLError)
    return ("tls", Severity.SOFT) if broken else found


def _reason(error: aiohttp.ClientError) -> str:
    """What aiohttp says, without the tuples and connection details that it says it with."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status} {error.message}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"{error.host}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        which = "the proxy " if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
        return f"{which}{error.host}, port {error.port}: {error.os_error.strerror or error.os_error}"
    if isinstance(error, aiohttp.ClientResponseError):
        # Raised by the parser alone, since no status is raised for: its own 400 is nobody's answer, and behind its
        # first line it shows the bytes.
        return f"the answer is no valid HTTP: {error.message.strip().partition(chr(10))[0].rstrip(':')}"
    known = any(isinstance(error, kind) for kind, _ in _KINDS)
    return str(error) if known else f"{type(error).__name__}: {error}"

"""Which addresses may be asked: the public internet, and what the user opened."""

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from monitor.errors import BlockedAddress

# Shared address space of carriers (RFC 6598) is neither private nor global for Python, and internal all the same.
_CARRIER = ipaddress.ip_network("100.64.0.0/10")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address inside
# All that IANA has given out for the public internet; Python calls fec0::/10 (site-local) and ::/96 global too.
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
# The forms that inet_aton reads as well, and with it most resolvers: 127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1.
_SHORT_V4 = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}", re.ASCII | re.IGNORECASE)
_OPENED_BY = "its source's request.allow_private = true or [fetch] allow_private_hosts = true opens such addresses"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_address(host: str) -> bool:
    """Say whether a host is an address and no name."""
    return _address(host) is not None


def is_private(host: str) -> bool:
    """Say whether an address, as text, is not on the public internet; names that are no address are not judged here."""
    address = _address(host)
    return address is not None and _internal(_inner(address))


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass  # no address as the standards write it
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if _SHORT_V4.fullmatch(host) else None
    except OSError:
        return None


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _internal(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        return address not in _PUBLIC_V6 or not address.is_global
    return not address.is_global or address.is_multicast or address in _CARRIER


def is_private_host(url: str) -> bool:
    """Say whether a URL names its host by a private address, as ``localhost``, or by a name without a dot."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return (
        is_private(host)
        or host == "localhost"
        or host.endswith((".localhost", ".local", ".internal"))
        or ("." not in host.strip("[]") and ":" not in host)
    )


def check_connected(address: str, *, allow_private: bool) -> None:
    """Refuse an address that a socket is about to be opened to; raises BlockedAddress."""
    if not allow_private and is_private(address):
        raise BlockedAddress(f"{address} is not on the public internet; {_OPENED_BY}")


def check_named(url: str) -> None:
    """Refuse a URL that names a private host: all that can be judged where a proxy connects; raises BlockedAddress."""
    if is_private_host(url):
        raise BlockedAddress(f"{urlsplit(url).hostname} is not on the public internet; {_OPENED_BY}")

"""How a feed is asked beside what is usual: put together from config, and which part of it goes to which address."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from yarl import URL

from monitor.domain.feed import Manner
from monitor.fetch.options import RequestOptions

_WELL_FORMED = re.compile(r"https?://(?:[\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9a-f]{2})+", re.ASCII | re.IGNORECASE)
_ACCOUNT = frozenset({"user", "password"})
_SECRET_NAME = re.compile(r"auth|cookie|credential|key|password|secret|session|signature|token", re.IGNORECASE)


def manner_of(url: str, source: RequestOptions, feed: RequestOptions) -> Manner:
    """Put together how the feed at ``url`` is asked; where both say something, the feed's word counts.

    Headers are laid over each other by name. Raises ValueError where the parts do not go together.
    """
    if not source.model_fields_set and not feed.model_fields_set:
        return Manner()
    asked = RequestOptions.model_validate(_merged(source, feed))
    headers = list(asked.headers.items())
    if asked.user or asked.password:
        headers.append(("Authorization", _basic(asked)))
    if asked.cookie:
        headers.append(("Cookie", asked.cookie))
    accounts = sum(name.lower() == "authorization" for name, _ in headers) + (URL(url).user is not None)
    if accounts > 1:
        raise ValueError("one account is enough: in the address, by user and password, or in an Authorization header")
    return Manner(origin_of(url), tuple(headers), asked.user_agent, asked.proxy, asked.allow_private)


def _merged(source: RequestOptions, feed: RequestOptions) -> Mapping[str, Any]:
    under, over = source.model_dump(exclude_unset=True), feed.model_dump(exclude_unset=True)
    names = {name.lower() for name in feed.headers}
    if over.keys() & _ACCOUNT or "authorization" in names:  # an account is one thing: no user with another's password
        under = {name: value for name, value in under.items() if name not in _ACCOUNT}
        names.add("authorization")
    kept = {name: value for name, value in source.headers.items() if name.lower() not in names}
    return under | over | {"headers": kept | feed.headers}


def _basic(asked: RequestOptions) -> str:
    """HTTP's basic authentication, in UTF-8 (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{asked.user}:{asked.password}".encode()).decode("ascii")


def secrets_of(asked: RequestOptions) -> Iterator[str]:
    """What no log may show of a request table, in every form in which it is sent, and may come back."""
    yield from filter(None, (asked.password, asked.cookie, URL(asked.proxy).password or ""))
    yield from (value for part in asked.cookie.split(";") if (value := part.partition("=")[2].strip()))
    if asked.password:
        yield _basic(asked).removeprefix("Basic ")
    for name, value in asked.headers.items():
        if is_secret("headers", name):
            yield from {value, value.rpartition(" ")[2]}  # as in "Bearer TOKEN"


def is_secret(*keys: str) -> bool:
    """Say whether a key of a request table holds a secret: ("password",), or ("headers", "X-Api-Key")."""
    return keys[0] in {"password", "cookie"} or (keys[0] == "headers" and bool(_SECRET_NAME.search(keys[-1])))


def as_given(url: str) -> URL:
    """The address as it is written, where it is well formed: yarl would unquote ``%2C``, which breaks a signed one."""
    return URL(url, encoded=_WELL_FORMED.fullmatch(url) is not None)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, in one spelling; raises ValueError where it has none."""
    return str(as_given(url).origin()).lower()


def is_own(manner: Manner, url: str) -> bool:
    """Say whether an address is of the feed's own origin, or of the same host by https on the usual ports.

    curl and requests draw the line there too: what is secret is not carried to another origin by a redirect.
    """
    secured = manner.origin.replace("http://", "https://", 1) if URL(manner.origin).is_default_port() else ""
    try:
        return bool(manner.origin) and origin_of(url) in {manner.origin, secured}
    except ValueError:
        return False  # no address of anybody's; asking for it says so

"""Links by which a recipient leaves a subscription with one click (RFC 8058), and what a user may set about them."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.domain.delivery import Recipient

_FEWEST = 16
_LONGEST = 500  # a line of a mail has 998 characters at most
PATH = "/unsubscribe/"
"""What stands in a link between the base and the token."""
T = TypeVar("T")


class MailOptions(BaseModel):
    """[mail] in monitor.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    base_url: str = Field(
        "", description="https address under which /unsubscribe/ is answered; empty: mails offer no such link"
    )
    secret: str = Field(
        "", repr=False, description="signs the links; at least 16 characters, written as ${NAME}; needed with base_url"
    )

    @field_validator("base_url")
    @classmethod
    def _https(cls, url: str) -> str:
        """RFC 8058, 3.1: one-click needs https."""
        if url and (
            not url.startswith("https://")
            or len(url) > _LONGEST
            or any(c in url for c in "<>, \t\r\n?#")
            or not url.isascii()
        ):
            raise ValueError(f'"{url}" is not an address such as "https://monitor.example.org"')
        return url.rstrip("/")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if self.base_url and len(self.secret) < _FEWEST:
            raise ValueError(f"with mail.base_url, mail.secret must be at least {_FEWEST} characters")
        return self


class WebOptions(BaseModel):
    """[web] in monitor.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    listen: str = Field(
        "", description="HOST:PORT where the daemon answers those links, for a proxy with TLS before it; empty: nowhere"
    )

    @field_validator("listen")
    @classmethod
    def _address(cls, listen: str) -> str:
        if listen:
            address_of(listen)
        return listen


def address_of(listen: str) -> tuple[str, int]:
    """Read ``HOST:PORT``, with an IPv6 address in brackets; raises ValueError."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})", listen)
    if found is None or not 0 < int(found[2]) < 65536:
        raise ValueError(f'"{listen}" is no HOST:PORT such as "127.0.0.1:8025"')
    return found[1].strip("[]"), int(found[2])


def token(secret: str, recipient_id: str, subscription: str) -> str:
    """Sign a recipient and a subscription: the same for as long as the secret is."""
    said = f"{len(recipient_id)}:{recipient_id}{subscription}".encode("utf-8", "replace")
    return urlsafe_b64encode(hmac.digest(secret.encode(), b"unsubscribe:" + said, sha256)).decode().rstrip("=")


def links(options: MailOptions, subscription: str, recipients: Iterable[Recipient]) -> Mapping[str, str]:
    """The link of each recipient that gets mail, by its id; none where config gives no address."""
    found = tokens(options, subscription, recipients)
    return {one.id: f"{options.base_url}{PATH}{value}" for value, one in found.items()}


def tokens(options: MailOptions, subscription: str, recipients: Iterable[Recipient]) -> Mapping[str, Recipient]:
    """The recipients that get such a link, by its token."""
    if not options.base_url:
        return {}
    by_mail = (r for r in recipients if r.url.lower().startswith(("mailto://", "mailtos://")))
    return {token(options.secret, r.id, subscription): r for r in by_mail}


def bearer(given: str, tokens: Mapping[str, T]) -> T | None:
    """Find whose a token is, in a time that does not tell how near it came to any."""
    found, asked = None, given.encode("utf-8", "replace")
    for value, whose in tokens.items():
        if hmac.compare_digest(value.encode(), asked):
            found = whose
    return found

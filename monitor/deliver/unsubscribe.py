"""Links by which a recipient leaves a subscription with one click (RFC 8058), and what a user may set about them."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.domain.delivery import Recipient

_FEWEST = 16
_LONGEST = 500  # a line of a mail has 998 characters at most


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


def token(secret: str, recipient_id: str, subscription: str) -> str:
    """Sign a recipient and a subscription: the same for as long as the secret is."""
    said = f"{len(recipient_id)}:{recipient_id}{subscription}".encode("utf-8", "replace")
    return urlsafe_b64encode(hmac.digest(secret.encode(), b"unsubscribe:" + said, sha256)).decode().rstrip("=")


def links(options: MailOptions, subscription: str, recipients: Iterable[Recipient]) -> Mapping[str, str]:
    """The link of each recipient that gets mail, by its id; none where config gives no address."""
    if not options.base_url:
        return {}
    return {
        r.id: f"{options.base_url}/unsubscribe/{token(options.secret, r.id, subscription)}"
        for r in recipients
        if r.url.lower().startswith(("mailto://", "mailtos://"))
    }

# mypy: untyped-calls-exclude=apprise
"""A channel's URLs as recipients: one URL, one address, one outbox row."""

import re
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import parse_qsl, unquote, urlencode

from apprise.plugins.base import NotifyBase

from monitor.deliver.plugin import Direct
from monitor.deliver.redact import MANNERS, mask, secret_parts
from monitor.deliver.services import open_service
from monitor.domain.delivery import Recipient

_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
# These say how to get in, or as whom: not to whom.
_MANNERS = MANNERS | {"pass", "password"}


def recipients(channel: str, urls: Sequence[str], templates: Sequence[str]) -> tuple[Recipient, ...]:
    """Read a channel: ``urls`` with their secrets, ``templates`` the same as written in the config (``${ENV}`` kept).

    A URL that names several addresses (``to=a,b``, two path targets, two Slack channels) is refused, not split: each
    line of the config is then one row of status, and an ``${ENV}`` that holds a list cannot change who is who.

    Raises ValueError, with a sentence that names the position of the URL (from 1) and never a secret.
    """
    found: list[Recipient] = []
    for number, (url, template) in enumerate(zip(urls, templates, strict=True), start=1):
        where = f"URL {number} of channel {channel!r}" if len(urls) > 1 else f"the URL of channel {channel!r}"
        recipient = _recipient(channel, url, template, where)
        if any(recipient.id == other.id for other in found):
            raise ValueError(f"{where}: the channel has this recipient already; remove one of the two")
        if any(recipient.label == other.label for other in found):
            recipient = Recipient(recipient.id, channel, f"{recipient.label} [{recipient.id[:4]}]", url)
        found.append(recipient)
    return tuple(found)


def identity(template: str) -> str:
    """Reduce a URL as written in the config to whom it names: no password, no options that only say how."""
    scheme, separator, rest = template.strip().partition("://")
    if not separator:
        return template.strip()
    base, _, query = rest.partition("?")
    authority, _, path = base.partition("/")
    userinfo, at, host = authority.rpartition("@")
    user = userinfo.partition(":")[0]
    # A folder with pages and the same with an Atom feed are two.
    manners = _MANNERS - {"format"} if scheme.lower() == "folder" else _MANNERS
    options = sorted(
        (key, value) for key, value in parse_qsl(query) if key.lower() not in manners and key[:1] not in "+-: "
    )
    whom = f"{scheme.lower()}://{user}{at}{host.lower()}/{path.rstrip('/')}"
    return whom + (f"?{urlencode(options)}" if options else "")


def _recipient(channel: str, url: str, template: str, where: str) -> Recipient:
    placeholders = _placeholders(url, template)
    try:
        service = open_service(url)
    except ValueError as error:
        reason = _unfilled(str(error), placeholders)
    else:
        label = _unfilled(_shown(service, url), placeholders)
        return Recipient(sha256(identity(template).encode()).hexdigest()[:16], channel, label, url)
    # Raised outside of the handler, so that no traceback shows what came before the masking.
    raise ValueError(f"{where}: {reason}")


def _shown(service: NotifyBase, url: str) -> str:
    """Name where a service sends to, by Apprise's privacy form without its options where it is no plugin of ours."""
    if isinstance(service, Direct):
        return service.label
    return mask(service.url(privacy=True).partition("?")[0], secret_parts(url))


def _placeholders(url: str, template: str) -> dict[str, str]:
    """Find what each ``${ENV}`` of ``template`` became in ``url``: value -> placeholder. All of it counts as secret."""
    names = _PLACEHOLDER.findall(template)
    literal = [re.escape(part) for part in _PLACEHOLDER.split(template)]
    match = re.fullmatch("(.*?)".join(literal), url, re.DOTALL)
    pairs = list(zip(match.groups(), names, strict=True)) if match else [(url, "****")]
    return {form: name for value, name in pairs for form in (value, unquote(value)) if form} if names else {}


def _unfilled(text: str, placeholders: dict[str, str]) -> str:
    """Put the names of the placeholders back where their values stand."""
    if not placeholders:
        return text
    longest_first = sorted(placeholders, key=lambda value: (-len(value), value))
    pattern = "|".join(re.escape(value) for value in longest_first)
    return re.sub(pattern, lambda found: placeholders[found[0]], text)

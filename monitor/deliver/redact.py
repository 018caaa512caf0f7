"""The secrets of an Apprise URL, and how to keep them out of a text. Pure, and knows no plugin."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus

MASK = "****"

# Parts of a URL shorter than this are words or numbers, not tokens; passwords are masked at any length.
_TOKEN_LENGTH = 6
_URL = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]+)://(?P<authority>[^/?]*)(?P<path>[^?]*)(?:\?(?P<query>.*))?", re.DOTALL)
_SECRET_KEY = re.compile(r"pass|pwd|token|secret|key|auth|sig|pgp", re.IGNORECASE)
_HOW = (
    "blocks cto emojis endpoint footer format from image mode name optional overflow parts redirect reply retry rto "
    "smtp store timestamp tz verify wait"
)
MANNERS = frozenset(_HOW.split())
"""Options of Apprise that say how, not whom: errors may name them, and another value makes no other recipient."""
_OPEN_KEYS = MANNERS | {"to", "cc", "bcc", "method"}  # addresses of mail, and the HTTP method
_MAIL = frozenset({"mailto", "mailtos"})


def secret_parts(url: str) -> frozenset[str]:
    """Collect what must not be shown of ``url``, as written and unquoted.

    Passwords always. In mail URLs the addresses and the user are open; a folder holds no secret; in every other
    scheme anything that could be a token is one: the user, a host that is no host name, path segments and values of
    options. All three tokens of a Slack webhook, however short.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return frozenset()
    scheme, authority, path = match["scheme"].lower(), match["authority"], match["path"]
    if scheme == "folder":
        return frozenset()
    userinfo, _, host = authority.rpartition("@")
    user, _, password = userinfo.partition(":")
    found = [password, *_query_secrets(match["query"] or "", mail=scheme in _MAIL)]
    if scheme == "slack":
        found += [user, host, *path.split("/")[1:3]]
    elif scheme not in _MAIL:
        found += [part for part in (user, *_host_secrets(host), *path.split("/")) if len(part) >= _TOKEN_LENGTH]
    return frozenset(form for part in found for form in _forms(part) if form.strip())


def redact(text: str, url: str) -> str:
    """Replace every secret part of ``url`` in ``text``, however it is quoted, by ``****``."""
    return mask(text, secret_parts(url) | {url})


def mask(text: str, secrets: frozenset[str]) -> str:
    """Replace each of ``secrets`` in ``text`` by ``****``, the longest first."""
    if not any(secrets):
        return text
    pattern = "|".join(re.escape(secret) for secret in sorted(filter(None, secrets), key=lambda s: (-len(s), s)))
    return re.sub(pattern, MASK, text)


def _query_secrets(query: str, *, mail: bool) -> Iterator[str]:
    for key, value in parse_qsl(query, keep_blank_values=False):
        # Keys that begin with +, - or : carry headers and parameters of the service, Authorization among them.
        named = _SECRET_KEY.search(key) or key[:1] in "+-: "
        closed = not mail and key.lower() not in _OPEN_KEYS and len(value) >= _TOKEN_LENGTH
        if named or closed:
            yield value


def _host_secrets(host: str) -> Iterator[str]:
    """Yield a host that is no host name: some services have their token there, with a colon in it (Telegram's)."""
    name, _, port = host.partition(":")
    if port and not port.isdigit():
        yield from (host, port)
    if "." not in name and name != "localhost" and not _is_ip(host):
        yield name


def _is_ip(host: str) -> bool:
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host.startswith("[")
    return True


def _forms(part: str) -> tuple[str, ...]:
    return part, unquote(part), unquote_plus(part), quote(unquote(part), safe=""), quote_plus(unquote(part))

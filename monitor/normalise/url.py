"""Links: one form for each, without what only tracks the reader."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

_TRACKING_PREFIXES = (
    "utm_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "hsa_",
    "at_custom",
    "at_medium",
    "at_campaign",
    "ns_",
)
_TRACKING = frozenset(
    [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "ysclid",
        "twclid",
        "ttclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "mkt_tok",
        "vero_id",
        "wickedid",
        "oly_anon_id",
        "oly_enc_id",
        "s_cid",
        "ito",
        "cmpid",
        "ftag",
        "xtor",
        "wt_mc",
        "wt_zmc",
        "spm",
        "scid",
        "ocid",
        "smid",
        "smtyp",
        "partner_id",
    ]
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~-._"
_NOT_IN_HOST = re.compile(r"[\x00-\x20\x7f<>\"^`{|}\\]")  # the forbidden host code points of the URL standard
MAX_LENGTH = 2048
"""Longer links are not kept: no publisher's article needs one, and indexes refuse them (rss-fetcher's limit)."""


def canonical(link: str | None, base: str | None = None, *, keep_fragment: bool = False) -> str | None:
    """Clean a link: absolute, http(s) only, host in lower case, no fragment, no default port, no tracking parameters.

    ``keep_fragment`` is for identity: comments and live blogs tell their entries apart by nothing else. Unknown
    parameters are kept, in their order. Returns None for what is not such a link (``mailto:``, ``javascript:``,
    malformed hosts and ports, characters that no URL can carry, over `MAX_LENGTH`).
    """
    if not link:
        return None
    try:
        url = _cleaned(urljoin(base, link.strip()) if base else link.strip(), keep_fragment=keep_fragment)
    except ValueError:
        return None
    return url if url is not None and len(url) <= MAX_LENGTH else None


def _cleaned(link: str, *, keep_fragment: bool) -> str | None:
    parts = urlsplit(link)
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    host = host if host.isascii() else host.encode("idna").decode("ascii")
    if _NOT_IN_HOST.search(host):
        return None
    netloc = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != _DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{parts.port}"
    fragment = quote(parts.fragment, safe=_SAFE) if keep_fragment else ""
    return urlunsplit((scheme, netloc, quote(parts.path, safe=_SAFE) or "/", _query(parts.query), fragment))


def _query(query: str) -> str:
    """Drop tracking parameters; leave a query that has none exactly as it came, in its own encoding."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value) for name, value in pairs if not _tracks(name)]
    if len(kept) == len(pairs):
        return quote(query, safe=_SAFE + "?[]")
    return urlencode(kept, errors="surrogateescape")


def _tracks(name: str) -> bool:
    lower = name.lower()
    return lower in _TRACKING or lower.startswith(_TRACKING_PREFIXES)

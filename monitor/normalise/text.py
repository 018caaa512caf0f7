"""Texts: markup to plain text, and the key by which two titles are the same."""

import hashlib
import re
import unicodedata

from monitor.normalise.markup import text_of, unescape

# C0 and C1 but tab, line feed and carriage return (PostgreSQL refuses NUL), lone surrogates (no UTF-8 for them), and
# the controls that turn the direction of what follows.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")
_WORD = re.compile(r"\w+")

TITLE_KEY_WORDS = 4
"""Titles of fewer words ("Live updates", "Podcast") are not evidence of one story."""


def clean(text: str) -> str:
    """Fold white space and take out characters that no database, terminal or mail can be trusted with."""
    return _SPACE.sub(" ", _UNWANTED.sub("", text)).strip()


def plain(markup: str) -> str:
    """Turn HTML, or text with entities, into plain text on one line; never fails, whatever the markup."""
    if not _MARKUP.search(markup):
        return clean(markup)
    return clean(text_of(markup))


def plain_title(title: str) -> str:
    """As `plain`, and once more where a feed escaped its entities twice (``&amp;amp;``)."""
    return clean(unescape(plain(title)))


def digest_of(*parts: str) -> str:
    """A short stable hash (32 hex digits of SHA-256) of texts, for keys."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def fingerprint(title: str, text: str) -> str:
    """What tells an edited entry from an unchanged one: a hash of its texts as they are stored."""
    return digest_of(title, text)


def title_key(title: str) -> str | None:
    """A key that is equal for titles that differ in case, marks and spacing only; None for titles too short to tell."""
    words = _WORD.findall(unicodedata.normalize("NFKC", title).casefold())
    return digest_of(" ".join(words)) if len(words) >= TITLE_KEY_WORDS else None

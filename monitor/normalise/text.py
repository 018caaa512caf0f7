"""Texts: markup to plain text, and the key by which two titles are the same."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from monitor.normalise.markup import text_of, unescape

# C0 and C1 but tab, line feed and carriage return (PostgreSQL refuses NUL), lone surrogates (no UTF-8 for them), and
# the controls that turn the direction of what follows.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")
_WORD = re.compile(r"\w+")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\]|\(…\))\s*$")
_ESCAPED_TAG = re.compile(r"(&lt;/?[a-zA-Z][^<>]{0,80}?&gt;)")

UNLIKE_BELOW = 0.5
"""Share of words in common below which two texts are not two states of one."""
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
    """As `plain`, and once more where a feed escaped its entities twice (``&amp;amp;``).

    What would become a tag stays as it is: a title about ``&lt;b&gt;`` says just that.
    """
    parts = _ESCAPED_TAG.split(plain(title))
    return clean("".join(part if n % 2 else unescape(part) for n, part in enumerate(parts)))


def words(text: str) -> list[str]:
    """The words of a text, whatever their case."""
    return _WORD.findall(text.casefold())


def begins(teaser: str, text: str) -> bool:
    """Say whether a text is the beginning of another one, but for an ellipsis."""
    return text.startswith(_ELLIPSIS.sub("", teaser))


def unlike(one: str, other: str) -> bool:
    """Say whether two texts are not two states of one, such as a teaser and its text; no text is unlike none."""
    if not (one and other) or begins(one, other) or begins(other, one):
        return False
    return shared(words(one), words(other)) < UNLIKE_BELOW


def shared(before: Iterable[str], after: Iterable[str]) -> float:
    """The Jaccard share of two multisets of words; 1.0 where both are empty."""
    one, other = Counter(before), Counter(after)
    union = (one | other).total()
    return (one & other).total() / union if union else 1.0


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

"""One way to see text, for the lexicon and for what it is held against: unify, split, fold."""

import re
import unicodedata
from functools import lru_cache

# What carries no meaning of its own: soft hyphen, zero-width and direction marks, Arabic tatweel and vowel signs.
_IGNORED = re.compile("[\u00ad\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_WORD = re.compile(r"[^\W_]+")
# Spellings that writers use side by side: Arabic hamza and ya carriers, and the Russian yo; a casefolded Turkish
# dotted I leaves a combining dot behind.
_FOLDED = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ё": "е", "\u0307": None}
)
_MAX_WORD = 40  # no word of the languages covered is longer; text without spaces must not become one huge word


def unify(text: str) -> str:
    """Bring text to one encoding (NFKC) without invisible marks; case and spelling stay as they are."""
    return text if text.isascii() else unicodedata.normalize("NFKC", _IGNORED.sub("", text))


def words(text: str) -> list[str]:
    """Split unified text into runs of letters and digits; hyphens and apostrophes part words."""
    return [word[:_MAX_WORD] for word in _WORD.findall(text)]


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Fold one unified word: casefold, one spelling for letters that vary, every digit a 0."""
    folded = word.casefold().translate(_FOLDED)
    return "0" * min(len(folded), 4) if folded.isdecimal() else folded


@lru_cache(maxsize=8)
def word_spans(text: str) -> tuple[tuple[int, int], ...] | None:
    """Locate every word of ``words(unify(text))`` in the text as it was given; kept, since each term shown asks again.

    None where the two cannot be aligned (scripts whose letters compose over more than one base character).
    """
    unified = unify(text)
    if unified == text:
        return tuple(match.span() for match in _WORD.finditer(text))
    starts: list[int] = []
    pieces: list[str] = []
    for begin, end in _clusters(text):
        piece = unify(text[begin:end])
        pieces.append(piece)
        starts.extend([begin] * len(piece))
    if "".join(pieces) != unified:
        return None
    starts.append(len(text))
    return tuple((starts[match.start()], _after(starts, match.end())) for match in _WORD.finditer(unified))


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut text before every character that does not combine with the one before it."""
    cuts = [at for at, char in enumerate(text) if at == 0 or not unicodedata.combining(char)]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _after(starts: list[int], end: int) -> int:
    """Find where a word ends in the given text: where the next cluster with another start begins."""
    last = starts[end - 1]
    while end < len(starts) - 1 and starts[end] == last:
        end += 1
    return starts[end]

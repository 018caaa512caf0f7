"""Words whatever way they are typed: one form of Unicode, no accents, one spelling of letters that vary."""

import re
import unicodedata

# What carries no meaning of its own: soft hyphen, zero-width and direction marks, Arabic tatweel.
_IGNORED = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Letters that decomposition leaves alone and that writers use side by side: Arabic ta marbuta, alif maqsura, wasla and
# Persian ya and kaf; Turkish dotless i; barred Latin letters and ligatures.
_FOLDED = str.maketrans(
    {"ة": "ه", "ى": "ي", "ٱ": "ا", "ی": "ي", "ک": "ك", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"}
)


def unify(text: str) -> str:
    """Bring a text to the compatible composed form of Unicode, without invisible characters."""
    return text if text.isascii() else _IGNORED.sub("", unicodedata.normalize("NFKC", text))


def bare(word: str) -> str:
    """Fold a word: casefold, no accents and vowel signs, one spelling for letters that vary (ё and е, أ and ا)."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_FOLDED)

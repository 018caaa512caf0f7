"""One way to see text, for a gazetteer and for what it is held against: split, fold, take proclitics off."""

import re
import unicodedata

# What carries no meaning of its own: soft hyphen, zero-width and direction marks, Arabic tatweel.
_IGNORED = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# A dotted abbreviation is one word ("U.S."); a mark that ends a clause is a word of its own, so that no name reaches
# over it. A full stop counts only after a long word: "St. Lucia" and "EE. UU." are names.
_TOKEN = re.compile(
    r"(?=[A-Z]\.)\b(?:[A-Z]\.){2,}(?:[A-Z]\b)?"  # the look ahead, since every other beginning is then passed over fast
    r"|[^\W_]+(?:[\u0300-\u036f\u064b-\u0652\u0670]+[^\W_]*)*"
    r"|[,;:!?()\[\]،؛؟«»“”\"|]"
    r"|\.(?=\s)(?<=[^\W\d_]{4}\.)"
)
# Letters that decomposition leaves alone and that writers use side by side: Arabic ta marbuta, alif maqsura, wasla and
# Persian ya and kaf; Turkish dotless i; barred Latin letters.
_FOLDED = str.maketrans({"ة": "ه", "ى": "ي", "ٱ": "ا", "ی": "ي", "ک": "ك", "ı": "i", "ø": "o", "ł": "l", "đ": "d"})
MAX_WORD = 40  # no word of the languages covered is longer; text without spaces must not become one huge word
_ARABIC = re.compile("[\u0621-\u064a]")
_CONJUNCTION = ("و", "ف")
_PREPOSITION = ("ب", "ل", "ك")
_ARTICLE = "ال"
_LEAST = 3  # letters that must stay when a proclitic comes off


def unify(text: str) -> str:
    """Bring a text to the compatible composed form of Unicode, without invisible characters."""
    if text.isascii():
        return text
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text))


def spans(unified: str) -> list[tuple[int, int]]:
    """Find the words and the marks that part clauses: begin and end of each in characters."""
    return [match.span() for match in _TOKEN.finditer(unified)]


def tokens(text: str) -> list[str]:
    """Split text into words and the marks that part clauses; case stays, invisible characters go."""
    return [token[:MAX_WORD] for token in _TOKEN.findall(unify(text))]


def fold(word: str) -> str:
    """Fold one word: casefold, no accents and vowel signs, one spelling for letters that vary (ё and е, أ and ا)."""
    if word.isascii():
        return word.lower().replace(".", "")
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_FOLDED)


def variants(folded: str) -> list[str]:
    """List a folded word and what stays of it when Arabic conjunction, preposition and article come off in turn."""
    found = [folded]
    if not _ARABIC.match(folded):
        return found
    for proclitics in (_CONJUNCTION, _PREPOSITION):
        found += [word[1:] for word in found if word.startswith(proclitics) and len(word) > _LEAST]
    # The preposition l- swallows the alif of the article: lil- stands for li + al-.
    found += [_ARTICLE + word[2:] for word in found if word.startswith("لل") and len(word) >= _LEAST + 2]
    found += [word[2:] for word in found if word.startswith(_ARTICLE) and len(word) >= _LEAST + 2]
    return found

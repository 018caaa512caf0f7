"""One way to see text, for a gazetteer and for what it is held against: split, fold, take proclitics off."""

import re

from monitor.normalise.folding import bare, unify

# A dotted abbreviation is one word ("U.S."); a mark that ends a clause is a word of its own, so that no name reaches
# over it. A full stop counts only after a long word: "St. Lucia" and "EE. UU." are names.
_TOKEN = re.compile(
    r"(?=[A-Z]\.)\b(?:[A-Z]\.){2,}(?:[A-Z]\b)?"  # the look ahead, since every other beginning is then passed over fast
    r"|[^\W_]+(?:[\u0300-\u036f\u064b-\u0652\u0670]+[^\W_]*)*"
    r"|[,;:!?()\[\]،؛؟«»“”\"|]"
    r"|\.(?=\s)(?<=[^\W\d_]{4}\.)"
)
MAX_WORD = 40  # no word of the languages covered is longer; text without spaces must not become one huge word
ARABIC = re.compile("[\u0621-\u064a]")
_CONJUNCTION = ("و", "ف")
_PREPOSITION = ("ب", "ل", "ك")
_ARTICLE = "ال"
_LEAST = 3  # letters that must stay when a proclitic comes off


def spans(unified: str) -> list[tuple[int, int]]:
    """Find the words and the marks that part clauses: begin and end of each in characters."""
    return [match.span() for match in _TOKEN.finditer(unified)]


def split(unified: str) -> list[str]:
    """List the words and the marks that part clauses, those of `spans`."""
    return _TOKEN.findall(unified)


def tokens(text: str) -> list[str]:
    """Split text into words and the marks that part clauses; case stays, invisible characters go."""
    return [token[:MAX_WORD] for token in _TOKEN.findall(unify(text))]


def fold(word: str) -> str:
    """Fold one word, as `bare` does, and take the full stops out of an abbreviation."""
    return bare(word.replace(".", "")) if word.isascii() else bare(word)


def variants(folded: str) -> list[str]:
    """List a folded word and what stays of it when Arabic conjunction, preposition and article come off in turn."""
    found = [folded]
    if not ARABIC.match(folded):
        return found
    for proclitics in (_CONJUNCTION, _PREPOSITION):
        found += [word[1:] for word in found if word.startswith(proclitics) and len(word) > _LEAST]
    # The preposition l- swallows the alif of the article: lil- stands for li + al-.
    found += [_ARTICLE + word[2:] for word in found if word.startswith("لل") and len(word) >= _LEAST + 2]
    found += [word[2:] for word in found if word.startswith(_ARTICLE) and len(word) >= _LEAST + 2]
    return found

"""The words of a text for comparing: folded, stemmed, and names as consonants so that scripts can be held together."""

import re
from functools import lru_cache

from monitor.normalise.folding import bare, unify

_WORD = re.compile(
    r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,]\d+)*|[^\W\d_]+(?:[\u0300-\u036f\u064b-\u0652\u0670]+[^\W\d_]*)*"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[., ]\d{3})+")
_STEM = 6
"""Letters of a longer word that stay: one length for all languages parts inflections from most roots."""
_CACHE = 65_536
_ARABIC = re.compile("[\u0621-\u064a]")
_LEAST = 3  # letters that must stay when an Arabic proclitic comes off

_CYRILLIC = (
    "а=a б=b в=v г=g д=d е=e ё=e ж=j з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t"
    " у=u ф=f х=kh ц=ts ч=ch ш=sh щ=sh ъ= ы=y ь= э=e ю=yu я=ya і=i ї=i є=e ґ=g"
)
_ABJAD = (
    "ا=a ب=b ت=t ث=t ج=j ح=h خ=kh د=d ذ=d ر=r ز=z س=s ش=sh ص=s ض=d ط=t ظ=z ع=a غ=gh ف=f"
    " ق=k ك=k ل=l م=m ن=n ه=h و=w ي=y ء=a ئ=a ؤ=a"
)
_LETTERS = str.maketrans(dict(pair.split("=") for pair in f"{_CYRILLIC} {_ABJAD}".split()))
# One code for what scripts and spellings write side by side; the first rule that fits counts. Vowels and h fall out.
_SOUNDS = re.compile(
    r"(?P<S>tsch|sch|tch|sh|ch|zh|dj|ts|tz|[szj]|c(?=[eiy]))|(?P<K>kh|gh|ck|[kgqcx])|(?P<F>ph|[fv]|^w)"
    r"|(?P<T>th|dh|[td])|(?P<P>[pb])|(?P<L>l)|(?P<M>m)|(?P<N>ng|n)|(?P<R>r)|(?P<A>^[aeiouy])|."
)
TELLING_SOUNDS = 4
"""Codes that a name's skeleton must have: fewer are met by chance."""


def tokens(text: str) -> list[str]:
    """Split a text into words and numbers; case stays, invisible characters go."""
    return _WORD.findall(unify(text))


@lru_cache(maxsize=_CACHE)
def fold(word: str) -> str:
    """Fold a word: small letters, no accents or vowel signs, no Arabic proclitics; a number as its digits."""
    if word[0].isdigit():
        return number(word)
    folded = bare(word)
    return _without_proclitics(folded) if _ARABIC.match(folded) else folded


def number(word: str) -> str:
    """Write a number in one way: 1.150, 1,150 and 1 150 are 1150; 3,5 is 3.5."""
    if _THOUSANDS.fullmatch(word):
        return re.sub(r"\D", "", word)
    return word.replace(",", ".")


def _without_proclitics(word: str) -> str:
    """Take the Arabic conjunction, preposition and article off, as far as enough is left."""
    if word.startswith("لل") and len(word) >= _LEAST + 2:
        return word[2:]
    for proclitic in ("وال", "بال", "فال", "كال", "ال"):
        if word.startswith(proclitic) and len(word) >= _LEAST + len(proclitic):
            return word[len(proclitic) :]
    return word


@lru_cache(maxsize=_CACHE)
def stem(folded: str) -> str:
    """Shorten a folded word to what its inflections share; numbers stay whole."""
    return folded if folded[0].isdigit() else folded[:_STEM]


@lru_cache(maxsize=_CACHE)
def skeleton(folded: str) -> str:
    """Return the consonants of a folded word as codes that are the same in Latin, Cyrillic and Arabic writing.

    "Toulouse" and "تولوز" are TLS, "Актобе" and "Aktobe" AKTP. Doubled codes count once; a vowel counts only at the
    beginning. After Soundex (Russell 1918), with the classes widened to what Arabic does not write.
    """
    latin = folded if folded.isascii() else folded.translate(_LETTERS)
    codes: list[str] = []
    for found in _SOUNDS.finditer(latin):
        code = found.lastgroup
        if code and (not codes or codes[-1] != code):
            codes.append(code)
    return "".join(codes)

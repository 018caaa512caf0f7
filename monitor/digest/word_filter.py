"""Free-text filters: words that must stand in an entry, and words that must not. Pure.

Whole words are compared, folded (no accents, one spelling of letters that vary), so "recruit" is not found in
"recruiting".
"""

import re

from monitor.domain.wish import WordFilter
from monitor.normalise.folding import bare, unify

_PART = re.compile(r'(-?)(?:"([^"]*)"|(\S+))(?=\s|$)')
_WORD = re.compile(r"\w+")


def read(text: str) -> WordFilter:
    """Read ``camp "foreign fighter" -football``; raises ValueError with what is wrong."""
    needed, excluded = list[str](), list[str]()
    at = 0
    for part in _PART.finditer(text):
        if text[at : part.start()].strip() or '"' in (part[3] or ""):
            break
        at = part.end()
        words = _folded(part[2] if part[3] is None else part[3])
        if not words:
            raise ValueError(f"{part[0]} is no word; {_RIGHT}")
        (excluded if part[1] else needed).append(words)
    if text[at:].strip():
        raise ValueError(f"{text[at:].strip()} has a quote that is not closed, or no blank after it; {_RIGHT}")
    if both := sorted(set(needed) & set(excluded)):
        raise ValueError(f'"{both[0]}" is asked for and excluded: nothing would pass')
    return WordFilter(tuple(dict.fromkeys(needed)), tuple(dict.fromkeys(excluded)))


_RIGHT = 'write words, "a phrase" in double quotes, and -word for what must not be there'


def passes(wanted: WordFilter, *texts: str) -> bool:
    """Say whether all that is needed stands in one of the texts, and nothing that is excluded does."""
    if not wanted.needed and not wanted.excluded:
        return True
    folded = [f" {_folded(text)} " for text in texts]

    def found(words: str) -> bool:
        return any(f" {words} " in text for text in folded)

    return all(found(words) for words in wanted.needed) and not any(found(words) for words in wanted.excluded)


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(bare(unify(text))))

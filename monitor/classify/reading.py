"""What the classifier reads of an entry: the words of its title and of the beginning of its text, with concepts."""

import re
from dataclasses import dataclass

from monitor.classify.lexicon import Lexicon, Match
from monitor.classify.text import fold, unify, word_spans, words

# Quality peaks at a title and about 40 words: longer beginnings dilute the conjunctions of concepts.
TEXT_WORDS = 40
_TITLE_WORDS = 40
# More than these words take in any language covered, so that a huge text costs no more than a short one.
_MAX_CHARACTERS = 1_200
# A second look: windows of as many words, half overlapping, into a text that is an article rather than a summary.
_LONG_TEXT = 100
_STRIDE = TEXT_WORDS // 2
_WINDOWS = 6
_RUN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Reading:
    """Folded words, of which the first ``title_length`` are the title's; matches count words from the title on."""

    words: tuple[str, ...]
    title_length: int
    matches: tuple[Match, ...]


def read(title: str, text: str, lexicon: Lexicon) -> Reading:
    """Read one entry: the title and the first `TEXT_WORDS` words of its text. Any Unicode text will do, also none."""
    head = _words(title, _TITLE_WORDS)
    body = _words(text, TEXT_WORDS)
    shift = len(head)
    matches = _find(head, title, lexicon)
    matches.extend(Match(m.concept, m.start + shift, m.end + shift) for m in _find(body, text, lexicon))
    return Reading(tuple(map(fold, (*head, *body))), shift, tuple(matches))


def later_windows(text: str) -> list[str]:
    """Cut the pieces for a second look out of a long text, the beginning left out; none where the text is short."""
    runs = [match.span() for match in _RUN.finditer(text[: (_WINDOWS + 2) * _MAX_CHARACTERS])]
    if len(runs) < _LONG_TEXT:
        return []
    starts = range(_STRIDE, min(len(runs) - _STRIDE, _WINDOWS * _STRIDE + 1), _STRIDE)
    return [text[runs[start][0] : runs[min(start + TEXT_WORDS, len(runs)) - 1][1]] for start in starts]


def surface(item: tuple[str, str], reading: Reading, start: int, end: int) -> str | None:
    """Give the entry's own characters for words ``start`` to ``end`` of its reading, all in one part.

    None where the words cannot be located (see `word_spans`).
    """
    title, text = item
    if start >= reading.title_length:
        part, start, end = text[:_MAX_CHARACTERS], start - reading.title_length, end - reading.title_length
    else:
        part = title[:_MAX_CHARACTERS]
    spans = word_spans(part)
    return None if spans is None else part[spans[start][0] : spans[end - 1][1]]


def _words(text: str, limit: int) -> list[str]:
    return words(unify(text[:_MAX_CHARACTERS]))[:limit]


def _find(tokens: list[str], text: str, lexicon: Lexicon) -> list[Match]:
    """Find concepts; capitals mean nothing where everything is in capitals."""
    return lexicon.find([token.lower() for token in tokens] if text[:_MAX_CHARACTERS].isupper() else tokens)

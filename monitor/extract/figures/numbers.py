"""Numbers in the words of a text, in digits and in words, in seven languages and in Arabic digits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from monitor.extract.reading import Reading
from monitor.extract.shipped import data
from monitor.extract.words import ARABIC, fold
from monitor.normalise.number_words import number_words

_JOINS = frozenset({"", " ", "-", "‑"})
_THOUSANDS = frozenset({".", ",", "'", "’", " ", "٬", "،"})
_DECIMALS = frozenset({".", ",", "٫"})
_AND = frozenset({"and", "et", "y", "und", "en"})
_GLUED = re.compile(r"[وفبل](\d+)")  # Arabic writes "and", "by", "to" together with the digits
_PROCLITICS = "وفبلك"
_OWNERS = ("ها", "ه", "هما", "هم", "هن", "نا")  # what is added to Arabic nouns for whose they are
_LONGEST = 12  # digits of a number that can be a count


class _Kind(Enum):
    DIGITS = 0
    VALUE = 1
    ONE = 2
    TIMES = 3
    ROUND = 4


@dataclass(frozen=True, slots=True)
class _Word:
    kind: _Kind
    value: float
    joined: bool = False  # Arabic "and" stands before it in the same word
    vague: bool = False  # no number alone


@dataclass(frozen=True, slots=True)
class Number:
    """A number from token ``start`` up to ``end``.

    ``rough``: the word itself says "about". ``plain``: digits without separators. ``of``: what an Arabic dual names.
    """

    start: int
    end: int
    value: float
    rough: bool = False
    plain: bool = False
    of: str = ""


def numbers(reading: Reading) -> list[Number]:
    """Find all numbers but one, in order. Halves are kept ("sechseinhalb"); ordinals and fractions are none."""
    found, at, words = [], 0, reading.folded
    while at < len(words):
        word = look_up(words[at])
        number = _number(reading, at, word) if word else None
        if number:
            found.append(_halved(reading, number))
            at = found[-1].end
        else:
            dual = _duals().get(words[at]) or _pair(words, at)
            if dual:
                found.append(Number(at, at + 1, 2, of=dual))
            at += 1
    return found


def _halved(reading: Reading, number: Number) -> Number:
    """Take half of a dozen, and add the half of "six and a half", "cinq ans et demi"."""
    words, start, end = reading.folded, number.start, number.end
    if number.value == 12:
        for before in (start, start - 1, start - 2):
            if before >= 0 and words[before] in _halves()[0]:
                return replace(number, start=before, value=6, rough=False)
    for tail in _halves()[1]:
        for at in (end, end + 1):
            if words[at : at + len(tail)] == tail:
                return replace(number, end=at + len(tail) if at == end else end, value=number.value + 0.5)
    return number


def _number(reading: Reading, at: int, word: _Word) -> Number | None:
    if word.kind is _Kind.DIGITS:
        return _in_digits(reading, at, word.value)
    if word.kind is _Kind.ROUND:
        before = reading.folded[at - 1] if at else ""
        return Number(at, at + 1, word.value, rough=True) if before in _rounds_follow() else None
    if _other_language(reading, at):
        return None
    return _in_words(reading, at)


def _in_digits(reading: Reading, at: int, value: float) -> Number | None:
    words, end, groups = reading.words, at + 1, 0
    separator = ""
    while value and len(words[at]) <= 4:
        step = _separated(reading, end, _THOUSANDS)
        if not step or (separator and step[0] != separator) or len(words[step[1]]) != 3:
            break
        if separator == "" and step[0] == " " and len(words[at]) > 3:
            break
        separator, end, value, groups = step[0], step[1] + 1, value * 1000 + int(words[step[1]]), groups + 1
    step = _separated(reading, end, _DECIMALS)
    if step and step[0] != separator and len(words[step[1]]) <= 2 and step[1] == end + (step[0] == ","):
        value, end, groups = value + int(words[step[1]]) / 10 ** len(words[step[1]]), step[1] + 1, groups + 1
    times = look_up(reading.folded[end]) if end < len(words) and reading.between(end - 1, end) == " " else None
    if times and times.kind is _Kind.TIMES and times.value >= 1000:
        return Number(at, end + 1, value * times.value)
    return Number(at, end, value, plain=not groups)


def _separated(reading: Reading, end: int, marks: frozenset[str]) -> tuple[str, int] | None:
    """Find a mark and the token of digits after it, where both follow at once."""
    words = reading.words
    if end < len(words) and words[end] in marks and end + 1 < len(words):
        close = reading.ends[end - 1] == reading.starts[end] and reading.ends[end] == reading.starts[end + 1]
        return (words[end], end + 1) if close and words[end + 1].isdecimal() else None
    if end < len(words) and words[end].isdecimal():
        mark = reading.between(end - 1, end)
        return (mark, end) if mark in marks else None
    return None


def _in_words(reading: Reading, at: int) -> Number | None:
    """Add up a number of one or more words: larger parts first, but for units before tens in Arabic."""
    total, current, end = 0.0, 0.0, at
    for place, word in _chain(reading, at):
        step = _add(current, word, reading.folded[place], alone=place == at)
        if step is None:
            break
        if word.kind is _Kind.TIMES and word.value >= 1000:
            if total and word.value >= 1_000_000:
                break
            total, current = total + step, 0.0
        else:
            current = step
        end = place + 1
    value = total + current
    first = look_up(reading.folded[at])
    if end == at or (end == at + 1 and first and (first.kind is _Kind.ONE or first.vague)):
        return None
    return Number(at, end, value) if value > 1 else None


def _chain(reading: Reading, at: int) -> Iterator[tuple[int, _Word]]:
    """Walk over the number words that follow each other, past "and" where it joins numbers."""
    words, place = reading.folded, at
    while place < len(words):
        word = look_up(words[place])
        if place > at and reading.between(place - 1, place) not in _JOINS:
            return
        if word and word.kind is not _Kind.DIGITS:
            yield place, word
        elif place > at and words[place] in _AND and place + 1 < len(words):
            after = look_up(words[place + 1])
            if not after or not _joins(words[place], look_up(words[place - 1]), after, words[place - 1]):
                return
        else:
            return
        place += 1


def _joins(link: str, before: _Word | None, after: _Word, word: str) -> bool:
    """Does a word for "and" join two parts of one number ("hundred and six", "vingt et un", "treinta y dos")?"""
    if before is None:
        return False
    if link in {"and", "en", "und"}:
        return before.kind is _Kind.TIMES and after.kind is _Kind.VALUE and word[-1] != "s"
    if link == "et":
        return 20 <= before.value <= 70 and after.value in {1, 11}
    return 30 <= before.value <= 90 and after.value < 10


def _add(current: float, word: _Word, folded: str, *, alone: bool) -> float | None:
    """Give the sum with one more part; None where it is no part of this number."""
    value = word.value
    if word.kind is _Kind.TIMES:
        if current:
            return None if current >= 1000 or (value < 1000 and current >= 100) else current * value
        return value if alone else None
    if word.kind is _Kind.ROUND:
        return None
    if not current:
        return value
    if folded.startswith("vingt") and current % 100 == 4:
        return current + 76
    units = current % 100
    fits = (
        (units == 0 and value < 100)
        or (word.joined and (units < 10 <= 2 * value and value >= 20 and value < 100))
        or (value == 10 and units < 10 and folded.startswith("عشر") and not word.joined)
        or (units >= 20 and units % 10 == 0 and value < 10)
        or (units in {60, 80} and 10 <= value < 20)
        or (units in {70, 90} and value in {7, 8, 9} and folded in {"sept", "huit", "neuf"})
    )
    return current + value if fits or (units == 10 and folded in {"sept", "huit", "neuf"}) else None


def _other_language(reading: Reading, at: int) -> bool:
    """Is the word one of another language here: by an accent, or by the words around?"""
    word = reading.folded[at]
    others = _unless().get(word)
    if others is None:
        return False
    if reading.words[at].lower() != word:
        return True
    return bool(others) and not others.isdisjoint(reading.folded[max(0, at - 25) : at + 25])


@lru_cache(maxsize=65_536)
def look_up(folded: str) -> _Word | None:
    """Say what a folded word is as a part of a number, None where it is none."""
    if not folded:
        return None
    if folded[0].isdecimal() or folded[-1].isdecimal():
        glued = _GLUED.fullmatch(folded)
        digits = glued[1] if glued else folded
        return _Word(_Kind.DIGITS, int(digits)) if digits.isdecimal() and len(digits) <= _LONGEST else None
    lexicon = _lexicon()
    word = lexicon.get(folded)
    if word is None and folded[0] in _PROCLITICS and folded[1:] in lexicon:
        word = lexicon[folded[1:]]
        return _Word(word.kind, word.value, folded[0] == "و", word.vague)
    return word or _compound(folded)


def _compound(folded: str) -> _Word | None:
    """Read German and Dutch numbers with hundreds and thousands in one word."""
    for part, value in (("tausend", 1000), ("duizend", 1000), ("hundert", 100), ("honderd", 100)):
        left, found, right = folded.partition(part)
        if found:
            factor = 1.0 if left in {"", "ein", "een"} else _plain(left)
            rest = _plain(right.removeprefix("und").removeprefix("en")) if right else 0.0
            return _Word(_Kind.VALUE, factor * value + rest) if factor and rest is not None else None
    return None


def _plain(folded: str) -> float | None:
    word = look_up(folded) if folded else None
    return word.value if word and word.kind in {_Kind.VALUE, _Kind.TIMES} else None


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, _Word]:
    file = data("numbers")
    table = number_words()
    found = {word: _Word(_Kind.VALUE, value) for words in table.values.values() for word, value in words.items()}
    found |= dict(_germanic())
    found |= {fold(word): _Word(_Kind.ONE, 1) for word in file["one"]["words"]}
    found |= {word: _Word(_Kind.TIMES, value, vague=word in table.vague) for word, value in table.times.items()}
    found |= {word: _Word(_Kind.VALUE, value) for word, value in _pairs(file["times"]["doubled"])}
    found |= {word: _Word(_Kind.ROUND, value) for word, value in _pairs(file["rounds"]["words"])}
    return found | {word: _Word(_Kind.VALUE, value) for word, value in _pairs(file["halves"]["words"])}


def _germanic() -> Iterator[tuple[str, _Word]]:
    """Make the compounds of units and tens, and of units and a half."""
    german = {"ein": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9}
    dutch = {"een": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8, "negen": 9}
    tens = {"zwanzig": 20, "dreissig": 30, "vierzig": 40, "funfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80}
    ten_more = {"twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70, "tachtig": 80}
    for units, link, more in (
        (german, "und", tens | {"neunzig": 90}),
        (dutch, "en", ten_more | {"negentig": 90}),
    ):
        for unit, small in units.items():
            yield f"{unit}einhalb" if link == "und" else f"{unit}enhalf", _Word(_Kind.VALUE, small + 0.5)
            for ten, value in more.items():
                yield unit + link + ten, _Word(_Kind.VALUE, value + small)


def _pairs(words: list[str]) -> Iterator[tuple[str, float]]:
    for entry in words:
        word, value = entry.split()
        yield fold(word), float(value)


def _pair(words: Sequence[str], at: int) -> str:
    """Say whom a word for two names, where an article or a preposition stands before it ("a couple", but "couples")."""
    of = _pairs_of().get(words[at])
    if not of:
        return ""
    alone = of != "persons" or ARABIC.match(words[at]) is not None or words[at - 1 : at] == ("супруги",)
    return of if alone or any(word in data("numbers")["pairs"]["after"] for word in words[max(0, at - 2) : at]) else ""


@lru_cache(maxsize=1)
def _pairs_of() -> Mapping[str, str]:
    return {
        fold(word): of
        for of, words in data("numbers")["pairs"].items()
        if of not in {"after", "never"}
        for word in words
    }


@lru_cache(maxsize=1)
def _duals() -> Mapping[str, str]:
    """Give the Arabic words that say two themselves, with what may stand before them and be added to them."""
    alone = {word: of for of, words in number_words().duals.items() for word in words}
    alone |= {word: of for word, of in _pairs_of().items() if ARABIC.match(word)}
    owned = {word[:-1] + whose: of for word, of in alone.items() if word.endswith("ن") for whose in _OWNERS}
    every = {prefix + word: of for word, of in (owned | alone).items() for prefix in ("", "و", "ب", "ل", "ال", "وال")}
    return {word: of for word, of in every.items() if word not in _never_dual()}


@lru_cache(maxsize=1)
def _never_dual() -> frozenset[str]:
    return frozenset(map(fold, data("numbers")["pairs"]["never"]))


@lru_cache(maxsize=1)
def _rounds_follow() -> frozenset[str]:
    return frozenset(data("numbers")["rounds"]["after"])


@lru_cache(maxsize=1)
def _unless() -> Mapping[str, frozenset[str]]:
    return {word: frozenset(others) for word, others in data("numbers")["unless"].items()}


@lru_cache(maxsize=1)
def _halves() -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
    file = data("numbers")["halves"]
    return frozenset(map(fold, file["half"])), tuple(tuple(map(fold, tail.split())) for tail in file["tails"])

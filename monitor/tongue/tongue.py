"""A language in which digests are told: words, numbers, days, names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime

from monitor.tongue.catalogue import AFTER, CODES, OTHER, Forms, catalogue, plain
from monitor.tongue.direction import isolated

_FEWEST = ("few", "many", OTHER)  # forms that show their number, by the size of what they go with


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: ``code`` is ISO 639-1; ``rtl``: it is written from right to left."""

    code: str
    rtl: bool
    words: Mapping[str, Forms]
    _languages: Mapping[str, str]
    _countries: Mapping[str, str]

    def say(self, key: str, form: str = OTHER, **parts: str) -> str:
        """The words of a key, in the form that goes with ``form`` (a gender, a country), filled with ``parts``."""
        forms = self.words[key]
        words = forms[form] if form in forms else forms[OTHER]
        return words.format(**parts) if parts else words

    def count(self, key: str, number: int, **parts: str) -> str:
        """The words of a key in the form that goes with a number, which is ``{n}`` there."""
        return self._form(key, number).format(n=self.number(number), **parts)

    def counted(self, key: str, number: int, shown: str = "", *, after: bool = False) -> str:
        """Name what is counted with its number, which is ``shown`` as it is written, if need be.

        ``after``: a word such as "about" stands before it. A form that is a number itself ("two children") gives way to
        one that shows it where another number is shown than counted.
        """
        form = self._form(key, number, after=after)
        if shown and "{n}" not in form:
            forms = self.words[key]
            form = next(forms[name] for name in _FEWEST if "{n}" in forms.get(name, ""))
        return form.format(n=shown or self.number(number))

    def _form(self, key: str, number: int, *, after: bool = False) -> str:
        forms, category = self.words[key], _category(self.code, number)
        names = (f"{AFTER}{category}", f"{AFTER}{OTHER}") if after else ()
        return next(forms[name] for name in (*names, category, OTHER) if name in forms)

    def number(self, number: int) -> str:
        """``1,204``, as the language groups digits."""
        whole = f"{number:,}"
        if abs(number) < int(self.say("form.group_from")):
            return whole.replace(",", "")
        return whole.replace(",", self.say("form.group"))

    def decimal(self, written: str) -> str:
        """``0.50``, as it is written in English, as the language writes it."""
        return written.replace(".", self.say("form.decimal"))

    def line(self, threshold: float) -> str:
        """``0.50``: a threshold with two decimals, or as many as the user wrote."""
        return self.decimal(_line(threshold))

    def score(self, probability: float, threshold: float) -> str:
        """A score with as many decimals as its line; cut, not rounded, so that only 1 is shown as 1.00."""
        places = len(_line(threshold).partition(".")[2])
        scale = 10.0**places
        return self.decimal(f"{int(probability * scale + 1e-9) / scale:.{places}f}")

    def against(self, threshold: float, *, by_hand: bool) -> str:
        """``/ line 0.50``, as it stands behind a score."""
        said = self.say("story.mark", line=self.line(threshold))
        return said + (self.say("story.by_hand") if by_hand else "")

    def day(self, moment: datetime, zone: ZoneInfo) -> str:
        """``22 Nov 2026``."""
        return _written(self.code, self.say("form.day"), _wall(moment, zone))

    def long_day(self, moment: datetime, zone: ZoneInfo) -> str:
        """``Sunday 22 November 2026``."""
        return _written(self.code, self.say("form.long_day"), _wall(moment, zone))

    def minute(self, moment: datetime, zone: ZoneInfo) -> str:
        """``22 Nov 2026, 07:30``."""
        time = _written(self.code, self.say("form.time"), _wall(moment, zone))
        return self.say("form.minute", day=self.day(moment, zone), time=time)

    def duration(self, span: timedelta) -> str:
        """``2 days 4 h``, ``3 h 10 min``, ``45 min``: the two largest units, rounded down to the minute."""
        minutes = max(0, int(span.total_seconds() // 60))
        units = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
        parts = [self.count(f"span.{unit}", number) for unit, number in units.items() if number]
        return self.say("span.between").join(parts[:2]) or self.say("span.less")

    def language(self, code: str) -> str:
        """Name a language by its ISO 639-1 code; a code that is not known is shown as it is."""
        if code in {"", "und"}:
            return self.say("story.language_unknown")
        return self._languages.get(code, code)

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166 code; a code that is not known is shown as it is."""
        return self._countries.get(code, code)

    @property
    def countries(self) -> dict[str, str]:
        """Name every country that has a code, by its code."""
        return dict(self._countries)

    def label(self, name: str) -> str:
        """The short word for a label, in a tally and beside a score; of one that we do not know its name in config."""
        key = f"labels_short.{name}"
        return self.say(key) if self.known(key) else name

    def heading(self, label: str, title: str) -> str:
        """Head the stories of a label: by config's title, or, where that is the one that config comes with, by ours."""
        key = f"labels.{label}"
        return self.say(key) if self.known(key) and title == catalogue("en")[key][OTHER] else title

    def known(self, key: str) -> bool:
        """Say whether there are words for a key that was made of a name from outside, such as a label's."""
        return key in self.words

    def apart(self, text: str) -> str:
        """Set a text from outside apart in a sentence of ours, where it runs the other way.

        Not in English: its digests have had none of these marks since the first one.
        """
        return text if self.code == "en" else isolated(text, rtl=self.rtl)

    def listed(self, items: Iterable[str], sign: str = "comma") -> str:
        """Join by a sign of the language: ``comma``, ``semicolon``, ``numbers`` (after decimals), or ``arrow``."""
        return self.say(f"form.{sign}").join(items)


def _line(threshold: float) -> str:
    return f"{threshold:.2f}" if round(threshold, 2) == threshold else f"{threshold:.6g}"


def spoken(data: Mapping[str, Any]) -> Tongue:
    """The language that a frozen form says it is in: English where it says none, or one that there are no words in (a
    newer version's)."""
    code = str(data.get("language", ""))
    return of(code if code in CODES else "")


def of(code: str) -> Tongue:
    """The language of a code of `CODES`; "" is English, in which was told what does not say. Raises KeyError."""
    if code and code not in CODES:
        raise KeyError(code)
    return _made(code or "en")


@cache
def _made(code: str) -> Tongue:
    words, locale = catalogue(code), _locale(code)
    languages = {**(locale.languages if code != "en" else {}), **plain(words, "languages")}
    countries = {**(_territories(locale) if code != "en" else _zone_table()), **plain(words, "countries")}
    return Tongue(code, locale.text_direction == "rtl", words, languages, countries)


def _territories(locale: Locale) -> dict[str, str]:
    """CLDR's names of what has a code of two letters, without those of continents and of what is no country."""
    return {code: name for code, name in locale.territories.items() if code.isalpha() and code not in _NO_COUNTRY}


_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def _zone_table() -> dict[str, str]:
    """Read the English names that come with the time zone database (``iso3166.tab``: code, tab, name)."""
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


@lru_cache(maxsize=4096)
def _category(code: str, number: int) -> str:
    """CLDR's category of a whole number: one, two, few, many, other."""
    return _locale(code).plural_form(number)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


@lru_cache(maxsize=4096)
def _written(code: str, pattern: str, wall: datetime) -> str:
    """Write a local time by a CLDR pattern; Babel would turn one that knows its zone to UTC."""
    return format_datetime(wall, pattern, locale=_locale(code))


ENGLISH = of("en")
"""What is told to the owner, by the verbs and in notices."""

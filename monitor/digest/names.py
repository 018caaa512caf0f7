"""Codes to words: languages, countries, and the classifier's concepts, in English."""

import re
from functools import cache
from importlib.resources import files

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

_LANGUAGES = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian",
    "ca": "Catalan", "ckb": "Central Kurdish", "cs": "Czech", "da": "Danish", "de": "German", "dv": "Dhivehi",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean",
    "ku": "Kurdish", "ky": "Kyrgyz", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ms": "Malay",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sd": "Sindhi", "sk": "Slovak", "sl": "Slovene", "so": "Somali", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "tg": "Tajik", "th": "Thai", "tl": "Tagalog",
    "tr": "Turkish", "ug": "Uyghur", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
    "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip

# The zone database's own names are made for menus of time zones ("Britain (UK)"); these read better in a sentence.
_COUNTRIES = {
    "BA": "Bosnia and Herzegovina", "CD": "DR Congo", "CG": "Congo", "CZ": "Czechia", "GB": "United Kingdom",
    "KP": "North Korea", "KR": "South Korea", "MM": "Myanmar", "TT": "Trinidad and Tobago", "XK": "Kosovo",
}  # fmt: skip

_CONCEPTS = {
    "camp": "camp",
    "citizenship": "citizenship",
    "conflict": "conflict zone",
    "domain": "subject",
    "family": "family",
    "fighter": "foreign fighter",
    "group": "armed group",
    "justice": "justice",
    "law": "law",
    "policy": "policy",
    "refuse": "refusal",
    "rehabilitation": "rehabilitation",
    "return": "return",
    "strip": "withdrawal",
    "terror": "terrorism",
    "travel": "travel",
}


def language(code: str) -> str:
    """Name a language by its ISO 639-1 code; a code that is not known is shown as it is."""
    if code in {"", "und"}:
        return "language unknown"
    return _LANGUAGES.get(code, code)


def country(code: str) -> str:
    """Name a country by its ISO 3166 code; a code that is not known is shown as it is."""
    return _COUNTRIES.get(code) or _zone_table().get(code, code)


def flag(code: str) -> str:
    """The flag of a country, by the letters that Unicode has for it; mail programs without flags show the code."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code) if re.fullmatch("[A-Z]{2}", code) else ""


def countries() -> dict[str, str]:
    """Name every country that has a code, by its code."""
    return {**_zone_table(), **_COUNTRIES}


def concept(name: str) -> str:
    """Say a concept, or a conjunction of concepts such as ``title:fighter+return``, in plain words ("" stays "")."""
    parts = name.removeprefix("title:").split("+")
    return " + ".join(_CONCEPTS.get(part, part.replace("_", " ")) for part in parts)


@cache
def _zone_table() -> dict[str, str]:
    """Read the country names that come with the time zone database (``iso3166.tab``: code, tab, name)."""
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}

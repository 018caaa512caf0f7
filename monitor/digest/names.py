"""Codes to words: countries, flags, and the classifier's concepts."""

import re

from monitor.tongue.tongue import ENGLISH, Tongue


def country(code: str, tongue: Tongue = ENGLISH) -> str:
    """Name a country by its ISO 3166 code; a code that is not known is shown as it is."""
    return tongue.country(code)


def flag(code: str) -> str:
    """The flag of a country, by the letters that Unicode has for it; mail programs without flags show the code."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code) if re.fullmatch("[A-Z]{2}", code) else ""


def countries() -> dict[str, str]:
    """Name every country that has a code, by its code, in English."""
    return ENGLISH.countries


def concept(name: str, tongue: Tongue = ENGLISH) -> str:
    """Say a concept, or a conjunction of concepts such as ``title:fighter+return``, in plain words ("" stays "")."""
    parts = name.removeprefix("title:").split("+")
    return " + ".join(_concept(part, tongue) for part in parts)


def _concept(part: str, tongue: Tongue) -> str:
    key = f"concepts.{part}"
    return tongue.say(key) if tongue.known(key) else part.replace("_", " ")

"""What a text is about that names no country: mostly the one it is written in, where few others share its language."""

from collections.abc import Set

# English is left out, since it is written about everybody; so are languages that no list of countries fits.
_HOMES = {
    "ar": "DZ EG IQ JO LB LY MA SA SY TN",
    "bs": "BA",
    "da": "DK",
    "de": "AT CH DE",
    "es": "AR CL CO ES MX",
    "fi": "FI",
    "fr": "BE CA CH FR LB MA TN",
    "it": "CH IT",
    "nl": "BE NL",
    "no": "NO",
    "pl": "PL",
    "pt": "BR PT",
    "ru": "BY KG KZ RU TJ UZ",
    "sq": "AL MK XK",
    "sv": "FI SE",
    "tr": "TR",
}
HOMES = {lang: frozenset(countries.split()) for lang, countries in _HOMES.items()}
"""Countries by the language of most of what is written about them there."""


def at_home(lang: str, countries: Set[str]) -> bool:
    """Say whether a text in a language that names no country may be about one of these."""
    return not HOMES.get(lang, frozenset()).isdisjoint(countries)

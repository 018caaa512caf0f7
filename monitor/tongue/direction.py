"""Which way a text runs, and how one stands inside of another that runs the other way (UAX #9)."""

import unicodedata

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
"""Languages that are written from right to left."""
OPEN, CLOSE = "\u2068", "\u2069"
"""First strong isolate, and its end: what stands between them has its own direction and turns nothing around it."""
_LEFT, _RIGHT = frozenset({"L"}), frozenset({"R", "AL"})


def isolated(text: str, *, rtl: bool) -> str:
    """Set a text apart where it has letters that run against a sentence which runs ``rtl``, or not."""
    against = _LEFT if rtl else _RIGHT
    if any(unicodedata.bidirectional(letter) in against for letter in text):
        return f"{OPEN}{text}{CLOSE}"
    return text


def balanced(text: str) -> str:
    """Close what a cut left open."""
    return text + CLOSE * (text.count(OPEN) - text.count(CLOSE))

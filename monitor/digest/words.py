"""Wording that all forms of a digest share: texts from outside, cleaned and cut.

What a digest says itself stands in `monitor.tongue`, in the language of its subscription.
"""

import re

from monitor.normalise.text import clean
from monitor.tongue.direction import balanced

NAME = 80
"""Characters shown of a name: of a source, a feed, a label."""
_SPACES = re.compile(" {2,}")
# Unicode's Bidi_Control property: `clean` takes the strong ones, these marks have no place in a text that is isolated.
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown(text: str, limit: int) -> str:
    """Make a text from outside fit to be shown: one line, no control of any kind, at most ``limit`` characters."""
    return cut(neat(text), limit)


def neat(text: str) -> str:
    """As `shown`, whole: for a part of a sentence that is cut itself."""
    return clean(_BIDI.sub("", text))


def sentence(text: str, limit: int) -> str:
    """Shorten a sentence that was made of `neat` parts; what was set apart in it is closed."""
    return balanced(cut(_SPACES.sub(" ", text).strip(" "), limit))


def cut(text: str, limit: int) -> str:
    """Shorten ``text`` to ``limit`` characters, an ellipsis included, on a word where there is one in the last half."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = len(head) if text[limit - 1] == " " else head.rfind(" ")
    if at > limit // 2:
        head = head[:at]
    return head.rstrip(" ,;:.–—-") + "…"

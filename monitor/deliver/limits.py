"""What a service takes at most, and how it counts. Pure."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from json import dumps

# GSM 03.38: one septet each, and those that need an escape before them; all else makes the whole message UCS-2.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")
# Typography that has a plain twin in GSM 03.38: one curly quote would halve what a message holds.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
     "\u00a0": " ", "·": "-", "•": "-", "→": "->"}
)  # fmt: skip
SMS_PARTS = 3
SMS_AT_MOST = 160
"""A service whose limit is this or less sends SMS, or counts as if it did (some name 140)."""


class Layout(Enum):
    """How a short form is written."""

    TEXT = "text"  # a headline, its source, and its link below
    HTML = "html"  # the headline is the link, as Telegram shows it
    SMS = "sms"  # one line, without links


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``size`` of what ``weigh`` counts; 0: no limit."""

    size: int
    weigh: Callable[[str], int] = len
    layout: Layout = Layout.TEXT
    calls: bool = False  # the service reads @name in a text as a call

    def fits(self, text: str) -> bool:
        return self.size <= 0 or self.weigh(text) <= self.size


def units(text: str) -> int:
    """Count in UTF-16 units, as Telegram and Discord do."""
    return len(text.encode("utf-16-le", "replace")) // 2


def lines_of_two(text: str) -> int:
    """Count in UTF-16 units, a line's end as two: Apprise writes CR and LF where it sends HTML."""
    return units(text) + text.count("\n")


def octets(text: str) -> int:
    """Count in bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))


def ntfy_octets(text: str) -> int:
    """Count as ntfy does, or as Apprise (2.2) does where that is more: it makes a file of over 8,000 escaped bytes.

    Of those, 1,600 are left for a title of 200 letters of six bytes, and what stands around.
    """
    return max(octets(text), -(-len(dumps(text)) * 4096 // 6400))


def septets(text: str) -> int:
    """Count what an SMS of ``text`` takes of 160 (of 459 in three parts), in whichever alphabet it needs.

    In UCS-2 a message holds 70 units (201 in three parts), so that one of them takes up 160/70 of the room. Rounded up.
    """
    if all(c in _BASIC or c in _EXTENDED for c in text):
        return sum(2 if c in _EXTENDED else 1 for c in text)
    return -(-units(text) * 16 // 7)


def plain_sms(text: str) -> str:
    """Write typography in the letters that every telephone has."""
    return re.sub(r"\s+", " ", text.translate(_PLAIN)).strip()


def sms(parts: int = 1) -> Limit:
    """The limit of SMS: 160 septets, or 153 in each of several parts, which spend seven on being joined."""
    return Limit(160 if parts <= 1 else 153 * min(parts, SMS_PARTS), septets, Layout.SMS)


_CALLING = frozenset(
    {"discord", "mmost", "mmosts", "rocket", "rockets", "tgram", "zulip", "guilded", "gchat", "matrix"}
)
_KNOWN = {
    # https://core.telegram.org/bots/api#sendmessage: 4096 characters after its entities are parsed; here with them.
    "tgram": Limit(4096, lines_of_two, Layout.HTML, calls=True),
    # https://docs.ntfy.sh/publish/#limitations: 4,096 bytes; what is longer becomes a file.
    "ntfy": Limit(4096, ntfy_octets),
    "ntfys": Limit(4096, ntfy_octets),
    # https://discord.com/developers/docs/resources/message: 2000 characters.
    "discord": Limit(2000, units, calls=True),
    # https://pushover.net/api#limits: 1024 characters.
    "pover": Limit(1024, units),
}


def limit_of(schemes: Collection[str], body_maxlen: int, parts: int = 1) -> Limit:
    """The limit of a service: its own where we know it, else what Apprise says (0 or less: none)."""
    for scheme in sorted(_KNOWN.keys() & set(schemes)):
        return _KNOWN[scheme]
    if 0 < body_maxlen <= SMS_AT_MOST:
        return sms(parts)
    return Limit(max(0, body_maxlen), units, calls=not _CALLING.isdisjoint(schemes))

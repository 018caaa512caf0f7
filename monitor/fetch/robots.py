"""robots.txt (RFC 9309): which pages of an origin may be fetched, and how far apart. Rules only, nothing is asked here.

Feeds are published to be polled and need no leave; pages, archives and sitemaps do.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from monitor.errors import FetchError
from monitor.fetch.client import Fetched

TOKEN = "ReturnsMonitor"  # noqa: S105 - the product token by which robots.txt names us
MAX_BYTES = 500 * 1024
"""What is read of a robots.txt; the least that RFC 9309 allows (2.5)."""
LONGEST_DELAY = timedelta(seconds=60)
"""What is obeyed of a Crawl-delay: some sites ask for a day, which is a refusal in other words than the rules have."""
KEPT_FOR = timedelta(hours=24)
"""How long rules are good (RFC 9309, 2.4)."""
ASKED_AGAIN = timedelta(hours=1)
"""How long an origin that gave no rules at all is left alone before it is asked again."""

_LINES = re.compile(r"\r\n|\r|\n")
# Protego takes these spellings, the colon left out among them.
_USER_AGENT = re.compile(r"\s*user[\s-]*agent(?:\s*:|\s)([^#]*)", re.IGNORECASE)
_RULE = re.compile(r"\s*(?:d[a-z]{2,5}l+[ao]w|allow)\s*[:\s]", re.IGNORECASE)
_NAME = re.compile(r"\*(?=\s*$)|[a-z_-]+", re.IGNORECASE)
_SOMEBODY_ELSE = "another"


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What an origin lets us do. ``reached`` is False where it could not be asked, which refuses everything."""

    protego: Protego | None = None
    reached: bool = True

    def may(self, url: str) -> bool:
        """Say whether a page of this origin may be fetched."""
        if not self.reached:
            return False
        return self.protego is None or self.protego.can_fetch(url, TOKEN)

    @property
    def delay(self) -> timedelta:
        """How far apart two requests must start, as the origin asks and `LONGEST_DELAY` allows."""
        asked = self.protego.crawl_delay(TOKEN) if self.protego is not None else None
        return min(timedelta(seconds=min(asked or 0.0, 86_400.0)), LONGEST_DELAY)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the origin names."""
        return tuple(self.protego.sitemaps) if self.protego is not None else ()


EVERYTHING = Rules()
NOTHING = Rules(reached=False)


def read_rules(body: bytes) -> Rules:
    """Read a robots.txt; whatever it holds, an HTML page for example, is read as far as it makes sense.

    Beyond `MAX_BYTES` nothing is read, nor is the line that is cut there: half a path would forbid too much.
    """
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    return Rules(Protego.parse(_as_protego_reads(body.decode("utf-8-sig", "replace"))))


def rules_from(answer: Fetched | FetchError) -> Rules:
    """The rules that follow from what came instead of, or as, a robots.txt (RFC 9309, 2.3.1).

    Unavailable (4xx, or redirects without end) allows everything; unreachable (5xx, no connection, no whole answer)
    nothing. A 429 is a server that is too busy to answer, no site without rules.
    """
    if isinstance(answer, Fetched):
        return read_rules(answer.body)
    unavailable = answer.status is not None and 400 <= answer.status < 500 and answer.status != 429
    return EVERYTHING if unavailable or answer.kind == "redirects" else NOTHING


def origin(url: str) -> str:
    """Scheme, host and port: what one robots.txt is for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def robots_url(url: str) -> str:
    """Where the rules for a page are."""
    return f"{origin(url)}/robots.txt"


class Rulebook:
    """The rules of the origins asked so far, and when each may be asked for a page again; kept in memory.

    A daemon holds one for all its runs. It is not stored: after a restart each origin is asked once more, when a page
    of it is wanted. All times are aware UTC and come from the caller.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Rules, datetime]] = {}
        self._free_at: dict[str, datetime] = {}

    def rules(self, url: str, *, now: datetime) -> Rules | None:
        """The rules for a page; None where its origin is to be asked."""
        rules, until = self._known.get(origin(url), (None, now))
        return rules if until > now else None

    def learn(self, url: str, rules: Rules, *, now: datetime) -> None:
        """Keep the rules of a page's origin for a day, or for an hour where it could not be reached."""
        self._known = {name: kept for name, kept in self._known.items() if kept[1] > now}
        self._known[origin(url)] = (rules, now + (KEPT_FOR if rules.reached else ASKED_AGAIN))

    def free(self, url: str, *, now: datetime) -> bool:
        """Say whether the origin's own delay has passed since the last page that was asked of it."""
        return self._free_at.get(origin(url), now) <= now

    def started(self, url: str, *, now: datetime) -> None:
        """Note that a page is being asked for."""
        self._free_at = {name: at for name, at in self._free_at.items() if at > now}
        rules = self.rules(url, now=now)
        if rules is not None and rules.delay:
            self._free_at[origin(url)] = now + rules.delay


def _as_protego_reads(text: str) -> str:
    """Write a robots.txt so that Protego 0.7 reads it as RFC 9309 does.

    Protego takes a group for ours whose name is only the beginning of ours, and none that names our version; ends a
    group's list of names at a line that is no rule; and needs five minutes for 500 kB of names and rules, by making
    each rule once a name. So names are made ours, everybody's or somebody else's, and other lines wait for a rule.
    """
    told: list[str] = []
    waiting: list[str] = []
    naming = False
    for line in _LINES.split(text):
        names = _USER_AGENT.match(line)
        if names:
            told.append(f"User-agent: {_name(names[1])}")
            naming = True
        elif naming and not _RULE.match(line):
            waiting.append(line)
        else:
            told += [*waiting, line]
            waiting.clear()
            naming = False
    return "\n".join(told + waiting)


def _name(written: str) -> str:
    found = _NAME.match(written.strip())
    if found is None:
        return _SOMEBODY_ELSE if written.strip() else ""
    if found[0] == "*":
        return "*"
    return TOKEN if found[0].lower() == TOKEN.lower() else _SOMEBODY_ELSE

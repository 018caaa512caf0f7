"""Notices in plain words, for the owner, in English: what, since when, against which rhythm, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from zoneinfo import ZoneInfo

from monitor.digest.notices import Over
from monitor.digest.words import NAME, shown
from monitor.domain.feed import Feed
from monitor.domain.notice import AllFailing, Basis, Failing, Finding, Gone, Notice, NoticeKind, Silent, Spike
from monitor.tongue.tongue import ENGLISH

DETAIL = 240
"""Characters shown of what a server said."""
_KINDS = 4  # kinds of failure named one by one
_ALL_FAILING = (
    "Most probably the cause lies here: the network, the proxy or the name service of the monitor's own host. "
    "Single feeds are not told of until this is over."
)
_FAILING = "Open its address in a browser. If it has moved, correct it in feeds.toml; if it is gone, disable it."
_SILENT = "See whether its site shows newer pieces: then the feed is broken, or has moved."
_PACE = " If this is its pace, write it into feeds.toml as its rhythm."
_ROTATED = "The publisher has changed its ids. See whether something really new is among these."
_SPIKE = "See what came: old pieces once more, another site's pieces, or a day with much news."


def count(number: int, one: str, many: str = "") -> str:
    """``1 feed``, ``1,204 feeds``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@dataclass(frozen=True, slots=True)
class Line:
    """One notice. ``source`` is "" where the name says it, or where it is about the whole; so may be every other part.

    ``what`` tells what was found and since when, ``rhythm`` against what it was judged, ``advice`` what to do, and
    ``commands`` are ready to be copied into a shell.
    """

    name: str
    source: str
    what: str
    rhythm: str = ""
    again: str = ""
    advice: str = ""
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What the words depend on: the zone that times are shown in, and the feeds of config."""

    zone: ZoneInfo
    feeds: Mapping[str, Feed]

    def detail(self, finding: Finding) -> str:
        """One or two sentences, as the notice keeps them."""
        what, rhythm = self._what(finding)
        return " ".join(filter(None, (what, rhythm)))

    def opened(self, notice: Notice, finding: Finding) -> Line:
        """Say what is the matter."""
        what, rhythm = self._what(finding)
        advice, commands = self._advice(finding)
        often = f"This is the {_ordinal(notice.times)} time, each less than a day after the last was over."
        again = often if notice.times > 1 else ""
        return Line(self.name(notice), self.source(notice), what, rhythm, again, advice, commands)

    def closed(self, over: Over) -> Line:
        """Say that it is over."""
        since, told = ENGLISH.minute(over.since, self.zone), ENGLISH.minute(over.notice.opened_at, self.zone)
        what = {
            NoticeKind.ALL_FAILING: f"Polls go well again, the last at {since}.",
            NoticeKind.GONE: f"It answers again; the last good poll was at {since}.",
            NoticeKind.FAILING: f"It answers again; the last good poll was at {since}.",
            NoticeKind.SILENT: f"It has brought something new, the last at {since}.",
            NoticeKind.SPIKE: f"In the 24 h to {since} it brought no more than usual.",
        }[over.notice.kind]
        return Line(self.name(over.notice), self.source(over.notice), what, f"The notice was of {told}.")

    def name(self, notice: Notice) -> str:
        """The feed's name, or what stands in for it."""
        return shown(notice.subject, NAME) or "All feeds"

    def source(self, notice: Notice) -> str:
        feed = self.feeds.get(notice.subject)
        title = shown(feed.source.title, NAME) if feed else ""
        return "" if title == self.name(notice) else title

    def _what(self, finding: Finding) -> tuple[str, str]:
        match finding:
            case AllFailing():
                return self._all_failing(finding)
            case Gone():
                return f"It has answered 410 (gone) since {self._at(finding.since)}, and is no longer asked.", ""
            case Failing():
                return self._failing(finding)
            case Silent():
                return self._silent(finding)
            case Spike():
                return self._spike(finding)

    def _all_failing(self, finding: AllFailing) -> tuple[str, str]:
        feeds = count(len(finding.feeds), "feed")
        what = f"Every poll has failed since {self._at(finding.since)}; {feeds} asked in the last hour."
        kinds = [f"{shown(kind, NAME)} {number:,}" for kind, number in finding.kinds[:_KINDS]]
        return what, f"{self._last_good(finding.last_good)} How they fail: {', '.join(kinds)}."

    def _failing(self, finding: Failing) -> tuple[str, str]:
        said = shown(finding.detail, DETAIL).rstrip(".")
        how = f"{shown(finding.kind, NAME)}{': ' if said else ''}{said}"
        polls = "the one poll" if finding.polls == 1 else f"all {finding.polls:,} polls"
        what = f"It has failed since {self._at(finding.since)}, {polls}; the last with {how}."
        return what, self._last_good(finding.last_good)

    def _last_good(self, at: datetime | None) -> str:
        return f"The last good poll was at {self._at(at)}." if at else "No poll has ever gone well."

    def _silent(self, finding: Silent) -> tuple[str, str]:
        allowed = finding.allowance
        since = (
            f"nothing new since {self._at(finding.since)}"
            if finding.last_new
            else f"nothing since it was added on {ENGLISH.day(finding.since, self.zone)}"
        )
        what = f"It answers, and has brought {since}: for {ENGLISH.duration(finding.until - finding.since)}."
        usual, longest = ENGLISH.duration(allowed.usual), ENGLISH.duration(allowed.longest)
        rhythm = {
            Basis.OWN: f"It seldom pauses for longer than {usual}; a notice is due after {longest}.",
            Basis.CONFIG: f"feeds.toml expects something every {usual}; a notice is due after {longest}.",
            Basis.TIER: f"Little is known of its rhythm; a notice is due after {longest}.",
        }[allowed.basis]
        return what, rhythm

    def _spike(self, finding: Spike) -> tuple[str, str]:
        until = self._at(finding.until)
        usual = (
            ""
            if finding.usual is None or finding.limit is None
            else f"Its usual is {finding.usual:,.1f} a day; more than {finding.limit:,.0f} are worth a notice."
        )
        if finding.quarantined:
            known = count(finding.quarantined, "entry came", "entries came")
            return f"{known} again under other ids in the 24 h to {until}; kept, and not announced.", usual
        return f"{count(finding.new, 'new entry', 'new entries')} in the 24 h to {until}.", usual

    def _advice(self, finding: Finding) -> tuple[str, tuple[str, ...]]:
        about = finding.feeds[0] if isinstance(finding, AllFailing) else finding.subject
        check = f"monitor sources check {self._argument(about)}"
        disable = f"monitor sources disable {self._argument(about)}"
        match finding:
            case AllFailing():
                return _ALL_FAILING, (check,)
            case Gone():
                return "Give it its new address in feeds.toml, or disable it.", (check, disable)
            case Failing():
                return _FAILING, (check, disable)
            case Silent():
                pace = "" if finding.allowance.basis is Basis.OWN else _PACE
                return f"{_SILENT}{pace}", (check,)
            case Spike():
                return _ROTATED if finding.quarantined else _SPIKE, ("monitor items list --since 1d",)

    def _argument(self, feed: str) -> str:
        """A feed's name as the verbs take it; where a source with more feeds is called like it, the key before it."""
        found = self.feeds.get(feed)
        called = [other.name for other in self.feeds.values() if other.source.key == feed]
        return quote(f"{found.source.key}/{feed}" if found is not None and called not in ([], [feed]) else feed)

    def _at(self, moment: datetime) -> str:
        return ENGLISH.minute(moment, self.zone)


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"

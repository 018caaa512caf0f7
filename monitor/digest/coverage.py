"""A digest's footer in words: what was looked at, so that "nothing" is information."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.digest.words import NAME, count, day, duration, line, minute, shown
from monitor.domain.digest import Coverage, Digest, FeedFault, Silence
from monitor.domain.labels import Lines

_TITLE = 200
_NAMED = 40  # feeds named one by one; where more fail the cause is ours, and names do not help


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the footer: its heading, things to say, and how many more there are that are not said."""

    title: str
    items: tuple[str, ...]
    more: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.items, f"and {self.more:,} more") if self.more else self.items


def coverage_rows(digest: Digest) -> tuple[Row, ...]:
    """Say what a digest looked at; a row with nothing to say is left out."""
    seen, zone = digest.coverage, digest.subscription.zone
    lines = [f"{shown(label, NAME)} {_line(own)}" for label, own in digest.subscription.lines.items()]
    rows = (
        Row("Window", (f"{minute(seen.since, zone)} to {minute(seen.until, zone)}", *_merged(digest.merged))),
        Row("Feeds", (_feeds(seen), *_longest(seen, zone))),
        _named("Failed", [_fault(fault, zone) for fault in seen.failed]),
        _named("Silent", [_silence(silence, zone) for silence in seen.silent]),
        _named(
            "Gaps", [f"{shown(feed, NAME)}: entries may have come and gone between two polls" for feed in seen.gaps]
        ),
        Row("Entries", (_entries(seen, digest),)),
        Row("Waiting", (_waiting(seen.unclassified),) if seen.unclassified else ()),
        _named("Model", [shown(scorer, NAME) for scorer in seen.scorers] or ["no entry was scored"]),
        _named("Lines", lines),
    )
    return tuple(row for row in rows if row.items)


def _line(lines: Lines) -> str:
    """``0.5, 0.4 for ru, 0.3 for analysis``."""
    others = {**lines.tiers, **lines.languages}
    return ", ".join([line(lines.default.threshold), *(f"{line(c.threshold)} for {k}" for k, c in others.items())])


def _merged(number: int) -> tuple[str, ...]:
    one = "one window before it that was missed or held"
    return (f"holds {one if number == 1 else f'{number:,} windows before it that were missed or held'}",) * bool(number)


def _feeds(seen: Coverage) -> str:
    failed = f"{len(seen.failed):,}" if seen.failed else "none"
    silent = f"{len(seen.silent):,}" if seen.silent else "none"
    due = "" if seen.due is None else f"{seen.due:,} due, "
    gaps = f", {len(seen.gaps):,} with gaps" if seen.gaps else ""
    return f"{seen.feeds:,} enabled, {due}{seen.polled:,} polled, {failed} failed, {silent} silent{gaps}"


def _longest(seen: Coverage, zone: ZoneInfo) -> tuple[str, ...]:
    """Name the feed that has brought nothing for longest; one that never did has no length."""
    known = [silence for silence in (seen.longest, *seen.silent) if silence and silence.last_new]
    if not known:
        return ()
    longest = min(known, key=lambda silence: silence.last_new or seen.until)
    since = longest.last_new or seen.until
    return (f"longest silence: {shown(longest.feed, NAME)}, {duration(seen.until - since)} (since {day(since, zone)})",)


def _entries(seen: Coverage, digest: Digest) -> str:
    earlier = sum(digest.folded.values())
    told = count(digest.stories, "story", "stories") + (
        f", {earlier:,} of them not delivered before" if earlier else ""
    )
    return f"{seen.seen:,} seen → {seen.new:,} new → {seen.over_line:,} over the line → {told}"


def _waiting(number: int) -> str:
    verb = "waits" if number == 1 else "wait"
    return f"{count(number, 'new entry', 'new entries')} without a score {verb} for a model"


def _fault(fault: FeedFault, zone: ZoneInfo) -> str:
    since = f"since {minute(fault.since, zone)}" if fault.since else "never polled well"
    return f"{shown(fault.feed, NAME)}: {shown(fault.kind, NAME) or 'failed'}, {since}"


def _silence(silence: Silence, zone: ZoneInfo) -> str:
    since = f"nothing new since {day(silence.last_new, zone)}" if silence.last_new else "nothing new yet"
    return f"{shown(silence.feed, NAME)}: {since}"


def _named(title: str, items: Sequence[str]) -> Row:
    return Row(title, tuple(items[:_NAMED]), max(0, len(items) - _NAMED))

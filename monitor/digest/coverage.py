"""A digest's footer in words: what was looked at, so that "nothing" is information."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.digest.words import NAME, shown
from monitor.domain.digest import Coverage, Digest, FeedFault, Silence
from monitor.domain.labels import Lines
from monitor.tongue.tongue import Tongue

_NAMED = 40  # feeds named one by one; where more fail the cause is ours, and names do not help


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the footer: its heading, things to say, and how many more there are that are not said.

    ``left`` says the same in words, "" where there are none.
    """

    title: str
    items: tuple[str, ...]
    more: int = 0
    left: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.items, self.left) if self.left else self.items


@dataclass(frozen=True, slots=True)
class _Footer:
    """How the rows are said: in a language, with the times of a zone."""

    tongue: Tongue
    zone: ZoneInfo

    def row(self, key: str, items: Sequence[str]) -> Row:
        more = max(0, len(items) - _NAMED)
        left = self.tongue.count("digest.more", more) if more else ""
        return Row(self.tongue.say(f"coverage.{key}"), tuple(items[:_NAMED]), more, left)

    def name(self, text: str) -> str:
        return self.tongue.apart(shown(text, NAME))

    def window(self, seen: Coverage, merged: int) -> list[str]:
        since, until = self.tongue.minute(seen.since, self.zone), self.tongue.minute(seen.until, self.zone)
        before = [self.tongue.count("coverage.merged", merged)] if merged else []
        return [self.tongue.say("coverage.span", since=since, until=until), *before]

    def feeds(self, seen: Coverage) -> str:
        said = [self._count("enabled", seen.feeds)]
        said += [] if seen.due is None else [self._count("due", seen.due)]
        said += [self._count("polled", seen.polled), self._faulty("failed", len(seen.failed))]
        said += [self._faulty("silent", len(seen.silent))]
        said += [self._count("with_gaps", len(seen.gaps))] if seen.gaps else []
        return self.tongue.listed(said)

    def longest(self, seen: Coverage) -> list[str]:
        """Name the feed that has brought nothing for longest; one that never did has no length."""
        known = [silence for silence in (seen.longest, *seen.silent) if silence and silence.last_new]
        if not known:
            return []
        longest = min(known, key=lambda silence: silence.last_new or seen.until)
        since = longest.last_new or seen.until
        span, day = self.tongue.duration(seen.until - since), self.tongue.day(since, self.zone)
        return [self.tongue.say("coverage.longest_silence", feed=self.name(longest.feed), span=span, day=day)]

    def entries(self, seen: Coverage, digest: Digest) -> str:
        told, earlier = self.tongue.count("digest.stories", digest.stories), sum(digest.folded.values())
        told = self.tongue.count("coverage.folded", earlier, stories=told) if earlier else told
        way = [self._count("seen", seen.seen), self._count("new", seen.new), self._count("over_line", seen.over_line)]
        return self.tongue.listed([*way, told], "arrow")

    def fault(self, fault: FeedFault) -> str:
        feed, kind = self.name(fault.feed), self.name(fault.kind) or self.tongue.say("coverage.fault_kind")
        if fault.since is None:
            return self.tongue.say("coverage.fault_ever", feed=feed, kind=kind)
        return self.tongue.say("coverage.fault", feed=feed, kind=kind, when=self.tongue.minute(fault.since, self.zone))

    def silence(self, silence: Silence) -> str:
        feed = self.name(silence.feed)
        if silence.last_new is None:
            return self.tongue.say("coverage.silence_ever", feed=feed)
        return self.tongue.say("coverage.silence", feed=feed, day=self.tongue.day(silence.last_new, self.zone))

    def lines(self, label: str, lines: Lines) -> str:
        """``returns 0.5, 0.4 for ru, 0.3 for analysis``."""
        word = self.tongue.apart(shown(self.tongue.label(label), NAME))
        others = {**lines.tiers, **lines.languages}
        said = [self.tongue.line(lines.default.threshold)]
        for what, cut in others.items():
            own = self.tongue.line(cut.threshold)
            said.append(self.tongue.say("coverage.line_for", line=own, what=self.tongue.apart(what)))
        return f"{word} {self.tongue.listed(said, 'numbers')}"

    def _count(self, key: str, number: int) -> str:
        return self.tongue.count(f"coverage.{key}", number)

    def _faulty(self, key: str, number: int) -> str:
        return self._count(f"{key}_feeds", number) if number else self.tongue.say(f"coverage.none_{key}")


def coverage_rows(digest: Digest, tongue: Tongue) -> tuple[Row, ...]:
    """Say what a digest looked at; a row with nothing to say is left out."""
    seen, footer = digest.coverage, _Footer(tongue, digest.subscription.zone)
    waiting = [tongue.count("coverage.waiting_entries", seen.unclassified)] if seen.unclassified else []
    gaps = [tongue.say("coverage.gap", feed=footer.name(feed)) for feed in seen.gaps]
    models = [footer.name(scorer) for scorer in seen.scorers] or [tongue.say("coverage.no_model")]
    rows = (
        footer.row("window", footer.window(seen, digest.merged)),
        footer.row("feeds", [footer.feeds(seen), *footer.longest(seen)]),
        footer.row("failed", [footer.fault(fault) for fault in seen.failed]),
        footer.row("silent", [footer.silence(silence) for silence in seen.silent]),
        footer.row("gaps", gaps),
        footer.row("entries", [footer.entries(seen, digest)]),
        footer.row("waiting", waiting),
        footer.row("model", models),
        footer.row("lines", [footer.lines(label, own) for label, own in digest.subscription.lines.items()]),
    )
    return tuple(row for row in rows if row.items)

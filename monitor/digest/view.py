"""What a digest shows, as words: made once, laid out by each form. Every text in it is clean, short and not escaped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from monitor.digest import fold_words
from monitor.digest.block_view import BlockView, block_views
from monitor.digest.coverage import Row, coverage_rows
from monitor.digest.groups import NOWHERE, SEVERAL, grouped
from monitor.digest.names import country, flag
from monitor.digest.story_view import StoryView, story_view
from monitor.digest.words import NAME, count, day, duration, long_day, minute, shown
from monitor.domain.digest import Digest, Section, Story

_BRIEF = 20
_NO_PLACE: Mapping[str, str] = MappingProxyType({SEVERAL: "Several countries", NOWHERE: "No country named"})


@dataclass(frozen=True, slots=True)
class GroupView:
    """The stories of one country; ``title`` and ``flag`` are "" where a label has one story only."""

    title: str
    flag: str
    count: int
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """The stories of one label by country; ``count`` stays the whole number where a form has room for some only."""

    label: str
    title: str
    count: int
    groups: tuple[GroupView, ...]

    @property
    def stories(self) -> tuple[StoryView, ...]:
        return tuple(story for group in self.groups for story in group.stories)


@dataclass(frozen=True, slots=True)
class BriefView:
    """Stories that take a line or two each; ``kind`` says why they are no stories of a section."""

    kind: str
    title: str
    count: int
    stories: tuple[StoryView, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class DigestView:
    """One digest. ``notice``, ``late``, ``folded`` and ``beyond_cap`` are sentences, "" where there is nothing to say.

    ``again`` is the command that shows the whole digest.
    """

    title: str
    again: str
    subject: str
    day: str
    zone: str
    summary: str
    notice: str
    late: str
    folded: str
    beyond_cap: str
    sections: tuple[SectionView, ...]
    near: BriefView
    alerted: BriefView
    blocks: tuple[BlockView, ...]
    coverage: tuple[Row, ...]


def look(digest: Digest) -> DigestView:
    """Put a digest into words."""
    subscription, zone = digest.subscription, digest.subscription.zone
    title = shown(subscription.title, NAME) or "Returns Monitor"
    sections = tuple(_section(section, digest) for section in digest.sections if section.stories)
    closed = (day if subscription.schedule.startswith("daily ") else minute)(digest.coverage.until, zone)
    stories = count(digest.stories, "story", "stories")
    counts = tally((section.label, section.count) for section in sections)
    return DigestView(
        title=title,
        again=again(digest),
        subject=f"{title}: {f'{stories} ({counts}{fold_words.more(digest)})' if sections else 'nothing new'}, {closed}",
        day=long_day(digest.coverage.until, zone),
        zone=str(zone),
        summary=f"{stories}{_of_these(digest)}: {counts}" if sections else "Nothing new",
        notice="" if sections else "Nothing new passed a line.",
        late=f"Composed {duration(digest.late)} after its window closed." if digest.late else "",
        folded=fold_words.sentence(digest),
        beyond_cap=_beyond_cap(digest.beyond_cap),
        sections=sections,
        near=_brief("near", "Just below the line", digest.near, digest),
        alerted=_brief("alerted", "Sent as alerts before", digest.alerted, digest),
        blocks=block_views(digest),
        coverage=coverage_rows(digest),
    )


def again(digest: Digest) -> str:
    """The command that shows a digest once it is sent."""
    return f"monitor digest preview {digest.subscription.name} --window {digest.key}"


def tally(counts: Iterable[tuple[str, int]]) -> str:
    """``4 returns, 3 policy``."""
    return ", ".join(f"{number:,} {label}" for label, number in counts)


def _beyond_cap(number: int) -> str:
    if not number:
        return ""
    verbs = "was over the line and comes" if number == 1 else "were over the line and come"
    return f"{count(number, 'more story', 'more stories')} {verbs} first in the next digest."


def _of_these(digest: Digest) -> str:
    """`` (1 update, 1 correction, 2 of the digest of …)``, where there are some."""
    news = [story.news for section in digest.sections for story in section.stories if story.news]
    corrected = sum(one.only_corrected for one in news)
    counts = ((len(news) - corrected, "update"), (corrected, "correction"))
    said = [*(count(number, what) for number, what in counts if number), *fold_words.summary(digest)]
    return f" ({', '.join(said)})" if said else ""


def _section(section: Section, digest: Digest) -> SectionView:
    label = shown(section.label, NAME)
    groups = tuple(
        GroupView(*_place(code), len(stories), tuple(story_view(story, digest) for story in stories))
        for code, stories in grouped(section.stories)
    )
    number = sum(group.count for group in groups)
    if number == 1:
        groups = (replace(groups[0], title="", flag=""),)
    return SectionView(label, shown(section.title, NAME) or label, number, groups)


def _place(code: str) -> tuple[str, str]:
    """The heading of a country's stories, and its flag."""
    if code in _NO_PLACE:
        return _NO_PLACE[code], ""
    return shown(country(code), NAME), flag(code)


def _brief(kind: str, title: str, stories: Sequence[Story], digest: Digest) -> BriefView:
    made = tuple(story_view(story, digest) for story in stories[:_BRIEF])
    left = len(stories) - len(made)
    return BriefView(kind, title, len(stories), made, f"and {left:,} more" if left else "")

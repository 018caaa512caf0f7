"""What a digest shows, as words: made once, laid out by each form. Every text in it is clean, short and not escaped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from monitor.digest import fold_words
from monitor.digest.block_view import BlockView, block_views
from monitor.digest.coverage import Row, coverage_rows
from monitor.digest.groups import NOWHERE, SEVERAL, grouped
from monitor.digest.names import flag
from monitor.digest.story_view import StoryView, story_view
from monitor.digest.words import NAME, neat, sentence, shown
from monitor.domain.digest import Digest, Section, Story
from monitor.tongue.tongue import Tongue, of

_BRIEF = 20
_NO_PLACE: Mapping[str, str] = MappingProxyType({SEVERAL: "digest.several", NOWHERE: "digest.nowhere"})


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

    ``tongue`` is the language that all of it is said in, and ``again`` the command that shows the whole digest.
    """

    tongue: Tongue
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

    @property
    def about(self) -> tuple[str, str, str]:
        """The day, the summary, and the zone of the times, each by itself."""
        return self.day, self.summary, self.tongue.say("digest.zone", zone=self.tongue.apart(self.zone))


def look(digest: Digest) -> DigestView:
    """Put a digest into words, in the language of its subscription's headings."""
    subscription, tongue = digest.subscription, of(digest.subscription.headings)
    words = _Words(digest, tongue)
    title, named = words.titles()
    sections = tuple(words.section(section) for section in digest.sections if section.stories)
    closed = (tongue.day if subscription.schedule.startswith("daily ") else tongue.minute)(
        digest.coverage.until, subscription.zone
    )
    counts = tally(((section.label, section.count) for section in sections), tongue)
    stories = tongue.count("digest.stories", digest.stories)
    inside = fold_words.tallied(digest, counts, tongue)
    told = tongue.say("form.in_brackets", text=stories, inside=inside) if sections else tongue.say("digest.nothing_new")
    return DigestView(
        tongue=tongue,
        title=title,
        again=again(digest),
        subject=tongue.say("digest.subject", title=named, what=told, when=closed),
        day=tongue.long_day(digest.coverage.until, subscription.zone),
        zone=str(subscription.zone),
        summary=words.summary(stories, counts) if sections else tongue.say("digest.nothing_new_line"),
        notice="" if sections else tongue.say("digest.nothing_passed"),
        late=tongue.say("digest.late", span=tongue.duration(digest.late)) if digest.late else "",
        folded=fold_words.told(digest, tongue),
        beyond_cap=tongue.count("digest.beyond_cap", digest.beyond_cap) if digest.beyond_cap else "",
        sections=sections,
        near=words.brief("near", digest.near),
        alerted=words.brief("alerted", digest.alerted),
        blocks=block_views(digest, tongue),
        coverage=coverage_rows(digest, tongue),
    )


def again(digest: Digest) -> str:
    """The command that shows a digest once it is sent."""
    return f"monitor digest preview {digest.subscription.name} --window {digest.key}"


def tally(counts: Iterable[tuple[str, int]], tongue: Tongue) -> str:
    """``4 returns, 3 policy``."""
    return tongue.listed(tongue.count("digest.tally", number, label=label) for label, number in counts)


@dataclass(frozen=True, slots=True)
class _Words:
    """How the parts of a digest are said."""

    digest: Digest
    tongue: Tongue

    def titles(self) -> tuple[str, str]:
        """What heads a digest, and the same inside of a sentence; of an alert it says that it is one."""
        given = self.digest.subscription.title
        if self.digest.alert:
            said = sentence(self.tongue.say("alert.title", title=self.tongue.apart(neat(given))), NAME)
            return said, said
        title = shown(given, NAME) or "Returns Monitor"
        return title, self.tongue.apart(title)

    def summary(self, stories: str, counts: str) -> str:
        """``7 stories (1 update, 1 correction): 5 returns, 2 policy``."""
        news = [story.news for section in self.digest.sections for story in section.stories if story.news]
        corrected = sum(one.only_corrected for one in news)
        again = {"updates": len(news) - corrected, "corrections": corrected}
        said = [self.tongue.count(f"digest.{name}", number) for name, number in again.items() if number]
        inside = self.tongue.listed([*said, *fold_words.summary(self.digest, self.tongue)])
        told = self.tongue.say("form.in_brackets", text=stories, inside=inside) if inside else stories
        return self.tongue.say("digest.summary", stories=told, tally=counts)

    def section(self, section: Section) -> SectionView:
        label = self.tongue.apart(shown(self.tongue.label(section.label), NAME))
        groups = tuple(
            GroupView(*self.place(code), len(stories), tuple(self.story(story) for story in stories))
            for code, stories in grouped(section.stories)
        )
        number = sum(group.count for group in groups)
        if number == 1:
            groups = (replace(groups[0], title="", flag=""),)
        title = shown(self.tongue.heading(section.label, section.title), NAME)
        return SectionView(label, title or label, number, groups)

    def place(self, code: str) -> tuple[str, str]:
        """The heading of a country's stories, and its flag."""
        if code in _NO_PLACE:
            return self.tongue.say(_NO_PLACE[code]), ""
        return shown(self.tongue.country(code), NAME), flag(code)

    def brief(self, kind: str, stories: Sequence[Story]) -> BriefView:
        made = tuple(self.story(story) for story in stories[:_BRIEF])
        left = len(stories) - len(made)
        more = self.tongue.count("digest.more", left) if left else ""
        return BriefView(kind, self.tongue.say(f"digest.{kind}"), len(stories), made, more)

    def story(self, story: Story) -> StoryView:
        return story_view(story, self.digest, self.tongue)

"""The text form: for terminals, and the plain part of a mail. It holds everything that a digest says."""

import textwrap
from collections.abc import Iterable

from monitor.digest.block_view import BlockView, RowView
from monitor.digest.fitting import first, fit, left_out, stories
from monitor.digest.story_view import StoryView
from monitor.digest.view import BriefView, DigestView, SectionView
from monitor.tongue.direction import OPEN, balanced
from monitor.tongue.tongue import Tongue

WIDTH = 78
REST = 1_000_000
"""The most that a file beside a mail's page may have: servers take mails of ten times that."""
_INDENT = "  "
_ROW = 10
_DAY = 13


def plain(view: DigestView) -> str:
    """Lay a digest out in lines of at most `WIDTH` characters, but for links and words that are longer."""
    day, summary, zone = view.about
    head = [*_wrap(view.title.upper()), *_wrap(f"{day} · {zone}"), *_wrap(summary)]
    parts = ["\n".join([*head, *_wrap(view.late), *_wrap(view.folded), "=" * WIDTH])]
    parts.extend(part for section in view.sections for part in _section(section, view.tongue))
    parts.extend("\n".join(_wrap(sentence)) for sentence in (view.notice, view.beyond_cap) if sentence)
    parts.extend(_below(view))
    parts.append("\n".join(_footer(view)))
    return "\n\n".join(parts) + "\n"


def rest(view: DigestView) -> str:
    """Lay out what a page has no room for, as left by `fitting.after`: a file of at most `REST` bytes of UTF-8.

    It is cut by whole stories, and says how many it lacks. Of a digest that lacks nothing it is not asked.
    """
    return fit(stories(view), REST, lambda kept: _rest(view, kept))[1]


def _rest(view: DigestView, kept: int) -> str:
    day, _, zone = view.about
    tongue, (number, counts) = view.tongue, left_out(view, 0)
    head = [*_wrap(view.title.upper()), *_wrap(f"{day} · {zone}"), *_wrap(tongue.say("digest.rest"))]
    if number:
        counted = tongue.count("digest.stories", number)
        head += _wrap(tongue.say("digest.summary", stories=counted, tally=counts))
    parts = ["\n".join([*head, "=" * WIDTH])]
    parts.extend(part for section in first(view, kept).sections for part in _section(section, tongue))
    number, counts = left_out(view, kept)
    if number:
        parts.append("\n".join(_wrap(tongue.count("digest.rest_missing", number, tally=counts))))
    parts.extend(_below(view))
    return "\n\n".join(parts) + "\n"


def _below(view: DigestView) -> Iterable[str]:
    """What stands below the stories."""
    for brief in (view.alerted, view.near):
        if brief.count:
            yield "\n".join(_brief(brief, view.tongue))
    for block in view.blocks:
        yield "\n".join(_block(block, view.tongue))


def _section(section: SectionView, tongue: Tongue) -> Iterable[str]:
    yield "\n".join([_headed(section.title, section.count, tongue), "-" * WIDTH])
    for group in section.groups:
        if group.title:
            number = f" ({tongue.number(group.count)})" if group.count > 1 else ""
            yield f"[ {group.title}{number} ]"
        for story in group.stories:
            yield "\n".join(_story(story, tongue))


def _headed(title: str, count: int, tongue: Tongue) -> str:
    return f"{title.upper()} ({tongue.number(count)})"


def _story(story: StoryView, tongue: Tongue) -> list[str]:
    lines = []
    if story.update:
        head = tongue.listed((story.head.upper(), story.update.since))
        lines += _wrap(tongue.say("form.headed", head=head, text=" · ".join(story.update.lines)))
    elif story.head:
        lines.append(story.head.upper())
    lines += _wrap(story.title)
    if story.url:
        lines.append(_INDENT + story.url)
    lines += _wrap(story.about, _INDENT)
    if story.further:
        lines += _wrap(str(story.further), _INDENT)
    if story.told:
        lines += _wrap(" · ".join(story.told), _INDENT)
    lines += _wrap(story.carried_line, _INDENT)
    lines += _wrap(story.excerpt, _INDENT)
    lines += _wrap(" · ".join(str(mark) for mark in story.marks), _INDENT)
    if story.reasons:
        lines += _wrap(f"{tongue.say('story.why_line')} {tongue.listed(map(str, story.reasons))}", _INDENT)
    return lines


def _brief(brief: BriefView, tongue: Tongue) -> Iterable[str]:
    yield _headed(brief.title, brief.count, tongue)
    yield "-" * WIDTH
    for story in brief.stories:
        yield from _wrap(_titled(story, tongue))
        if story.url:
            yield _INDENT + story.url
        yield from _wrap(story.brief, _INDENT)
        if brief.kind == "near":
            yield from _wrap(story.judged, _INDENT)
    yield from _wrap(brief.more)


def _titled(story: StoryView, tongue: Tongue) -> str:
    return tongue.say("form.headed", head=story.head, text=tongue.apart(story.title)) if story.head else story.title


def _block(block: BlockView, tongue: Tongue) -> Iterable[str]:
    yield _headed(block.title, block.count, tongue)
    yield "-" * WIDTH
    yield from _wrap(block.empty)
    width = max([_DAY, *(len(row.day) + 2 for row in block.rows)])
    for row in block.rows:
        yield from _row(row, width, tongue)
    yield from _wrap(block.more)
    if block.reference:
        yield ""
        yield tongue.say("blocks.reference")
    for row in block.reference:
        yield from _row(row, width, tongue)
    yield from _wrap(block.more_reference)


def _row(row: RowView, width: int, tongue: Tongue) -> Iterable[str]:
    inner = " " * width
    for number, fact in enumerate(row.facts):
        yield from _wrap(str(fact), inner if number else f"{row.day:<{width}}", inner)
        yield from _wrap(fact.against, inner + _INDENT)
    title = tongue.apart(row.title) if row.who else row.title
    yield from _wrap(" – ".join(part for part in (title, row.who) if part), inner)
    if row.url:
        yield inner + row.url


def _footer(view: DigestView) -> Iterable[str]:
    yield "=" * WIDTH
    yield view.tongue.say("digest.looked_at").upper()
    for row in view.coverage:
        for number, item in enumerate(row.lines):
            head = f"{f'{row.title} ' if number == 0 else '':<{_ROW}}"
            yield from _wrap(item, head, " " * _ROW)


def _wrap(text: str, indent: str = "", further: str | None = None) -> list[str]:
    further = indent if further is None else further
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return list(_apart(lines, further))


def _apart(lines: Iterable[str], indent: str) -> Iterable[str]:
    """Set what goes on in the next line apart there again: the end of a line ends it (UAX #9, paragraph separators)."""
    held = ""
    for line in lines:
        whole = f"{indent}{held}{line.removeprefix(indent)}" if held else line
        closed = balanced(whole)
        held = OPEN * (len(closed) - len(whole))
        yield closed

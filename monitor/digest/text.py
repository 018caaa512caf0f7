"""The text form: for terminals, and the plain part of a mail. It holds everything that a digest says."""

import textwrap
from collections.abc import Iterable

from monitor.digest.block_view import BlockView, RowView
from monitor.digest.story_view import StoryView
from monitor.digest.view import BriefView, DigestView, SectionView

WIDTH = 78
_INDENT = "  "
_ROW = 10
_DAY = 13


def plain(view: DigestView) -> str:
    """Lay a digest out in lines of at most `WIDTH` characters, but for links and words that are longer."""
    head = [*_wrap(view.title.upper()), *_wrap(f"{view.day} · times in {view.zone}"), *_wrap(view.summary)]
    parts = ["\n".join([*head, *_wrap(view.late), *_wrap(view.folded), "=" * WIDTH])]
    parts.extend(part for section in view.sections for part in _section(section))
    parts.extend(sentence for sentence in (view.notice, view.beyond_cap) if sentence)
    parts.extend("\n".join(_brief(brief)) for brief in (view.alerted, view.near) if brief.count)
    parts.extend("\n".join(_block(block)) for block in view.blocks)
    parts.append("\n".join(_footer(view)))
    return "\n\n".join(parts) + "\n"


def _section(section: SectionView) -> Iterable[str]:
    yield "\n".join([f"{section.title.upper()} ({section.count:,})", "-" * WIDTH])
    for group in section.groups:
        if group.title:
            yield f"[ {group.title}{f' ({group.count:,})' if group.count > 1 else ''} ]"
        for story in group.stories:
            yield "\n".join(_story(story))


def _story(story: StoryView) -> list[str]:
    lines = []
    if story.update:
        lines += _wrap(f"{story.head.upper()}, {story.update.since}: {' · '.join(story.update.lines)}")
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
        lines += _wrap(f"Why: {', '.join(str(reason) for reason in story.reasons)}", _INDENT)
    return lines


def _brief(brief: BriefView) -> Iterable[str]:
    yield f"{brief.title.upper()} ({brief.count:,})"
    yield "-" * WIDTH
    for story in brief.stories:
        yield from _wrap(f"{f'{story.head}: ' if story.head else ''}{story.title}")
        if story.url:
            yield _INDENT + story.url
        yield from _wrap(story.brief, _INDENT)
        if brief.kind == "near":
            yield from _wrap(story.judged, _INDENT)
    yield from _wrap(brief.more)


def _block(block: BlockView) -> Iterable[str]:
    yield f"{block.title.upper()} ({block.count:,})"
    yield "-" * WIDTH
    yield from _wrap(block.empty)
    for row in block.rows:
        yield from _row(row)
    yield from _wrap(block.more)
    if block.reference:
        yield ""
        yield "Reference counts"
    for row in block.reference:
        yield from _row(row)
    yield from _wrap(block.more_reference)


def _row(row: RowView) -> Iterable[str]:
    inner = " " * _DAY
    for number, fact in enumerate(row.facts):
        yield from _wrap(str(fact), inner if number else f"{row.day:<{_DAY}}", inner)
        yield from _wrap(fact.against, inner + _INDENT)
    yield from _wrap(" – ".join(part for part in (row.title, row.who) if part), inner)
    if row.url:
        yield inner + row.url


def _footer(view: DigestView) -> Iterable[str]:
    yield "=" * WIDTH
    yield "WHAT WAS LOOKED AT"
    for row in view.coverage:
        for number, item in enumerate(row.lines):
            head = f"{row.title if number == 0 else '':<{_ROW}}"
            yield from _wrap(item, head, " " * _ROW)


def _wrap(text: str, indent: str = "", further: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )

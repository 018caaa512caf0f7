"""The Markdown form (CommonMark): for files, wikis and whatever reads it. It holds everything that a digest says."""

import re
from collections.abc import Iterable

from monitor.digest.block_view import BlockView, RowView
from monitor.digest.story_view import StoryView
from monitor.digest.view import BriefView, DigestView, SectionView

# What can be markup anywhere, an entity too; and what is a list or a rule only where a text begins, as ours may begin
# an item.
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")
_FIRST = re.compile(r"^(\d*)([-+=.)])")
_IN_LINK = str.maketrans({"<": "%3C", ">": "%3E", "\\": "%5C", " ": "%20", "\n": "%0A"})


def escape(text: str) -> str:
    """Escape a text so that it is shown as it is."""
    return _FIRST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def markdown(view: DigestView) -> str:
    """Lay a digest out in Markdown, whole."""
    about = f"{escape(view.day)} · {escape(view.summary)} · times in {escape(view.zone)}"
    parts = [f"# {escape(view.title)}", about, *(f"*{escape(said)}*" for said in (view.late, view.folded) if said)]
    for section in view.sections:
        parts += _section(section)
    parts += [escape(sentence) for sentence in (view.notice, view.beyond_cap) if sentence]
    for brief in (view.alerted, view.near):
        parts += _brief(brief)
    for block in view.blocks:
        parts += _block(block)
    parts += ["## What was looked at", "\n".join(_coverage(view))]
    return "\n\n".join(parts) + "\n"


def _coverage(view: DigestView) -> Iterable[str]:
    for row in view.coverage:
        yield f"- **{escape(row.title)}** {'; '.join(escape(item) for item in row.lines)}"


def _section(section: SectionView) -> Iterable[str]:
    yield f"## {escape(section.title)} · {section.count:,}"
    for group in section.groups:
        if group.title:
            number = f" · {group.count:,}" if group.count > 1 else ""
            yield f"### {f'{group.flag} {escape(group.title)}'.strip()}{number}"
        for story in group.stories:
            yield f"#### {_linked(story.title, story.url)}"
            yield "\n".join(f"- {line}" for line in _lines(story))
            if story.excerpt:
                yield f"> {escape(story.excerpt)}"


def _lines(story: StoryView) -> Iterable[str]:
    if story.update:
        yield f"**{escape(story.head)}**, {escape(story.update.since)}: {escape(' · '.join(story.update.lines))}"
    elif story.head:
        yield f"**{escape(story.head)}**"
    yield escape(story.about)
    if story.further:
        yield escape(str(story.further))
    if story.told:
        yield escape(" · ".join(story.told))
    if story.carried:
        yield escape(story.carried_line)
    yield escape(" · ".join(str(mark) for mark in story.marks))
    if story.reasons:
        yield f"Why: {escape(', '.join(str(reason) for reason in story.reasons))}"


def _brief(brief: BriefView) -> Iterable[str]:
    if not brief.count:
        return
    yield f"## {escape(brief.title)} · {brief.count:,}"
    rows = [_brief_row(story, brief.kind) for story in brief.stories]
    yield "\n".join([*rows, *((f"- {escape(brief.more)}",) if brief.more else ())])


def _brief_row(story: StoryView, kind: str) -> str:
    head = f"**{escape(story.head)}** " if story.head else ""
    about = " · ".join(filter(None, (story.brief, story.judged if kind == "near" else "")))
    return f"- {head}{_linked(story.title, story.url)} – {escape(about)}"


def _block(block: BlockView) -> Iterable[str]:
    yield f"## {escape(block.title)} · {block.count:,}"
    rows = [*map(_row, block.rows), *(f"- {escape(said)}" for said in (block.empty, block.more) if said)]
    if rows:
        yield "\n".join(rows)
    if block.reference:
        yield "### Reference counts"
        more = [f"- {escape(block.more_reference)}"] if block.more_reference else []
        yield "\n".join([*map(_row, block.reference), *more])


def _row(row: RowView) -> str:
    facts = [
        " · ".join(filter(None, (f"**{escape(f'{fact.flag} {fact}'.strip())}**", escape(fact.against))))
        for fact in row.facts
    ]
    told = " – ".join(part for part in (_linked(row.title, row.url), escape(row.who)) if part)
    return f"- {' · '.join((row.day, *facts, told))}"


def _linked(words: str, link: str | None) -> str:
    return f"[{escape(words)}](<{link.translate(_IN_LINK)}>)" if link else escape(words)

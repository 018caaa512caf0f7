"""The Markdown form (CommonMark): for files, wikis and whatever reads it. It holds everything that a digest says."""

import re
from collections.abc import Iterable

from monitor.digest.block_view import BlockView, RowView
from monitor.digest.story_view import StoryView
from monitor.digest.view import BriefView, DigestView, SectionView
from monitor.tongue.tongue import Tongue

# What can be markup anywhere, an entity too; and what is a list or a rule only where a text begins, as ours may begin
# an item.
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")
_NUMBERED = re.compile(r"^(\d+)([.)])")  # "22. Nov." would begin a list
_FIRST = re.compile(r"^(\d*)([-+=.)])")
_IN_LINK = str.maketrans({"<": "%3C", ">": "%3E", "\\": "%5C", " ": "%20", "\n": "%0A"})


def escape(text: str) -> str:
    """Escape a text so that it is shown as it is."""
    return _FIRST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def markdown(view: DigestView) -> str:
    """Lay a digest out in Markdown, whole."""
    tongue, about = view.tongue, " · ".join(map(escape, view.about))
    parts = [f"# {escape(view.title)}", about, *(f"*{escape(said)}*" for said in (view.late, view.folded) if said)]
    for section in view.sections:
        parts += _section(section, tongue)
    parts += [escape(sentence) for sentence in (view.notice, view.beyond_cap) if sentence]
    for brief in (view.alerted, view.near):
        parts += _brief(brief, tongue)
    for block in view.blocks:
        parts += _block(block, tongue)
    parts += [f"## {tongue.say('digest.looked_at')}", "\n".join(_coverage(view))]
    return "\n\n".join(parts) + "\n"


def _coverage(view: DigestView) -> Iterable[str]:
    for row in view.coverage:
        yield f"- **{escape(row.title)}** {view.tongue.listed(map(escape, row.lines), 'semicolon')}"


def _section(section: SectionView, tongue: Tongue) -> Iterable[str]:
    yield f"## {escape(section.title)} · {tongue.number(section.count)}"
    for group in section.groups:
        if group.title:
            number = f" · {tongue.number(group.count)}" if group.count > 1 else ""
            yield f"### {f'{group.flag} {escape(group.title)}'.strip()}{number}"
        for story in group.stories:
            yield f"#### {_linked(story.title, story.url)}"
            yield "\n".join(f"- {line}" for line in _lines(story, tongue))
            if story.excerpt:
                yield f"> {escape(story.excerpt)}"


def _lines(story: StoryView, tongue: Tongue) -> Iterable[str]:
    if story.update:
        head = tongue.listed((f"**{escape(story.head)}**", escape(story.update.since)))
        yield tongue.say("form.headed", head=head, text=escape(" · ".join(story.update.lines)))
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
        yield f"{tongue.say('story.why_line')} {escape(tongue.listed(map(str, story.reasons)))}"


def _brief(brief: BriefView, tongue: Tongue) -> Iterable[str]:
    if not brief.count:
        return
    yield f"## {escape(brief.title)} · {tongue.number(brief.count)}"
    rows = [_brief_row(story, brief.kind, tongue) for story in brief.stories]
    yield "\n".join([*rows, *((f"- {escape(brief.more)}",) if brief.more else ())])


def _brief_row(story: StoryView, kind: str, tongue: Tongue) -> str:
    head = f"**{escape(story.head)}** " if story.head else ""
    about = " · ".join(filter(None, (story.brief, story.judged if kind == "near" else "")))
    return f"- {head}{_linked(tongue.apart(story.title), story.url)} – {escape(about)}"


def _block(block: BlockView, tongue: Tongue) -> Iterable[str]:
    yield f"## {escape(block.title)} · {tongue.number(block.count)}"
    rows = [
        *(_row(row, tongue) for row in block.rows),
        *(f"- {escape(said)}" for said in (block.empty, block.more) if said),
    ]
    if rows:
        yield "\n".join(rows)
    if block.reference:
        yield f"### {tongue.say('blocks.reference')}"
        more = [f"- {escape(block.more_reference)}"] if block.more_reference else []
        yield "\n".join([*(_row(row, tongue) for row in block.reference), *more])


def _row(row: RowView, tongue: Tongue) -> str:
    facts = [
        " · ".join(filter(None, (f"**{escape(f'{fact.flag} {fact}'.strip())}**", escape(fact.against))))
        for fact in row.facts
    ]
    told = " – ".join(part for part in (_linked(tongue.apart(row.title), row.url), escape(row.who)) if part)
    day = _NUMBERED.sub(r"\1\\\2", row.day)
    return f"- {' · '.join((day, *facts, told))}"


def _linked(words: str, link: str | None) -> str:
    return f"[{escape(words)}](<{link.translate(_IN_LINK)}>)" if link else escape(words)

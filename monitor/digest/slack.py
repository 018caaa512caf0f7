"""Slack's form: Block Kit messages within Slack's limits, split on the borders of stories."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.digest.block_view import BlockView, RowView
from monitor.digest.coverage import Row
from monitor.digest.story_view import Names, StoryView
from monitor.digest.view import BriefView, DigestView, GroupView, SectionView
from monitor.digest.words import cut

Block = Mapping[str, Any]

# https://docs.slack.dev/reference/block-kit/blocks, all in UTF-16 units as Slack counts them.
BLOCKS = 50
TEXT = 3_000
HEADER = 150
# Not in Slack's reference: a message whose texts come to some 11,000 to 13,000 characters is refused with
# msg_blocks_too_long (slackapi/bolt-js issues 2509 and 2867).
MESSAGE = 9_000
_FRAME = 60  # what one block counts beside its text
_LINK = 1_200
_ROW = 550


def posts(view: DigestView) -> tuple[tuple[Block, ...], ...]:
    """Lay a digest out as one or more messages, each with a header that says which it is."""
    pages = _paginate(_groups(view))
    return tuple(
        (_header(view.title, number, len(pages)), *(block for group in page for block in group))
        for number, page in enumerate(pages, start=1)
    )


def escape(text: str) -> str:
    """Escape the three characters that mean something in Slack's texts, so that ``<!channel>`` calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def units(text: str) -> int:
    """Count a text as Slack does: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _paginate(groups: Iterable[tuple[Block, ...]]) -> list[list[tuple[Block, ...]]]:
    """Fill messages with groups of blocks; a group stays together. A heading moves on with the story after it."""
    pages: list[list[tuple[Block, ...]]] = [[]]
    blocks, size = 1, HEADER + _FRAME
    for group in groups:
        weight = sum(_weight(block) for block in group)
        if pages[-1] and (blocks + len(group) > BLOCKS or size + weight > MESSAGE):
            pages.append([])
            blocks, size = 1, HEADER + _FRAME
        pages[-1].append(group)
        blocks, size = blocks + len(group), size + weight
    return pages


def _weight(block: Block) -> int:
    texts = [*block.get("elements", ()), *([block["text"]] if "text" in block else ())]
    return _FRAME + sum(units(text["text"]) for text in texts)


def _groups(view: DigestView) -> Iterable[tuple[Block, ...]]:
    about = f"{escape(view.day)} · {escape(view.summary)} · times in {escape(view.zone)}"
    yield (_context(" · ".join(part for part in (about, escape(view.late), escape(view.folded)) if part)),)
    for section in view.sections:
        yield from _section(section)
    said = "\n".join(sentence for sentence in (view.notice, view.beyond_cap) if sentence)
    if said:
        yield (_mrkdwn("section", escape(said)),)
    for brief in (view.alerted, view.near):
        yield from _brief(brief)
    for block in view.blocks:
        yield from _block(block)
    yield ({"type": "divider"}, _context("\n".join(_row(row) for row in view.coverage)))


def _section(section: SectionView) -> Iterable[tuple[Block, ...]]:
    """Headings stand in one group with the first story below them, so that they never end a message."""
    above: tuple[Block, ...] = (
        {"type": "divider"},
        _mrkdwn("section", f"*{escape(section.title)}* · {section.count:,}"),
    )
    for group in section.groups:
        above += (_context(_country(group)),) if group.title else ()
        for story in group.stories:
            yield (*above, _mrkdwn("section", _headline(story)), _context(_about(story)))
            above = ()


def _country(group: GroupView) -> str:
    number = f" · {group.count:,}" if group.count > 1 else ""
    return f"{group.flag} *{escape(group.title)}*{number}".strip()


def _brief(brief: BriefView) -> Iterable[tuple[Block, ...]]:
    """Stories of a line or two, by the handful."""
    if not brief.count:
        return
    heading = _mrkdwn("section", f"*{escape(brief.title)}* · {brief.count:,}")
    rows = [_brief_row(story, brief.kind) for story in brief.stories]
    for number, text in enumerate(_handfuls([*rows, *filter(None, (escape(brief.more),))])):
        yield ({"type": "divider"}, heading, _context(text)) if number == 0 else (_context(text),)


def _brief_row(story: StoryView, kind: str) -> str:
    linked = _linked(story.title, story.url)
    head = f"*{story.head}* " if story.head else ""
    about = " · ".join(filter(None, (story.brief, story.judged if kind == "near" else "")))
    return _within(f"• {head}{linked} – {escape(about)}", f"• {linked}")


def _block(block: BlockView) -> Iterable[tuple[Block, ...]]:
    """Rows by the handful, since a message has room for so many blocks; the heading stands with the first of them."""
    heading = _mrkdwn("section", f"*{escape(block.title)}* · {block.count:,}")
    rows = [*(_block_row(row) for row in block.rows), *map(escape, filter(None, (block.empty, block.more)))]
    if block.reference:
        rows += ["_Reference counts_", *(_block_row(row) for row in block.reference)]
        rows += [escape(block.more_reference)] if block.more_reference else []
    for number, text in enumerate(_handfuls(rows)):
        yield ({"type": "divider"}, heading, _context(text)) if number == 0 else (_context(text),)


def _handfuls(rows: Sequence[str]) -> Iterable[str]:
    held: list[str] = []
    for row in rows:
        if held and units("\n".join((*held, row))) > TEXT:
            yield "\n".join(held)
            held = []
        held.append(row)
    if held:
        yield "\n".join(held)


def _block_row(row: RowView) -> str:
    told = " – ".join(part for part in (_linked(row.title, row.url), escape(row.who)) if part)
    facts = [" · ".join(filter(None, (f"*{escape(str(fact))}*", escape(fact.against)))) for fact in row.facts]
    return _within(" · ".join((row.day, *facts, told)), f"{row.day} · {_linked(row.title, row.url)}")


def _linked(words: str, link: str | None) -> str:
    title, url = escape(words), escape(link or "").replace("|", "%7C")
    # A link that is all ampersands grows fivefold; the other forms still have it.
    return f"<{url}|{title}>" if url and units(url) <= _LINK else title


def _headline(story: StoryView) -> str:
    linked = _linked(story.title, story.url)
    mark = f"_{escape(story.carried_line)}_" if story.carried else ""
    parts = (_update(story), f"*{linked}*", mark, escape(story.excerpt))
    return _within("\n".join(part for part in parts if part), f"*{linked}*")


def _update(story: StoryView) -> str:
    if story.update is None:
        return f"*{story.head}*" if story.head else ""
    new = [_join([escape(fact) for fact in story.update.facts], _ROW, " · ")] if story.update.facts else []
    new += [_names(story.update.sources)] if story.update.sources else []
    return f"*{story.head}*, {escape(story.update.since)}: {' · '.join(new)}"


def _names(sources: Names) -> str:
    shown = [escape(name) for name in sources.shown]
    return sources.head + _join(shown, _ROW, ", ", sources.count - len(shown))


def _about(story: StoryView) -> str:
    lines = [escape(story.about)]
    if story.further:
        lines.append(_names(story.further))
    if story.told:
        lines.append(_join([escape(told) for told in story.told], _ROW, " · "))
    lines.append(_join([escape(str(mark)) for mark in story.marks], _ROW, " · "))
    if story.reasons:
        lines.append("Why: " + _join([escape(str(reason)) for reason in story.reasons], _ROW, ", "))
    return _within("\n".join(part for part in lines if part), lines[0])


def _row(row: Row) -> str:
    return f"*{escape(row.title)}* {_join([escape(item) for item in row.items], _ROW, unnamed=row.more)}"


def _join(items: Sequence[str], limit: int, between: str = "; ", unnamed: int = 0) -> str:
    """Join whole items up to ``limit`` units, and count what is left out, or was left out before."""
    for kept in range(len(items), 0, -1):
        text = between.join(items[:kept])
        left = unnamed + len(items) - kept
        if units(text) <= limit:
            return f"{text} and {left:,} more" if left else text
    return f"{len(items) + unnamed:,}"


def _within(text: str, shorter: str) -> str:
    return text if units(text) <= TEXT else shorter


def _header(title: str, number: int, total: int) -> Block:
    """Slack's reference is silent on whether plain_text decodes ``&lt;``; look-alike brackets are right either way."""
    mark = f" {number}/{total}" if total > 1 else ""
    text = cut(title, HEADER // 2 - 10).replace("<", "‹").replace(">", "›") + mark
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _mrkdwn(kind: str, text: str) -> Block:
    return {"type": kind, "text": _text(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_text(text)]}


def _text(text: str) -> Block:
    """``verbatim`` keeps Slack from making links and mentions of what merely looks like one (``@here``)."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}

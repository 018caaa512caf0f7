"""Slack's form: Block Kit messages within Slack's limits, split on the borders of stories."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.digest.block_view import BlockView, RowView
from monitor.digest.coverage import Row
from monitor.digest.story_view import Names, StoryView
from monitor.digest.view import BriefView, DigestView, GroupView, SectionView
from monitor.digest.words import cut
from monitor.tongue.direction import balanced
from monitor.tongue.tongue import Tongue

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
    tongue = view.tongue
    yield (_context(" · ".join(escape(part) for part in (*view.about, view.late, view.folded) if part)),)
    for section in view.sections:
        yield from _section(section, tongue)
    said = "\n".join(sentence for sentence in (view.notice, view.beyond_cap) if sentence)
    if said:
        yield (_mrkdwn("section", escape(said)),)
    for brief in (view.alerted, view.near):
        yield from _brief(brief, tongue)
    for block in view.blocks:
        yield from _block(block, tongue)
    yield ({"type": "divider"}, _context("\n".join(_row(row, tongue) for row in view.coverage)))


def _section(section: SectionView, tongue: Tongue) -> Iterable[tuple[Block, ...]]:
    """Headings stand in one group with the first story below them, so that they never end a message."""
    above: tuple[Block, ...] = (
        {"type": "divider"},
        _heading(section.title, section.count, tongue),
    )
    for group in section.groups:
        above += (_context(_country(group, tongue)),) if group.title else ()
        for story in group.stories:
            yield (*above, _mrkdwn("section", _headline(story, tongue)), _context(_about(story, tongue)))
            above = ()


def _heading(title: str, count: int, tongue: Tongue) -> Block:
    return _mrkdwn("section", f"*{escape(title)}* · {tongue.number(count)}")


def _country(group: GroupView, tongue: Tongue) -> str:
    number = f" · {tongue.number(group.count)}" if group.count > 1 else ""
    return f"{group.flag} *{escape(group.title)}*{number}".strip()


def _brief(brief: BriefView, tongue: Tongue) -> Iterable[tuple[Block, ...]]:
    """Stories of a line or two, by the handful."""
    if not brief.count:
        return
    heading = _heading(brief.title, brief.count, tongue)
    rows = [_brief_row(story, brief.kind, tongue) for story in brief.stories]
    for number, text in enumerate(_handfuls([*rows, *filter(None, (escape(brief.more),))])):
        yield ({"type": "divider"}, heading, _context(text)) if number == 0 else (_context(text),)


def _brief_row(story: StoryView, kind: str, tongue: Tongue) -> str:
    linked = _linked(tongue.apart(story.title), story.url)
    head = f"*{story.head}* " if story.head else ""
    about = " · ".join(filter(None, (story.brief, story.judged if kind == "near" else "")))
    return _within(f"• {head}{linked} – {escape(about)}", f"• {linked}")


def _block(block: BlockView, tongue: Tongue) -> Iterable[tuple[Block, ...]]:
    """Rows by the handful, since a message has room for so many blocks; the heading stands with the first of them."""
    heading = _heading(block.title, block.count, tongue)
    rows = [*(_block_row(row, tongue) for row in block.rows), *map(escape, filter(None, (block.empty, block.more)))]
    if block.reference:
        reference = f"_{tongue.say('blocks.reference')}_"
        rows += [reference, *(_block_row(row, tongue) for row in block.reference)]
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


def _block_row(row: RowView, tongue: Tongue) -> str:
    linked = _linked(tongue.apart(row.title), row.url)
    told = " – ".join(part for part in (linked, escape(row.who)) if part)
    facts = [" · ".join(filter(None, (f"*{escape(str(fact))}*", escape(fact.against)))) for fact in row.facts]
    return _within(" · ".join((row.day, *facts, told)), f"{row.day} · {linked}")


def _linked(words: str, link: str | None) -> str:
    title, url = escape(words), escape(link or "").replace("|", "%7C")
    # A link that is all ampersands grows fivefold; the other forms still have it.
    return f"<{url}|{title}>" if url and units(url) <= _LINK else title


def _headline(story: StoryView, tongue: Tongue) -> str:
    linked = _linked(story.title, story.url)
    mark = f"_{escape(story.carried_line)}_" if story.carried else ""
    parts = (_update(story, tongue), f"*{linked}*", mark, escape(story.excerpt))
    return _within("\n".join(part for part in parts if part), f"*{linked}*")


def _update(story: StoryView, tongue: Tongue) -> str:
    if story.update is None:
        return f"*{story.head}*" if story.head else ""
    new = [_join(story.update.facts, tongue, " · ")] if story.update.facts else []
    new += [_names(story.update.sources, tongue)] if story.update.sources else []
    head = tongue.listed((f"*{story.head}*", escape(story.update.since)))
    return tongue.say("form.headed", head=head, text=" · ".join(new))


def _names(sources: Names, tongue: Tongue) -> str:
    return sources.head + _join(sources.shown, tongue, sources.comma, sources.count - len(sources.shown))


def _about(story: StoryView, tongue: Tongue) -> str:
    lines = [escape(story.about)]
    if story.further:
        lines.append(_names(story.further, tongue))
    if story.told:
        lines.append(_join(story.told, tongue, " · "))
    lines.append(_join(list(map(str, story.marks)), tongue, " · "))
    if story.reasons:
        reasons = _join(list(map(str, story.reasons)), tongue, tongue.say("form.comma"))
        lines.append(f"{tongue.say('story.why_line')} {reasons}")
    return _within("\n".join(part for part in lines if part), lines[0])


def _row(row: Row, tongue: Tongue) -> str:
    return f"*{escape(row.title)}* {_join(row.items, tongue, tongue.say('form.semicolon'), row.more)}"


def _join(items: Sequence[str], tongue: Tongue, between: str, unnamed: int = 0) -> str:
    """Join whole items, escaped, up to `_ROW` units, and count what is left out, or was left out before."""
    escaped = list(map(escape, items))
    for kept in range(len(escaped), 0, -1):
        text = between.join(escaped[:kept])
        left = unnamed + len(escaped) - kept
        if units(text) <= _ROW:
            return f"{text} {tongue.count('digest.more', left)}" if left else text
    return tongue.number(len(escaped) + unnamed)


def _within(text: str, shorter: str) -> str:
    return text if units(text) <= TEXT else shorter


def _header(title: str, number: int, total: int) -> Block:
    """Slack's reference is silent on whether plain_text decodes ``&lt;``; look-alike brackets are right either way."""
    mark = f" {number}/{total}" if total > 1 else ""
    text = balanced(cut(title, HEADER // 2 - 10)).replace("<", "‹").replace(">", "›") + mark
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _mrkdwn(kind: str, text: str) -> Block:
    return {"type": kind, "text": _text(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_text(text)]}


def _text(text: str) -> Block:
    """``verbatim`` keeps Slack from making links and mentions of what merely looks like one (``@here``)."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}

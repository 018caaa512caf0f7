"""The HTML form: tables and inline styles, as mail programs need them."""

from dataclasses import replace
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from monitor.digest.block_view import ROWS, BlockView
from monitor.digest.view import BriefView, DigestView, tally
from monitor.digest.words import sentence
from monitor.tongue.tongue import Tongue

# Gmail clips a message at 102 KB (its "view entire message" link); the rest is room for what a mail program adds.
LIMIT = 100_000
_PREVIEW = 140
_KEPT = (ROWS, 10, 5, 2, 0)  # rows of a block, as many as fit


def page(view: DigestView) -> str:
    """Lay a digest out in at most `LIMIT` bytes of UTF-8, cut by whole stories at its end, with their number said.

    Of what stands below its stories there are as many rows as fit into half of that.
    """
    view = _with_room(view)
    whole = _fill(view)
    if len(whole.encode()) <= LIMIT:
        return whole
    fits, too_many = 0, sum(section.count for section in view.sections)
    best = _fill(_first(view, 0), _missing(view, 0))
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        attempt = _fill(_first(view, middle), _missing(view, middle))
        if len(attempt.encode()) <= LIMIT:
            fits, best = middle, attempt
        else:
            too_many = middle
    return best


def _with_room(view: DigestView) -> DigestView:
    """Cut the rows of what stands below the stories, until they have room beside it."""
    for kept in _KEPT:
        blocks = tuple(_cut_rows(block, kept, view.tongue) for block in view.blocks)
        near, alerted = (_cut_brief(brief, kept, view.tongue) for brief in (view.near, view.alerted))
        cut = replace(view, blocks=blocks, near=near, alerted=alerted)
        if len(_fill(_first(cut, 0)).encode()) <= LIMIT // 2:
            break
    return cut


def _cut_rows(block: BlockView, kept: int, tongue: Tongue) -> BlockView:
    left = len(block.rows[kept:]) + len(block.reference[kept:])
    more = _and_left(block.more, left, tongue)
    return replace(block, rows=block.rows[:kept], reference=block.reference[:kept], more=more)


def _cut_brief(brief: BriefView, kept: int, tongue: Tongue) -> BriefView:
    more = _and_left(brief.more, len(brief.stories[kept:]), tongue)
    return replace(brief, stories=brief.stories[:kept], more=more)


def _and_left(more: str, left: int, tongue: Tongue) -> str:
    said = tongue.count("digest.missing_rows", left) if left else ""
    return " ".join(part for part in (more, said) if part)


def _first(view: DigestView, kept: int) -> DigestView:
    """Keep the first stories only; sections and groups left empty go."""
    sections = []
    for section in view.sections:
        groups = []
        for group in section.groups:
            stories, kept = group.stories[:kept], max(0, kept - len(group.stories))
            if stories:
                groups.append(replace(group, stories=stories))
        if groups:
            sections.append(replace(section, groups=tuple(groups)))
    return replace(view, sections=tuple(sections))


def _missing(view: DigestView, kept: int) -> str:
    counts = []
    for section in view.sections:
        gone, kept = max(0, section.count - kept), max(0, kept - section.count)
        if gone:
            counts.append((section.label, gone))
    number, command = sum(gone for _, gone in counts), view.tongue.apart(view.again)
    return view.tongue.count("digest.missing", number, tally=tally(counts, view.tongue), command=command)


def _fill(view: DigestView, missing: str = "") -> str:
    titles = [view.tongue.apart(story.title) for section in view.sections for story in section.stories[:1]]
    preview = sentence(". ".join([view.summary, *titles]) if titles else view.notice, _PREVIEW)
    return _template().render(view=view, preview=preview, missing=missing, **dress(view.tongue))


def dress(tongue: Tongue) -> dict[str, object]:
    """What a template is told of a language: its words, its quotation marks, and the sides that a line begins and ends
    at. Letters that are joined, as in Arabic, are never spaced out."""
    opening, closing = tongue.say("form.quoted", text="\0").split("\0")
    start, end = ("right", "left") if tongue.rtl else ("left", "right")
    heading = "" if tongue.rtl else "letter-spacing:1.2px;text-transform:uppercase;"
    return {
        "say": tongue.say,
        "number": tongue.number,
        "lang": tongue.code,
        "rtl": tongue.rtl,
        "comma": tongue.say("form.comma"),
        "colon": tongue.say("form.to_be_continued", text=""),
        "opening": opening,
        "closing": closing,
        "start": start,
        "end": end,
        "spaced": heading,
    }


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("digest.html.j2")


def _source(name: str) -> str:
    return (files("monitor.digest") / "templates" / name).read_text("utf-8")

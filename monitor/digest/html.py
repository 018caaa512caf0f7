"""The HTML form: tables and inline styles, as mail programs need them."""

from dataclasses import replace
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from monitor.digest.block_view import ROWS, BlockView
from monitor.digest.fitting import after, first, fit, is_empty, left_out, stories
from monitor.digest.view import BriefView, DigestView
from monitor.digest.words import sentence
from monitor.tongue.tongue import Tongue

# Gmail clips a message at 102 KB (its "view entire message" link); the rest is room for what a mail program adds.
LIMIT = 100_000
_PREVIEW = 140
_KEPT = (ROWS, 10, 5, 2, 0)  # rows of a block, as many as fit


def page(view: DigestView) -> tuple[str, DigestView | None]:
    """Lay a digest out in at most `LIMIT` bytes of UTF-8, cut by whole stories at its end, with their number said.

    Of what stands below its stories there are as many rows as fit into half of that. Returns the page, and what it
    lacks, None where it lacks nothing.
    """
    cut, rows = _with_room(view)
    kept, filled = fit(stories(view), LIMIT, lambda number: _fill(first(cut, number), _missing(view, number)))
    left = after(view, kept, rows)
    return filled, None if is_empty(left) else left


def _with_room(view: DigestView) -> tuple[DigestView, int]:
    """Cut the rows of what stands below the stories, until they have room beside it; returns how many are left."""
    for kept in _KEPT:
        blocks = tuple(_cut_rows(block, kept, view.tongue) for block in view.blocks)
        near, alerted = (_cut_brief(brief, kept, view.tongue) for brief in (view.near, view.alerted))
        cut = replace(view, blocks=blocks, near=near, alerted=alerted)
        if len(_fill(first(cut, 0)).encode()) <= LIMIT // 2:
            break
    return cut, kept


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


def _missing(view: DigestView, kept: int) -> str:
    number, counts = left_out(view, kept)
    return view.tongue.count("digest.missing", number, tally=counts) if number else ""


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

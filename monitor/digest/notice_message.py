"""Notices as a message: one content, three forms, in the dress of a digest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from monitor.digest.html import _source, dress
from monitor.digest.notice_words import Line, Words, count
from monitor.digest.notices import Turn
from monitor.digest.slack import Block, _context, _header, _mrkdwn, _paginate, escape
from monitor.digest.text import WIDTH, _wrap
from monitor.domain.digest import Message
from monitor.domain.notice import SUBSCRIPTION, Finding, Key, NoticeKind
from monitor.tongue.tongue import ENGLISH

TITLE = "Returns Monitor: notices"
ABOUT = 'Each notice is told once, and once more when it is over; "monitor status" lists those that are open.'
NAMED = 40
"""Notices shown one by one in HTML, within a mail program's limit of 102 KB, and in Slack; the text has them all."""
_INDENT = "  "

_HEADINGS = {
    NoticeKind.ALL_FAILING: "Every poll fails",
    NoticeKind.GONE: "Gone",
    NoticeKind.FAILING: "Failing",
    NoticeKind.SILENT: "Silent",
    NoticeKind.SPIKE: "Far more than usual",
}
_OPENED = {
    NoticeKind.ALL_FAILING: "every poll fails",
    NoticeKind.GONE: "{} is gone",
    NoticeKind.FAILING: "{} fails",
    NoticeKind.SILENT: "{} has fallen silent",
    NoticeKind.SPIKE: "{} brings far more than usual",
}
_CLOSED = {
    NoticeKind.ALL_FAILING: "polls go well again",
    NoticeKind.GONE: "{} answers again",
    NoticeKind.FAILING: "{} answers again",
    NoticeKind.SILENT: "{} is no longer silent",
    NoticeKind.SPIKE: "{} is as usual again",
}
_COUNTED = {
    NoticeKind.ALL_FAILING: "every poll fails",
    NoticeKind.GONE: "{:,} gone",
    NoticeKind.FAILING: "{:,} failing",
    NoticeKind.SILENT: "{:,} silent",
    NoticeKind.SPIKE: "{:,} far over their usual",
}


@dataclass(frozen=True, slots=True)
class Part:
    """The notices under one heading; ``count`` stays the whole number where a form has room for some only."""

    title: str
    count: int
    lines: tuple[Line, ...]

    @property
    def number(self) -> str:
        """The count as a heading shows it, "" where it goes without saying."""
        return "" if self.title == _HEADINGS[NoticeKind.ALL_FAILING] else f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class NoticesView:
    """What a message of notices shows, as words."""

    title: str
    subject: str
    day: str
    zone: str
    summary: str
    parts: tuple[Part, ...]

    @property
    def about(self) -> tuple[str, str, str]:
        """The day, the summary, and the zone of the times, each by itself."""
        return self.day, self.summary, f"times in {self.zone}"


def render_notices(turn: Turn, findings: Mapping[Key, Finding], *, key: str, words: Words, now: datetime) -> Message:
    """Render what changed: what opened first, by kind, then what is over."""
    view = _look(turn, findings, words, now)
    return Message(f"{SUBSCRIPTION}/{key}", view.subject, _page(view), _plain(view), _posts(view))


def _look(turn: Turn, findings: Mapping[Key, Finding], words: Words, now: datetime) -> NoticesView:
    parts = []
    for kind, heading in _HEADINGS.items():
        lines = [words.opened(notice, findings[notice.key]) for notice in turn.opened if notice.kind is kind]
        if lines:
            parts.append(Part(heading, len(lines), tuple(lines)))
    if turn.closed:
        parts.append(Part("Back to normal", len(turn.closed), tuple(words.closed(over) for over in turn.closed)))
    summary = _summary(turn)
    return NoticesView(
        title=TITLE,
        subject=f"Returns Monitor: {_single(turn, words) or summary}",
        day=f"{ENGLISH.long_day(now, words.zone)}, {now.astimezone(words.zone):%H:%M}",
        zone=str(words.zone),
        summary=summary,
        parts=tuple(parts),
    )


def _single(turn: Turn, words: Words) -> str:
    """Name what happened, where it is one thing."""
    if turn.news != 1:
        return ""
    if turn.opened:
        (notice,) = turn.opened
        return _OPENED[notice.kind].format(words.name(notice))
    (over,) = turn.closed
    return _CLOSED[over.notice.kind].format(words.name(over.notice))


def _summary(turn: Turn) -> str:
    kinds = [notice.kind for notice in turn.opened]
    said = [_COUNTED[kind].format(kinds.count(kind)) for kind in NoticeKind if kind in kinds]
    return ", ".join([*said, *([f"{len(turn.closed):,} back to normal"] if turn.closed else [])])


def _first(view: NoticesView) -> tuple[Sequence[Part], str]:
    """The first notices, `NAMED` at most, and a sentence about the rest ("" where there is none)."""
    parts, kept = [], NAMED
    for part in view.parts:
        lines, kept = part.lines[:kept], max(0, kept - part.count)
        if lines:
            parts.append(Part(part.title, part.count, lines))
    missing = sum(part.count for part in view.parts) - NAMED
    verb = "has" if missing == 1 else "have"
    more = f"{count(missing, 'more notice', 'more notices')} {verb} no room here; `monitor status` lists what is open."
    return parts, more if missing > 0 else ""


def _page(view: NoticesView) -> str:
    parts, more = _first(view)
    return _template().render(view=view, parts=parts, more=more, about=ABOUT, preview=_preview(view), **dress(ENGLISH))


def _preview(view: NoticesView) -> str:
    lines = [line for part in view.parts for line in part.lines]
    return " ".join(f"{line.name}: {line.what}" for line in lines[:2])


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("notices.html.j2")


def _plain(view: NoticesView) -> str:
    head = [*_wrap(view.title.upper()), *_wrap(f"{view.day} · {view.about[2]}"), *_wrap(view.summary), "=" * WIDTH]
    parts = ["\n".join(head)]
    for part in view.parts:
        heading = f"{part.title.upper()} ({part.number})" if part.number else part.title.upper()
        parts.append(f"{heading}\n{'-' * WIDTH}")
        parts.extend("\n".join(_lines(line)) for line in part.lines)
    parts.append("\n".join(["=" * WIDTH, *_wrap(ABOUT)]))
    return "\n\n".join(parts) + "\n"


def _lines(line: Line) -> Iterable[str]:
    yield from _wrap(_name(line))
    for sentence in (line.what, line.rhythm, line.again, line.advice):
        yield from _wrap(sentence, _INDENT)
    for command in line.commands:
        yield f"{_INDENT}  {command}"


def _name(line: Line) -> str:
    return f"{line.name} · {line.source}" if line.source else line.name


def _posts(view: NoticesView) -> tuple[tuple[Block, ...], ...]:
    pages = _paginate(_groups(view))
    return tuple(
        (_header(view.title, number, len(pages)), *(block for group in page for block in group))
        for number, page in enumerate(pages, start=1)
    )


def _groups(view: NoticesView) -> Iterable[tuple[Block, ...]]:
    parts, more = _first(view)
    yield (_context(" · ".join(map(escape, view.about))),)
    for part in parts:
        heading = _mrkdwn("section", f"*{escape(part.title)}*" + (f" · {part.number}" if part.number else ""))
        for number, line in enumerate(part.lines):
            blocks = _blocks(line)
            yield ({"type": "divider"}, heading, *blocks) if number == 0 else blocks
    last = (_mrkdwn("section", escape(more)),) if more else ()
    yield (*last, {"type": "divider"}, _context(ABOUT))


def _blocks(line: Line) -> tuple[Block, ...]:
    said = " ".join(escape(sentence) for sentence in (line.what, line.rhythm, line.again) if sentence)
    name = f"*{escape(line.name)}*" + (f" · {escape(line.source)}" if line.source else "")
    # A backtick inside of code ends it.
    commands = " · ".join(f"`{escape(command).replace('`', '´')}`" for command in line.commands)
    advice = "\n".join(part for part in (escape(line.advice), commands) if part)
    return (_mrkdwn("section", f"{name}\n{said}"), *((_context(advice),) if advice else ()))

"""Plots as SVG, written by hand: one panel a label, light and dark, nothing fetched from anywhere.

Each is a file of its own or a part of a page, and can be read when it is 480 pixels wide.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from monitor.classify.quality.curves import Bin, Curve

_WIDTH = 480
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_STRIP = 0.24  # of the plot's height, for the counts under it
# Classes instead of variables: what draws SVG outside a browser knows no var(). The paper is painted, since a page may
# be dark where the system of its reader is light.
_LIGHT = {"paper": "#fffdf8", "ink": "#1c1b19", "soft": "#635e56", "rule": "#ddd6c9", "mark": "#8a2b1d"}
_DARK = {"paper": "#1b1a18", "ink": "#eee9df", "soft": "#aba397", "rule": "#3b3833", "mark": "#e58f78"}


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where a label is drawn: the plot's left upper corner and size, the height of what is under it, and of letters."""

    left: float
    top: float
    width: float
    height: float
    strip: float
    letters: int

    def x(self, value: float) -> float:
        return self.left + value * self.width

    def y(self, value: float) -> float:
        return self.top + (1 - value) * self.height

    @property
    def foot(self) -> float:
        return self.top + self.height + self.strip


_Drawing = tuple[str, str, Callable[[_Panel], Iterator[str]]]
"""A panel's title, what is told beside it, and what draws it."""


def precision_recall_svg(curves_by_label: Mapping[str, Curve]) -> str:
    """Draw precision over recall, the share of positives (dashed), and the point that the lines in force choose."""
    drawings = [
        (label, f"average precision {curve.average_precision:.2f}", partial(_curve, curve))
        for label, curve in curves_by_label.items()
    ]
    return _figure("precision over recall", drawings, strip=0.0)


def reliability_svg(bins_by_label: Mapping[str, Sequence[Bin]]) -> str:
    """Draw the share of positives over the mean score of each bin, and under it the number of its items.

    On the diagonal (dashed) a score is a probability; a thin line is how far a bin is from it. Dots grow with their
    number of items.
    """
    drawings = [
        (label, f"{sum(each.count for each in bins):,} items", partial(_bins, bins))
        for label, bins in bins_by_label.items()
    ]
    return _figure("share of positives over mean score", drawings, strip=_STRIP)


def _figure(title: str, drawings: Sequence[_Drawing], *, strip: float) -> str:
    """Lay panels out, one as wide as the figure, or two beside each other."""
    columns = 1 if len(drawings) == 1 else 2
    wide = _WIDTH / columns
    letters = 13 if columns == 1 else 11
    height = wide * (0.62 if columns == 1 else 0.74)
    each = height * (1 + strip) + 6.2 * letters
    parts: list[str] = []
    for at, (label, beside, draw) in enumerate(drawings):
        left, top = at % columns * wide, at // columns * each
        panel = _Panel(left + 3.6 * letters, top + 2.6 * letters, wide - 5 * letters, height, height * strip, letters)
        parts += _heading(panel, label, beside, columns == 1)
        parts += draw(panel)
    tall = -(-len(drawings) // columns) * each
    named = f"{title}: {', '.join(f'{label} ({beside})' for label, beside, _ in drawings)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mp" role="img" width="{_WIDTH}" height="{tall:.0f}" '
        f'viewBox="0 0 {_WIDTH} {tall:.0f}"><title>{escape(named)}</title><style>{_style()}</style>'
        f'<rect class="paper" width="{_WIDTH}" height="{tall:.0f}"/>{"".join(parts)}</svg>'
    )


def _style() -> str:
    """Write the rules; inside ``.mp``, since in a page they would be everybody's."""

    def rules(colours: Mapping[str, str]) -> str:
        fills = "".join(f".mp .{name}{{fill:{colour}}}" for name, colour in colours.items())
        strokes = "".join(f".mp .{name}-line{{stroke:{colour};fill:none}}" for name, colour in colours.items())
        return fills + strokes

    fixed = (
        ".mp text{font-family:Helvetica Neue,Helvetica,Arial,sans-serif}.mp .b{font-weight:bold}"
        ".mp .dash{stroke-dasharray:4 3}.mp .thick{stroke-width:2;stroke-linejoin:round}.mp .faint{opacity:.12}"
        ".mp .half{opacity:.45}"
    )
    return f"{fixed}{rules(_LIGHT)}@media(prefers-color-scheme:dark){{{rules(_DARK)}}}"


def _heading(panel: _Panel, label: str, beside: str, one_line: bool) -> Iterator[str]:
    y = panel.top - 1.1 * panel.letters
    right = panel.left + panel.width
    yield _text(panel.left, y, label, "ink b", panel.letters + 1)
    yield _text(
        right, y, beside if one_line else beside.replace("average precision", "AP"), "soft", panel.letters, "end"
    )


def _grid(panel: _Panel, across: str, up: str) -> Iterator[str]:
    """Draw the grid with its numbers, and name the axes."""
    small = panel.letters - 1
    for tick in _TICKS:
        x, y = panel.x(tick), panel.y(tick)
        yield _line(x, panel.top, x, panel.foot, "rule-line")
        yield _line(panel.left, y, panel.left + panel.width, y, "rule-line")
        yield _text(x, panel.foot + 1.3 * panel.letters, f"{tick:g}", "soft", small, "middle")
        yield _text(panel.left - 5, y + small * 0.35, f"{tick:g}", "soft", small, "end")
    yield _text(panel.x(0.5), panel.foot + 2.8 * panel.letters, across, "soft", panel.letters, "middle")
    x, y = panel.left - 2.6 * panel.letters, panel.y(0.5)
    turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"'
    yield _text(x, y, up, "soft", panel.letters, "middle", turned)


def _curve(curve: Curve, panel: _Panel) -> Iterator[str]:
    yield from _grid(panel, "recall", "precision")
    path = _steps(curve, panel)
    floor = f"L{panel.x(curve.recall[-1]):.1f} {panel.y(0):.1f}L{panel.x(0):.1f} {panel.y(0):.1f}Z"
    yield f'<path class="mark faint" d="{path}{floor}"/><path class="mark-line thick" d="{path}"/>'
    base = panel.y(curve.share)
    yield _line(panel.left, base, panel.left + panel.width, base, "soft-line dash")
    yield _text(panel.left + 4, base - 4, f"share of positives {curve.share:.2f}", "soft", panel.letters - 1)
    if curve.at is None:
        return
    recall, precision = curve.at
    x, y = panel.x(recall), panel.y(precision)
    yield _dot(x, y, 5.5, "paper")
    yield _dot(x, y, 4, "ink")
    anchor, aside = ("end", -8) if recall > 0.5 else ("start", 8)
    below = min(y + 1.6 * panel.letters, panel.y(0) - 1.6 * panel.letters)
    yield _text(x + aside, below, f"precision {precision:.2f}", "ink", panel.letters, anchor)
    yield _text(x + aside, below + 1.2 * panel.letters, f"recall {recall:.2f}", "ink", panel.letters, anchor)


def _steps(curve: Curve, panel: _Panel) -> str:
    """The path of the steps; what falls on the point before it is left out."""
    points: list[tuple[float, float]] = []
    before = 0.0
    for recall, precision in zip(curve.recall, curve.precision, strict=True):
        for x in (before, recall):
            point = (round(panel.x(x), 1), round(panel.y(precision), 1))
            if not points or point != points[-1]:
                points.append(point)
        before = recall
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _bins(bins: Sequence[Bin], panel: _Panel) -> Iterator[str]:
    most = max((each.count for each in bins), default=0)
    yield from _grid(panel, "mean score", "share of positives")
    yield from _counts(bins, most, panel)
    yield _line(panel.x(0), panel.y(0), panel.x(1), panel.y(1), "soft-line dash")
    known = [
        (each.count, panel.x(each.mean_score), panel.y(each.share_positive), panel.y(each.mean_score))
        for each in bins
        if each.mean_score is not None and each.share_positive is not None
    ]
    for _, x, y, ideal in known:
        yield _line(x, y, x, ideal, "mark-line half")
    yield f'<polyline class="mark-line thick" points="{" ".join(f"{x:.1f},{y:.1f}" for _, x, y, _ in known)}"/>'
    for count, x, y, _ in known:
        yield _dot(x, y, 2.5 + 3.0 * (count / most) ** 0.5, "mark")


def _counts(bins: Sequence[Bin], most: int, panel: _Panel) -> Iterator[str]:
    """Draw how many items are in each bin, as bars with their numbers in the strip under the plot."""
    small = panel.letters - 2
    room = panel.strip - 2 * panel.letters
    yield _bar(panel.left, panel.y(0) + 1, panel.width, panel.strip, "paper")
    yield _line(panel.left, panel.foot, panel.left + panel.width, panel.foot, "soft-line")
    for each in bins:
        tall = max(1.0, room * each.count / most) if each.count else 0.0
        x, wide = panel.x(each.low) + 1, panel.width * (each.high - each.low) - 2
        yield _bar(x, panel.foot - tall, wide, tall, "soft half")
        yield _text(x + wide / 2, panel.foot - tall - 3, _short(each.count), "soft", small, "middle")


def _short(count: int) -> str:
    """Write a number in at most four letters."""
    if count < 1_000:
        return str(count)
    return f"{count / 1_000:.1f}k" if count < 10_000 else f"{count / 1_000:.0f}k"


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _bar(x: float, y: float, wide: float, tall: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>'


def _dot(x: float, y: float, radius: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str, size: int, anchor: str = "start", more: str = "") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{more}>'
        f"{escape(text)}</text>"
    )

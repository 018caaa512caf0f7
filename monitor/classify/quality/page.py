"""An evaluation as one page of HTML that needs nothing beside itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from monitor.classify.quality.curves import BASE_RATE, LOOK_ALIKES, Curve
from monitor.classify.quality.measure import Evaluation, Example, LabelEvaluation, Measures, bins
from monitor.classify.quality.plot import precision_recall_svg, reliability_svg
from monitor.classify.quality.wording import NAMES, counts_of, interval, joined, matrix, mistaken, value

_IN_A_STREAM = (
    f"Reliability in a stream: the same items, weighed so that {BASE_RATE:.1%} of the weight are positives, "
    f"{BASE_RATE * LOOK_ALIKES:.1%} their look-alikes, and the rest ordinary. "
    "One ordinary item that scores high moves it far."
)
Cell = tuple[str, str]
"""A number and its interval, "" where it has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: items, positives, what was decided wrongly, and the measures in the order of `NAMES`."""

    name: str
    items: int
    positives: int
    false_alarms: int
    misses: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing and what it says; the SVG is ours, with its texts escaped."""

    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """What the page tells of one label."""

    label: str
    title: str
    lines: str
    refused: str
    counts: str
    plots: tuple[Plot, ...]
    tables: tuple[tuple[str, tuple[Row, ...]], ...]
    examples: tuple[tuple[str, tuple[Example, ...]], ...]


def page(
    evaluation: Evaluation,
    curves: Mapping[str, Curve],
    *,
    heading: str,
    facts: Sequence[tuple[str, str]] = (),
    labels: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """Lay an evaluation out. ``facts`` are (name, text) pairs under the heading; what comes from items is escaped.

    ``curves`` are those of `monitor.classify.quality.measure.curves`; ``labels`` gives (title, lines) of labels.
    """
    told = labels or {}
    return _template().render(
        heading=heading,
        facts=facts,
        names=tuple(NAMES.values()),
        summary=tuple(_summary(label, found) for label, found in evaluation.labels.items()),
        sections=tuple(
            _section(label, evaluation, curves, told.get(label, (label, ""))) for label in evaluation.labels
        ),
        matrix=matrix(evaluation.confusion),
        mistaken=mistaken(evaluation.confusion),
        joined=joined,
        resamples=evaluation.resamples,
    )


def _summary(label: str, found: LabelEvaluation) -> tuple[str, LabelEvaluation, Row | None]:
    return label, found, _row(label, found.overall) if found.overall else None


def _section(label: str, evaluation: Evaluation, curves: Mapping[str, Curve], told: Cell) -> Section:
    found = evaluation.labels[label]
    return Section(
        label=label,
        title=told[0],
        lines=told[1],
        refused=found.refused,
        counts=counts_of(found.overall) if found.overall else "",
        plots=tuple(_plots(label, evaluation, curves)),
        tables=tuple(
            (dimension, tuple(_row(name, measures) for name, measures in groups.items()))
            for dimension, groups in found.groups.items()
        ),
        examples=tuple(
            (name, examples)
            for name, examples in (("False alarms", found.false_alarms), ("Misses", found.misses))
            if examples
        ),
    )


def _plots(label: str, evaluation: Evaluation, curves: Mapping[str, Curve]) -> list[Plot]:
    found = evaluation.labels[label]
    plots = []
    if label in curves:
        svg = precision_recall_svg({label: curves[label]})
        plots.append(Plot("Precision over recall. The dot is where the lines in force stand.", Markup(svg)))  # noqa: S704
    captions = (
        (False, found.calibration, "Reliability on this set: on the dashed line a score is a probability."),
        (True, found.stream, _IN_A_STREAM),
    )
    for stream, measured, caption in captions:
        if measured:
            svg = reliability_svg({label: bins(evaluation, stream=stream)[label]})
            told = f"{caption} Calibration error {measured.calibration_error:.3f}."
            plots.append(Plot(told, Markup(svg)))  # noqa: S704
    return plots


def _row(name: str, measures: Measures) -> Row:
    return Row(
        name=name,
        items=measures.items,
        positives=measures.positives,
        false_alarms=measures.false_positives,
        misses=measures.false_negatives,
        cells=tuple((value(measures, measure), interval(measures, measure)) for measure in NAMES),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("evaluation.html.j2")


def _source(name: str) -> str:
    return (files("monitor.classify.quality") / "templates" / name).read_text("utf-8")

"""What drift is called, for people: sentences for alarms, and what to do about them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from monitor.classify.drift import Shift, State
from monitor.classify.drift_alarms import LEAST, LEAST_SCORES, Alarm, Drift, Kind
from monitor.classify.drift_rows import LEAST_PAST, Rate, Row
from monitor.cli.console import plural
from monitor.jobs.drift import PAST, DriftReport, Glance, Seems

_ADVICE: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SCORES: "see whether the lines still fit: monitor tune",
        Kind.OVER: "label some of them: monitor review; then see whether the lines still fit: monitor tune",
        Kind.UNKNOWN_WORDS: "add words: labels.toml [terms]; label some of them: monitor review",
        Kind.NO_TEXT: "scores of titles alone are worse: full_text = true in feeds.toml fetches the articles",
        Kind.UNLEARNT: "no score can be relied on there: add words: labels.toml [terms] and [labels.NAME.rule]",
        Kind.NAMED_LOW: "label some of them: monitor review; they may be what the model misses",
        Kind.UNNAMED_HIGH: "label some of them: monitor review; they may be false alarms",
    }
)
_SENTENCES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SCORES: "{name}: {now} of the entries score as high as the highest {before} did",
        Kind.OVER: "{name}: {now} of 1,000 entries are over the line, {known}",
        Kind.UNKNOWN_WORDS: "{name}: the model does not know {now} of the words, {known}",
        Kind.NO_TEXT: "{name}: {now} of the entries have no text, {known}",
        Kind.UNLEARNT: "{now} of the entries are in languages that the model has not learnt ({name}), {known}",
        Kind.NAMED_LOW: "{now} of 1,000 entries name our subject and score low, {known}",
        Kind.UNNAMED_HIGH: "{now} of 1,000 entries are over the line and do not name our subject, {known}",
    }
)
_SHARES = frozenset({Kind.SCORES, Kind.UNKNOWN_WORDS, Kind.NO_TEXT, Kind.UNLEARNT})


def percent(share: float) -> str:
    """A share, to the tenth of a per cent where it is small."""
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def advice(alarm: Alarm) -> str:
    """What to do about an alarm."""
    return _ADVICE[alarm.kind]


def sentence(alarm: Alarm) -> str:
    """An alarm in one sentence."""
    said = percent if alarm.kind in _SHARES else thousandth
    now, before = said(alarm.now), said(alarm.before)
    known = f"in training {before}" if alarm.against == "training" else f"before {before}"
    return _SENTENCES[alarm.kind].format(name=alarm.name, now=now, before=before, known=known)


def thousandth(value: float) -> str:
    """Entries per 1,000, to the tenth where they are few."""
    return f"{value:.1f}" if 0 < value < 10 else f"{value:.0f}"


def opening(report: DriftReport, since: str) -> list[str]:
    """What is held against what."""
    found = report.drift
    days = plural(report.days, "day")
    before = f"{found.entries_before:,} entries of the {PAST * report.days} days before"
    training = "what the model's training saw"
    against = [what for what, there in ((before, found.entries_before), (training, report.training)) if there]
    return [
        f"{found.entries:,} entries of the last {days} (since {since}), scored by {report.scorer}",
        *([f"held against {' and '.join(against)}"] if against else []),
        *([] if found.entries_before >= LEAST_PAST else ["no past yet: rates are held against nothing"]),
        *([f"left out: {report.left_out:,} of these days that this model has not scored"] if report.left_out else []),
        *([report.note] if report.note else []),
    ]


def whole(found: Drift) -> list[str]:
    """What is said of all entries together."""
    lines = [_scores(label, shift, found) for label, shift in found.scores.items()]
    if found.unlearnt:
        lines.append(f"in languages that the model has not learnt: {_shift(found.unlearnt)}")
    if found.named_low:
        lines.append(f"name our subject and score low: {_rate(found.named_low)}")
    if found.unnamed_high:
        lines.append(f"over the line and do not name our subject: {_rate(found.unnamed_high)}")
    return lines


def _scores(label: str, shift: Shift | None, found: Drift) -> str:
    what = f"highest scores of {label}"
    if shift is not None:
        against = "training" if shift.against == "training" else "the past"
        return f"{what}: PSI {shift.index:.2f} against {against}, {shift.state.value}"
    if found.entries < LEAST_SCORES:
        return f"{what}: not enough entries ({found.entries:,}/{LEAST_SCORES:,})"
    return f"{what}: no past yet ({found.entries_before:,}/{LEAST_SCORES:,})"


def _shift(shift: Shift) -> str:
    before = f", in training {percent(shift.before or 0)}" if shift.against == "training" else ""
    before = f", before {percent(shift.before or 0)}" if shift.against == "past" else before
    return f"{percent(shift.now)}{before}{_mark(shift.state)}"


def _rate(rate: Rate) -> str:
    before = "" if rate.per_thousand_before is None else f", before {thousandth(rate.per_thousand_before)}"
    return f"{thousandth(rate.per_thousand)} of 1,000{before or ', no past yet'}{_mark(rate.state)}"


def _mark(state: State) -> str:
    return "" if state is State.STABLE else f" ({state.value})"


COLUMNS = ("entries", "over of 1,000", "before", "unknown words", "expected", "no text", "expected", "")
"""What stands in a row beside its name."""


def cells(row: Row) -> list[str]:
    """A row under `COLUMNS`."""
    over = row.over.per_thousand_before
    known = "" if row.learnt is not False else "not learnt"
    state = "" if row.state is State.STABLE else row.state.value
    return [
        f"{row.entries:,}",
        thousandth(row.over.per_thousand),
        "-" if over is None else thousandth(over),
        *_pair(row.unknown_words),
        *_pair(row.no_text),
        ", ".join(filter(None, (state, known))),
    ]


def _pair(shift: Shift | None) -> tuple[str, str]:
    if shift is None:
        return "-", "-"
    return percent(shift.now), "-" if shift.before is None else percent(shift.before)


def first(rows: Sequence[Row], most: int) -> list[Row]:
    """The rows to show: those with alarms first."""
    order = list(State)
    return sorted(rows, key=lambda row: -order.index(row.state))[:most]


def glanced(found: Glance) -> str:
    """The line in `monitor status`."""
    about = f"{found.entries:,} entries of {found.days} days"
    note = f"; {found.note}" if found.note else ""
    match found.state:
        case Seems.NO_MODEL:
            return "nothing scores entries"
        case Seems.TOO_FEW:
            return f"not enough entries ({found.entries:,}/{LEAST})"
        case Seems.ALARMS:
            return f"{plural(found.alarms, 'alarm')}, see `monitor drift`{note}"
        case Seems.STABLE:
            return f"none seen ({about}){note}"

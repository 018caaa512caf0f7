"""Find the line of a label that meets a goal, say what it would have given, and write it where the user asks for it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from monitor.app import App
from monitor.classify import tune as rules
from monitor.classify.classifier import RULES, Classifier
from monitor.classify.tune import Goal, Stream, goal_of
from monitor.domain.feed import Tier
from monitor.domain.labels import Cut
from monitor.errors import ModelError, UsageError
from monitor.jobs.clock import utc_now
from monitor.jobs.tune_data import Came, Known, Progress, Scope, came, known, stream_of
from monitor.jobs.tune_report import Data, Tuning, flips, rows
from monitor.observe import fields, log
from monitor.settings.edit import set_values
from monitor.settings.model import Settings

MIN_ENTRIES, MIN_DAYS = 1_000, 3
"""Of fewer entries, or days, the upper end of a stream cannot be told."""
MIN_HUMAN = 100
"""On 30 labels a line's standard deviation was .27, on 120 it was .14: below this nothing is written."""
MIN_EACH = 30
"""Positives, and negatives, below which no number is given at all."""


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a proposal is made from: ``both`` is all that is known, ``used`` what is counted on.

    ``thin`` says why the stream is too little to go by, "" where it is enough.
    """

    scope: Scope
    goal: Goal
    classifier: Classifier
    both: Known
    used: Known
    stream: Stream
    asked_days: int
    thin: str


def run(
    app: App,
    label: str,
    *,
    goal: Goal | None = None,
    days: int = 30,
    lang: str = "",
    tier: str = "",
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda done, total: None,
) -> Tuning:
    """Propose a line; changes nothing. Without a goal it is the one of [labels.NAME.tune].

    Raises:
        UsageError: there is too little to go by, or only 0 or 1 would do; the message says which.
        ModelError: nothing can score.
    """
    scope = _scope(app.settings, label, lang, tier)
    wanted = _checked(goal or goal_of(app.settings.options.labels[label].tune))
    classifier, moment = _classifier(app, label), now()
    arrived = came(app, scope, days=days, now=moment)
    thin = _too_thin(arrived, scope, days)
    if thin and wanted.mode in {"budget", "cost"}:
        raise UsageError(f"{thin}; let the monitor go on, or look further back by --days")
    both, alone = known(app, classifier, scope, progress)
    if wanted.mode != "budget":
        _demand_labels(both, alone, scope)
    used = both if both.human >= MIN_HUMAN else alone
    stream = stream_of(app, classifier, scope, arrived, progress)
    return _propose(app, _Basis(scope, wanted, classifier, both, used, stream, days, thin), moment)


def write(settings: Settings, tuning: Tuning) -> tuple[Path, ...]:
    """Write a proposal into labels.toml, where the line stands now; returns the files.

    Raises UsageError where it rests on too few labels of people, ConfigError where config would not be valid.
    """
    if tuning.refusal:
        raise UsageError(f"{tuning.refusal}; nothing was written")
    values = {"threshold": tuning.after.threshold, "review": tuning.after.review, "tuned": tuning.tuned}
    return tuple(dict.fromkeys(set_values(settings.folder, [((*tuning.path, key), v) for key, v in values.items()])))


def _propose(app: App, basis: _Basis, now: datetime) -> Tuning:
    scope, goal, used, stream = basis.scope, basis.goal, basis.used, basis.stream
    line = rules.line(goal, used.evidence, stream)
    rules.demand(line, goal, used.evidence)
    review = None if basis.thin else rules.review_line(stream, line)
    before, after = scope.cut, Cut(line, min(scope.cut.review, line) if review is None else review)
    data = Data(
        used.human, used.heldout, used.sha256, basis.asked_days, stream.days, len(stream.ids),
        len(np.unique(stream.story)),
    )  # fmt: skip
    evidence = used.evidence if used.evidence.fewer >= MIN_EACH else None
    comes_in, goes_out = flips(app.store, stream, before, after)
    log.info(fields("tune", label=scope.label, goal=str(goal), line=line, human=data.human, entries=data.entries))
    return Tuning(
        label=scope.label, lang=scope.lang, tier=scope.tier, path=scope.path, goal=goal,
        scorer=basis.classifier.scorer, before=before, after=after,
        interval=rules.interval(goal, used.evidence, stream),
        measured=rules.measure(evidence, line) if evidence else None,
        data=data, rows=tuple(rows(stream, evidence, before, after)), comes_in=comes_in, goes_out=goes_out,
        notes=tuple(_notes(app.settings, basis)),
        tuned=f"{now.astimezone(app.settings.zone).date()} {goal}: {_on(data, goal)}",
        refusal=_refusal(basis.both, scope) if goal.mode != "budget" else "",
    )  # fmt: skip


def _scope(settings: Settings, label: str, lang: str, tier: str) -> Scope:
    found = settings.labels.get(label)
    if found is None:
        raise UsageError(
            f'no label "{label}" in labels.toml; there are: {", ".join(sorted(settings.labels)) or "none"}'
        )
    if lang and tier:
        raise UsageError("--lang and --tier: give one of them; where a language has a line of its own, no tier counts")
    if lang and not (len(lang) == 2 and lang.isascii() and lang.isalpha() and lang.islower()):
        raise UsageError(f'--lang {lang}: give an ISO 639-1 code such as "ru"')
    if tier and tier not in set(Tier):
        raise UsageError(f"--tier {tier}: there are {', '.join(Tier)}")
    return Scope(label, found.lines, lang, tier)


def _checked(goal: Goal) -> Goal:
    share = goal.mode in {"precision", "recall"}
    if not 0 < goal.value <= (1 if share else float("inf")):
        raise UsageError(f"{goal}: give {'a share over 0 and up to 1' if share else 'a number over 0'}")
    return goal


def _classifier(app: App, label: str) -> Classifier:
    classifier = app.model.classifier
    if classifier is None:
        raise ModelError(app.model.problem)
    if label not in (*classifier.labels, *classifier.aspects):
        known_labels = ", ".join((*classifier.labels, *classifier.aspects))
        raise UsageError(f'"{label}" has no scores to tune: model {classifier.version} knows {known_labels}')
    return classifier


def _too_thin(arrived: Came, scope: Scope, days: int) -> str:
    entries = len(arrived.seen)
    if entries < MIN_ENTRIES:
        return f"not enough entries ({entries}/{MIN_ENTRIES}) for {scope} in the last {days} days"
    if arrived.days < MIN_DAYS:
        came_in = math.floor(arrived.days * 10) / 10  # rounded down, or 2.96 would be "3.0/3"
        return f"not enough days ({came_in}/{MIN_DAYS}): the {entries} entries for {scope} came in less time"
    return ""


def _demand_labels(both: Known, alone: Known, scope: Scope) -> None:
    """Refuse to give a number where too little is known."""
    used = both if both.human >= MIN_HUMAN or both.evidence.fewer < MIN_EACH else alone
    fewer, positives = used.evidence.fewer, int(used.evidence.truths.sum())
    if fewer >= MIN_EACH:
        return
    held_out = "the held-out set" if both.sha256 else "a held-out set that is not there"
    who = f"people and {held_out}" if used is both else held_out
    raise UsageError(
        f"not enough labels ({fewer}/{MIN_EACH}): for {scope}, {who} gave {positives} positives and "
        f"{len(used.evidence.truths) - positives} negatives, and {MIN_EACH} of each are needed; {_given(both)}"
    )


def _refusal(both: Known, scope: Scope) -> str:
    if both.human >= MIN_HUMAN:
        return ""
    return (
        f"Not enough labels ({both.human}/{MIN_HUMAN}): for {scope} this is from the held-out set alone, and is not "
        f"written; {_given(both)}"
    )


def _given(both: Known) -> str:
    learnt = " that the model has not learnt from" if both.learnt else ""
    more = f"{MIN_HUMAN} begin to count (`monitor review` and `monitor label` add some)"
    return f"people gave {both.human}{learnt}, and {more}"


def _on(data: Data, goal: Goal) -> str:
    """What a line rests on, for config."""
    parts = [] if goal.mode == "budget" else [f"{data.human} labels, held-out {data.heldout_sha256[:8] or 'none'}"]
    stream = goal.mode in {"budget", "cost"}
    return ", ".join([*parts, *([f"{data.entries} entries of {round(data.days, 1):g} days"] if stream else [])])


def _notes(settings: Settings, basis: _Basis) -> Iterator[str]:
    scope = basis.scope
    if basis.classifier.version == RULES:
        yield "there is no model: scores are those of the rules in labels.toml"
    if basis.both.learnt:
        yield "the model has learnt from what people said: only stories that were kept out of its training count"
    if basis.thin:
        yield f"{basis.thin}: the review line is not looked for"
    others = [] if scope.lang else [f"in {code}" for code in scope.lines.languages]
    others += [] if scope.lang or scope.tier else [f"of tier {name}" for name in scope.lines.tiers]
    if others:
        yield f"entries {', '.join(others)} go by lines of their own, and are not looked at"
    own = [name for name, given in settings.options.subscriptions.items() if scope.label in given.thresholds]
    if own:
        yield f"subscription {', '.join(own)} has a line of its own for {scope.label}, which stays"

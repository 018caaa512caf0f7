"""`monitor classify`."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.app import load_model
from monitor.classify.classifier import Classifier, Explanation
from monitor.classify.explain import Part
from monitor.classify.words import WATCHED
from monitor.cli import classify_stream
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.cli.console import DONE, WITH_FAILURES, err, out, print_json, tell
from monitor.domain.entry import WATCH, Score
from monitor.domain.labels import Band, Lines, cuts_for, decide
from monitor.errors import ModelError, UsageError
from monitor.jobs import classify as job
from monitor.normalise import language
from monitor.settings.load import load
from monitor.settings.model import Settings

_SHOWN = 8  # parts of a logit on each side; the rest is one line
_STYLE = {Band.IN: "bold green", Band.REVIEW: "yellow", Band.OUT: ""}


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("classify")(classify)


@dataclass(frozen=True, slots=True)
class _Item:
    title: str
    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class _Judged:
    item: _Item
    lang: str
    scores: Mapping[str, Score]
    steps: Mapping[str, Explanation]
    lines: Mapping[str, Lines]


def classify(
    *,
    stdin: Annotated[str | None, typer.Argument(metavar="[-]", help="- reads the item from stdin.")] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="The item's text, or its headline.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The headline, beside --text.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Plain text; its first line is the headline.")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="A web page with an article.")] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="CODE", help="Its language; found out where missing.")] = "",
    jsonl: Annotated[
        str | None,
        typer.Option("--jsonl", metavar="FILE|-", help='A stream: one {"id","title","text","lang"?} a line.'),
    ] = None,
    explained: Annotated[bool, typer.Option("--explain", help="With --jsonl: also bands, terms, aspects.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Score a text: each label's score against its lines, and the words that weighed most, for and against."""
    settings = load(config, channels=False)
    lines = {name: label.lines for name, label in settings.labels.items()}
    if jsonl is not None:
        if any(given is not None for given in (stdin, text, title, file, url)):
            raise UsageError("--jsonl reads a stream by itself; leave out the other inputs")
        bad = classify_stream.run(jsonl, _classifier(settings), lines, explained=explained)
        raise typer.Exit(WITH_FAILURES if bad else DONE)
    item = _item(stdin, text, title, file, url, settings)
    found = lang or item.lang or language.detect(f"{item.title}\n{item.text}")
    classifier = _classifier(settings)
    [scores] = classifier.classify([(item.title, item.text)], [found])
    steps = classifier.explain(item.title, item.text, found)
    judged = _Judged(item, found, scores, steps, lines)
    if json:
        print_json(_as_json(judged, classifier))
    else:
        _show(judged, classifier)


def _classifier(settings: Settings) -> Classifier:
    model = load_model(settings)
    if model.classifier is None:
        raise ModelError(model.problem)
    if model.problem:
        for warning in model.classifier.warnings:
            tell(f"model: {warning}", indent=4, to=err, style="yellow")
    return model.classifier


def _item(
    stdin: str | None, text: str | None, title: str | None, file: Path | None, url: str | None, settings: Settings
) -> _Item:
    """Read the one item that was given; raises UsageError where there is none, or more than one."""
    if stdin not in (None, "-"):
        raise UsageError(f'"{stdin}": give a text by --text, a file by --file, a page by --url, or - for stdin')
    if [stdin, file, url, text if text is not None else title].count(None) != 3:
        raise UsageError("give one of --text, --file, --url, --jsonl, or - for stdin; `monitor classify --help`")
    if url is not None:
        article = job.page(url, settings.options.fetch)
        return _Item(title or article.title, article.text)
    if file is not None:
        return _split(_read(file), title)
    if stdin is not None:
        return _split(sys.stdin.buffer.read().decode("utf-8", errors="replace"), title)
    return _Item(text or "", "") if title is None else _Item(title, text or "")


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise UsageError(f"--file {file}: {error.strerror}") from error


def _split(text: str, title: str | None) -> _Item:
    """The first line that is not blank is the headline, unless there is one."""
    if title is not None:
        return _Item(title, text.strip())
    head, _, rest = text.strip().partition("\n")
    return _Item(head.strip(), " ".join(rest.split()))


def _as_json(one: _Judged, classifier: Classifier) -> dict[str, Any]:
    cuts = cuts_for(one.lines, one.lang)
    return {
        "title": one.item.title,
        "lang": one.lang,
        "scores": {label: round(one.scores[label].probability, 6) for label in classifier.labels},
        "decisions": [d.label for d in decide(one.scores, cuts) if d.passes],
        **classify_stream.as_json(one.scores, one.lines, one.lang, classifier),
        "steps": one.steps,
        "model": classifier.version,
        "warnings": list(classifier.warnings),
    }


def _show(one: _Judged, classifier: Classifier) -> None:
    tell(one.item.title or "(no headline)", style="bold")
    learnt = "" if not classifier.languages or one.lang in classifier.languages else ", which the model has not learnt"
    tell(f"language {one.lang}{learnt}; scored by {classifier.scorer}")
    cuts = cuts_for(one.lines, one.lang)
    decisions = {decision.label: decision for decision in decide(one.scores, cuts)}
    for label in classifier.labels:
        out.print()
        if (decision := decisions.get(label)) is None:
            tell(f"{label}: {one.scores[label].probability:.3f}, no line in labels.toml")
        else:
            verdict = {Band.IN: "in", Band.REVIEW: "near-miss", Band.OUT: "out"}[decision.band]
            tell(
                f"{label}: {decision.probability:.3f} against {decision.threshold:g} "
                f"(near-misses from {decision.review:g}): {verdict}",
                style=_STYLE[decision.band],
            )
        for line in _steps(one.steps[label], one.scores[label].probability):
            tell(f"    {line}", indent=14)
    for line in _beside(one.scores, classifier):
        tell(line, indent=4)


def _steps(step: Explanation, final: float) -> Iterator[str]:
    """A logit as a sum, then calibration and rule, each a step."""
    if step.counted == "model" or step.parts:
        for_, against = ([p for p in step.parts if (p.share > 0) is sign] for sign in (True, False))
        for side in (for_, against):
            yield from (f"{part.share:+7.2f}  {_named(part)}" for part in side[:_SHOWN])
            rest = side[_SHOWN:]
            if rest:
                yield f"{sum(part.share for part in rest):+7.2f}  {len(rest)} others of less weight"
        yield f"{step.intercept:+7.2f}  where every item begins"
        odds = step.slope * step.logit + step.offset
        yield f"{step.logit:+7.2f}  the sum; calibrated {odds:+.2f}, a probability of {step.model:.3f}"
    if step.rule is not None:
        why = step.rule.why or ", ".join(f"{term} {points:g}" for term, _, points in step.rule.hits) or "no term found"
        role = "counts" if step.counted == "rule" else "stands by"
        yield f"rule {step.rule.probability:.3f} ({step.rule.points:g} points: {why}), {role}"
    if final > step.probability:
        yield f"further down the text: {final:.3f}"


def _named(part: Part) -> str:
    if part.concept == "absent":
        return {"no_domain": "names no fighter, camp or group", "unnamed": "does not name its subject"}[part.text]
    return f"“{part.text}” ({part.concept})" if part.concept else f"“{part.text}”"


def _beside(scores: Mapping[str, Score], classifier: Classifier) -> Iterator[str]:
    aspects = [(scores[name].probability, name) for name in classifier.aspects if name in scores]
    likely = [f"{name} {share:.2f}" for share, name in sorted(aspects, reverse=True) if share >= 0.25]
    if likely:
        yield f"\naspects: {', '.join(likely)}"
    if WATCH in scores:
        hits = ", ".join(f"“{t.text}” ({t.concept.removeprefix(WATCHED)})" for t in scores[WATCH].terms)
        yield f"watch-list: {hits}; a near-miss at least"

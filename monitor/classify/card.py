"""The model's card: what model.json knows, for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.classify.artefact import Artefact

_COLUMNS = ("items", "positives", "precision", "recall", "f1", "average_precision", "calibration_error")
_HEAD = "items | positives | precision | recall | F1 | average precision | calibration error |"
_RULE = "|---" * (len(_COLUMNS) + 1) + "|"
_KINDS = {"named": "labelled", "trap": "look-alikes", "easy": "ordinary", "other": "others", "borderline": "borderline"}


def render(stored: Artefact, digest: str) -> str:
    """Write the card in Markdown from an artefact and the sha256 of its weights."""
    parts = (_made(stored, digest), _lines(stored), _held_out(stored), _calibration(stored), _corpus(stored))
    return "\n".join([line for part in parts for line in part] + [*_limits(stored), ""])


def _made(stored: Artefact, digest: str) -> list[str]:
    facts = stored.facts
    corpus, stream = facts["corpus"], facts["stream"]
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in corpus["kinds"].items())
    width = len(stored.words) + len(stored.grams) + len(stored.concepts)
    languages = ", ".join(f"{lang} {count:,}" for lang, count in corpus["languages"].items())
    lines = [
        f"# Model {stored.version}",
        "",
        f"Scores the title and the beginning of the text of a news item for {', '.join(stored.labels)}: one logistic",
        f"regression a label on {width:,} features: {len(stored.words):,} words and pairs, {len(stored.grams):,}",
        f"pieces of words, {len(stored.concepts)} concepts and conjunctions of the lexicon. What is probably ours gets",
        f"aspects, too: {', '.join(stored.aspects) or 'none'}.",
        "",
        "| | |",
        "|---|---|",
        f"| weights (sha256) | `{digest}` |",
        f"| scikit-learn | {stored.scikit_learn} |",
        f"| lexicon (sha256) | `{stored.lexicon_sha256}` |",
        f"| corpus (sha256) | `{corpus['sha256']}` |",
        f"| corpus items | {corpus['items']:,}: {kinds} (borderline items are left out) |",
        f"| languages | {languages} |",
        f"| seed | {facts['seed']} |",
    ]
    if stream["annotated"] or stream["ordinary"]:
        rate = f", calibrated to {stream['base_rate']:.4f} positives" if stream["base_rate"] else ""
        lines.append(
            f"| from a store | {stream['annotated']:,} labels of people, {stream['ordinary']:,} ordinary items{rate} |"
        )
    return [*lines, ""]


def _lines(stored: Artefact) -> Iterator[str]:
    yield from (
        "## Recommended thresholds",
        "",
        "The middle of the best F1 out of fold, where ordinary items and counterfactuals (positives without what makes",
        "them so) count three times. Scores are calibrated by Platt's sigmoid in the same mix, at the base rate below.",
        "",
        "| label | threshold | base rate | slope | offset | precision there | recall there |",
        "|---|---|---|---|---|---|---|",
    )
    for label, weights in stored.labels.items():
        told = stored.facts["labels"][label]
        there = told["at_threshold"]
        numbers = (weights.threshold, told["base_rate"], weights.slope, weights.offset)
        cells = [_number(number) for number in (*numbers, there["precision"], there["recall"])]
        yield f"| {label} | {' | '.join(cells)} |"
    yield ""


def _held_out(stored: Artefact) -> Iterator[str]:
    held = stored.facts.get("held_out")
    if not held:
        return
    yield from (
        "## Quality on what was kept out",
        "",
        f"{held['items']:,} items, written apart from the corpus and never trained on, {held['borderline']} of them",
        f"borderline and reported apart (set `{held['sha256'][:12]}`), at the thresholds above, with 95 % intervals.",
        "",
    )
    for label, told in held["labels"].items():
        yield f"### {label}"
        yield ""
        if told["refused"]:
            yield from (told["refused"], "")
            continue
        yield f"| | {_HEAD}"
        yield _RULE
        yield _row("all", told["at_threshold"], told["intervals"])
        yield from (_row(lang, row) for lang, row in told["by"]["language"].items())
        yield from (_row(_KINDS.get(kind, kind), row) for kind, row in told["by"]["kind"].items())
        yield ""


def _calibration(stored: Artefact) -> Iterator[str]:
    held = stored.facts.get("held_out")
    streams = {label: told["stream"] for label, told in held["labels"].items() if told["stream"]} if held else {}
    if not streams:
        return
    errors = ", ".join(f"{label} {told['calibration_error']:.4f}" for label, told in streams.items())
    yield from (
        "## Calibration",
        "",
        "At the base rate of a stream, two items of ours in a thousand with four look-alikes for each, the calibration",
        f"error on what was kept out is {errors}. The plot shows where.",
        "",
        "![Share of positives over mean score, in ten bins a label](reliability.svg)",
        "",
    )


def _corpus(stored: Artefact) -> Iterator[str]:
    yield from (
        "## Quality on the corpus",
        "",
        f"Out of fold ({stored.facts['folds']} folds), at .5. The corpus was written for this project, and is harder",
        "than any stream: the numbers serve to compare versions, not to foretell quality on real news.",
        "",
    )
    for label in stored.labels:
        told = stored.facts["labels"][label]
        rows = {"all": told["out_of_fold"], **told["by_language"]}
        yield from (f"### {label}", "", f"| language | {_HEAD}", _RULE, *(_row(n, row) for n, row in rows.items()), "")


def _row(name: str, row: Mapping[str, Any], intervals: Mapping[str, list[float | None]] | None = None) -> str:
    cells = []
    for column in _COLUMNS:
        low, high = (intervals or {}).get(column, (None, None))
        between = f" ({low:.2f}–{high:.2f})" if low is not None and high is not None else ""
        cells.append(f"{_number(row[column])}{between}")
    return f"| {name} | {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _limits(stored: Artefact) -> list[str]:
    return [
        "## Known weaknesses",
        "",
        f"- Learnt are {', '.join(stored.languages)}; others are found only by words that they share with these,",
        "  or by the rules of labels.toml.",
        "- Cases known by a person's name alone are missed: no names of persons are in the lexicon. What a desk",
        "  follows belongs on its watch-list.",
        "- Items that do not name their subject score low: three in ten of the corpus, one in thirty of real ones.",
        "- Titles without a text score lower than the same title with one.",
        "- A flight that merely lands scores high for `policy` where a government is named: whether it decided",
        "  anything often stands further down. Next come laws on terrorism that do not reach returnees.",
        "- Written by few hands, in few months: news after them brings names and words that it has not seen;",
        "  `monitor drift` shows when.",
    ]

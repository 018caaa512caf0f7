"""The model's card: what model.json knows, for people."""

from collections.abc import Mapping
from typing import Any

from monitor.classify.artefact import Artefact

_COLUMNS = ("items", "positives", "precision", "recall", "f1", "average_precision", "calibration_error")
_HEAD = "| items | positives | precision | recall | F1 | average precision | calibration error |"
_RULE = "|---" * (len(_COLUMNS) + 1) + "|"


def render(stored: Artefact, digest: str) -> str:
    """Write the card in Markdown from an artefact and the sha256 of its weights."""
    return "\n".join([*_made(stored, digest), *_thresholds(stored), *_quality(stored), *_limits(stored), ""])


def _made(stored: Artefact, digest: str) -> list[str]:
    facts = stored.facts
    corpus = facts["corpus"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in corpus["kinds"].items())
    width = len(stored.words) + len(stored.grams) + len(stored.concepts)
    return [
        f"# Model {stored.version}",
        "",
        f"Scores the title and the beginning of the text of a news item for {', '.join(stored.labels)}: one logistic",
        f"regression a label on {width:,} features: {len(stored.words):,} words and pairs, {len(stored.grams):,}",
        f"pieces of words, {len(stored.concepts)} concepts and conjunctions of the lexicon.",
        "",
        "| | |",
        "|---|---|",
        f"| weights (sha256) | `{digest}` |",
        f"| scikit-learn | {stored.scikit_learn} |",
        f"| lexicon (sha256) | `{stored.lexicon_sha256}` |",
        f"| corpus (sha256) | `{corpus['sha256']}` |",
        f"| corpus items | {corpus['items']:,}: {kinds} (borderline items are left out) |",
        f"| seed | {facts['seed']} |",
        "",
    ]


def _thresholds(stored: Artefact) -> list[str]:
    lines = [
        "## Calibration and recommended thresholds",
        "",
        "Platt's sigmoid on out-of-fold logits, with ordinary items and counterfactuals (positives without what makes",
        "them so) counted three times more, so probabilities are right at the base rate below; in a stream, where",
        "positives are rare, .5 is right less often. The threshold is the middle of the best F0.5 in the same mix",
        "(`monitor/classify/calibrate.py`).",
        "",
        "| label | base rate | slope | offset | threshold | precision there | recall there |",
        "|---|---|---|---|---|---|---|",
    ]
    for label, weights in stored.labels.items():
        facts = stored.facts["labels"][label]
        there = facts["at_threshold"]
        numbers = (facts["base_rate"], weights.slope, weights.offset, weights.threshold)
        cells = [_number(number) for number in (*numbers, there["precision"], there["recall"])]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return [*lines, ""]


def _quality(stored: Artefact) -> list[str]:
    lines = [
        "## Quality on the corpus",
        "",
        f"Out of fold ({stored.facts['folds']} folds), at .5. The corpus was written for this project and holds more",
        "look-alikes than any stream: the numbers serve to compare versions, not to foretell quality on real news.",
        "",
    ]
    for label in stored.labels:
        facts = stored.facts["labels"][label]
        rows = {"all": facts["out_of_fold"], **facts["by_language"]}
        lines += [
            f"### {label}",
            "",
            f"| language {_HEAD}",
            _RULE,
            *(_row(name, row) for name, row in rows.items()),
            "",
        ]
    return lines


def _row(name: str, row: Mapping[str, Any]) -> str:
    return f"| {name} | " + " | ".join(_number(row[column]) for column in _COLUMNS) + " |"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _limits(stored: Artefact) -> list[str]:
    languages = ", ".join(sorted(stored.facts["labels"][next(iter(stored.labels))]["by_language"]))
    return [
        "## Known weaknesses",
        "",
        f"- Trained on {languages}; other languages are found only by words they share with these.",
        "- Cases known by a person's name alone are missed: no names of persons are in the lexicon.",
        "- Titles without a text score lower than the same title with one.",
        "- Law and policy on terrorism that does not reach returnees is the commonest false alert for `policy`.",
    ]

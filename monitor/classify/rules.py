"""The rule score of a label: points for terms, as the user wrote them in labels.toml. It needs no model."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from monitor.classify.options import LabelOptions
from monitor.classify.words import concepts_of


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for terms, each the concepts that must all be found; the score is .5 at ``minimum`` points."""

    terms: tuple[tuple[str, frozenset[str], float], ...]
    required: tuple[tuple[str, frozenset[str]], ...]
    excluded: tuple[tuple[str, frozenset[str]], ...]
    minimum: float


@dataclass(frozen=True, slots=True)
class RuleScore:
    """What a rule says: a score in [0, 1), the points, the terms that gave them (as
    `Rule.terms`), and why the score is 0 if it is.

    points / (points + minimum): .5 at the minimum, and never certain.
    """

    probability: float
    points: float
    hits: tuple[tuple[str, frozenset[str], float], ...] = ()
    why: str = ""


def rules_of(labels: Mapping[str, LabelOptions]) -> dict[str, Rule]:
    """The rules of the labels that have one."""
    return {
        name: Rule(
            tuple((term, concepts_of(term), points) for term, points in label.rule.terms.items()),
            tuple((term, concepts_of(term)) for term in label.rule.required),
            tuple((term, concepts_of(term)) for term in label.rule.excluded),
            label.rule.minimum,
        )
        for name, label in labels.items()
        if label.rule is not None
    }


def judge(rule: Rule, found: Set[str]) -> RuleScore:
    """Hold the concepts that were found in an item against a rule."""
    hits = tuple(term for term in rule.terms if term[1] <= found)
    points = sum(given for _, _, given in hits)
    barred = next((term for term, needs in rule.excluded if needs <= found), None)
    if barred is not None:
        return RuleScore(0.0, points, hits, f"excluded by {barred}")
    if rule.required and not any(needs <= found for _, needs in rule.required):
        return RuleScore(0.0, points, hits, "none of what is required was found")
    return RuleScore(points / (points + rule.minimum) if points > 0 else 0.0, points, hits)

"""The items that were written for fitting measures: sound, and apart from the held-out ones."""

import re
from collections import Counter

import pytest

from monitor.domain.facts import Measure, Stage
from monitor.extract.mentions import LANGUAGES

from .scoring import Item, read_items
from .test_extract_floors import HELD

TOLD = HELD.with_name("told.jsonl")
_ALIKE = 0.165  # of the three-word runs of the shorter of two


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return read_items(TOLD)


def runs(item: Item) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", f"{item['title']} {item['text']}".lower())
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_every_language_tells_every_measure_and_every_stage(lang, items):
    mine = [item for item in items if item["lang"] == lang]
    facts = [fact for item in mine for fact in item["measures"]]
    assert len(mine) >= 450
    assert {fact["measure"] for fact in facts} == {measure.value for measure in Measure}
    stages = Counter(fact["stage"] for fact in facts)
    assert stages.keys() == {stage.value for stage in Stage}
    assert min(stages.values()) / len(facts) > 0.05
    assert all(fact["country"] is None or re.fullmatch("[A-Z]{2}", fact["country"]) for fact in facts)
    assert sum(not item["measures"] for item in mine) / len(mine) > 0.09


def test_none_stands_there_twice(items):
    for key in ("id", "title"):
        assert [value for value, times in Counter(item[key] for item in items).items() if times > 1] == []
    for item in items:
        assert len({tuple(fact.values()) for fact in item["measures"]}) == len(item["measures"]), item["id"]


def test_none_is_like_a_held_out_item(items):
    held = [(one["id"], found) for one in read_items(HELD) if (found := runs(one))]
    alike = [
        (item["id"], name)
        for item in items
        for mine in [runs(item)]
        for name, found in held
        if mine and len(mine & found) / min(len(mine), len(found)) >= _ALIKE
    ]
    assert alike == []

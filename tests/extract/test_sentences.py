"""How many wordings of measures are read, by sentences of a known form that no rule was written from."""

from collections import Counter

import pytest

from monitor.domain.facts import Measure, Stage
from monitor.extract.measures.kinds import told
from monitor.extract.measures.passages import passages
from monitor.extract.measures.stages import stage_of
from monitor.extract.measures.weights import load
from monitor.extract.mentions import LANGUAGES
from monitor.extract.reading import read

from .scoring import Item, read_items
from .sentences import FOLDER, read_sentences
from .test_extract_floors import HELD


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_every_sentence_says_what_it_tells(lang):
    items = list(read_sentences(FOLDER / f"{lang}.txt"))
    assert len(items) > 1_000
    told = [measure for item in items for measure in item["measures"]]
    assert {measure["measure"] for measure in told} == {measure.value for measure in Measure}
    assert {measure["stage"] for measure in told} == {stage.value for stage in Stage}
    assert all(measure["country"] is None or len(measure["country"]) == 2 for measure in told)
    assert sum(measure["negated"] for measure in told) > 40
    assert sum(not item["measures"] for item in items) > 100


def test_no_sentence_stands_there_twice_nor_in_the_held_out_set():
    texts = Counter(
        (item["title"] or item["text"]).casefold() for path in FOLDER.glob("*.txt") for item in read_sentences(path)
    )
    assert [text for text, times in texts.items() if times > 1] == []
    held = [f"{item['title']}\n{item['text']}".casefold() for item in read_items(HELD)]
    assert not [text for text in texts if any(text in one for one in held)]


def reading_of(item: Item) -> tuple[set[str], tuple[str, bool]]:
    """The measures that a sentence is read to tell, and the stage of the one that it does tell."""
    passage = next(passages(read(item["title"], item["text"])), None)
    if passage is None:
        return set(), ("", False)
    stage, negated = ("", False)
    if item["measures"]:
        stage, negated = stage_of(passage, Measure(item["measures"][0]["measure"]), load().stage)
    return {measure.value for measure, _ in told(passage, load().told)}, (str(stage), negated)


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_about_half_of_all_wordings_are_read_and_little_is_made_up(lang):
    """Each sentence is worded as no other is, and stands alone, so it is harder than an entry."""
    items = list(read_sentences(FOLDER / f"{lang}.txt"))
    telling, others = [i for i in items if i["measures"]], [i for i in items if not i["measures"]]
    read_as = [(item["measures"][0], *reading_of(item)) for item in telling]
    found = sum(wanted["measure"] in names for wanted, names, _ in read_as) / len(telling)
    staged = sum((wanted["stage"], wanted["negated"]) == stage for wanted, _, stage in read_as) / len(telling)
    made_up = sum(bool(reading_of(item)[0]) for item in others) / len(others)
    print(f"{lang}: measure {found:.3f}, stage {staged:.3f}, of none {made_up:.3f}")
    assert found > 0.46
    assert staged > 0.46
    assert made_up < 0.25

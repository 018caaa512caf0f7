"""Digests heed what people say of entries, and the lines by language and tier."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.app import App
from monitor.domain.digest import Message
from monitor.domain.entry import WATCH, ClassifiedEntry, Score
from monitor.jobs import digest
from monitor.store import annotations
from monitor.store import digests as store_digests
from monitor.store import waiting as waiting_store
from monitor.store.annotations import NewAnnotation

HOUR = timedelta(hours=1)
BY_HAND = "put in by hand"
OTHER = (
    '[subscriptions.other]\nlabels = ["policy"]\nchannels = ["files"]\nnear_misses = 0\n'
    '[subscriptions.strict]\nlabels = ["returns"]\nchannels = ["files"]\nnear_misses = 0\n'
    "thresholds = { returns = 0.8 }\n"
)


class Desk:
    """An open office with people who label, and a clock that goes on by an hour a digest."""

    def __init__(self, office: Any) -> None:
        self.office, self.app = office, office.app()

    def bring(self, *new: ClassifiedEntry, feed: str = "paper") -> None:
        self.office.bring(self.app, *new, feed=feed)

    def say(self, entry_id: int, value: bool | None = True, label: str = "returns") -> int:
        new = [NewAnnotation(entry_id, label, value)]
        (word,) = annotations.add(self.app.store, new, who="ana", via="cli", now=self.office.now)
        return word

    def take_back(self, word: int) -> None:
        annotations.withdraw(self.app.store, [word], now=self.office.now)

    def send(self, name: str = "morning") -> Message | None:
        """Close the open window; returns its message, None where nothing was sent."""
        self.office.now += HOUR
        (sent,) = digest.send(self.app, [name], now=self.office.clock)
        return store_digests.digest_of_window(self.app.store, name, sent.key)

    def told(self, name: str = "morning") -> list[int]:
        """Close the open window; returns the numbers of the entries that it shows, in their order."""
        message = self.send(name)
        return (
            [int(n) for n in re.findall(r"^Court hears returnee number (\d+) ", message.text, re.M)] if message else []
        )


@pytest.fixture
def opened(office: Any) -> Iterator[Callable[[], Desk]]:
    """Open the office, as its config is by now."""
    apps: list[App] = []

    def open_() -> Desk:
        desk = Desk(office)
        apps.append(desk.app)
        return desk

    yield open_
    for app in apps:
        app.close()


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_an_entry_under_the_line_that_a_person_puts_in_is_told_and_marked_in_every_form(opened: Any, item: Any) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.2), item(2, returns=0.9))
    desk.say(1)
    message = desk.send()
    mark = "returns 0.20 / line 0.50, put in by hand"
    forms = plain(message.html), " ".join(message.text.split()), json.dumps(message.blocks)
    for form in forms:
        assert form.count(BY_HAND) == 1
        assert mark in form
        assert "returns 0.90 / line 0.50" in form
    assert "2 stories" in message.subject


def test_an_entry_over_the_line_that_a_person_refuses_is_not_told(opened: Any, item: Any) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.9), item(2, returns=0.9, policy=0.9), item(3, returns=0.9))
    desk.say(1, False)
    desk.say(2, False)
    word = desk.say(3, False)
    message = desk.send()
    assert re.findall(r"number (\d+) &", message.text) == ["2"]  # for its other label
    assert "returns 0.90" not in message.text
    desk.take_back(word)  # takes nothing back in: its window was judged
    assert desk.told() == []


def test_what_was_shown_is_not_told_again_whoever_puts_it_in(opened: Any, item: Any) -> None:
    desk = opened()
    title = "Court hears returnee number 1 and twelve others in the capital"
    desk.bring(item(1, returns=0.9, title=title), item(2, returns=0.2))
    desk.say(2)
    assert sorted(desk.told()) == [1, 2]
    desk.bring(item(3, returns=0.1, title=title), feed="wire")  # the same story
    for id_ in (1, 2, 3):
        desk.say(id_)
        desk.say(id_, label="policy")
    assert desk.told() == []


def test_a_label_that_is_given_after_the_window_brings_the_entry_back_once(opened: Any, item: Any) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.2), item(2, returns=0.3))
    assert desk.told() == []
    desk.say(1)
    assert desk.told() == [1]
    desk.say(1)
    assert desk.told() == []


@pytest.mark.parametrize("how", ["taken back", "unsure", "refused"])
@pytest.mark.parametrize("late", [True, False], ids=["after the window", "before it"])
def test_a_word_that_does_not_stand_when_the_window_closes_does_not_count(
    opened: Any, item: Any, how: str, late: bool
) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.2), item(2, returns=0.2))
    if late:
        assert desk.told() == []
    word = desk.say(1)
    desk.say(2)
    if how == "taken back":
        desk.take_back(word)
    else:
        desk.say(1, None if how == "unsure" else False)
    assert desk.told() == [2]
    assert desk.told() == []


def test_a_refusal_that_is_taken_back_before_the_window_lets_the_score_speak_again(opened: Any, item: Any) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.9))
    desk.take_back(desk.say(1, False))
    message = desk.send()
    assert "number 1 " in message.text
    assert BY_HAND not in message.text


def test_only_subscriptions_that_want_the_label_get_it_whatever_line_is_theirs(
    office: Any, opened: Any, item: Any
) -> None:
    office.subscriptions += OTHER
    desk = opened()
    desk.bring(item(1, returns=0.2), item(2, policy=0.2), item(3, returns=0.7))
    desk.say(1)
    desk.say(2, label="policy")
    assert sorted(desk.told()) == [1, 2, 3]
    assert desk.told("other") == [2]
    assert desk.told("strict") == [1]
    desk.say(3)
    assert [desk.told(name) for name in ("morning", "other", "strict")] == [[], [], [3]]


def test_a_persons_word_does_not_reach_beyond_the_languages_of_a_subscription(
    office: Any, opened: Any, item: Any
) -> None:
    office.subscriptions += 'languages = ["en"]\n'
    desk = opened()
    desk.bring(item(1, returns=0.2), in_language(item(2, returns=0.2), "ru"))
    desk.say(1)
    desk.say(2)
    assert desk.told() == [1]


def in_language(made: ClassifiedEntry, lang: str) -> ClassifiedEntry:
    return replace(made, entry=replace(made.entry, lang=lang))


def test_what_a_person_put_in_comes_first_and_is_cut_last(office: Any, opened: Any, item: Any) -> None:
    office.subscriptions += "max_stories = 1\n"
    desk = opened()
    desk.bring(item(1, returns=0.99), item(2, returns=0.1))
    desk.say(2)
    assert desk.told() == [2]
    desk.say(1, False)  # it waited for its place, and loses it
    assert desk.told() == []
    desk.say(1)
    assert desk.told() == []


def test_a_story_is_put_in_by_hand_though_another_telling_scores_higher(opened: Any, item: Any) -> None:
    desk = opened()
    title = "Court hears returnee number 1 and twelve others in the capital"
    desk.bring(item(1, returns=0.2, title=title))
    desk.bring(item(2, returns=0.6, title=title), feed="wire")
    desk.bring(item(3, returns=0.99), feed="wire")
    desk.say(1)
    message = desk.send()
    assert re.findall(r"^Court hears returnee number (\d+) ", message.text, re.M) == ["1", "3"]
    assert "returns 0.20 / line 0.50, put in by hand" in message.text


def test_the_label_that_a_person_gave_names_the_section_and_only_it_is_marked(opened: Any, item: Any) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.9, policy=0.1))
    desk.say(1, label="policy")
    message = desk.send()
    assert message.subject.startswith("morning: 1 story (1 policy)")
    assert "policy 0.10 / line 0.50, put in by hand · returns 0.90 / line 0.50" in " ".join(message.text.split())


def test_what_may_not_be_announced_and_what_waits_for_scores_is_not_told_by_a_persons_word(
    opened: Any, item: Any
) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.2, young=False), item(2, scorer=""))
    desk.say(1)
    desk.say(2)
    assert desk.told() == []
    waiting_store.add_scores(desk.app.store, [(2, {"returns": Score(0.1)})], "2026.11+abc", now=desk.office.now)
    message = desk.send()
    assert "number 2 " in message.text
    assert "number 1 " not in message.text
    assert BY_HAND in message.text


def test_a_near_miss_and_a_watch_list_hit_alone_are_in_no_digest(opened: Any, item: Any) -> None:
    desk = opened()
    watched = item(1, returns=0.3)
    watched = replace(watched, scores={**watched.scores, WATCH: Score(1.0)})
    low = item(2, returns=0.01)
    low = replace(low, scores={**low.scores, WATCH: Score(1.0)})
    desk.bring(watched, low, item(3, returns=0.4999))
    assert desk.send() is None
    desk.say(2)
    assert desk.told() == [2]


def test_a_subscription_that_wants_the_watch_list_gets_its_hits(office: Any, opened: Any, item: Any) -> None:
    office.labels += "[labels.watch]\nthreshold = 0.5\n"
    office.subscriptions += '[subscriptions.other]\nlabels = ["watch"]\nchannels = ["files"]\nnear_misses = 0\n'
    desk = opened()
    hit = item(1, returns=0.01)
    desk.bring(replace(hit, scores={**hit.scores, WATCH: Score(1.0)}), item(2, returns=0.9))
    assert (desk.told("other"), desk.told()) == ([1], [2])


LINES = (
    "[labels.returns]\nthreshold = 0.5\nlanguages = { ru = { threshold = 0.3 }, ar = { threshold = 0.7 } }\n"
    "tiers = { analysis = { threshold = 0.4 } }\n[labels.policy]\nthreshold = 0.5\n"
)


def test_lines_by_language_and_tier_decide_the_language_first(office: Any, opened: Any, item: Any) -> None:
    office.labels, office.tiers = LINES, {"wire": "analysis"}
    office.subscriptions += OTHER
    desk = opened()
    desk.bring(
        item(1, returns=0.5), item(2, returns=0.49), in_language(item(3, returns=0.3), "ru"),
        in_language(item(4, returns=0.29), "ru"), in_language(item(5, returns=0.69), "ar"),
        in_language(item(6, returns=0.7), "ar"), item(7, policy=0.4),
    )  # fmt: skip
    desk.bring(
        item(8, returns=0.4), item(9, returns=0.39), in_language(item(10, returns=0.69), "ar"),
        in_language(item(11, returns=0.3), "ru"), item(12, policy=0.4), feed="wire",
    )  # fmt: skip
    message = desk.send()
    assert sorted(map(int, re.findall(r"number (\d+) &", message.text))) == [1, 3, 6, 8, 11]
    told = " ".join(message.text.split())
    for mark in (
        "returns 0.50 / line 0.50",
        "returns 0.30 / line 0.30",
        "returns 0.70 / line 0.70",
        "returns 0.40 / line 0.40",
    ):
        assert mark in told
    assert "Lines returns 0.50, 0.40 for analysis, 0.30 for ru, 0.70 for ar" in told


def test_a_subscriptions_own_line_stands_above_those_of_languages_and_tiers(
    office: Any, opened: Any, item: Any
) -> None:
    office.labels, office.tiers = LINES, {"wire": "analysis"}
    office.subscriptions = (
        '[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["files"]\nnear_misses = 0\n'
        "thresholds = { returns = 0.6 }\n"
    )
    desk = opened()
    desk.bring(in_language(item(1, returns=0.59), "ru"), in_language(item(2, returns=0.6), "ar"))
    desk.bring(item(3, returns=0.59), item(4, returns=0.6), in_language(item(5, returns=0.1), "ru"), feed="wire")
    desk.say(5)
    message = desk.send()
    assert sorted(map(int, re.findall(r"number (\d+) &", message.text))) == [2, 4, 5]
    assert "Lines returns 0.60 " in f"{' '.join(message.text.split())} "
    assert "for ru" not in message.text


def test_a_feed_that_left_the_config_goes_by_the_line_for_all(office: Any, opened: Any, item: Any) -> None:
    office.labels, office.tiers = LINES, {"wire": "analysis"}
    opened().bring(item(1, returns=0.4), item(2, returns=0.5), feed="wire")
    office.feeds = ["paper"]
    assert opened().told() == [2]


def test_the_preview_shows_what_people_put_in(opened: Any, item: Any) -> None:
    desk = opened()
    desk.bring(item(1, returns=0.2), item(2, returns=0.9))
    desk.say(1)
    desk.say(2, False)
    shown = digest.preview(desk.app, "morning", now=desk.office.clock)
    assert shown.stories == 1
    assert "returns 0.20 / line 0.50, put in by hand" in shown.message.text

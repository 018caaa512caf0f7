"""A digest that tells, too, what was missed: each story once, as it is now, against what had arrived before."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.fold import entries_of, folded
from monitor.digest.news import kept
from monitor.digest.render import render
from monitor.domain.digest import Digest, Heard, Section, Story, Undelivered, Verdict
from monitor.domain.entry import Score, StoredEntry
from monitor.domain.facts import Counted, Facts, Figure
from monitor.domain.fold import Owed

from .conftest import CLOSE, build_alerted, build_digest, build_entry, build_near, build_story

DAY = timedelta(days=1)
MISSED = Undelivered("2026-11-21T07:30+01:00", CLOSE - DAY)
TITLES = {"returns": "Returns", "policy": "Policy"}


def children(number: int) -> Facts:
    return Facts(figures=(Figure(number, number, False, Counted.CHILDREN),))


def told(stored: StoredEntry, at: datetime, verdict: Verdict = Verdict.SHOWN) -> Heard:
    return Heard(stored.id, verdict, stored.source, kept(stored.facts), at, (stored.entry.title,))


def owed(*lines: tuple[StoredEntry, datetime, Verdict], missed: dict[int, Undelivered]) -> Owed:
    heard: dict[int, list[Heard]] = {}
    for stored, at, verdict in lines:
        heard.setdefault(stored.story_id, []).append(told(stored, at, verdict))
    return Owed(tuple(stored for stored, _, _ in lines), heard, {}, missed)


def fold(digest: Digest, what: Owed, *joined: StoredEntry) -> list[Story]:
    made = folded(digest, what, key="k+1", joined=joined, titles=TITLES, source_of=lambda _: None)
    assert made.key == "k+1"
    return [story for section in made.sections for story in section.stories]


def entry(number: int, *, story: int = 1, number_of: int | None = None, **fields: object) -> StoredEntry:
    made = build_entry(number, story_id=story, published=None, **fields)
    return replace(made, facts=children(number_of)) if number_of is not None else made


def test_what_was_missed_stands_beside_what_is_new_and_says_of_which_digest_it_is() -> None:
    window = build_digest(Section("returns", "Returns", (build_story(9),)))
    stories = fold(window, owed((entry(1), CLOSE - DAY, Verdict.SHOWN), missed={1: MISSED}))
    assert {story.id: story.undelivered for story in stories} == {9: None, 1: MISSED}
    assert all(story.news is None for story in stories)


def test_news_of_a_missed_story_is_told_with_it_and_is_no_update() -> None:
    new = entry(2, number_of=22)
    window = build_digest(Section("returns", "Returns", (replace(build_story(1), lead=new),)))
    what = owed((entry(1, number_of=16), CLOSE - DAY, Verdict.SHOWN), missed={1: MISSED})
    (story,) = fold(window, what)
    assert (story.news, story.undelivered) == (None, MISSED)
    assert {story.lead.id, *(stored.id for stored in story.others)} == {1, 2}


def test_a_missed_update_is_one_still_and_is_held_against_what_had_arrived() -> None:
    first, missed = entry(1, number_of=14), entry(2, number_of=16)
    latest = entry(3, number_of=22)
    what = owed((first, CLOSE - 3 * DAY, Verdict.SHOWN), (missed, CLOSE - 2 * DAY, Verdict.SHOWN), missed={2: MISSED})
    window = build_digest(Section("returns", "Returns", (replace(build_story(1), lead=latest),)))
    (story,) = fold(window, what)
    assert story.news is not None
    before = {(new.figure.low, new.before.low) for new in story.news.figures}
    assert before == {(16, 14), (22, 14)}
    assert 1 not in {story.lead.id, *(stored.id for stored in story.others)}


def test_what_arrived_after_it_does_not_make_the_older_number_the_newer_one() -> None:
    missed, later = entry(1, number_of=16), entry(2, number_of=22)
    what = owed((missed, CLOSE - 2 * DAY, Verdict.SHOWN), (later, CLOSE - DAY, Verdict.SHOWN), missed={1: MISSED})
    (story,) = fold(build_digest(), what)
    assert story.news is None
    assert {story.lead.id, *(stored.id for stored in story.others)} == {1, 2}


def test_sources_that_brought_nothing_new_are_named_with_a_missed_story() -> None:
    what = owed(
        (entry(1, source="A"), CLOSE - DAY, Verdict.SHOWN), (entry(2, source="B"), CLOSE, Verdict.TOLD),
        missed={1: MISSED},
    )  # fmt: skip
    (story,) = fold(build_digest(), what, entry(3, source="C"), entry(4, story=7, source="D"))
    assert set(story.sources) == {"A", "B", "C"}


def test_a_missed_alert_is_told_in_full_and_not_as_one_that_was_sent() -> None:
    alert, near = build_alerted()[0], build_near()[0]
    window = build_digest(alerted=(alert,), near=(near,))
    missed = {alert.lead.id: replace(MISSED, alert=True), near.lead.id: MISSED}
    lines = [(replace(one.lead, story_id=one.id), CLOSE - DAY, Verdict.ALERTED) for one in (alert, near)]
    made = folded(window, owed(*lines, missed=missed), key="k", titles=TITLES, source_of=lambda _: None)
    assert (made.alerted, made.near, made.stories) == ((), (), 2)


def test_what_a_raised_line_has_overtaken_is_told_all_the_same() -> None:
    low = entry(1, scores={"policy": Score(0.2), "elsewhere": Score(0.9)})
    (story,) = fold(build_digest(), owed((low, CLOSE - DAY, Verdict.SHOWN), missed={1: MISSED}))
    assert (story.label, story.decisions[0].probability, story.decisions[0].threshold) == ("policy", 0.2, 0.55)


def test_it_names_the_entries_of_all_that_it_tells() -> None:
    window = build_digest(Section("returns", "Returns", (build_story(9, others=("B",)),)))
    what = owed((entry(1), CLOSE - DAY, Verdict.SHOWN), (entry(2), CLOSE, Verdict.TOLD), missed={1: MISSED})
    made = folded(window, what, key="k", titles=TITLES, source_of=lambda _: None)
    assert entries_of(made, what) == (1, 2, 9, 9000)


def test_it_names_what_came_to_a_missed_story_in_its_window_too() -> None:
    came = entry(2, number_of=22)
    window = build_digest(Section("returns", "Returns", (replace(build_story(1), lead=came),)))
    what = owed((entry(1, number_of=16), CLOSE - DAY, Verdict.SHOWN), missed={1: MISSED})
    made = folded(window, what, key="k", titles=TITLES, source_of=lambda _: None)
    assert entries_of(made, what) == (1, 2)


def test_what_a_person_has_said_no_to_since_is_told_to_nobody_else() -> None:
    window = build_digest(Section("returns", "Returns", (build_story(9),)))
    denied = replace(entry(1), human={"returns": False})
    what = owed((denied, CLOSE - DAY, Verdict.SHOWN), missed={1: MISSED})
    assert [story.id for story in fold(window, what)] == [9]


@pytest.mark.parametrize("form", ["html", "text", "markdown", "blocks"])
def test_every_form_says_of_which_windows_it_holds_stories(form: str) -> None:
    alert = Undelivered("2026-11-21T11:02:07+01:00-alert-3", CLOSE - timedelta(hours=20), alert=True)
    stories = (
        build_story(1), replace(build_story(2), undelivered=MISSED), replace(build_story(3), undelivered=alert),
    )  # fmt: skip
    shown = " ".join(str(getattr(render(build_digest(Section("returns", "Returns", stories))), form)).split())
    assert (
        "It holds 2 stories that could not be delivered in time: 1 of the digest of 21 Nov 2026, 07:30, 1 of the alert "
        "of 21 Nov 2026, 11:30."
    ) in shown
    assert "ot delivered before, of the alert of 21 Nov 2026, 11:30" in shown
    assert "3 stories (2 from 2 messages since 21 Nov 2026, not delivered before)" in shown


PLACE = st.sampled_from(["before", "missed", "noted", "later", "window"])


@given(st.lists(st.tuples(st.integers(1, 4), PLACE), max_size=12))
def test_whatever_was_missed_is_told_once_and_nothing_of_the_window_is_lost(places: list[tuple[int, str]]) -> None:
    lines, missed, window = [], {}, dict[int, list[StoredEntry]]()
    for number, (story, place) in enumerate(places, start=1):
        stored = entry(number, story=story, title=f"Report {number}")
        if place == "window":
            window.setdefault(story, []).append(stored)
            continue
        days = {"before": 3, "missed": 2, "noted": 1, "later": 1}[place]
        lines.append((stored, CLOSE - days * DAY, Verdict.TOLD if place == "noted" else Verdict.SHOWN))
        if place == "missed":
            missed[number] = MISSED
    made = [replace(build_story(id_), lead=all_[0], others=tuple(all_[1:])) for id_, all_ in window.items()]
    stories = fold(build_digest(Section("returns", "Returns", tuple(made))), owed(*lines, missed=missed))
    owing = {stored.story_id for stored, _, _ in lines if stored.id in missed}
    assert sorted(story.id for story in stories) == sorted(owing | set(window))
    assert {story.id for story in stories if story.undelivered} == owing
    shown = {stored.id for story in stories for stored in (story.lead, *story.others)}
    assert {*missed, *(stored.id for all_ in window.values() for stored in all_)} <= shown

"""A review: what is asked about, what answers store, and going back over them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.app import App
from monitor.classify.queue import Pick, Why
from monitor.errors import UsageError
from monitor.jobs.review import Review, choose
from monitor.store import annotations, views
from monitor.store.annotations import NewAnnotation
from monitor.store.prune import prune

LABELS = ("returns", "policy")
BOTH, NEITHER = dict.fromkeys(LABELS, True), dict.fromkeys(LABELS, False)


@dataclass
class Desk:
    """An open database with entries, and reviews over it."""

    app: App
    now: datetime

    def review(self, *ids: int, labels: tuple[str, ...] = LABELS, who: str = "ana", begun: int = 0) -> Review:
        picks = [Pick(begun, Why.BEGUN)] if begun else []
        picks += [Pick(id_, Why.RANDOM) for id_ in ids or (1, 2, 3)]
        return Review(self.app.store, picks, labels, who=who, now=lambda: self.now)

    def choose(self, limit: int = 20, labels: tuple[str, ...] = LABELS, **how: Any) -> list[Pick]:
        return choose(self.app, labels, who="ana", since=how.get("since"), limit=limit, now=self.now)

    def say(self, id_: int, label: str, value: bool | None, *, who: str = "ben") -> None:
        annotations.add(self.app.store, [NewAnnotation(id_, label, value)], who=who, via="cli", now=self.now)

    def said(self) -> dict[tuple[int, str], bool | None]:
        """All words that stand."""
        words = [word for id_ in range(1, 10) for word in annotations.history(self.app.store, id_)]
        return {(word.entry_id, word.label): word.value for word in words if word.withdrawn_at is None}


@pytest.fixture
def desk(office: Any, item: Callable[..., Any]) -> Iterator[Desk]:
    """Four entries: 1 near a line, 2 a near-miss, 3 out, 4 in."""
    app = office.app()
    scores = ((0.48, 0.01), (0.3, 0.01), (0.01, 0.01), (0.97, 0.9))
    office.bring(app, *(item(n, returns=r, policy=p, title=f"Hearing {n}") for n, (r, p) in enumerate(scores, 1)))
    with app:
        yield Desk(app, office.now)


def place(review: Review) -> tuple[int, str] | None:
    return (review.shown.stored.id, review.shown.asked) if review.shown else None


def test_answers_are_stored_at_once_label_by_label_and_lead_to_the_next_entry(desk: Desk) -> None:
    going = desk.review()
    assert place(going) == (1, "returns")
    going.answer({"returns": True})
    assert desk.said() == {(1, "returns"): True}
    assert place(going) == (1, "policy")
    going.answer({"policy": None})
    assert place(going) == (2, "returns")
    going.answer(NEITHER)
    assert place(going) == (3, "returns")
    assert desk.said() == {
        (1, "returns"): True, (1, "policy"): None, (2, "returns"): False, (2, "policy"): False
    }  # fmt: skip
    (word, _) = annotations.history(desk.app.store, 1)
    assert (word.who, word.via, word.at) == ("ana", "review", desk.now)


def test_undo_goes_back_step_by_step_into_what_was_shown(desk: Desk) -> None:
    going = desk.review()
    going.answer({"returns": True})
    going.answer({"policy": False})
    going.skip()
    going.answer(BOTH)
    assert place(going) is None
    places = []
    while going.undo():
        places.append((place(going), len(desk.said())))
    assert places == [((3, "returns"), 2), ((2, "returns"), 2), ((1, "policy"), 1), ((1, "returns"), 0)]
    assert not going.undo()
    assert len(annotations.history(desk.app.store, 3)) == 2  # taken back, and kept


def test_an_answer_for_all_labels_counts_over_one_that_was_given_before(desk: Desk) -> None:
    going = desk.review()
    going.answer({"returns": True})
    going.answer(NEITHER)
    assert place(going) == (2, "returns")
    assert desk.said()[1, "returns"] is False
    assert going.tally().by_label == {"returns": (0, 1, 0), "policy": (0, 1, 0)}
    going.undo()
    assert place(going) == (1, "policy")
    assert desk.said() == {(1, "returns"): True}


def test_a_note_goes_with_the_next_answers_on_its_entry_alone(desk: Desk) -> None:
    going = desk.review()
    going.take_note("  which of the two?  ")
    going.answer({"returns": None})
    going.answer({"policy": False})
    going.take_note("never stored")
    going.skip()
    going.answer(BOTH)
    notes = {(w.entry_id, w.label): w.note for n in (1, 2, 3) for w in annotations.history(desk.app.store, n)}
    assert notes == {
        (1, "returns"): "which of the two?", (1, "policy"): "which of the two?", (3, "returns"): "", (3, "policy"): ""
    }  # fmt: skip
    going.undo()
    going.undo()
    assert going.shown is not None
    assert going.shown.note == "never stored"


def test_the_tally_counts_what_was_not_undone(desk: Desk) -> None:
    going = desk.review(1, 2, 3, 4)
    going.answer(BOTH)
    going.answer({"returns": None})
    going.skip()
    going.skip()
    going.answer(NEITHER)
    going.undo()
    tally = going.tally()
    assert (tally.answered, tally.skipped) == (2, 1)
    assert tally.by_label == {"returns": (1, 0, 1), "policy": (1, 0, 0)}


def test_what_somebody_else_labelled_or_retention_took_meanwhile_is_passed_over(desk: Desk) -> None:
    going = desk.review(1, 2, 3, 4)
    desk.say(2, "policy", None)
    after = desk.now + timedelta(days=1)
    desk.say(4, "returns", True)
    prune(
        desk.app.store, entries_before=after, polls_before=after, digests_before=after, documents_before=after
    )  # takes 1 and 3
    with pytest.raises(UsageError, match="no entry 1"):
        going.answer(BOTH)
    going.skip()
    assert place(going) is None


def test_only_the_labels_that_are_asked_about_count(desk: Desk) -> None:
    desk.say(1, "returns", True)
    going = desk.review(1, 2, labels=("policy",))
    assert place(going) == (1, "policy")
    going.answer({"policy": False})
    assert place(going) == (2, "policy")


def test_the_queue_leaves_out_what_people_labelled_and_says_why_each_is_there(desk: Desk) -> None:
    picks = desk.choose()
    assert sorted(pick.id for pick in picks) == [1, 2, 3, 4]
    assert picks[0] == Pick(1, Why.UNCERTAIN, "returns", 0.48, 0.5)
    desk.say(1, "returns", None)
    assert sorted(pick.id for pick in desk.choose()) == [2, 3, 4]
    assert sorted(pick.id for pick in desk.choose(labels=("policy",))) == [1, 2, 3, 4]
    assert desk.choose(since=desk.now + timedelta(hours=1)) == []
    assert len(desk.choose(limit=2)) == 2


def test_a_review_goes_on_where_the_last_one_was_left_in_the_middle_of_an_entry(desk: Desk) -> None:
    desk.review(2).answer({"returns": True})
    picks = desk.choose(limit=2)
    assert picks[0] == Pick(2, Why.BEGUN)
    assert len(picks) == 2
    going = Review(desk.app.store, picks, LABELS, who="ana", now=lambda: desk.now)
    assert going.shown is not None
    assert (place(going), going.shown.answers) == ((2, "policy"), {"returns": True})
    going.answer({"policy": False})
    assert going.shown.stored.id != 2
    going.undo()
    assert place(going) == (2, "policy")
    assert desk.said() == {(2, "returns"): True}
    assert all(pick.why is not Why.BEGUN for pick in choose_for("ben", desk))


def choose_for(who: str, desk: Desk) -> list[Pick]:
    return choose(desk.app, LABELS, who=who, since=None, limit=20, now=desk.now)


def test_an_entry_left_half_answered_that_another_finished_is_not_asked_again(desk: Desk) -> None:
    desk.review(2).answer({"returns": True})
    going = desk.review(1, begun=2)
    assert place(going) == (2, "policy")
    desk.say(2, "policy", False)
    assert place(desk.review(1, begun=2)) == (1, "returns")


keys = st.lists(st.sampled_from(["y", "n", "u", "both", "neither", "skip", "undo"]), max_size=14)


@given(presses=keys)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_pressed_undoing_it_all_leads_back_to_the_beginning(desk: Desk, presses: list[str]) -> None:
    going = desk.review(1, 2, 3, 4)
    for press in presses:
        shown = going.shown
        if press == "undo":
            going.undo()
        elif shown is None:
            continue
        elif press == "skip":
            going.skip()
        elif press in ("both", "neither"):
            going.answer(BOTH if press == "both" else NEITHER)
        else:
            going.answer({shown.asked: {"y": True, "n": False, "u": None}[press]})
        found = {(id_, label): value for (id_, label), value in desk.said().items() if value is not None}
        human = {(s.id, label): v for s in views.items(desk.app.store, limit=0) for label, v in s.human.items()}
        assert human == found
    while going.undo():
        pass
    assert place(going) == (1, "returns")
    assert desk.said() == {}

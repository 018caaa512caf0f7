"""Review: which entries a person is asked about, and what they answer, stored at once and undone step by step."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.app import App
from monitor.classify import lexicon
from monitor.classify.queue import Candidate, Pick, Why, queue, wanted_words, words_of
from monitor.domain.entry import StoredEntry
from monitor.jobs.clock import utc_now
from monitor.jobs.label import annotate
from monitor.store import annotations, views
from monitor.store import review as store_review
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store
from monitor.store.stream import words as stored_words

VIA = "review"
_KNOWN = 1_000  # labelled entries that new ones are compared with


def choose(
    app: App, labels: Sequence[str], *, who: str, since: datetime | None, limit: int, now: datetime
) -> list[Pick]:
    """Choose what to ask about: what this person left half answered, then the day's queue of what nobody labelled."""
    unsaid = store_review.unsaid(app.store, since=since, labels=labels)
    candidates = [
        Candidate(one.id, one.story_id, one.scores, app.settings.cuts(one.feed, one.lang, labels), one.watched)
        for one in unsaid
    ]
    stopwords = lexicon.load().stopwords
    read = stored_words(app.store, wanted_words(candidates, limit))
    known = store_review.said_words(app.store, limit=_KNOWN)
    picks = queue(
        candidates,
        {id_: words_of(title, text, stopwords) for id_, (title, text, _) in read.items()},
        [words_of(title, text, stopwords) for title, text in known],
        limit=limit,
        seed=now.date().toordinal(),
    )
    begun = store_review.begun(app.store, who=who, labels=labels)
    return picks if begun is None else [Pick(begun, Why.BEGUN), *picks][:limit]


@dataclass(frozen=True, slots=True)
class Shown:
    """The entry that is asked about; ``asked`` is the label in turn, ``answers`` what was said of the others.

    ``note`` goes with the next answer; ``number`` counts from 1.
    """

    pick: Pick
    stored: StoredEntry
    number: int
    total: int
    asked: str
    answers: Mapping[str, bool | None]
    note: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One key press that moved on: where it was made, and what it wrote."""

    at: int
    ids: tuple[int, ...] = ()
    answers: Mapping[str, bool | None] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a review came to: entries answered and skipped, and (yes, no, unsure) by label."""

    answered: int
    skipped: int
    by_label: Mapping[str, tuple[int, int, int]]


class Review:
    """A person's way through the queue, forward by answers and back by `undo`."""

    def __init__(
        self,
        store: Store,
        picks: Sequence[Pick],
        labels: Sequence[str],
        *,
        who: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Begin with the first entry that is still there."""
        self._store = store
        self._picks = picks
        self._labels = labels
        self._who = who
        self._now = now
        self._steps: list[_Step] = []
        self._note = ""
        self._at = -1
        self._stored: StoredEntry | None = None
        self._before: Mapping[str, bool | None] = {}
        self._move_on()

    @property
    def shown(self) -> Shown | None:
        """What is asked now; None at the end."""
        if self._stored is None:
            return None
        answers = self._answers()
        asked = next((label for label in self._labels if label not in answers), self._labels[0])
        pick, number = self._picks[self._at], self._at + 1
        return Shown(pick, self._stored, number, len(self._picks), asked, answers, self._note)

    def answer(self, values: Mapping[str, bool | None]) -> None:
        """Store what was said of the entry's labels, and go on to its next label or the next entry.

        Raises:
            UsageError: the entry has been pruned meanwhile.
        """
        entry_id = self._picks[self._at].id
        new = [NewAnnotation(entry_id, label, value, self._note) for label, value in values.items()]
        ids = annotate(self._store, new, who=self._who, via=VIA, now=self._now())
        self._steps.append(_Step(self._at, tuple(ids), values, self._note))
        if all(label in self._answers() for label in self._labels):
            self._move_on()

    def skip(self) -> None:
        """Leave the entry; it does not come again in this review."""
        self._steps.append(_Step(self._at, note=self._note))
        self._move_on()

    def take_note(self, text: str) -> None:
        """Keep a note for the answers that follow on this entry; "" drops it."""
        self._note = text.strip()

    def undo(self) -> bool:
        """Take back the last answer or skip, and return to where it was given. False where there is none."""
        if not self._steps:
            return False
        step = self._steps.pop()
        annotations.withdraw(self._store, step.ids, now=self._now())
        self._at, self._note = step.at, step.note
        self._stored = views.item(self._store, self._picks[step.at].id)
        self._before = self._said_before()
        return True

    def tally(self) -> Tally:
        """Sum up what was not undone."""
        by_entry = {step.at: self._last(step.at) for step in self._steps}
        said = Counter((label, value) for values in by_entry.values() for label, value in values.items())
        by_label = {label: (said[label, True], said[label, False], said[label, None]) for label in self._labels}
        answered = sum(bool(values) for values in by_entry.values())
        return Tally(answered, len(by_entry) - answered, by_label)

    def _last(self, at: int) -> dict[str, bool | None]:
        """What was said of an entry in this review, the last word on each label."""
        return {label: value for step in self._steps if step.at == at for label, value in step.answers.items()}

    def _answers(self) -> dict[str, bool | None]:
        return {**self._before, **self._last(self._at)}

    def _said_before(self) -> dict[str, bool | None]:
        """What people said of the entry that is asked about, this review left out."""
        mine = {id_ for step in self._steps for id_ in step.ids}
        words = annotations.history(self._store, self._picks[self._at].id)
        stand = (word for word in words if word.withdrawn_at is None and word.id not in mine)
        return {word.label: word.value for word in stand if word.label in self._labels}

    def _move_on(self) -> None:
        """Go to the next entry that is still there and that nobody has labelled meanwhile."""
        self._note, self._stored = "", None
        while self._stored is None and self._at + 1 < len(self._picks):
            self._at += 1
            self._before = self._said_before()
            begun = self._picks[self._at].why is Why.BEGUN and len(self._before) < len(self._labels)
            if begun or not self._before:
                self._stored = views.item(self._store, self._picks[self._at].id)

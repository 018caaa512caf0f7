"""Publishers of a simulated world: what they publish when, and how their servers answer, all drawn from a seed.

What a publisher does depends on its seed and on the time only, never on who asked when, so that two monitors can be set
loose on the same world and compared. Times are seconds since the world's beginning.
"""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from monitor.domain.entry import Entry
from monitor.domain.feed import Validators
from monitor.normalise.identity import Identifiers

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0
TEXT = (
    "The council met on Tuesday night, heard the residents, and put the matter off until the harbour board has shown "
    "what the new quay will cost, and who is to pay for it."
)
TEASER = 40  # characters
LONG_REFUSAL = 40 * DAY
"""What a server that means well with nobody says in Retry-After."""


class Answer(NamedTuple):
    """What a request brings, after how many seconds. ``status`` None: nothing came in time.

    ``version`` is that of the document where it came whole, with whole texts.
    """

    seconds: float
    status: int | None
    retry_after: float | None = None
    entries: list[Entry] | None = None
    etag: str | None = None
    complete: bool = True
    fresh_for: float | None = None
    permanent: str | None = None
    version: int | None = None


class Trouble(NamedTuple):
    """A time in which a server refuses; ``says`` is whether it names the end of it in Retry-After."""

    begin: float
    end: float
    status: int | None
    says: bool
    excessive: bool = False


class Server:
    """The machine behind one registrable domain, with its bad hours."""

    def __init__(self, rng: random.Random, days: float, *, every: float, longest: float) -> None:
        """``every`` is the mean time between two troubles, none for infinity; at least a day is quiet between them."""
        self.troubles: list[Trouble] = []
        at = rng.expovariate(1 / every) if every != float("inf") else days * DAY
        while at < days * DAY:
            end = at + rng.uniform(300, longest)
            status = rng.choice([429, 429, 500, 503, 503, 403, None])
            says = status in {429, 503} and rng.random() < 0.7
            self.troubles.append(Trouble(at, end, status, says, says and longest > DAY and rng.random() < 0.1))
            at = end + DAY + rng.expovariate(1 / every)
        self._begins = [trouble.begin for trouble in self.troubles]

    def trouble(self, at: float) -> Trouble | None:
        found = bisect_right(self._begins, at) - 1
        return self.troubles[found] if found >= 0 and at < self.troubles[found].end else None


@dataclass(frozen=True, slots=True)
class Habits:
    """How a feed is kept. ``gap`` is the mean time between two publications, each of ``batch`` entries.

    ``keyed`` is what its entries can be told apart by: guid, link or text. ``validators`` is how it treats conditional
    requests: "right" (304 while nothing changed), "none" (sends no validators), "lies" (304 for ever). Its guids are
    rotated at the times in ``rotates``, and at ``moves_at`` it moves to ``new_url`` for good. ``teases`` is how many of
    its answers tell only how the texts begin.
    """

    gap: float
    keep: int
    batch: int = 1
    keyed: str = "guid"
    dated: bool = True
    silent_from: float = float("inf")
    validators: str = "right"
    edits: float = 0.0
    reorders: bool = False
    withdraws: float = 0.0
    truncates: float = 0.0
    teases: float = 0.0
    fresh_for: float | None = None
    rotates: tuple[float, ...] = ()
    moves_at: float = float("inf")
    new_url: str = ""


class Site:
    """One feed at its publisher. An entry's title, which no other has and which never changes, is its name."""

    def __init__(self, name: str, url: str, server: Server, new_server: Server, habits: Habits, seed: int) -> None:
        self.name, self.url, self.habits = name, url, habits
        self._servers = (server, new_server)
        self._rng = random.Random(seed)  # what happens
        self._noise = random.Random(seed + 1)  # how it is told
        self.window: list[Entry] = []
        self.born: dict[str, float] = {}
        self.corrected: Counter[str] = Counter()
        self.published = 0
        self.version = 0
        self.left: Callable[[Entry, float, float], None] = lambda entry, born, out: None
        """Told of each entry that leaves the document: the entry, when it was published, and when it left."""
        self._generation = 0
        self._next = -habits.keep * habits.gap / habits.batch

    def advance(self, to: float) -> None:
        """Publish all that is due by a time."""
        while self._next <= to:
            at = self._next
            self._next += self._rng.expovariate(1 / self.habits.gap)
            generation = sum(turn <= at for turn in self.habits.rotates) if self.habits.rotates else 0
            if generation != self._generation:
                self._rotate(generation)
            if at < self.habits.silent_from:
                self._publish(at)

    def _publish(self, at: float) -> None:
        habits, rng = self.habits, self._rng
        if self.window and habits.edits and rng.random() < habits.edits:
            place = rng.randrange(len(self.window))
            title = self.window[place].title
            self.corrected[title] += 1
            self.window[place] = self._entry(title, f"{TEXT} {_correction(rng, at)}")
        if self.window and habits.withdraws and rng.random() < habits.withdraws:
            self._leave(self.window.pop(rng.randrange(len(self.window))), at)
        for _ in range(habits.batch):
            self.published += 1
            title = f"What the council decided {self.published}"
            self.born[title] = at
            self.window.append(self._entry(title, TEXT))
        while len(self.window) > habits.keep:
            self._leave(self.window.pop(0), at)
        self.version += 1

    def _entry(self, title: str, text: str) -> Entry:
        number = title.rpartition(" ")[2]
        guid = f"{number}@{self._generation}" if self.habits.keyed == "guid" else None
        url = f"https://paper.example/{self.name}/{number}" if self.habits.keyed != "text" else None
        published = START + timedelta(seconds=int(self.born[title])) if self.habits.dated else None
        key = Identifiers(guid, url, title, text).key()
        assert key is not None
        return Entry(key, guid, url, title, text, "en", published)

    def _leave(self, entry: Entry, at: float) -> None:
        self.left(entry, self.born.pop(entry.title), at)

    def _rotate(self, generation: int) -> None:
        self._generation = generation
        self.window = [self._entry(entry.title, entry.text) for entry in self.window]
        self.version += 1

    def answer(self, at: float, asked: str, validators: Validators) -> Answer:
        """Answer a request that came at a time; the world has been moved on to that time."""
        habits, noise = self.habits, self._noise
        moved = at >= habits.moves_at
        seconds = 0.1 + noise.expovariate(1 / 0.6)
        trouble = self._servers[moved].trouble(at)
        if trouble is not None:
            says = LONG_REFUSAL if trouble.excessive else trouble.end - at
            return Answer(45.0 if trouble.status is None else seconds, trouble.status, says if trouble.says else None)
        permanent = habits.new_url if moved and asked != habits.new_url else None
        seconds = min(seconds * (2 if permanent else 1), 44.0)
        etag = f'"{self.version}"' if habits.validators != "none" else None
        asked_before = validators.etag is not None
        if asked_before and (validators.etag == etag or habits.validators == "lies"):
            return Answer(seconds, 304, fresh_for=habits.fresh_for, permanent=permanent)
        entries, complete, version = list(self.window), True, self.version
        if habits.teases and noise.random() < habits.teases:
            entries, version = [replace(entry, text=f"{entry.text[:TEASER]}…") for entry in entries], None
        if habits.reorders:
            noise.shuffle(entries)
        if habits.truncates and noise.random() < habits.truncates:
            # What breaks off is the end, where feeds have what is oldest.
            entries, complete = entries[len(entries) - noise.randrange(len(entries) + 1) :], False
            version = None
        return Answer(seconds, 200, None, entries, etag, complete, habits.fresh_for, permanent, version)


def _correction(rng: random.Random, at: float) -> str:
    """What a corrected text ends with: a word, a number, or a fifth of the whole."""
    return rng.choice(["Corrected.", f"Corrected at {at:.0f}.", f"The board has shown it meanwhile. {TEXT[60::-1]}"])

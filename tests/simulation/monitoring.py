"""A monitor in a simulated world: the poll job's steps over the real rules, without sockets, store or event loop.

What it keeps from one life to the next is what the store holds; what a process holds dies with it. Times are seconds
since the world's beginning, `START`.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from monitor.domain.entry import Entry
from monitor.domain.feed import FeedMemory, FeedState, Outcome, Validators
from monitor.errors import Severity
from monitor.fetch import moves
from monitor.fetch.options import FetchOptions, PollOptions
from monitor.fetch.politeness import budget_key
from monitor.fetch.schedule import BUSY_PAUSE, Came, Next, next_poll
from monitor.jobs.poll import LEASE
from monitor.jobs.rounds import ROUND
from monitor.jobs.visit import validators_for

from .publishers import DAY, START, Answer, Site
from .record import Life, Lost, Record, Run
from .shelf import Shelf, Taken
from .turns import take_turns

_SEVERITY = {403: Severity.SOFT}


class Monitor:
    """Polls the sites of a world; lives as often as it is told to."""

    def __init__(self, sites: Sequence[Site], poll: PollOptions, fetch: FetchOptions) -> None:
        self.sites, self.record = sites, Record()
        self._poll, self._fetch = poll, fetch
        self.interval = fetch.domain_interval.total_seconds()
        # What the store holds:
        self.states = [FeedState(site.name) for site in sites]
        self.shelves = [Shelf() for _ in sites]
        self._leased = [0.0] * len(sites)
        self._paused: dict[str, float] = {}
        # What only the observer knows:
        self.titles: list[set[str]] = [set() for _ in sites]
        self._read: list[float | None] = [None] * len(sites)
        self._versions: list[int | None] = [None] * len(sites)
        self._promised: dict[str, float] = {}
        self._passed: dict[int, tuple[int, float]] = {}  # how often in a row, and when last, a round had no place
        self._keys = {url: budget_key(url, s.name) for s in sites for url in (s.url, s.habits.new_url) if url}
        for i, site in enumerate(sites):
            site.left = lambda entry, born, out, i=i: self._left(i, entry, born, out)

    def live(self, life: Life) -> None:
        """Run as a daemon does from begin to end: a tick finds what is due, unless the last run is still under way."""
        self._passed.clear()
        free_at: dict[str, float] = {}
        due = [(max(self._due(i), life.begin), i) for i in range(len(self.sites))]
        heapify(due)
        tick, now = self._poll.tick.total_seconds(), life.begin
        while due:
            ahead = max(now, due[0][0]) - life.begin
            now = life.begin + -(-ahead // tick) * tick
            if now >= life.end:
                return
            batch: list[tuple[float, int]] = []
            while due and due[0][0] <= now:
                since, i = heappop(due)
                if (opens := self._paused.get(self._budget(i, now), 0.0)) > now:
                    self._passed.pop(i, None)  # by its server, not by ours
                    heappush(due, (opens, i))
                else:
                    batch.append((since, i))
            if batch:
                batch, left = self._round(batch, now)
                now = self._run(now, batch, free_at, life)
                for since, i in left:
                    self._passed[i] = self._passed.get(i, (0, 0.0))[0] + 1, now
                    heappush(due, (since, i))
                for _, i in batch:
                    self._passed.pop(i, None)
                    opens = self._paused.get(self._budget(i, now), 0.0)
                    heappush(due, (max(self._due(i), opens, life.begin), i))

    def _due(self, i: int) -> float:
        """When the store lets a feed be claimed: due, not leased, not paused by itself."""
        state = self.states[i]
        times = [_seconds(t) for t in (state.next_poll_at, state.paused_until) if t is not None]
        return max([self._leased[i], *times])

    def _budget(self, i: int, at: float) -> str:
        return self._keys[self._address(i, at)][0]

    def _address(self, i: int, at: float) -> str:
        url, memory = self.sites[i].url, self.states[i].memory
        return url if memory.moved_to is None else moves.address(url, memory, _moment(at))

    def _round(self, due: Sequence[tuple[float, int]], now: float) -> tuple[list[tuple[float, int]], ...]:
        """What fits into one round, the longest due first, and what is left for the next, as `rounds.choose` does."""
        most = max(1, int(ROUND.total_seconds() // self.interval))
        taken: Counter[str] = Counter()
        batch, left = [], []
        for since, i in sorted(due, key=lambda pair: (_seconds(self.states[pair[1]].next_poll_at), pair[1])):
            key = self._budget(i, now)
            fits = not key.startswith("domain:") or taken[key] < most
            taken[key] += fits
            (batch if fits else left).append((since, i))
        return batch, left

    def _run(self, begin: float, batch: Sequence[tuple[float, int]], free_at: dict[str, float], life: Life) -> float:
        """Claim, take turns, store; returns when the run ended."""
        keys = [self._budget(i, begin) for _, i in batch]
        for _, i in batch:
            self._leased[i] = begin + LEASE.total_seconds()
        turn = _Turn(self, batch, keys, Counter(dict.fromkeys(keys, self.interval)))
        end = take_turns(
            keys, begin, free_at, interval=lambda key: self.interval if key.startswith("domain:") else 0.0,
            concurrency=self._fetch.concurrency, serve=turn.serve, done=turn.done, until=life.end,
        )  # fmt: skip
        if end >= life.end and not life.killed:
            for _, i in batch:
                self._leased[i] = 0.0
        # No domain's chain waits for more than itself, beside the times at which all general turns are taken.
        bound = max(turn.chains.values()) + turn.work / self._fetch.concurrency
        passed = [self._passed.get(i, (0, 0.0)) for _, i in batch]
        waited = max(begin - max(since, last) for (since, _), (_, last) in zip(batch, passed, strict=True))
        self.record.runs.append(Run(begin, end, bound, waited))
        self.record.passed = max(self.record.passed, *(times for times, _ in passed))
        return end

    def ask(self, i: int, budget: str, at: float, since: float, shut: set[str]) -> tuple[Answer, str]:
        """Ask a site, and shut the budget where it answers 429; returns the answer and the address that was asked."""
        asked = self._address(i, at)
        self.sites[i].advance(at)
        answer = self.sites[i].answer(at, asked, validators_for(self.states[i], self._poll, _moment(at)))
        self._observe(i, budget, at, since, answer)
        if answer.status == 429:
            shut.add(budget)
            wait = min(answer.retry_after or BUSY_PAUSE.total_seconds(), self._poll.max_backoff.total_seconds())
            self._paused[budget] = max(self._paused.get(budget, 0.0), at + wait)
        return answer, asked

    def release(self, i: int) -> None:
        """Give a claimed feed back."""
        self._leased[i] = 0.0

    def _observe(self, i: int, budget: str, at: float, since: float, answer: Answer) -> None:
        """Note a request, also what should not be, and what its answer forbids: a 429 its budget, a 503 its feed."""
        self.record.requests.add(budget, i, at, answer.seconds, since)
        feed = f"feed {i}"
        if at < max(self._promised.get(budget, 0.0), self._promised.get(feed, 0.0)) - 1e-6:
            self.record.too_early.append((i, at))
        if at < _seconds(self.states[i].next_poll_at) - 1e-6:
            self.record.not_due.append((i, at))
        if answer.retry_after is not None:
            until = at + min(answer.retry_after, self._poll.max_backoff.total_seconds())
            self._promised[feed] = until + answer.seconds
            if answer.status == 429:
                self._promised[budget] = until

    def store(self, i: int, answer: Answer, asked: str, start: float, end: float) -> None:
        """Take what came, and write what a poll writes."""
        self.record.outcomes[str(answer.status or "timeout")] += 1
        state, now = self.states[i], _moment(end)
        refused = answer.status not in {200, 304}
        known: float | None = 1.0 if answer.status == 304 else None
        if answer.entries is not None:
            taken = self.shelves[i].take(answer.entries, first_poll=state.polled_at is None)
            repeats = len(answer.entries) - len(taken.new)
            self._note_taking(i, taken, end)
            self._versions[i] = answer.version
            known = repeats / len(answer.entries) if state.polled_at is not None and answer.entries else None
        outcome = Outcome.FAILED if refused else Outcome.NOT_MODIFIED if answer.status == 304 else Outcome.OK
        severity = _SEVERITY.get(answer.status or 0, Severity.TEMPORARY) if refused else None
        fresh = None if answer.fresh_for is None else timedelta(seconds=answer.fresh_for)
        came = Came(outcome, severity, answer.status, answer.retry_after, known, fresh)
        seed = zlib.crc32(f"{state.name} {now.isoformat()}".encode())
        plan = next_poll(state, came, now=now, options=self._poll, seed=seed)
        memory, validators, polled_at = state.memory, state.validators, state.polled_at
        if not refused:
            memory, validators, polled_at = self._success(i, plan, answer, asked, now), state.validators, now
            if answer.status == 200 and answer.complete:
                validators = Validators(answer.etag)
        failing_since = (state.failing_since or now) if refused else None
        # Written out, since `replace` takes a tenth of the whole simulation's time.
        self.states[i] = FeedState(
            state.name, validators, plan.at, plan.failures, plan.paused_until, polled_at, failing_since, memory
        )
        if not refused:
            self._note_reading(i, answer, start)

    def _note_reading(self, i: int, answer: Answer, at: float) -> None:
        """Note when a document was read whole, and what is in it and not in the store all the same."""
        site, titles = self.sites[i], self.titles[i]
        if not answer.complete or (answer.status == 304 and site.habits.validators != "right"):
            return
        if answer.status == 304:
            self.record.hidden += [(i, entry.title) for entry in site.window if entry.title not in titles]
        if (before := self._read[i]) is not None and at - before > 1.1 * DAY:
            self.record.unread.append((before, at))
        self._read[i] = at

    def _success(self, i: int, plan: Next, answer: Answer, asked: str, now: datetime) -> FeedMemory:
        """What is learnt from a 200 or 304."""
        state = self.states[i]
        unasked = validators_for(state, self._poll, now) == Validators()
        whole_at = now if answer.status == 200 and answer.complete and unasked else state.memory.whole_at or now
        moved_to, moved_since = state.memory.moved_to, state.memory.moved_since
        memory = FeedMemory(plan.learned, plan.full, whole_at=whole_at, moved_to=moved_to, moved_since=moved_since)
        if answer.permanent or moved_to:
            url = self.sites[i].url
            memory = moves.seen(memory, asked=asked, permanent=answer.permanent, configured=url, now=now)
        return memory

    def _note_taking(self, i: int, taken: Taken, at: float) -> None:
        record, site, titles = self.record, self.sites[i], self.titles[i]
        for entry in taken.new:
            if entry.title in titles:
                record.again.append((i, entry.title))
                continue
            titles.add(entry.title)
            if (born := site.born.get(entry.title)) is not None and self._read[i] is not None:
                record.delays.append(at - born)
        record.stored += len(taken.new)
        record.quarantined += [(i, entry.title) for entry in taken.new if entry.key in taken.quarantined]
        record.versions.update((i, entry.title) for entry in taken.edits)
        record.misjudged += [(i, key) for key in taken.misjudged]

    def stale(self) -> list[tuple[int, str]]:
        """(feed, title) of what is in a document that was read whole as it is, and stored with another text."""
        return [
            (i, entry.title)
            for i, site in enumerate(self.sites)
            if self._versions[i] == site.version
            for entry in site.window
            if self.shelves[i].text_of(entry) != entry.text
        ]

    def _left(self, i: int, entry: Entry, born: float, out: float) -> None:
        seen = self._read[i]
        if seen is not None and entry.title not in self.titles[i]:
            self.record.lost.append(Lost(i, entry.title, born, out, seen))
        self.shelves[i].forget(entry)


@dataclass(slots=True)
class _Turn:
    """The turns of one run. ``chains`` are the seconds of each budget's queue alone, ``work`` of all answers."""

    monitor: Monitor
    batch: Sequence[tuple[float, int]]
    keys: Sequence[str]
    chains: Counter[str]
    work: float = 0.0
    shut: set[str] = field(default_factory=set)
    answers: dict[int, tuple[Answer, str, float]] = field(default_factory=dict)

    def serve(self, n: int, start: float) -> float:
        """Ask, unless the budget was shut meanwhile: then the feed is given back, though its turn is used up."""
        key, interval, seconds = self.keys[n], self.monitor.interval, 0.0
        if key not in self.shut:
            since, i = self.batch[n]
            answer, asked = self.monitor.ask(i, key, start, since, self.shut)
            self.answers[n] = answer, asked, start
            seconds = answer.seconds
        self.chains[key] += max(interval, seconds)
        self.work += seconds
        return seconds

    def done(self, n: int, end: float) -> None:
        i = self.batch[n][1]
        self.monitor.release(i)
        if n in self.answers:
            answer, asked, start = self.answers[n]
            self.monitor.store(i, answer, asked, start, end)


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else (at - START).total_seconds()


def _moment(at: float) -> datetime:
    return START + timedelta(seconds=at)

"""What of the notices is told: each once when it opens, once when it is over, and less where it flaps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.notices import CALM, HOLD, Turn, decide
from monitor.domain.notice import Key, Notice, NoticeKind

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SILENT: Key = (NoticeKind.SILENT, "courier")
OUTAGE: Key = (NoticeKind.ALL_FAILING, "")


class Book:
    """The notices as they are kept from run to run, and what the owner was told: (hours since the start, state)."""

    def __init__(self, key: Key = SILENT) -> None:
        self.key = key
        self.now = NOW
        self.kept: dict[Key, Notice] = {}
        self.told: list[tuple[float, str]] = []

    def run(self, there: bool | None, after: timedelta = HOUR) -> Turn:
        """One run; ``there`` None means that nothing is known."""
        self.now += after
        found = {self.key: "quiet"} if there else {}
        over = {self.key: self.now} if there is False else {}
        turn = decide(self.kept.values(), found, over, now=self.now)
        for notice in (*turn.opened, *(shut.notice for shut in turn.closed), *turn.quiet):
            self.kept[notice.key] = notice
        for key in turn.dropped:
            del self.kept[key]
        hours = (self.now - NOW) / HOUR
        self.told += [(hours, "open")] * len(turn.opened) + [(hours, "over")] * len(turn.closed)
        return turn

    @property
    def notice(self) -> Notice:
        return self.kept[self.key]


def test_a_notice_is_told_once_and_once_more_when_it_is_over() -> None:
    book = Book()
    for there in (None, True, True, None, True, False, False, None):
        book.run(there)
    assert book.told == [(2, "open"), (6, "over")]
    assert (book.notice.open, book.notice.times) == (False, 1)


def test_what_opens_again_after_a_calm_day_is_told_again() -> None:
    book = Book()
    book.run(True)
    book.run(False)
    book.run(True, after=CALM)
    assert [state for _, state in book.told] == ["open", "over", "open"]
    assert book.notice.times == 1


def test_what_flaps_is_told_once_and_counted() -> None:
    book = Book()
    for _ in range(6):
        book.run(True)
        book.run(False)
    assert book.told == [(1, "open"), (2, "over")]
    assert book.notice.times == 6
    assert not book.notice.open


def test_what_flapped_and_stays_open_is_told_after_a_day_and_so_is_its_end() -> None:
    book = Book()
    for there in (True, False, True):
        book.run(there)
    assert (book.notice.open, book.notice.told) == (True, False)
    for _ in range(30):
        book.run(True)
    book.run(False)
    assert book.told == [(1, "open"), (2, "over"), (3 + CALM / HOUR, "open"), (34, "over")]


def test_an_outage_that_flapped_is_told_sooner() -> None:
    book = Book(OUTAGE)
    for there in (True, False, *[True] * 10):
        book.run(there)
    assert book.told == [(1, "open"), (2, "over"), (3 + HOLD[NoticeKind.ALL_FAILING] / HOUR, "open")]


def test_what_is_pointless_goes_without_a_word_and_comes_back_as_new() -> None:
    book = Book()
    book.run(True)
    turn = decide(book.kept.values(), {SILENT: "quiet"}, {SILENT: NOW}, pointless=[SILENT], now=book.now)
    assert turn == Turn(dropped=(SILENT,))
    assert turn.news == 0
    assert decide([], {}, {}, pointless=[SILENT], now=book.now) == Turn()


def test_what_opened_is_told_in_the_order_of_kinds() -> None:
    keys: list[Key] = [
        (NoticeKind.SPIKE, "a"), (NoticeKind.SILENT, "b"), (NoticeKind.SILENT, "a"), (NoticeKind.FAILING, "z"),
        (NoticeKind.ALL_FAILING, ""),
    ]  # fmt: skip
    turn = decide([], dict.fromkeys(keys, ""), {}, now=NOW)
    assert [notice.key for notice in turn.opened] == [keys[4], keys[3], keys[2], keys[1], keys[0]]


runs = st.lists(
    st.tuples(st.sampled_from([True, True, False, None]), st.timedeltas(HOUR / 12, timedelta(hours=40))), max_size=60
)


@given(runs, st.sampled_from([SILENT, OUTAGE]))
def test_what_is_told_takes_turns_and_never_comes_twice_in_a_day_of_flapping(
    history: list[tuple[bool | None, timedelta]], key: Key
) -> None:
    book = Book(key)
    for there, after in history:
        book.run(there, after)
    states = [state for _, state in book.told]
    assert states == ["open", "over"] * (len(states) // 2) + ["open"] * (len(states) % 2)
    hold = HOLD.get(key[0], CALM) / HOUR
    for (over, _), (opened, _) in zip(book.told[1::2], book.told[2::2], strict=False):
        assert opened - over >= hold


@given(runs, st.sampled_from([SILENT, OUTAGE]))
def test_what_stays_open_is_known_to_the_owner_in_the_end(
    history: list[tuple[bool | None, timedelta]], key: Key
) -> None:
    book = Book(key)
    for there, after in history:
        book.run(there, after)
    book.run(True)
    book.run(True, after=CALM)
    assert book.told[-1][1] == "open"
    assert book.notice.told
    book.run(False)
    assert book.told[-1][1] == "over"

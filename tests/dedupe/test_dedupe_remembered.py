"""What is remembered of a window's entries."""

from monitor.dedupe.remembered import Remembered, Version
from tests.dedupe.telling import told

ONE, TWO, THREE = (told("Court frees one", number=number) for number in (1, 2, 3))


def version(number: int, times: int = 1) -> Version:
    return "feed", f"g:{number}", times, "fingerprint"


def test_an_entry_is_remembered_in_the_version_that_was_read() -> None:
    remembered = Remembered()
    remembered.keep([(version(1), ONE), (version(2, 4), TWO)])
    assert remembered.recall({version(1), version(2, 3), version(3)}) == {version(1): ONE}
    assert remembered.recall([version(2, 4)]) == {version(2, 4): TWO}


def test_of_too_many_those_go_that_were_not_wanted_for_longest() -> None:
    remembered = Remembered(2)
    remembered.keep([(version(1), ONE), (version(2), TWO)])
    remembered.recall([version(1)])
    remembered.keep([(version(3), THREE)])
    assert remembered.recall(map(version, (1, 2, 3))) == {version(1): ONE, version(3): THREE}

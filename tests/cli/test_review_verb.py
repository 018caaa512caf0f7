"""`monitor review` as a person meets it: a terminal, single keys, and what is stored at each press."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

PATIENCE = 60.0
CLEAR = "\x1b[2J"
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CONTROLLED = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); "  # whoever started the tests in the background ignores it
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
"""Makes the terminal the process's own, so that Ctrl-C in it interrupts."""
BY_LINE = (
    "import sys; sys.modules['termios'] = None; sys.argv[0] = 'monitor'; from monitor.cli.main import main; main()"
)


class Terminal:
    """A process in a pseudo-terminal of 80 columns; ``screen`` is what it wrote since it last cleared."""

    def __init__(self, args, *, program=("-m", "monitor"), rows=24):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        hidden = {"COLUMNS", "LINES", "NO_COLOR", "PYTHONIOENCODING"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        self.process = subprocess.Popen(
            [sys.executable, "-c", CONTROLLED, *program, *map(str, args)],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**environment, "TERM": "xterm-256color", "LOGNAME": "carla"},
        )  # fmt: skip
        self.raw = ""

    @property
    def screen(self):
        return CODES.sub("", self.raw.rpartition(CLEAR)[2]).replace("\r", "")

    def expect(self, *words):
        """Read on until the screen holds these words."""
        until = time.monotonic() + PATIENCE
        while not all(word in self.screen for word in words):
            ready, _, _ = select.select([self._ours], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"no {words!r} on the screen:\n{self.screen}"
            self.raw += self._read(words)
        return self.screen

    def _read(self, words):
        with contextlib.suppress(OSError):
            if found := os.read(self._ours, 65_536):
                return found.decode("utf-8", "replace")
        pytest.fail(f"it ended before it said {words!r}:\n{self.screen}")

    def press(self, keys, *words):
        """Press keys, and read what comes of it."""
        self.raw = ""  # only what is drawn from now on counts
        os.write(self._ours, keys.encode())
        return self.expect(*words)

    def end(self):
        code = self.process.wait(PATIENCE)
        assert termios.tcgetattr(self._theirs) == self.before
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        os.close(self._ours)
        os.close(self._theirs)


ENTRIES = tuple({"title": f"Hearing {name}", "returns": p, "policy": 0.01} for name, p in (
    ("first", 0.49), ("second", 0.54), ("third", 0.4), ("fourth", 0.7)))  # fmt: skip


@pytest.fixture
def desk4(stocked):
    return stocked(*ENTRIES)


@pytest.fixture
def terminal(desk4):
    """Open reviews; ``--label`` and the like can be given."""
    opened = []

    def run(*args, **how):
        opened.append(Terminal([*how.pop("verb", ["review"]), "--config", desk4.config, *args], **how))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


@pytest.fixture
def said(call, desk4):
    """What stands of what people said, by id and label."""

    def read():
        found = json.loads(call("label", *range(1, len(ENTRIES) + 1), "--json", "--config", desk4.config).out)
        words = {
            (one["id"], word["label"]): word for one in found for word in one["annotations"] if not word["withdrawn_at"]
        }
        return {key: word["value"] for key, word in words.items()}

    return read


def test_single_keys_answer_label_by_label_and_every_answer_is_stored_at_once(terminal, said):
    review = terminal()
    review.expect("Hearing first", "? help")
    assert "1 of 4   near a line: returns 0.49 against 0.5" in review.screen
    assert "returns?  y yes  n no  u unsure" in review.screen
    review.press("y", "you say: yes", "policy?")
    assert review.raw.count(CLEAR) == 1
    assert said() == {(1, "returns"): True}
    review.press("u", "2 of 4")
    assert said() == {(1, "returns"): True, (1, "policy"): None}
    review.press("n", "policy?")
    review.press("n", "3 of 4")
    ended = review.press("q", "labels by now")
    assert "2 entries answered" in ended
    assert "returns: 1 yes, 1 no" in ended
    assert "policy: 0 yes, 1 no, 1 unsure" in ended
    review.expect("99 more to tune its line, 30 more yes and 29 more no")
    assert review.end() == 0


def test_one_key_answers_all_labels(terminal, said):
    review = terminal()
    review.expect("1 of 4", "? help")
    for number, key in enumerate("rpb", 2):
        review.press(key, f"{number} of 4")
    review.press("0", "That was the last one")
    values = {tuple(v for (id_, _), v in sorted(said().items()) if id_ == n) for n in (1, 2, 3, 4)}
    assert values == {(False, True), (True, False), (True, True), (False, False)}  # (policy, returns) of each
    ended = review.press("q", "labels by now")
    assert "4 entries answered" in ended
    assert review.end() == 0


def test_undo_goes_back_several_steps_into_what_was_just_shown(terminal, said):
    review = terminal()
    first = review.expect("? help")
    title = re.search(r"Hearing \w+", first).group()
    review.press("y", "policy?")
    review.press("y", "2 of 4")
    review.press("s", "3 of 4")
    review.press("z", "2 of 4")
    assert len(said()) == 2
    back = review.press("z", "policy?")
    assert title in back
    assert len(said()) == 1
    review.press("z", "returns?")
    assert said() == {}
    review.press("z", "there is nothing to take back")
    review.press("n", "policy?")
    assert list(said().values()) == [False]
    review.press("q", "1 entry answered")


def test_the_last_answer_can_be_undone_too(terminal, said):
    review = terminal("--limit", "1")
    review.expect("1 of 1")
    review.press("b", "That was the last one")
    review.press("z", "returns?")
    assert said() == {}
    review.press("s", "That was the last one")
    assert "0 entries answered, 1 skipped" in review.press("q", "labels by now")


def test_a_note_is_typed_in_a_line_and_stored_with_the_answer(terminal, call, desk4):
    review = terminal()
    review.expect("? help")
    review.press("o", "note: ")
    review.press("she was 15, \u00e9l\u00e8ve\n", "note: she was 15, \u00e9l\u00e8ve")
    review.press("y", "policy?")
    review.press("q", "labels by now")
    told = call("items", "show", 1, "--config", desk4.config).out
    assert "in, by hand (carla" in told
    assert '"she was 15, \u00e9l\u00e8ve"' in told


def test_a_review_resumes_where_it_was_and_asks_nothing_twice(terminal, said):
    review = terminal()
    title = re.search(r"Hearing \w+", review.expect("? help")).group()
    review.press("y", "policy?")
    review.press("q", "labels by now")
    assert review.end() == 0

    again = terminal()
    screen = again.expect("policy?")
    assert "begun before, one label is open" in screen
    assert title in screen
    again.press("n", "2 of 4")
    for number in (3, 4):
        again.press("0", f"{number} of 4")
    again.press("0", "That was the last one")
    again.press("q", "labels by now")
    assert len(said()) == 8

    last = terminal()
    assert "nothing to review" in last.expect("labels by now")
    assert last.end() == 0


def test_one_label_is_asked_about_without_the_keys_for_all(terminal, said):
    review = terminal("--label", "policy")
    screen = review.expect("? help")
    assert "policy?  y yes" in screen
    assert "or at once" not in screen
    review.press("y", "2 of 4")
    review.press("b", "b means nothing here")
    assert set(said().values()) == {True}
    assert {label for _, label in said()} == {"policy"}


def test_help_names_the_keys_and_any_key_goes_back(terminal):
    review = terminal()
    review.expect("1 of 4", "? help")
    told = review.press("?", "Any key goes back.")
    assert "undo the last answer" in told
    assert max(map(len, told.splitlines())) <= 80
    review.press("y", "1 of 4", "returns?")


def test_arrows_and_unknown_keys_answer_nothing(terminal, said):
    review = terminal()
    review.expect("? help")
    review.press("\x1b[A\x1bOPk", "k means nothing here; ? for help")  # F1 ends in P, the arrow in A
    review.press("\u0436", "\u0436 means nothing here")
    assert said() == {}


@pytest.mark.parametrize("ending", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_ctrl_c_and_ctrl_d_end_it_as_q_does(terminal, said, ending):
    review = terminal()
    review.expect("1 of 4", "? help")
    review.press("b", "2 of 4", "? help")
    assert "1 entry answered" in review.press(ending, "labels by now", "quality")
    assert review.end() == 0
    assert len(said()) == 2


def test_a_process_that_is_killed_has_lost_nothing(terminal, said):
    review = terminal()
    review.expect("1 of 4", "? help")
    review.press("y", "policy?")
    review.process.send_signal(signal.SIGKILL)
    review.process.wait(PATIENCE)
    assert list(said().values()) == [True]


def test_a_platform_without_single_keys_reads_lines(terminal, said):
    review = terminal(program=("-c", BY_LINE))
    review.expect("(Enter after each)")
    review.press("yn\n", "2 of 4")
    review.press("o\n", "note: ")
    review.press("why\n", "note: why")
    review.press("q\n", "1 entry answered")
    assert review.end() == 0
    assert len(said()) == 2


def test_a_small_window_still_shows_the_keys(terminal):
    review = terminal(rows=10)
    assert "returns?" in review.expect("? help")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--label", "retruns"], "did you mean returns?"),
        (["--since", "last week"], "--since last week"),
        (["--limit", "0"], "limit"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_shown(terminal, args, words):
    review = terminal(*args)
    review.expect(words)
    assert review.end() == 2


def test_without_a_terminal_it_names_the_verb_that_needs_none(process, desk4):
    refused = process("review", "--config", desk4.config)
    assert (refused.code, refused.out) == (2, "")
    assert "`monitor label ID +returns -policy`" in refused.err

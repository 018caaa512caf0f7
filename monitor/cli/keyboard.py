"""Single key presses where the platform has termios, whole lines elsewhere."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol

termios: ModuleType | None
try:
    import termios
    import tty
except ImportError:  # Windows
    termios = None

_PATIENCE = 0.05  # seconds in which the rest of an escape sequence follows


class Keyboard(Protocol):
    """Where answers come from."""

    by_line: bool
    """Whether a key needs Enter behind it."""

    def key(self) -> str:
        """Wait for a key; "" where the input has ended."""

    def line(self, prompt: str) -> str | None:
        """Ask for a line of text; None where it was given up."""


@contextmanager
def keyboard() -> Iterator[Keyboard]:
    """Read keys from stdin, which must be a terminal; it is as it was afterwards."""
    if termios is None:
        yield _Lines()
        return
    with _woken() as signals:
        keys = _Keys(sys.stdin.fileno(), signals)
        try:
            keys.listen()
            yield keys
        finally:
            keys.rest()


@contextmanager
def _woken() -> Iterator[int]:
    """Give a pipe that can be read once a signal came.

    Ctrl-C between the interpreter's last look at signals and its wait for a key would be noticed at the next key only.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


class _Keys:
    """A terminal that gives each key as it is pressed and does not show it; Ctrl-C still interrupts."""

    by_line = False

    def __init__(self, terminal: int, signals: int) -> None:
        self._terminal, self._signals = terminal, signals
        self._before: Any = termios.tcgetattr(terminal) if termios else None

    def listen(self) -> None:
        tty.setcbreak(self._terminal)

    def rest(self) -> None:
        if termios:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def key(self) -> str:
        """A character; what arrows and other such keys send is passed over."""
        while True:
            first = self._byte()
            if first != b"\x1b":
                return self._character(first)
            self._pass_over()

    def line(self, prompt: str) -> str | None:
        _show(prompt)
        self.rest()
        read = b""
        try:
            while not read.endswith(b"\n"):
                # Byte by byte: what was typed ahead stays for `key`.
                byte = self._byte()
                if not byte:
                    return None
                read += byte
        except KeyboardInterrupt:
            return None
        finally:
            self.listen()
        return read.decode("utf-8", "replace").strip()

    def _byte(self) -> bytes:
        try:
            while self._signals in select.select([self._terminal, self._signals], [], [])[0]:
                os.read(self._signals, 512)  # the interpreter acts on the signal itself, before the next step
            return os.read(self._terminal, 1)
        except OSError:  # the terminal has gone away
            return b""

    def _character(self, first: bytes) -> str:
        """The whole of a character of UTF-8 that begins so."""
        more = next((n for n, least in ((3, 0xF0), (2, 0xE0), (1, 0xC0)) if first and first[0] >= least), 0)
        return (first + b"".join(self._byte() for _ in range(more))).decode("utf-8", "replace")

    def _pass_over(self) -> None:
        """Take the rest of an escape sequence: ESC [ … letter, ESC O letter, or ESC and one key."""
        if not self._follows():
            return
        kind = self._byte()
        if kind == b"O" and self._follows():
            self._byte()
        while kind == b"[" and self._follows():
            byte = self._byte()
            if not byte or b"@" <= byte <= b"~":
                return

    def _follows(self) -> bool:
        return bool(select.select([self._terminal], [], [], _PATIENCE)[0])


class _Lines:
    """Keys as letters of a line, each line ended by Enter."""

    by_line = True

    def __init__(self) -> None:
        self._waiting = ""

    def key(self) -> str:
        while not self._waiting:
            line = sys.stdin.readline()
            if not line:
                return ""
            self._waiting = "".join(line.split())
        first, self._waiting = self._waiting[0], self._waiting[1:]
        return first

    def line(self, prompt: str) -> str | None:
        _show(prompt)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            return None
        return line.strip() if line else None


def _show(prompt: str) -> None:
    sys.stdout.write(prompt)
    sys.stdout.flush()

"""The feed readers that are compared: how each is set up, told to poll, and asked what it has stored."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from .measure import FailedError

ROOT = Path(__file__).resolve().parents[2]
READER_WORKERS = 4
NEWSBOAT_THREADS = 4
"""With these each was fastest on two cores; 2 to 8 differ by less than a fifth."""


@dataclass(frozen=True, slots=True)
class System:
    """One feed reader.

    ``prepare`` lays out fresh state in a folder for the given addresses; what it takes is not timed. ``poll`` is the
    command that is timed, ``stored`` counts the entries that are in the folder's database with all that belongs to
    them. ``environment`` is added to the command's own. ``late`` says that it needs two polls before it asks
    conditionally; the second is then not timed.
    """

    name: str
    version: str
    prepare: Callable[[Path, Sequence[str]], None]
    poll: Callable[[Path], Sequence[str]]
    stored: Callable[[Path], int]
    environment: Callable[[Path], Mapping[str, str]] = field(default=lambda folder: {})
    late: bool = False


def monitor(python: str = sys.executable, code: Path = ROOT) -> System:
    """This program, as its users start it: config read, model loaded, predictions stored."""

    def prepare(folder: Path, urls: Sequence[str]) -> None:
        config = folder / "config"
        config.mkdir()
        for name in ("labels.toml", "channels.toml", "subscriptions.toml"):
            shutil.copyfile(ROOT / "config" / name, config / name)
        (config / "monitor.toml").write_text(
            '[database]\nurl = "sqlite:///monitor.db"\n[fetch]\nallow_private_hosts = true\nprivate_interval = "0s"\n'
        )
        (config / "feeds.toml").write_text(
            "".join(
                f'[sources.paper{n}]\ntitle = "Paper {n}"\n[sources.paper{n}.feeds]\npaper{n} = "{url}"\n'
                for n, url in enumerate(urls)
            )
        )

    return System(
        "monitor",
        version("returns-monitor"),
        prepare,
        lambda folder: (python, "-m", "monitor", "poll", "--all", "--config", str(folder / "config")),
        lambda folder: _count(folder / "monitor.db", _PREDICTED),
        # The checkout's code, wherever it is started from.
        lambda folder: {"PYTHONPATH": str(code)},
    )


_PREDICTED = "SELECT count(DISTINCT entry_id) FROM prediction WHERE entry_id IN (SELECT id FROM entry)"

_READER = """
import sys
from reader import make_reader
database, workers = sys.argv[1:]
with make_reader(database) as reader:
    if int(workers):
        reader.update_feeds(workers=int(workers), scheduled=False)
    else:
        for url in sys.stdin.read().split():
            reader.add_feed(url)
"""


def reader(folder: Path, workers: int = READER_WORKERS) -> System:
    """The library ``reader`` of PyPI, installed into a virtual environment below ``folder``, and its `update_feeds`."""
    # Its own copy of feedparser wants a module that feedparser itself no longer brings along.
    python = _environment(folder / "reader", "reader", "sgmllib3k")

    def command(home: Path, workers: int) -> Sequence[str]:
        return python, "-c", _READER, str(home / "reader.db"), str(workers)

    def prepare(home: Path, urls: Sequence[str]) -> None:
        _said(command(home, 0), "\n".join(urls))

    shown = "from importlib.metadata import version; print(version('reader'))"
    return System(
        "reader",
        _said((python, "-c", shown)).strip(),
        prepare,
        lambda home: command(home, workers),
        lambda home: _count(home / "reader.db", "SELECT count(*) FROM entries"),
    )


def newsboat(threads: int = NEWSBOAT_THREADS) -> System:
    """The program ``newsboat``, as Debian has it, and its ``-x reload``."""

    def prepare(home: Path, urls: Sequence[str]) -> None:
        (home / "urls").write_text("\n".join(urls) + "\n")
        (home / "config").write_text(f"reload-threads {threads}\n")

    return System(
        "newsboat",
        _said(("newsboat", "--version")).split()[1],
        prepare,
        lambda home: (
            "newsboat", "-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", str(home / "config"),
            "-x", "reload",
        ),
        lambda home: _count(home / "cache.db", "SELECT count(*) FROM rss_item"),
        lambda home: {"HOME": str(home)},
        late=True,  # https://github.com/newsboat/newsboat/issues/2734
    )  # fmt: skip


def peers(folder: Path, tell: Callable[[str], None]) -> list[System]:
    """The other readers that are to be had here; each that is not is told of by name, with the reason."""
    found = []
    try:
        found.append(reader(folder))
    except FailedError as error:
        tell(f"reader is left out: {error}")
    reason = None if shutil.which("newsboat") else _install_newsboat()
    if reason is None:
        found.append(newsboat())
    else:
        tell(f"newsboat is left out: {reason}")
    return found


def _install_newsboat() -> str | None:
    """Install it where that is possible; returns why it is not."""
    if shutil.which("apt-get") is None:
        return "it is not installed, and there is no apt-get to install it with"
    if os.geteuid() != 0:
        return "it is not installed; `apt-get install newsboat` as root installs it"
    try:
        _said(("apt-get", "install", "--yes", "--no-install-recommends", "newsboat"))
    except FailedError as error:
        return str(error)
    return None


def _environment(folder: Path, *packages: str) -> str:
    """Make a virtual environment with packages in it; returns its interpreter."""
    _said((sys.executable, "-m", "venv", str(folder)))
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    _said((python, "-m", "pip", "install", "--disable-pip-version-check", *packages))
    return python


def _said(command: Sequence[str], given: str = "") -> str:
    """Run a command that is not timed; returns what it prints. Raises FailedError."""
    done = subprocess.run(command, input=given, check=False, capture_output=True, text=True)
    if done.returncode:
        raise FailedError(command, done.returncode, done.stderr)
    return done.stdout


def _count(database: Path, statement: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute(statement).fetchone()[0])

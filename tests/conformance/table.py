"""Write docs/conformance.md: feedparser's published cases, and captured feeds, read by our parser.

``python -m tests.conformance.table`` fetches the source distribution by pip, as its hash is pinned here.
``--cases FOLDER`` takes a ``tests`` folder that is there already.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from . import captured
from .cases import read_cases
from .claims import Result
from .compare import Outcome, Tried, attempt
from .reasons import REASONS, Reason, reason_for

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "conformance.md"
RELEASE = "6.0.12"
SHA256 = "64f76ce90ae3e8ef5d1ede0f8d3b50ce26bcce71dd8ae5e82b1cd2d4a5f94228"
CAPTURED = "## Captured feeds"
_HEADINGS = ("cases", "documents", "parsed", "entries", "of feedparser", "exact", "as kept", "differ", "not taken")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all cases and write the report; returns 1 where a difference is left that nothing explains."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=Path, help="a tests folder of feedparser; without it, one is fetched")
    options.add_argument("--report", type=Path, default=REPORT, help="where to write to")
    given = options.parse_args(arguments)
    with published() if given.cases is None else _given(given.cases) as folder:
        tried, skipped = run(folder)
    data = os.environ.get("MONITOR_REAL_DATA")
    section = captured.lines(Path(data) / "feeds") if data else _kept(given.report)
    given.report.write_text(markdown(tried, skipped, section), encoding="utf-8")
    left = unexplained(tried)
    for outcome in left:
        sys.stderr.write(f"not explained: {outcome.case}: {outcome.claim} ({outcome.field})\n")
    for reason in idle(tried):
        sys.stderr.write(f"a reason that nothing needs: {reason.cases} ({reason.field})\n")
    return 1 if left or idle(tried) else 0


@contextmanager
def published() -> Iterator[Path]:
    """The ``tests`` folder of the pinned source distribution, fetched by pip, and gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "feedparser"]
        subprocess.run([*fetch, "--dest", name, f"feedparser=={RELEASE}"], check=True)
        (archive,) = folder.glob("feedparser-*.tar.gz")
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != SHA256:
            raise SystemExit(f"{archive.name} has the hash {found}, not the one that is pinned")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        yield folder / f"feedparser-{RELEASE}" / "tests"


@contextmanager
def _given(folder: Path) -> Iterator[Path]:
    yield folder


def run(folder: Path) -> tuple[list[Tried], int]:
    """Try every case under a folder; returns them, and how many this Python lacks an encoding for."""
    cases = list(read_cases(folder))
    return [attempt(case) for case in cases if not case.skipped], sum(case.skipped for case in cases)


def unexplained(tried: Iterable[Tried]) -> list[Outcome]:
    """The differences for which there is no reason."""
    return [outcome for outcome in _different(tried) if reason_for(outcome.case, outcome.field) is None]


def idle(tried: Iterable[Tried]) -> list[Reason]:
    """The reasons that explain nothing any more."""
    used = {reason_for(outcome.case, outcome.field) for outcome in _different(tried)}
    return [reason for reason in REASONS if reason not in used]


def _different(tried: Iterable[Tried]) -> Iterator[Outcome]:
    return (outcome for one in tried for outcome in one.outcomes if outcome.result is Result.DIFFERS)


_INTRODUCTION = """\
# Conformance

Made by `make conformance`: the cases that feedparser publishes, each a document with what its authors expect of it,
read by our parser. What is compared is what we take: titles, links, guids, texts, dates, languages, the version, the
number of entries. What an expectation says of anything else (well-formedness, authors, categories, enclosures, the
name of the encoding …) counts as not taken.

The cases are those of feedparser {release}, source distribution with the SHA-256
`{sha256}`; our parser uses feedparser {installed}.
{skipped} further cases need an encoding that Python does not have. {unread} expectations call functions that are not
looked at."""
_LEGEND = """\
*exact*: claims that hold to the letter. *as kept*: claims that hold once both sides are cleaned as everything is that
is kept (HTML to plain text, links made absolute), which is where feedparser's sanitising ends up too. *of feedparser*:
the entries that feedparser finds by itself; their number is one claim more of each document."""


def markdown(tried: Sequence[Tried], skipped: int, section: Sequence[str]) -> str:
    """The whole report; ``section`` is what is known of captured feeds."""
    unread = sum(bool(one.unread) for one in tried)
    lines = [
        _INTRODUCTION.format(
            release=RELEASE, sha256=SHA256, installed=version("feedparser"), skipped=skipped, unread=unread
        ),
        "",
        *_table(tried),
        "",
        _LEGEND,
        "",
        "## Where we differ, and why",
        "",
        *_reasons(tried),
        "",
        CAPTURED,
        "",
        *section,
    ]
    return "\n".join(lines) + "\n"


def _table(tried: Sequence[Tried]) -> list[str]:
    groups = sorted({one.case.group for one in tried})
    rows = [_row(group, [one for one in tried if one.case.group == group]) for group in groups]
    return [_line(_HEADINGS), "|---|" + "---:|" * (len(_HEADINGS) - 1), *rows, _row("**all**", tried)]


def _row(name: str, tried: Sequence[Tried]) -> str:
    results = Counter(outcome.result for one in tried for outcome in one.outcomes)
    entries = sum(len(one.document.entries) for one in tried if one.document)
    numbers = (
        len(tried),
        sum(one.document is not None for one in tried),
        entries,
        sum(len(one.theirs) for one in tried),
        *(results[result] for result in (Result.EXACT, Result.KEPT, Result.DIFFERS, Result.NOT_TAKEN)),
    )
    return _line((name, *(f"{number:,}" for number in numbers)))


def _reasons(tried: Sequence[Tried]) -> list[str]:
    found = Counter(reason_for(outcome.case, outcome.field) for outcome in _different(tried))
    rows = [_line((str(found[reason]), f"`{reason.cases}`", f"`{reason.field}`", reason.why)) for reason in REASONS]
    left = [_line(("1", f"`{o.case}`", f"`{o.field}`", "**not explained**")) for o in unexplained(tried)]
    return [_line(("claims", "cases", "of", "why")), "|---:|---|---|---|", *rows, *left]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kept(report: Path) -> list[str]:
    """What the report says of captured feeds already: without MONITOR_REAL_DATA nobody can count them anew."""
    text = report.read_text(encoding="utf-8") if report.exists() else ""
    return text.partition(f"{CAPTURED}\n\n")[2].splitlines() or [
        "Not counted: MONITOR_REAL_DATA names no captured feeds."
    ]


if __name__ == "__main__":
    sys.exit(main())

"""Documents captured from real sites: counts of what we and feedparser take, and nothing of what they say."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from monitor.domain.entry import Document
from monitor.normalise.text import plain_title
from monitor.normalise.url import canonical

from .cases import Case
from .compare import Tried, attempt

_URL = "https://captured.example/feed"
_OWN = "kurtmckee+feedparser/"
"""Where feedparser's own cases stand among the captured documents: they have a table of their own."""


def captured_cases(root: Path) -> Iterator[Case]:
    """The documents of the manifest, and those of one feed that was captured over a year."""
    with (root / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    paths += [file.relative_to(root).as_posix() for file in sorted((root / "_sequence").glob("*.gz"))]
    for path in dict.fromkeys(paths):
        if not path.startswith(_OWN):
            body = (root / path).read_bytes()
            yield Case(path, "", gzip.decompress(body) if path.endswith(".gz") else body, "", url=_URL)


_INTRODUCTION = """\
Feeds of real sites and other parsers' fixtures, and one feed captured over a year, as far as they were there when the
command was run (MONITOR_REAL_DATA); feedparser's own cases among them are left out. Entries are compared one by one
where we find as many as feedparser does."""
MORE_JSON = "documents in which we find more: JSON Feed, which feedparser 6 does not read"
LESS_CUT = "documents in which we find less: they break off, and the entry that does is left out"
TITLES = "titles that differ: in UTF-8 without saying so, which feedparser takes for ISO-8859-1"
LINKS = "links that differ: of several we take the first that is the web's, feedparser takes the last"
OTHERS = "differences for other reasons"


def lines(root: Path) -> list[str]:
    """The section of the report, as Markdown."""
    found = counts(captured_cases(root))
    return [
        *_INTRODUCTION.splitlines(),
        "",
        "| what | number |",
        "|---|---:|",
        *(f"| {k} | {n:,} |" for k, n in found.items()),
    ]


def counts(cases: Iterable[Case]) -> Counter[str]:
    """What is found in documents; every kind of difference is counted by its reason, others apart."""
    found: Counter[str] = Counter()
    for one in map(attempt, cases):
        document, ours = one.document, len(one.document.entries) if one.document else 0
        found["documents tried"] += 1
        found["documents parsed"] += document is not None
        found[_refused(one)] += document is None
        found["documents mended on the way"] += bool(document and document.recovered)
        found["entries found"] += ours
        found["entries that feedparser finds"] += len(one.theirs)
        if document and ours == len(one.theirs):
            found += _alike(one)
        elif document:
            found[_why(document, ours, len(one.theirs))] += 1
    return Counter(dict(sorted((+found).items(), key=_place)))


def _refused(one: Tried) -> str:
    if one.case.body.startswith(b"/*"):
        return "documents refused as not-a-feed: a fixture in JSON with comments"
    nothing = ": the server answered with nothing" if not one.case.body else ""
    return f"documents refused as {one.refused}{nothing}"


def _place(row: tuple[str, int]) -> tuple[int, str]:
    """Documents first, then entries, then what they say, and the differences last."""
    name = row[0]
    order = (
        "documents tried",
        "documents parsed",
        "documents refused",
        "documents mended",
        "entries",
        "titles",
        "links",
    )
    different = "differ" in name or "we find" in name
    return (len(order) if different else next((n for n, start in enumerate(order) if name.startswith(start)), 0), name)


def _why(document: Document, ours: int, theirs: int) -> str:
    if ours < theirs and not document.complete:
        return LESS_CUT
    return MORE_JSON if document.version == "json" else OTHERS


def _alike(one: Tried) -> Counter[str]:
    """How many titles and links of entries are feedparser's too, once both are cleaned as what is kept."""
    found: Counter[str] = Counter()
    entries = one.document.entries if one.document else ()
    for ours, theirs in zip(entries, one.theirs, strict=True):
        found[_title(plain_title(ours.title), theirs.get("title", ""))] += 1
        links = [
            canonical(theirs.get("link"), _URL),
            *(canonical(link.get("href"), _URL) for link in theirs.get("links", ())),
        ]
        link = canonical(ours.link, _URL)
        found["links that are feedparser's too" if link == links[0] else LINKS if link in links else OTHERS] += 1
    return found


def _title(ours: str, theirs: str) -> str:
    if ours == plain_title(theirs):
        return "titles that are feedparser's too"
    # Half of a last letter may be a blank in ISO-8859-1, and is gone.
    again = plain_title(_as_utf8(theirs)).rstrip("\ufffd")
    return TITLES if again and again in {ours, ours[:-1]} else OTHERS


def _as_utf8(text: str) -> str:
    """UTF-8 that was read as ISO-8859-1 or windows-1252, read anew."""
    held = b"".join(c.encode("cp1252", "ignore") or c.encode("latin-1", "replace") for c in text)
    return held.decode("utf-8", "replace")

"""feedparser's published cases: files whose head comment says what they show and what to expect."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.parse.encoding import to_utf8

_EXPECT = re.compile(r"Description:\s*(.*?)\s*Expect:\s*(.*)\s*-->")
_HEADER = re.compile(r"^\s*Header:\s*([^:\n]+):(.+)$", re.MULTILINE)
_NEEDS_CODEC = re.compile(r"SkipUnless:\s*__import__\('codecs'\)\.lookup\('([^']+)'\)")
_HOST = "http://127.0.0.1:8097/tests/"
"""Where feedparser's own run serves the cases that have "http" in their names; only those have headers."""


@dataclass(frozen=True, slots=True)
class Case:
    """One document and what feedparser's authors expect of it; ``expression`` is "" where nothing is said.

    ``name`` is its path, ``group`` the folders of that. ``needs`` names an encoding without which it is no case.
    """

    name: str
    group: str
    body: bytes
    expression: str
    url: str = ""
    content_type: str = ""
    needs: str = ""

    @property
    def skipped(self) -> bool:
        """Say whether this Python lacks what the case needs, as feedparser's own run asks."""
        try:
            codecs.lookup(self.needs or "utf-8")
        except LookupError:
            return True
        return False


def read_cases(folder: Path) -> Iterator[Case]:
    """All cases under a ``tests`` folder, by name."""
    for file in sorted(folder.rglob("*.xml")):
        yield _case(file.relative_to(folder).as_posix(), file.read_bytes())


def _case(name: str, body: bytes) -> Case:
    text = to_utf8(body).body.decode("utf-8", "replace")
    found, needs = _EXPECT.search(text), _NEEDS_CODEC.search(text)
    headers = {key.strip().lower(): value.strip() for key, value in _HEADER.findall(text)} if "http" in name else {}
    return Case(
        name=name,
        group=name.rpartition("/")[0] or ".",
        body=body,
        expression=found[2].strip() if found else "",
        url=headers.get("content-location", _HOST + name) if "http" in name else "",
        content_type=headers.get("content-type", "application/xml" if "http" in name else ""),
        needs=needs[1] if needs else "",
    )

"""Sentences that tell one measure at one stage each, or none, in seven languages: wordings, more than items can hold.

A file a language. ``## citizenship applied`` heads those that tell that, ``## citizenship applied not`` those that deny
it, ``## none`` those that tell nothing; a line is a country, ``-`` for none, and the text: ``GB | She keeps ...``.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from .scoring import Item

FOLDER = Path(__file__).parent / "sentences"
_ENDS = (".", "!", "?", "؟", "»", "”", '"')


def read_sentences(path: Path) -> Iterator[Item]:
    """Read a file as items: what ends as a sentence is a text without a title, all else a title alone."""
    head: Sequence[str] = ()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            head = line[3:].split()
        elif line.strip():
            country, _, text = (part.strip() for part in line.partition("|"))
            told = {
                "measure": head[0], "country": None if country == "-" else country,
                "stage": head[-1] if head[-1] != "not" else head[1], "negated": head[-1] == "not",
            }  # fmt: skip
            title, body = ("", text) if text.endswith(_ENDS) else (text, "")
            yield {
                "id": f"{path.stem}-{number}", "lang": path.stem, "title": title, "text": body,
                "measures": [] if head[0] == "none" else [told],
            }  # fmt: skip

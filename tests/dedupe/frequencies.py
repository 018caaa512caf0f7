"""Make monitor/dedupe/data/frequencies.txt anew from models/corpus: ``python -m tests.dedupe.frequencies``.

A word's frequency is that in the language that has it most, out of `weights.DOCUMENTS`; that of a name, number, concept
or country is over all languages. What stands in one document only is left out.
"""

from collections import Counter, defaultdict
from pathlib import Path

from monitor.classify import corpus
from monitor.dedupe.told import marks
from monitor.dedupe.weights import DOCUMENTS, TABLE
from monitor.extract.facts import extract

CORPUS = Path(__file__).parents[2] / "models" / "corpus"
_FEW = 800  # a language with fewer items is taken for one with so many, or each of its words would be common


def counted() -> dict[str, int]:
    """Count the terms of the corpus, scaled to `DOCUMENTS`."""
    items = corpus.read(CORPUS)
    by_language: dict[str, Counter[str]] = defaultdict(Counter)
    everywhere: Counter[str] = Counter()
    sizes = Counter(item.lang for item in items)
    for item in items:
        for term in marks(item.title, item.text, item.lang, extract(item.title, item.text, item.lang)):
            (everywhere if term[0] in "=~'#@!" else by_language[item.lang])[term] += 1
    scaled = {term: n * DOCUMENTS / len(items) for term, n in everywhere.items() if n > 1}
    for lang, counts in by_language.items():
        for term, n in counts.items():
            if n > 1:
                scaled[term] = max(scaled.get(term, 0), n * DOCUMENTS / max(_FEW, sizes[lang]))
    return {term: max(1, round(count)) for term, count in scaled.items()}


def written(counts: dict[str, int]) -> str:
    """Write a line for each frequency, with its terms."""
    lines: dict[int, list[str]] = defaultdict(list)
    for term, count in counts.items():
        lines[count].append(term)
    return "".join(f"{count} {' '.join(sorted(lines[count]))}\n" for count in sorted(lines, reverse=True))


if __name__ == "__main__":
    TABLE.write_text(written(counted()), encoding="utf-8")

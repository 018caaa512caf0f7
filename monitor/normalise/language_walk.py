"""py3langid's walk over a text's bytes, for many texts at once.

Its automaton takes a byte a step, in Python: half the time of naming a language. Side by side each step is a few looks
into tables for all texts together. Counts come in the order in which the walk meets them, so that the sums of scores
are the same to the last bit.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from py3langid.langid import LanguageIdentifier

_LEAST = 16
"""Texts below which the looks into tables cost more than they save."""


class Identifier(LanguageIdentifier):  # type: ignore[misc]
    """py3langid's identifier, which may have walked texts before it is asked about them."""

    __slots__ = ("_met", "_tables")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._met: dict[bytes, Counter[int]] = {}
        self._tables: tuple[Any, Any, Any] | None = None

    @contextmanager
    def walked(self, texts: Sequence[str]) -> Iterator[None]:
        """Walk these texts together; within the block the identifier knows what each has."""
        self._met = self._walk([self._encode(text) for text in texts]) if len(texts) >= _LEAST else {}
        try:
            yield
        finally:
            self._met = {}

    def _raw_score(self, text: bytes) -> Any:
        met = self._met.get(text)
        return self._sparse_score(met, self.nb_ptc) if met else super()._raw_score(text)

    def _walk(self, texts: Sequence[bytes]) -> dict[bytes, Counter[int]]:
        """What the automaton counts in each text; texts in which it counts nothing are left out."""
        texts = sorted(set(texts), key=len, reverse=True)
        lengths = np.array([len(text) for text in texts])
        width = int(lengths[0]) if texts else 0
        padded = np.frombuffer(b"".join(text.ljust(width, b"\0") for text in texts), dtype=np.uint8)
        letters = np.ascontiguousarray(padded.reshape(len(texts), width).T)
        moves, rows, outputs = self._as_tables()
        states = np.zeros(len(texts), dtype=np.int64)
        met = np.full((width, len(texts)), -1, dtype=np.int32)
        under_way = np.searchsorted(
            -lengths, -np.arange(width), side="left"
        )  # the texts that are longer than each step
        for step in range(width):
            some = int(under_way[step])
            states[:some] = moves[rows[states[:some]] + letters[step, :some]]
            met[step, :some] = outputs[states[:some]]
        found = ((text, column[column >= 0]) for text, column in zip(texts, met.T, strict=True))
        return {text: Counter(features.tolist()) for text, features in found if len(features)}

    def _as_tables(self) -> tuple[Any, Any, Any]:
        if self._tables is None:
            self._tables = (
                np.asarray(self.tk_nextmove), np.asarray(self._rowbase, dtype=np.int64), np.asarray(self.tk_output),
            )  # fmt: skip
        return self._tables

"""Corrections and withdrawals, as newsrooms announce them: by the first words of a title."""

import re
import unicodedata
from enum import StrEnum


class Mend(StrEnum):
    """What a source says of what it told before."""

    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


# Each with its colon, dash or bracket, so that "Correction of the border" and "Withdrawn troops" are no such thing.
_CORRECTION = (
    "correction", "corrected", "corrects", "clarification", "corrigendum", "erratum", "berichtigung", "korrektur",
    "korrigiert", "richtigstellung", "rectificatif", "correctif", "corrección", "corregido", "rectificación",
    "fe de errores", "rectificatie", "correctie", "gecorrigeerd", "rettelse", "rättelse", "korrigering", "errata",
    "correzione", "rettifica", "correção", "retificação", "sprostowanie", "oprava", "исправление", "исправлено",
    "поправка", "уточнение", "виправлення", "уточнення", "تصحيح", "تصويب", "düzeltme", "اصلاحیه", "תיקון",
)  # fmt: skip
_WITHDRAWAL = (
    "withdrawn", "withdrawal", "retraction", "retracted", "kill", "zurückgezogen", "rückzug der meldung", "annulation",
    "retrait", "retirado", "retractación", "ingetrokken", "trukket tilbake", "tilbagetrukket", "återkallad", "ritirato",
    "ritrattazione", "retirada", "wycofane", "отозвано", "опровержение", "відкликано", "спростування", "سحب الخبر",
    "geri çekildi",
)  # fmt: skip
_OPEN, _CLOSE = r"^[\s\[(*«\"“]*", r"(?:\s*\([^)]{1,12}\))?\s*(?:[:：\])»]|[-–—]\s|\s[-–—])"


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"{_OPEN}(?:{'|'.join(map(re.escape, words))}){_CLOSE}")


_MENDS = ((Mend.WITHDRAWAL, _pattern(_WITHDRAWAL)), (Mend.CORRECTION, _pattern(_CORRECTION)))


def mend_of(title: str) -> Mend | None:
    """Say whether a title announces a correction or a withdrawal, in any of some twenty languages; None for news."""
    head = unicodedata.normalize("NFC", title[:80]).lower()
    return next((mend for mend, pattern in _MENDS if pattern.match(head)), None)

"""Corrections and withdrawals, as newsrooms announce them, by the first words of a title; or by another title. Pure."""

import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from enum import StrEnum

from monitor.domain.digest import Story
from monitor.normalise.folding import bare, unify
from monitor.normalise.number_words import number_words


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


_WORD = re.compile(r"\d+(?:[.,\u00a0 ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[^\W\d_]+")
_GROUPED = re.compile(r"\d+(?:[.,\u00a0 ]\d{3})+")
# By language: "mai" is never in Italian, and May in French.
_NOT = {
    "en": "not no never without nor neither cannot",
    "fr": "pas non sans jamais aucun aucune ni",
    "de": "nicht kein keine keinen keiner keinem nie ohne",
    "nl": "niet geen nooit zonder",
    "es": "no nunca sin ningun ninguna ni",
    "it": "non senza mai nessun nessuna",
    "ru": "не нет без ни",
    "uk": "не нема без ні",
    "ar": "لا لم لن ليس غير بدون",
    "tr": "degil",
}
# What a headline has or spares; nothing that says whence, whither or against whom.
_SMALL = """
the a an of in on at and or as is are was were be has have will its his her their this that le la les l un une de des du
d et ou est sont der die das dem den ein eine einen einem im am und oder ist sind het een en zijn el los las una del y o
es il lo gli i e в во на и или о об في و ان
"""
_NEGATIONS = {lang: frozenset(words.split()) for lang, words in _NOT.items()}
_SPARED = frozenset(_SMALL.split())
# Part of a name is no negation ("Pas-de-Calais"), nor is a number's sign ("No. 1").
_NAMED = re.compile(r"\w+(?:-\w+)+|\bno\.?\s*(?=\d)", re.IGNORECASE)
_SHORT_NOT = re.compile(r"n[’']t\b", re.IGNORECASE)
_SAME_STEM, _SAME_SPELLING, _STEM = 0.55, 0.85, 4


def says_otherwise(before: str, after: str, lang: str) -> bool:
    """Say whether a title means something else than one before it: it announces a correction that the other did not,
    has another number or a "not" more or less, or other words in the place of some.

    Marks, case, spelling and inflection, order, numbers in words, and words that were only added or only left out, make
    no other meaning: newsrooms polish titles all day.
    """
    mend = mend_of(after)
    if mend is not None and mend is not mend_of(before):
        return True
    if _denials(before, lang) != _denials(after, lang):
        return True
    one, other = _words(before, lang), _words(after, lang)
    gone, come = one - other, other - one
    left = [word for word in gone if word not in _SPARED]
    new = [word for word in come if word not in _SPARED]
    for word in list(left):
        alike = next((found for found in new if _same_word(word, found)), None)
        if alike is not None:
            left.remove(word)
            new.remove(alike)
    return bool(left) and bool(new)


def mend_of_story(story: Story) -> Mend | None:
    """Say what a story's title announces, or what the titles are that bring it back."""
    if story.news is None or not story.news.corrections:
        return mend_of(story.lead.entry.title)
    found = {mend_of(one.now) for one in story.news.corrections} | {mend_of(story.lead.entry.title)}
    return Mend.WITHDRAWAL if Mend.WITHDRAWAL in found else Mend.CORRECTION


def _denials(title: str, lang: str) -> Counter[str]:
    """The words for "not" in a title of a language."""
    words = _words(_NAMED.sub(" ", title), lang)
    return Counter({word: words[word] for word in _NEGATIONS.get(lang, ()) if word in words})


def _words(title: str, lang: str) -> Counter[str]:
    """The words of a title, folded, with its numbers in digits."""
    numbers = number_words().values.get(lang, {})
    found = (
        re.sub(r"\D", "", word) if _GROUPED.fullmatch(word) else bare(word)
        for word in _WORD.findall(_SHORT_NOT.sub(" not", unify(title)))
    )
    return Counter(str(numbers[word]) if word in numbers else word for word in found)


def _same_word(one: str, other: str) -> bool:
    """Say whether two words are one, inflected or spelt in another way; numbers never are."""
    if one[0] != other[0] or one[0].isdigit():
        return False
    longer = max(len(one), len(other))
    common = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return common >= max(_STEM, _SAME_STEM * longer) or SequenceMatcher(None, one, other).ratio() >= _SAME_SPELLING

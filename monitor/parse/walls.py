"""What a page says instead of an article: that it wants consent, proof or money; or it is about something else.

Rules over the text that was taken and over titles, in the languages of the monitor's sources. Where they are wrong it
costs little: the entry keeps its feed's text.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

_MOSTLY = 0.5
"""The share of a text in sentences of a wall from which it is taken for one; articles quote such a sentence at most."""
_SENTENCE = re.compile(r"(?<=[.!?…؟۔])\s+|(?<=。)")

_NOT_FOUND_TITLE = re.compile(
    r"\b404\b|\b(?:page|article|content|story) (?:was )?(?:not found|no longer (?:available|exists))|\bnot found\b"
    r"|introuvable|n['’]existe (?:pas|plus)|nicht gefunden|existiert nicht|no encontrad[ao]|no existe|non trovat[ao]"
    r"|niet gevonden|bestaat niet|не найден[ао]?|не существует|غير موجود|لم يتم العثور|bulunamadı|não encontrad[ao]",
    re.IGNORECASE,
)
_WALLS = {
    "consent": re.compile(
        r"cookie|consent|your privacy|personali[sz]ed ads|legitimate interest|\b\d+ partners\b|our partners"
        r"|nos partenaires|vie privée|tout (?:accepter|refuser)|einwillig|zustimm|datenschutz|werbung und tracking"
        r"|unsere partner|nuestros socios|aceptar tod|privacidad|onze partners|privacyinstelling|accett|consenso"
        r"|файл\w* куки|принять все|конфиденциальност|ملفات تعريف الارتباط|الخصوصية|çerez|gizlilik",
        re.IGNORECASE,
    ),
    "challenge": re.compile(
        r"enable (?:javascript|cookies)|you are (?:a |not a )?(?:human|robot)|unusual (?:traffic|activity)|captcha"
        r"|security of your connection|ray id|blocked by|automated (?:access|requests)|javascript (?:activé|aktivier)"
        r"|vous n['’]êtes pas un robot|kein roboter|no eres un robot|не робот|включите javascript|لست روبوت",
        re.IGNORECASE,
    ),
    "paywall": re.compile(
        r"subscri(?:be|ber|ption)|already a member|sign in to (?:read|continue)|log in to (?:read|continue)|free trial"
        r"|per month|cancel any ?time|abonn(?:é|e|ier|ent|ez|iert)|s['’]abonner|identifiez-vous|jetzt testen|probemonat"
        r"|weiterlesen|einloggen|suscr[ií]|inicia sesión|abbonat|accedi per|inloggen|подпис(?:к|ат|чик)|оформите"
        r"|اشترك|اشتراك|abone",
        re.IGNORECASE,
    ),
}

_WORD = re.compile(r"\w+")
_ARABIC_ARTICLE = re.compile("^[وف]?(?:ال|بال|كال|لل)(?=\\w{3})")
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_STEM = 5  # letters by which inflected words are one: "returned" and "returns"
_SHORTEST = 4
_MANY = 6  # words of a title from which one in common may be chance
# Words that may stand in any title of their language.
_COMMON = frozenset(
    {
        "with", "from", "that", "this", "have", "will", "about", "after", "over", "into", "says", "said", "what",
        "when", "where", "their", "more", "than", "been", "your", "news", "dans", "pour", "avec", "plus", "sont",
        "après", "cette", "leur", "nach", "über", "unter", "eine", "einen", "dass", "nicht", "wird", "sind", "gegen",
        "para", "como", "sobre", "este", "esta", "desde", "della", "delle", "dello", "nella", "sono", "degli",
        "voor", "naar", "niet", "door", "deze", "worden", "после", "более", "также", "через", "этого", "которые",
    }
)  # fmt: skip


def wall(paragraphs: Collection[str]) -> str:
    """Name the wall that a text is (``consent``, ``challenge``, ``paywall``); "" for none."""
    sentences = [sentence for paragraph in paragraphs for sentence in _SENTENCE.split(paragraph) if sentence]
    for kind, words in _WALLS.items():
        of_it = [len(sentence) for sentence in sentences if words.search(sentence)]
        if len(of_it) > 1 and sum(of_it) >= _MOSTLY * sum(map(len, sentences)):
            return kind
    return ""


def is_other_page(wanted: str, titles: Collection[str], *, asked: str, came_from: str) -> bool:
    """Say whether a page is about something else than the entry called ``wanted``: "not found" with a 200, a home page.

    ``titles`` are all that the page calls itself; without words on one of the sides they tell nothing. ``asked`` and
    ``came_from`` are the addresses before and after redirects.
    """
    if _is_home(came_from) and not _is_home(asked):
        return True
    if any(_NOT_FOUND_TITLE.search(title) for title in titles) and not _NOT_FOUND_TITLE.search(wanted):
        return True
    ours = _stems(wanted)
    theirs = set().union(*map(_stems, titles)) - _stems((urlsplit(came_from).hostname or "").replace(".", " "))
    if len(ours) < 2 or not theirs:  # "Live" tells nothing
        return False
    return len(ours & theirs) < (2 if len(ours) >= _MANY and len(theirs) >= _MANY else 1)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.strip("/") in {"", "index.html", "index.php", "home"} and not parts.query


def _stems(title: str) -> set[str]:
    """What a title is about: how its longer words begin, its numbers, pairs of letters where nothing parts words."""
    return set(_each_stem(unicodedata.normalize("NFKC", title).casefold()))


def _each_stem(title: str) -> Iterator[str]:
    for run in _WITHOUT_SPACES.findall(title):
        yield from (run[start : start + 2] for start in range(max(1, len(run) - 1)))
    for word in _WORD.findall(_WITHOUT_SPACES.sub(" ", title)):
        bare = _ARABIC_ARTICLE.sub("", word)
        if word not in _COMMON and (len(bare) >= _SHORTEST or (word.isdigit() and len(word) > 1)):
            yield bare[:_STEM]

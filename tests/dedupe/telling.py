"""Entries for the tests of near-duplicates and stories, made ready for comparing."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from monitor.dedupe.told import Told, tell
from monitor.dedupe.weights import default
from monitor.domain.facts import NOTHING, Facts, Place, Role

DAY = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def told(
    title: str, text: str = "", *, number: int = 1, feed: str = "one", lang: str = "en", hours: float = 0.0,
    facts: Facts = NOTHING,
) -> Told:  # fmt: skip
    """Make an entry ready that was published so many hours after `DAY`."""
    at = DAY + timedelta(hours=hours)
    return tell(default(), facts, number=number, feed=feed, lang=lang, title=title, text=text, at=at)


def lands(*countries: str) -> Facts:
    """Facts that hold nothing but countries."""
    return Facts(places=tuple(Place(country, frozenset({Role.ACTOR})) for country in countries))


WORDS = (
    "court Ghent woman returned camp Roj sentence five years prison children flight ministry said judge appeal Lyon"
    " tribunal peine enfants retour Gericht Urteil Rückkehr Kinder суд приговор дети لاجئين محكمة 12 2019 40 1,200 rain"
)
TEXTS = st.lists(st.sampled_from(WORDS.split(" ")), max_size=25).map(" ".join)
ENTRIES = st.builds(
    told,
    TEXTS,
    TEXTS,
    number=st.integers(1, 99),
    feed=st.sampled_from(["one", "two", "three"]),
    lang=st.sampled_from(["en", "fr", "de", "ru", "ar"]),
    hours=st.floats(0, 24 * 30),
    facts=st.lists(st.sampled_from(["BE", "FR", "DE", "SY", "XK"]), max_size=3, unique=True).map(lambda c: lands(*c)),
)

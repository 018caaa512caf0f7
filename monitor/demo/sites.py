"""The sample feeds: where they stand on the feed server, how they behave there, and what is true of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files

from monitor.demo.render import render
from monitor.demo.server import FeedServer
from monitor.domain.feed import Tier

SLOW_SECONDS = 1.5  # long enough to see that the others do not wait for it


class Behaviour(StrEnum):
    """How a sample answers."""

    GOOD = "good"
    SLOW = "slow"  # a good document, late
    BROKEN = "broken"  # a document that is not well-formed
    DEAD = "dead"  # 404


@dataclass(frozen=True, slots=True)
class Sample:
    """One feed of a fictional publisher.

    ``name`` is the feed's name and its source's key, ``title`` and ``kind`` are the source's, ``entries`` is the number
    of distinct entries (of a broken document: what a lenient parser reads), ``subject`` how many of them are about
    returns or policy. ``file`` is None where there is nothing to send. The file stands on disk in ``encoding``.
    """

    name: str
    title: str
    kind: str
    language: str
    content_type: str
    file: str | None
    entries: int = 0
    subject: int = 0
    tier: Tier = Tier.NEWS
    behaviour: Behaviour = Behaviour.GOOD
    encoding: str = "utf-8"

    @property
    def path(self) -> str:
        """The path on the feed server."""
        return f"/{self.file or self.name}"

    def document(self, now: datetime) -> bytes:
        """Return the bytes to serve, dated relative to ``now`` (aware); empty for a sample without a file."""
        if self.file is None:
            return b""
        template = (files("monitor.demo") / "feeds" / self.file).read_text(encoding=self.encoding)
        return render(template, now).encode(self.encoding)


_RSS, _ATOM, _RDF, _JSON = "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"

SAMPLES: tuple[Sample, ...] = (
    Sample("harbour-courier", "The Harbour Courier", "news", "en", _RSS, "harbour-courier.xml", 10, 3),
    Sample("meridian-law", "Meridian Law Review", "law", "en", _ATOM, "meridian-law.xml", 8, 2, Tier.ANALYSIS),
    Sample("north-coast-wire", "North Coast Wire", "news agency", "en", _RDF, "north-coast-wire.rdf", 9, 4),
    Sample("lantern", "Lantern Institute", "think tank", "en", _JSON, "lantern-institute.json", 8, 3, Tier.ANALYSIS),
    Sample("courrier-du-canal", "Le Courrier du Canal", "news", "fr", _RSS, "courrier-du-canal.xml", 9, 2),
    Sample("cahiers", "Cahiers du droit public", "law", "fr", _ATOM, "cahiers-du-droit.xml", 8, 1, Tier.ANALYSIS),
    Sample("seeblatt", "Seeblatt", "news", "de", _RSS, "seeblatt.xml", 9, 2),
    Sample("forum-recht", "Forum Recht und Gesellschaft", "law", "de", _ATOM, "forum-recht.xml", 8, 1, Tier.ANALYSIS),
    Sample("vestnik", "Вестник Заречья", "news", "ru", _RSS, "vestnik-zarechya.xml", 9, 2, encoding="windows-1251"),
    Sample("minbar-aldifaf", "منبر الضفاف", "news", "ar", _RSS, "minbar-aldifaf.xml", 9, 2),
    Sample("polderbode", "De Polderbode", "news", "nl", _RSS, "polderbode.xml", 9, 2),
    Sample(
        name="faro-del-valle",
        title="El Faro del Valle",
        kind="news",
        language="es",
        content_type=_RSS,
        file="faro-del-valle.xml",
        entries=9,
        subject=2,
        behaviour=Behaviour.SLOW,
        encoding="iso-8859-1",
    ),
    Sample(
        name="ridge-telegraph",
        title="The Ridge Telegraph",
        kind="news",
        language="en",
        content_type=_RSS,
        file="ridge-telegraph.xml",
        entries=5,
        behaviour=Behaviour.BROKEN,
    ),
    Sample("island-bulletin", "The Island Bulletin", "news", "en", _RSS, None, behaviour=Behaviour.DEAD),
)

_RETURNS, _POLICY, _BOTH = frozenset({"returns"}), frozenset({"policy"}), frozenset({"returns", "policy"})

SUBJECT: Mapping[str, frozenset[str]] = {
    "https://harbour-courier.example/world/children-flown-home-from-roj": _RETURNS,
    "https://harbour-courier.example/politics/exclusion-orders-vote": _POLICY,
    "https://harbour-courier.example/wire/fighters-extradited-from-turkey": _RETURNS,
    "https://meridian-law.example/posts/stripped-of-citizenship": _BOTH,
    "https://meridian-law.example/posts/early-release-act": _POLICY,
    "https://northcoast-wire.example/n/88120": _BOTH,
    "https://northcoast-wire.example/n/88117": _RETURNS,
    "https://northcoast-wire.example/n/88113": _RETURNS,
    "https://northcoast-wire.example/archive/n/10233": _RETURNS,
    "https://lantern-institute.example/notes/returnees-in-numbers": _RETURNS,
    "https://lantern-institute.example/notes/security-council-draft": _POLICY,
    "https://courrier-canal.example/monde/rapatriement-roj": _RETURNS,
    "https://courrier-canal.example/justice/refus-de-rapatriement": _BOTH,
    "https://cahiers-droit.example/billets/417": _POLICY,
    "https://seeblatt.example/politik/anklage-is-rueckkehrerin": _RETURNS,
    "https://seeblatt.example/politik/keine-rueckholung": _BOTH,
    "https://forum-recht.example/beitraege/verlust-der-staatsangehoerigkeit": _POLICY,
    "https://vestnik-zarechya.example/mir/vozvrashchenie-iz-el-hol": _RETURNS,
    "https://vestnik-zarechya.example/politika/lishenie-grazhdanstva": _POLICY,
    "https://minbar-aldifaf.example/news/3301": _RETURNS,
    "https://minbar-aldifaf.example/news/3297": _POLICY,
    "https://polderbode.example/binnenland/uitreizigster-aangehouden": _RETURNS,
    "https://polderbode.example/binnenland/intrekken-nederlanderschap": _POLICY,
    "https://farodelvalle.example/nacional/detenida-repatriada": _RETURNS,
    "https://farodelvalle.example/nacional/anteproyecto-retornados": _POLICY,
}
"""The true labels of the entries on the subject, by link without tracking parameters; the others have none."""

SHARED_LINK = "https://harbour-courier.example/world/children-flown-home-from-roj"
"""The one link that stands in two feeds (The Harbour Courier, Lantern Institute)."""

SYNDICATED = (
    "https://harbour-courier.example/wire/fighters-extradited-from-turkey",
    "https://northcoast-wire.example/n/88113",
)
"""The two links under which one agency report stands, word for word."""

OLD = "https://northcoast-wire.example/archive/n/10233"
"""An entry on the subject that is dated 2009: stored, and never announced."""


def serve(server: FeedServer, now: datetime, *, slow: float = SLOW_SECONDS) -> None:
    """Put every sample on ``server``, dated relative to ``now`` (aware); the slow one waits ``slow`` seconds."""
    for sample in SAMPLES:
        if sample.behaviour is Behaviour.DEAD:
            server.add(sample.path, b"gone fishing\n", content_type="text/plain", status=404)
            continue
        delay = slow if sample.behaviour is Behaviour.SLOW else None
        server.add(sample.path, sample.document(now), content_type=sample.content_type, delay=delay, gzip=True)

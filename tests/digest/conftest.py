"""Builders for digests, and the sample that the golden files show: seven languages, every mark a story can have."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.block import Block, CountRow, Ledger, ReferenceRow, StepRow, Tracker
from monitor.domain.digest import (
    Coverage,
    Digest,
    FeedFault,
    NewFigure,
    NewMeasure,
    News,
    Section,
    Silence,
    Story,
    Subscription,
)
from monitor.domain.entry import Entry, Origin, Score, StoredEntry, Term
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Place, Role, Stage
from monitor.domain.labels import Cut, Decision, Lines
from monitor.domain.telling import Teller, teller

CLOSE = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def build_entry(number: int = 1, **fields: object) -> StoredEntry:
    """Make a stored entry; ``fields`` replace those of the entry, or of its row."""
    entry = {
        "key": f"g:{number}",
        "guid": str(number),
        "url": f"https://harbour-courier.example/world/{number}",
        "title": f"Court hears returnee number {number}",
        "text": "A hearing was held on Friday.",
        "lang": "en",
        "published": CLOSE - timedelta(hours=3),
    }
    row = {
        "id": number,
        "feed": "harbour-courier",
        "source": "The Harbour Courier",
        "first_seen": CLOSE - timedelta(hours=1),
        "origin": Origin.LIVE,
        "announceable": True,
        "story_id": number,
        "countries": (),
        "scores": {"returns": Score(0.9)},
        "scorer": "2026.11.1+5c1e90ab",
        "facts": Facts(),
    }
    entry |= {name: value for name, value in fields.items() if name in entry}
    row |= {name: value for name, value in fields.items() if name in row}
    return StoredEntry(entry=Entry(**entry), **row)  # type: ignore[arg-type]


def build_story(number: int = 1, **fields: object) -> Story:
    """Make a story; ``others`` are source titles, ``terms`` pairs of text and concept, ``scores`` label to score."""
    scores: dict[str, float] = fields.pop("scores", {"returns": 0.9})  # type: ignore[assignment]
    others: tuple[str, ...] = fields.pop("others", ())  # type: ignore[assignment]
    terms: tuple[tuple[str, str], ...] = fields.pop("terms", ())  # type: ignore[assignment]
    rolled_over = bool(fields.pop("rolled_over", False))
    return Story(
        id=number,
        lead=build_entry(number, **fields),
        others=tuple(build_entry(number * 1000 + at, source=source) for at, source in enumerate(others)),
        decisions=tuple(Decision(label, score, 0.55 if label == "policy" else 0.5) for label, score in scores.items()),
        terms=tuple(Term(text, 0.9 - at / 10, concept) for at, (text, concept) in enumerate(terms)),
        rolled_over=rolled_over,
    )


def build_subscription(**fields: object) -> Subscription:
    values: dict[str, object] = {
        "name": "morning",
        "title": "Returns Monitor",
        "lines": {"returns": Lines(Cut.single(0.5)), "policy": Lines(Cut.single(0.55))},
        "schedule": "daily 07:30",
        "zone": ZoneInfo("Europe/Brussels"),
        "channels": ("files",),
    }
    return Subscription(**(values | fields))  # type: ignore[arg-type]


def build_coverage(**fields: object) -> Coverage:
    values: dict[str, object] = {
        "since": CLOSE - timedelta(days=1),
        "until": CLOSE,
        "feeds": 60,
        "polled": 58,
        "failed": (),
        "silent": (),
        "seen": 1204,
        "new": 96,
        "unclassified": 0,
        "over_line": 11,
        "scorers": ("2026.11.1+5c1e90ab",),
    }
    return Coverage(**(values | fields))  # type: ignore[arg-type]


def build_facts(
    actor: str, event: str, *, measure: tuple[Measure, Stage] | None = None, figures: tuple[Figure, ...] = ()
) -> Facts:
    """Make the facts of an entry in which one country acts and it happens in another."""
    places = (Place(actor, frozenset({Role.ACTOR})), Place(event, frozenset({Role.EVENT})))
    measures = (MeasureFact(measure[0], actor, measure[1]),) if measure else ()
    return Facts(places=places, measures=measures, figures=figures)


def build_digest(*sections: Section, **fields: object) -> Digest:
    values: dict[str, object] = {
        "key": "2026-11-22T07:30+01:00",
        "subscription": build_subscription(),
        "made_at": CLOSE + timedelta(seconds=20),
        "sections": sections,
        "coverage": build_coverage(),
    }
    return Digest(**(values | fields))  # type: ignore[arg-type]


def build_long_digest(stories: int, **fields: object) -> Digest:
    return build_digest(Section("returns", "Returns", tuple(build_story(n, **fields) for n in range(1, stories + 1))))


@pytest.fixture(scope="session")
def story() -> Callable[..., Story]:
    return build_story


@pytest.fixture(scope="session")
def subscription() -> Callable[..., Subscription]:
    return build_subscription


@pytest.fixture(scope="session")
def coverage() -> Callable[..., Coverage]:
    return build_coverage


@pytest.fixture(scope="session")
def digest() -> Callable[..., Digest]:
    return build_digest


@pytest.fixture(scope="session")
def long_digest() -> Callable[..., Digest]:
    return build_long_digest


@pytest.fixture(scope="session")
def one_story() -> Callable[..., Digest]:
    """A digest of one story with the given fields."""
    return lambda **fields: build_digest(Section("returns", "Returns", (build_story(1, **fields),)))


def _returns() -> tuple[Story, ...]:
    return (
        build_story(
            1,
            title="Eleven women and twenty-six children flown home from Roj camp",
            text="The aircraft landed before dawn at a military field. Three of the mothers were taken into custody on "
            "arrival and face charges of membership in a terrorist organisation; the children are in the care of the "
            "youth authority, which will examine over the coming weeks which of them can live with their grandparents.",
            published=CLOSE - timedelta(hours=5, minutes=12),
            countries=("FR", "SY"),
            facts=build_facts(actor="FR", event="SY", figures=(_children(26), _women(11))),
            scores={"returns": 0.976, "policy": 0.61},
            others=("Lantern Institute", "Le Quotidien du Port", "Nordkyst Radio"),
            terms=(("flown home", "return"), ("Roj camp", "camp"), ("women and … children", "family"), ("custody", "")),
        ),
        build_story(
            2,
            lang="ar",
            source="مرصد الضفة",
            url="https://marsad-aldiffa.example/akhbar/4471",
            title="العراق يعيد 168 أسرة من مخيم الهول إلى مركز تأهيل جنوب الموصل",
            text="وصلت القافلة فجر السبت بعد تدقيق أمني استمر ثلاثة أيام، وتقول الوزارة إن الأطفال سيلتحقون بالمدارس "
            "بعد استكمال أوراقهم الثبوتية. وينتظر آباء بعضهم المحاكمة في بغداد.",
            published=CLOSE - timedelta(hours=9),
            countries=("IQ", "SY"),
            facts=build_facts(actor="IQ", event="SY", measure=(Measure.REPATRIATION, Stage.APPLIED)),
            scores={"returns": 0.941},
            terms=(("يعيد", "return"), ("مخيم الهول", "camp"), ("تأهيل", "rehabilitation")),
        ),
        build_story(
            3,
            lang="de",
            source="Elbwarte",
            url="https://elbwarte.example/justiz/rueckkehrerin",
            title="Rückkehrerin aus Syrien vor Gericht: Bundesanwaltschaft fordert viereinhalb Jahre",
            text="Die 33-Jährige hatte sich 2014 dem IS angeschlossen und war im Frühjahr mit ihren zwei Söhnen "
            "zurückgekehrt. Das Urteil wird Anfang Dezember erwartet.",
            countries=("DE", "SY"),
            facts=build_facts(actor="DE", event="SY", measure=(Measure.PROSECUTION, Stage.APPLIED)),
            scores={"returns": 0.913},
            terms=(("Rückkehrerin aus Syrien", "fighter+return"), ("IS", "group"), ("vor Gericht", "justice")),
            others=("Der Hafenbote",),
        ),
        build_story(
            4,
            lang="ru",
            source="Степной вестник",
            url="https://stepnoy-vestnik.example/news/20261121",
            title="Сорок детей, вывезенных из лагерей Сирии, пошли в школу в Актау",
            text="Учителя прошли подготовку вместе с психологами. Матери остаются под наблюдением центра реабилитации.",
            published=None,
            countries=("KZ", "SY"),
            facts=build_facts(actor="KZ", event="SY", figures=(_children(40),)),
            scores={"returns": 0.874},
            terms=(("вывезенных", "return"), ("лагерей", "camp"), ("реабилитации", "rehabilitation")),
            rolled_over=True,
        ),
        build_story(
            5,
            lang="es",
            source="El Faro de Levante",
            url=None,
            title="Regresa a Melilla el hijo menor de una combatiente muerta en Baguz",
            text="",
            countries=("ES", "SY"),
            scores={"returns": 0.655},
            terms=(("Regresa", "return"), ("combatiente", "fighter")),
        ),
    )


def _policy() -> tuple[Story, ...]:
    return (
        build_story(
            6,
            lang="fr",
            source="Le Quotidien du Port",
            url="https://quotidien-du-port.example/politique/decheance?edition=soir&page=2",
            title="Déchéance de nationalité : le Conseil d’État fixe un délai pour les départs en zone de conflit",
            text="La haute juridiction juge qu’une déchéance prononcée plus de dix ans après les faits doit être "
            "motivée spécialement. Quatre dossiers de personnes détenues en Syrie devront être réexaminés.",
            countries=("FR",),
            scores={"policy": 0.934, "returns": 0.522},
            terms=(("Déchéance de nationalité", "citizenship+strip"), ("Conseil d’État", "law"), ("détenues", "")),
        ),
        build_story(
            7,
            lang="nl",
            source="De Scheldepost",
            url="https://scheldepost.example/binnenland/terughaalplan",
            title="Kamer wil vaste regels voor terughalen van kinderen uit Syrische kampen",
            text="Een meerderheid vraagt de minister om een plan vóór het zomerreces. De minister wil maatwerk.",
            countries=("NL", "BE", "SY"),
            scores={"policy": 0.807},
            terms=(("terughalen", "return"), ("Kamer", "policy"), ("kampen", "camp")),
        ),
    )


@pytest.fixture(scope="session")
def sample() -> Digest:
    """A morning with seven stories in seven languages, a failing feed, a silent one, and a late composition."""
    return build_digest(
        Section("returns", "Returns", _returns()),
        Section("policy", "Policy", _policy()),
        coverage=build_coverage(
            failed=(
                FeedFault("baltic-ledger", "http-503", CLOSE - timedelta(days=2, hours=3)),
                FeedFault("old-mill-gazette", "dns", None),
            ),
            silent=(Silence("lantern-institute-notes", CLOSE - timedelta(days=41)), Silence("quiet-court", None)),
            unclassified=4,
        ),
        beyond_cap=3,
        late=timedelta(hours=3, minutes=10),
    )


def build_teller(number: int, source: str, title: str, **fields: object) -> Teller:
    """Make the teller of a fact."""
    return teller(build_entry(number, source=source, title=title, **fields))


def _update() -> Story:
    """A story that was told two days ago, with a reversal, another number and more sources."""
    story = build_story(
        8,
        title="Council of State annuls the decree that took citizenship from four detained in Syria",
        text="The court found that the government had let more than ten years pass after the facts. The interior "
        "ministry said that it would study the reasons before it decides whether to begin anew.",
        source="The Harbour Courier",
        countries=("FR", "SY"),
        scores={"policy": 0.958},
        others=("Lantern Institute", "Le Quotidien du Port", "Nordkyst Radio"),
        terms=(("annuls", "law"), ("citizenship", "citizenship"), ("detained in Syria", "conflict")),
    )
    down = MeasureFact(Measure.CITIZENSHIP, "FR", Stage.STRUCK_DOWN)
    news = News(
        (NewMeasure(down, replace(down, stage=Stage.APPLIED)),),
        (NewFigure(_children(22), _children(16)),),
        ("Lantern Institute", "Nordkyst Radio", "De Scheldepost"),
        CLOSE - timedelta(days=2),
    )
    lead = replace(story.lead, facts=Facts(measures=(down,), figures=(_children(22),)))
    return replace(story, lead=lead, news=news, span=(CLOSE - timedelta(days=3), CLOSE - timedelta(hours=1)))


def _children(number: int, **fields: object) -> Figure:
    return replace(Figure(number, number, False, Counted.CHILDREN), **fields)  # type: ignore[arg-type]


def _women(number: int) -> Figure:
    return Figure(number, number, False, Counted.WOMEN)


def _second() -> Story:
    """Another story of the first one's country, which its source has corrected."""
    return build_story(
        10,
        title="Correction: Prosecutor asks for twelve years, not twenty, for woman who ran a recruiting channel",
        text="The court in Paris will give its judgment on 4 December.",
        source="Nordkyst Radio",
        url="https://nordkyst-radio.example/correction/118",
        countries=("FR",),
        scores={"returns": 0.731},
        terms=(("recruiting channel", "fighter"), ("Prosecutor", "justice")),
    )


def build_near() -> tuple[Story, ...]:
    """Two stories just below the line."""
    return (
        build_story(
            21, title="Aid group says winter stocks at Hol camp will last three weeks", source="Lantern Institute",
            countries=("SY",), scores={"returns": 0.471}, terms=(("Hol camp", "camp"),), others=("A", "B"),
        ),
        build_story(
            22, lang="ar", title="محكمة في طرابلس تؤجل جلسة مقاتل سابق", source="مرصد الضفة", url=None,
            countries=("LB",), scores={"returns": 0.452}, terms=(("مقاتل", "fighter"),),
        ),
    )  # fmt: skip


def build_alerted() -> tuple[Story, ...]:
    """A story that went out as an alert."""
    title = "Minister announces return of all remaining children from north-east Syria by spring"
    return (build_story(31, title=title, source="De Scheldepost", countries=("NL", "SY"), others=("Elbwarte",)),)


def _tracker() -> Tracker:
    down = MeasureFact(Measure.CITIZENSHIP, "FR", Stage.STRUCK_DOWN)
    first = build_teller(8, "The Harbour Courier", "Council of State annuls the decree that took citizenship from four")
    camps = build_teller(1, "مرصد الضفة", "العراق يعيد 168 أسرة من مخيم الهول", lang="ar")
    body = build_teller(9, "Lantern Institute", "Committee weighs names for the sanctions list", url=None)
    return Tracker(
        (
            StepRow(down, CLOSE - timedelta(hours=3), first, ("The Harbour Courier", "Nordkyst Radio")),
            StepRow(
                MeasureFact(Measure.REPATRIATION, "IQ", Stage.APPLIED), CLOSE - timedelta(hours=9), camps,
                ("مرصد الضفة", "The Wire"), against=("Old Mill Gazette",),
            ),
            StepRow(
                MeasureFact(Measure.LISTING, None, Stage.PROPOSED, negated=True), CLOSE - timedelta(hours=20), body,
                ("Lantern Institute",),
            ),
        )
    )  # fmt: skip


def _ledger() -> Ledger:
    home = build_teller(1, "The Harbour Courier", "Eleven women and twenty-six children flown home from Roj camp")
    return Ledger(
        (
            CountRow(
                _children(26, to="FR", origin=("SY",), by="the foreign ministry", as_of="21 November 2026"),
                CLOSE - timedelta(hours=5), home, ("The Harbour Courier", "Le Quotidien du Port"),
                against=((_children(24), "Nordkyst Radio"),),
            ),
            CountRow(
                Figure(None, 40, True, Counted.DETAINEES, by="a rights group"), CLOSE - timedelta(hours=6), home,
                ("A", "B", "C", "D", "E", "F"),
            ),
        ),
        (
            ReferenceRow(
                Figure(600, 600, False, Counted.CHILDREN, ("FR",), by="ICSR"), "From Daesh to Diaspora II", "2019-07"
            ),
            ReferenceRow(Figure(40_000, None, True, Counted.FIGHTERS, by="Soufan Center"), "Beyond the Caliphate",
                         "2017-10", "in all"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def wild_row() -> Mapping[str, Any]:
    """What a row of `long_blocks` may hold at worst: signs that HTML writes longer, and long ones."""
    return {
        "title": "😀&" * 400,
        "source": "<名>" * 90,
        "url": f"https://a.example/{'&' * 900}",
        "others": ("x" * 90,) * 9,
    }


@pytest.fixture(scope="session")
def long_blocks() -> Callable[..., tuple[Tracker | Ledger, ...]]:
    """Both blocks with so many rows, each of them with these ``title``, ``source``, ``url`` and ``others``."""

    def build(rows: int, fields: Mapping[str, Any]) -> tuple[Tracker | Ledger, ...]:
        lead = build_teller(1, fields["source"], fields["title"], url=fields["url"])
        sources = (lead.source, *fields["others"])
        step = MeasureFact(Measure.CITIZENSHIP, "FR", Stage.ADOPTED)
        figure = _children(5, by=fields["title"], as_of=fields["source"])
        against = tuple((figure, source) for source in sources)
        reference = ReferenceRow(figure, "A report", "2019", fields["source"])
        return (
            Tracker((StepRow(step, CLOSE, lead, sources, sources),) * rows),
            Ledger((CountRow(figure, CLOSE, lead, sources, against),) * rows, (reference,) * rows),
        )

    return build


@pytest.fixture(scope="session")
def updated() -> Digest:
    """A digest with an update, a correction, near-misses, an alerted story, and both blocks."""
    subscription = build_subscription(blocks=(Block.TRACKER, Block.LEDGER))
    sections = (
        Section("returns", "Returns", (*_returns()[:2], _second())),
        Section("policy", "Policy", (_update(), *_policy()[1:])),
    )
    coverage = build_coverage(due=59, longest=Silence("old-mill-gazette", CLOSE - timedelta(days=6, hours=2)))
    return build_digest(
        *sections, subscription=subscription, blocks=(_tracker(), _ledger()), coverage=coverage, near=build_near(),
        alerted=build_alerted(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def full(sample: Digest, updated: Digest) -> Digest:
    """A digest with everything that one can have, told in a language by `told_in`."""
    subscription = build_subscription(blocks=(Block.TRACKER, Block.LEDGER))
    longest = Silence("old-mill-gazette", CLOSE - timedelta(days=6, hours=2))
    seen = replace(sample.coverage, due=59, gaps=("nordkyst-radio",), longest=longest)
    returns, policy = sample.sections[0].stories, updated.sections[1].stories
    decided = replace(returns[3], decisions=tuple(replace(one, human=True) for one in returns[3].decisions))
    return replace(
        updated,
        subscription=subscription,
        sections=(
            Section("returns", "Returns", (*returns[:3], decided, returns[4], _second())),
            Section("policy", "Policy", policy),
        ),
        coverage=seen,
        beyond_cap=3,
        late=timedelta(hours=3, minutes=10),
        merged=2,
    )


@pytest.fixture(scope="session")
def told_in() -> Callable[[Digest, str], Digest]:
    """The same digest for a subscription with these headings."""
    return lambda digest, code: replace(digest, subscription=replace(digest.subscription, headings=code))


@pytest.fixture(scope="session")
def empty() -> Digest:
    return build_digest(coverage=build_coverage(over_line=0))

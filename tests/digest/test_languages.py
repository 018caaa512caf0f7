"""Digests in each language: golden files, no English left in any form, entries in their own language and direction.

`MONITOR_RENEW_GOLDEN=1 pytest tests/digest/test_languages.py` writes the golden files anew; look at the difference.
"""

import html
import io
import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from monitor.cli import digest_show
from monitor.deliver import atom
from monitor.deliver import brief as short
from monitor.deliver.atom import grown
from monitor.deliver.brief import brief
from monitor.deliver.limits import Layout, Limit, sms
from monitor.digest import fact_words, view
from monitor.digest.render import render
from monitor.domain.block import CountRow, Ledger, ReferenceRow, StepRow, Tracker
from monitor.domain.digest import FeedFault, NewFigure, NewMeasure, News, Retitled, Section, Silence, Undelivered
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.tongue.catalogue import CODES
from monitor.tongue.direction import CLOSE, OPEN
from monitor.tongue.tongue import of

from .conftest import CLOSE as AT
from .conftest import build_coverage, build_digest, build_story, build_subscription, build_teller
from .test_render import flat, visible

CONTENT = ".//{http://www.w3.org/2005/Atom}content"
GOLDEN = Path(__file__).parent / "golden"
OTHERS = [code for code in CODES if code != "en"]
EMPTY_SAYS = {
    "ar": "لم يبلغ أي جديد العتبة.",
    "de": "Nichts Neues hat eine Schwelle erreicht.",
    "es": "Nada nuevo ha superado un umbral.",
    "fr": "Rien de nouveau n’a franchi un seuil.",
    "nl": "Niets nieuws heeft een drempel gehaald.",
    "ru": "Ничто новое не достигло порога.",
}


def compare(name: str, content: str) -> None:
    path = GOLDEN / name
    if os.environ.get("MONITOR_RENEW_GOLDEN"):
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text("utf-8")


def texts(message) -> dict[str, str]:
    """Every form as text."""
    screen = Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)
    digest_show.show(message, screen)
    return {
        "subject": message.subject,
        "text": message.text,
        "html": visible(message.html),
        "rest": message.rest,
        "markdown": message.markdown,
        "slack": json.dumps(message.blocks, ensure_ascii=False),
        "terminal": screen.file.getvalue(),
        "atom": html.unescape(re.sub("<[^>]*>", " ", ET.fromstring(grown(b"", message)).findtext(CONTENT))),
        "telegram": re.sub("<[^>]*>", "", brief(message, Limit(4096, len, Layout.HTML))),
        "sms": brief(message, sms(3)),
        "ntfy": brief(message, Limit(1500)),
    }


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_is_as_its_golden_files(full, told_in, code):
    message = render(told_in(full, code))
    compare(f"full.{code}.txt", message.text)
    compare(f"full.{code}.md", message.markdown)


@pytest.mark.parametrize("code", ["ar", "fr"])
def test_a_page_from_right_to_left_and_one_from_left_to_right_are_as_their_golden_files(full, told_in, code):
    message = render(told_in(full, code))
    compare(f"full.{code}.html", message.html)
    compare(f"full.{code}.json", json.dumps(message.blocks, ensure_ascii=False, indent=1) + "\n")
    compare(f"full.{code}.data.json", json.dumps(message.data, ensure_ascii=False, indent=1) + "\n")


@pytest.mark.parametrize(
    ("code", "subject"),
    [
        ("fr", "Returns Monitor\u00a0: 8\u00a0sujets (retours\u00a06, politiques\u00a02), 22 nov. 2026"),
        ("de", "Returns Monitor: 8 Meldungen (Rückkehr 6, Politik 2), 22. Nov. 2026"),
        ("nl", "Returns Monitor: 8 onderwerpen (terugkeer 6, beleid 2), 22 nov 2026"),
        ("es", "Returns Monitor: 8 noticias (retornos 6, políticas 2), 22 nov 2026"),
        ("ru", "Returns Monitor: 8 сюжетов (возвращение\u00a0– 6, политика\u00a0– 2), 22 нояб. 2026 г."),
        ("ar", f"{OPEN}Returns Monitor{CLOSE}: 8 أخبار (العودة 6، السياسات 2)، 22 نوفمبر 2026"),
    ],
)
def test_the_subject_is_told_in_the_language(full, told_in, code, subject):
    assert render(told_in(full, code)).subject == subject


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_today_is_told_in_every_form(empty, told_in, code):
    shown = texts(render(told_in(empty, code)))
    for form in ("text", "html", "markdown", "slack", "terminal", "atom"):
        assert EMPTY_SAYS[code] in flat(shown[form]), form


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fr", ["déchéance de nationalité, annulée", "rapatriement, mis en œuvre", "26\u00a0enfants (Syrie → France)",
                "jusqu’à 40\u00a0personnes détenues", "au moins 40\u202f000\u00a0combattants au total"]),
        ("de", ["Entzug der Staatsangehörigkeit, aufgehoben", "Rückholung, durchgeführt", "bis zu 40 Inhaftierte"]),
        ("nl", ["intrekking van de nationaliteit, vernietigd", "repatriëring, uitgevoerd",
                "hoogstens 40 gedetineerden"]),
        ("es", ["privación de la nacionalidad, anulada", "repatriación, ejecutada", "hasta 40 personas detenidas"]),
        ("ru", ["лишение гражданства, отменено", "репатриация, осуществлена", "до 40 человек под стражей",
                "не менее 40\u00a0000 бойцов всего"]),
        ("ar", ["إسقاط الجنسية، مُبطَل", "الإعادة إلى الوطن، منفَّذة", "ما يصل إلى 40 محتجزاً",
                "26 طفلاً من سوريا إلى فرنسا"]),
    ],
)  # fmt: skip
def test_facts_are_told_in_the_words_of_the_field_and_agree(full, told_in, code, said):
    shown = flat_but_nbsp(render(told_in(full, code)).text)
    for words in said:
        assert words in shown


def flat_but_nbsp(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text)


def test_the_dutch_measure_has_its_own_name_in_the_netherlands():
    lost = MeasureFact(Measure.CITIZENSHIP, "NL", Stage.APPLIED)
    assert fact_words.step(lost, of("nl")) == "Nederland: intrekking van het Nederlanderschap, uitgevoerd"
    assert "nationaliteit" in fact_words.step(replace(lost, country="BE"), of("nl"))


@pytest.mark.parametrize(
    ("figure", "russian", "arabic"),
    [
        ((1, 1, False), "1 ребёнок", "طفل واحد"),
        ((2, 2, True), "около 2 детей", "نحو طفلين"),
        ((21, 21, True), "около 21 ребёнка", "نحو 21 طفلاً"),
        ((2, None, False), "не менее 2 детей", "ما لا يقل عن طفلين"),
        ((None, 1, False), "до 1 ребёнка", "ما يصل إلى طفل واحد"),
        ((1, 2, False), "1–2 ребёнка", "1 إلى 2 أطفال"),
        ((20, 31, False), "20–31 ребёнок", "20 إلى 31 طفلاً"),
    ],
)
def test_a_figure_declines_with_its_number_and_the_word_before_it(figure, russian, arabic):
    made = Figure(*figure, of=Counted.CHILDREN)
    assert fact_words.count(made, of("ru")) == russian
    assert fact_words.count(made, of("ar")) == arabic


figures = st.builds(
    Figure,
    st.one_of(st.none(), st.integers(0, 70_000)),
    st.integers(0, 70_000),
    st.booleans(),
    st.sampled_from(Counted),
    origin=st.sampled_from([(), ("SY",), ("SY", "IQ")]),
    to=st.sampled_from([None, "FR"]),
)
measures = st.builds(MeasureFact, st.sampled_from(Measure), st.sampled_from([None, "NL", "FR"]), st.sampled_from(Stage), st.booleans())  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("code", CODES)
@given(figure=figures, measure=measures)
def test_no_fact_leaves_a_placeholder_or_is_told_by_nothing(code, figure, measure):
    tongue = of(code)
    for said in (
        fact_words.count(figure, tongue),
        fact_words.number(figure, tongue),
        fact_words.step(measure, tongue),
        fact_words.otherwise(measure.stage, ["A"], negated=measure.negated, of=measure.measure, tongue=tongue),
        fact_words.other_numbers([(figure, "A")], tongue),
    ):
        assert said.strip()
        assert not set(said) & set("{}")
    assert not set(fact_words.way(figure, tongue)) & set("{}")


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=25, deadline=None)
@given(numbers=st.lists(st.integers(0, 4000), min_size=9, max_size=9), days=st.integers(0, 400))
def test_every_number_of_a_digest_leaves_no_placeholder_in_any_form(code, numbers, days):
    seen, new, over, waiting, beyond, merged, feeds, polled, due = numbers
    coverage = build_coverage(
        seen=seen, new=new, over_line=over, unclassified=waiting, feeds=feeds, polled=polled, due=due,
        silent=(Silence("f", AT - timedelta(days=days, hours=days)),),
        failed=(FeedFault("g", "", None),) * (merged % 50),
    )  # fmt: skip
    many = tuple(build_story(n, title="T", countries=("FR",) * (n % 9), others=("A",) * n) for n in range(1, 4))
    digest = build_digest(
        Section("returns", "Returns", many), subscription=build_subscription(headings=code), coverage=coverage,
        beyond_cap=beyond, merged=merged, late=timedelta(hours=days), near=many * 8,
    )  # fmt: skip
    for form, said in texts(render(digest)).items():
        assert form == "slack" or not set(said) & set("{}"), form
    assert "{n}" not in str(render(digest).blocks)


# A language of one letter: whatever is not in its catalogue is seen.
LATIN = re.compile("[A-Za-z]{2,}")
KEPT = re.compile(
    r"https?://\S+|monitor digest preview \S+ --window \S+|monitor facts [a-z0-9 -]*|Europe/Brussels|\b[A-Z]{2}\b"
    r"|\x1b\]8;[^\x1b]*\x1b\\"
)


@pytest.fixture
def masked(monkeypatch):
    """Tell every digest in a language whose every word is masked."""
    russian = of("ru")
    words = {
        key: {name: re.sub(r"[^\W\d_](?![^{}]*\})", "ж", form) for name, form in forms.items()}
        for key, forms in russian.words.items()
    }
    for key in ("group", "group_from", "decimal"):
        words[f"form.{key}"] = russian.words[f"form.{key}"]
    for key, pattern in {"day": "yyyy.MM.dd", "long_day": "dd.MM.yyyy", "time": "HH:mm"}.items():
        words[f"form.{key}"] = {"other": pattern}
    tongue = replace(russian, words=words)
    monkeypatch.setattr(view, "of", lambda code: tongue)
    for module in (short, atom, digest_show):
        monkeypatch.setattr(module, "spoken", lambda data: tongue)


def outside(number: int, **fields):
    """Make a story with every mark that one can have, and no Latin letter in its texts."""
    others = tuple(f"Газета {n}" for n in range(fields.pop("sources", 15)))
    made = build_story(
        number, title=fields.pop("title", "Заголовок"), text="Текст", source="Вестник", others=others,
        countries=("FR", "SY", "NL", "BE", "DE", "IQ", "KZ", "TR"), terms=(("слово", "camp"), ("слова", "strip+law")),
        **fields,
    )  # fmt: skip
    step = MeasureFact(Measure.CITIZENSHIP, None, Stage.ADOPTED)
    figure = Figure(None, 20, True, Counted.RETURNEES)
    lead = replace(made.lead, facts=Facts(measures=(step, replace(step, negated=True)), figures=(figure,)))
    return replace(made, lead=lead, decisions=tuple(replace(one, human=True) for one in made.decisions))


def everything(stories: int = 1):
    step = MeasureFact(Measure.REFUSAL, "FR", Stage.PROPOSED)
    figure = Figure(20, 30, False, Counted.WOMEN, ("SY",), "FR", "2026", "бюро")
    news = News(
        tuple(NewMeasure(replace(step, country=code), step) for code in ("FR", "NL", "BE", "DE")),
        tuple(NewFigure(replace(figure, low=n), figure) for n in range(4)),
        ("Газета",) * 14,
        AT - timedelta(days=3),
    )
    span = (AT - timedelta(days=9), AT - timedelta(days=8))
    first = replace(outside(1, rolled_over=True), news=news, span=span)
    second = replace(outside(2, title="Исправлено: ж", url=None, published=None, lang="und"), span=(span[0], AT))
    third = outside(3, title="", sources=0)
    lead = build_teller(1, "Вестник", "Заголовок")
    tracker = view_blocks(step, figure, lead)
    coverage = build_coverage(
        due=5, unclassified=2, scorers=(), gaps=("ж",), longest=Silence("ж", AT - timedelta(days=2)),
        failed=(FeedFault("ж", "", None), FeedFault("ж", "ж", AT)) * 30,
        silent=(Silence("ж", None), Silence("ж", AT)) * 30,
    )  # fmt: skip
    many = tuple(outside(n) for n in range(40, 40 + stories))
    return build_digest(
        Section("returns", "Returns", (first, second, third, *many)), Section("policy", "Policy", (outside(9),)),
        subscription=build_subscription(title="Ж"), coverage=coverage, blocks=tracker, beyond_cap=2, merged=3,
        late=timedelta(days=1, minutes=5), near=tuple(outside(n) for n in range(10, 35)), alerted=(outside(36),),
    )  # fmt: skip


def view_blocks(step, figure, lead):
    sources = tuple(f"Газета {n}" for n in range(6))
    return (
        Tracker((StepRow(step, AT, lead, sources, ("Ж",)),) * 22),
        Ledger(
            (CountRow(figure, AT, lead, sources, ((figure, "Ж"),)),) * 22,
            (ReferenceRow(figure, "Ж", "2019", "in all"),) * 8,
        ),
    )


NOTHING = build_digest(subscription=build_subscription(title="Ж"), coverage=build_coverage(scorers=("1",)))


@pytest.mark.parametrize("made", [everything(), everything(200), NOTHING], ids=["full", "long", "empty"])
def test_no_word_of_any_form_comes_from_elsewhere_than_the_catalogue(masked, made):
    message = render(made)
    for form, said in texts(message).items():
        if form == "slack":
            blocks = [block for page in message.blocks for block in page]
            parts = [part for block in blocks for part in (*block.get("elements", ()), block.get("text"))]
            said = " ".join(part["text"] for part in parts if part)  # noqa: PLW2901
        left = LATIN.findall(KEPT.sub(" ", said))
        assert not left, f"{form} has words that are in no catalogue: {left[:9]}"
    human = [message.data["subject"], message.data["summary"], *(b["title"] for b in message.data["blocks"])]
    human += [fact["said"] for s in message.data["sections"] for story in s["stories"] for fact in story["measures"]]
    assert not LATIN.search(" ".join(human))


class Directions(HTMLParser):
    """Which language and direction each headline has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root: dict[str, str | None] = {}
        self.titles: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "html":
            self.root = dict(attrs)
        if tag == "h3":
            self.titles.append(dict(attrs))


@pytest.mark.parametrize("code", CODES)
def test_the_page_says_its_language_and_each_story_its_own(full, told_in, code):
    page = Directions(render(told_in(full, code)).html)
    assert page.root["lang"] == code
    assert page.root.get("dir") == ("rtl" if code == "ar" else None)
    stories = [story for section in full.sections for story in section.stories]
    assert sorted(title["lang"] for title in page.titles) == sorted(story.lead.entry.lang for story in stories)
    for title in page.titles:
        own = "rtl" if title["lang"] == "ar" else "ltr"
        assert title.get("dir", page.root.get("dir", "ltr")) == own


def test_an_arabic_page_is_mirrored_and_its_letters_are_not_spaced_out(full, told_in):
    page = render(told_in(full, "ar")).html
    assert "letter-spacing" not in page
    assert "border-left" not in page
    assert "padding-right:10px;border-right:2px" in page
    assert 'style="max-width:600px;background:#fffdf8;text-align:right' in page
    assert "<i>" not in page, "Arabic has no italics"


@pytest.mark.parametrize("form", ["text", "markdown", "subject"])
def test_latin_names_stand_apart_in_arabic_words(full, told_in, form):
    content = getattr(render(told_in(full, "ar")), form)
    assert content.count(OPEN) == content.count(CLOSE) > 0
    for line in content.splitlines():
        ours = re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}?", "", line)
        mixed = re.search("[\u0621-\u064a]", ours) and re.search("[A-Za-zА-я]", re.sub(r"\S*://\S*", "", ours))
        assert not mixed, line


def test_arabic_names_stand_apart_in_words_from_left_to_right(full, told_in):
    text = render(told_in(full, "fr")).text
    assert f"{OPEN}مرصد الضفة{CLOSE} · 21 nov. 2026" in text


def test_no_form_in_english_has_an_isolate(full):
    assert not any(OPEN in said for said in texts(render(full)).values())


@pytest.mark.parametrize("code", OTHERS)
def test_json_keeps_its_keys_and_says_its_language(full, told_in, code):
    def shape(value):
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}
        return [shape(inner) for inner in value] if isinstance(value, list) else None

    english, data = render(full).data, render(told_in(full, code)).data
    assert "language" not in english
    assert data["language"] == code
    assert shape({key: value for key, value in data.items() if key != "language"}) == shape(english)
    for section, other in zip(data["sections"], english["sections"], strict=True):
        for story, same in zip(section["stories"], other["stories"], strict=True):
            for key in ("title", "excerpt", "source", "sources", "lang", "countries", "decisions"):
                assert story[key] == same[key], "what is the entry's own stays"


@pytest.mark.parametrize("code", CODES)
def test_no_date_or_number_of_a_language_becomes_markup(full, told_in, code):
    made = MarkdownIt("commonmark").render(render(told_in(full, code)).markdown)
    found = set(re.findall(r"</?([a-z0-9]+)", made))
    assert found == {"h1", "h2", "h3", "h4", "p", "ul", "li", "strong", "em", "a", "blockquote"}


@pytest.mark.parametrize("code", CODES)
def test_every_language_fits_the_page_and_the_columns(long_digest, told_in, code):
    message = render(told_in(long_digest(300, text="Ein Satz, länger als üblich. " * 20), code))
    assert len(message.html.encode()) <= 100_000
    left = message.rest.count("  https://")
    assert of(code).count("digest.missing", left, tally="\0").partition("\0")[2] in html.unescape(message.html)
    for line in (*message.text.splitlines(), *message.rest.splitlines()):
        assert len(re.sub(f"[{OPEN}{CLOSE}]", "", line)) <= 78 or "https://" in line


@pytest.mark.parametrize("code", OTHERS)
def test_a_label_that_the_user_headed_keeps_its_heading(digest, story, told_in, code):
    made = render(told_in(digest(Section("camps", "Camps & prisons", (story(1, scores={"camps": 0.9}),))), code))
    assert "CAMPS & PRISONS (1)" in made.text
    assert "camps" in made.subject


@pytest.mark.parametrize(("code", "said"), [
    ("en", "not delivered before, of the alert of"), ("fr", "non distribué auparavant, de l’alerte du"),
    ("de", "zuvor nicht zugestellt, aus der Eilmeldung vom"), ("nl", "eerder niet bezorgd, uit de melding van"),
    ("es", "no entregada antes, de la alerta del"), ("ru", "ранее не доставлено, из оповещения от"),
    ("ar", "لم يُسلَّم سابقاً، من تنبيه"),
])  # fmt: skip
def test_what_could_not_be_delivered_and_what_is_corrected_is_told_in_the_language(told_in, code, said):
    alert = Undelivered("2026-11-21T11:02:07+01:00-alert-3", AT - timedelta(hours=20), alert=True)
    missed = Undelivered("2026-11-21T07:30+01:00", AT - timedelta(days=1))
    corrected = News((), (), (), AT - timedelta(days=1), (Retitled(4, "The Paper", "Six came home", "Four came home"),))
    stories = (
        build_story(1), replace(build_story(2), undelivered=missed), replace(build_story(3), undelivered=alert),
        replace(build_story(4), news=corrected),
    )  # fmt: skip
    message = render(told_in(build_digest(Section("returns", "Returns", stories)), code))
    tongue = of(code)
    for form in ("text", "html", "markdown", "slack", "terminal"):
        shown = flat(texts(message)[form])
        assert "Four came home" in shown, form
        assert "{" not in shown or form == "slack", form
        if form != "terminal":
            assert said[1:] in shown, form  # which begins a line, or goes on in one
    assert flat(tongue.count("fold.stories", 2)) in flat(message.text)
    assert message.data["sections"][0]["stories"][3]["mark"] == tongue.say("story.corrected")
    if code != "en":
        for word in ("delivered", "digest of", "alert of", "correction", "before “", "Corrected"):
            assert word not in message.text, word


def test_where_only_more_sources_tell_a_story_every_form_names_them(told_in):
    news = News((), (), ("The Wire", "The Post"), AT - timedelta(days=1))
    digest = build_digest(Section("returns", "Returns", (replace(build_story(1), news=news),)))
    message = render(told_in(digest, "en"))
    assert message.data["sections"][0]["stories"][0]["update"]["facts"] == ["+2 sources: The Wire, The Post"]
    for form in ("text", "html", "terminal", "atom"):
        assert "+2 sources: The Wire, The Post" in flat(texts(message)[form]), form

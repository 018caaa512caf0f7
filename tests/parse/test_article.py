"""Pages of articles, in several languages and layouts, and what stands where an article should be.

Each file in ``articles`` says in its head what it shows and what to expect.
"""

import codecs
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError, Severity
from monitor.normalise.entry import MAX_TEXT
from monitor.parse.article import SHORTEST, Article, ArticleRequest, read_article
from monitor.parse.document import ParseRequest, ReadRequest
from monitor.parse.walls import is_other_page, wall
from monitor.parse.workers import DocumentKilled, ParserPool
from tests.conftest import NOW

FOLDER = Path(__file__).parent / "articles"
URL = "https://paper.example/2026/11/families-home"
TITLE = "Two families flown home from Al-Hol camp"
BODY = (
    "Two women and five children landed at a military airfield on Thursday evening, the foreign ministry confirmed. "
    "The women were arrested on the runway and will be brought before a judge within three days. "
    "The children were taken to a hospital, and a court will decide in December where they are going to live. "
)


class Case(NamedTuple):
    """A page's file, what its server and the feed say, and what its text begins and ends with, holds and lacks."""

    name: str
    title: str
    content_type: str
    begins: str
    ends: str
    holds: tuple[str, ...]
    lacks: tuple[str, ...]
    date: str = ""


CASES = [
    Case(
        "en-news", "Two families flown home from Al-Hol, ministry says", "text/html; charset=utf-8",
        "Two women and five children", "asked for a debate next week.",
        ("A child does not choose", "Eleven adults", "Officials negotiated"),
        ("cookies", "Courts", "Picture:", "Harbour tunnel", "inbox", "About time", "reserved"), "2026-11-20",
    ),
    Case(
        "fr-blog", "Procès des revenants : la cour d’assises entend les proches", "text/html",
        "La cour d’assises spéciale a entendu", "entendues à huis clos.",
        ("« On l’a vu partir", "détention provisoire", "liste", "contre-expertise"),
        ("Partager", "suit les affaires", "marché aux fleurs"), "2026-11-18",
    ),
    Case(
        "de-table", "Rückkehrerin zu drei Jahren verurteilt", "text/html; charset=ISO-8859-1",
        "Das Oberlandesgericht hat am Freitag", "auf freiem Fuß.",
        ("Kreis Ühlingen", "Großeltern", "besaß zeitweise ein Gewehr"), ("Wetter", "Apfelernte", "Impressum", "|"),
    ),
    Case(
        "ru-breaks", "Из лагеря Рож вернули 19 детей", "text/html",
        "19 ноября 2026", "", ("Девятнадцать детей", "генетическую экспертизу", "письменное согласие на вывоз."),
        ("Курс рубля", "Мост закроют", "Все права"),
    ),
    Case(
        "ar-main", "بغداد تتسلم دفعة جديدة من عائلات مخيم الهول", "",
        "أعلنت وزارة الهجرة العراقية", "قبل حلول الشتاء.", ("لتدقيق أمني", "مئة وأربعين عائلة"),
        ("أسعار الخبز", "رياضة"), "2026-11-21",
    ),
    Case(
        "en-report", "After the camps: what returns cost and what they save", "text/html",
        "Governments that refuse", "", ("We asked four interior ministries", "took three services eleven months."),
        ("Northland", "102,500", "About the author", "Ragna", "Upcoming", "newsletter"),
    ),
]  # fmt: skip


def request(name: str, title: str = "", content_type: str = "text/html") -> ArticleRequest:
    return ArticleRequest((FOLDER / f"{name}.html").read_bytes(), URL, content_type, title=title)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_articles_text_is_taken_and_nothing_beside_it(case: Case) -> None:
    found = read_article(request(case.name, case.title, case.content_type))
    assert found.text.startswith(case.begins)
    assert found.text.endswith(case.ends)
    assert [part for part in case.holds if part not in found.text] == []
    assert [part for part in case.lacks if part in found.text] == []
    assert "\n" not in found.text
    assert found.date == case.date
    assert found.title


def test_every_file_of_the_folder_is_a_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.html")} == {case.name for case in CASES}


def page(text: str = BODY, *, title: str = TITLE, head: str = "", more: str = "") -> bytes:
    paragraphs = "".join(f"<p>{part}.</p>" for part in text.removesuffix(". ").split(". "))
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>"
        f"<article>{paragraphs}</article>{more}</body></html>"
    ).encode()


def read(body: bytes, **known: object) -> Article:
    return read_article(replace(ArticleRequest(body, URL, "text/html", title=TITLE), **known))  # type: ignore[arg-type]


def refused(body: bytes, **known: object) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(body, **known)
    return caught.value


def test_a_plain_page_is_read_without_its_headline() -> None:
    assert read(page()).text == BODY.strip()


WORDS = "Девятнадцать детей вернулись домой из лагеря. Суд решит, где они будут жить. " * 4


@pytest.mark.parametrize(
    ("encoding", "mark", "content_type", "meta"),
    [
        ("cp1251", b"", "text/html; charset=windows-1251", ""),
        ("cp1251", b"", "text/html", '<meta charset="windows-1251">'),
        ("koi8-r", b"", "text/html; charset=koi8-r", '<meta charset="utf-8">'),
        ("utf-8", codecs.BOM_UTF8, "text/html; charset=iso-8859-1", '<meta charset="koi8-r">'),
        ("utf-8", b"", "", ""),
        ("utf-16-le", codecs.BOM_UTF16_LE, "text/html", ""),
    ],
)
def test_letters_are_right_by_mark_header_or_meta(encoding: str, mark: bytes, content_type: str, meta: str) -> None:
    title = "Девятнадцать детей вернулись"
    text = page(WORDS, title=title, head=meta).decode()
    found = read(mark + text.encode(encoding), content_type=content_type, title=title)
    assert found.text == WORDS.strip()


def test_a_long_text_is_cut_where_that_of_a_feed_is() -> None:
    found = read(page("".join(f"Witness number {n} said on day {n} that nothing was known. " for n in range(2000))))
    assert len(found.text) == MAX_TEXT


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj << /Type /Catalog >> endobj", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b'{"headline": "Two families flown home"}', "application/json"),
        (b"Two families flown home. " * 40, "text/plain"),
        (b"", "text/html"),
    ],
)
def test_what_is_no_page_is_refused_for_good(body: bytes, content_type: str) -> None:
    error = refused(body, content_type=content_type)
    assert (error.kind, error.severity) == ("not-html", Severity.HARD)


def test_a_page_with_little_text_may_have_more_later() -> None:
    error = refused(page("The story is being written. Come back soon. "))
    assert (error.kind, error.severity) == ("short", Severity.SOFT)
    assert refused(page("")).kind == "short"
    assert len(BODY) > SHORTEST


def test_a_teaser_before_a_paywall_that_says_no_more_than_the_feed_is_refused() -> None:
    length = len(read(page()).text)
    assert refused(page(), known=length).kind == "not-longer"
    assert read(page(), known=length - 1).text


CONSENT = {
    "en": "We value your privacy. We and our 743 partners store cookies on your device. With your consent we may use "
    "precise data for personalised ads. You may object to processing under legitimate interest. Choose below, please. ",
    "de": "Mit Werbung weiterlesen. Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Sie können der Nutzung von "
    "Cookies zustimmen. Die Einwilligung ist jederzeit widerrufbar. Einzelheiten stehen in der Datenschutzerklärung. ",
    "fr": "Le respect de votre vie privée compte pour nous. Avec nos partenaires, nous utilisons des cookies pour "
    "mesurer l'audience. Vous pouvez tout accepter ou tout refuser. Nos 120 partenaires gardent votre choix six mois. ",
    "ru": "Мы используем файлы cookie, чтобы сайт работал лучше. Нажмите «Принять все», чтобы продолжить чтение сайта. "
    "Подробнее о файлах cookie сказано в политике конфиденциальности. Вы можете изменить выбор в любое время. ",
    "ar": "نستخدم ملفات تعريف الارتباط لتحسين تجربتك في الموقع وعرض إعلانات تناسبك. يمكنك قبول ملفات تعريف الارتباط أو "
    "رفضها في أي وقت. تعرف على المزيد في صفحة الخصوصية الخاصة بنا. نحن وشركاؤنا نحترم الخصوصية ونحمي بياناتك دائما. ",
}


@pytest.mark.parametrize("language", list(CONSENT))
def test_a_page_that_wants_consent_is_refused_for_good(language: str) -> None:
    error = refused(page(CONSENT[language]))
    assert (error.kind, error.severity) == ("consent", Severity.HARD)


@pytest.mark.parametrize("title", ["Just a moment...", "Attention Required! | Shield", "Access denied"])
def test_a_page_that_wants_proof_of_a_human_reader_is_refused_by_its_title(title: str) -> None:
    error = refused(page(title=title))
    assert (error.kind, error.severity) == ("challenge", Severity.SOFT)
    assert refused(page("Wait. ", title=title)).kind == "challenge"
    assert read(page(title=title), title=title).text, "an article may be called so"


def test_a_page_that_wants_proof_of_a_human_reader_is_refused_by_its_text() -> None:
    text = (
        "Please enable JavaScript and cookies to continue. We have seen unusual traffic from your network. Solve the "
        "captcha below to show that you are not a robot. Ray ID 8f3a under which our staff find this request again. "
    )
    assert refused(page(text)).kind == "challenge"


def test_a_script_against_robots_in_an_ordinary_page_is_no_challenge() -> None:
    head = '<script src="/cdn-cgi/challenge-platform/x.js"></script><div class="g-recaptcha"></div>'
    assert read(page(head=head)).text == BODY.strip()


PAYWALL = {
    "en": "This story is for subscribers. Already a member? Sign in to continue. Try one month for one crown with a "
    "free trial. You can cancel anytime, and then pay nine crowns per month. Subscribe today and read all we write. ",
    "fr": "Cet article est réservé aux abonnés. Il vous reste 86 % à lire. Déjà abonné ? Identifiez-vous. S'abonner "
    "pour un euro le premier mois, puis neuf euros. Les abonnés lisent le journal dès 18 heures sur tous les écrans. ",
}


@pytest.mark.parametrize("text", PAYWALL.values(), ids=PAYWALL)
def test_a_page_that_is_all_about_subscriptions_is_refused_for_good(text: str) -> None:
    error = refused(page(text))
    assert (error.kind, error.severity) == ("paywall", Severity.HARD)


def test_an_article_with_a_line_about_cookies_or_subscriptions_is_one() -> None:
    assert read(page(BODY + "Subscribe to read more stories. We use cookies. ")).text.startswith("Two women")


@pytest.mark.parametrize(
    "title",
    [
        "Page not found - The Courier",
        "404",
        "Page introuvable",
        "Seite nicht gefunden",
        "Страница не найдена",
        "الصفحة غير موجودة",
    ],
)
def test_a_page_that_says_not_found_with_a_200_is_refused(title: str) -> None:
    assert refused(page(title=title)).kind == "other-page"


def test_a_page_about_something_else_is_refused() -> None:
    error = refused(page(title="Apple harvest turns out small in the valley | The Courier"))
    assert (error.kind, error.severity) == ("other-page", Severity.SOFT)


def test_a_home_page_where_an_article_was_asked_for_is_refused() -> None:
    assert refused(page(), url="https://paper.example/", asked=URL).kind == "other-page"
    assert read(page(), url="https://paper.example/", asked="https://paper.example/").text


SAME = [
    (TITLE, "Families return from Al-Hol after six years | The Courier"),
    ("Суд решил судьбу вернувшихся из Сирии", "Судьба вернувшихся: решение суда — Вестник"),
    ("عودة عائلات من مخيم الهول", "العائلات تعود إلى بغداد - صحيفة"),
    ("Frauen aus Lager Roj zurückgeholt", "Rückholung: Vier Frauen gelandet"),
    ("法国接回叙利亚营地儿童", "法国从叙利亚接回十名儿童 | 日报"),
    ("Live", "Anything at all may stand here"),
]
OTHER = [
    (TITLE, "Tunnel closed for a fourth weekend"),
    ("Суд решил судьбу вернувшихся", "Курс рубля вырос до максимума"),
    ("عودة عائلات من مخيم الهول", "أسعار الخبز ترتفع من جديد"),
    ("法国接回叙利亚营地儿童", "今日天气预报"),
    ("The Paper: five children come home", "The Paper - news about this city"),
]


@pytest.mark.parametrize(("wanted", "title"), SAME)
def test_titles_that_have_a_word_in_common_are_of_one_article(wanted: str, title: str) -> None:
    assert not is_other_page(wanted, [title], asked=URL, came_from=URL)


@pytest.mark.parametrize(("wanted", "title"), OTHER)
def test_titles_without_a_word_in_common_are_of_two(wanted: str, title: str) -> None:
    assert is_other_page(wanted, [title], asked=URL, came_from=URL)


def test_one_of_a_pages_titles_is_enough() -> None:
    assert not is_other_page(TITLE, ["The Courier", TITLE], asked=URL, came_from=URL)
    head = f'<meta property="og:title" content="{TITLE}">'
    assert read(page(title="The Courier", head=head)).title == TITLE


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3), st.text(max_size=300))
def test_any_titles_and_texts_are_judged_without_an_error(wanted: str, titles: list[str], text: str) -> None:
    assert wall(text.split("\n")) in {"", "consent", "challenge", "paywall"}
    assert is_other_page(wanted, titles, asked=URL, came_from=URL) in {True, False}
    assert not is_other_page(TITLE, [TITLE, *titles], asked=URL, came_from=URL) or any(titles)


TAGS = ["html", "p", "/p", "table", "tr", "td", "/table", "h1", "article", "script", "/script", "title", "!--", "ul"]
PIECES = st.lists(
    st.one_of(
        st.sampled_from([f"<{tag}>" for tag in TAGS]),
        st.sampled_from(["-->", "&amp;", "&#0;", "\0", "\ud7ff", "<![CDATA["]),
        st.just("Two women and five children landed at an airfield on Thursday evening. "),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_any_markup_gives_an_article_or_is_refused(pieces: list[str]) -> None:
    try:
        found = read_article(ArticleRequest("".join(pieces).encode(), URL, "text/html"))
    except ParseError as error:
        assert error.kind in {"not-html", "short", "empty", "too-deep"}  # noqa: PT017 - either is right
    else:
        assert len(found.text) >= SHORTEST


RSS = b'<rss version="2.0"><channel><title>x</title><item><title>y</title></item></channel></rss>'


@pytest.mark.slow
def test_a_worker_reads_articles_and_feeds() -> None:
    with ParserPool() as pool:
        asked = request("en-news", CASES[0].title)
        assert pool.article(asked) == read_article(asked)
        assert pool.read(ReadRequest(ParseRequest(RSS, URL), "", NOW)).entries
        with pytest.raises(ParseError) as caught:
            pool.article(ArticleRequest(page("Too little. "), URL))
        assert (caught.value.kind, caught.value.severity) == ("short", Severity.SOFT)
        assert len(pool.processes) == 1
        if sys.platform.startswith("linux"):
            proc = Path(f"/proc/{pool.processes[0]}")
            sizes = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
            assert int(sizes["VmPeak"].split()[0]) < 400 * 1024, "kB; the least that config allows is 512 MB"


@pytest.mark.slow
def test_a_page_that_would_take_all_memory_ends_its_worker_alone() -> None:
    huge = b"<html><body>" + b"<p>x" * 2_500_000
    with ParserPool(max_memory=512 * 1024 * 1024) as pool:
        with pytest.raises(DocumentKilled):
            pool.article(ArticleRequest(huge, URL))
        assert pool.article(request("en-news", CASES[0].title)).text


@pytest.mark.slow
def test_a_worker_that_reads_feeds_does_not_import_trafilatura_and_nothing_asks_the_network() -> None:
    program = """
import sys
asked = []
sys.addaudithook(lambda event, args: asked.append((event, args)) if event.startswith("socket.") else None)
import pickle
from monitor.parse import serve
rss, page = pickle.loads(sys.stdin.buffer.read())
assert serve._reply(pickle.dumps(rss), serve.read).entries
assert "trafilatura" not in sys.modules
del asked[:]
article = serve._reply(pickle.dumps(page), serve.read)
assert article.text, article
assert "trafilatura" in sys.modules
assert "dateparser" not in sys.modules
assert not {event for event, _ in asked} & {"socket.connect", "socket.getaddrinfo", "socket.sendto"}, asked
"""
    given = pickle.dumps((ReadRequest(ParseRequest(RSS, URL), "", NOW), request("ru-breaks", CASES[3].title)))
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], input=given, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stderr == b""

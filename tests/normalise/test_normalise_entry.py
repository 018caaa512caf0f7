"""Raw entries to entries: identity, news, languages and durations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Document, Entry, RawEntry
from monitor.normalise.duration import parse, show
from monitor.normalise.entry import MAX_TEXT, MAX_TITLE, is_news
from monitor.normalise.language import UNDETERMINED, base_code, detect
from tests.conftest import normalise, normalise_all

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BASE = "https://paper.example/feed.xml"
RAW = RawEntry("101", "https://paper.example/101?utm_source=rss", "The <b>harbour</b> opens", "<p>At last.</p>")
DAY = timedelta(days=1)


def made(**fields: object) -> Entry | None:
    return normalise(replace(RAW, **fields), base=BASE, claimed_language="en", now=NOW)  # type: ignore[arg-type]


def test_an_entry_is_cleaned() -> None:
    found = made(published="Mon, 02 Mar 2026 10:00:00 +0100")
    assert found == Entry(
        "g:101", "101", "https://paper.example/101", "The harbour opens", "At last.", "en",
        datetime(2026, 3, 2, 9, tzinfo=UTC), "Mon, 02 Mar 2026 10:00:00 +0100", "exact",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "g:101"),
        ({"guid": "  101\n"}, "g:101"),
        ({"guid": "1\x0001\ud800"}, "g:101"),
        ({"guid": None}, "u:https://paper.example/101"),
        ({"guid": " "}, "u:https://paper.example/101"),
        ({"guid": None, "link": "/live#7"}, "u:https://paper.example/live#7"),
        ({"guid": None, "link": None, "title": "", "other_link": "/other"}, "u:https://paper.example/other"),
    ],
)
def test_the_key_is_the_guid_or_else_the_link_or_else_what_it_says(fields: dict[str, object], key: str) -> None:
    found = made(**fields)
    assert found is not None
    assert found.key == key


def test_without_guid_and_link_the_words_identify() -> None:
    one, same, other = (made(guid=None, link=None, summary=text) for text in ("a", "<p>a</p>", "b"))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.key == same.key != other.key
    assert one.key.startswith("h:")


def test_what_has_nothing_to_be_known_by_is_dropped_and_counted() -> None:
    nothing = RawEntry(None, "mailto:x@paper.example", " ", "only a summary")
    document = Document("rss20", "Paper", None, (nothing, RAW, replace(RAW, title="Again")))
    found = normalise_all(document, base=BASE, claimed_language="en", now=NOW)
    assert ([entry.title for entry in found.entries], found.dropped) == (["The harbour opens"], 1)


def test_long_texts_are_cut_and_long_guids_hashed() -> None:
    found = made(guid="g" * 9000, title="t" * 9000, summary="s" * 90_000)
    assert found is not None
    assert (len(found.title), len(found.text)) == (MAX_TITLE, MAX_TEXT)
    assert found.key.startswith("g:sha256:")
    assert len(found.key) < 60


def test_a_missing_title_is_made_of_the_text() -> None:
    titles = [found.title for text in ("Word " * 99, "") if (found := made(title="", summary=text)) is not None]
    assert titles[0].startswith("Word Word")
    assert len(titles[0]) <= 120
    assert titles[1] == "(untitled)"


@given(
    st.builds(
        RawEntry, st.none() | st.text(), st.none() | st.text(), st.text(), st.text(), published=st.none() | st.text(),
        language=st.none() | st.text(max_size=5), other_link=st.none() | st.text(),
    )
)  # fmt: skip
def test_any_raw_entry_becomes_one_that_a_database_takes_or_none(raw: RawEntry) -> None:
    found = normalise(raw, base=BASE, claimed_language=None, now=NOW)
    if found is not None:
        for text in (found.key, found.guid or "", found.url or "", found.title, found.text, found.lang):
            text.encode()
            assert "\x00" not in text
        assert found.title
        assert len(found.key.encode()) <= 2_000


def news(published: datetime | None, *, first: bool = False, look_back: timedelta = 9 * DAY) -> bool:
    return is_news(published, first_poll=first, look_back=look_back, first_poll_news=2 * DAY, now=NOW)


def test_news_is_what_is_younger_than_the_look_back_and_on_a_first_poll_the_newest_only() -> None:
    assert news(NOW - 9 * DAY)
    assert not news(NOW - 9 * DAY - timedelta(seconds=1))
    assert news(NOW - 28 * DAY, look_back=28 * DAY)
    assert news(NOW - 2 * DAY, first=True)
    assert not news(NOW - 3 * DAY, first=True)
    assert not news(NOW - 2 * DAY, first=True, look_back=DAY)
    assert news(NOW + DAY)


def test_without_a_date_an_entry_is_news_but_on_the_first_poll() -> None:
    assert news(None)
    assert not news(None, first=True)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), (" de ", "de"), ("zh-Hant-TW", "zh"), ("kab", "kab"), ("", ""),
        (None, ""), ("x-default", ""), ("english", ""), ("e", ""), ("*", ""), ("de1", ""),
    ],
)  # fmt: skip
def test_a_language_tag_is_reduced_to_its_base(tag: str | None, code: str) -> None:
    assert base_code(tag) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The ministry said that four families had come home on Monday night.", "en"),
        ("Le ministère a annoncé le retour de quatre familles lundi soir.", "fr"),
        ("Das Ministerium teilte mit, dass vier Familien am Montag zurückgekehrt sind.", "de"),
        ("Министерство сообщило, что четыре семьи вернулись домой в понедельник.", "ru"),
        ("أعلنت الوزارة عودة أربع عائلات إلى البلاد مساء الاثنين", "ar"),
        ("Het ministerie meldde dat vier gezinnen maandagavond zijn teruggekeerd.", "nl"),
        ("El ministerio anunció el regreso de cuatro familias el lunes por la noche.", "es"),
    ],
)
def test_a_sentence_tells_its_language_whatever_its_feed_claims(text: str, code: str) -> None:
    assert detect(text, "sv") == code


def test_without_letters_the_claim_counts_and_without_a_claim_nothing() -> None:
    assert detect("2026 – 17:0", "de-AT") == "de"
    assert detect("2026", None) == UNDETERMINED


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)), ("60m", timedelta(hours=1)), ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)), ("14d", 14 * DAY), ("2W", 14 * DAY), ("250ms", timedelta(milliseconds=250)),
        ("1.5h", timedelta(minutes=90)), ("0", timedelta()), (0, timedelta()), ("0s", timedelta()),
    ],
)  # fmt: skip
def test_durations_are_read_with_their_units(text: object, length: timedelta) -> None:
    assert parse(text) == length


@pytest.mark.parametrize(
    "text", ["", "60", 60, 1.5, True, False, None, [], "-5m", "5 minutes", "m", "1y", "9" * 400 + "d", "999999999999d"]
)
def test_what_is_no_duration_is_refused_with_what_would_be_right(text: object) -> None:
    with pytest.raises(ValueError, match=r"give|longer than any calendar"):
        parse(text)


@given(st.timedeltas(timedelta(), timedelta(days=9_000)))
def test_a_duration_is_shown_so_that_it_can_be_read_again(length: timedelta) -> None:
    shown = show(length)
    near = parse(shown)
    assert abs(near - length) <= max(length * 0.05, timedelta(seconds=1))
    assert show(near) == shown


@given(st.text(max_size=20) | st.from_regex(r"[0-9. ]{0,5}(ms|s|m|h|d|w)?", fullmatch=True))
def test_any_text_is_a_duration_or_refused_by_value_error(text: str) -> None:
    try:
        assert parse(text) >= timedelta()
    except ValueError:
        return

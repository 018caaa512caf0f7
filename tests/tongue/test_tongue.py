"""How each language writes numbers, days and names, and sets a text apart that runs the other way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from monitor.tongue.catalogue import CODES, check
from monitor.tongue.direction import CLOSE, OPEN, balanced, isolated
from monitor.tongue.tongue import of

PARIS = ZoneInfo("Europe/Paris")
MOMENT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "minute", "long_day", "number", "decimal"),
    [
        ("en", "22 Nov 2026, 07:30", "Sunday 22 November 2026", "1,204", "0.50"),
        ("fr", "22 nov. 2026 à 07:30", "dimanche 22 novembre 2026", "1\u202f204", "0,50"),
        ("de", "22. Nov. 2026, 07:30\u00a0Uhr", "Sonntag, 22. November 2026", "1.204", "0,50"),
        ("nl", "22 nov 2026, 07:30\u00a0uur", "zondag 22 november 2026", "1.204", "0,50"),
        ("es", "22 nov 2026, 7:30", "domingo, 22 de noviembre de 2026", "1204", "0,50"),
        ("ru", "22 нояб. 2026 г., 07:30", "воскресенье, 22 ноября 2026 г.", "1\u00a0204", "0,50"),
        ("ar", "22 نوفمبر 2026، 7:30 ص", "الأحد، 22 نوفمبر 2026", "1,204", "0.50"),
    ],
)
def test_times_and_numbers_are_written_as_the_language_does(code, minute, long_day, number, decimal):
    tongue = of(code)
    assert tongue.minute(MOMENT, PARIS) == minute
    assert tongue.long_day(MOMENT, PARIS) == long_day
    assert (tongue.number(1204), tongue.decimal("0.50")) == (number, decimal)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ["1 child", "2 children", "5 children", "21 children"]),
        ("ru", ["1 ребёнок", "2 ребёнка", "5 детей", "21 ребёнок"]),
        ("ar", ["طفل واحد", "طفلان", "5 أطفال", "21 طفلاً"]),
        ("fr", ["1\u00a0enfant", "2\u00a0enfants", "5\u00a0enfants", "21\u00a0enfants"]),
    ],
)
def test_a_noun_agrees_with_its_number(code, said):
    assert [of(code).counted("counted.children", number) for number in (1, 2, 5, 21)] == said


def test_spanish_groups_digits_from_ten_thousand_on():
    assert (of("es").number(9999), of("es").number(10000)) == ("9999", "10.000")


@pytest.mark.parametrize(
    ("code", "said"),
    [("en", "6 days 2 h"), ("fr", "6\u00a0jours 2\u00a0h"), ("ru", "6 дней 2 ч"), ("ar", "6 أيام وساعتان")],
)
def test_a_duration_is_told_by_its_two_largest_units(code, said):
    assert of(code).duration(timedelta(days=6, hours=2, minutes=59)) == said
    assert of(code).duration(timedelta(seconds=30)) == of(code).say("span.less")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("en", ("Syria", "Kosovo", "Arabic")),
        ("fr", ("Syrie", "Kosovo", "arabe")),
        ("de", ("Syrien", "Kosovo", "Arabisch")),
        ("nl", ("Syrië", "Kosovo", "Arabisch")),
        ("es", ("Siria", "Kosovo", "árabe")),
        ("ru", ("Сирия", "Косово", "арабский")),
        ("ar", ("سوريا", "كوسوفو", "العربية")),
    ],
)
def test_countries_and_languages_have_their_names(code, names):
    tongue = of(code)
    assert (tongue.country("SY"), tongue.country("XK"), tongue.language("ar")) == names
    assert (tongue.country("QQ"), tongue.language("qq")) == ("QQ", "qq")
    assert tongue.language("und") == tongue.say("story.language_unknown")


@pytest.mark.parametrize("code", CODES)
def test_every_country_that_english_names_has_a_name(code):
    own = of(code).countries
    missing = {name for name in of("en").countries if name not in own}
    assert not missing


@pytest.mark.parametrize("code", CODES)
def test_the_direction_is_that_of_the_locale(code):
    assert of(code).rtl == (Locale.parse(code).text_direction == "rtl")


def test_a_text_is_set_apart_where_it_runs_the_other_way_and_only_there():
    assert isolated("The Wire", rtl=True) == f"{OPEN}The Wire{CLOSE}"
    assert isolated("الخبر", rtl=True) == "الخبر"
    assert isolated("الخبر 24", rtl=False) == f"{OPEN}الخبر 24{CLOSE}"
    assert isolated("The Wire", rtl=False) == "The Wire"
    assert of("en").apart("الخبر") == "الخبر", "English digests stay as they were"


@given(text=st.text(alphabet="ab ع" + OPEN + CLOSE, max_size=30).filter(lambda t: t.count(OPEN) >= t.count(CLOSE)))
def test_what_a_cut_left_open_is_closed(text):
    closed = balanced(text)
    assert closed.count(OPEN) == closed.count(CLOSE)


def test_a_heading_that_a_user_chose_stays_and_ours_is_told_in_the_language():
    french = of("fr")
    assert french.heading("returns", "Returns") == "Retours"
    assert french.heading("returns", "Rapatriements") == "Rapatriements"
    assert french.heading("camps", "Camps") == "Camps"
    assert (french.label("returns"), french.label("camps")) == ("retours", "camps")


def test_what_does_not_say_its_language_is_english_and_an_unknown_one_is_refused():
    assert of("").code == "en"
    with pytest.raises(KeyError):
        of("xx")
    with pytest.raises(ValueError, match="there are: ar, de, en, es, fr, nl, ru"):
        check("xx")

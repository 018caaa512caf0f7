"""What a feed claims of a date, where it can be true."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise.date import AHEAD, EARLIEST, Claim, Confidence, Reason, claimed, read
from monitor.normalise.date_names import DAYS, FILLERS, MONTHS, ORDINALS, ZONES

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HINT = datetime(2026, 1, 1, tzinfo=UTC)


def test_without_a_string_the_parsers_reading_counts() -> None:
    assert read(None, HINT, now=NOW) == read(" ", HINT, now=NOW) == Claim(HINT, Confidence.ZONELESS)
    assert read(None, None, now=NOW) == Claim(None, Confidence.NONE, Reason.MISSING)


@pytest.mark.parametrize(
    "raw", ["2026-januárius-01T01:00+01:00", "Πεμ, 01 Ιαν 2026 02:00:00 EET", "2026년 01월 01일 오전 9:00:00"]
)
def test_forms_that_only_the_parser_knows_are_left_to_it(raw: str) -> None:
    assert claimed(raw, HINT, now=NOW) == HINT
    assert read(raw, None, now=NOW).reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("raw", "guess"),
    [
        ("1772053620", datetime(1772, 5, 20, tzinfo=UTC)),
        ("Wed, 25 Feb 2026 23:07:00 CEST", datetime(2026, 2, 25, 23, 7, tzinfo=UTC)),
        ("Feb 25, 2026 9:07 PM", datetime(2026, 2, 25, 9, 7, tzinfo=UTC)),
    ],
)
def test_a_wrong_reading_of_the_parser_loses_against_the_string(raw: str, guess: datetime) -> None:
    assert claimed(raw, guess, now=NOW) == datetime(2026, 2, 25, 21, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "guess"),
    [
        ("2026-02-25T25:07:00Z", datetime(2026, 2, 26, 1, 7, tzinfo=UTC)),
        ("31 Feb 2026 10:00:00 GMT", datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-W09-3", datetime(2025, 11, 1, tzinfo=UTC)),
        ("26-02-25", datetime(2026, 2, 25, tzinfo=UTC)),
        ("03/04/2025", datetime(2025, 3, 4, tzinfo=UTC)),
        ("Mon, 01 Jan 0001 00:00:00 +0000", datetime(2001, 1, 1, tzinfo=UTC)),
        ("gestern", NOW),
    ],
)
def test_a_guess_of_the_parser_is_no_date(raw: str, guess: datetime) -> None:
    assert claimed(raw, guess, now=NOW) is None


def test_the_window_has_its_ends_inside() -> None:
    assert claimed(None, EARLIEST, now=NOW) == EARLIEST
    assert claimed(None, NOW + AHEAD, now=NOW) == NOW + AHEAD
    assert claimed(None, EARLIEST - timedelta(seconds=1), now=NOW) is None
    assert claimed(None, NOW + AHEAD + timedelta(seconds=1), now=NOW) is None
    assert claimed("4 Mar 2026 09:30:00 GMT", None, now=NOW) == NOW + AHEAD
    assert read("4 Mar 2026 09:30:01 GMT", None, now=NOW).reason is Reason.IMPLAUSIBLE


def test_a_word_has_one_meaning_but_mar() -> None:
    assert set(MONTHS) & set(DAYS) == {"mar"}
    assert not (set(MONTHS) | set(DAYS)) & (set(ZONES) | FILLERS | ORDINALS)
    assert not set(ZONES) & FILLERS
    assert {*MONTHS.values()} == {*range(1, 13)}
    assert {*DAYS.values()} == {*range(7)}


pieces = st.lists(
    st.sampled_from([*MONTHS, *DAYS, *ZONES, *FILLERS, *"0123456789:+-/.,()", " ", "2026", "25", "21:07", "T", "pm"]),
    max_size=14,
).map("".join)
hints = st.none() | st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5)), timezone(-timedelta(hours=5))])
)


@given(st.text(max_size=130) | pieces, hints)
def test_any_text_is_read_into_the_window_or_not_at_all(raw: str, hint: datetime | None) -> None:
    claim = read(raw, hint, now=NOW)
    assert claim.moment == claimed(raw, hint, now=NOW)
    assert (claim.moment is None) == (claim.confidence is Confidence.NONE) == (claim.reason is not None)
    if claim.moment is not None:
        assert EARLIEST <= claim.moment <= NOW + AHEAD
        assert claim.moment.tzinfo is UTC


minutes = st.datetimes((EARLIEST + timedelta(days=1)).replace(tzinfo=None), NOW.replace(tzinfo=None)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
offsets = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(minutes, offsets, st.integers(0, 999_999))
def test_what_the_formats_write_is_read_back(moment: datetime, zone: timezone, micro: int) -> None:
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    said = local.replace(microsecond=micro)
    exact = moment.replace(tzinfo=UTC)
    for text in (
        format_datetime(local), local.isoformat(), local.isoformat(" "), f"{local:%d %b %y %H:%M %z}",
        f"{local:%a %b %d %H:%M:%S %z %Y}", f"{local:%Y-%m-%d %H:%M:%S} {zone}", f"{local:%Y%m%dT%H%M%S%z}",
        f"{exact.timestamp():.0f}" if exact.year > 1995 else local.isoformat(), f"{exact.timestamp() * 1000:.0f}",
    ):  # fmt: skip
        assert read(text, None, now=NOW) == Claim(exact, Confidence.EXACT), text
    assert claimed(said.isoformat(), None, now=NOW) == exact.replace(microsecond=micro)


_ENGLISH_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
LANGUAGES = {
    "en": ("January February March April May June July August September October November December", _ENGLISH_DAYS),
    "de": ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
           "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    "fr": ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
           "lundi mardi mercredi jeudi vendredi samedi dimanche"),
    "fr, short": ("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "lun. mar. mer. jeu. ven. sam. dim."),
    "ru": ("января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
           "понедельник вторник среда четверг пятница суббота воскресенье"),
    "ru, short": ("янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.", "пн вт ср чт пт сб вс"),
    "es": ("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
           "lunes martes miércoles jueves viernes sábado domingo"),
    "es, short": ("ene feb mar abr may jun jul ago sept oct nov dic", "lun mar mié jue vie sáb dom"),
    "nl": ("januari februari maart april mei juni juli augustus september oktober november december",
           "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
    "nl, short": ("jan feb mrt apr mei jun jul aug sep okt nov dec", "ma di wo do vr za zo"),
    "de, short": ("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.", "Mo Di Mi Do Fr Sa So"),
    "ar-EG": ("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
              "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"),
    "ar-LB": ("كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
              "الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"),
    "ar-DZ": ("جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
              "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"),
    "ar-MA": ("يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر", _ENGLISH_DAYS),
}  # fmt: skip
FORMS = (
    "{day}, {d}. {month} {y}, {H}:{M} Uhr", "{d} {month} {y} à {H}h{M}", "{day} {d:02} {month} {y} - {H}:{M}",
    "{d} de {month} de {y} {H}:{M}", "{d} {month} {y} г., {H}:{M}", "{day}، {d} {month}، {y} {H}:{M}:00",
    "{english}, {month} {d}, {y} - {H}:{M}", "{english}, {d:02} {month} {y} {H}:{M}:00", "{H}:{M} {d}-{month}-{y}",
    "{day} {d:02}/{m:02}/{y} - {H}:{M}", "{day}, {m:02}/{d:02}/{y} - {H}:{M}", "{d}.{m:02}.{y} {H}:{M}",
    "{y} {month} {d} {H}:{M}",
)  # fmt: skip
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(minutes, st.sampled_from(sorted(LANGUAGES)), st.sampled_from(FORMS), st.booleans(), st.booleans())
def test_what_a_language_writes_is_read_back(
    moment: datetime, language: str, form: str, upper: bool, arabic: bool
) -> None:
    months, days = (names.split() for names in LANGUAGES[language])
    text = form.format(
        day=days[moment.weekday()], english=_ENGLISH_DAYS.split()[moment.weekday()], month=months[moment.month - 1],
        d=moment.day, m=moment.month, y=moment.year, H=f"{moment:%H}", M=f"{moment:%M}",
    ).replace("_", " ")  # fmt: skip
    text = text.upper() if upper else text
    claim = read(text.translate(ARABIC_DIGITS) if arabic else text, None, now=NOW)
    expected = Claim(moment.replace(tzinfo=UTC), Confidence.ZONELESS)
    figures_alone = "/" in form and claim.reason is Reason.AMBIGUOUS
    assert claim == expected or (figures_alone and moment.day <= 12), text

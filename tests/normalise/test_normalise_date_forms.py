"""Every form of date in one table: what it says, and how sure that is."""

from datetime import UTC, datetime

import pytest

from monitor.normalise.date import Confidence, Reason, claimed, read

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

# Wednesday, 25 February 2026, 21:07 UTC, whatever the form and the zone.
EXACT = [
    # RFC 822, 850, 2822 and 5322
    "Wed, 25 Feb 2026 21:07:00 GMT", "Wed, 25 Feb 2026 21:07:00 +0000", "Wed, 25 Feb 2026 21:07:00 -0000",
    "Wed, 25 Feb 2026 21:07 UT", "wed, 25 feb 2026 21:07:00 gmt", "25 Feb 2026 21:07 +0000",
    "Wed, 25 Feb 26 21:07:00 GMT", "25 Feb 126 21:07:00 GMT", "Wednesday, 25-Feb-26 21:07:00 GMT",
    "Wed,25 Feb 2026 21:7:0 GMT", "Wednesday, 25 February 2026 22:07:00 +0100", "Wed, 25 Feb 2026 21:07:00 Z",
    "Thu, 25 Feb 2026 21:07:00 GMT", "Wed, 25 Feb 2026  21:07:00  GMT ", "\n\tWed, 25 Feb 2026 21:07:00 GMT\n",
    "Wed, 25 Feb 2026 22:07:00 +0100 (CET)", "Wed, 25 Feb 2026 22:07:00 +01:00", "Wed, 25 Feb 2026 22:07:00 (CET)",
    # names of zones
    "Wed, 25 Feb 2026 22:07:00 CET", "Wed, 25 Feb 2026 23:07:00 CEST", "Wed, 25 Feb 2026 22:07:00 MEZ",
    "Wed, 25 Feb 2026 23:07:00 MESZ", "Thu, 26 Feb 2026 00:07:00 MSK", "Thu, 26 Feb 2026 00:07:00 TRT",
    "Wed, 25 Feb 2026 23:07:00 EET", "Thu, 26 Feb 2026 00:07:00 EEST", "Wed, 25 Feb 2026 22:07:00 BST",
    "Wed, 25 Feb 2026 16:07:00 EST", "Wed, 25 Feb 2026 17:07:00 EDT", "Wed, 25 Feb 2026 13:07:00 PST ",
    "Wed, 25 Feb 2026 14:07:00 PDT", "Wed, 25 Feb 2026 15:07:00 CST", "Thu, 26 Feb 2026 02:37:00 IST",
    "Thu, 26 Feb 2026 02:07:00 PKT", "Thu, 26 Feb 2026 04:07:00 WIB", "Thu, 26 Feb 2026 06:07:00 JST",
    "Wed, 25 Feb 2026 23:07:00 SAST", "Thu, 26 Feb 2026 00:07:00 EAT", "Thu, 26 Feb 2026 08:07:00 AEDT",
    "Wed, 25 Feb 2026 23:07:00 GMT+2", "Thu, 26 Feb 2026 00:07:00 UTC+03:00", "Wed, 25 Feb 2026 16:07:00 GMT-5",
    "Wed, 25 Feb 2026 23:07:00 GMT+0200", "Wed, 25 Feb 2026 23:07:00 GMT +2", "Wed, 25 Feb 2026 23:07:00 (UTC+2)",
    "Wed Feb 25 2026 22:07:00 GMT+0100 (Central European Standard Time)",
    # asctime, date(1) and their kin
    "Wed Feb 25 21:07:00 UTC 2026", "Wed Feb 25 22:07:00 CET 2026", "Wed Feb 25 21:07:00 +0000 2026",
    # ISO 8601, RFC 3339, W3CDTF
    "2026-02-25T21:07:00Z", "2026-02-25T22:07:00+01:00", "2026-02-25T22:07:00+0100", "2026-02-25T22:07:00+01",
    "2026-02-25t21:07:00z", "2026-02-25 21:07:00Z", "2026-02-25 22:07:00 +0100", "2026-02-25 22:07:00 +01:00",
    " 2026-02-25T21:07Z ", "20260225T210700Z", "20260225T2107Z", "2026-02-25T21:07:00.000Z",
    "2026-02-25T21:07:00.000000+00:00", "2026-02-25T21:07:00,000Z", "2026-02-25T21:07:00.0000000Z",
    "2026-02-25 23:07:00 CEST", "2026-02-25T23:07:00 CEST", "2026-02-25 21:07:00 UTC", "2026/02/25 21:07:00 GMT",
    "2026-02-25T22:07:00+01:00[Europe/Berlin]", "2026-02-25T21:07:00 Z", "2026-02-25T17:37:00-03:30",
    "2026-02-25T20:07:00\u221201:00", "2026-2-25T21:07:00Z", "2026-02-25T21:07:00 +0000 UTC",
    # numbers of seconds and milliseconds
    "1772053620", "1772053620000", "1772053620.0", " 1772053620 ",
    # other languages
    "Mittwoch, 25. Februar 2026, 22:07 Uhr MEZ", "Mi, 25 Feb 2026 22:07:00 +0100", "Mi., 25. Feb. 2026 22:07 +0100",
    "mer., 25 févr. 2026 22:07:00 +0100", "mer, 25 fév 2026 22:07:00 CET", "mié, 25 feb 2026 22:07:00 +0100",
    "wo, 25 feb 2026 22:07:00 +0100", "Ср, 25 Фев 2026 21:07:00 GMT", "Чт, 26 фев 2026 00:07:00 +0300",
    "26 февраля 2026, 00:07 (МСК)", "الأربعاء، 25 فبراير 2026 21:07:00 +0000", "٢٥ فبراير ٢٠٢٦ ٢١:٠٧ GMT",
    "Qua, 25 Fev 2026 21:07:00 +0000",
]  # fmt: skip

# The same moment; no zone is given.
ZONELESS = [
    "2026-02-25T21:07:00", "2026-02-25 21:07:00", "2026-02-25 21:07", "2026-02-25T21:07:00.000", "20260225T210700",
    "20260225210700", "2026/02/25 21:07", "2026.02.25 21:07:00", "2026-02-25, 21:07", "2026-02-25 - 21:07",
    "Wed, 25 Feb 2026 21:07:00", "Wed, 25 Feb 2026 21:07:00 XYZ", "Wed Feb 25 21:07:00 2026", "25 Feb 2026 - 21:07",
    "Wednesday, February 25, 2026 - 21:07", "Wed, 02/25/2026 - 21:07", "Wednesday, 25 February, 2026 - 21:07",
    "Feb 25, 2026 9:07 PM", "Feb. 25, 2026, 9:07 p.m.", "February 25th, 2026 at 9:07pm", "02/25/2026 09:07 PM",
    "25/02/2026 21:07", "25/02/2026 - 21:07", "25-02-2026 21:07:00", "25.02.2026 21:07", "25.02.2026, 21:07 Uhr",
    "25.2.2026 21.07 Uhr", "21:07 25.02.2026", "21:07, 25 Feb 2026", "2026 Feb 25 21:07",
    "25. Februar 2026, 21:07 Uhr", "Mittwoch, 25. Februar 2026 um 21:07 Uhr", "Mittwoch, den 25.02.2026 - 21:07",
    "Wednesday, 25. Februar 2026, 21:07 Uhr", "25. Feb. 2026, 21.07 Uhr", "Mi 25 Feb 2026 21:07",
    "25 février 2026 à 21h07", "mercredi 25 février 2026 à 21:07", "le mercredi 25 février 2026, 21h07",
    "le 25 février 2026 à 21h07", "25 FÉVRIER 2026 - 21:07", "25 fe\u0301vrier 2026 21:07",
    "Wednesday, février 25, 2026 - 21:07", "mer 25 févr. 2026 21 h 07", "Mer, 25/02/2026 - 21:07",
    "25 февраля 2026, 21:07", "25 февраля 2026 г. 21:07", "среда, 25 февраля 2026 г., 21:07",
    "25 февраля 2026 года в 21:07",
    "21:07, 25 февраля 2026", "Wednesday, 25 февраля 2026 21:07", "ср, 25.02.2026 - 21:07",
    "25 فبراير 2026 21:07", "٢٥ فبراير ٢٠٢٦ ٢١:٠٧", "الأربعاء، 25 شباط 2026 - 21:07",
    "الأربعاء ٢٥ فبراير/شباط ٢٠٢٦ - ٢١:٠٧",
    "25 فيفري 2026 21:07", "يوم الأربعاء 25 فبراير 2026 الساعة 21:07", "25 فبراير 2026 9:07 م", "۲۵ فبراير ۲۰۲۶ ۲۱:۰۷",
    "\u200f25 فبراير\u00a02026، 21:07\u200e",
    "25 de febrero de 2026 21:07", "miércoles, 25 de febrero de 2026 - 21:07", "25 de febrero del 2026 a las 21:07",
    "Mié, 25/02/2026 - 21:07", "25 feb. 2026 21:07 h", "Wednesday, febrero 25, 2026 - 21:07",
    "25 februari 2026 - 21:07", "woensdag 25 februari 2026 om 21:07 uur", "wo, 25-02-2026 - 21:07", "25 feb 2026 21u07",
    "Wednesday, 25 februari 2026 - 21:07", "Wed, 25 Feb 2026 21:07 ET",
    "Wed, 25 Feb 2026 21:07:00 +3000", "2026-02-25T21:07:00+25:00",
]  # fmt: skip

# The day alone, or the day of an unusual zone.
DAY = [
    "2026-02-25", "20260225", "2026/02/25", "2026-2-25", "2026.02.25", "Feb 25, 2026", "February 25, 2026",
    "25 Feb 2026",
    "Wed, 25 Feb 2026", "Wednesday, February 25, 2026", "25 February 2026", "25th of February, 2026", "25-Feb-2026",
    "02/25/2026", "25/02/2026", "25.02.2026", "25.2.26", "25-02-2026", "2026 Feb 25", "2026-Feb-25", "2026-02-25Z",
    "25. Februar 2026", "Mittwoch, 25.02.2026", "mercredi 25 février 2026", "25 févr. 2026", "25 февраля 2026",
    "25 фев. 2026", "25 февраля 2026 г.", "٢٥ فبراير ٢٠٢٦", "25 شباط/فبراير 2026", "25 شباط ٢٠٢٦",
    "25 de febrero de 2026",
    "miércoles 25 de febrero de 2026", "25 februari 2026", "wo 25 feb 2026", "25 فبراير 2026 م",
]  # fmt: skip

OTHERS = [
    ("1 Mar 2026", "2026-03-01"), ("1er mars 2026", "2026-03-01"), ("1. März 2026", "2026-03-01"),
    ("1. Maerz 2026", "2026-03-01"), ("1 maart 2026", "2026-03-01"), ("1 марта 2026", "2026-03-01"),
    ("1 آذار 2026", "2026-03-01"), ("١ مارس ٢٠٢٦", "2026-03-01"), ("mar. 24 févr. 2026", "2026-02-24"),
    ("mar. 3 mars 2026", "2026-03-03"), ("Mar, 24/02/2026 - 21:07", "2026-02-24T21:07"), ("mar 1 2026", "2026-03-01"),
    ("5. Jänner 2026", "2026-01-05"), ("3 août 2025", "2025-08-03"), ("3 мая 2025", "2025-05-03"),
    ("3 май 2025", "2025-05-03"), ("3 mei 2025", "2025-05-03"), ("3 مايو 2025", "2025-05-03"),
    ("3 ماي 2025", "2025-05-03"), ("3 أيار 2025", "2025-05-03"), ("3 يوليوز 2025", "2025-07-03"),
    ("3 جويلية 2025", "2025-07-03"), ("3 غشت 2025", "2025-08-03"), ("3 أوت 2025", "2025-08-03"),
    ("3 آب 2025", "2025-08-03"), ("3 أغسطس 2025", "2025-08-03"), ("3 شتنبر 2025", "2025-09-03"),
    ("3 كانون الثاني 2026", "2026-01-03"), ("3 كانون الأول 2025", "2025-12-03"), ("3 تشرين الأول 2025", "2025-10-03"),
    ("3 تشرين الثاني 2025", "2025-11-03"), ("3 تشرين الثاني/نوفمبر 2025", "2025-11-03"), ("3 دجنبر 2025", "2025-12-03"),
    ("3 de setiembre de 2025", "2025-09-03"), ("3 сентября 2025", "2025-09-03"), ("3 juil. 2025", "2025-07-03"),
    ("03/03/2025", "2025-03-03"), ("03.04.2025", "2025-04-03"), ("Wed, 03/05/2025", "2025-03-05"),
    ("Thu, 04/03/2025 - 10:00", "2025-04-03T10:00"), ("Sa, 03/05/2025", "2025-05-03"), ("1 Jan 99", "1999-01-01"),
    ("05 Feb 05", "2005-02-05"),
    ("12:30 AM, 1 Mar 2026", "2026-03-01T00:30"), ("1 Mar 2026 12:30 PM", "2026-03-01T12:30"),
    ("1 Mar 2026 13:30 PM", "2026-03-01T13:30"), ("1 mars 2026 à 9h", "2026-03-01T09:00"),
    ("1. März 2026, 9 Uhr", "2026-03-01T09:00"), ("Mar 1, 2026 9 a.m.", "2026-03-01T09:00"),
    ("2026-02-25T21:07:09.123456789Z", "2026-02-25T21:07:09.123456"), ("1772053620123", "2026-02-25T21:07:00.123"),
    ("Wed, 31 Dec 2025 23:59:60 GMT", "2025-12-31T23:59:59"),
]  # fmt: skip

NONE = {
    Reason.MISSING: ["", "  ", "\u200f", None],
    Reason.UNREADABLE: [
        "gestern", "2 hours ago", "yesterday at 21:07", "21:07", "Wed", "25 February", "2026-02", "2026",
        "February 2026",
        "Wed, 25 Frb 2026 21:07:00 GMT", "25 Feb 2026 Mar 3", "2026-02-25T21:07:00+01:00 2026", "{{ date }}", "null",
        "25 رمضان 1447 هـ", "26-02-25", "02/25/26", "1" * 500, "Feb 25 2026 21:07 and more", "T", "+0100",
        "2026-02-25 12 13",
        "12345", "2026-02-25T21:07:00 01:00", "25 Feb 2026 21:07 22:07", "m2 25 2026", "25 m2 2026",
    ],
    Reason.AMBIGUOUS: ["03/04/2025", "03/04/2025 10:00", "03-04-2025", "Mon, 03/04/2025 - 10:00", "Wed, 03/12/2025"],
    Reason.IMPLAUSIBLE: [
        "31 Feb 2026 10:00:00 GMT", "2026-02-30", "2026-02-29", "2026-13-01", "13/13/2025", "2026-02-25T25:07:00Z",
        "2026-02-25T21:60:00Z", "2026-02-25T24:07:00Z", "2026-02-25T24:00:00Z", "Wed, 25 Feb 2026 25:07:00 GMT",
        "25. Februar 2026, 24:10 Uhr",
        "31 février 2026", "31 апреля 2025", "32 Jan 2026", "0 Jan 2026", "00.02.2026",
        "25 Feb 2026 0:07 PM", "2026-02-25T21:07:61Z",
        "Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "0000-00-00 00:00:00",
        "Thu, 01 Jan 1970 00:00:00 GMT", "0000000000", "1772-01-01", "Sat, 31 Dec 1994 23:59:59 GMT",
        "Wed, 04 Mar 2026 09:30:01 GMT", "Fri, 31 Dec 9999 23:59:59 -0500", "9999-12-31T23:59:59-05:00", "9999999999",
        "9999999999999", "25 Feb 2062", "25 Feb 1926",
    ],
}  # fmt: skip

MOMENT = datetime(2026, 2, 25, 21, 7, tzinfo=UTC)
WRONG = datetime(2026, 2, 24, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("raw", EXACT)
def test_a_moment_with_its_zone_is_exact(raw: str) -> None:
    claim = read(raw, WRONG, now=NOW)
    assert (claim.moment, claim.confidence, claim.reason) == (MOMENT, Confidence.EXACT, None)


@pytest.mark.parametrize("raw", ZONELESS)
def test_a_moment_without_a_zone_is_taken_for_utc(raw: str) -> None:
    claim = read(raw, WRONG, now=NOW)
    assert (claim.moment, claim.confidence) == (MOMENT, Confidence.ZONELESS)


@pytest.mark.parametrize("raw", DAY)
def test_a_day_without_a_time_is_its_first_moment(raw: str) -> None:
    claim = read(raw, WRONG, now=NOW)
    assert (claim.moment, claim.confidence) == (MOMENT.replace(hour=0, minute=0), Confidence.DAY)


@pytest.mark.parametrize(("raw", "said"), OTHERS)
def test_other_months_days_and_times_are_read(raw: str, said: str) -> None:
    assert claimed(raw, WRONG, now=NOW) == datetime.fromisoformat(said).replace(tzinfo=UTC)


@pytest.mark.parametrize(("reason", "raw"), [(reason, raw) for reason, raws in NONE.items() for raw in raws])
def test_what_gives_no_date_says_why(reason: Reason, raw: str | None) -> None:
    claim = read(raw, None, now=NOW)
    assert (claim.moment, claim.confidence, claim.reason) == (None, Confidence.NONE, reason)

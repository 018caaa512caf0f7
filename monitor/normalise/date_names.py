"""Words of dates in the languages of the sources: months, days, zones, and what may stand between.

The words of the Unicode CLDR in English, German, French, Russian, Spanish, Dutch, Arabic (Egypt, the Levant and the
Maghreb each have month names of their own) and Portuguese, with the short forms that feeds give. All languages share
one table, since feeds mix them; a word means the same month in each. The tables' keys are as `fold` leaves a text.
"""

import re
import unicodedata
from datetime import timedelta

_MARKS = re.compile(r"[\u0640\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")  # tatweel and directions: not seen
_SIGNS = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\u060c\u066b", "------,.")  # dashes, a minus, Arabic signs


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents, with ASCII digits and plain dashes, commas and blanks."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", _MARKS.sub("", text).translate(_SIGNS))
    return "".join(_plain(letter) for letter in split if not unicodedata.combining(letter)).lower()


def _plain(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


_MONTHS = (
    # English
    (
        "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct"
        " november/nov december/dec"
    ),
    # German
    (
        "januar/jan/jänner/jän februar/feber/feb märz/maerz/mär april/apr mai juni/jun juli/jul august/aug "
        "september/sep oktober/okt november/nov dezember/dez"
    ),
    # French
    (
        "janvier/janv/jan février/févr/fév mars avril/avr mai juin juillet/juil août septembre/sept/sep"
        " octobre/oct novembre/nov décembre/déc"
    ),
    # Spanish
    (
        "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
        "septiembre/setiembre/sept/sep octubre/oct noviembre/nov diciembre/dic"
    ),
    # Dutch
    (
        "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep/sept oktober/okt"
        " november/nov december/dec"
    ),
    # Russian
    (
        "января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн "
        "июля/июль/июл августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт"
        " ноября/ноябрь/ноя/нояб декабря/декабрь/дек"
    ),
    # Arabic: Egypt and the Gulf, the Levant, Algeria and Tunisia, Morocco
    "يناير فبراير مارس أبريل مايو يونيو/يونيه يوليو/يوليه أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
    "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
    # Portuguese
    (
        "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out"
        " novembro/nov dezembro/dez"
    ),
)
_DAYS = (
    "monday/mon tuesday/tue/tues wednesday/wed thursday/thu/thur/thurs friday/fri saturday/sat sunday/sun",
    "montag/mo dienstag/di mittwoch/mi donnerstag/do freitag/fr samstag/sonnabend/sa sonntag/so",
    "lundi/lun mardi/mar mercredi/mer jeudi/jeu vendredi/ven samedi/sam dimanche/dim",
    "lunes/lun martes/mar miércoles/mié jueves/jue viernes/vie sábado/sáb domingo/dom",
    "maandag/ma dinsdag/di woensdag/wo donderdag/do vrijdag/vr zaterdag/za zondag/zo",
    "понедельник/пн вторник/вт среда/ср четверг/чт пятница/пт суббота/сб воскресенье/вс",
    "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "segunda/seg terça/ter quarta/qua quinta/qui sexta/sex sábado/sáb domingo/dom",
)


def _numbered(rows: tuple[str, ...], first: int) -> dict[str, int]:
    """Number the words of each row; ``/`` parts names of the same thing, ``_`` joins words that belong together."""
    return {
        fold(name).replace("_", " "): number
        for row in rows
        for number, names in enumerate(row.split(), first)
        for name in names.split("/")
    }


MONTHS = _numbered(_MONTHS, 1)
"""A month's names to its number, 1 to 12."""

DAYS = _numbered(_DAYS, 0)
"""A day's names to its number, Monday being 0 (`datetime.weekday`)."""

FILLERS = frozenset(
    fold(
        "at on of the um am den der uhr à le de del a las la el h hs hrs hora horas om op uur в г года год "
        "feira يوم الساعة الموافق م"
    ).split()
)
"""Words that a date may hold and that say nothing."""

ORDINALS = frozenset({"st", "nd", "rd", "th", "er", "e", "o"})
"""What may follow a day's number without a blank."""

_MINUTES_EAST = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "art": -180, "brt": -180, "bst": 60, "wat": 60,
    "cet": 60, "cest": 120, "met": 60, "mest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180, "cat": 120,
    "sast": 120, "msk": 180, "мск": 180, "trt": 180, "eat": 180, "irst": 210, "aft": 270, "pkt": 300, "ist": 330,
    "npt": 345, "wib": 420, "sgt": 480, "hkt": 480, "pht": 480, "myt": 480, "awst": 480, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
ZONES = {name: timedelta(minutes=east) for name, east in _MINUTES_EAST.items()}
"""A zone's name to its offset, positive to the east.

Of names that several zones bear, the one of RFC 822 or of most speakers: CST is America's, IST India's, BST Britain's.
"""

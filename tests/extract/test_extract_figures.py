"""How many of whom: sentences of our own in seven languages, what is no count, and numbers however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import Counted, Figure
from monitor.extract.facts import extract
from monitor.extract.numbers import numbers
from monitor.extract.reading import read


def found(title: str, text: str = "") -> tuple[Figure, ...]:
    return extract(title, text).figures


def short(title: str, text: str = "") -> set[str]:
    """Write figures as "12 women", "300- fighters" (at least), "-5 years" (at most), "60-70 children"."""
    written = set()
    for figure in found(title, text):
        low, high = figure.low, figure.high
        count = str(low) if low == high else f"{'' if low is None else low}-{'' if high is None else high}"
        assert figure.approximate == (low != high)
        written.add(f"{count} {figure.of.value}")
    return written


SENTENCES = [
    ("Finland brings home two mothers and six children from al-Hol", "2 women|6 children"),
    ("Between 300 and 350 Danes travelled to Syria to join ISIS; about 40 were killed", "300-350 fighters|40- deaths"),
    ("12 Belgian women and 34 children left the Roj camp, of whom 20 are minors", "12 women|34 children|20 children"),
    ("Jihadist gets twelve years in prison", "12 years"),
    ("Up to 60–70 men are held in SDF jails", "60-70 men"),
    ("At least two dozen ISIS suspects were arrested in Lyon", "24- arrests"),
    ("Nearly 5,000 Islamic State fighters from 80 countries are detained", "5000- fighters|80 countries"),
    ("A woman and her two children were repatriated from Roj", "1 women|2 children"),
    ("Denmark has stripped 19 people of citizenship for joining terror groups", "19 deprivations"),
    ("No more than ten returnees from Syria are under watch for terrorism", "-10 returnees"),
    ("La Suède rapatrie une quarantaine de femmes et 61 enfants des camps syriens", "40- women|61 children"),
    ("Quelque 1 450 Français ont rejoint l'État islamique, selon la DGSI", "1450- fighters"),
    ("Djihadiste condamné à quinze ans de réclusion", "15 years"),
    ("Pas moins de 69 familles irakiennes ont quitté al-Hol", "69- families"),
    ("Quatre-vingt-dix enfants orphelins rapatriés de Syrie", "90 children"),
    ("Fünfundzwanzig Frauen und gut 50 Kinder aus dem Lager Roj zurückgeholt", "25 women|50- children"),
    ("Anderthalb Dutzend IS-Rückkehrer stehen unter Beobachtung", "18 returnees"),
    ("Höchstens 30 Österreicher kämpften für den IS in Syrien", "-30 fighters"),
    ("IS-Kämpfer zu acht Jahren Haft verurteilt", "8 years"),
    ("Rund 2.600 Kinder leben noch im Lager al-Hol, sagt die SDF über Terrorfamilien", "2600- children"),
    ("Из лагеря Эль-Холь вывезли 21 женщину и двоих детей", "21 women|2 children"),
    ("Более 4,5 тысячи россиян воевали на стороне ИГИЛ", "4500- fighters"),
    ("Боевика ИГИЛ приговорили к двенадцати годам колонии", "12 years"),
    ("От 60 до 70 боевиков ИГИЛ вернулись в Косово", "60-70 returnees"),
    ("Сто двадцать пять детей вернули из лагерей террористов", "125 children"),
    ("استعادت تونس امرأتين وستة أطفال من مخيم الهول", "2 women|6 children"),
    ("ما لا يقل عن ٣٥٠ مقاتلاً انضموا إلى داعش", "350- fighters"),
    ("السجن خمس عشرة سنة لعضو في داعش", "15 years"),
    ("بين 300 و350 عائلة غادرت مخيم الهول", "300-350 families"),
    ("نحو خمسة وعشرين طفلاً في مخيم روج", "25- children"),
    ("Zes vrouwen en een twintigtal kinderen teruggehaald uit Roj", "6 women|20- children"),
    ("Meer dan 300 Nederlanders reisden uit om zich bij IS aan te sluiten", "300- fighters"),
    ("Syriëstrijder veroordeeld tot vijfentwintig jaar cel", "25 years"),
    ("Treinta y cuatro menores y al menos diez mujeres volvieron del campo de Roj", "34 children|10- women"),
    ("Unos 2.000 marroquíes se unieron al Estado Islámico", "2000- fighters"),
    ("La Audiencia condena al yihadista a nueve años de cárcel", "9 years"),
    ("Marruecos detuvo a 14 retornados del Estado Islámico", "14 arrests"),
    ("België trok de nationaliteit in van 14 terroristen", "14 deprivations"),
    ("Police in Pristina detained eight people on suspicion of recruiting for ISIS", "8 arrests"),
    ("Vingt personnes de nationalité belge détenues dans les camps de djihadistes", "20 detainees"),
    ("Detenidos doce yihadistas en Ceuta", "12 arrests"),
]
NO_FIGURES = [
    "ISIS suspect, 29, appears in court",
    "The 34-year-old returned from Syria on 14 March 2019 to join a jihadist trial",
    "Article 21 and section 5 of the Terrorism Act apply to the ISIS returnee",
    "Terror group received 40,000 euros and 15 percent of the oil",
    "MPs voted 268 to 29 on the jihadist bill",
    "One of the jihadists was seen at 14:30 near Raqqa, 20 km from the camp",
    "Die 31-Jährige reiste am 5. Mai 2015 zum IS nach Rakka",
    "L'accusée de 24 ans, partie en 2014 rejoindre l'État islamique",
    "Женщина 38 лет уехала к ИГИЛ 12 июня 2014 года",
    "عمرها 25 عاماً سافرت في 3 مارس 2014 إلى داعش",
    "De vrouw van 27 jaar reisde op 3 juni 2013 naar IS-gebied",
    "La yihadista, de 33 años, viajó el 4 de mayo de 2014",
    "About 3,000 refugees returned to Homs from Lebanon",
    "Some 300 volunteers who fought in Donetsk came home",
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_counts_are_read_in_each_language(sentence: str, expected: str) -> None:
    assert short(sentence) == set(expected.split("|"))


@pytest.mark.parametrize("sentence", NO_FIGURES)
def test_ages_dates_money_and_other_peoples_returns_are_no_counts(sentence: str) -> None:
    assert short(sentence) == set()


def test_a_count_that_title_and_text_give_is_listed_once() -> None:
    assert short("Six women home from Roj", "The six women landed in Oslo, Norway.") == {"6 women"}


def test_where_from_where_to_when_and_by_whom_stand_with_the_count() -> None:
    (figure,) = found(
        "", "By 2017 some 400 Belgians had left for Syria to join ISIS, according to the Egmont Institute."
    )
    assert figure.origin == ("BE",)
    assert figure.to == "SY"
    assert figure.as_of == "2017"
    assert figure.by == "Egmont Institute"
    assert figure.words == "some 400 Belgians"


def test_those_who_come_home_are_brought_to_the_country_that_acts() -> None:
    (figure,) = found("Germany repatriates eight Yemeni women from Syria's Roj camp")
    assert (figure.origin, figure.to) == (("YE",), "YE")
    (figure,) = found("Germany repatriates eight women from Syria's Roj camp")
    assert (figure.origin, figure.to) == ((), "DE")


def test_a_half_year_is_rounded_to_a_range() -> None:
    (figure,) = found("Terrorist jailed for six and a half years")
    assert (figure.low, figure.high, figure.approximate, figure.of) == (6, 7, True, Counted.YEARS)


def test_nothing_is_found_in_nothing() -> None:
    assert found("") == ()
    assert found("Jihadists on trial") == ()


WRITTEN = {
    "en": ("two 2", "twelve 12", "forty-one 41", "one hundred and six 106", "three hundred 300", "two thousand 2000"),
    "fr": ("deux 2", "vingt et un 21", "soixante-douze 72", "quatre-vingt-trois 83", "deux cents 200", "mille 1000"),
    "de": ("zwölf 12", "einundzwanzig 21", "zweihundertfünfzig 250", "dreitausend 3000", "anderthalb Dutzend 18"),
    "ru": ("двое 2", "сорока 40", "двадцать пять 25", "двести тридцать 230", "две тысячи 2000", "сто 100"),
    "ar": ("ثلاثة 3", "خمس عشرة 15", "خمسة وعشرون 25", "مئة 100", "مئتان 200", "ثلاثة آلاف 3000"),
    "nl": ("twaalf 12", "zesentwintig 26", "honderdtwintig 120", "driehonderd 300", "tweeduizend 2000"),
    "es": ("doce 12", "veintitrés 23", "treinta y cuatro 34", "ciento veinte 120", "dos mil 2000"),
}


@pytest.mark.parametrize("written", [entry for entries in WRITTEN.values() for entry in entries])
def test_a_number_in_words_reads_as_itself(written: str) -> None:
    words, _, value = written.rpartition(" ")
    assert [number.value for number in numbers(read("", words))] == [float(value)]


@given(
    value=st.integers(0, 9_999_999),
    separator=st.sampled_from(["", ",", ".", " ", "\u202f", "\u00a0", "'", "’"]),
    arabic=st.booleans(),
)
def test_a_number_in_digits_reads_as_itself(value: int, separator: str, arabic: bool) -> None:
    written = f"{value:,}".replace(",", separator)
    if arabic:
        written = written.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert [number.value for number in numbers(read("", f"x {written} x"))] == [value]


UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@given(st.integers(1, 9), st.integers(0, 7), st.integers(0, 9))
def test_english_compounds_add_up(hundreds: int, tens: int, units: int) -> None:
    words = f"{UNITS[hundreds - 1]} hundred and {TENS[tens]}" + (f"-{UNITS[units - 1]}" if units else "")
    (number,) = numbers(read("", words))
    assert number.value == hundreds * 100 + (tens + 2) * 10 + units


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_read(title: str, text: str) -> None:
    for figure in found(title, text):
        assert figure.low is not None or figure.high is not None

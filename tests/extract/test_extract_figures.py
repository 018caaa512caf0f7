"""How many of whom: sentences of our own in seven languages, what is no count, and numbers however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import Counted, Figure
from monitor.extract.facts import extract
from monitor.extract.figures.numbers import numbers
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
    ("At least two dozen men back from Syria were arrested in Lyon", "24- men"),
    ("Nearly 5,000 Islamic State fighters from 80 countries are detained", "-5000 fighters|80 countries"),
    ("A woman and her two children were repatriated from Roj", "2 children"),
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
CLASSES = [
    # Women, men and children count as these, whatever is told of them; together they are people.
    ("Three women back from Roj were arrested in Oslo", "3 women"),
    ("At least 5,600 men, women and children went home from Syria", "5600- returnees"),
    ("Deux sœurs revenues de Raqqa condamnées à Lyon", "2 women"),
    ("Vier Männer aus Syrien verhaftet, die für den IS kämpften", "4 men"),
    ("Троих детей боевиков ИГИЛ убило в лагере Родж", "3 children"),
    ("إدانة ثلاث نساء عدن من الرقة", "3 women"),
    ("Zes mannen die in Raqqa vochten voor de rechter", "6 men"),
    ("Condenadas cuatro mujeres que volvieron de Raqa", "4 women"),
    # A part of them is what they are.
    ("Nine women flew home from al-Hol, four of them were charged", "9 women|4 women"),
    ("Sechs Frauen kehrten aus Roj heim, drei wurden festgenommen", "6 women|3 women"),
    # One sentence, two counts, each with what stands nearest.
    ("Of the 90 who left Malmö for Syria 20 have died and 41 are back", "90 fighters|20 deaths|41 returnees"),
    ("Sur 80 Lyonnais partis en Syrie, 25 sont morts et 30 sont rentrés", "80 fighters|25 deaths|30 returnees"),
    # From a camp is no stay in it.
    ("Astana vliegt 45 burgers uit Syrische kampen naar huis", "45 returnees"),
    ("Узбекистан вывез из сирийских лагерей ещё 93 человека", "93 returnees"),
    # Two in one word.
    ("A Dutch couple who joined ISIS came home from Idlib", "2 returnees"),
    ("توأمان ولدا في مخيم الهول يعودان إلى تونس", "2 children"),
    ("القضاء البلجيكي يأمر باستعادة أم وطفليها من روج", "2 children"),
    # Terms of years: from one to another, up to, and no more than what is asked for.
    ("El Senado eleva de seis a diez años la pena por viajar a Siria para unirse al Dáesh", "6 years|10 years"),
    ("Minister wants 20 years for joining ISIS in Syria, up from twelve", "20 years|12 years"),
    ("Из Идлиба вернулся боевик ИГИЛ, ему дали от трёх до пяти лет колонии", "3-5 years"),
    ("Riad bestraft Reisen zum IS nach Syrien mit 3 bis 20 Jahren Haft", "3-20 years"),
    # Nationality that is taken; cases of it.
    ("Copenhagen has taken citizenship from eleven Syria fighters", "11 deprivations"),
    ("Astana retire la nationalité kazakhe à neuf combattants de Syrie", "9 deprivations"),
    ("België neemt vier veroordeelde Syriëstrijders hun nationaliteit af", "4 deprivations"),
    ("إسقاط الجنسية عن خمسة انضموا إلى داعش في سوريا", "5 deprivations"),
    # Nobody brings them home.
    ("Jakarta will not repatriate 600 nationals from Syria", "600 fighters"),
    ("Jakarta ne rapatriera pas ses 600 ressortissants de Syrie", "600 fighters"),
    # Charged is arrested, tried is sentenced, handed over is held.
    ("Prosecutors in Paris charged seven people back from Raqqa", "7 arrests"),
    ("Ankara hands over eight Islamic State members from Syria to Rome", "8 detainees"),
    # Women by their ending.
    ("Trois Françaises revenues de Roj écrouées", "3 women"),
    ("Zwei Wienerinnen aus dem Lager Roj zurückgeholt", "2 women"),
    ("Mother of four back from Raqqa in court", "4 children"),
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
    "She left Leeds for Raqqa at 17 to join ISIS",
    "Sisters, 9 and 15, home from Roj",
    "Nine letters from a mother in camp Roj",
    "Six in ten Danes want ISIS families to stay in Syria",
    "One in fourteen returnees from Syria offends again",
    "Kirgistan: 110. Kind aus Syrien heimgeholt",
    "Zwei Drittel der Syrien-Rückkehrer haben Arbeit",
    "Vier Jahre nach der Heimkehr aus Rakka studiert sie",
    "Deux grands-mères attendent leurs petits-enfants de Roj",
    "Treize pour cent des revenants de Syrie sont des femmes",
    "Трое суток шла она из лагеря Родж к границе",
    "ثلث العائدين من سوريا بلا عمل بعد خمس سنوات",
    "Man met twee paspoorten terug uit Raqqa",
    "La niña de Roj tiene seis años",
    "El Dáesh mató a cuatro guardias en Raqa",
    "Parliament sets a minimum sentence of five years for joining ISIS in Syria",
    "Ex-Boko Haram fighters: 390 finish course in Gombe",
    "Two men arrested in Lyon over a bomb plot",
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES + CLASSES)
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
    assert (figure.origin, figure.to) == (("DE",), "DE")


FROM_TO = [
    ("Sweden takes home nine children from Roj", "", ("SE",), "SE"),
    ("Sweden must take home nine children from Roj, court says", "", ("SE",), None),
    ("Albanie : quatre femmes restent au camp d'al-Hol", "", ("AL",), None),
    ("Tunis: 70 fighters back from Syria, ministry says", "", ("TN",), "TN"),
    ("Die Schweiz holt zwei Mädchen aus Roj", "", ("CH",), "CH"),
    ("Из Сирии в Киргизию вернули 20 детей", "", ("KG",), "KG"),
    ("ألبانيا تستعيد أربعة أطفال من مخيم الهول", "", ("AL",), "AL"),
    ("España trae de Siria a dos mujeres", "", ("ES",), "ES"),
    ("Six thousand foreign fighters from 40 countries are held in Syria", "", (), None),
    ("Finland brings women home from al-Hol", "Five women were charged on landing in Helsinki.", ("FI",), "FI"),
    ("Kosovo and Bosnia took people home from Syria", "Pristina brought 110 people, Bosnia 25.", ("XK",), "XK"),
]


@pytest.mark.parametrize(("title", "text", "origin", "to"), FROM_TO)
def test_the_home_of_the_entry_is_that_of_its_people(
    title: str, text: str, origin: tuple[str, ...], to: str | None
) -> None:
    figure = next(figure for figure in found(title, text) if figure.of is not Counted.COUNTRIES)
    assert (figure.origin, figure.to) == (origin, to)


BY = [
    ("", "About 300 left Belgium to join ISIS in Syria, the interior ministry in Brussels said.", "interior ministry"),
    ("", "Georgia's State Security Service says that 40 Georgians joined ISIS.", "State Security Service"),
    ("AIVD: 130 uitreizigers terug uit Syrië", "", "AIVD"),
    ("Belgique : 130 revenants de Syrie", "", ""),
    ("", "Selon l'Ocam, plus de 400 Belges ont rejoint l'État islamique.", "Ocam"),
    ("", "Nach Angaben des Innenministeriums kehrten 90 IS-Kämpfer aus Syrien heim.", "Innenministeriums"),
    ("", "Из Сирии вернули 40 детей боевиков, сообщили в МИД.", "МИД"),
    ("", "وقال وزير الداخلية إن 800 تونسي عادوا من سوريا بعد القتال مع داعش.", "وزير الداخلية"),
    ("", "Volgens de NCTV zitten nog elf vrouwen van IS-strijders in Syrische kampen.", "NCTV"),
    ("", "El Gobierno calcula que quedan 17 niños españoles en el campo de Roj.", "Gobierno"),
    ("", "A court in Oslo sentenced two women back from Raqqa.", ""),
    ("", "The Soufan Center counted 5,000 fighters back from Syria. Of them 800 were women, it said.", "Soufan Center"),
]


@pytest.mark.parametrize(("title", "text", "by"), BY)
def test_who_counted_is_in_whose_mouth_the_sentence_lays_it(title: str, text: str, by: str) -> None:
    assert found(title, text)[-1].by == by


def test_a_list_of_men_women_and_children_from_many_countries_is_of_nobodys_home() -> None:
    returnees, countries = found(
        "", "At least 5,600 men, women and children from 33 countries came home from Syria, the Soufan Center said."
    )
    assert (returnees.of, returnees.low, returnees.high) == (Counted.RETURNEES, 5600, None)
    assert (returnees.origin, returnees.to, returnees.by) == ((), None, "Soufan Center")
    assert (countries.of, countries.low) == (Counted.COUNTRIES, 33)


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

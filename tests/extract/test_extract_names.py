"""The persons and institutions that a text names: own sentences in seven languages, and rules for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ModelError
from monitor.extract.facts import extract
from monitor.extract.names import institution_words
from monitor.extract.names.longest import longest
from monitor.extract.reading import read


def named(title: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    facts = extract(title, text)
    return facts.persons, facts.actors


PERSONS = [
    ("The lawyer, Miriam Oakeshaw, said that her client would appeal.", ["Miriam Oakeshaw"]),
    ("Jordan Whitlock told the court that he never left Idlib.", ["Jordan Whitlock"]),
    ("Georgia Smith and Chad Ellerby were flown home from Syria.", ["Georgia Smith", "Chad Ellerby"]),
    ("According to Farid Nasrallah, 12 families want to return.", ["Farid Nasrallah"]),
    ("Justice Odile Brankovic set the date; Mr Tarrant objects.", ["Odile Brankovic", "Tarrant"]),
    ("Loubna A. was arrested at Schiphol with Umm Hamza and Leyla Oduya.", ["Leyla Oduya"]),
    ("The adviser Wendeline Kroft wrote the report.", ["Wendeline Kroft"]),
    ("L'avocate Hélène Maurinot plaide le retour, selon Karim Belhadj.", ["Hélène Maurinot", "Karim Belhadj"]),
    ("Le juge Étienne de la Tournelle a tranché mardi.", ["Étienne de la Tournelle"]),
    ("Die Richterin Sabine Ohlendorf verlas das Urteil.", ["Sabine Ohlendorf"]),
    ("Innenminister Lorenz Haberkamp sagte am Montag nichts dazu.", ["Lorenz Haberkamp"]),
    ("Адвокат Иван Петров заявил, что апелляция подана.", ["Иван Петров"]),
    ("Gestern lobte die Landesministerin Wiltrud Paulsen den Kompromiss.", ["Wiltrud Paulsen"]),
    ("Dat bevestigt parketwoordvoerder Lieve Claes aan de krant.", ["Lieve Claes"]),
    ("دعت النائبة هند الزبيدي إلى إعادة الأطفال", ["هند الزبيدي"]),
    ("Министр Дамир Сагинтаев подписал приказ.", ["Дамир Сагинтаев"]),
    ("Кадыров обещает помощь семьям.", ["Кадыров"]),
    ("قال المحامي محمد الأنصاري إن موكله عاد من إدلب", ["محمد الأنصاري"]),
    ("وقال محاميها ينس هوفمان إنها ستغادر السجن", ["ينس هوفمان"]),
    ("Advocaat Bram Verstappen gaat in cassatie, zegt hij.", ["Bram Verstappen"]),
    ("Volgens Anneke van der Horst is het kamp leeg.", ["Anneke van der Horst"]),
    ("La abogada Lucía Ferrando pidió la libertad de su cliente.", ["Lucía Ferrando"]),
    ("Según Javier Montalbán, quedan nueve niños en Roj.", ["Javier Montalbán"]),
]
NOBODY = [
    "Jordan brings back nine orphans from the camp",
    "Georgia State Security Service counts a hundred",
    "The Jordan Times reports on the Jordan Valley",
    "Islamic State said that it held the town",
    "Prime Minister Says Chad Will Not Take Fighters",
    "New York police arrest two at Kennedy airport",
    "Der Islamische Staat sagte nichts",
    "مطار محمد الخامس يستقبل العائدين",
    "صادق البرلمان على الاتفاق",
    "",
]
ACTORS = [
    ("The Danish foreign ministry said that nobody will be flown home.", ["Danish foreign ministry"]),
    ("Spain's interior ministry and the Home Office answered.", ["interior ministry", "Home Office"]),
    ("The Court of Appeal in Antwerp reversed the judgment.", ["Court of Appeal in Antwerp"]),
    (
        "The National Coordination Committee for Returned Minors met.",
        ["National Coordination Committee for Returned Minors"],
    ),
    ("HRW, Save the Children and the Soufan Center object.", ["HRW", "Save the Children", "Soufan Center"]),
    ("The SDF handed over eight men, UNICEF said.", ["UNICEF"]),
    ("Tunisia's parliament voted; the Egmont Institute doubts it.", ["parliament", "Egmont Institute"]),
    ("Le Conseil d'État donne tort au ministère de l'Intérieur.", ["Conseil d'État", "ministère de l'Intérieur"]),
    ("La cour d'assises spéciale de Paris a siégé, selon l'Ocam.", ["cour d'assises spéciale de Paris", "Ocam"]),
    (
        "Das Oberlandesgericht Düsseldorf folgte der Bundesanwaltschaft.",
        ["Oberlandesgericht Düsseldorf", "Bundesanwaltschaft"],
    ),
    ("Das Landgericht Verden sprach ihn frei.", ["Landgericht Verden"]),
    ("Верховный суд Казахстана отменил приговор, сообщили в КНБ.", ["Верховный суд Казахстана", "КНБ"]),
    ("Московский окружной военный суд вынес решение.", ["Московский окружной военный суд"]),
    ("أعلنت وزارة الداخلية العراقية نقل العائلات", ["وزارة الداخلية العراقية"]),
    ("وقالت محكمة الاستئناف في الرباط إن الحكم نهائي", ["محكمة الاستئناف في الرباط"]),
    ("De Hoge Raad en de rechtbank Rotterdam zijn het eens.", ["Hoge Raad", "rechtbank Rotterdam"]),
    (
        "Het hof van beroep in Gent verwierp de eis van het federaal parket.",
        ["hof van beroep in Gent", "federaal parket"],
    ),
    ("La Audiencia Nacional y la Fiscalía de Chile investigan.", ["Audiencia Nacional", "Fiscalía de Chile"]),
    ("Die Passbehörden folgten dem Innenressort in Wien.", ["Passbehörden", "Innenressort"]),
    ("De Toezichtcommissie en het VN-Kinderrechtencomité zwijgen.", ["Toezichtcommissie", "VN-Kinderrechtencomité"]),
    ("A court in Ghent heard the Dutch police.", ["court in Ghent", "Dutch police"]),
    ("وقالت محكمة تركية إن البرلمان الأردني سيصوت", ["محكمة تركية", "البرلمان الأردني"]),
    ("Алматинский суд ждёт ответа от парламента.", ["Алматинский суд", "парламента"]),
    ("La gendarmerie et la chancellerie se taisent.", ["gendarmerie", "chancellerie"]),
    (
        "El Juzgado Central de Instrucción número 3 pregunta a la ONU.",
        ["Juzgado Central de Instrucción número 3", "ONU"],
    ),
    ("El Tribunal Supremo rebaja la pena; Human Rights Watch lo celebra.", ["Tribunal Supremo", "Human Rights Watch"]),
]
NO_ACTORS = [
    "The government argues that prosecutors and police had no choice",
    "Paris refuses; the court disagrees",
    "SPD und Grüne sind dagegen, VVD en D66 ook, PP y Vox callan",
    "UN experts urge the states to act",
    "Das Hauptgericht war kalt",
    "He fled an SDF prison near Raqqa",
    "The interior minister visited the camp",
    "Interior Minister Anna Kowalczyk will not resign",
    "Le ministre de l'Intérieur se tait",
    "قال وزير الداخلية إن الرحلة ألغيت",
    "De minister van Buitenlandse Zaken zwijgt",
    "",
]


@pytest.mark.parametrize(("text", "expected"), PERSONS)
def test_persons_are_found_as_they_are_written(text, expected):
    assert list(named("", text)[0]) == expected


@pytest.mark.parametrize("text", NOBODY)
def test_places_groups_and_headlines_are_no_persons(text):
    assert named(text, "")[0] == ()


@pytest.mark.parametrize(("text", "expected"), ACTORS)
def test_institutions_are_found_with_their_country_and_seat(text, expected):
    assert list(named("", text)[1]) == expected


@pytest.mark.parametrize("text", NO_ACTORS)
def test_common_words_offices_and_capitals_are_no_institutions(text):
    assert named("", text)[1] == ()


def test_each_name_is_listed_once_and_in_order():
    found = named("HRW urges return", "UNICEF agrees with HRW, said Nadia Elbaz. Nadia Elbaz leads the team.")
    assert found == (("Nadia Elbaz",), ("HRW", "UNICEF"))


LONGEST = [
    ("SIAC met. The Special Immigration Appeals Commission is a court.", ("Special Immigration Appeals Commission",)),
    ("OLG Celle: Das Oberlandesgericht Celle verhandelt.", ("Oberlandesgericht Celle",)),
    ("Parliament voted, and the Riksdag may vote again.", ("Riksdag",)),
    ("La ONU llama; las Naciones Unidas insisten.", ("Naciones Unidas",)),
    ("A Manama court heard it before the Court of Cassation did.", ("Court of Cassation",)),
]


@pytest.mark.parametrize(("text", "expected"), LONGEST)
def test_an_institution_is_listed_under_its_longest_form(text, expected):
    assert named("", text)[1] == expected


@given(st.lists(st.sampled_from(["UN", "United Nations", "court", "Ghent court", "Parliament", "Storting", "BKA"])))
def test_the_longest_forms_are_some_of_the_names_and_stay_so(names):
    kept = longest(names)
    assert set(kept) <= set(names)
    assert longest(kept) == kept


def test_a_person_is_no_part_of_an_institution():
    persons, actors = named("", "The Boris Nemtsov Foundation and Boris Orlovsky disagree.")
    assert persons == ("Boris Orlovsky",)
    assert actors == ("Boris Nemtsov Foundation",)


@given(st.text(max_size=200), st.text(max_size=200))
def test_names_of_any_text_stand_in_it(title, text):
    persons, actors = named(title, text)
    assert all(name in read(title, text).source for name in persons)
    assert len(set(persons)) == len(persons)
    assert len(set(actors)) == len(actors)


def test_a_table_in_a_language_without_grammar_is_refused():
    file = {"grammar": {"en": {}}, "words": {"stops": [], "follow": []}, "fixed": {"xx": ["Name"]}}
    with pytest.raises(ModelError, match=r"grammar\.xx"):
        institution_words.build(file, {})

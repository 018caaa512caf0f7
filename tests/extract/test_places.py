"""The countries that a text names: own sentences in seven languages, homonyms, inflection, and rules for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.places.read import countries, load

ENGLISH = [
    ("France repatriates 12 women and 30 children from al-Hol", "FR SY"),
    ("Two Belgian women were flown home from the Roj camp", "BE SY"),
    ("A court in Mosul sentenced three Frenchmen to death", "IQ FR"),
    ("The U.S. transferred detainees to Iraqi custody", "US IQ"),
    ("UK strips dual national of citizenship, Home Office says", "GB"),
    ("Britons held near Hasakah ask to return", "GB SY"),
    ("Kosovo's prosecutors charge returnee; Pristina welcomes families", "XK"),
    ("North Macedonia jails two men who fought near Raqqa", "MK SY"),
    ("Trinidad & Tobago sends a team to Deir ez-Zor", "TT SY"),
    ("Trinidadian families wait; Trinidad and Tobago has no law", "TT"),
    ("The Dutch supreme court ruled on citizenship", "NL"),
    ("Papua New Guinea joins the convention", "PG"),
    ("Equatorial Guinea and Guinea-Bissau sign; Guinea abstains", "GQ GW GN"),
    ("Nigeria and Niger close the border near Diffa", "NG NE"),
    ("South Sudan borders Sudan", "SS SD"),
    ("Northern Ireland police arrest man", "GB"),
    ("Ireland brings mother home", "IE"),
    ("The Democratic Republic of the Congo asks for help", "CD"),
    ("The Republic of the Congo votes", "CG"),
    ("South Korea and North Korea disagree", "KR KP"),
    ("Uzbek and Tajik nationals among prisoners moved from Ghwayran", "UZ TJ SY"),
    ("Sweden, Denmark and Finland agree a common line", "SE DK FI"),
    ("Norwegian appeals court upholds verdict", "NO"),
    ("The Bosnian state court in Sarajevo", "BA"),
    ("Chechen fighters left Idlib", "RU SY"),
    ("Moscow blames Kyiv", "RU UA"),
    ("Saudi Arabia frees men from rehabilitation centre", "SA"),
    ("The UAE extradites a suspect to Jordan", "AE JO"),
    ("Cameroonian forces near Lake Chad", "CM"),
    ("Australians turned back on the road to Damascus", "AU SY"),
    ("Maldivian and Sri Lankan recruits", "MV LK"),
    ("SYRIA HANDS OVER CAMP TO RED CRESCENT", "SY"),
    ("TURKEY DEPORTS FIVE GERMANS", "TR DE"),
    ("Türkiye deports five", "TR"),
    ("Franco-German proposal; Anglo-Irish talks", "FR DE GB IE"),
    ("Karlsruhe court sentences woman", "DE"),
    ("New Zealand revokes passport", "NZ"),
    ("Georgia's Pankisi valley lost fifty men", "GE"),
    ("Tbilisi: Georgia amends its penal code", "GE"),
    ("Yazidis from Sinjar testify", "IQ"),
    ("Brussels court convicts returnee", "BE"),
    ("Philippine army retakes Marawi", "PH"),
    ("Syria’s al-Hawl camp and Iraq’s Sinjar", "SY IQ"),
    ("Families moved to Jeddah-1 near Mosul", "IQ"),
    ("Jeddah opens a rehabilitation centre", "SA"),
    ("S. Korea sends aid", "KR"),
    ("A Rhode Island man who joined the group", "US"),
    ("A court in Hasselt sentenced her", "BE"),
    ("SIAC hears her appeal", "GB"),
    ("Four men in Kurdish custody; the SDF holds two more", ""),
    ("Prisoners moved from Panorama prison in Hasakah", "SY"),
    ("Riksdag and Storting debate the same bill", "SE NO"),
    ("Kazakhstan, Kyrgyzstan and Turkmenistan report", "KZ KG TM"),
]
FRENCH = [
    ("La France rapatrie 16 mères et 35 enfants du camp de Roj", "FR SY"),
    ("Déchéance de nationalité : un Franco-Marocain perd l'appel", "FR MA"),
    ("L'Irak juge onze djihadistes français", "IQ FR"),
    ("La Suisse et l'Autriche refusent le retour", "CH AT"),
    ("Trois Tunisiennes jugées à Tunis", "TN"),
    ("Le Niger et le Nigeria ; les forces nigériennes et nigérianes", "NE NG"),
    ("Côte d’Ivoire : procès des assaillants", "CI"),
    ("Les États-Unis appellent l'Allemagne à agir", "US DE"),
    ("Des revenantes belges devant la cour à Anvers", "BE"),
    ("Guinée équatoriale et Guinée", "GQ GN"),
    ("Le Royaume-Uni et l’Irlande du Nord", "GB"),
    ("Les Pays-Bas retirent la nationalité néerlandaise", "NL"),
    ("La Turquie expulse deux Russes et un Tchétchène", "TR RU"),
    ("En Syrie, à Deir Ezzor, des familles ouzbèkes", "SY UZ"),
]
GERMAN = [
    ("Deutschland holt Frauen aus Nordsyrien zurück", "DE SY"),
    ("Syrienrückkehrerin in Celle vor Gericht", "SY DE"),
    ("Generalbundesanwalt klagt Irakerin an", "DE IQ"),
    ("Österreichische Staatsbürgerin sitzt im Lager Roj", "AT SY"),
    ("Schweizer Gericht verurteilt Rückkehrer", "CH"),
    ("Frankreichs Regierung und Großbritannien streiten", "FR GB"),
    ("Die Türkei schiebt Dänen ab", "TR DK"),
    ("Tschetschenischer Kämpfer an Russland ausgeliefert", "RU"),
    ("Bosnien-Herzegowina und Nordmazedonien", "BA MK"),
    ("Kosovarische Familien aus al-Hol", "XK SY"),
    ("Vereinigte Staaten verlegen Gefangene in den Irak", "US IQ"),
    ("In den Vereinigten Arabischen Emiraten", "AE"),
    ("Tadschikistans Botschafter in Bagdad", "TJ IQ"),
    ("Zwei Buben in Nordostsyrien", "SY"),
    ("Im Südsudan und in Südafrika", "SS ZA"),
]
RUSSIAN = [
    ("Россия вернула 30 детей из Сирии", "RU SY"),
    ("Из лагерей Аль-Хол и Родж вывезли гражданок Казахстана", "SY KZ"),
    ("Узбекистан возвратил женщин из Ирака", "UZ IQ"),
    ("Таджикских боевиков осудили в Душанбе", "TJ"),
    ("В Киргизии рассказали о детях из Ракки", "KG SY"),
    ("Кыргызстан принял 95 человек", "KG"),
    ("Турецкие власти выслали троих чеченцев", "TR RU"),
    ("Дания и Швеция лишают гражданства", "DK SE"),
    ("Житель Дагестана получил срок", "RU"),
    ("Франция, Бельгия и Нидерланды", "FR BE NL"),
    ("США передали пленных Багдаду", "US IQ"),
    ("Суд в Берлине признал виновной немку", "DE"),
    ("Южного Судана и Судана", "SS SD"),
    ("Боснии и Герцеговине помогут", "BA"),
    ("Российско-турецкие переговоры об Идлибе", "RU TR SY"),
    ("Власти Республики Того", "TG"),
]
ARABIC = [
    ("فرنسا تستعيد نساء وأطفالا من مخيم الهول", "FR SY"),
    ("العراق يتسلم دفعة جديدة من سوريا", "IQ SY"),
    ("محكمة ألمانية تدين عائدة من الرقة", "DE SY"),
    ("المغرب وتونس والجزائر تبحث ملف العائدين", "MA TN DZ"),
    ("نقل السجناء للعراق من سجن غويران", "IQ SY"),
    ("بالسعودية والكويت والبحرين", "SA KW BH"),
    ("السويد تسحب الجنسية", "SE"),
    ("الولايات المتحدة تدعو بريطانيا إلى استعادة مواطنيها", "US GB"),
    ("مقاتلون أوزبك وطاجيك وشيشانيون في إدلب", "UZ TJ RU SY"),
    ("سلطنة عُمان تستضيف المحادثات", "OM"),
    ("وصلت الطائرة إلى عمان، وقال الأردن إنه مستعد", "JO"),
    ("تركيا ترحل هولنديين", "TR NL"),
    ("جنوب السودان والسودان", "SS SD"),
    ("هجوم في شمال مالي قرب حدود النيجر", "ML NE"),
    ("كوسوفو والبوسنة والهرسك", "XK BA"),
    ("مخيما الهول وروج في الحسكة", "SY"),
]
DUTCH = [
    ("Nederland haalt vrouwen terug uit Syrië", "NL SY"),
    ("België repatrieert zes moeders uit kamp Roj", "BE SY"),
    ("Nederlanderschap ingetrokken van Marokkaanse Nederlander", "NL MA"),
    ("Turkije zet Duitse uitreizigers uit", "TR DE"),
    ("Rechtbank Rotterdam veroordeelt terugkeerder", "NL"),
    ("Franse en Iraakse rechters", "FR IQ"),
    ("Irakese rechtbank in Bagdad", "IQ"),
    ("Verenigde Staten en Verenigd Koninkrijk", "US GB"),
    ("Zuid-Soedan, Soedan en Oeganda", "SS SD UG"),
    ("Oezbeekse kinderen keren terug", "UZ"),
    ("Noord-Macedonië en Oostenrijk", "MK AT"),
]
SPANISH = [
    ("España repatría a dos mujeres y trece niños de Siria", "ES SY"),
    ("La Audiencia Nacional condena a un marroquí", "ES MA"),
    ("Bélgica y los Países Bajos retiran la nacionalidad", "BE NL"),
    ("Combatientes tunecinos y libios en Irak", "TN LY IQ"),
    ("EE. UU. traslada presos a Irak", "US IQ"),
    ("EE.UU. y Francia", "US FR"),
    ("Un tribunal francés juzga a una francesa", "FR"),
    ("Arabia Saudí y Emiratos Árabes Unidos", "SA AE"),
    ("Trinidad y Tobago busca a sus ciudadanos", "TT"),
    ("Uzbekistán, Kazajistán y Tayikistán", "UZ KZ TJ"),
    ("Alemania acusa a una alemana que volvió de Turquía", "DE TR"),
    ("Argelia, Malí y Níger", "DZ ML NE"),
]
NOTHING = [
    "Les deux banques ont été dites franco",
    "The Roman road led us to a man who knew them",
    "Tell us about the chad on the ballot",
    "Roast turkey with gravy and cranberry sauce",
    "Turkey farms count losses before Thanksgiving",
    "Michael Jordan and the NBA finals",
    "Jordan Bardella promet une loi",
    "Jim Jordan chairs the hearing",
    "New Mexico's senate passes a budget",
    "Elections across Latin America and South America",
    "A guinea pig in the Gulf of Guinea",
    "Ships wait in the Gulf of Oman",
    "They polish the table and shine the lamp",
    "TELL US MORE",
    "Brussels: European Commission proposes new rules",
    "The International Criminal Court in The Hague",
    "Le prénom Maurice et le prénom Dominique",
    "Une grenade a explosé",
    "L'eau potable. Eau chaude.",
    "Celle qui revient",
    "Die Insel und das Wetter",
    "Латинская Америка и Индийский океан",
    "Того человека не нашли",
    "السنة المالية والأزمة المالية",
    "تنظيم القاعدة في بلاد المغرب الإسلامي",
    "تمثال أبو الهول",
    "مجرى الأحداث ومجرم خطير",
    "Este hombre volvió al mismo lugar",
    "According to the Washington Post",
    "The Islanders win again",
    "",
]
TOWNS = [
    ("A woman from Leicester, a man from Izmir, a boy from Kokand", "GB TR UZ"),
    ("Une Tessinoise, un Lillois et deux Gantois", "CH FR BE"),
    ("Landgericht Kleve, Ständerat, Generalbundesanwalt", "DE CH"),
    ("Суд в Нижневартовске, петербуржец, прокуратура Ферганы", "RU UZ"),
    ("محكمة في تطاوين وأخرى في بعقوبة وثالثة في أسيوط", "TN IQ EG"),
    ("Een Zoetermeerse en een Antwerpse voor de rechter", "NL BE"),
    ("El Supremo, un vecino de Mataró y una tangerina", "ES MA"),
    ("Ein Beiruter Anwalt sucht in Tripolis nach ihnen; der Libanon schweigt", "LB"),
    ("In Tripolis landete ein Flugzeug aus Kairo", "LY EG"),
    ("Luxembourg judges: the EU court answers Bulgaria", "BG"),
    ("Luxembourg takes in six orphans", "LU"),
    ("Nationalrat und Ständerat sind sich einig", "CH"),
    ("Nationalrat: Die FPÖ stimmt dagegen", "AT"),
    ("ГКНБ Душанбе и ГКНБ Оша", "TJ KG"),
]
CASES = [*ENGLISH, *FRENCH, *GERMAN, *RUSSIAN, *ARABIC, *DUTCH, *SPANISH, *TOWNS]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_yields_the_countries_it_names_in_order(text: str, expected: str) -> None:
    assert countries(text, "") == tuple(expected.split())


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_a_country_is_none(text: str) -> None:
    assert countries("", text) == ()


def test_the_table_has_enough_sentences() -> None:
    assert len(CASES) + len(NOTHING) >= 100


def test_the_title_comes_before_the_text_and_each_country_counts_once() -> None:
    assert countries("Iraq tries a Syrian", "France and Iraq and Syria and Mali") == ("IQ", "SY", "FR", "ML")


def test_the_us_state_is_told_from_the_state_in_the_caucasus_by_what_stands_around() -> None:
    assert countries("Georgia votes", "Polls closed in Atlanta") == ("US",)
    assert countries("Georgia votes", "Polls closed in Batumi") == ("GE",)


def test_context_in_the_title_settles_a_homonym_in_the_text() -> None:
    assert countries("Bardella speaks", "Jordan, 30, leads the party") == ()
    assert countries("Camp closes", "Jordan, a neighbour, took part") == ("JO",)


def test_arabic_spelling_variants_and_vowel_signs_do_not_matter() -> None:
    assert countries("إدلب", "") == countries("ادلب", "") == countries("إِدْلِب", "") == ("SY",)
    assert countries("النَّرْوِيج", "") == countries("النرويج", "") == ("NO",)  # two signs on one letter


def test_russian_yo_and_accents_do_not_matter() -> None:
    assert countries("Кишинёв", "") == countries("Кишинев", "") == ("MD",)
    assert countries("Perú y Peru", "Türkei, Turkei") == ("PE", "TR")


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert countries("Co\u0302te d'Ivoire", "") == countries("Côte d'Ivoire", "") == ("CI",)


def test_a_name_does_not_reach_over_a_clause() -> None:
    assert countries("They went south; Sudan said so", "") == ("SD",)
    assert countries("Some went South, Sudan said", "") == ("SD",)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_yields_distinct_codes_and_never_fails(title: str, text: str) -> None:
    found = countries(title, text)
    assert len(set(found)) == len(found)
    assert all(len(code) == 2 and code.isupper() for code in found)
    assert countries(title, text) == found


@given(
    st.lists(
        st.sampled_from([("Iraq", "IQ"), ("سوريا", "SY"), ("Бельгия", "BE"), ("Malí", "ML"), ("Österreich", "AT")]),
        max_size=8,
    )
)
def test_order_is_that_of_first_mention(mentions: list[tuple[str, str]]) -> None:
    text = " / ".join(name for name, _ in mentions)
    assert countries("", text) == tuple(dict.fromkeys(code for _, code in mentions))


@given(st.sampled_from(sorted({text for text, _ in CASES})), st.text(alphabet="abcdefgh \n", max_size=40))
def test_small_words_after_a_text_change_nothing_that_was_found(text: str, more: str) -> None:
    assert countries(text, more) == countries(text, "")


def test_the_gazetteer_is_built_once() -> None:
    assert load() is load()

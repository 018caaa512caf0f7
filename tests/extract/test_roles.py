"""What a country is in a text: own sentences with the roles that a reader sees."""

import pytest

from monitor.extract.facts import extract

CASES = [
    ("A court in Ghent sentences two Dutch men back from Syria", "BE:actor NL:origin SY:event"),
    ("Dutch Supreme Court rejects appeal of woman from Raqqa", "NL:actor+origin SY:event"),
    ("The FBI questions Tunisian nationals held in Iraq", "US:actor TN:origin IQ:event"),
    ("Le tribunal belge juge une femme marocaine", "BE:actor MA:origin"),
    ("Das schwedische Parlament debattiert über Rückkehrer aus dem Irak", "SE:actor+origin IQ:event"),
    ("Суд Казахстана осудил граждан Киргизии и Узбекистана", "KZ:actor KG:origin UZ:origin"),
    ("محكمة ألمانية تدين مواطنة تونسية", "DE:actor TN:origin"),
    ("Mannen en vrouwen in kampen in Syrië en Irak", "SY:event IQ:event"),
    ("Dos mujeres deportadas por Turquía llegan a España", "TR:actor ES:event"),
]


@pytest.mark.parametrize(("title", "expected"), CASES)
def test_a_country_has_the_roles_that_a_reader_sees(title: str, expected: str) -> None:
    got = {place.country: set(map(str, place.roles)) for place in extract(title, "").places}
    assert got == {code: set(roles.split("+")) for code, _, roles in (one.partition(":") for one in expected.split())}


def test_a_given_name_before_a_surname_is_no_country() -> None:
    assert extract("Chad Ellery, 41, returned to court", "").places == ()
    assert [place.country for place in extract("Chad hands over eleven women", "").places] == ["TD"]
    assert [place.country for place in extract("Jordan Brings Orphans Home From Camp", "").places] == ["JO"]

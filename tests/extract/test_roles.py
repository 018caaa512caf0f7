"""What a country is in a text: own sentences with the roles that a reader sees by the guide, and rules for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.facts import extract
from monitor.extract.mentions import look
from monitor.extract.places.role_features import features
from monitor.extract.places.roles import ROLES
from monitor.extract.reading import read
from monitor.extract.shipped import data

HOME = "origin+event+actor"
CASES = [
    ("Denmark flies home six children from Roj", f"DK:{HOME} SY:event"),
    ("La Suède rapatrie une mère détenue à Al-Hol", f"SE:{HOME} SY:event"),
    ("Das schwedische Parlament debattiert über Rückkehrer aus dem Irak", f"SE:{HOME} IQ:"),
    ("Казахстан вернул 14 женщин из сирийского лагеря", f"KZ:{HOME} SY:event"),
    ("المغرب يستعيد ثمانية أطفال من مخيم الهول", f"MA:{HOME} SY:event"),
    ("Zweden haalt weeskinderen op uit kamp Roj", f"SE:{HOME} SY:event"),
    ("España repatría a dos mujeres desde un campamento sirio", "ES:? SY:event"),
    ("Norwegian police arrest man who fought near Aleppo", f"NO:{HOME} SY:"),
    ("Dutch Supreme Court rejects appeal of woman back from Raqqa", f"NL:{HOME} SY:"),
    ("Mannen en vrouwen in kampen in Syrië en Irak", "SY:event IQ:event"),
    ("Turkey deports two Danish women to Copenhagen", "TR:event+actor DK:?"),
    ("Суд Казахстана осудил граждан Киргизии и Узбекистана", "KZ:? KG:origin UZ:origin"),
    ("محكمة ألمانية تدين مواطنة تونسية", "DE:? TN:origin"),
]


@pytest.mark.parametrize(("title", "expected"), CASES)
def test_a_country_has_the_roles_that_a_reader_sees(title: str, expected: str) -> None:
    got = {place.country: set(map(str, place.roles)) for place in extract(title, "").places}
    wanted = {code: roles for code, _, roles in (one.partition(":") for one in expected.split())}
    assert got.keys() == wanted.keys()
    for code, roles in wanted.items():
        assert roles == "?" or got[code] == set(roles.split("+")) - {""}, code


def test_a_given_name_before_a_surname_is_no_country() -> None:
    assert extract("Chad Ellery, 41, returned to court", "").places == ()
    assert [place.country for place in extract("Chad hands over eleven women", "").places] == ["TD"]
    assert [place.country for place in extract("Jordan Brings Orphans Home From Camp", "").places] == ["JO"]


def test_countries_of_one_list_share_what_is_said_of_one() -> None:
    reading = read("Women from Belgium, Tunisia and two Turks wait in a camp", "")
    told = features(reading, look(reading).mentions)
    assert {"home:name:after from", "home:joined"} <= told["TN"]
    assert "home:joined" not in told["TR"]


def test_the_shipped_weights_are_three_for_each_feature() -> None:
    assert all(len(weights) == len(ROLES) for weights in data("role_weights")["weights"].values())


@given(st.text(max_size=120), st.sampled_from(["Syria", "в Ираке", "Belgen en Fransen", "المغرب", "two Turks"]))
def test_every_country_of_any_text_has_features(title: str, place: str) -> None:
    reading = read(f"{title} {place}", title)
    named = look(reading)
    assert features(reading, named.mentions).keys() == {mention.country for mention in named.mentions}

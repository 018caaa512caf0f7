"""The shipped gazetteer is whole and consistent, and a damaged one is refused with a sentence that says where."""

from typing import Any

import pytest

from monitor.errors import ModelError
from monitor.extract.gazetteer import Term, parse
from monitor.extract.places.read import LANGUAGES, build, load
from monitor.extract.shipped import data

DATA = data("endings") | data("places")
IN_FULL = [
    "AL", "AT", "BE", "BA", "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR",
    "HU", "IE", "IS", "IT", "LT", "LU", "LV", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "RU",
    "SE", "SI", "SK", "UA", "XK", "TR", "DZ", "BH", "EG", "IL", "IQ", "IR", "JO", "KW", "LB", "LY", "MA", "OM",
    "PS", "QA", "SA", "SY", "TN", "AE", "YE", "SD", "AM", "AZ", "GE", "KZ", "KG", "TJ", "TM", "UZ", "AF", "PK",
    "IN", "BD", "LK", "MV", "ID", "MY", "PH", "SG", "TH", "ML", "NE", "BF", "TD", "MR", "NG", "SN", "CM", "SO",
    "KE", "ET", "MZ", "CA", "US", "TT", "AU", "NZ", "CN", "JP",
]  # fmt: skip


def written(term: Term) -> str:
    """A text that holds the term and nothing else, in the case that it asks for."""
    cases = {"=": str, "!": str.upper, "^": str.title}
    words = [cases[p[0]](p[1:]) if p[0] in cases else p for p in term.patterns]
    return " ".join(word.strip("*~") for word in words)


def small() -> dict[str, Any]:
    """The smallest data that can be built: one country."""
    names = {language: ["Syldavia"] for language in LANGUAGES}
    return {"endings": {"s": ["", "s"]}, "countries": {"SX": names}, "nothing": {"terms": []}, "homonyms": {}}


def test_there_are_all_members_of_the_united_nations_and_three_more() -> None:
    assert len(DATA["countries"]) == 193 + 3
    assert {"XK", "PS", "TW"} <= DATA["countries"].keys()


def test_every_country_has_a_name_in_each_of_the_seven_languages() -> None:
    for code, names in DATA["countries"].items():
        assert all(names[language] for language in LANGUAGES), code


@pytest.mark.parametrize("code", IN_FULL)
def test_the_countries_that_matter_here_have_more_than_a_name_in_each_language(code: str) -> None:
    names = DATA["countries"][code]
    assert all(
        len(names[language]) > 1 or names[language][0][-1] == "*" or "+ي" in names[language][0]
        for language in LANGUAGES
    )


def test_every_term_stands_for_its_own_country_only() -> None:
    gazetteer = load().gazetteer
    for code, names in DATA["countries"].items():
        for notation in [name for group in names.values() for name in group]:
            for term in parse(notation, code, DATA["endings"]):
                assert gazetteer.find(f"{written(term)} | x") == [code], notation


def test_every_homonym_is_told_apart_by_the_terms_of_its_context() -> None:
    places = load()
    for key, entry in DATA["homonyms"].items():
        assert {entry["country"], entry["instead"]} - {""} <= DATA["countries"].keys()
        for notation in entry["unless"]:
            for term in parse(notation, key, DATA["endings"]):
                assert places.homonyms[key].unless.find(f"{written(term)} | x") == [key], notation


def test_one_name_for_two_countries_is_refused_by_name() -> None:
    file = small()
    file["countries"]["BX"] = {**file["countries"]["SX"], "places": ["Szohôd"]}
    with pytest.raises(ModelError, match=r"syldavia.*SX.*BX"):
        build(file)


def test_a_country_without_a_name_in_a_language_is_refused() -> None:
    file = small()
    file["countries"]["SX"]["ru"] = []
    with pytest.raises(ModelError, match=r"countries\.SX.*no name in ru"):
        build(file)


def test_an_unknown_key_is_refused() -> None:
    file = small()
    file["countries"]["SX"]["it"] = ["Sildavia"]
    with pytest.raises(ModelError, match="unknown it"):
        build(file)


def test_a_missing_class_of_endings_is_refused_with_those_there_are() -> None:
    with pytest.raises(ModelError, match=r"no class 'x'.*there are s"):
        parse("Syldav+x", "SX", {"s": [""]})


@pytest.mark.parametrize("notation", ["", "a*b", "S.A.", "=", "Syl~dav"])
def test_what_is_no_term_is_refused(notation: str) -> None:
    with pytest.raises(ModelError, match="gazetteer"):
        parse(notation, "SX", {})


@pytest.mark.parametrize(
    ("notation", "fits", "fits_not"),
    [
        ("Syldavia", ["Syldavia", "SYLDAVIA"], ["syldavia", "Syldavian"]),
        ("syldavian", ["syldavian", "Syldavian"], ["syldavians"]),
        ("syldav~", ["syldav", "Syldaves", "syldavian"], ["syldavians"]),
        ("Syldav*", ["Syldavienrückkehrer"], ["syldavien"]),
        ("Syldavia+s", ["Syldavia", "Syldavias"], ["Syldaviasx"]),
        ("syldav{e,a}", ["syldave", "SYLDAVA"], ["syldav"]),
        ("SYL", ["SYL and", "SYL"], ["Syl", "syl"]),
        ("=SY", ["SY and"], ["SY", "Sy and", "HELP SY NOW"]),
        ("New Syldavia", ["New Syldavia", "New-Syldavia"], ["New, Syldavia", "new Syldavia"]),
    ],
)
def test_the_notation_means_what_it_says(notation: str, fits: list[str], fits_not: list[str]) -> None:
    file = small()
    file["countries"]["SX"] = {language: ["Zzz"] for language in LANGUAGES} | {"places": [notation]}
    gazetteer = build(file).gazetteer
    assert [text for text in fits if gazetteer.find(text) != ["SX"]] == []
    assert [text for text in fits_not if gazetteer.find(text)] == []

"""Under which country a story stands, and in which order the countries come."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.corrections import Mend, mend_of
from monitor.digest.groups import NOWHERE, SEVERAL, country_of, grouped
from monitor.digest.render import render
from monitor.domain.digest import Section
from monitor.domain.facts import Facts, Measure, MeasureFact, Place, Role, Stage

ACTOR, ORIGIN, EVENT = ({role} for role in (Role.ACTOR, Role.ORIGIN, Role.EVENT))


def places(**roles):
    return Facts(places=tuple(Place(code, frozenset(found)) for code, found in roles.items()))


@pytest.mark.parametrize(
    ("facts", "countries", "code"),
    [
        (places(SY=EVENT, FR=ACTOR, BE=ORIGIN), (), "FR"),
        (places(SY=EVENT, BE=ORIGIN), (), "BE"),
        (places(SY=EVENT), (), "SY"),
        (places(FR=ACTOR, BE=ACTOR, SY=EVENT), (), SEVERAL),
        (places(FR=set(), SY=set()), ("FR", "SY"), SEVERAL),
        (Facts(measures=(MeasureFact(Measure.CITIZENSHIP, "NL", Stage.ADOPTED),)), ("NL", "SY"), "NL"),
        (Facts(measures=(MeasureFact(Measure.LISTING, None, Stage.ADOPTED),)), ("SY",), "SY"),
        (Facts(), ("NL",), "NL"),
        (Facts(), (), NOWHERE),
    ],
)
def test_who_acts_goes_before_whose_people_and_that_before_where(story, facts, countries, code):
    assert country_of(story(facts=facts, countries=countries)) == code


def test_another_entry_names_the_country_only_where_the_lead_names_none(story):
    told = story(others=("Elbwarte",))
    other = replace(told.others[0], countries=("DE",))
    assert country_of(replace(told, others=(other,))) == "DE"
    assert country_of(replace(told, others=(other,), lead=replace(told.lead, countries=("FR",)))) == "FR"


@given(codes=st.lists(st.sampled_from([("FR",), ("DE",), ("FR", "SY"), (), ("XK",)]), max_size=12))
def test_no_story_is_lost_and_the_strongest_of_a_country_decides_its_place(story, codes):
    stories = [story(number, countries=found) for number, found in enumerate(codes)]
    groups = grouped(stories)
    assert sorted(told.id for _, group in groups for told in group) == list(range(len(codes)))
    assert [list(group) for _, group in groups] == [
        [told for told in stories if country_of(told) == code] for code, _ in groups
    ]
    names = [code for code, _ in groups]
    whole = [code for code in names if code not in {SEVERAL, NOWHERE}]
    assert whole == list(dict.fromkeys(found[0] for found in codes if len(found) == 1))
    assert names == [*whole, *(code for code in (SEVERAL, NOWHERE) if code in names)]


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
def test_countries_head_their_stories_and_those_of_several_or_none_come_last(digest, story, form):
    stories = (
        story(1, countries=(), title="Alpha"), story(2, countries=("FR", "DE"), title="Bravo"),
        story(3, countries=("DE",), title="Charlie"), story(4, countries=("FR",), title="Delta"),
        story(5, countries=("DE",), title="Echo"),
    )  # fmt: skip
    shown = str(getattr(render(digest(Section("returns", "Returns", stories))), form))
    body = shown[shown.index("<h1") :] if form == "html" else shown
    order = ["Germany", "Charlie", "Echo", "France", "Delta", "Several countries", "Bravo", "No country named", "Alpha"]
    found = [body.index(words) for words in order]
    assert found == sorted(found)


def test_a_label_of_one_story_has_no_heading_of_its_country(one_story):
    assert "[ " not in render(one_story(countries=("FR",))).text


@pytest.mark.parametrize(
    ("title", "mend"),
    [
        ("Correction: Prosecutor asks for twelve years", Mend.CORRECTION),
        ("CORRECTED (Nov 21): Eleven flown home", Mend.CORRECTION),
        ("[Berichtigung] Anklage nennt drei Taten", Mend.CORRECTION),
        ("Rectificatif - Le tribunal a condamné deux femmes", Mend.CORRECTION),
        ("Исправление: вернулись сорок детей", Mend.CORRECTION),
        ("تصحيح: عودة 168 أسرة", Mend.CORRECTION),
        ("Withdrawn: Minister resigns over camp report", Mend.WITHDRAWAL),
        ("RETRACTION – Our report on the convoy", Mend.WITHDRAWAL),
        ("Correction of the border delayed", None),
        ("Withdrawn troops return to base: ministry", None),
        ("Kill-switch for border cameras", None),
        ("Court hears returnee: correction centre criticised", None),
        ("", None),
    ],
)
def test_a_source_announces_a_correction_with_the_first_words_of_a_title(title, mend):
    assert mend_of(title) is mend


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
@pytest.mark.parametrize(("title", "said"), [("Correction: Two", "orrected by its"), ("Retracted: Two", "ithdrawn by its")])  # fmt: skip  # noqa: E501
def test_every_form_marks_what_a_source_corrects_or_withdraws(one_story, form, title, said):
    shown = str(getattr(render(one_story(title=title)), form))
    assert said in shown or said.upper() in shown

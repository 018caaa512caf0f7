"""Stories: where a new entry belongs, and by which keys its candidates are found."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dedupe.keys import MOST, candidate_keys
from monitor.dedupe.likeness import FURTHEST, NEVER, WEIGHTS, evidence, likeness
from monitor.dedupe.place import JOIN, LEAST, Candidate, Kind, place
from monitor.dedupe.told import Told
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Place, Stage
from tests.dedupe.telling import DAY, ENTRIES, lands, told

FLIGHT = told(
    "Kosovo brings home eleven from camps in Syria",
    "Four women and seven children landed in Pristina before dawn. The justice minister thanked Washington.",
    facts=lands("XK", "SY"),
)
ACROSS = told(
    "Pristina holt vier Frauen und sieben Kinder zurück",
    "Die Rückkehrerinnen aus dem Lager Roj wurden verhört, sagte der Justizminister.",
    number=2, feed="two", lang="de", hours=5, facts=lands("XK", "SY"),
)  # fmt: skip
ELSEWHERE = told(
    "Finland brings home eleven from camps in Syria",
    "Four women and seven children landed in Helsinki before dawn. The foreign minister gave no names.",
    number=3, feed="three", hours=3, facts=lands("FI", "SY"),
)  # fmt: skip
SPORT = told("Cup final goes to penalties in the rain", "The keeper saved twice.", number=4, feed="four", hours=1)


def test_a_telling_in_another_language_joins_the_story() -> None:
    placed = place(ACROSS, [Candidate(FLIGHT, 7), Candidate(SPORT, 8)])
    assert (placed.kind, placed.story, placed.copy_of) == (Kind.JOINS, 7, None)


def test_the_same_headline_from_another_country_begins_a_story_of_its_own() -> None:
    assert likeness(FLIGHT, ELSEWHERE) < likeness(FLIGHT, ACROSS)
    assert place(ACROSS, [Candidate(ELSEWHERE, 9)]).kind is Kind.BEGINS


def test_a_copy_is_named_with_its_original_and_joins_its_story() -> None:
    title = "Four women and seven children land in Pristina"
    text = "Four women and seven children landed in Pristina before dawn. The justice minister thanked Washington."
    copy = told(title, text, number=5, feed="five", hours=2, facts=lands("XK", "SY"))
    placed = place(copy, [Candidate(ACROSS, 7), Candidate(FLIGHT, 7)])
    assert (placed.kind, placed.story, placed.copy_of) == (Kind.COPY, 7, FLIGHT.id)


def test_what_a_feed_tells_again_of_an_event_is_not_hidden_behind_its_first_report() -> None:
    earlier = Candidate(replace(ACROSS, id=5, feed=FLIGHT.feed), 7)
    others = [Candidate(replace(ACROSS, id=6, feed="six"), 7), Candidate(replace(ACROSS, id=7, feed="seven"), 7)]
    assert place(FLIGHT, [earlier, Candidate(SPORT, 8)]).kind is Kind.BEGINS
    assert place(FLIGHT, others).kind is Kind.JOINS
    assert place(FLIGHT, [*others, earlier]).kind is Kind.BEGINS


def test_where_no_country_person_or_figure_is_shared_alike_words_are_not_enough() -> None:
    text = "Women and children were flown home on a government plane, the ministry says."
    there = told("Families flown home from al-Hol camp to Norrland", text, number=5, feed="five", facts=lands("SY"))
    other = told("Families flown home from al-Hol camp", text, number=6, feed="six", facts=lands("SY", "IQ"))
    assert likeness(there, other) == NEVER


def test_without_candidates_a_story_begins() -> None:
    assert place(FLIGHT, []).kind is Kind.BEGINS
    assert place(SPORT, [Candidate(FLIGHT, 1)]).kind is Kind.BEGINS


def test_weeks_apart_nothing_is_one_event() -> None:
    later = told("Kosovo brings home eleven from camps in Syria", number=6, feed="six", hours=24 * 25)
    assert likeness(FLIGHT, later) == NEVER


def test_another_person_in_the_title_is_another_event() -> None:
    one = told("Court frees Brandt", facts=Facts(persons=("Ilse Brandt",)))
    other = told("Court frees Keller", number=2, feed="two", facts=Facts(persons=("Jana Keller",)))
    assert likeness(one, other) == NEVER


def test_other_figures_from_another_country_are_another_event() -> None:
    def count(number: int) -> tuple[Figure, ...]:
        return (Figure(number, number, False, Counted.CHILDREN),)

    ours = told("Children flown home", number=1, facts=Facts((Place("XK"),), figures=count(7)))
    same = told("Children flown home", number=2, feed="two", facts=Facts((Place("FI"),), figures=count(7)))
    other = told("Children flown home", number=3, feed="two", facts=Facts((Place("FI"),), figures=count(9)))
    update = told("Children flown home", number=4, feed="two", facts=Facts((Place("XK"),), figures=count(9)))
    assert likeness(ours, other) == NEVER
    assert likeness(ours, same) > NEVER
    assert likeness(ours, update) > NEVER


def test_a_shared_figure_speaks_for_one_event_and_another_measure_against_it() -> None:
    def entry(number: int, *, children: int = 7, measure: Measure = Measure.REPATRIATION) -> Told:
        return told(
            "Ministry speaks",
            number=number,
            feed=str(number),
            facts=Facts(
                (Place("XK"),),
                (MeasureFact(measure, "XK", Stage.APPLIED),),
                (Figure(children, children, False, Counted.CHILDREN),),
            ),
        )

    one = entry(1)
    assert likeness(one, entry(2)) > likeness(one, entry(3, children=8)) > NEVER
    assert likeness(one, entry(2)) > likeness(one, entry(4, measure=Measure.AMNESTY)) > NEVER


def test_a_rare_name_or_number_ties_what_no_list_of_places_knows() -> None:
    here = told("Quake of 8.8 off Kamchatka", "A port was flooded, and people were taken to the hills.")
    there = told("Цунами после землетрясения магнитудой 8,8 у Камчатки", number=2, feed="two", lang="ru", hours=2)
    elsewhere = told("Erdbeben der Stärke 4,1 bei Jena", number=3, feed="three", lang="de", hours=2)
    assert likeness(here, there) > NEVER
    assert likeness(here, elsewhere) == NEVER
    assert place(there, [Candidate(here, 7), Candidate(elsewhere, 8)]).story == 7


def test_other_ages_speak_against_one_event() -> None:
    def entry(number: int, text: str) -> Told:
        return told("Paris court jails man back from Syria", text, number=number, feed=str(number), facts=lands("FR"))

    one = entry(1, "The 36-year-old was told that he could appeal.")
    assert likeness(one, entry(2, "Aged 36, he was told of it.")) > likeness(
        one, entry(3, "Aged 41, he was told of it.")
    )


def test_a_text_that_names_no_country_may_be_about_the_one_it_is_written_in() -> None:
    silent = told("Haftstrafe für Rückkehrerin", "Die Frau war aus dem Lager geholt worden.", lang="de")
    home = told("Returnee jailed in Celle", number=2, feed="two", hours=3, facts=lands("DE"))
    abroad = told("Returnee jailed in Oslo", number=3, feed="three", hours=3, facts=lands("NO"))
    assert likeness(silent, home) > likeness(silent, abroad) == NEVER


def test_a_body_parts_events_where_no_country_is_named() -> None:
    council = told("UN council adopts text on fighters", "Fifteen voted for it.", facts=lands("SY"))
    echo = told("Совбез ООН принял резолюцию", "За неё отдали 15 голосов.", number=2, feed="two", lang="ru", hours=2)
    union = told("EU ministers adopt text on fighters", "All voted for it.", number=3, feed="three", facts=lands("SY"))
    assert likeness(council, echo) > NEVER
    assert not council.countries.keys() & union.countries.keys()


def test_iraq_parts_events_where_it_acts_and_no_other_country_is_named() -> None:
    assert {*told("Buses arrive", facts=lands("SY", "IQ")).countries} == {"IQ"}
    assert {*told("Army enters camp", facts=lands("SY")).countries} == {"SY"}
    assert {*told("Buses arrive", facts=Facts((Place("SY"), Place("IQ")))).countries} == set()


def test_an_entry_that_says_too_little_weakens_a_story_and_closes_it_to_nothing() -> None:
    vague = told("Relatives hope for news", number=5, feed="five", hours=1)
    assert likeness(ACROSS, vague) == NEVER
    alone = place(ACROSS, [Candidate(FLIGHT, 7), Candidate(SPORT, 8)])
    beside = place(ACROSS, [Candidate(FLIGHT, 7), Candidate(vague, 7), Candidate(SPORT, 8)])
    assert JOIN < beside.score < alone.score
    assert LEAST < JOIN


def test_issues_of_a_series_are_never_one_story() -> None:
    text = "The draw took place in the evening as always, and nobody had all of the numbers."
    today, next_week = told("Lottery: the numbers of 3 March", text), told("Lottery: the numbers of 10 March", text,
                                                                        number=2, hours=168)  # fmt: skip
    assert likeness(today, next_week) == NEVER


def test_one_likely_neighbour_does_not_make_a_chain() -> None:
    far = [told(f"Strike {n} closes the port of Tangier", number=n, feed=f"f{n}", hours=n) for n in (20, 21)]
    alone = place(ACROSS, [Candidate(FLIGHT, 7)])
    crowded = place(ACROSS, [Candidate(FLIGHT, 7), *(Candidate(entry, 7) for entry in far)])
    assert alone.kind is Kind.JOINS
    assert crowded.score < alone.score


@given(ENTRIES, ENTRIES)
def test_likeness_is_mutual(one: Told, other: Told) -> None:
    assert likeness(one, other) == pytest.approx(likeness(other, one))


@given(ENTRIES, ENTRIES)
def test_all_evidence_has_a_weight(one: Told, other: Told) -> None:
    assert evidence(one, other).keys() <= WEIGHTS.keys()


@given(ENTRIES, st.lists(st.builds(Candidate, ENTRIES, st.integers(1, 4)), max_size=6), st.randoms())
def test_the_order_of_candidates_does_not_matter(new: Told, found: list[Candidate], chance: random.Random) -> None:
    found = list({candidate.told.id: candidate for candidate in found}.values())
    shuffled = found.copy()
    chance.shuffle(shuffled)
    assert place(new, found) == place(new, shuffled)


@given(ENTRIES)
def test_keys_are_few_and_always_the_same(entry: Told) -> None:
    keys = candidate_keys(entry, entry.at.date())
    assert len(keys) == len(set(keys)) <= MOST
    assert keys == candidate_keys(entry, entry.at.date())


def test_tellings_of_one_event_share_a_key_across_languages() -> None:
    ours, theirs = (set(candidate_keys(entry, entry.at.date())) for entry in (FLIGHT, ACROSS))
    assert ours & theirs
    assert not ours & set(candidate_keys(SPORT, DAY.date()))


@given(st.floats(0, FURTHEST * 24), st.floats(0, 24))
def test_no_boundary_of_days_parts_what_two_texts_tell_of_a_country(begin: float, apart: float) -> None:
    """They need not be of the field, nor share a word."""
    one = told("Spring melt drives hundreds away", hours=begin, facts=lands("KZ"))
    other = told("Паводок подтопил сто домов", number=2, feed="two", lang="ru", hours=begin + apart, facts=lands("KZ"))
    assert set(candidate_keys(one, one.at.date())) & set(candidate_keys(other, other.at.date()))


def test_a_place_among_thirty_candidates_is_found_at_once() -> None:
    found = [Candidate(FLIGHT if n % 2 else ACROSS, n) for n in range(30)]
    new = told("Mothers return to Prishtina from Syria", "Psychologists wait for them.", number=99, feed="nine",
               hours=7, facts=lands("XK"))  # fmt: skip
    best = min(_timed(lambda: place(new, found)) for _ in range(20))
    assert best < 0.005  # ten times what it takes, for busy machines


def _timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start

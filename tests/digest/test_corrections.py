"""Titles that say something else than before, and those that are only polished."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.corrections import says_otherwise
from monitor.digest.news import Update, kept, whats_new
from monitor.digest.render import render
from monitor.digest.select import select
from monitor.domain.digest import Heard, News, Retitled, Section, Verdict
from monitor.domain.entry import Score, StoredEntry
from monitor.domain.facts import Facts
from monitor.domain.labels import Cut, Lines

from .conftest import build_entry, build_story, build_subscription

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
TITLE = "Court in Lyon hears eleven women who came back from Roj camp"


@pytest.mark.parametrize(
    ("before", "after", "lang"),
    [
        (TITLE, "Court in Lyon hears nine women who came back from Roj camp", "en"),
        (TITLE, "Court in Metz hears eleven women who came back from Roj camp", "en"),
        (TITLE, f"Correction: {TITLE}", "en"),
        (TITLE, f"Retracted – {TITLE}", "en"),
        ("Minister will take the families back", "Minister won't take the families back", "en"),
        ("Judges acquit man who led a camp school", "Judges convict man who led a camp school", "en"),
        ("Families fly to Syria tonight", "Families fly from Syria tonight", "en"),
        ("Gericht verurteilt Rückkehrerin aus Raqqa", "Gericht verurteilt Rückkehrerin aus Mossul nicht", "de"),
        ("Le tribunal condamne deux femmes", "Le tribunal relaxe deux femmes", "fr"),
        ("Paris rapatriera les mères", "Paris ne rapatriera pas les mères", "fr"),
        ("Roma rimpatria le madri", "Roma non rimpatria le madri", "it"),
        ("Вернулись сорок детей из лагеря", "Вернулись тридцать детей из лагеря", "ru"),
        ("عودة 168 أسرة من مخيم الهول", "عودة 186 أسرة من مخيم الهول", "ar"),
    ],
)
def test_another_number_name_outcome_or_a_not_is_another_meaning(before: str, after: str, lang: str) -> None:
    assert says_otherwise(before, after, lang)
    assert not says_otherwise(before, before, lang)


@pytest.mark.parametrize(
    ("before", "after", "lang"),
    [
        (TITLE, TITLE.upper(), "en"),
        (TITLE, f"‘{TITLE}’ –", "en"),
        (TITLE, TITLE.replace("eleven", "11"), "en"),
        (TITLE, TITLE.replace("hears", "hearing"), "en"),
        (TITLE, f"Live: {TITLE}, lawyer says", "en"),
        (TITLE, "Court in Lyon hears women who came back from Roj camp", "en"),
        (TITLE, "Eleven women who came back from Roj camp heard in a court in Lyon", "en"),
        ("Camp holds 1,150 children", "Camp holds 1150 children", "en"),
        ("Prosecutor organised the transfers", "Prosecutor organized the transfers", "en"),
        ("Presdient meets families of detainees", "President meets families of detainees", "en"),
        ("Elf Frauen aus Lager Roj zurück", "11 Frauen aus dem Lager Roj zurück", "de"),
        ("La justice francaise rejuge quatre femmes", "La justice française rejuge quatre femmes", "fr"),
        ("Trois enfants rapatriés de Syrie", "Trois enfants rapatriés de Syrie le 12 mai", "fr"),
        ("Rückkehrerin in Celle vor Gericht", "Rückkehrerin ab 3. Mai in Celle vor Gericht", "de"),
        ("Minister on camps", "Minister on camps and sin tax", "en"),
        ("Pas-de-Calais : une revenante jugée", "Une revenante jugée", "fr"),
        ("Denmark's No. 1 camp for returnees", "Denmark's camp for returnees", "en"),
        ("", TITLE, "en"),
    ],
)
def test_marks_case_spelling_order_and_a_little_more_or_less_are_none(before: str, after: str, lang: str) -> None:
    assert not says_otherwise(before, after, lang)


@given(st.text(max_size=60), st.sampled_from(["en", "fr", "ar", "und"]))
def test_no_title_says_something_else_than_itself(title: str, lang: str) -> None:
    assert not says_otherwise(title, title, lang)
    assert not says_otherwise(title, f" {title} ", lang)


def line(number: int, *titles: str, verdict: Verdict = Verdict.SHOWN, source: str = "The Wire") -> Heard:
    return Heard(number, verdict, source, kept(Facts()), NOW - timedelta(days=1), titles)


def look(heard: list[Heard], *entries: StoredEntry) -> Update | None:
    return whats_new(build_subscription(), heard, entries)


def entry(number: int, title: str, **fields: object) -> StoredEntry:
    return build_entry(number, title=title, source="The Wire", published=None, first_seen=NOW, **fields)


def test_a_correction_names_old_and_new_title_and_leads() -> None:
    changed = TITLE.replace("Lyon", "Metz")
    update = look([line(1, TITLE), line(2)], entry(2, "Another report"), entry(1, changed))
    assert update is not None
    assert update.lead.id == 1
    assert update.news.corrections == (Retitled(1, "The Wire", TITLE, changed),)
    assert update.news.only_corrected


def test_a_title_that_nobody_was_shown_is_corrected_only_where_it_says_so() -> None:
    told = [line(1, TITLE), line(2)]
    assert look(told, entry(2, "Nine women heard in Metz")) is None
    update = look(told, entry(2, "Correction: nine women heard in Metz"))
    assert update is not None
    assert update.news.corrections[0].before == ""
    assert look([line(1, TITLE), line(2, verdict=Verdict.TOLD)], entry(2, "Correction: nine women, Metz")) is None


def test_a_new_item_that_corrects_a_told_story_is_told_once() -> None:
    said = "Correction: nine women were heard in Metz, not eleven"
    update = look([line(1, TITLE)], entry(7, said), entry(8, said))
    assert update is not None
    assert [(one.entry_id, one.before) for one in update.news.corrections] == [(7, TITLE)]
    assert look([line(1, TITLE), line(7, said)], entry(9, said.upper())) is None
    assert look([line(1, verdict=Verdict.DROPPED)], entry(7, said)) is None


def test_what_a_title_was_is_remembered_through_the_cap_and_comes_as_a_correction_next_time() -> None:
    changed = entry(1, TITLE.replace("Lyon", "Metz"))
    wanted = build_subscription(max_stories=1)
    told = {1: [line(1, TITLE)]}
    other = build_entry(5, scores={"returns": Score(0.99)})
    first = _select(wanted, [changed, other], told)
    (cut,) = (one for one in first.judgements if one.entry_id == 1)
    assert (cut.verdict, cut.titles) == (Verdict.CUT, (TITLE,))
    again = replace(told[1][0], verdict=Verdict.CUT, titles=cut.titles)
    second = select(wanted, new=[], rolled_over=[changed], told={1: [again]}, titles={}, source_of=lambda _: None)
    (story,) = second.sections[0].stories
    assert story.news is not None
    assert story.news.corrections[0].before == TITLE
    (shown,) = second.judgements
    assert shown.titles == (TITLE, changed.entry.title)


def _select(wanted, new, told):  # type: ignore[no-untyped-def]
    return select(wanted, new=new, rolled_over=[], told=told, titles={}, source_of=lambda _: None)


def test_a_withdrawal_below_the_line_is_told_unless_a_person_put_it_out() -> None:
    gone = entry(1, f"Withdrawn: {TITLE}", scores={"returns": Score(0.1)})
    wanted = build_subscription(lines={"returns": Lines(Cut.single(0.5))})
    assert _select(wanted, [gone], {1: [line(1, TITLE)]}).sections
    assert not _select(wanted, [replace(gone, human={"returns": False})], {1: [line(1, TITLE)]}).sections
    assert not _select(wanted, [gone], {}).sections
    assert not _select(
        wanted, [replace(gone, entry=replace(gone.entry, title="Nothing"))], {1: [line(1, TITLE)]}
    ).sections


@pytest.mark.parametrize("form", ["html", "text", "markdown", "blocks", "data"])
def test_every_form_says_that_it_is_a_correction_with_both_titles(digest, form) -> None:  # type: ignore[no-untyped-def]
    story = build_story(1, title="Nine women heard in Metz")
    news = News(
        (), (), (), NOW - timedelta(days=1), (Retitled(1, "The Wire", "Ten women heard", "Nine women heard in Metz"),)
    )
    message = render(digest(Section("returns", "Returns", (replace(story, news=news),))))
    said = " ".join(str(getattr(message, form)).split())
    assert "Ten women heard" in said
    assert said.count("Nine women heard in Metz") >= 2
    assert "orrected by its source" in said or "CORRECTED BY ITS SOURCE" in said or "'mark': 'Corrected'" in said
    assert "Update" not in said

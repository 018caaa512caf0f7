"""Stories for people: which are listed, what one tells, and entries that are put where people want them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.dedupe.story import story_keys
from monitor.domain.entry import Entry, Revision, StoredEntry
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Place, Role, Stage
from monitor.errors import UsageError
from monitor.jobs import digest, stories
from monitor.store import annotations, views
from monitor.store.annotations import NewAnnotation
from monitor.store.revisions import revise

DAY = timedelta(days=1)
TEXT = "A flight with eleven children and their mothers landed before dawn, the ministry said, and was met by doctors."
TITLE = "Ministry brings four families home from the north-east"
OTHER = "Court in the harbour town hears the case of a returnee"


@pytest.fixture
def app(office):
    with office.app() as opened:
        yield opened


@pytest.fixture
def do(app, office):
    """The verbs by hand, done by Ana now."""

    class Hands:
        def merge(self, story: int, into: int) -> Any:
            return stories.merge(app, story, into, who="ana", now=office.now)

        def split(self, *ids: int, into: int | None = None) -> Any:
            return stories.split(app, ids, into=into, who="ana", now=office.now)

    return Hands()


def titled(item: Any, number: int, title: str, **fields: Any) -> Any:
    """An entry whose text and link are like no other's."""
    return item(number, title=title, **{"returns": 0.9, **fields})


def of_entry(item, number: int, title: str, **fields: Any) -> Any:
    """An entry with the marks that it has in the running program."""
    made = titled(item, number, title)
    entry = replace(made.entry, **fields)
    return replace(made, entry=entry, story_keys=story_keys(entry))


def entries(app) -> dict[str, StoredEntry]:
    return {stored.entry.guid or "": stored for stored in views.items(app.store, limit=0)}


def by_story(app) -> dict[int, list[str]]:
    """The guids of each story's entries, by its id."""
    found: dict[int, list[str]] = {}
    for guid, stored in sorted(entries(app).items()):
        found.setdefault(stored.story_id, []).append(guid)
    return found


def sent(app, office) -> int:
    """Send the day's digest; how many stories it tells."""
    office.now += DAY
    (found,) = digest.send(app, ["morning"], now=office.clock)
    return int(found.stories)


def listed(app, **how: Any) -> list[tuple[int, list[str]]]:
    found = stories.listed(app, **{"since": None, "label": None, **how})
    return [(one.story.id, [decision.label for decision in one.decisions]) for one in found]


def test_a_story_is_listed_when_one_of_its_entries_is_in_by_score_or_by_word(office, app, item):
    office.bring(
        app, item(1, returns=0.2, policy=0.1), item(2, returns=0.1, policy=0.8), item(3, returns=0.9, policy=0.5)
    )
    office.bring(app, replace(item(4, returns=0.7, policy=0.1), joins=1), feed="wire")
    assert listed(app) == [(3, ["returns", "policy"]), (2, ["policy"]), (1, ["returns"])]
    words = [
        NewAnnotation(2, "policy", False, ""),
        NewAnnotation(1, "policy", True, ""),
        NewAnnotation(3, "returns", False, ""),
    ]
    annotations.add(app.store, words, who="ana", via="cli", now=office.now)
    assert listed(app) == [(3, ["policy"]), (1, ["policy", "returns"])]
    assert listed(app, label="returns") == [(1, ["policy", "returns"])]


def test_the_lines_of_a_tier_decide_for_its_entries_only(office, item):
    office.labels = (
        "[labels.returns]\nthreshold = 0.8\ntiers.analysis.threshold = 0.4\n[labels.policy]\nthreshold = 0.5\n"
    )
    office.tiers = {"wire": "analysis"}
    with office.app() as app:
        office.bring(app, item(1, returns=0.6))
        office.bring(app, item(2, returns=0.6), feed="wire")
        assert listed(app) == [(2, ["returns"])]


def test_the_story_that_was_seen_last_comes_first_whatever_was_seen_of_it(office, app, item):
    office.bring(app, item(1, returns=0.9), item(2, returns=0.9))
    office.now += DAY
    office.bring(app, replace(item(3, returns=0.1), joins=1), feed="wire")
    assert listed(app) == [(1, ["returns"]), (2, ["returns"])]
    assert listed(app, since=office.now) == [(1, ["returns"])]


def test_more_stories_than_are_read_at_once_are_all_listed(office, app, item, monkeypatch):
    monkeypatch.setattr(stories, "_PAGE", 2)
    office.bring(app, *(item(number, returns=0.9 if number != 4 else 0.1) for number in range(1, 8)))
    assert [id_ for id_, _ in listed(app)] == [7, 6, 5, 3, 2, 1]


def counted(number: int, by: str = "") -> Figure:
    return Figure(number, number, False, Counted.CHILDREN, to="BE", by=by)


def with_facts(office, app, item) -> None:
    """Three entries of one story: the second repeats the first, the third contradicts it."""
    applied = MeasureFact(Measure.REPATRIATION, "BE", Stage.APPLIED)
    first = Facts(
        (Place("BE", frozenset({Role.ACTOR})), Place("SY")), (applied,), (counted(16, "the ministry"),), (), ("Roj",)
    )
    second = Facts(
        (Place("SY", frozenset({Role.EVENT})), Place("BE", frozenset({Role.ORIGIN}))), (applied,), (counted(16),)
    )
    third = Facts((Place("SY"),), (replace(applied, negated=True),), (counted(14),), ("Ann Bo",))
    office.bring(app, replace(item(1, returns=0.9), facts=first))
    office.now += timedelta(hours=1)
    office.bring(app, replace(item(2, returns=0.9), facts=second, joins=1, copy_of=1), feed="wire")
    office.now += timedelta(hours=1)
    office.bring(app, replace(item(3, returns=0.1), facts=third, joins=1), feed="wire")


def test_a_story_tells_what_its_entries_say_once_with_what_goes_against_it(office, app, item):
    with_facts(office, app, item)
    told = stories.told(app, 1)
    assert told.places == (
        Place("BE", frozenset({Role.ACTOR, Role.ORIGIN})), Place("SY", frozenset({Role.EVENT}))
    )  # fmt: skip
    (step,) = told.measures
    assert (step.measure, step.stage, step.negated) == (Measure.REPATRIATION, Stage.APPLIED, False)
    assert (step.sources, [told.by.id for told in step.otherwise]) == (("The paper", "The wire"), [3])
    first, second = told.figures
    assert (first.figure.low, first.figure.by, first.sources) == (16, "the ministry", ("The paper", "The wire"))
    assert [(told.by.id, told.fact.low) for told in first.otherwise] == [(3, 14)]
    assert (second.figure.low, [told.by.id for told in second.otherwise]) == (14, [1, 2])
    assert (told.persons, told.actors) == (("Ann Bo",), ("Roj",))
    assert [stored.id for stored in told.story.entries] == [1, 3, 2]
    assert told.moved == {}


def test_a_story_is_found_by_the_id_of_any_of_its_entries(office, app, item):
    with_facts(office, app, item)
    assert stories.told(app, 3) == stories.told(app, 1)
    with pytest.raises(UsageError, match="no story 9, and no entry"):
        stories.told(app, 9)


def test_a_merge_takes_all_entries_along_and_remembers_who_did_it(office, app, item, do):
    office.bring(app, titled(item, 1, TITLE), titled(item, 2, OTHER))
    office.bring(app, replace(item(3, returns=0.1), joins=2), feed="wire")
    moved = do.merge(2, 1)
    assert (moved.entries, moved.renamed, moved.story.id) == ((2, 3), {}, 1)
    assert by_story(app) == {1: ["1", "2", "3"]}
    assert stories.told(app, 2).moved == {2: ("ana", office.now), 3: ("ana", office.now)}


@pytest.mark.parametrize("how", ["link", "title", "text", "placed"])
def test_later_entries_follow_a_merge(office, app, item, do, how):
    first, second = of_entry(item, 1, OTHER), of_entry(item, 2, TITLE, text=TEXT)
    office.bring(app, first, second)
    do.merge(2, 1)
    office.now += 8 * DAY if how == "text" else DAY
    later = {
        "link": of_entry(item, 9, "Quite another heading than before", url=second.entry.url),
        "title": of_entry(item, 9, TITLE, url=None),
        "text": of_entry(item, 9, TITLE, text=TEXT, url=None),
        "placed": replace(of_entry(item, 9, "Quite another heading than before"), joins=2),
    }[how]
    office.bring(app, later, feed="wire")
    assert by_story(app) == {1: ["1", "2", "9"]}


@pytest.mark.parametrize("how", ["link", "title", "placed"])
def test_later_entries_follow_a_split(office, app, item, do, how):
    office.bring(app, titled(item, 1, OTHER))
    second = replace(titled(item, 2, TITLE), joins=1)
    office.bring(app, second, feed="wire")
    assert by_story(app) == {1: ["1", "2"]}
    assert do.split(2).renamed == {}
    later = {
        "link": of_entry(item, 9, "Quite another heading than before", url=second.entry.url),
        "title": of_entry(item, 9, TITLE),
        "placed": replace(of_entry(item, 9, "Quite another heading than before"), joins=2),
    }[how]
    office.bring(app, later, of_entry(item, 8, OTHER), feed="paper")
    assert by_story(app) == {1: ["1"], 2: ["2", "9"], 4: ["8"]}  # an equal title in one feed is a series


def test_a_mark_that_an_entry_which_stays_has_too_stays_with_it(office, app, item, do):
    link = "https://paper.example/live"
    office.bring(app, of_entry(item, 1, OTHER, url=link))
    office.bring(app, of_entry(item, 2, TITLE, url=link), feed="wire")
    do.split(2)
    office.bring(app, of_entry(item, 9, "Quite another heading than before", url=link), feed="wire")
    office.bring(app, of_entry(item, 8, TITLE), feed="paper")
    assert by_story(app) == {1: ["1", "9"], 2: ["2", "8"]}


def revision(stored: StoredEntry, title: str, item: Any) -> Revision:
    entry: Entry = replace(stored.entry, title=title)
    scored = replace(of_entry(item, int(stored.entry.guid or 0), title), entry=entry, joins=1)
    return Revision(stored.id, stored.version, entry, scored, "f", True, "feed")


def test_an_edit_does_not_move_an_entry_back(office, app, item, do):
    office.bring(app, of_entry(item, 1, OTHER))
    office.bring(app, replace(of_entry(item, 2, TITLE), joins=1), feed="wire")
    do.split(2)
    with app.store.write() as connection:
        assert revise(connection, [revision(entries(app)["2"], OTHER, item)], now=office.now + DAY) == 1
    assert by_story(app) == {1: ["1"], 2: ["2"]}
    assert stories.told(app, 2).moved == {2: ("ana", office.now)}


def test_what_an_entry_said_before_an_edit_goes_along_with_it(office, app, item, do):
    office.bring(app, of_entry(item, 1, OTHER))
    office.bring(app, replace(of_entry(item, 2, TITLE), joins=1), feed="wire")
    with app.store.write() as connection:
        revise(connection, [revision(entries(app)["2"], f"Corrected: {TITLE}", item)], now=office.now)
    do.split(2)
    office.bring(app, of_entry(item, 9, TITLE), feed="paper")
    assert by_story(app) == {1: ["1"], 2: ["2", "9"]}


def three(office, app, item) -> None:
    """One story of three entries and one of one."""
    office.bring(app, titled(item, 1, TITLE), titled(item, 4, OTHER))
    office.bring(app, replace(item(2, returns=0.9), joins=1), replace(item(3, returns=0.9), joins=1), feed="wire")
    assert by_story(app) == {1: ["1", "2", "3"], 2: ["4"]}


def test_entries_that_are_split_off_are_called_by_the_first_of_them(office, app, item, do):
    three(office, app, item)
    moved = do.split(4, 3)
    assert (moved.entries, moved.story.id, moved.renamed) == ((3, 4), 3, {})
    assert by_story(app) == {1: ["1"], 2: ["4"], 3: ["2", "3"]}


def test_where_the_entry_goes_that_gave_the_id_the_others_are_called_anew(office, app, item, do):
    three(office, app, item)
    moved = do.split(1)
    assert (moved.story.id, moved.renamed) == (1, {1: 3})
    assert by_story(app) == {1: ["1"], 2: ["4"], 3: ["2", "3"]}
    assert stories.told(app, 4).moved == {}  # nobody moved these


def test_where_it_goes_into_another_story_the_others_are_called_anew_too(office, app, item, do):
    three(office, app, item)
    moved = do.split(1, 3, into=2)
    assert (moved.story.id, moved.renamed) == (2, {1: 4})
    assert by_story(app) == {2: ["1", "2", "4"], 4: ["3"]}


def test_a_merge_can_be_undone_by_a_split(office, app, item, do):
    three(office, app, item)
    do.merge(1, 2)
    assert by_story(app) == {2: ["1", "2", "3", "4"]}
    moved = do.split(1, 3, 4)
    assert (moved.story.id, moved.renamed) == (1, {})
    assert by_story(app) == {1: ["1", "2", "3"], 2: ["4"]}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("merge", 1, 1), "story 1 cannot be merged with itself"),
        (("merge", 9, 1), "no story 9; `monitor stories list`"),
        (("merge", 1, 9), "no story 9;"),
        (("merge", 3, 2), "3 is no story: it is an entry of story 1"),
        (("merge", 2, 3), "3 is no story: it is an entry of story 1"),
        (("split", 3, 8, 9, 9), "no entries 8, 9;"),
        (("split", 9), "no entry 9;"),
        (("split", 1, 3, 4), "nothing would stay of story 1: name some of its entries, not all"),
        (("split", 2), "nothing would stay of story 2"),
        (("split", 3, 2), "entries of several stories (3 of story 1, 2 of story 2)"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name_and_changes_nothing(office, app, item, do, tables, call, words):
    three(office, app, item)
    before = tables(app)
    with pytest.raises(UsageError) as refused:
        getattr(do, call[0])(*call[1:])
    assert words in str(refused.value)
    assert tables(app) == before


@pytest.mark.parametrize(
    ("ids", "into", "words"),
    [
        ([3], 9, "no story 9"), ([3], 4, "4 is no story: it is an entry of story 1"),
        ([3, 2], 1, "entry 3 is in story 1 already"), ([2, 3], 1, "entry 3 is in story 1 already"),
        ([1, 3, 4], 2, "nothing would stay of story 1: name some of its entries, not all; `monitor stories merge"),
    ],
)  # fmt: skip
def test_into_another_story_only_what_is_not_there_yet(office, app, item, do, tables, ids, into, words):
    three(office, app, item)
    before = tables(app)
    with pytest.raises(UsageError) as refused:
        do.split(*ids, into=into)
    assert words in str(refused.value)
    assert tables(app) == before


def test_a_merge_of_what_was_told_tells_nothing_again(office, app, item, do):
    office.bring(app, titled(item, 1, TITLE), titled(item, 7, "A third heading about something else"))
    assert sent(app, office) == 2
    office.bring(app, titled(item, 2, OTHER))
    do.merge(1, 3)
    assert by_story(app) == {2: ["7"], 3: ["1", "2"]}
    assert sent(app, office) == 0


def test_a_split_takes_along_that_its_entry_was_told_and_nothing_else(office, app, item, do):
    office.bring(app, titled(item, 1, TITLE, returns=0.1))
    office.bring(app, replace(titled(item, 2, OTHER), joins=1), feed="wire")
    assert sent(app, office) == 1
    do.split(2)
    office.bring(app, replace(item(3, returns=0.9), joins=1), replace(item(4, returns=0.9), joins=2), feed="wire")
    assert by_story(app) == {1: ["1", "3"], 2: ["2", "4"]}
    assert sent(app, office) == 1
    told = digest.preview(app, "morning", now=office.clock).message.text
    assert ("number 3 " in told, "number 4 " in told) == (True, False)

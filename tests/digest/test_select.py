"""Selection over many windows: nothing is lost, nothing is told twice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.select import Selection, select, wants
from monitor.domain.digest import Heard, Judgement, Story, Subscription, Verdict
from monitor.domain.entry import Entry, Origin, Score, StoredEntry, Term
from monitor.domain.facts import Facts, Measure, MeasureFact, Stage
from monitor.domain.feed import Source
from monitor.domain.labels import Cut, Lines

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
LINES = {"returns": 0.5, "policy": 0.6}


def entry(
    id_: int, story: int = 0, *, terms: dict[str, tuple[Term, ...]] | None = None, **scores: float
) -> StoredEntry:
    found = terms or {}
    return StoredEntry(
        id=id_,
        feed="harbour-courier",
        source="The Harbour Courier",
        entry=Entry(f"g:{id_}", str(id_), f"https://harbour.example/{id_}", f"Title {id_}", "", "en", None),
        first_seen=NOW + timedelta(minutes=id_),
        origin=Origin.LIVE,
        announceable=True,
        story_id=story or id_,
        countries=("FR", "SY"),
        scores={label: Score(value, found.get(label, ())) for label, value in scores.items()},
        scorer="m+l",
    )


def subscription(*, max_stories: int = 40, lines: dict[str, float] | None = None, **fields: object) -> Subscription:
    values: dict[str, object] = {
        "name": "morning",
        "title": "Morning",
        "lines": {k: Lines(Cut.single(v)) for k, v in (LINES if lines is None else lines).items()},
        "schedule": "daily 07:30",
        "zone": ZoneInfo("UTC"),
        "channels": ("files",),
        "max_stories": max_stories,
    }
    return Subscription(**(values | fields))  # type: ignore[arg-type]


def judge(
    wanted: Subscription,
    new: Sequence[StoredEntry] = (),
    *,
    rolled_over: Sequence[StoredEntry] = (),
    told: Mapping[int, Sequence[Heard]] | None = None,
) -> Selection:
    return select(
        wanted,
        new=new,
        rolled_over=rolled_over,
        told=told or {},
        titles={"returns": "Returns"},
        source_of=lambda _: Source("harbour", "The Harbour Courier"),
    )


def stories(selection: Selection) -> list[Story]:
    return [story for section in selection.sections for story in section.stories]


def verdicts(selection: Selection) -> dict[int, Verdict]:
    return {judgement.entry_id: judgement.verdict for judgement in selection.judgements}


@dataclass
class Ledger:
    """What the store keeps between two windows: a verdict an entry."""

    rows: dict[int, Judgement] = field(default_factory=dict)
    entries: dict[int, StoredEntry] = field(default_factory=dict)

    def window(self, wanted: Subscription, new: Sequence[StoredEntry]) -> Selection:
        self.entries |= {stored.id: stored for stored in new}
        cut = [self.entries[id_] for id_, row in self.rows.items() if row.verdict is Verdict.CUT]
        told: dict[int, list[Heard]] = defaultdict(list)
        for row in self.rows.values():
            if row.told is not None:
                source = self.entries[row.entry_id].source
                told[row.story_id].append(Heard(row.entry_id, row.verdict, source, row.told, NOW))
        made = judge(wanted, new, rolled_over=cut, told=told)
        assert len({judgement.entry_id for judgement in made.judgements}) == len(made.judgements)
        self.rows |= {judgement.entry_id: judgement for judgement in made.judgements}
        self.rows |= {id_: replace(self.rows[id_], verdict=Verdict.SHOWN) for id_ in made.named}
        return made


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[StoredEntry]]:
    """Windows of entries: few stories, so that they meet again in later windows; scores on and around the lines."""
    probability = st.sampled_from((0.0, 0.49, 0.5, 0.59, 0.6, 0.61, 0.75, 0.9, 1.0)) | st.floats(0, 1)
    item = st.tuples(st.integers(1, 8), probability, probability)
    windows = draw(st.lists(st.lists(item, max_size=6), min_size=1, max_size=6))
    made, id_ = [], 0
    for window in windows:
        made.append([])
        for story, returns, policy in window:
            id_ += 1
            made[-1].append(entry(id_, 1000 + story, returns=returns, policy=policy))
    return made


def over(stored: StoredEntry) -> bool:
    return any(stored.scores[label].probability >= line for label, line in LINES.items())


@given(arrivals(), st.integers(1, 4))
def test_every_entry_over_a_line_is_judged_once_for_good_and_no_story_is_shown_twice(
    windows: list[list[StoredEntry]], cap: int
) -> None:
    ledger, shown = Ledger(), []
    for new in (*windows, [], []):  # two windows without anything new let the last cuts come to their end
        shown += [story.id for story in stories(ledger.window(subscription(max_stories=cap), new))]
    assert len(shown) == len(set(shown))
    wanted = {stored.id for window in windows for stored in window if over(stored)}
    assert set(ledger.rows) == wanted
    assert Verdict.CUT not in {row.verdict for row in ledger.rows.values()}
    ended = {row.story_id for row in ledger.rows.values() if row.verdict in {Verdict.SHOWN, Verdict.DROPPED}}
    assert ended == {row.story_id for row in ledger.rows.values()}


@given(arrivals(), st.integers(1, 4))
def test_what_a_cap_cuts_comes_once_more_and_then_never_again(windows: list[list[StoredEntry]], cap: int) -> None:
    ledger, waiting = Ledger(), set[int]()
    for new in (*windows, [], []):
        made = ledger.window(subscription(max_stories=cap), new)
        now = {id_ for id_, verdict in verdicts(made).items() if verdict is Verdict.CUT}
        assert not waiting & now
        assert all(verdicts(made)[id_] in {Verdict.SHOWN, Verdict.DROPPED} for id_ in waiting)
        waiting = now


@given(arrivals(), st.integers(1, 4))
def test_a_window_is_filled_to_its_cap_by_rank_and_its_numbers_add_up(
    windows: list[list[StoredEntry]], cap: int
) -> None:
    ledger = Ledger()
    for new in windows:
        made = ledger.window(subscription(max_stories=cap), new)
        shown = stories(made)
        lost = {
            ledger.rows[id_].story_id: v for id_, v in verdicts(made).items() if v in {Verdict.CUT, Verdict.DROPPED}
        }
        assert len(shown) == cap if lost else len(shown) <= cap
        assert made.over_line == sum(over(stored) for stored in new)
        assert made.beyond_cap == sum(verdict is Verdict.CUT for verdict in lost.values())
        if Verdict.DROPPED in lost.values():
            assert all(story.rolled_over for story in shown)


@given(arrivals())
def test_a_story_stands_once_under_the_label_that_it_passes_by_most(windows: list[list[StoredEntry]]) -> None:
    made = judge(subscription(), windows[0])
    for section in made.sections:
        assert section.stories
        margins = [story.decisions[0].margin for story in section.stories]
        assert margins == sorted(margins, reverse=True)
        for story in section.stories:
            best = {
                label: max(stored.scores[label].probability for stored in (story.lead, *story.others)) - line
                for label, line in LINES.items()
            }
            assert best[section.label] == pytest.approx(max(best.values()))
            assert all(decision.passes for decision in story.decisions)
            assert len({decision.label for decision in story.decisions}) == len(story.decisions)


@given(arrivals(), st.randoms(use_true_random=False))
def test_the_order_in_which_entries_are_read_changes_nothing(windows: list[list[StoredEntry]], random: object) -> None:
    shuffled = list(windows[0])
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    before, after = (judge(subscription(max_stories=2), new) for new in (windows[0], shuffled))
    assert before.sections == after.sections
    assert set(before.judgements) == set(after.judgements)


def test_a_score_exactly_on_the_line_is_in() -> None:
    made = judge(subscription(), [entry(1, returns=0.5), entry(2, returns=0.49999), entry(3, policy=0.6)])
    assert verdicts(made) == {1: Verdict.SHOWN, 3: Verdict.SHOWN}


def test_labels_stand_in_the_order_of_the_subscription_and_only_those_it_wants() -> None:
    new = [entry(1, returns=0.9), entry(2, policy=0.95), entry(3, other=1.0)]
    made = judge(subscription(lines={"policy": 0.6, "returns": 0.5}), new)
    assert [(section.label, section.title) for section in made.sections] == [
        ("policy", "policy"),
        ("returns", "Returns"),
    ]
    assert verdicts(made) == {1: Verdict.SHOWN, 2: Verdict.SHOWN}


def test_the_margin_over_the_line_names_the_section_not_the_higher_score() -> None:
    (story,) = stories(judge(subscription(lines={"returns": 0.9, "policy": 0.5}), [entry(1, returns=0.95, policy=0.8)]))
    assert story.label == "policy"
    assert [decision.label for decision in story.decisions] == ["policy", "returns"]


def test_a_story_that_was_told_is_noted_and_not_shown() -> None:
    made = judge(
        subscription(),
        [entry(1, 7, returns=0.9), entry(2, 8, returns=0.9)],
        told={7: [Heard(5, Verdict.SHOWN, "The Harbour Courier", Facts(), NOW)]},
    )
    assert verdicts(made) == {1: Verdict.TOLD, 2: Verdict.SHOWN}
    assert made.over_line == 2


def telling(stored: StoredEntry, *stages: Stage, source: str = "The Harbour Courier") -> StoredEntry:
    """The entry with a measure of France at stages."""
    measures = tuple(MeasureFact(Measure.CITIZENSHIP, "FR", stage) for stage in stages)
    return replace(stored, facts=Facts(measures=measures), source=source)


def test_a_story_that_was_told_comes_again_with_news_and_all_of_the_window_tells_it() -> None:
    ledger = Ledger()
    ledger.window(subscription(), [telling(entry(1, 7, returns=0.9), Stage.ADOPTED)])
    new = [telling(entry(2, 7, returns=0.8), Stage.STRUCK_DOWN), telling(entry(3, 7, returns=0.9), source="The Wire")]
    made = ledger.window(subscription(), new)
    (story,) = stories(made)
    assert (story.lead.id, [other.id for other in story.others]) == (2, [3])
    assert story.news is not None
    assert (story.news.measures[0].fact.stage, story.news.sources) == (Stage.STRUCK_DOWN, ("The Wire",))
    assert verdicts(made) == {2: Verdict.SHOWN, 3: Verdict.SHOWN}
    again = ledger.window(subscription(), [telling(entry(4, 7, returns=0.9), Stage.STRUCK_DOWN)])
    assert (stories(again), verdicts(again)) == ([], {4: Verdict.TOLD})


def test_sources_that_were_noted_are_named_once_there_are_enough() -> None:
    ledger, asked = Ledger(), subscription(update_sources=2)
    ledger.window(asked, [entry(1, 7, returns=0.9)])
    assert stories(ledger.window(asked, [telling(entry(2, 7, returns=0.9), source="A")])) == []
    made = ledger.window(asked, [telling(entry(3, 7, returns=0.9), source="B")])
    assert [story.news and story.news.sources for story in stories(made)] == [("A", "B")]
    assert (made.named, verdicts(made)) == ((2,), {3: Verdict.SHOWN})


def test_an_edit_that_brings_news_is_told_and_one_that_brings_none_leaves_no_trace() -> None:
    ledger = Ledger()
    first = ledger.window(subscription(), [telling(entry(1, 7, returns=0.9), Stage.ADOPTED)])
    assert first.over_line == 1
    same = ledger.window(subscription(), [telling(entry(1, 7, returns=0.95), Stage.ADOPTED)])
    assert (stories(same), same.judgements, same.over_line) == ([], (), 0)
    made = ledger.window(subscription(), [telling(entry(1, 7, returns=0.9), Stage.WITHDRAWN)])
    assert [story.news is not None for story in stories(made)] == [True]
    back = ledger.window(subscription(), [telling(entry(1, 7, returns=0.9), Stage.ADOPTED)])
    assert stories(back) == []


def test_an_edit_whose_news_the_cap_cuts_comes_as_an_update_still() -> None:
    ledger, asked = Ledger(), subscription(max_stories=1)
    ledger.window(asked, [telling(entry(1, 7, returns=0.6), Stage.ADOPTED)])
    cut = ledger.window(asked, [telling(entry(1, 7, returns=0.6), Stage.WITHDRAWN), entry(9, 8, returns=0.9)])
    assert verdicts(cut) == {1: Verdict.CUT, 9: Verdict.SHOWN}
    (story,) = stories(ledger.window(asked, []))
    assert (story.id, story.rolled_over, story.news is not None) == (7, True, True)


def test_what_waited_for_its_place_is_not_told_where_its_story_was_told_meanwhile() -> None:
    told = {7: [Heard(5, Verdict.SHOWN, "The Harbour Courier", Facts(), NOW)]}
    made = judge(subscription(), rolled_over=[entry(1, 7, returns=0.9)], told=told)
    assert (stories(made), verdicts(made)) == ([], {1: Verdict.TOLD})


def test_a_story_that_was_only_dropped_is_no_update_when_it_comes_with_news() -> None:
    told = {7: [Heard(5, Verdict.DROPPED, "The Harbour Courier", Facts(), NOW)]}
    assert stories(judge(subscription(), [entry(1, 7, returns=0.9)], told=told)) == []
    (story,) = stories(judge(subscription(), [telling(entry(1, 7, returns=0.9), Stage.ADOPTED)], told=told))
    assert story.news is None


def test_the_office_that_acts_leads_the_earlier_report() -> None:
    early, office = entry(1, 7, returns=0.9), replace(entry(2, 7, returns=0.6), feed="office")
    made = select(
        subscription(), new=[early, office], rolled_over=[], told={}, titles={},
        source_of=lambda feed: Source(feed, feed, "official" if feed == "office" else "news"),
    )  # fmt: skip
    assert [story.lead.id for story in stories(made)] == [2]


def test_an_entry_that_comes_meanwhile_joins_the_story_that_waited_and_has_its_place() -> None:
    waited, late = entry(1, 7, returns=0.6), entry(9, 7, returns=0.7)
    made = judge(subscription(max_stories=1), [late, entry(10, 8, returns=0.99)], rolled_over=[waited])
    (story,) = stories(made)
    assert (story.id, story.rolled_over, story.lead.id, [other.id for other in story.others]) == (7, True, 1, [9])
    assert verdicts(made) == {1: Verdict.SHOWN, 9: Verdict.SHOWN, 10: Verdict.CUT}


def test_a_line_raised_meanwhile_drops_what_waited() -> None:
    made = judge(subscription(lines={"returns": 0.8}), rolled_over=[entry(1, returns=0.6)])
    assert verdicts(made) == {1: Verdict.DROPPED}
    assert stories(made) == []


def test_the_earliest_telling_leads_and_shows_the_words_of_its_own() -> None:
    early = entry(2, 7, returns=0.7, terms={"returns": (Term("came home", 1.0),)})
    strong = entry(3, 7, returns=0.9, terms={"returns": (Term("repatriated", 2.0),)})
    (story,) = stories(judge(subscription(), [strong, early]))
    assert (story.lead.id, story.decisions[0].probability) == (2, 0.9)
    assert [term.text for term in story.terms] == ["came home"]


def test_another_telling_lends_its_words_where_the_lead_has_none() -> None:
    first = entry(2, 7, policy=0.7)
    other = entry(3, 7, returns=0.9, terms={"returns": (Term("repatriated", 2.0),)})
    (story,) = stories(judge(subscription(), [first, other]))
    assert [term.text for term in story.terms] == ["repatriated"]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, True),
        ({"languages": frozenset({"en"})}, True),
        ({"languages": frozenset({"de"})}, False),
        ({"countries": frozenset({"SY", "IQ"})}, True),
        ({"countries": frozenset({"IQ"})}, False),
        ({"sources": frozenset({"harbour"})}, True),
        ({"sources": frozenset({"lantern"})}, False),
        ({"languages": frozenset({"en"}), "countries": frozenset({"IQ"})}, False),
    ],
)
def test_languages_countries_and_sources_narrow_what_is_wanted(fields: dict[str, object], wanted: bool) -> None:
    asked = subscription(**fields)
    assert wants(asked, entry(1, returns=0.9), "harbour") is wanted
    made = judge(asked, [entry(1, returns=0.9)])
    assert (made.over_line, len(stories(made))) == ((1, 1) if wanted else (0, 0))
    assert bool(made.judgements) is wanted

"""What a subscription is shown: one pure judgement of everything it has not judged yet."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.digest import Judgement, Section, Story, Subscription, Verdict
from monitor.domain.entry import StoredEntry, Term
from monitor.domain.feed import Source
from monitor.domain.labels import Decision, cuts_for, decide


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen stories by section, the ledger's new lines, and what was counted on the way.

    ``over_line`` counts entries, ``beyond_cap`` stories that come first in the next digest.
    """

    sections: tuple[Section, ...]
    judgements: tuple[Judgement, ...]
    over_line: int
    beyond_cap: int


def wants(subscription: Subscription, stored: StoredEntry, source_key: str) -> bool:
    """Say whether an entry is of the languages, countries and sources that a subscription asks for."""
    return (
        (not subscription.languages or stored.entry.lang in subscription.languages)
        and (not subscription.countries or bool(subscription.countries & set(stored.countries)))
        and (not subscription.sources or source_key in subscription.sources)
    )


def select(
    subscription: Subscription,
    *,
    new: Sequence[StoredEntry],
    rolled_over: Sequence[StoredEntry],
    told: Collection[int],
    titles: Mapping[str, str],
    source_of: Callable[[str], Source | None],
) -> Selection:
    """Judge what is new and what the last cap cut.

    An entry is in when it is wanted and a score reaches its label's line. Entries of one story stand together, under
    the label that they pass by most; a story that was told before is not told again. Stories that rolled over have
    their places first, then the best margins; what the cap cuts rolls over, and is dropped when it is cut a second
    time. ``titles`` names the labels, ``source_of`` gives the source that owns a feed, None where the config has none.
    """
    sources = {stored.feed: source_of(stored.feed) for stored in (*rolled_over, *new)}
    wanted = [stored for stored in new if wants(subscription, stored, _key(sources[stored.feed]))]
    decisions = {s.id: _passed(s, subscription, sources[s.feed]) for s in (*rolled_over, *wanted)}
    over = [stored for stored in wanted if decisions[stored.id]]
    carried = [stored for stored in rolled_over if decisions[stored.id]]
    judgements = [_judge(stored, Verdict.TOLD, decisions) for stored in over if stored.story_id in told]
    judgements += [_dropped(stored) for stored in rolled_over if not decisions[stored.id] and stored.scores]

    stories: dict[int, list[StoredEntry]] = defaultdict(list)
    for stored in (*carried, *(entry for entry in over if entry.story_id not in told)):
        stories[stored.story_id].append(stored)
    again = {stored.story_id for stored in carried}
    made = [_story(id_, entries, decisions, rolled_over=id_ in again) for id_, entries in stories.items()]
    made.sort(key=lambda story: (not story.rolled_over, -story.decisions[0].margin, story.id))
    shown, cut = made[: subscription.max_stories], made[subscription.max_stories :]

    judgements += [_judge(entry, Verdict.SHOWN, decisions) for story in shown for entry in (story.lead, *story.others)]
    for story in cut:
        verdict = Verdict.DROPPED if story.rolled_over else Verdict.CUT
        judgements += [_judge(entry, verdict, decisions) for entry in (story.lead, *story.others)]
    return Selection(
        sections=_sections(subscription, shown, titles),
        judgements=tuple(judgements),
        over_line=len(over),
        beyond_cap=sum(not story.rolled_over for story in cut),
    )


def _key(source: Source | None) -> str:
    return source.key if source else ""


def _passed(stored: StoredEntry, subscription: Subscription, source: Source | None) -> tuple[Decision, ...]:
    """The decisions by which an entry is in; what a person said of it beats its scores."""
    cuts = cuts_for(subscription.lines, stored.entry.lang, source.tier if source else "")
    return tuple(d for d in decide(stored.scores, cuts, human=stored.human) if d.passes)


def _judge(stored: StoredEntry, verdict: Verdict, decisions: Mapping[int, tuple[Decision, ...]]) -> Judgement:
    return Judgement(stored.id, stored.story_id, verdict, decisions[stored.id][0])


def _dropped(stored: StoredEntry) -> Judgement:
    """A line that was raised meanwhile has overtaken an entry that waited for its place."""
    label, score = max(stored.scores.items(), key=lambda item: item[1].probability)
    return Judgement(stored.id, stored.story_id, Verdict.DROPPED, Decision(label, score.probability, 1.0))


def _story(
    id_: int, entries: Sequence[StoredEntry], decisions: Mapping[int, tuple[Decision, ...]], *, rolled_over: bool
) -> Story:
    """Make a story of entries: each label's best decision, the earliest as lead, and the words that decided."""
    best: dict[str, Decision] = {}
    for stored in entries:
        for decision in decisions[stored.id]:
            if decision.label not in best or decision.margin > best[decision.label].margin:
                best[decision.label] = decision
    ordered = tuple(sorted(best.values(), key=lambda decision: (-decision.margin, decision.label)))
    lead, *others = sorted(entries, key=_age)
    return Story(id_, lead, tuple(others), ordered, _terms(lead, others, ordered[0].label), rolled_over)


def _age(stored: StoredEntry) -> tuple[object, ...]:
    return (stored.entry.published or stored.first_seen, stored.id)


def _terms(lead: StoredEntry, others: Sequence[StoredEntry], label: str) -> tuple[Term, ...]:
    """The terms of the lead, since they are shown beside its title; another entry's where it has none."""
    candidates = (stored.scores[label].terms for stored in (lead, *others) if label in stored.scores)
    return next((terms for terms in candidates if terms), ())


def _sections(subscription: Subscription, stories: Sequence[Story], titles: Mapping[str, str]) -> tuple[Section, ...]:
    sections = []
    for label in subscription.lines:
        mine = sorted((s for s in stories if s.label == label), key=lambda s: (-s.decisions[0].margin, s.id))
        if mine:
            sections.append(Section(label, titles.get(label, label), tuple(mine)))
    return tuple(sections)

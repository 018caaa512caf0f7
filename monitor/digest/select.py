"""What a subscription is shown: one pure judgement of everything it has not judged yet."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from monitor.digest import word_filter
from monitor.digest.news import Update, kept, whats_new
from monitor.domain.digest import Heard, Judgement, Section, Story, Subscription, Verdict
from monitor.domain.entry import StoredEntry, Term
from monitor.domain.feed import Source
from monitor.domain.labels import Decision, cuts_for, decide
from monitor.domain.story import lead_order

SourceOf = Callable[[str], Source | None]
"""Gives the source that owns a feed, None where the config has none."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen stories by section, the ledger's new lines, and what was counted on the way.

    ``named`` are entries that were noted before and whose sources a story names now. ``over_line`` counts entries,
    ``beyond_cap`` stories that come first in the next digest. ``over`` are the entries that were over the line, new or
    with new words.
    """

    sections: tuple[Section, ...]
    judgements: tuple[Judgement, ...]
    over_line: int
    beyond_cap: int
    named: tuple[int, ...] = ()
    over: tuple[StoredEntry, ...] = ()


@dataclass(slots=True)
class _Bench:
    """What is judged: entries by story, with what decides about them, and what was heard of them before."""

    subscription: Subscription
    told: Mapping[int, Sequence[Heard]]
    sources: Mapping[str, Source | None]
    decisions: Mapping[int, tuple[Decision, ...]]
    heard: Mapping[int, Heard]
    stories: dict[int, list[StoredEntry]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, stored: StoredEntry, verdict: Verdict) -> Judgement:
        """What is cut was not told: of it only that counts as known which was before."""
        before = self.heard.get(stored.id)
        known = before.facts if before else None
        told = known if verdict is Verdict.CUT else kept(stored.facts, known, title=stored.entry.title)
        return Judgement(stored.id, stored.story_id, verdict, self._decision(stored), told)

    def _decision(self, stored: StoredEntry) -> Decision:
        """The best decision; a line that was raised meanwhile has overtaken an entry that waited for its place."""
        if self.decisions[stored.id]:
            return self.decisions[stored.id][0]
        label, score = max(stored.scores.items(), key=lambda item: item[1].probability)
        return Decision(label, score.probability, 1.0)


def wants(subscription: Subscription, stored: StoredEntry, source_key: str) -> bool:
    """Say whether an entry is of the languages, countries, sources and measures that a subscription asks for, and has
    the words that it must have."""
    return (
        (not subscription.languages or stored.entry.lang in subscription.languages)
        and (not subscription.countries or bool(subscription.countries & set(stored.countries)))
        and (not subscription.sources or source_key in subscription.sources)
        and (not subscription.measures or any(subscription.concerns(fact) for fact in stored.facts.measures))
        and word_filter.passes(subscription.words, stored.entry.title, stored.entry.text)
    )


def select(
    subscription: Subscription,
    *,
    new: Sequence[StoredEntry],
    rolled_over: Sequence[StoredEntry],
    told: Mapping[int, Sequence[Heard]],
    titles: Mapping[str, str],
    source_of: SourceOf,
    spans: Mapping[int, tuple[datetime, datetime]] = MappingProxyType({}),
) -> Selection:
    """Judge what is new and what the last cap cut.

    An entry is in when it is wanted and a score reaches its label's line. Entries of one story stand together, under
    the label that they pass by most; a story that was told before comes again only with news (`whats_new`). Stories
    that rolled over have their places first, then the best margins; what the cap cuts rolls over, and is dropped when
    it is cut a second time. ``told`` is what was heard of stories before, ``spans`` says since when and until when
    entries joined them, ``titles`` names the labels.
    """
    sources = {stored.feed: source_of(stored.feed) for stored in (*rolled_over, *new)}
    wanted = [stored for stored in new if wants(subscription, stored, _key(sources[stored.feed]))]
    decisions = {s.id: passed(s, subscription, sources[s.feed]) for s in (*rolled_over, *wanted)}
    heard = {line.entry_id: line for lines in told.values() for line in lines}
    bench = _Bench(subscription, told, sources, decisions, heard)
    over = [stored for stored in wanted if decisions[stored.id]]
    carried = [stored for stored in rolled_over if decisions[stored.id]]
    for stored in (*carried, *over):
        bench.stories[stored.story_id].append(stored)
    judgements = [bench.judge(s, Verdict.DROPPED) for s in rolled_over if not decisions[s.id] and s.scores]

    made, named, nothing_new = _stories(bench, again={stored.story_id for stored in carried})
    made = [replace(story, span=spans.get(story.id)) for story in made]
    waited = {stored.id for stored in rolled_over}
    judgements += [bench.judge(s, Verdict.TOLD) for s in nothing_new if s.id in waited or s.id not in heard]
    shown, cut = made[: subscription.max_stories], made[subscription.max_stories :]
    judgements += [bench.judge(entry, Verdict.SHOWN) for story in shown for entry in (story.lead, *story.others)]
    for story in cut:
        verdict = Verdict.DROPPED if story.rolled_over else Verdict.CUT
        judgements += [bench.judge(entry, verdict) for entry in (story.lead, *story.others)]
    return Selection(
        sections=_sections(subscription, shown, titles),
        judgements=tuple(judgements),
        over_line=sum(stored.id not in heard for stored in over),
        beyond_cap=sum(not story.rolled_over for story in cut),
        named=tuple(id_ for story in shown for id_ in named.get(story.id, ())),
        over=tuple(over),
    )


def _key(source: Source | None) -> str:
    return source.key if source else ""


def passed(stored: StoredEntry, subscription: Subscription, source: Source | None) -> tuple[Decision, ...]:
    """The decisions by which an entry is in; what a person said of it beats its scores."""
    cuts = cuts_for(subscription.lines, stored.entry.lang, source.tier if source else "")
    return tuple(d for d in decide(stored.scores, cuts, human=stored.human) if d.passes)


def _stories(
    bench: _Bench, *, again: Collection[int]
) -> tuple[list[Story], dict[int, tuple[int, ...]], list[StoredEntry]]:
    """Make stories in their order, say which entries each names that came before, and which entries brought nothing."""
    made, named, nothing_new = [], dict[int, tuple[int, ...]](), list[StoredEntry]()
    for id_, entries in bench.stories.items():
        lines = bench.told.get(id_, ())
        update = whats_new(bench.subscription, lines, entries) if lines else None
        if lines and update is None:
            nothing_new += entries
            continue
        made.append(_story(id_, entries, bench, update, rolled_over=id_ in again))
        named[id_] = update.named if update else ()
    made.sort(key=lambda story: (not story.rolled_over, -story.decisions[0].margin, story.id))
    return made, named, nothing_new


def _story(
    id_: int, entries: Sequence[StoredEntry], bench: _Bench, update: Update | None, *, rolled_over: bool
) -> Story:
    """Make a story of entries: each label's best decision, the lead, and the words that decided."""
    best: dict[str, Decision] = {}
    for stored in entries:
        for decision in bench.decisions[stored.id]:
            if decision.label not in best or decision.margin > best[decision.label].margin:
                best[decision.label] = decision
    ordered = tuple(sorted(best.values(), key=lambda decision: (-decision.margin, decision.label)))
    ranked = sorted(entries, key=lambda stored: lead_order(stored, bench.sources[stored.feed]))
    lead = update.lead if update else ranked[0]
    others = tuple(stored for stored in ranked if stored.id != lead.id)
    # What was dropped was never told: when it comes at last, it is no update of anything.
    before = any(line.verdict is not Verdict.DROPPED for line in bench.told.get(id_, ()))
    news = update.news if update and before else None
    return Story(id_, lead, others, ordered, _terms(lead, others, ordered[0].label), rolled_over, news)


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

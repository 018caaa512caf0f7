"""From a fetched document to everything that is stored about its entries. Writes nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.classify.classifier import EXPLAINED, Classifier
from monitor.dedupe.edit import edited, material, reused
from monitor.dedupe.keys import candidate_keys
from monitor.dedupe.place import Candidate, place
from monitor.dedupe.rotation import Brought, brought_again, mostly_new, recognise
from monitor.dedupe.story import story_keys
from monitor.dedupe.told import Told, tell
from monitor.dedupe.weights import default
from monitor.domain.entry import ClassifiedEntry, Entry, KnownEntry, Origin, Revision, Score, Trust
from monitor.domain.facts import NOTHING, Facts
from monitor.domain.feed import Feed
from monitor.domain.packed import Packed
from monitor.extract.facts import extract
from monitor.extract.places.read import countries
from monitor.normalise.entry import CleanDocument, Normalised, identify, is_news
from monitor.normalise.identity import MAX_INVALID, lower
from monitor.normalise.text import fingerprint

THIN = 400
"""Characters of text below which an entry's article page may be asked for more."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new entry made ready for comparing, and the keys by which it shall find others, and later ones it."""

    entry: Entry
    told: Told
    keys: tuple[str, ...]


Telling = Callable[[Sequence[Fresh]], Sequence[Sequence[Candidate]]]
"""Gives for each new entry the stored ones of a story's window that share most of its keys."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What the store remembers of one feed.

    ``known`` gives the entries that the feed brought under these keys, by key; ``alike`` those that share a story mark
    with them; ``lately`` URL, title, date and opening of the newest. ``telling`` gives the entries of all feeds that
    share index keys, for the stories of all entries of a document at once.
    """

    known: Callable[[Collection[str]], Mapping[str, KnownEntry]]
    alike: Callable[[Collection[str]], Sequence[KnownEntry]]
    lately: Callable[[], Iterable[tuple[str | None, str, datetime | None, str]]]
    telling: Telling = lambda new: [()] * len(new)


@dataclass(frozen=True, slots=True)
class Judged(Packed):
    """What an entry's words alone come to: its scores, the countries that it names, and its facts if it may be ours."""

    scores: Mapping[str, Score]
    countries: tuple[str, ...]
    facts: Facts = NOTHING


Words = tuple[str, str, str]
"""Title, text and language."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a feed's entries are judged by. Without a classifier they carry no scores, and wait. ``judged`` is what was
    found out of some before, elsewhere, by the same classifier."""

    feed: Feed
    first_poll: bool
    first_poll_news: timedelta
    classifier: Classifier | None
    now: datetime
    judged: Mapping[Words, Judged] = field(default_factory=dict)

    def is_news(self, published: datetime | None, *, first_poll: bool) -> bool:
        """Say whether a live entry of that date may be announced."""
        return is_news(
            published, first_poll=first_poll, look_back=self.feed.source.tier.look_back,
            first_poll_news=self.first_poll_news, now=self.now,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a document held: its new entries, those it had changed, other keys of known ones (by the new key), and how
    many were repeats, had to be dropped, or are the feed's past under new names. ``sighted`` are those of the known
    that only a backfill had found, by id, and whether they are news."""

    new: tuple[ClassifiedEntry, ...] = ()
    entries: int = 0
    repeats: int = 0
    dropped: int = 0
    revisions: tuple[Revision, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    trust: Trust = Trust.GUID
    sighted: Mapping[int, bool] = field(default_factory=dict)


def ingest(context: Context, document: CleanDocument, *, trust: Trust, recall: Recall) -> Ingested:
    """Take a cleaned document through repeats, edits, classify, extract and story.

    ``trust`` is what the feed's guids were worth so far.
    """
    found, known = _identify(document, trust, recall)
    fresh = [entry for entry in found.entries if entry.key not in known]
    renamed: dict[str, KnownEntry] = {}
    again: frozenset[str] = frozenset()
    common = _common_link(found.entries)
    marks = {entry.key: _marks(entry, common) for entry in fresh}
    if fresh and not context.first_poll:
        alike = recall.alike({mark for own in marks.values() for mark in own})
        renamed = recognise(fresh, alike, brought={k.key for k in known.values()})
        fresh = [entry for entry in fresh if entry.key not in renamed]
        if mostly_new(fresh, len(found.entries)):
            again = brought_again(fresh, found.entries, (Brought(*one) for one in recall.lately()))
    news = [e.key not in again and context.is_news(e.published, first_poll=context.first_poll) for e in fresh]
    changed = [
        (entry, stored)
        for entry in found.entries
        if (stored := known.get(entry.key) or renamed.get(entry.key)) is not None and edited(entry, stored)
    ]
    return Ingested(
        new=describe(fresh, news, context, marks=marks, telling=recall.telling),
        entries=len(found.entries) + found.dropped,
        repeats=len(found.entries) - len(fresh),
        dropped=found.dropped,
        revisions=revise(changed, context, why="feed"),
        aliases={key: stored.id for key, stored in renamed.items()},
        quarantined=len(again),
        trust=found.trust,
        sighted={
            stored.id: stored.published is not None and context.is_news(stored.published, first_poll=context.first_poll)
            for stored in (*known.values(), *renamed.values())
            if stored.origin is Origin.BACKFILL
        },
    )


def _identify(document: CleanDocument, trust: Trust, recall: Recall) -> tuple[Normalised, Mapping[str, KnownEntry]]:
    """Give every entry its key, and find what is stored under it.

    Keys that the feed proves to use for another item than before are theirs no more: over `MAX_INVALID` of them cost
    the whole feed's trust, fewer only those entries go by what is next best.
    """
    taken: frozenset[str] = frozenset()
    while True:
        found = identify(document, trust=trust, taken=taken)
        known = _not_doubled(recall.known([entry.key for entry in found.entries]))
        others = reused(found.entries, known)
        if not others:
            return found, known
        trust = found.trust
        if trust is Trust.TEXT or len(others) <= MAX_INVALID * len(found.entries):
            taken |= others
        elif any(entry.key in others and entry.url == known[entry.key].url for entry in found.entries):
            trust = Trust.TEXT  # the links are used again as well
        else:
            trust = lower(trust)


def _not_doubled(known: Mapping[str, KnownEntry]) -> dict[str, KnownEntry]:
    """Forget other keys of what the document also brings under its own: they turn out to be those of other items."""
    return {key: stored for key, stored in known.items() if key == stored.key or stored.key not in known}


def describe(
    entries: Sequence[Entry],
    news: Sequence[bool],
    context: Context,
    *,
    marks: Mapping[str, tuple[str, ...]] | None = None,
    telling: Telling | None = None,
) -> tuple[ClassifiedEntry, ...]:
    """Classify entries, and of those that may be ours take out the facts, and find their stories.

    ``marks`` are their story marks by key, where somebody has made them. Without ``telling`` they stay in theirs.
    """
    words = [words_of(entry) for entry in entries]
    missing = [entry for entry, said in zip(entries, words, strict=True) if said not in context.judged]
    judged = {**context.judged, **judge(missing, context.classifier)} if missing else context.judged
    described = [
        ClassifiedEntry(
            entry=entry,
            scores=judged[said].scores,
            scorer=context.classifier.scorer if context.classifier else "",
            countries=judged[said].countries,
            facts=judged[said].facts,
            story_keys=_marks(entry) if marks is None else marks[entry.key],
            news=announceable,
            wants_article=announceable and context.feed.full_text and entry.url is not None and len(entry.text) < THIN,
        )
        for entry, said, announceable in zip(entries, words, news, strict=True)
    ]
    if telling is None:
        return tuple(described)
    placed = iter(_placed([item for item in described if may_be_ours(item.scores)], context, telling))
    return tuple(next(placed) if may_be_ours(item.scores) else item for item in described)


def words_of(entry: Entry) -> Words:
    """What an entry is judged by."""
    return entry.title, entry.text, entry.lang


def judge(entries: Sequence[Entry], classifier: Classifier | None) -> dict[Words, Judged]:
    """Judge entries by their words alone; without a classifier nothing is scored."""
    words = [words_of(entry) for entry in entries]
    return {said: _judged(said, scored) for said, scored in zip(words, _scores(words, classifier), strict=True)}


def rejudge(words: Sequence[Words], unread: Sequence[bool], classifier: Classifier) -> list[Judged]:
    """Judge stored entries anew; facts are taken out of what may be ours and is ``unread``.

    The countries of what is stored are known.
    """
    return [
        Judged(scored, (), extract(*said) if wants_facts and may_be_ours(scored) else NOTHING)
        for said, wants_facts, scored in zip(words, unread, _scores(words, classifier), strict=True)
    ]


def _scores(words: Sequence[Words], classifier: Classifier | None) -> Sequence[Mapping[str, Score]]:
    if classifier is None or not words:
        return [{} for _ in words]
    return classifier.classify([(title, text) for title, text, _ in words], [lang for _, _, lang in words])


def _judged(words: Words, scores: Mapping[str, Score]) -> Judged:
    title, text, lang = words
    if not may_be_ours(scores):
        return Judged(scores, countries(title, text))
    facts = extract(title, text, lang)
    return Judged(scores, facts.countries, facts)


def may_be_ours(scores: Mapping[str, Score]) -> bool:
    """Say whether facts and story of an entry are worth their cost: 1 of 100 ordinary ones has such a score."""
    return any(score.probability >= EXPLAINED for score in scores.values())


def _placed(items: Sequence[ClassifiedEntry], context: Context, telling: Telling) -> list[ClassifiedEntry]:
    """Add the stories that tell of the same, and the keys by which later entries find these."""
    new = [_fresh(item, context) for item in items]
    places = [place(one.told, found) for one, found in zip(new, telling(new) if new else (), strict=True)]
    return [
        replace(item, joins=placed.story, copy_of=placed.copy_of, index_keys=one.keys)
        for item, placed, one in zip(items, places, new, strict=True)
    ]


def _fresh(item: ClassifiedEntry, context: Context) -> Fresh:
    told = made_ready(item.entry, item.facts, feed=context.feed.name, seen=context.now)
    return Fresh(item.entry, told, candidate_keys(told, told.at.date()))


def made_ready(entry: Entry, facts: Facts, *, feed: str, seen: datetime, number: int = 0) -> Told:
    """Make an entry ready for comparing; one without a date, or with one to come, counts as of when it was seen."""
    at = min(entry.published or seen, seen)
    return tell(default(), facts, number=number, feed=feed, lang=entry.lang, title=entry.title, text=entry.text, at=at)


def _common_link(entries: Sequence[Entry]) -> str | None:
    """The link that over half of a document shares, such as a show's page; it tells no story from another."""
    links = Counter(entry.url for entry in entries if entry.url).most_common(1)
    link, times = links[0] if links else (None, 0)
    return link if times > max(2, len(entries) / 2) else None


def _marks(entry: Entry, common_link: str | None = None) -> tuple[str, ...]:
    """The entry's story marks; the link of what goes by its words says nothing, since others have it too."""
    silent = entry.key.startswith("h:") or entry.url == common_link
    return story_keys(replace(entry, url=None) if silent else entry)


def revise(changed: Sequence[tuple[Entry, KnownEntry]], context: Context, *, why: str) -> tuple[Revision, ...]:
    """Make new versions of stored entries; those that mean something else than before are classified anew.

    A feed's short text does not replace the longer one that came from the article's page; where nothing else has
    changed, that makes no version.
    """
    found = [(_kept_long(given, stored, why), given, stored) for given, stored in changed]
    found = [
        (entry, given, stored)
        for entry, given, stored in found
        if why != "feed" or (entry.title, entry.text) != (stored.title, stored.text)
    ]
    matters = [material((s.title, s.text), (entry.title, entry.text)) for entry, _, s in found]
    news = [s.announceable and context.is_news(s.published or s.first_seen, first_poll=False) for _, _, s in found]
    again = [(entry, is_news) for (entry, _, _), is_news, does in zip(found, news, matters, strict=True) if does]
    scored = iter(describe([entry for entry, _ in again], [is_news for _, is_news in again], context))
    return tuple(
        Revision(
            entry_id=stored.id,
            replaces=stored.version,
            entry=entry,
            scored=next(scored) if does else None,
            fingerprint=fingerprint(given.title, given.text) if why == "feed" else None,
            news=is_news and does,
            why=why,
        )
        for (entry, given, stored), does, is_news in zip(found, matters, news, strict=True)
    )


def _kept_long(given: Entry, stored: KnownEntry, why: str) -> Entry:
    """An entry with the text of its article's page where the feed gives less."""
    keeps = stored.article == "taken" and why == "feed" and len(given.text) < THIN
    return replace(given, text=stored.text) if keeps else given

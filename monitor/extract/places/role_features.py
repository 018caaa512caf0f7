"""What tells the role of a country in a text, as names of features: beside its mentions, and in the whole."""

from collections.abc import Iterator, Mapping, Sequence

from monitor.extract import phrases
from monitor.extract.mentions import BODY, CAPITAL, NAME, PEOPLE, Mention
from monitor.extract.reading import MARKS, Reading

THEATRE = frozenset({"SY", "IQ", "AF", "SO", "YE", "LY", "ML"})
"""Where people joined."""
_PREPOSITIONS = ("in", "to", "via", "from", "of", "by")
_PREFIXES = {"ب": "in", "ل": "to"}
_NOUNS = ("person", "nationality", "body", "site")
_NEAR = ("went", "back", "captive", "deported", "flown", "arrest", "ruling")
_REACH = 5
"""How many words beside a mention are looked at."""
_WHOLE = (
    "law", "passed", "ruling", "arrest", "stripped", "flown", "programme", "refusal", "said", "plan", "counted",
    "protest", "opinion", "traveller", "home", "deported", "captive", "went", "back", "person", "body",
)  # fmt: skip
_SEVERAL = 3
_JOINED = 3
"""How many words may stand between two countries of one list."""
_AND = "و"
_COMMAS = frozenset(",،")

Cues = Mapping[int, frozenset[str]]


def features(reading: Reading, named: Sequence[Mention]) -> dict[str, frozenset[str]]:
    """Give the features of each country that is named, in order of first mention."""
    if not named:
        return {}
    cues = _cues(reading)
    beside = _of_mentions(reading, named, cues)
    homes = [country for country in beside if country not in THEATRE]
    whole = _of_whole(reading, cues)
    told: dict[str, frozenset[str]] = {}
    for at, (country, own) in enumerate(beside.items()):
        others = {name for other, names in beside.items() if other != country for name in names}
        found = {*own, *_of_place(country, at, homes, len(beside)), *_of_others(own, others)}
        found |= whole["first" if homes[:1] == [country] else "later"]
        told[country] = frozenset(f"{_group(country)}:{name}" for name in found)
    return told


def _of_mentions(reading: Reading, named: Sequence[Mention], cues: Cues) -> dict[str, set[str]]:
    """Give what stands beside the mentions of each country; those of one list share it."""
    beside = {mention.country: set[str]() for mention in named}
    last: tuple[Mention, set[str]] | None = None
    for mention in named:
        found = set(_beside(mention, reading, cues))
        if last and _joined(last[0], mention, reading, cues):
            found |= {name for name in last[1] if not name.startswith("kind:")} | {"joined"}
            beside[last[0].country].add("joined")
        beside[mention.country] |= found
        last = mention, found
    return beside


def _group(country: str) -> str:
    return country if country in {"SY", "IQ"} else "war" if country in THEATRE else "home"


def _cues(reading: Reading) -> Cues:
    """Note at each token which cues it belongs to."""
    found: dict[int, frozenset[str]] = {}
    for hit in phrases.load("roles").hits(reading):
        for at in range(hit.start, hit.end):
            found[at] = found.get(at, frozenset()) | {hit.target}
    return found


def _of_whole(reading: Reading, cues: Cues) -> dict[str, set[str]]:
    """Give the cues of the text and of its title, for the first home that is named and for the others."""
    text = {cue for found in cues.values() for cue in found if cue in _WHOLE}
    title = {cue for at in reading.sentences[0] for cue in cues.get(at, ()) if cue in _WHOLE}
    return {
        rank: {f"{begin}:{cue}" for begin in ("whole", rank) for cue in text} | {f"{rank}:title:{cue}" for cue in title}
        for rank in ("first", "later")
    }


def _of_place(country: str, at: int, homes: Sequence[str], many: int) -> Iterator[str]:
    """Say where a country stands among those that are named."""
    yield "any"
    yield "first" if at == 0 else "not first"
    if country in homes:
        yield f"home {min(homes.index(country) + 1, _SEVERAL)} of {min(len(homes), _SEVERAL)}"
    else:
        yield f"beside {min(len(homes), 2)}"
    if many == 1:
        yield "alone"


def _of_others(own: set[str], others: set[str]) -> Iterator[str]:
    """Say what the other countries have that this one has or lacks."""
    for name in ("body", "person", "subject", "kind:body", "kind:people", "national"):
        if name in others:
            yield f"other {name}"
            if name not in own:
                yield f"other {name} only"
        elif name in own:
            yield f"own {name} only"


def _beside(mention: Mention, reading: Reading, cues: Cues) -> Iterator[str]:
    kind = "people" if mention.kind == PEOPLE else "name"
    place = "title" if mention.start in reading.sentences[0] else "text"
    yield f"kind:{mention.kind}"
    yield f"kind:{mention.kind}:{place}"
    if any("camp" in cues.get(at, ()) for at in range(mention.start, mention.end)):
        yield "camp"
    before = _preposition(mention, reading, cues)
    yield f"{kind}:after {before}"
    if before == "none":
        yield from _opening(mention, reading)
    for side, steps in (("next", (1, 2)), ("before", (-1, -2))):
        for step in steps:
            for cue in sorted(_at(mention, step, reading, cues).intersection(_NOUNS)):
                yield f"{kind}:{side}:{cue}"
                yield "person" if cue == "nationality" else cue
                if kind == "people" and cue in {"person", "nationality"}:
                    yield "national"
    if kind == "people" and before in {"none", "of"} and _noun(mention, reading):
        yield "national"
    yield from _near(mention, before, reading, cues)
    if mention.kind == BODY:
        yield "body"


def _noun(mention: Mention, reading: Reading) -> bool:
    """Is a word for a people with a capital a noun ("two Turks"), with no word behind it that it says more of?"""
    if not reading.words[mention.start][0].isupper() or mention.end >= len(reading.words):
        return reading.words[mention.start][0].isupper()
    after = reading.words[mention.end]
    return after in MARKS or after[0].isupper() or len(after) <= _SEVERAL


def _preposition(mention: Mention, reading: Reading, cues: Cues) -> str:
    """Name the class of preposition before a mention."""
    folded = reading.folded[mention.start]
    if folded[0] in _PREFIXES and mention.kind not in {PEOPLE, BODY} and not folded.startswith("ال"):
        return _PREFIXES[folded[0]]
    at = mention.start - 1
    while at >= 0 and "article" in cues.get(at, ()) and cues[at].isdisjoint(_PREPOSITIONS):
        at -= 1
    if at < 0 or reading.words[at] in MARKS:
        return "none"
    found = cues.get(at, frozenset())
    return next((name for name in _PREPOSITIONS if name in found), "none")


def _joined(left: Mention, right: Mention, reading: Reading, cues: Cues) -> bool:
    """Are two mentions of one list ("Syria and Iraq", "a Belgian and two Turks")? What is said of one is of both."""
    if (left.kind == PEOPLE) != (right.kind == PEOPLE) or left.country == right.country:
        return False
    between, joint = range(left.end, right.start), reading.folded[right.start].startswith(_AND)
    if not between or len(between) > _JOINED:
        return joint and not between
    if not (joint or reading.words[between[0]] in _COMMAS or "join" in cues.get(between[0], ())):
        return False
    return all(cues.get(at, frozenset()) & {"join", "filler"} or len(reading.words[at]) == 1 for at in between[1:])


def _opening(mention: Mention, reading: Reading) -> Iterator[str]:
    """Say whether a mention opens a sentence or a clause: a dateline, a headword, a subject."""
    sentence = reading.sentences[reading.sentence(mention.start)]
    if mention.start != sentence.start and reading.words[mention.start - 1] not in MARKS:
        return
    after = reading.source[reading.ends[mention.end - 1] :][:3]
    if after[:1] == ":" or after[:2] == " :":
        yield "headword"
    elif after.strip()[:1] in {"-", "–", "—"} or (after[:1] == "." and mention.end - sentence.start <= _SEVERAL):
        yield "dateline"
    elif mention.kind in {NAME, CAPITAL, BODY}:
        yield "subject"
        yield f"subject:{mention.kind}"


def _at(mention: Mention, step: int, reading: Reading, cues: Cues) -> frozenset[str]:
    """Give the cues of the token so many steps after the mention, or before; none beyond a mark or a sentence."""
    at = mention.end - 1 + step if step > 0 else mention.start + step
    between = range(mention.end, at + 1) if step > 0 else range(max(at, 0), mention.start)
    if not 0 <= at < len(reading.words) or any(reading.words[place] in MARKS for place in between):
        return frozenset()
    return cues.get(at, frozenset()) if reading.sentence(at) == reading.sentence(mention.start) else frozenset()


def _near(mention: Mention, before: str, reading: Reading, cues: Cues) -> Iterator[str]:
    sentence = reading.sentences[reading.sentence(mention.start)]
    left = range(max(sentence.start, mention.start - _REACH), mention.start)
    right = range(mention.end, min(sentence.stop, mention.end + _REACH))
    for side, tokens in (("left", left), ("right", right)):
        found = {cue for at in tokens for cue in cues.get(at, ())}
        for cue in _NEAR:
            if cue in found:
                yield f"{side}:{cue}"
                yield f"after {before}:{side}:{cue}"

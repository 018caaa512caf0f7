"""What a country is in a text: by the words beside each mention, then by what the whole does not say."""

from collections.abc import Mapping, Sequence

from monitor.domain.facts import Role
from monitor.extract import phrases
from monitor.extract.mentions import BODY, CAPITAL, NAME, PEOPLE, PLACE, Mention
from monitor.extract.reading import MARKS, Reading

THEATRE = frozenset({"SY", "IQ", "AF", "SO", "YE", "LY"})
"""Where people joined: such a state is the scene unless a word says more."""
TRANSIT = frozenset({"TR"})
"""Where people are caught on their way: a state that deports others than its own."""
_ORDER_PEOPLE = (1, -1, 2, -2, 3)
"""Where the word that tells the role of an adjective is looked for, the likeliest first."""
_ORDER_NAME = (1, 2, 3)

_JOINERS = frozenset({"and", "or", "et", "ou", "und", "oder", "en", "of", "y", "e", "o", "и", "или", ","})
_FILLERS = frozenset({*_JOINERS, "de", "du", "d", "la", "le", "l", "les", "from", "aus", "из", "в", "in", "the", "der"})
_JOINED = 3
_BY = frozenset({"by", "por", "par", "door"})

Cues = Mapping[int, frozenset[str]]


def roles(reading: Reading, named: Sequence[Mention]) -> dict[str, frozenset[Role]]:
    """Give the roles of each country, in order of first mention."""
    cues = _cues(reading)
    found: dict[str, set[Role]] = {mention.country: set() for mention in named}
    last: tuple[Mention, set[Role]] | None = None
    for mention in named:
        played = last[1] if last and _joined(last[0], mention, reading) else _of(mention, reading, cues)
        found[mention.country] |= played
        last = (mention, played)
    _complete(found, {cue for at in cues.values() for cue in at})
    return {country: frozenset(played) for country, played in found.items()}


def _cues(reading: Reading) -> Cues:
    """Note at each token which cues have their last, or only, word there, and which their first."""
    found: dict[int, frozenset[str]] = {}
    for hit in phrases.load("roles").hits(reading):
        for at in range(hit.start, hit.end):
            found[at] = found.get(at, frozenset()) | {hit.target}
    return found


def _joined(left: Mention, right: Mention, reading: Reading) -> bool:
    """Are two mentions of one list ("Syria and Iraq", "граждан России, Узбекистана")? They share their role."""
    if (
        BODY in {left.kind, right.kind}
        or (left.kind == PEOPLE) != (right.kind == PEOPLE)
        or left.country == right.country
    ):
        return False
    if left.end == right.start:
        return reading.folded[right.start].startswith("و")
    between = reading.folded[left.end : right.start]
    return len(between) <= _JOINED and between[0] in _JOINERS and all(word in _FILLERS for word in between[1:])


def _of(mention: Mention, reading: Reading, cues: Cues) -> set[Role]:
    if mention.kind == BODY:
        return {Role.ACTOR}
    if mention.kind == PLACE and mention.country in THEATRE:
        return {Role.EVENT}
    if mention.kind == PEOPLE:
        return _of_people(mention, reading, cues)
    return _of_name(mention, reading, cues)


def _of_people(mention: Mention, reading: Reading, cues: Cues) -> set[Role]:
    for step in _ORDER_PEOPLE:
        cue = _beside(mention, step, reading, cues)
        if "nationality" in cue or "person" in cue:
            return {Role.ORIGIN}
        if "body" in cue:
            return {Role.ACTOR}
        if "site" in cue:
            return {Role.EVENT}
    return {Role.ORIGIN}


def _of_name(mention: Mention, reading: Reading, cues: Cues) -> set[Role]:
    at = mention.start - 1
    while at >= 0 and "article" in cues.get(at, ()) and "in" not in cues.get(at, ()):
        at -= 1
    before = cues.get(at, frozenset()) if at >= 0 else frozenset()
    if "from" in before or "in" in before:
        behind = cues.get(at - 1, frozenset()) | cues.get(at - 2, frozenset())
        return _after_preposition(mention, reading.folded[at], before, behind)
    return _before_noun(mention, reading, cues) or _after_noun(mention, before)


def _after_preposition(mention: Mention, word: str, before: frozenset[str], behind: frozenset[str]) -> set[Role]:
    """Give the role after "in", "to", "from" or "of", by what stands before that."""
    if "deported" in before | behind:
        return {Role.ACTOR} if "from" in before or word in _BY else {Role.EVENT}
    if "in" not in before:
        return _of_genitive(mention, behind)
    if "body" not in behind:
        return {Role.EVENT}
    return {Role.EVENT, Role.ACTOR} if mention.kind == NAME else {Role.ACTOR}


def _before_noun(mention: Mention, reading: Reading, cues: Cues) -> set[Role]:
    """Give the role by the nouns that follow: a court of it, a man of it, a camp in it; none where there are none."""
    for step in _ORDER_NAME:
        cue = _beside(mention, step, reading, cues)
        if "body" in cue:
            return {Role.ACTOR}
        if "person" in cue or "nationality" in cue:
            return {Role.ORIGIN} if step == 1 else _bare(mention)
        if "site" in cue:
            return {Role.EVENT}
    return set()


def _after_noun(mention: Mention, before: frozenset[str]) -> set[Role]:
    if "body" in before:
        return {Role.ACTOR}
    return {Role.ORIGIN} if "person" in before or "nationality" in before else _bare(mention)


def _of_genitive(mention: Mention, behind: frozenset[str]) -> set[Role]:
    if "body" in behind:
        return {Role.ACTOR}
    if mention.country not in THEATRE and ("person" in behind or "nationality" in behind):
        return {Role.ORIGIN}
    return {Role.EVENT}


def _bare(mention: Mention) -> set[Role]:
    """Give the role of a name with nothing beside it: a subject, or a scene."""
    if mention.country in THEATRE or mention.kind not in {NAME, CAPITAL}:
        return {Role.EVENT}
    return {Role.ACTOR}


def _beside(mention: Mention, step: int, reading: Reading, cues: Cues) -> frozenset[str]:
    """Give the cues of the token so many steps after the mention, or before; none beyond a mark or a sentence."""
    at = mention.end - 1 + step if step > 0 else mention.start + step
    between = range(mention.end, at + 1) if step > 0 else range(max(at, 0), mention.start)
    if not 0 <= at < len(reading.words) or any(reading.words[place] in MARKS for place in between):
        return frozenset()
    return cues.get(at, frozenset()) if reading.sentence(at) == reading.sentence(mention.start) else frozenset()


def _complete(found: Mapping[str, set[Role]], cues: set[str]) -> None:
    """Add what goes without saying: whose people a state acts on, and which state acts on its people."""
    home = [country for country in found if country not in THEATRE]
    acting = [country for country in home if Role.ACTOR in found[country]]
    if "deported" in cues:
        acting = [country for country in acting if country not in TRANSIT]
    origins = [country for country in found if Role.ORIGIN in found[country]]
    if acting and not origins and "person" in cues and not ("law" in cues and not cues & {"nationality", "home"}):
        found[acting[0]].add(Role.ORIGIN)
    if not any(Role.ACTOR in played for played in found.values()):
        for country in [country for country in home if Role.ORIGIN in found[country]][:1]:
            found[country].add(Role.ACTOR)

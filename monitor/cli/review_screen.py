"""What `monitor review` shows, as lines that fit a terminal. Nothing is read or written here."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.console import Console
from rich.text import Text

from monitor.classify.queue import Pick, Why
from monitor.cli.judged import BAND_STYLES, said, verdict
from monitor.domain.entry import WATCH, StoredEntry, Term
from monitor.domain.labels import Cut, Decision, decide
from monitor.jobs.review import Shown

RAISES, LOWERS = "underline green", "underline red"
"""How words are marked that raised a score, and that lowered one."""
_LEAST_LINES = 4  # of the text, however small the window
_TERMS = 4  # told of a label

Answers = Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class KeyMap:
    """What the keys answer: one label by y, n and u, or all labels at once by ``sets``, with the words for each."""

    labels: tuple[str, ...]
    sets: Mapping[str, tuple[str, Answers]]


_ONE = {"y": True, "n": False, "u": None}
_TAKEN = "ynusozqtb0?"


def key_map(labels: Sequence[str]) -> KeyMap:
    """Give each label a letter of its name for "this one only"; a single label needs none."""
    if len(labels) < 2:
        return KeyMap(tuple(labels), {})
    sets: dict[str, tuple[str, Answers]] = {}
    for label in labels:
        letter = next((c for c in label.casefold() if c.isalpha() and c not in _TAKEN and c not in sets), "")
        if letter:
            sets[letter] = (f"{label} only", {other: other == label for other in labels})
    two = len(labels) == 2
    sets["b"] = ("both" if two else "all", dict.fromkeys(labels, True))
    sets["0"] = ("neither" if two else "none", dict.fromkeys(labels, False))
    return KeyMap(tuple(labels), sets)


def answer_of(key: str, asked: str, keys: KeyMap) -> Answers | None:
    """What a key says; None where it says nothing."""
    if key in _ONE:
        return {asked: _ONE[key]}
    return keys.sets[key][1] if key in keys.sets else None


def why(pick: Pick) -> str:
    """Say why an entry is asked about."""
    near = f"{pick.label} {pick.probability:.2f} against {pick.line:g}" if pick.label else ""
    if pick.why is Why.UNCERTAIN:
        return f"near a line: {near}" if near else "not scored yet"
    return {
        Why.BEGUN: "begun before, one label is open",
        Why.DIVERSE: "a near-miss unlike the others so far",
        Why.RANDOM: "drawn at random, to catch misses",
    }[pick.why]


def screen(
    shown: Shown, cuts: Mapping[str, Cut], zone: tzinfo, *, console: Console, height: int, whole: bool = False
) -> list[Text]:
    """Draw an entry in ``height`` lines, or with its ``whole`` text in as many as that takes."""
    stored = shown.stored
    head = _wrapped(Text(f"{shown.number} of {shown.total}   {why(shown.pick)}", style="dim"), console)
    title = Text(stored.entry.title or "(no title)", style="bold")
    _mark(title, stored)
    head += [Text(), *_wrapped(title, console), *_wrapped(Text(_origin(stored, zone), style="dim"), console)]
    # Whole, however long: it is there to be opened.
    head += [Text(stored.entry.url, style="dim")] if stored.entry.url else []
    foot = [Text(), *_scores(shown, cuts, console)]
    if shown.note:
        foot += _wrapped(Text(f"note: {shown.note}"), console)
    text = Text(stored.entry.text)
    _mark(text, stored)
    lines = _wrapped(text, console) if stored.entry.text.strip() else []
    rows = sum(max(1, math.ceil(line.cell_len / console.width)) for line in (*head, *foot))
    room = max(_LEAST_LINES, height - rows - 1)
    body = lines if whole or len(lines) <= room else _cut(lines, room)
    return [*head, *([Text()] if body else []), *body, *foot]


def _wrapped(text: Text, console: Console) -> list[Text]:
    """Break text at words into lines of the console's width."""
    lines = list(text.wrap(console, console.width))
    for line in lines:
        line.rstrip()
    return lines


def _origin(stored: StoredEntry, zone: tzinfo) -> str:
    published, seen = stored.entry.published, stored.first_seen
    moment = (published or seen).astimezone(zone)
    date = f"{moment:%Y-%m-%d %H:%M}" if published else f"undated, first seen {moment:%Y-%m-%d %H:%M}"
    return ", ".join(filter(None, [stored.source or stored.feed, date, stored.entry.lang]))


def _marks(stored: StoredEntry) -> dict[str, float]:
    """The words that weighed, each with its largest share in any score."""
    found: dict[str, float] = {}
    for label, score in stored.scores.items():
        for term in score.terms if label != WATCH else ():
            if abs(term.weight) > abs(found.get(term.text, 0.0)):
                found[term.text] = term.weight
    for term in stored.scores[WATCH].terms if WATCH in stored.scores else ():
        found.setdefault(term.text, 1.0)
    return found


def _mark(text: Text, stored: StoredEntry) -> None:
    for words, weight in _marks(stored).items():
        if words:
            text.highlight_regex(rf"(?<!\w){re.escape(words)}(?!\w)", RAISES if weight > 0 else LOWERS)


def _cut(lines: Sequence[Text], room: int) -> list[Text]:
    """Keep the beginning, and the first line beyond it that has marked words; say how much is left out."""
    kept = room - 1
    marked = next((at for at in range(kept - 2, len(lines)) if lines[at].spans), None) if kept > 3 else None
    if marked is not None and not any(line.spans for line in lines[: kept - 2]):
        parts = [*lines[: kept - 2], Text("…", style="dim"), lines[marked]]
    else:
        parts = list(lines[:kept])
    left = sum(len(line.plain.split()) for line in lines) - sum(len(line.plain.split()) for line in parts)
    return [*parts, Text(f"… {left} more words (t: the whole text)", style="dim")]


def _scores(shown: Shown, cuts: Mapping[str, Cut], console: Console) -> Iterator[Text]:
    """A line for each label, with what was said of it, and one for the words behind its score."""
    stored = shown.stored
    human = {**stored.human, **{label: value for label, value in shown.answers.items() if value is not None}}
    decided = {d.label: d for d in decide(stored.scores, cuts)}
    wide = max(map(len, cuts), default=0)
    for label in cuts:
        asked = label == shown.asked
        line = Text(f"{'>' if asked else ' '} {label:<{wide}}  ", style="bold" if asked else "")
        line.append_text(_score(decided.get(label)))
        if label in shown.answers or label in human:
            line.append(f"   you say: {said(shown.answers.get(label, human.get(label)))}", style="bold")
        yield from _wrapped(line, console)
        terms = stored.scores[label].terms if label in stored.scores else ()
        if terms:
            yield _terms(terms, wide + 4, console)
    if WATCH in stored.scores:
        names = ", ".join(term.text for term in stored.scores[WATCH].terms)
        yield from _wrapped(Text(f"  on the watch-list: {names}"), console)


def _score(decision: Decision | None) -> Text:
    if decision is None:
        return Text("not scored", style="not bold dim")
    text = Text(f"{decision.probability:.2f} against {decision.threshold:g}: ", style="not bold")
    return text.append(verdict(decision), style=f"not bold {BAND_STYLES[decision.band]}")


def _terms(terms: Sequence[Term], indent: int, console: Console) -> Text:
    """The words that weighed most, with their shares, in one line."""
    line = Text(" " * indent, no_wrap=True, overflow="ellipsis", style="dim")
    line.append(", ".join(f"{' '.join(term.text.split())} {term.weight:+.1f}" for term in terms[:_TERMS]))
    line.truncate(console.width, overflow="ellipsis")
    return line


def prompt(shown: Shown, keys: KeyMap) -> list[str]:
    """The keys: what answers, in one line or two, and the rest."""
    sets = "  ".join(f"{key} {words}" for key, (words, _) in keys.sets.items())
    return [
        f"{shown.asked}?  y yes  n no  u unsure",
        *([f"or at once:  {sets}"] if sets else []),
        "s skip  o note  z undo  q quit  ? help",
    ]


def help_lines(keys: KeyMap, titles: Mapping[str, str]) -> list[str]:
    """What every key does."""
    named = ", ".join(f'{label} ("{titles[label]}")' for label in keys.labels)
    return [
        f"Does the entry belong to {'the label' if len(keys.labels) == 1 else 'each label'}? {named}.",
        "Judge by the title and the text alone, as docs/labelling.md describes.",
        "",
        "  y n u   yes, no, unsure; for the label marked with >, then for the next one",
        *(f"  {key}       {words}, for every label at once" for key, (words, _) in keys.sets.items()),
        "  s       skip: the entry comes again in another review",
        "  o       note: a line that is stored with your next answer on this entry",
        "  t       the whole text",
        "  z       undo the last answer or skip, and go back to it; as often as you like",
        "  q       quit; everything answered is stored already",
        "",
        "Underlined words weighed most in the scores: green ones raised one, red ones lowered one.",
    ]

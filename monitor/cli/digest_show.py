"""A digest in a terminal: its JSON form in colours, with headlines that can be clicked where the terminal knows how.

It is told in the language that the form says; directions are the terminal's own affair.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from monitor.domain.digest import Message
from monitor.tongue.tongue import Tongue, spoken

Data = Mapping[str, Any]
_WIDTH = 100


def show(message: Message, console: Console) -> None:
    """Print a digest; a message that is none, or was stored before there was JSON, as its text."""
    if not message.data:
        console.print(message.text, no_wrap=True)
        return
    width = min(console.width, _WIDTH)
    console.print(Group(*_digest(message)), width=width, soft_wrap=False)


def _digest(message: Message) -> Iterator[RenderableType]:
    data = message.data
    tongue = spoken(data)
    yield Rule(Text(data["title"], "bold"), align="left", style="dim")
    zone = ZoneInfo(data["window"]["zone"])
    yield Text(f"{data['subject']} · {tongue.say('digest.zone', zone=str(zone))}", "dim")
    if folded := data.get("folded"):
        yield Text(folded["said"], "bold red")
    for section in data["sections"]:
        yield from _heading(section["title"], tongue.number(len(section["stories"])), "bold magenta")
        yield from _by_country(section["stories"], zone, tongue)
    if not data["sections"]:
        yield Text(f"\n{tongue.say('digest.nothing_passed')}")
    if beyond := data["counts"]["beyond_cap"]:
        yield Text(f"\n{tongue.count('digest.beyond_cap_brief', beyond)}")
    for name in ("alerted", "near"):
        if data[name]:
            yield from _heading(tongue.say(f"digest.{name}"), tongue.number(data["counts"][name]), "bold yellow")
            yield from (_brief(story, tongue, judged=name == "near") for story in data[name])
    for block in data["blocks"]:
        yield from _heading(block["title"], tongue.number(len(block["rows"])), "bold cyan")
        rows = [(row["day"], tongue.listed(row["facts"], "semicolon"), row["title"]) for row in block["rows"]]
        yield _rows([(day, f"{facts} – {title}") for day, facts, title in rows])
    yield from _heading(tongue.say("digest.looked_at"), "", "bold")
    yield _rows(_coverage(data, zone, tongue))


def _by_country(stories: Sequence[Data], zone: ZoneInfo, tongue: Tongue) -> Iterator[RenderableType]:
    """The stories of a section, which stand by country; a single one needs no heading."""
    for place, group in groupby(stories, lambda story: _place(story, tongue)):
        told = list(group)
        if len(stories) > 1:
            yield Text.assemble("\n", (place, "bold"), (f" {tongue.number(len(told))}", "dim"))
        for story in told:
            yield from _story(story, zone, tongue)


def _place(story: Data, tongue: Tongue) -> str:
    if story["country"]:
        return tongue.country(story["country"])
    return tongue.say("digest.several" if len(story["countries"]) > 1 else "digest.nowhere")


def _heading(title: str, number: str, style: str) -> Iterator[RenderableType]:
    said = Text(title.upper(), style)
    if number:
        said.append(f" {number}", "dim")
    yield Text()
    yield Rule(said, align="left", style="dim")


def _linked(story: Data, style: str) -> Text:
    return Text(story["title"], f"{style} link {story['url']}" if story["url"] else style)


def _story(story: Data, zone: ZoneInfo, tongue: Tongue) -> Iterator[RenderableType]:
    yield Text()
    if story["update"]:
        mark = story.get("mark") or tongue.say("story.update")
        yield Text.assemble((f"{mark} ", "bold red"), " · ".join(story["update"]["facts"]))
    elif story["mend"]:
        yield Text(tongue.say(f"story.{story['mend']}"), "bold red")
    yield _linked(story, "bold")
    lines: list[RenderableType] = []
    if story["url"]:
        lines.append(Text(story["url"], f"dim link {story['url']}", overflow="fold"))
    more = len(story["sources"]) - 1
    about = [
        story["source"] + (f" {tongue.count('story.plus', more)}" if more else ""),
        _local(story["published"], zone, tongue)
        or tongue.say("story.undated", when=_local(story["first_seen"], zone, tongue)),
        tongue.listed(map(tongue.country, story["countries"])),
    ]
    lines.append(Text(" · ".join(filter(None, about)), "cyan"))
    if facts := [fact["said"] for fact in (*story["measures"], *story["figures"])]:
        lines.append(Text(" · ".join(facts)))
    if story["excerpt"]:
        lines.append(Text(story["excerpt"], "dim"))
    lines.append(_judged(story, tongue))
    yield Padding(Group(*lines), (0, 0, 0, 2))


def _judged(story: Data, tongue: Tongue) -> Text:
    said = Text()
    for number, found in enumerate(story["decisions"]):
        passes = found["by_hand"] or found["score"] >= found["line"]
        said.append(f"{' · ' if number else ''}{tongue.label(found['label'])} ")
        said.append(tongue.score(found["score"], found["line"]), "bold green" if passes else "bold yellow")
        said.append(f" {tongue.against(found['line'], by_hand=found['by_hand'])}", "dim")
    for number, reason in enumerate(story["why"]):
        said.append(tongue.say("form.comma") if number else f"  {tongue.say('story.why')} ", "dim")
        said.append(tongue.say("form.quoted", text=reason["text"]), "italic")
        said.append(f" {reason['concept']}" if reason["concept"] else "", "dim")
    return said


def _brief(story: Data, tongue: Tongue, *, judged: bool) -> RenderableType:
    more = len(story["sources"]) - 1
    plus = f" {tongue.count('story.plus', more)}" if more else ""
    said = Text.assemble("• ", _linked(story, ""), (f" – {story['source']}{plus}  ", "cyan"))
    said = said.append_text(_judged(story, tongue)) if judged else said
    return said.append("\n  ").append(story["url"], f"dim link {story['url']}") if story["url"] else said


def _local(moment: str | None, zone: ZoneInfo, tongue: Tongue) -> str:
    return tongue.minute(datetime.fromisoformat(moment), zone) if moment else ""


def _coverage(data: Data, zone: ZoneInfo, tongue: Tongue) -> Sequence[tuple[str, str]]:
    seen, say = data["coverage"], tongue.say
    since, until = (_local(data["window"][end], zone, tongue) for end in ("since", "until"))
    longest = seen["longest_silence"] or {"feed": "", "last_new": None}
    last = _local(longest["last_new"], zone, tongue)
    lines = (f"{tongue.label(label)} {tongue.line(own['default'])}" for label, own in seen["lines"].items())
    rows = [
        ("window", say("coverage.span", since=since, until=until)),
        ("feeds", _feeds(seen["feeds"], tongue)),
        ("failed", tongue.listed(f"{found['feed']} ({found['kind']})" for found in seen["failed"])),
        ("silent", tongue.listed(found["feed"] for found in seen["silent"])),
        ("longest", say("coverage.longest_since", feed=longest["feed"], day=last) if last else ""),
        ("gaps", tongue.listed(seen["gaps"])),
        ("entries", _way(data, tongue)),
        ("model", tongue.listed(seen["models"])),
        ("lines", tongue.listed(lines, "numbers")),
    ]
    # The names of rows are headings in a mail; here they are small.
    return [(say(f"coverage.{name}").lower(), said) for name, said in rows if said]


def _feeds(feeds: Data, tongue: Tongue) -> str:
    known = [name for name in ("enabled", "due", "polled") if feeds[name] is not None]
    return tongue.listed(tongue.count(f"coverage.{name}", feeds[name]) for name in known)


def _way(data: Data, tongue: Tongue) -> str:
    entries = data["coverage"]["entries"]
    way = [tongue.count(f"coverage.{name}", entries[name]) for name in ("seen", "new", "over_line")]
    return tongue.listed([*way, tongue.count("digest.stories", data["counts"]["stories"])], "arrow")


def _rows(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, said in rows:
        table.add_row(Text(name), Text(said))
    return table

"""A digest in a terminal: its JSON form in colours, with headlines that can be clicked where the terminal knows how."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from monitor.domain.digest import Message

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
    yield Rule(Text(data["title"], "bold"), align="left", style="dim")
    zone = ZoneInfo(data["window"]["zone"])
    yield Text(f"{data['subject']} · times in {zone}", "dim")
    if folded := data.get("folded"):
        yield Text(folded["said"], "bold red")
    for section in data["sections"]:
        yield from _heading(section["title"], len(section["stories"]), "bold magenta")
        for story in section["stories"]:
            yield from _story(story, zone)
    if not data["sections"]:
        yield Text("\nNothing new passed a line.")
    if beyond := data["counts"]["beyond_cap"]:
        yield Text(f"\n{beyond:,} more over the line: first in the next digest.")
    for name, title in (("alerted", "Sent as alerts before"), ("near", "Just below the line")):
        if data[name]:
            yield from _heading(title, data["counts"][name], "bold yellow")
            yield from (_brief(story, judged=name == "near") for story in data[name])
    for block in data["blocks"]:
        yield from _heading(block["title"], len(block["rows"]), "bold cyan")
        yield _rows([(row["day"], f"{'; '.join(row['facts'])} – {row['title']}") for row in block["rows"]])
    yield from _heading("What was looked at", None, "bold")
    yield _rows(_coverage(data, zone))


def _heading(title: str, number: int | None, style: str) -> Iterator[RenderableType]:
    said = Text(title.upper(), style)
    if number is not None:
        said.append(f" {number:,}", "dim")
    yield Text()
    yield Rule(said, align="left", style="dim")


def _linked(story: Data, style: str) -> Text:
    return Text(story["title"], f"{style} link {story['url']}" if story["url"] else style)


def _story(story: Data, zone: ZoneInfo) -> Iterator[RenderableType]:
    yield Text()
    if story["update"]:
        yield Text.assemble((f"{story.get('mark', 'Update')} ", "bold red"), " · ".join(story["update"]["facts"]))
    if story["mend"]:
        yield Text({"correction": "Corrected", "withdrawal": "Withdrawn"}[story["mend"]] + " by its source", "bold red")
    yield _linked(story, "bold")
    lines: list[RenderableType] = []
    if story["url"]:
        lines.append(Text(story["url"], f"dim link {story['url']}", overflow="fold"))
    more = len(story["sources"]) - 1
    about = [
        story["source"] + (f" +{more}" if more else ""),
        _local(story["published"], zone) or f"undated, seen {_local(story['first_seen'], zone)}",
        ", ".join(story["countries"]),
    ]
    lines.append(Text(" · ".join(filter(None, about)), "cyan"))
    if facts := [fact["said"] for fact in (*story["measures"], *story["figures"])]:
        lines.append(Text(" · ".join(facts)))
    if story["excerpt"]:
        lines.append(Text(story["excerpt"], "dim"))
    lines.append(_judged(story))
    yield Padding(Group(*lines), (0, 0, 0, 2))


def _judged(story: Data) -> Text:
    said = Text()
    for number, found in enumerate(story["decisions"]):
        passes = found["by_hand"] or found["score"] >= found["line"]
        said.append(f"{' · ' if number else ''}{found['label']} ")
        said.append(f"{found['score']:.3f}", "bold green" if passes else "bold yellow")
        said.append(f" / line {found['line']:g}{', put in by hand' if found['by_hand'] else ''}", "dim")
    for number, reason in enumerate(story["why"]):
        said.append(", " if number else "  why: ", "dim")
        said.append(f"“{reason['text']}”", "italic")
        said.append(f" {reason['concept']}" if reason["concept"] else "", "dim")
    return said


def _brief(story: Data, *, judged: bool) -> RenderableType:
    more = len(story["sources"]) - 1
    said = Text.assemble("• ", _linked(story, ""), (f" – {story['source']}{f' +{more}' if more else ''}  ", "cyan"))
    return said.append_text(_judged(story)) if judged else said


def _local(moment: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def _coverage(data: Data, zone: ZoneInfo) -> Sequence[tuple[str, str]]:
    seen = data["coverage"]
    feeds, entries = seen["feeds"], seen["entries"]
    way = f"{entries['seen']:,} seen → {entries['new']:,} new → {entries['over_line']:,} over the line"
    longest = seen["longest_silence"] or {"feed": "", "last_new": None}
    due = "" if feeds["due"] is None else f"{feeds['due']:,} due, "
    rows = [
        ("window", f"{_local(data['window']['since'], zone)} to {_local(data['window']['until'], zone)}"),
        ("feeds", f"{feeds['enabled']:,} enabled, {due}{feeds['polled']:,} polled"),
        ("failed", ", ".join(f"{found['feed']} ({found['kind']})" for found in seen["failed"])),
        ("silent", ", ".join(found["feed"] for found in seen["silent"])),
        ("longest", f"{longest['feed']}, since {_local(longest['last_new'], zone)}" if longest["last_new"] else ""),
        ("gaps", ", ".join(seen["gaps"])),
        ("entries", f"{way} → {data['counts']['stories']:,} stories"),
        ("model", ", ".join(seen["models"])),
        ("lines", ", ".join(f"{label} {lines['default']:g}" for label, lines in seen["lines"].items())),
    ]
    return [(name, said) for name, said in rows if said]


def _rows(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, said in rows:
        table.add_row(Text(name), Text(said))
    return table

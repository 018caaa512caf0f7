"""`monitor sources`: the verbs put together, and the list."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from monitor.cli.console import out, plural, print_json, tell
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.fetch.options import FeedOptions, SourceOptions
from monitor.normalise.duration import show
from monitor.observe import mask
from monitor.settings.load import load
from monitor.settings.model import Settings

_ELSEWHERE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "add": ("sources_edit", "Add the feed at an address: one request for a feed, at most four for a page."),
        "remove": ("sources_edit", "Take a source, or one feed, out of config; what was collected stays."),
        "enable": ("sources_edit", "Poll a source or a feed again."),
        "disable": ("sources_edit", "Keep a source or a feed in config, and poll it no more."),
        "discover": ("sources_edit", "Show where a page's feeds may be, at the cost of one request."),
        "check": ("sources_check", "Ask each feed once, disabled ones too, and say what came, with evidence."),
        "import": ("sources_edit", "Add the feeds of an OPML file that config does not have."),
        "export": ("sources_edit", "Write all sources and feeds as OPML."),
        "health": ("sources_check", "Show how each feed does: last success, failures, silence, entries a week."),
    }
)
"""The verbs that are imported when they are called, with their module and their line in the list of verbs: what asks
publishers or opens the database takes a second to import, and the list needs none of it."""


class SourceVerbs(TyperGroup):
    """`list`, which is here, and the verbs that are elsewhere."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands.update({name: TyperCommand(name, help=line) for name, (_, line) in _ELSEWHERE.items()})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the verb by its name, then take the real one from its module."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, (imported(name) if name and name in _ELSEWHERE else found), rest


def imported(name: str) -> Any:
    """The real verb of a name in `_ELSEWHERE`."""
    holder = import_module(f"monitor.cli.{_ELSEWHERE[name][0]}").verbs
    return get_group(holder).commands[name]


sources_app = typer.Typer(
    cls=SourceVerbs,
    help="Manage the sources: add, check, import, and how they do.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(sources_app, name="sources")


@sources_app.command("list")
def list_sources(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """List the sources with their feeds, as config has them."""
    settings = load(config, channels=False)
    if json:
        print_json([_listed(settings, key) for key in sorted(settings.options.sources)])
        return
    for key, source in sorted(settings.options.sources.items()):
        rhythm = f"every {show(source.rhythm)}" if source.rhythm else ""
        known = ", ".join(filter(None, (source.kind, source.language, source.region, rhythm)))
        tell(f"{key}: {source.title} ({known}){_state(source)}", indent=4)
        for name in source.feeds:
            feed = source.feed(name)
            off = "" if feed.enabled or not source.enabled else ", disabled"
            tell(f"    {name}  {mask(feed.url)}{off}{_state(feed)}", indent=8)
    feeds = settings.feeds.values()
    unsure = sum(_status(settings, name) == "unverified" for name in settings.feeds)
    hint = f", {unsure} unverified: `monitor sources check --write` asks them" if unsure else ""
    polled = sum(feed.enabled for feed in feeds)
    out.print(f"{plural(len(settings.options.sources), 'source')}, {plural(len(feeds), 'feed')}, {polled} polled{hint}")


def _state(given: SourceOptions | FeedOptions) -> str:
    """What is wrong or special, as far as there is anything to say."""
    off = "disabled" if isinstance(given, SourceOptions) and not given.enabled else ""
    looked = given.status if given.status != "unverified" else ""
    seen = f"{looked} on {given.checked_at}" if looked and given.checked_at else looked
    instead = f"instead: {given.replacement}" if given.replacement else ""
    told = "; ".join(filter(None, (off, seen, given.licence, given.reason, instead)))
    return f", {told}" if told else ""


def _status(settings: Settings, name: str) -> str:
    source = settings.options.sources[settings.feeds[name].source.key]
    return source.feed(name).status or source.status


def _listed(settings: Settings, key: str) -> dict[str, object]:
    source = settings.options.sources[key]
    return {
        "source": key,
        **_told(source),
        "feeds": [
            {
                "feed": name,
                **_told(source.feed(name)),
                "url": mask(settings.feeds[name].url),
                "enabled": settings.feeds[name].enabled,
                "status": _status(settings, name),
            }
            for name in source.feeds
        ],
    }


def _told(given: SourceOptions | FeedOptions) -> dict[str, object]:
    """All keys, of a request only their names: what they hold is for the publisher."""
    asked = sorted(given.request.model_fields_set)
    return {**given.model_dump(mode="json", exclude={"feeds", "request"}), "request": asked}

"""Sources to OPML and back, with nothing lost: what OPML has no word for stands in attributes of our own."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from monitor.fetch.manner import is_secret
from monitor.fetch.options import FeedOptions, SourceOptions
from monitor.jobs.sources import free_name, host_key, same_feed, text_of
from monitor.normalise.text import clean
from monitor.parse.opml import Opml, Outline, read_opml, write_opml
from monitor.settings.edit import add_sources, set_values
from monitor.settings.load import load_tree
from monitor.settings.model import Settings
from monitor.settings.read import KeyPath, Tree

OURS = "{urn:returns-monitor}"
"""The namespace of our attributes: ``source`` and ``feed`` are the names, the rest are the keys of config."""
_OF_FEED = f"{OURS}feed-"
_TELLS_HOW = frozenset({f"{OURS}request", f"{_OF_FEED}request"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: feeds added (source, feed), feeds that config had, and what was left out with the reason."""

    added: tuple[tuple[str, str], ...]
    known: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    files: tuple[Path, ...]


@dataclass(slots=True)
class _Plan:
    """What an import will write."""

    settings: Settings
    variables: bool
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    into_known: list[tuple[KeyPath, object]] = field(default_factory=list)
    added: list[tuple[str, str]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)


def export_opml(settings: Settings) -> bytes:
    """Write every source and feed of config; a secret stays the ``${NAME}`` that stands in the file."""
    _, tree = load_tree(settings.folder, channels=False)
    return write_opml(Opml("Returns Monitor", tuple(_outlines(tree))))


def _outlines(tree: Tree) -> Iterator[Outline]:
    """One outline a feed, in a folder by the kind of its source; a source without feeds is one of its own."""
    sources = _written(tree, tree.values.get("sources", {}), ("sources",))
    kinds = list(dict.fromkeys(_kind(table) for table in sources.values()))
    for key, table in sorted(sources.items(), key=lambda item: kinds.index(_kind(item[1]))):
        own = [(f"{OURS}source", key), *_ours(OURS, table)]
        plain = Outline((_kind(table),), table["title"], language=table.get("language") or "", attributes=tuple(own))
        feeds = table.get("feeds", {})
        if not feeds:
            yield plain
        for name, written in feeds.items():
            feed = {"url": written} if isinstance(written, str) else written
            more = [(f"{OURS}feed", name), *_ours(_OF_FEED, feed)]
            yield replace(plain, xml_url=feed["url"], type="rss", attributes=(*own, *more))


def _kind(table: Mapping[str, Any]) -> str:
    return str(table.get("kind") or "news")


def _ours(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of a table as attributes, but those that stand elsewhere."""
    for name, value in table.items():
        if name not in {"feeds", "url"} and (shown := _shared(value) if name == "request" else value) != {}:
            plain = isinstance(shown, str | date)
            yield f"{prefix}{name}", str(shown) if plain else json.dumps(shown, ensure_ascii=False)


def _shared(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request table without the secrets that stand in the file itself: a list of feeds is handed on."""
    headers = {name: text for name, text in request.get("headers", {}).items() if _open(text, "headers", name)}
    others = {name: value for name, value in request.items() if name != "headers" and _open(value, name)}
    return others | ({"headers": headers} if headers else {})


def _open(value: Any, *keys: str) -> bool:
    """Say whether a value of a request table holds no secret, or names a variable instead."""
    account = keys == ("proxy",) and "@" in value
    return "${" in str(value) or not (account or is_secret(*keys))


def _written(tree: Tree, value: Any, path: KeyPath) -> Any:
    """Values as they stand in the files, with the names of variables in place of what they hold."""
    if isinstance(value, dict):
        return {key: _written(tree, inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_written(tree, inner, (*path, str(index))) for index, inner in enumerate(value)]
    return tree.templates.get(path, value)


def import_opml(settings: Settings, body: bytes, *, variables: bool = False) -> Imported:
    """Add the feeds of an OPML file that config does not have, all in one edit; asks no publisher.

    ``variables`` lets texts of the file name variables of the environment (``${NAME}``), and say how to ask: only for a
    file that one wrote oneself, since it could send any secret anywhere, and open private hosts. Raises ParseError for
    what is no OPML, ConfigError as `edit`.
    """
    plan = _Plan(settings, variables)
    plan.urls = [*(feed.url for feed in settings.feeds.values()), *_written_urls(settings)]
    for outline in read_opml(body).outlines:
        _take(plan, outline)
    files: tuple[Path, ...] = ()
    if plan.sources:
        files += (add_sources(settings.folder, plan.sources),)
    if plan.into_known:
        files += set_values(settings.folder, plan.into_known, new=True)
    return Imported(tuple(plan.added), tuple(plan.known), tuple(plan.skipped), tuple(dict.fromkeys(files)))


def _written_urls(settings: Settings) -> list[str]:
    """The addresses that hold a variable, as they stand in the files."""
    _, tree = load_tree(settings.folder, channels=False)
    return [text for path, text in tree.templates.items() if path[0] == "sources" and "://" in text]


def _take(plan: _Plan, outline: Outline) -> None:
    """Plan one outline: a feed, a source of ours without feeds, or nothing."""
    texts = (outline.xml_url, outline.title, *(value for _, value in outline.attributes))
    if not plan.variables and any("${" in text for text in texts):
        reason = "it names a variable of the environment; --with-variables takes it"
        plan.skipped.append((outline.xml_url or outline.title, reason))
    elif not plan.variables and any(name in _TELLS_HOW for name, _ in outline.attributes):
        reason = "it says how to ask: accounts, proxies, private hosts; --with-variables takes it"
        plan.skipped.append((outline.xml_url or outline.title, reason))
    elif not outline.xml_url:
        _take_source(plan, outline)
    elif not _valid(plan, FeedOptions, _feed(outline), outline.xml_url):
        return
    elif (known := next((url for url in plan.urls if same_feed(url, outline.xml_url)), None)) is not None:
        plan.known.append(known)
    else:
        _take_feed(plan, outline)


def _take_source(plan: _Plan, outline: Outline) -> None:
    """A source without feeds, kept for its note; a folder of another program's holds nothing to keep."""
    key = dict(outline.attributes).get(f"{OURS}source", "")
    if key and key not in plan.settings.options.sources and key not in plan.sources:
        _put_source(plan, key, outline, {})


def _take_feed(plan: _Plan, outline: Outline) -> None:
    url, given = outline.xml_url, dict(outline.attributes)
    table = _feed(outline)
    feed = table if len(table) > 1 else url
    sources = plan.settings.options.sources
    name = free_name(given.get(f"{OURS}feed") or host_key(url), {*plan.settings.feeds, *(n for _, n in plan.added)})
    key = given.get(f"{OURS}source") or free_name(host_key(url), {*sources, *plan.sources})
    if key in plan.sources:
        plan.sources[key].setdefault("feeds", {})[name] = feed
    elif key in sources:
        plan.into_known.append((("sources", key, "feeds", name), feed))
    elif not _put_source(plan, key, outline, {name: feed}):
        return
    plan.added.append((key, name))
    plan.urls.append(url)


def _feed(outline: Outline) -> dict[str, Any]:
    """A feed's own keys."""
    return {"url": outline.xml_url, **_fields(FeedOptions, _OF_FEED, dict(outline.attributes))}


def _put_source(plan: _Plan, key: str, outline: Outline, feeds: Mapping[str, Any]) -> bool:
    """Plan a new source; False where its fields are not valid."""
    given = dict(outline.attributes)
    title = outline.title or host_key(outline.xml_url)
    own = f"{OURS}source" in given
    table = {"title": title, **(_fields(SourceOptions, OURS, given) if own else _foreign(outline))}
    if not plan.variables:
        table = {name: text_of(value) if name == "title" else _harmless(value) for name, value in table.items()}
    table = {name: value for name, value in table.items() if value != ""}
    if not _valid(plan, SourceOptions, table, outline.xml_url or key):
        return False
    plan.sources[key] = {**table, "feeds": dict(feeds)} if feeds else table
    return True


def _foreign(outline: Outline) -> dict[str, str]:
    """What another program said of a feed, in config's words: folders are the kind, the rest goes into the note."""
    language = re.fullmatch(r"([a-z]{2,3})(?:[-_].*)?", outline.language.strip().lower())
    others = (f"{name}: {value}" for name, value in outline.attributes if value)
    note = "; ".join(filter(None, (outline.html_url, outline.description, *others)))
    return {"kind": " / ".join(outline.folder), "language": language[1] if language else "", "note": clean(note)}


def _harmless(value: Any) -> Any:
    return clean(value).replace("${", "$ {") if isinstance(value, str) else value


def _valid(plan: _Plan, model: type[BaseModel], table: Mapping[str, Any], shown: str) -> bool:
    try:
        model.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}"
        plan.skipped.append((shown, reason))
        return False
    return True


def _fields(model: type[BaseModel], prefix: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    """The keys of config among an outline's attributes, in their order, as config's own types."""
    found: dict[str, Any] = {}
    for given, text in attributes.items():
        name = given.removeprefix(prefix)
        if given.startswith(prefix) and name in model.model_fields and name not in {"feeds", "url"}:
            found[name] = text if model.model_fields[name].annotation is str else _value(name, text)
    return found


def _value(name: str, text: str) -> Any:
    try:
        return date.fromisoformat(text) if name == "checked_at" else json.loads(text)
    except ValueError:
        return text

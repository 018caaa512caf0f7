"""The sources of config as the feeds that are polled."""

import difflib
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from monitor.domain.feed import Feed, Manner, Source, Tier
from monitor.fetch.manner import manner_of, secrets_of
from monitor.fetch.options import FeedOptions, RequestOptions, SourceOptions
from monitor.observe import hide
from monitor.settings.read import KeyPath, Tree, dotted
from monitor.settings.wording import message


def feeds_of(sources: Mapping[str, SourceOptions], tree: Tree) -> dict[str, Feed]:
    """Every feed by its name; what is wrong is noted in ``tree``. Secrets are masked in all logs from here on."""
    feeds: dict[str, Feed] = {}
    for key, given in sources.items():
        source = Source(key, given.title, given.kind, given.language, given.region, Tier(given.tier), given.note)
        hide(secrets_of(given.request))
        for name in given.feeds:
            path = ("sources", key, "feeds", name)
            if name in feeds:
                tree.problem(path, f'"{name}" is a feed of {feeds[name].source.key} already', "feed names are unique")
                continue
            feed = _feed(name, source, given, tree, path)
            if feed is not None:
                feeds[name] = feed
    return feeds


def _feed(name: str, source: Source, given: SourceOptions, tree: Tree, path: KeyPath) -> Feed | None:
    try:
        feed = given.feed(name)
    except ValidationError as error:
        tree.problem(path, message(error.errors()[0]))
        return None
    return Feed(
        name,
        feed.url,
        source,
        feed.enabled and given.enabled,
        feed.interval,
        feed.kind,
        _selectors(feed, tree, path),
        given.full_text if feed.full_text is None else feed.full_text,
        feed.rhythm or given.rhythm,
        _manner(feed, given.request, tree, path),
    )


def _manner(feed: FeedOptions, source: RequestOptions, tree: Tree, path: KeyPath) -> Manner:
    hide(secrets_of(feed.request))
    try:
        return manner_of(feed.url, source, feed.request)
    except ValueError as error:
        tree.problem((*path, "request"), str(error))
        return Manner()


def _selectors(feed: FeedOptions, tree: Tree, path: KeyPath) -> Mapping[str, str] | None:
    selectors = None if feed.select is None else feed.select.model_dump()
    if (feed.kind == "page") != (selectors is not None):
        tree.problem(path, 'kind = "page" and a table `select` go together', 'select = { item = "article" }')
    elif selectors is not None:
        _check_selectors(tree, (*path, "select"), selectors)
    return selectors


def _check_selectors(tree: Tree, path: KeyPath, selectors: Mapping[str, str]) -> None:
    from monitor.parse.page import Selectors, check_selectors  # noqa: PLC0415 - lxml, only where a page is watched

    try:
        check_selectors(Selectors(**selectors))
    except ValueError as error:
        tree.problem(path, str(error))


def astray(sources: Mapping[str, SourceOptions]) -> Iterator[str]:
    """Say which ``replacement`` names nothing: it serves people only, so that is worth a warning."""
    known = {*sources, *(name for source in sources.values() for name in source.feeds)}
    for path, name in _replacements(sources):
        if "://" not in name and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f'{dotted(path)}.replacement: no source or feed "{name}" in feeds.toml{hint}'


def _replacements(sources: Mapping[str, SourceOptions]) -> Iterator[tuple[KeyPath, str]]:
    for key, source in sources.items():
        if source.replacement:
            yield ("sources", key), source.replacement
        for name, feed in source.feeds.items():
            if isinstance(feed, FeedOptions) and feed.replacement:
                yield ("sources", key, "feeds", name), feed.replacement

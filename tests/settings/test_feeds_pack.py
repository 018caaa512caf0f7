"""The starter pack of sources in config/feeds.toml is valid, and as wide as the field."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from monitor.fetch.options import FeedOptions, SourceOptions

PACK = tomllib.loads((Path(__file__).parents[2] / "config" / "feeds.toml").read_text(encoding="utf-8"))
SOURCES = {key: SourceOptions.model_validate(value) for key, value in PACK["sources"].items()}
FEEDS = [
    (name, feed.url if isinstance(feed, FeedOptions) else feed)
    for source in SOURCES.values()
    for name, feed in source.feeds.items()
]


def test_the_pack_holds_sources_and_nothing_else() -> None:
    assert PACK.keys() == {"sources"}


def test_there_are_eighty_sources_or_more_and_most_can_be_polled() -> None:
    assert len(SOURCES) >= 80
    assert sum(1 for source in SOURCES.values() if source.enabled and source.feeds) >= 80


def test_names_of_feeds_and_addresses_are_unique() -> None:
    assert len({name for name, _ in FEEDS}) == len(FEEDS)
    assert len({url for _, url in FEEDS}) == len(FEEDS)


def test_keys_and_names_are_kebab_case() -> None:
    names = [*SOURCES, *(name for name, _ in FEEDS)]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_each_of_the_seven_languages_has_a_source_that_is_polled() -> None:
    spoken = {source.language for source in SOURCES.values() if source.enabled and source.feeds}
    assert {"en", "fr", "de", "ru", "ar", "nl", "es"} <= spoken


def test_addresses_are_http_with_a_public_host_and_no_account() -> None:
    for name, url in FEEDS:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}, name
        assert "." in (parts.hostname or ""), name
        assert parts.username is None, name


def test_every_source_says_how_sure_its_address_is_or_why_it_is_not_polled() -> None:
    for key, source in SOURCES.items():
        assert source.title, key
        assert source.kind, key
        assert source.region, key
        assert source.note, key
        assert ("unverified" in source.note) == source.enabled, key
        assert source.feeds or not source.enabled, key

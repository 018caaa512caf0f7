"""The starter pack of sources in config/feeds.toml is valid, and as wide as the field."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from monitor.fetch.options import FeedOptions, SourceOptions
from monitor.parse.page import Selectors, check_selectors
from monitor.settings.sources import astray

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
    assert sum(1 for key in SOURCES if polled(key)) >= 80


def polled(key: str) -> bool:
    source = SOURCES[key]
    return source.enabled and any(source.feed(name).enabled for name in source.feeds)


def test_names_of_feeds_and_addresses_are_unique() -> None:
    assert len({name for name, _ in FEEDS}) == len(FEEDS)
    assert len({url for _, url in FEEDS}) == len(FEEDS)


def test_keys_and_names_are_kebab_case() -> None:
    names = [*SOURCES, *(name for name, _ in FEEDS)]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_each_of_the_seven_languages_has_a_source_that_is_polled() -> None:
    spoken = {source.language for key, source in SOURCES.items() if polled(key)}
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
        assert "status" in source.model_fields_set, key
        if polled(key):
            assert source.note or source.reason, key
            assert source.status == "unverified" or source.checked_at, key
        for name in source.feeds:
            feed = source.feed(name)
            assert feed.enabled or feed.reason, name
            assert not feed.enabled or source.enabled or source.reason, name
        assert source.feeds or (not source.enabled and source.reason), key


def test_what_was_found_has_its_day_or_its_reason() -> None:
    for key, source in SOURCES.items():
        for given in (source, *map(source.feed, source.feeds)):
            found = given.status not in {None, "unverified"}
            assert (given.checked_at or given.reason) if found else given.checked_at is None, key


def test_most_sources_tell_their_rhythm() -> None:
    told = [key for key, source in SOURCES.items() if polled(key) and source.rhythm]
    assert len(told) > 0.9 * sum(1 for key in SOURCES if polled(key))
    assert all(timedelta(days=1) <= (SOURCES[key].rhythm or timedelta()) <= timedelta(days=30) for key in told)


def test_what_stands_in_for_another_is_there() -> None:
    assert list(astray(SOURCES)) == []


def test_watched_pages_have_selectors_that_can_be_used() -> None:
    pages = [feed for source in SOURCES.values() for feed in map(source.feed, source.feeds) if feed.kind == "page"]
    assert len(pages) >= 5
    for page in pages:
        assert page.select is not None, page.url
        check_selectors(Selectors(**page.select.model_dump()))


def test_no_source_of_the_pack_is_asked_in_a_special_way() -> None:
    assert not any(source.request.model_fields_set for source in SOURCES.values())
    assert not any(source.full_text for source in SOURCES.values())


FIELD = """
24.kg aawsat.com akipress.org al-monitor.com alquds.co.uk aljazeera.com aljazeera.net asiaplustj.info
atlanticcouncil.org balkaninsight.com bbci.co.uk chathamhouse.org counterextremism.com crisisgroup.org ctc.westpoint.edu
dr.dk dw.com ecfr.eu ec.europa.eu egmontinstitute.be ejiltalk.org enabbaladi.net english.aawsat.com eurasianet.org
eurojust.europa.eu europol.europa.eu fdd.org fpri.org france24.com generalbundesanwalt.de globalcit.eu gnet-research.org
gov.uk hawarnews.com hedayahcenter.org hrw.org hstoday.us hudoc.echr.coe.int icct.nl icsr.info interfax.ru isdglobal.org
issafrica.org jamestown.org jihadology.net justice.gov justsecurity.org kavkaz-uzel.eu kurdistan24.net lawfaremedia.org
legislation.gov.uk lemonde.fr longwarjournal.org meduza.io middleeasteye.net militantwire.com news.un.org nos.nl
npasyria.com nrc.nl ohchr.org opiniojuris.org press.un.org prishtinainsight.com rand.org reliefweb.int rfi.fr
rightsandsecurity.org rudaw.net rusi.org savethechildren.net spiegel.de statewatch.org strasbourgobservers.com svt.se
syriadirect.org syriahr.com tagesschau.de thedefensepost.com theguardian.com thesoufancenter.org timesca.com
un.org/securitycouncil/ctc verfassungsblog.de vrt.be warontherocks.com washingtoninstitute.org zeit.de
"""
"""Where the sources that people of this field name first have their feeds or pages; RFE/RL has an address a channel."""


@pytest.mark.parametrize("place", FIELD.split())
def test_the_sources_of_the_field_are_all_there(place: str) -> None:
    assert any(f".{place}/" in f"{url}/".replace("://", "://.") or f"/{place}" in url for _, url in FEEDS), place
    assert "rferl" in SOURCES

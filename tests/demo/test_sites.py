"""The sample feeds: well-formed where they claim it, dated, counted, and original."""

import http.client
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from urllib.parse import urljoin, urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.render import render
from monitor.demo.server import FeedServer
from monitor.demo.sites import OLD, SAMPLES, SHARED_LINK, SUBJECT, SYNDICATED, Behaviour, Sample, serve

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GOOD = [sample for sample in SAMPLES if sample.behaviour in {Behaviour.GOOD, Behaviour.SLOW}]
XML = [sample for sample in GOOD if sample.file and not sample.file.endswith(".json")]


@dataclass(frozen=True)
class Item:
    guid: str
    link: str
    title: str
    text: str
    date: datetime | None


def items_of(sample: Sample) -> list[Item]:
    """Read a sample with the standard library alone."""
    body = sample.document(NOW)
    if sample.file and sample.file.endswith(".json"):
        return [_json_item(item) for item in json.loads(body)["items"]]
    root = ET.fromstring(body)
    found = [element for element in root.iter() if element.tag.rpartition("}")[2] in {"item", "entry"}]
    return [_xml_item(element, root.get("{http://www.w3.org/XML/1998/namespace}base", "")) for element in found]


def _json_item(item: dict[str, str]) -> Item:
    text = item.get("content_text") or item["content_html"]
    return Item(item["id"], item["url"], item["title"], text, datetime.fromisoformat(item["date_published"]))


def _xml_item(element: ET.Element, base: str) -> Item:
    parts: dict[str, str] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        parts.setdefault(name, child.get("href") or "".join(child.itertext()))
    date = next((parts[name] for name in ("pubDate", "published", "updated", "date") if name in parts), None)
    text = max((parts[name] for name in ("description", "summary", "content", "encoded") if name in parts), key=len)
    link = urljoin(base, parts["link"]) if "link" in parts else ""
    return Item(parts.get("guid") or parts.get("id") or "", link, parts["title"], text, _date(date) if date else None)


def _date(text: str) -> datetime:
    return parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)


def _clean(link: str) -> str:
    return urlunsplit(urlsplit(link)._replace(query=""))


def _sentences(text: str) -> Iterator[str]:
    plain = unescape(re.sub(r"<[^>]+>", " ", text))
    for sentence in re.split(r"(?<=[.!?؟])\s+", plain):
        if sentence.strip(" ."):
            yield " ".join(sentence.split())


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_a_good_sample_holds_as_many_distinct_entries_as_it_says(sample: Sample) -> None:
    found = {item.guid or item.link for item in items_of(sample)}
    assert len(found) == sample.entries
    assert 8 <= sample.entries <= 15


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_a_good_sample_holds_as_many_entries_on_the_subject_as_it_says(sample: Sample) -> None:
    assert len({_clean(item.link) for item in items_of(sample)} & SUBJECT.keys()) == sample.subject > 0


@pytest.mark.parametrize("sample", XML, ids=lambda sample: sample.name)
def test_a_sample_says_at_its_head_what_it_shows_and_what_to_expect(sample: Sample) -> None:
    head = sample.document(NOW).decode(sample.encoding).partition("-->")[0]
    assert f'encoding="{sample.encoding}"' in head
    assert "Shows: " in head
    assert f"Expect: {sample.entries} entries" in head


def test_every_label_belongs_to_an_entry() -> None:
    links = {_clean(item.link) for sample in GOOD for item in items_of(sample)}
    assert SUBJECT.keys() <= links
    assert {label for labels in SUBJECT.values() for label in labels} == {"returns", "policy"}


def test_every_language_and_every_format_is_there() -> None:
    on_subject = {sample.language for sample in GOOD if sample.subject}
    assert on_subject == {"en", "fr", "de", "ru", "ar", "nl", "es"}
    assert {sample.content_type.partition("/")[2] for sample in GOOD} == {"rss+xml", "atom+xml", "rdf+xml", "feed+json"}
    assert Counter(sample.behaviour for sample in SAMPLES) == {"good": 11, "slow": 1, "broken": 1, "dead": 1}


def test_names_and_paths_are_unique() -> None:
    assert len({sample.name for sample in SAMPLES}) == len({sample.path for sample in SAMPLES}) == len(SAMPLES) == 14


def test_all_links_are_of_example_domains() -> None:
    links = [item.link for sample in GOOD for item in items_of(sample) if item.link]
    assert all(re.fullmatch(r"https://[a-z-]+\.example/\S+", link) for link in links)


def test_dates_are_recent_but_for_the_old_the_future_and_the_missing_one() -> None:
    dated = [item for sample in GOOD for item in items_of(sample)]
    window = (NOW - timedelta(days=28), NOW)
    odd = [item for item in dated if item.date is None or not window[0] <= item.date <= window[1]]
    assert sorted((item.date.year if item.date else 0) for item in odd) == [0, 2009, 2026]
    assert [item.link for item in odd if item.date and item.date.year == 2009] == [OLD]


def test_one_entry_has_no_guid_one_no_link_and_some_carry_tracking_parameters() -> None:
    rss = [item for sample in GOOD if sample.content_type == "application/rss+xml" for item in items_of(sample)]
    assert Counter(not item.guid for item in rss)[True] == 1
    assert Counter(not item.link for item in rss)[True] == 1
    assert sum("utm_source=" in item.link for item in rss) > 5


def test_no_sentence_stands_in_two_feeds_but_those_of_the_agency_report() -> None:
    seen: dict[str, set[str]] = {}
    syndicated: set[str] = set()
    for sample in GOOD:
        for item in items_of(sample):
            sentences = {*_sentences(item.title), *_sentences(item.text)}
            if item.link in SYNDICATED:
                syndicated |= sentences
            for sentence in sentences:
                seen.setdefault(sentence, set()).add(sample.name)
    assert {sentence for sentence, feeds in seen.items() if len(feeds) > 1} == syndicated


def test_one_link_stands_in_two_feeds() -> None:
    feeds: dict[str, set[str]] = {}
    for sample in GOOD:
        for item in items_of(sample):
            feeds.setdefault(_clean(item.link), set()).add(sample.name)
    assert {link: names for link, names in feeds.items() if len(names) > 1} == {
        SHARED_LINK: {"harbour-courier", "lantern"}
    }


def test_the_broken_sample_is_refused_by_an_xml_parser() -> None:
    (broken,) = (sample for sample in SAMPLES if sample.behaviour is Behaviour.BROKEN)
    with pytest.raises(ET.ParseError):
        ET.fromstring(broken.document(NOW))


def test_the_samples_are_served_the_dead_one_is_not_and_a_second_visit_brings_304() -> None:
    with FeedServer() as server:
        serve(server, NOW, slow=0)
        for sample in SAMPLES:
            status, etag, body = _get(server, sample, {})
            if sample.behaviour is Behaviour.DEAD:
                assert status == 404
                continue
            assert (status, body) == (200, sample.document(NOW))
            assert _get(server, sample, {"If-None-Match": etag})[0] == 304


def _get(server: FeedServer, sample: Sample, headers: dict[str, str]) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", sample.path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers.get("ETag", ""), body


def test_dates_are_written_in_the_format_of_the_feed() -> None:
    assert render("<rss>{{date -3h}}</rss>", NOW) == "<rss>Sun, 22 Nov 2026 06:00:00 +0000</rss>"
    assert render("<feed>{{date -3h}}</feed>", NOW) == "<feed>2026-11-22T06:00:00Z</feed>"
    assert render('{"date_published": "{{date +2d +0530}}"}', NOW) == '{"date_published": "2026-11-24T14:30:00+05:30"}'


@given(st.integers(-5000, 5000), st.sampled_from(["m", "h", "d"]), st.sampled_from(["", " +0300", " -0330", " +0000"]))
def test_a_rendered_date_is_read_back_as_the_same_moment(amount: int, unit: str, zone: str) -> None:
    moment = NOW + amount * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[unit]
    placeholder = f"{{{{date {amount:+}{unit}{zone}}}}}"
    assert datetime.fromisoformat(render(placeholder, NOW)) == moment
    assert parsedate_to_datetime(render(f"<rss>{placeholder}", NOW).removeprefix("<rss>")) == moment


@pytest.mark.parametrize("wrong", ["{{date}}", "{{date 3h}}", "{{date -3w}}", "{{title}}"])
def test_a_placeholder_that_is_not_understood_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        render(wrong, NOW)

"""Folders with Markdown, JSON or an Atom feed."""

import dataclasses
import json
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.atom import ENTRIES, grown
from monitor.deliver.channel import send
from monitor.deliver.recipients import recipients

from .test_forms import digest, story

ATOM = "{http://www.w3.org/2005/Atom}"


def at(minute: int, **fields):
    made = digest(story(1), **fields)
    stamp = f"2026-11-22T{minute // 60:02}:{minute % 60:02}:00Z"
    return dataclasses.replace(made, key=f"morning/{stamp}", data={**made.data, "made_at": stamp})


def ids(feed: bytes) -> list[str]:
    return [entry.findtext(f"{ATOM}id") for entry in ET.fromstring(feed).iter(f"{ATOM}entry")]


def test_a_folder_has_the_form_that_its_channel_asks_for(tmp_path, one):
    message = digest(story(1))
    name = "morning-2026-11-22T07-30+01-00"
    for form, file in (("markdown", f"{name}.md"), ("json", f"{name}.json"), ("atom", "morning.atom")):
        folder = tmp_path / form
        assert send(one(f"folder://{folder}?format={form}"), message).said.startswith("wrote")
        assert [path.name for path in folder.iterdir()] == [file]
    assert (tmp_path / "markdown" / f"{name}.md").read_text() == message.markdown
    assert json.loads((tmp_path / "json" / f"{name}.json").read_text()) == message.data


@pytest.mark.parametrize("form", ["markdown", "json", "atom"])
def test_a_retry_leaves_the_same_bytes(tmp_path, one, form):
    recipient = one(f"folder://{tmp_path}?format={form}")
    send(recipient, digest(story(1)))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    send(recipient, digest(story(1)))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("form", ["markdown", "json", "atom"])
def test_a_notice_has_no_further_forms_and_comes_as_page_and_text(tmp_path, one, message, form):
    send(one(f"folder://{tmp_path}?format={form}"), message)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".txt"]


def test_a_form_that_there_is_not_is_refused_with_those_there_are(tmp_path, one):
    with pytest.raises(ValueError, match="format= must be one of html, markdown, json, atom"):
        one(f"folder://{tmp_path}?format=pdf")


def test_one_folder_in_two_forms_is_two_recipients(tmp_path):
    urls = [f"folder://{tmp_path}", f"folder://{tmp_path}?format=atom", f"folder://{tmp_path}?format=json"]
    found = recipients("files", urls, urls)
    assert len({recipient.id for recipient in found}) == 3
    assert [recipient.label for recipient in found] == [
        f"folder://{tmp_path}{form}" for form in ("", " (atom)", " (json)")
    ]


def test_the_feed_is_atom_that_a_reader_reads(tmp_path, one):
    hostile = story(
        1, title="</a><script>alert(1)</script> & \x0b\ufffe", source="A & B", sources=["A & B"],
        update={"facts": ["new: France: <b>"], "told_at": None, "sources": []},
    )  # fmt: skip
    send(one(f"folder://{tmp_path}?format=atom"), digest(hostile))
    read = feedparser.parse((tmp_path / "morning.atom").read_bytes(), sanitize_html=False)
    assert not read.bozo
    assert read.version == "atom10"
    assert (read.feed.title, read.feed.author) == ("Morning", "Returns Monitor")
    (entry,) = read.entries
    assert entry.updated == "2026-11-22T06:30:20Z"
    assert entry.title == "Morning: stories"
    content = entry.content[0].value
    assert "<script" not in content
    assert "&lt;script&gt;" in content
    assert '<a href="https://harbour-courier.example/1">' in content
    root = ET.parse(tmp_path / "morning.atom").getroot()
    for parent in (root, root.find(f"{ATOM}entry")):
        assert all(parent.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated"))


@given(minutes=st.lists(st.integers(min_value=0, max_value=1439), unique=True, min_size=1, max_size=45))
def test_the_feed_holds_the_newest_thirty_by_ids_that_stay(minutes):
    feed = b""
    for minute in minutes:
        feed = grown(feed, at(minute))
        alone = ids(grown(b"", at(minute)))[0]
        assert alone in ids(feed) or len(ids(feed)) == ENTRIES
    newest = [ids(grown(b"", at(minute)))[0] for minute in sorted(minutes, reverse=True)]
    assert len(set(newest)) == len(minutes)
    if len(minutes) <= ENTRIES:
        assert ids(feed) == newest
    assert len(ids(feed)) == min(ENTRIES, len(minutes))
    assert grown(feed, at(minutes[-1])) == feed


def test_a_digest_that_is_sent_again_is_not_in_the_feed_twice():
    feed = grown(grown(b"", at(1)), at(2))
    assert grown(feed, at(1)) == feed


@pytest.mark.parametrize("broken", [b"<feed", b"<rss/>", b"\xff\xfe", b""])
def test_a_file_that_is_no_feed_is_begun_anew(broken):
    assert len(ids(grown(broken, at(1)))) == 1


def test_an_entry_of_a_feed_says_its_language_and_direction_and_a_story_its_own():
    told = story(1, title="Le tribunal annule la décision", lang="fr")
    made = at(0)
    arabic = dataclasses.replace(made, data={**made.data, "language": "ar", "sections": [
        {"label": "returns", "title": "العودة", "stories": [told]}]})  # fmt: skip
    feed = grown(b"", arabic)
    (entry,) = ET.fromstring(feed).iter(f"{ATOM}entry")
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    content = entry.findtext(f"{ATOM}content")
    assert content.startswith('<div lang="ar" dir="rtl">')
    assert '<b lang="fr" dir="auto">Le tribunal annule la décision</b>' in content
    assert "السبب: «\u2068returnee\u2069»" in content
    assert "الخلاصات المفعّلة: 60" in content
    (parsed,) = feedparser.parse(feed).entries
    assert parsed.content[0].language == "ar"


def test_an_entry_in_english_is_as_it_was():
    feed = grown(b"", at(0)).decode()
    assert "lang" not in feed
    assert "60 feeds enabled, 58 polled, 1 failed, 0 silent." in feed


def test_a_score_is_written_as_everywhere_else_and_who_was_put_in_by_hand_is_said(tmp_path, one):
    near = {"label": "returns", "score": 0.49996, "line": 0.5, "by_hand": False}
    send(one(f"folder://{tmp_path}?format=atom"), digest(story(1, decisions=[near, {**near, "by_hand": True}])))
    content = feedparser.parse((tmp_path / "morning.atom").read_bytes()).entries[0].content[0].value
    assert "returns 0.49 / line 0.50 · returns 0.49 / line 0.50, put in by hand" in content


def test_a_form_in_a_language_that_there_are_no_words_in_is_told_in_english(tmp_path, one):
    message = digest(story(1))
    message = dataclasses.replace(message, data={**message.data, "language": "eo"})
    send(one(f"folder://{tmp_path}?format=atom"), message)
    assert "feeds enabled" in (tmp_path / "morning.atom").read_text(encoding="utf-8")

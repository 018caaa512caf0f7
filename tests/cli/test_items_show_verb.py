"""`monitor items show`: since when, what it said before, and under which other keys it came."""

import json
import re

import pytest

from monitor.demo.server import FeedServer

TEXT = "The gate of the harbour was shut at noon, since the water stood higher than the masters of the lock had seen."


def feed(title: str, text: str = TEXT, *, guid: str = "7", dates: str = "") -> bytes:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Paper</title><id>paper</id><entry>'
        f'<id>{guid}</id><title>{title}</title><link href="https://paper.example/7"/>{dates}'
        f"<summary>{text}</summary></entry></feed>"
    ).encode()


@pytest.fixture
def brought(call, served):
    """Poll a feed that brings these documents one after another, and show the entry in words and as JSON."""

    def run(*documents):
        with FeedServer() as server:
            for document in documents:
                server.add("/paper.xml", document, etag=False)
                served.write(feeds=f'[sources.paper]\ntitle = "P"\nfeeds.daily = "{server.url("/paper.xml")}"\n')
                assert call("poll", "--feed", "daily", "--config", served.config).code == 0
        told = call("items", "show", 1, "--config", served.config)
        shown = call("items", "show", 1, "--json", "--config", served.config)
        assert (told.code, shown.code, told.err, shown.err) == (0, 0, "", "")
        return told.out, json.loads(shown.out)

    return run


def test_an_entry_shows_its_three_clocks_and_how_its_feed_told_the_first(brought):
    dates = "<published>2026-03-02T10:00:00+01:00</published><updated>2026-03-02T11:30:00Z</updated>"
    told, shown = brought(feed("Lock shut", dates=dates))
    assert 'published 2026-03-02 10:00 (its feed says "2026-03-02T10:00:00+01:00")' in told
    assert "updated 2026-03-02 12:30, as its feed says" in told
    assert re.search(r"first seen \d{4}-\d\d-\d\d \d\d:\d\d Europe/Brussels", told)
    clocks = ("published", "published_raw", "date_confidence", "updated")
    assert [shown[name] for name in clocks] == [
        "2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00", "exact", "2026-03-02T11:30:00Z"
    ]  # fmt: skip
    assert (shown["version"], shown["versions"], shown["other_keys"]) == (1, [], [])
    assert "version" not in told


@pytest.mark.parametrize(
    ("claim", "words", "confidence"),
    [
        ("2026-03-02", 'its feed says "2026-03-02", a day without a time', "day"),
        ("2026-03-02 10:00", 'its feed says "2026-03-02 10:00", a time without a zone, taken for UTC', "zoneless"),
        ("soon", 'undated: its feed says "soon", which is no date that can be read and be true', "none"),
        ("2126-03-02T10:00:00Z", 'undated: its feed says "2126-03-02T10:00:00Z"', "none"),
    ],
)
def test_a_date_that_is_not_sure_says_why(brought, claim, words, confidence):
    told, shown = brought(feed("Lock shut", dates=f"<published>{claim}</published>"))
    assert words in told
    assert (shown["date_confidence"], shown["published_raw"]) == (confidence, claim)


def test_an_entry_shows_what_it_said_before_and_why_it_changed(brought):
    told, shown = brought(
        feed("Lock shutt"), feed("Lock shut"), feed("Lock shut", f"{TEXT} It was opened again on Friday.")
    )
    lines = [line.strip() for line in told.splitlines()]
    start = lines.index("version 3, after 2 changes:")
    assert re.fullmatch(r"[\d: -]+  its feed edited it", lines[start + 1])
    assert lines[start + 2] == "text changed: 22 words before, 28 after"
    assert lines[start + 4 : start + 6] == ["title was: Lock shutt", "became: Lock shut"]
    assert shown["version"] == 3
    assert [(past["version"], past["title"], past["text"], past["why"]) for past in shown["versions"]] == [
        (1, "Lock shutt", TEXT, "feed"), (2, "Lock shut", TEXT, "feed")
    ]  # fmt: skip
    assert all(re.fullmatch(r"[\dT:-]+Z", past["replaced_at"]) for past in shown["versions"])


def test_an_entry_shows_the_other_keys_under_which_it_came(brought):
    told, shown = brought(feed("Lock shut"), feed("Lock shut", guid="8"))
    assert re.search(r"known as g:7, and as g:8 since \d{4}-", told)
    assert (shown["key"], [other["key"] for other in shown["other_keys"]]) == ("g:7", ["g:8"])


def test_terminal_codes_in_what_a_feed_says_reach_no_terminal(brought):
    told, _ = brought(feed("Lock shut"), feed("Lock &#x9b;31m shut"), feed("Lock [bold]shut[/bold]"))
    assert "\x9b" not in told
    assert "became: Lock [bold]shut[/bold]" in told

"""Where a document leads for the entries before its own."""

import json

import pytest

from monitor.parse.feed import parse

URL = "https://paper.example/feed/"


def older(body: str, url: str = URL) -> str:
    return parse(body.encode(), content_type="", url=url, max_entries=9).older


def rss(head: str) -> str:
    return (
        f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Paper</title>{head}'
        "<item><title>Ferry</title></item></channel></rss>"
    )


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ('<a:link rel="next" href="?page=2"/>', "https://paper.example/feed/?page=2"),
        ('<a:link rel="prev-archive" href="/2025/12"/>', "https://paper.example/2025/12"),
        ('<a:link rel="next" href="/2"/><a:link rel="prev-archive" href="/2025"/>', "https://paper.example/2025"),
        ('<a:link rel="next" href="javascript:go()"/>', ""),
        ('<a:link rel="next" href="https://paper.example/feed/"/>', ""),
        ('<a:link rel="self" href="/feed/"/>', ""),
        ("<generator>https://wordpress.org/?v=6.8</generator>", "https://paper.example/feed/?paged=2"),
        ("<generator>Some other software</generator>", ""),
        ("", ""),
    ],
)
def test_rss_and_atom_lead_on_by_their_links_and_wordpress_by_its_own_form(head: str, found: str) -> None:
    assert older(rss(head)) == found


def test_wordpress_counts_on_and_keeps_what_else_is_asked() -> None:
    head = "<generator>https://wordpress.org/?v=6.8</generator>"
    assert older(rss(head), "https://paper.example/?feed=rss2&paged=7") == "https://paper.example/?feed=rss2&paged=8"
    assert older(rss(head), "https://paper.example/feed/?paged=last") == ""


def test_json_feed_leads_on_by_its_next_url() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "items": [{"id": "1"}]}
    assert older(json.dumps(feed | {"next_url": "/feed/2.json"})) == "https://paper.example/feed/2.json"
    assert older(json.dumps(feed)) == ""

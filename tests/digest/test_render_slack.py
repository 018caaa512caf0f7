"""Slack's blocks: within its limits for any digest, and nobody is called by a text."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest.render import render
from monitor.digest.slack import BLOCKS, HEADER, MESSAGE, TEXT, posts, units
from monitor.digest.view import look
from monitor.domain.digest import Section

wild = st.one_of(st.text(max_size=40), st.sampled_from(("&<>" * 900, "😀" * 900, "<!channel> <@U1>", "a|b>", "*_~`")))
numbers = st.integers(min_value=0, max_value=80)


def texts(blocks):
    for block in blocks:
        yield from block.get("elements", ())
        if "text" in block:
            yield block["text"]


def check_limits(messages):
    assert messages
    for blocks in messages:
        assert 0 < len(blocks) <= BLOCKS
        assert blocks[0]["type"] == "header"
        assert 0 < units(blocks[0]["text"]["text"]) <= HEADER
        assert all(0 < units(text["text"]) <= TEXT for text in texts(blocks))
        assert sum(units(text["text"]) for text in texts(blocks)) <= MESSAGE
        assert all(len(block.get("elements", ())) <= 10 for block in blocks)


stories = st.fixed_dictionaries(
    {
        "title": wild,
        "text": wild,
        "source": wild,
        "url": wild.map("https://a.example/".__add__),
        "others": st.lists(wild, max_size=14).map(tuple),
        "terms": st.lists(st.tuples(wild, wild), max_size=7).map(tuple),
    }
)


@settings(max_examples=40, deadline=None)
@given(counts=st.tuples(numbers, numbers), fields=stories)
def test_any_digest_fits_slack(digest, story, subscription, long_blocks, counts, fields):
    first, second = counts
    title = fields["title"]
    sections = (
        Section("returns", title, tuple(story(n, **fields) for n in range(first))),
        Section("policy", "Policy", tuple(story(n, scores={"policy": 0.9}) for n in range(second))),
    )
    blocks = long_blocks(first, fields)
    near = tuple(story(n, **fields, scores={"returns": 0.4}) for n in range(min(first, 25)))
    made = posts(look(digest(*sections, subscription=subscription(title=title), blocks=blocks, alerted=near)))
    check_limits(made)
    links = re.findall(r"<[^>]*>", json.dumps(made))
    assert all(link.startswith("<https://") for link in links)
    assert json.dumps(made).count(" / line ") == first + second


def test_a_long_digest_is_split_on_the_borders_of_stories(long_digest):
    messages = render(long_digest(100)).blocks
    check_limits(messages)
    assert len(messages) > 2
    for number, blocks in enumerate(messages, start=1):
        assert blocks[0]["text"]["text"] == f"Returns Monitor {number}/{len(messages)}"
        headlines = sum("returnee number" in text["text"] for text in texts(blocks))
        assert headlines == sum(" / line " in text["text"] for text in texts(blocks))


def test_a_heading_is_never_the_last_of_a_message(digest, story):
    sections = tuple(
        Section(name, name, tuple(story(n, text="word " * 60) for n in range(number)))
        for name, number in zip("abcdefgh", (5, 9, 13, 1, 8, 7, 11, 10), strict=True)
    )
    for blocks in render(digest(*sections)).blocks:
        assert not re.fullmatch(r"\*[a-h]\* · \d+", list(texts(blocks))[-1]["text"])


@pytest.mark.parametrize(
    "title", ["<!channel> now", "<@U0123> & <#C1|x>", "@here @channel", "[x](javascript:alert(1))"]
)
def test_a_title_that_looks_like_a_mention_calls_nobody(one_story, title):
    (blocks,) = render(one_story(title=title)).blocks
    escaped = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    headline = next(text for text in texts(blocks) if "harbour-courier" in text["text"])
    assert headline["text"].startswith(f"*<https://harbour-courier.example/world/1|{escaped}>*")
    assert all(text["verbatim"] for text in texts(blocks) if text["type"] == "mrkdwn")


def test_a_link_ends_where_it_ends(one_story):
    (blocks,) = render(one_story(url="https://a.example/?q=a|b><!channel>")).blocks
    headline = next(text["text"] for text in texts(blocks) if "a.example" in text["text"])
    assert headline.splitlines()[0] == "*<https://a.example/?q=a%7Cb%3E%3C!channel%3E|Court hears returnee number 1>*"


def test_one_message_bears_no_number(sample):
    (blocks,) = render(sample).blocks
    assert blocks[0]["text"]["text"] == "Returns Monitor"

"""Markdown and JSON: all that a digest says, and nothing from outside becomes markup.

`MONITOR_RENEW_GOLDEN=1 pytest tests/digest/test_forms.py` writes the golden files anew; look at the difference.
"""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from monitor.digest.render import render
from monitor.domain.digest import Section

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "</a><script>alert(1)</script>",
    "![x](https://a.example/x.png)",
    "[x](javascript:alert(1))",
    "`code` *b* _i_ ~~s~~",
    *("# head", "> quote", "- item", "1. item", "1) item", "+ x", "=====", "***", "```", "| a | b |"),
    *("<!-- x", "&lt;b&gt; &copy;", "\\[x\\](y)", "[x]: https://a.example", "<https://a.example>", "$x$ :smile:"),
    "\u202egnirts\u202c",
    "two\nlines\r\n\n\x00\x1b[31m",
)
texts = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE), st.tuples(st.sampled_from(HOSTILE), st.text(max_size=9)).map("".join))  # fmt: skip  # noqa: E501
urls = st.one_of(texts, texts.map("https://a.example/".__add__))
fields = st.fixed_dictionaries(
    {"title": texts, "text": texts, "source": texts, "url": urls, "others": st.lists(texts, max_size=2).map(tuple),
     "terms": st.lists(st.tuples(texts, texts), max_size=2).map(tuple)}
)  # fmt: skip


def compare(name: str, content: str) -> None:
    path = GOLDEN / name
    if os.environ.get("MONITOR_RENEW_GOLDEN"):
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text("utf-8")


def tags(text: str) -> list[str]:
    return re.findall(r"</?([a-z0-9]+)", MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize("name", ["sample", "empty", "updated"])
def test_markdown_and_json_are_as_their_golden_files(name, request):
    message = render(request.getfixturevalue(name))
    compare(f"{name}.md", message.markdown)
    compare(f"{name}.data.json", json.dumps(message.data, ensure_ascii=False, indent=1) + "\n")


@settings(max_examples=80, deadline=None)
@given(given=fields)
def test_no_text_from_outside_becomes_markdown(digest, story, given):
    made = render(digest(Section("returns", "Returns", (story(1, **given),)), near=(story(2, **given),))).markdown
    found = set(tags(made))
    assert found <= {"h1", "h2", "h4", "p", "ul", "li", "strong", "em", "a", "blockquote"}
    links = re.findall(r'href="([^"]*)"', MarkdownIt("commonmark").render(made))
    assert all(link.startswith(("http://", "https://")) for link in links)
    assert len(links) <= 2
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00\x1b]", made)


@pytest.mark.parametrize("title", [h for h in HOSTILE if not re.search("[\n\u202e]", h)])
def test_a_hostile_title_reads_in_markdown_as_it_was_written(one_story, title):
    made = MarkdownIt("commonmark").render(render(one_story(title=title, text="")).markdown)
    inner = re.search(r"<h4><a[^>]*>(.*)</a></h4>", made)
    assert inner
    unescaped = inner[1]
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        unescaped = unescaped.replace(code, sign)
    assert unescaped == title


def test_markdown_and_json_hold_every_story_with_its_link_and_score(sample):
    message = render(sample)
    told = [story for section in message.data["sections"] for story in section["stories"]]
    assert {story["id"] for story in told} == {story.id for section in sample.sections for story in section.stories}
    for story in told:
        assert not story["url"] or f"](<{story['url']}>)" in message.markdown
        assert all(decision["score"] >= decision["line"] for decision in story["decisions"])
    assert message.markdown.count(" / line ") == sum(len(story["decisions"]) for story in told)


def test_json_survives_the_store(sample, updated):
    for digest in (sample, updated):
        data = render(digest).data
        assert json.loads(json.dumps(data)) == data


@settings(max_examples=40, deadline=None)
@given(given=fields)
def test_json_has_the_same_keys_whatever_the_texts(one_story, given):
    def shape(value):
        return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else None

    made, tame = render(one_story(**given)).data, render(one_story()).data
    assert shape(made) == shape(tame)
    assert shape(made["sections"][0]["stories"][0]) == shape(tame["sections"][0]["stories"][0])
    url = made["sections"][0]["stories"][0]["url"]
    assert url is None or url.startswith(("http://", "https://"))
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x1f\x7f-\x9f]", json.dumps(made, ensure_ascii=False)
    )
    assert not re.search(r"\\u00[01]", json.dumps(made, ensure_ascii=False))


def test_a_message_of_one_story_names_its_thread_and_one_of_two_does_not(one_story, long_digest):
    assert render(one_story()).thread == "morning/1"
    assert render(long_digest(2)).thread == ""

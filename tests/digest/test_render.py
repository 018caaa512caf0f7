"""The three forms against golden files, and the content that they share.

`MONITOR_RENEW_GOLDEN=1 pytest tests/digest/test_render.py` writes the golden files anew; look at the difference.
"""

import html
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.digest.render import render
from monitor.domain.block import Ledger, Tracker
from monitor.domain.digest import Digest, FeedFault, Section, Silence

GOLDEN = Path(__file__).parent / "golden"


def compare(name: str, content: str) -> None:
    path = GOLDEN / name
    if os.environ.get("MONITOR_RENEW_GOLDEN"):
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text("utf-8")


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def visible(page: str) -> str:
    body = page[page.index("<body") :]
    return flat(html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br>|</(td|div|h\d)>", " ", body))))


@pytest.mark.parametrize("name", ["sample", "empty", "updated"])
def test_every_form_is_as_its_golden_file(name, request):
    message = render(request.getfixturevalue(name))
    compare(f"{name}.html", message.html)
    compare(f"{name}.txt", message.text)
    compare(f"{name}.json", json.dumps(message.blocks, ensure_ascii=False, indent=1) + "\n")


def test_the_same_digest_gives_the_same_message(sample):
    assert render(sample) == render(sample)


def test_the_key_names_the_subscription_and_the_window(sample):
    assert render(sample).key == "morning/2026-11-22T07:30+01:00"


def test_the_subject_counts_the_stories_of_each_label(sample):
    assert render(sample).subject == "Returns Monitor: 7 stories (5 returns, 2 policy), 22 Nov 2026"


def test_the_subject_of_an_empty_digest_says_that_nothing_is_new(empty):
    assert render(empty).subject == "Returns Monitor: nothing new, 22 Nov 2026"


def test_the_subject_of_one_story_is_in_the_singular(one_story):
    assert render(one_story()).subject == "Returns Monitor: 1 story (1 returns), 22 Nov 2026"


def test_the_subject_names_the_hour_where_a_day_may_have_several_digests(digest, subscription):
    hourly = digest(subscription=subscription(schedule="30 * * * *", title="Hourly"))
    assert render(hourly).subject == "Hourly: nothing new, 22 Nov 2026, 07:30"


def test_the_text_holds_every_title_link_source_and_score_of_the_page(sample):
    message = render(sample)
    text = flat(message.text)
    for link in re.findall(r'href="([^"]+)"', message.html):
        assert html.unescape(link) in message.text.split()
    for title in re.findall(r"<h3.*?</h3>", message.html):
        assert flat(html.unescape(re.sub(r"<[^>]+>", "", title))) in text
    for isolated in re.findall(r'dir="auto"[^>]*>([^<]+)<', message.html):
        assert html.unescape(isolated) in text
    for mark in re.findall(r"\d\.\d+ / line \d\.\d+", visible(message.html)):
        assert mark in text


def test_the_page_and_the_blocks_hold_every_story_of_the_text(sample):
    message = render(sample)
    page, blocks = visible(message.html), json.dumps(message.blocks, ensure_ascii=False)
    for section in sample.sections:
        for story in section.stories:
            for words in (story.lead.entry.title, story.lead.source):
                assert words in page
                assert words in blocks
                assert words in flat(message.text)


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
@pytest.mark.parametrize(
    "said",
    [
        "Composed 3 h 10 min after its window closed.",
        "3 more stories were over the line and come first in the next digest.",
        "60 enabled, 58 polled, 2 failed, 2 silent",
        "baltic-ledger: http-503, since 20 Nov 2026, 04:30",
        "old-mill-gazette: dns, never polled well",
        "lantern-institute-notes: nothing new since 12 Oct 2026",
        "quiet-court: nothing new yet",
        "1,204 seen → 96 new → 11 over the line → 7 stories",
        "4 new entries without a score wait for a model",
        "2026.11.1+5c1e90ab",
        "21 Nov 2026, 07:30 to 22 Nov 2026, 07:30",
        "policy 0.55",
    ],
)
def test_every_form_states_what_was_looked_at(sample, form, said):
    content = getattr(render(sample), form)
    shown = json.dumps(content, ensure_ascii=False) if form == "blocks" else flat(content)
    assert said in (visible(shown) if form == "html" else shown)


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
@pytest.mark.parametrize(
    "said",
    ["undated, seen 22 Nov 2026, 06:30", "no link", "Arabic", "Kazakhstan", "olled over from the last digest"],
)
def test_every_form_marks_what_is_special_about_a_story(sample, form, said):
    content = getattr(render(sample), form)
    assert said in flat(json.dumps(content, ensure_ascii=False) if form == "blocks" else content)


def test_an_empty_digest_says_so_in_one_line_and_keeps_its_footer(empty):
    message = render(empty)
    assert message.text.count("Nothing new passed a line.") == 1
    assert visible(message.html).count("Nothing new passed a line.") == 2  # the preview of a mail program, and the page
    assert "1,204 seen → 96 new → 0 over the line → 0 stories" in message.text


def test_times_are_in_the_zone_of_the_subscription_which_is_named_once(one_story, subscription):
    digest = replace(one_story(published=datetime(2026, 11, 22, 2, 0, tzinfo=UTC)),
                     subscription=subscription(zone=ZoneInfo("Asia/Kathmandu")))  # fmt: skip
    message = render(digest)
    assert "22 Nov 2026, 07:45" in message.text
    for content in (message.text, message.html, json.dumps(message.blocks)):
        assert content.count("Asia/Kathmandu") == 1


def test_a_score_is_shown_with_the_decimals_of_its_line_and_never_rounded_up(one_story):
    digest = one_story(scores={"returns": 0.9999})
    assert "returns 0.99 / line 0.50" in render(digest).text
    story = digest.sections[0].stories[0]
    fine = replace(story, decisions=(replace(story.decisions[0], probability=0.5561, threshold=0.555),))
    digest = replace(digest, sections=(Section("returns", "Returns", (fine,)),))
    assert "returns 0.556 / line 0.555" in render(digest).text


def test_only_words_that_spoke_for_a_story_are_quoted_each_once(one_story):
    digest = one_story(terms=(("Roj", "camp"), ("roj", ""), ("festival", "off_topic"), ("returned", "return")))
    story = digest.sections[0].stories[0]
    terms = tuple(replace(t, weight=-1.0) if t.text == "festival" else t for t in story.terms)
    digest = replace(digest, sections=(Section("returns", "Returns", (replace(story, terms=terms),)),))
    assert "Why: “Roj” (camp), “returned” (return)\n" in render(digest).text


def test_a_long_text_is_cut_on_a_word(one_story):
    text = render(one_story(text="Aufenthaltsbestimmung " * 40)).text
    excerpt = flat(text).partition("Aufenthalts")[2].partition("…")[0]
    assert excerpt.endswith("Aufenthaltsbestimmung")
    assert len("Aufenthalts" + excerpt + "…") <= 280


def test_a_text_that_repeats_the_title_is_not_shown(one_story):
    assert render(one_story(title="Court hears returnee", text="Court hears returnee")).text.count("Court hears") == 1


def test_an_entry_without_title_is_shown_by_its_text(one_story):
    assert "A verdict is expected." in render(one_story(title="", text="A verdict is expected.")).text
    assert "(no title)" in render(one_story(title="", text="")).text


def test_sources_beyond_a_dozen_are_counted(one_story):
    message = render(one_story(others=tuple(f"Paper {n}" for n in range(1, 16))))
    for content in (flat(message.text), visible(message.html), json.dumps(message.blocks)):
        assert "+15" in content
        assert "Paper 12 and 3 more" in content


def test_a_morning_on_which_every_feed_fails_stays_readable(digest, coverage):
    since = datetime(2026, 11, 20, tzinfo=UTC)
    failed = tuple(FeedFault(f"feed-{n:03}", "dns", since) for n in range(300))
    silent = tuple(Silence(f"quiet-{n:03}", since - timedelta(days=40)) for n in range(50))
    message = render(digest(coverage=coverage(feeds=350, polled=350, failed=failed, silent=silent)))
    for content in (message.text, message.html):
        assert "feed-039" in content
        assert "and 260 more" in content
        assert "and 10 more" in content
    assert re.search(r"feed-000.* and 2\d\d more", json.dumps(message.blocks))


def test_no_line_of_the_text_is_wider_than_78_columns_but_for_links(sample, long_digest):
    for digest in (sample, long_digest(20, title="word " * 100)):
        for line in render(digest).text.splitlines():
            assert len(line) <= 78 or line.strip().startswith("https://")


def test_a_feed_with_a_gap_is_named_in_every_form(sample: Digest) -> None:
    gapped = replace(sample, coverage=replace(sample.coverage, gaps=("harbour-courier",)))
    message = render(gapped)
    for form in (message.html, message.text, str(message.blocks)):
        assert "harbour-courier: entries may have come and gone between two polls" in " ".join(form.split())


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
@pytest.mark.parametrize(
    "said",
    [
        "5 stories (1 update)",
        "pdate, told last 20 Nov 2026:",
        "new: France: citizenship, struck down, before applied",
        "now 22 children, before 16",
        "+3 sources: Lantern Institute, Nordkyst Radio, De Scheldepost",
        "told again by Le Quotidien du Port",
        "developing since 19 Nov 2026",
        "Iraq: repatriation, applied",
        "international: listing or sanctions, not proposed",
        "told otherwise: not applied: Old Mill Gazette",
        "26 children from Syria to France, by the foreign ministry, as of 21 November 2026",
        "told otherwise: 24: Nordkyst Radio",
        "A, B, C, D and 2 more",
        "at least 40,000 fighters in all, by Soufan Center",
        "From Daesh to Diaspora II",
    ],
)
def test_every_form_says_what_is_new_first_and_ends_with_the_blocks(updated, form, said):
    content = getattr(render(updated), form)
    if form == "blocks":
        shown = flat(re.sub(r"[*_]", "", json.dumps(content, ensure_ascii=False)))
    else:
        shown = visible(content) if form == "html" else flat(content).replace("UPDATE", "Update")
    assert said in shown


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
@pytest.mark.parametrize(
    "said",
    [
        "Aid group says winter stocks at Hol camp will last three weeks",
        "Lantern Institute +2",
        "returns 0.47 / line 0.50",
        "محكمة في طرابلس تؤجل جلسة مقاتل سابق",
        "Minister announces return of all remaining children",
        "De Scheldepost +1",
        "60 enabled, 59 due, 58 polled, none failed, none silent",
        "longest silence: old-mill-gazette, 6 days 2 h (since 16 Nov 2026)",
    ],
)
def test_every_form_names_alerted_stories_and_near_misses_and_the_longest_silence(updated, form, said):
    content = getattr(render(updated), form)
    assert said in (visible(content) if form == "html" else flat(json.dumps(content, ensure_ascii=False) if form == "blocks" else content))  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
def test_near_misses_close_the_stories_and_say_why_and_alerted_ones_do_not(updated, form):
    shown = str(getattr(render(updated), form))
    alerted, near = (
        re.search(words, shown, re.IGNORECASE) for words in ("Sent as alerts before", "Just below the line")
    )
    assert alerted.start() < near.start()
    assert "line 0.50" not in shown[alerted.end() : near.start()]
    assert "Hol camp" in shown[near.end() :]


def test_a_day_of_near_misses_alone_shows_them(digest, updated):
    message = render(digest(near=updated.near))
    for content in (flat(message.text), visible(message.html), json.dumps(message.blocks)):
        assert "Nothing new passed a line." in content
        assert "Aid group says winter stocks" in content


def test_the_longest_silence_is_that_of_a_silent_feed_where_nobody_looked_further(sample):
    assert "longest silence: lantern-institute-notes, 41 days (since 12 Oct 2026)" in flat(render(sample).text)


def test_near_misses_beyond_a_score_are_counted(digest, story):
    message = render(digest(near=tuple(story(n, scores={"returns": 0.4}) for n in range(1, 26))))
    for content in (message.text, message.html, json.dumps(message.blocks)):
        assert "returnee number 20" in content
        assert "returnee number 21" not in content
        assert "and 5 more" in content


def test_news_stand_before_the_headline_in_every_form(updated):
    message = render(updated)
    page = message.html[message.html.index("<h1") :]
    for content in (page, message.text, json.dumps(message.blocks)):
        news, rest = content.split("now 22 children", 1)
        assert "Council of State annuls" not in news
        assert "Council of State annuls" in rest


@pytest.mark.parametrize("form", ["html", "text", "blocks"])
def test_a_block_says_how_many_more_rows_there_are_and_how_to_see_them(digest, long_digest, long_blocks, form):
    rows = long_blocks(50, {"title": "T", "source": "S", "url": None, "others": ()})
    content = getattr(render(replace(long_digest(1), blocks=rows)), form)
    shown = flat(json.dumps(content)) if form == "blocks" else visible(content) if form == "html" else flat(content)
    assert "30 more steps: monitor facts --since 2026-11-21" in shown
    assert "30 more counts: monitor facts --figures --since 2026-11-21" in shown
    assert "44 more reference counts: monitor facts --figures --reference" in shown


def test_empty_blocks_say_so_below_stories_and_nothing_where_there_are_none(digest, long_digest):
    blocks = (Tracker(()), Ledger(()))
    assert "No new step of a state was told." in render(replace(long_digest(1), blocks=blocks)).text
    assert "TRACKER" not in render(digest(blocks=blocks)).text


def test_facts_that_the_same_entry_tells_stand_in_one_row_above_its_title(updated):
    tracker, ledger = updated.blocks
    first = tracker.rows[0]
    second = replace(first, fact=replace(first.fact, country="BE"))
    text = render(replace(updated, blocks=(replace(tracker, rows=(first, second, *tracker.rows[1:])), ledger))).text
    block = text[text.index("POLICY TRACKER (4)") : text.index("FIGURES LEDGER")]
    assert block.count(first.lead.title.split()[0]) == 1
    assert block.index("France: citizenship") < block.index("Belgium: citizenship") < block.index(first.lead.url)

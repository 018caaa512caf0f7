"""Messages of notices: every form says what, since when, against which rhythm, and what to do."""

import json
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.digest.html import LIMIT
from monitor.digest.notice_message import NAMED, render_notices
from monitor.digest.notice_words import Words
from monitor.digest.notices import Over, Turn
from monitor.digest.slack import BLOCKS, HEADER, MESSAGE, TEXT, units
from monitor.domain.digest import Message
from monitor.domain.feed import Feed, Source
from monitor.domain.notice import (
    AllFailing,
    Allowance,
    Basis,
    Failing,
    Finding,
    Gone,
    Notice,
    NoticeKind,
    Silent,
    Spike,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTILE = (
    "</td><script>alert(1)</script>",
    "<!channel> @here <@U0123>",
    "a`b",
    "\u202egnirts",
    "{{ 7 * 7 }}",
    "x\n\x1b[31m",
)
names = st.one_of(st.text(min_size=1, max_size=30), st.sampled_from(HOSTILE))

ALL = AllFailing(NOW - 2 * HOUR, ("courier", "wire", "paper"), (("dns", 2), ("timeout", 1)), NOW - 3 * HOUR)
GONE = Gone("court", NOW - 15 * DAY)
FAILING = Failing("wire", NOW - 26 * HOUR, 19, "http-503", "the server answered 503", NOW - 27 * HOUR)
SILENT = Silent("courier", NOW - 9 * DAY, NOW - HOUR, NOW - 9 * DAY, Allowance(8 * DAY, 3 * DAY, Basis.OWN))
SPIKE = Spike("bazaar", NOW, 184, 0, 12.4, 37.0)


def words(*feeds: Feed) -> Words:
    return Words(ZoneInfo("Europe/Brussels"), {feed.name: feed for feed in feeds})


def feed(name: str, title: str = "", source: str = "") -> Feed:
    return Feed(name, "https://a.example/feed", Source(source or name, title or name))


def render(
    findings: Sequence[Finding], *, closed: Sequence[Over] = (), feeds: Sequence[Feed] = (), times: int = 1
) -> Message:
    opened = tuple(Notice(f.KIND, f.subject, "", NOW, None, times) for f in findings)
    by_key = {(f.KIND, f.subject): f for f in findings}
    return render_notices(Turn(opened, tuple(closed)), by_key, key="k", words=words(*feeds), now=NOW)


def over(kind: NoticeKind, subject: str = "courier") -> Over:
    return Over(Notice(kind, subject, "", NOW - 2 * DAY, NOW), NOW - HOUR)


class Page(HTMLParser):
    """Checks that tags are balanced; keeps them, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.headings: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.add(tag)
        if tag == "h2":
            self.headings.append("")
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "h2" in self.open:
            self.headings[-1] += data


def forms(message: Message) -> list[str]:
    """What each form says, with single spaces."""
    slack = json.dumps(message.blocks, ensure_ascii=False).replace("\\n", " ")
    return [" ".join(text.split()) for text in (Page(message.html).text, message.text, slack)]


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (ALL, ("since 2 Mar 2026, 08:30; 3 feeds asked", "last good poll was at 2 Mar 2026, 07:30", "dns 2, timeout 1",
               "network", "monitor sources check courier")),
        (GONE, ("410 (gone) since 15 Feb 2026, 10:30", "no longer asked", "feeds.toml",
                "monitor sources disable court")),
        (FAILING, ("since 1 Mar 2026, 08:30, all 19 polls", "http-503: the server answered 503.",
                   "last good poll was at 1 Mar 2026, 07:30", "browser", "monitor sources check wire")),
        (SILENT, ("nothing new since 21 Feb 2026, 10:30: for 8 days 23 h", "seldom pauses for longer than 3 days",
                  "after 8 days", "its site", "monitor sources check courier")),
        (SPIKE, ("184 new entries in the 24 h to 2 Mar 2026, 10:30", "usual is 12.4 a day; more than 37",
                 "monitor items list --since 1d")),
    ],
    ids=lambda value: getattr(value, "KIND", None) and value.KIND.value,
)  # fmt: skip
def test_every_form_says_what_since_when_against_what_and_what_to_do(finding: Finding, said: Sequence[str]) -> None:
    for form in forms(render([finding])):
        for part in said:
            assert part in form


@pytest.mark.parametrize(
    ("basis", "rhythm"),
    [(Basis.CONFIG, "feeds.toml expects something every 3 days"), (Basis.TIER, "Little is known of its rhythm")],
)
def test_a_silence_that_is_not_judged_by_the_feeds_own_rhythm_says_how_to_set_it(basis: Basis, rhythm: str) -> None:
    since = NOW - 20 * DAY
    for form in forms(render([Silent("courier", since, NOW, None, Allowance(12 * DAY, 3 * DAY, basis))])):
        assert "nothing since it was added on 10 Feb 2026: for 20 days" in form
        assert rhythm in form
        assert "write it into feeds.toml" in form


def test_a_rotation_says_that_nothing_was_announced() -> None:
    for form in forms(render([Spike("bazaar", NOW, 60, 58)])):
        assert "58 entries came again under other ids" in form
        assert "not announced" in form


@pytest.mark.parametrize(
    ("findings", "closed", "subject"),
    [
        ([SILENT], [], "courier has fallen silent"),
        ([ALL], [], "every poll fails"),
        ([], [over(NoticeKind.FAILING)], "courier answers again"),
        ([], [over(NoticeKind.ALL_FAILING, "")], "polls go well again"),
        ([FAILING, GONE], [], "1 gone, 1 failing"),
        ([ALL, SILENT], [over(NoticeKind.SPIKE)], "every poll fails, 1 silent, 1 back to normal"),
    ],
)
def test_the_subject_names_one_thing_and_counts_several(
    findings: Sequence[Finding], closed: Sequence[Over], subject: str
) -> None:
    assert render(findings, closed=closed).subject == f"Returns Monitor: {subject}"


def test_what_opened_comes_before_what_is_over_and_the_worst_comes_first() -> None:
    made = render([SPIKE, SILENT, FAILING, GONE, ALL], closed=[over(kind) for kind in NoticeKind])
    headings = ("Every poll fails", "Gone", "Failing", "Silent", "Far more than usual", "Back to normal")
    page = Page(made.html).headings
    text = [line for line, rule in pairwise(made.text.splitlines()) if rule.startswith("---")]
    slack = [block["text"]["text"] for post in made.blocks for block in post if block["type"] == "section"]
    counted = [heading if n == 0 else f"{heading} {5 if n == 5 else 1}" for n, heading in enumerate(headings)]
    assert page == counted
    assert [line.replace("(", "").replace(")", "") for line in text] == [heading.upper() for heading in counted]
    assert [said.replace("*", "").replace(" ·", "") for said in slack if "\n" not in said] == counted
    for form in forms(made):
        for said in ("Polls go well again", "It answers again", "brought something new", "no more than usual"):
            assert said in form


def test_a_notice_that_flapped_says_how_often() -> None:
    for times, said in ((2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st")):
        assert all(f"This is the {said} time" in form for form in forms(render([FAILING], times=times)))
    assert "time, each" not in render([FAILING]).text


def test_a_source_is_named_where_the_feed_does_not_name_it() -> None:
    told = render([FAILING, SILENT], feeds=[feed("wire", "Northern Wire"), feed("courier")]).text
    assert "wire · Northern Wire" in told
    assert "courier\n" in told


def test_commands_take_what_the_verbs_take() -> None:
    alone, two = [feed("wire", source="wire")], [feed("wire", source="wire"), feed("wire-2", source="wire")]
    assert "monitor sources check wire\n" in render([FAILING], feeds=alone).text
    assert "monitor sources check wire/wire\n" in render([FAILING], feeds=two).text


@given(names)
def test_commands_are_safe_to_copy(name: str) -> None:
    line = words(feed(name)).opened(Notice(NoticeKind.FAILING, name, "", NOW), Failing(name, NOW, 2, "dns", "", None))
    for command in line.commands:
        assert shlex.split(command)[:2] == ["monitor", "sources"]
        assert shlex.split(command)[3:] == [name]


@settings(max_examples=40, deadline=None)
@given(st.lists(names, max_size=6), names, names, st.integers(0, 120))
@example(list(HOSTILE), HOSTILE[0], HOSTILE[0], 120)
@example(list(HOSTILE), HOSTILE[1], '"' * 30, 120)
def test_any_notices_fit_every_form_and_call_nobody(said: list[str], title: str, detail: str, number: int) -> None:
    subjects = [*said, *(f"feed-{n}" for n in range(number))]
    findings = [Failing(name, NOW - 2 * DAY, 3, "dns", detail * 40, None) for name in dict.fromkeys(subjects)]
    made = render(
        findings, closed=[over(NoticeKind.SILENT, name) for name in said], feeds=[feed(s, title) for s in said]
    )
    assert Page(made.html).tags <= Page(render([SPIKE], feeds=[feed("bazaar", "x")]).html).tags
    assert len(made.html.encode()) <= LIMIT
    assert all(finding.subject in made.text for finding in findings if finding.subject.startswith("feed-"))
    for post in made.blocks:
        texts = [text for block in post for text in (*block.get("elements", ()), *filter(None, [block.get("text")]))]
        assert 0 < len(post) <= BLOCKS
        assert post[0]["type"] == "header"
        assert units(texts[0]["text"]) <= HEADER
        assert all(0 < units(text["text"]) <= TEXT for text in texts)
        assert sum(units(text["text"]) for text in texts) <= MESSAGE
        assert not any("<" in text["text"] for text in texts)


def test_more_than_fit_are_counted_and_all_stand_in_the_text() -> None:
    findings = [Failing(f"feed-{n}", NOW - 2 * DAY, 3, "dns", "no such name " * 40, None) for n in range(300)]
    made = render(findings)
    html, text, slack = forms(made)
    for form in (html, slack):
        assert f"{300 - NAMED} more notices have no room here" in form
        assert form.count("It has failed since") >= NAMED
    assert text.count("It has failed since") == 300
    assert len(made.html.encode()) <= LIMIT


def test_what_a_notice_keeps_is_one_short_line() -> None:
    kept = words().detail(Failing("wire", NOW - 2 * DAY, 3, "dns", "no such\nname\x00 " * 99, None))
    assert kept.startswith("It has failed since 28 Feb 2026, 10:30, all 3 polls; the last with dns: no such name")
    assert kept.endswith("No poll has ever gone well.")
    assert len(kept) < 400
    assert kept.isprintable()

"""Short forms: composed to what a service takes, by whole stories with their number, and safe as that service reads."""

import dataclasses
import html
import json
import re
from typing import Any

import pytest
from apprise.plugins.telegram import NotifyTelegram
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.brief import brief
from monitor.deliver.channel import send
from monitor.deliver.limits import Layout, Limit, limit_of, octets, plain_sms, septets, sms, units
from monitor.domain.digest import Message
from monitor.errors import DeliveryError

texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["Eleven flown home " * 9, "عودة 168 أسرة", "</a><b>&", "😀" * 50, "@everyone",
                     "Ça «va» – l’été…", "^{}[]€"]),
)  # fmt: skip
LIMITS = [
    limit_of({"tgram"}, 4096),
    limit_of({"ntfy"}, 7800),
    limit_of({"discord"}, 2000),
    sms(),
    sms(3),
    Limit(300, units),
]


def story(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number, "title": f"Court hears returnee number {number}", "url": f"https://harbour-courier.example/{number}",
        "source": "The Harbour Courier", "sources": ["The Harbour Courier", "Elbwarte"], "update": None, "mend": None,
        "excerpt": "A hearing was held.", "measures": [], "figures": [], "why": [{"text": "returnee", "concept": ""}],
        "decisions": [{"label": "returns", "score": 0.9, "line": 0.5, "by_hand": False}],
    } | fields  # fmt: skip


def digest(*stories: dict[str, Any], subject: str = "Morning: stories", **fields: Any) -> Message:
    data = {
        "subscription": "morning", "title": "Morning", "summary": f"{len(stories)} stories", "subject": subject,
        "made_at": "2026-11-22T06:30:20Z", "counts": {"near": 2}, "alerted": [], "near": [],
        "sections": [{"label": "returns", "title": "Returns", "stories": list(stories)}] if stories else [],
        "coverage": {
            "feeds": {"enabled": 60, "due": 59, "polled": 58}, "failed": [{"feed": "x"}], "silent": [],
            "entries": {"seen": 9, "new": 4, "over_line": 2},
        },
        "command": "monitor digest preview morning --window 2026-11-22T07:30+01:00",
    }  # fmt: skip
    text = "".join(f"{told['title']}\n  {told['url']}\n\n" for told in stories)
    made = Message("morning/2026-11-22T07:30+01:00", subject, "<p>page</p>", text, (), "# Morning\n", data)
    return dataclasses.replace(made, **fields)


MANY = digest(*(story(number) for number in range(1, 201)))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.size}-{limit.layout.value}")
def test_a_short_form_holds_whole_stories_and_says_how_many_more_there_are(limit):
    text = brief(MANY, limit)
    assert limit.fits(text)
    told = [int(number) for number in re.findall(r"returnee number (\d+)", text)]
    assert told == list(range(1, len(told) + 1))
    left = re.search(
        r"\+(\d+) more" if limit.layout is Layout.SMS else r"and (\d+) more \(\d+ returns\): monitor digest preview",
        text,
    )
    assert left
    assert len(told) + int(left[1]) == 200
    more = brief(MANY, dataclasses.replace(limit, size=limit.size * 2))
    assert len(re.findall("returnee number", more)) > len(told)


told = st.fixed_dictionaries(
    {"title": texts, "source": texts, "sources": st.lists(texts, min_size=1, max_size=3)}
)  # fmt: skip


@given(fields=st.lists(told, max_size=8), subject=texts, limit=st.sampled_from(LIMITS))
def test_whatever_the_texts_a_short_form_fits(fields, subject, limit):
    message = digest(*(story(n, **given) for n, given in enumerate(fields)), subject=f"Morning {subject}")
    assert limit.fits(brief(message, limit))


@given(title=texts, source=texts)
def test_no_text_becomes_markup_that_telegram_reads(title, source):
    text = brief(digest(story(1, title=title, source=source), subject=title or "x"), LIMITS[0])
    assert set(re.findall(r"<(/?\w+)", text)) <= {"b", "/b", "a", "/a"}
    assert re.findall(r'href="([^"]*)"', text) == ["https://harbour-courier.example/1"]
    assert not re.search(r"@\w", html.unescape(re.sub("<[^>]+>", "", text)))


def test_an_sms_is_counted_by_the_alphabet_it_needs():
    assert septets("a" * 160) == 160
    assert septets("€" * 80) == 160
    assert septets("ع" * 70) == 160
    assert septets("ع" * 71) > 160
    assert septets("ع" * 200) <= 459 < septets("ع" * 202)
    assert plain_sms("“Roj”\n–  it’s…") == '"Roj" - it\'s...'


def test_an_sms_of_a_story_that_does_not_fit_shortens_its_headline_by_words():
    text = brief(digest(story(1, title="Eleven women and children " * 9), story(2)), sms())
    assert septets(text) <= 160
    assert re.search(r"1\) Eleven women and [a-zA-Z ]+\.\.\. \(The Harbour Courier \+1\) \+1 more$", text)


def test_a_quiet_day_is_told_in_one_short_message():
    text = brief(digest(subject="Morning: nothing new"), LIMITS[1])
    assert text.splitlines()[0] == "Morning: nothing new"
    assert "58 of 60 feeds polled, 1 failed · 4 new entries · 2 just below the line" in text


def test_what_is_no_digest_has_no_short_form(message):
    with pytest.raises(ValueError, match="only digests"):
        brief(message, sms())


def test_a_webhook_with_room_gets_all_of_the_text(hook, one):
    message = digest(story(1), story(2))
    send(one(f"json://127.0.0.1:{hook.port}/x"), message)
    assert hook.posts[0][2]["message"] == message.text.rstrip()


def test_a_text_beyond_the_limit_of_a_service_becomes_its_short_form(hook, one):
    long = digest(*(story(n) for n in range(1, 1500)))
    send(one(f"json://127.0.0.1:{hook.port}/x"), long)
    sent = hook.posts[0][2]["message"]
    assert 32_000 < units(sent) <= 32_768
    shown = len(re.findall("returnee number", sent))
    assert f"and {1499 - shown:,} more ({1499 - shown:,} returns): monitor digest preview morning --window" in sent


@pytest.fixture
def telegram(hook, monkeypatch):
    hook.answers = [(200, json.dumps({"ok": True, "result": {}}), {})]
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"{hook.url}/bot")
    return "tgram://123456789:abcdefghijklmnopqrstuvwxyzabcdefghi/12345/"


def test_telegram_gets_one_message_within_its_limit_with_linked_headlines(hook, one, telegram):
    hostile = story(1, title="Minister: <b>no</b> return & @everyone", source='A "paper"')
    send(one(telegram), digest(hostile, *(story(n) for n in range(2, 200))))
    ((_, _, body),) = hook.posts
    assert body["parse_mode"] == "HTML"
    text = body["text"]
    assert units(text) <= 4096
    assert "&lt;b&gt;no&lt;/b&gt; return &amp; @\u2060everyone" in text
    assert '<a href="https://harbour-courier.example/2">Court hears returnee number 2</a>' in text
    assert re.search(r"and \d+ more \(\d+ returns\): monitor digest preview", text)


def test_ntfy_gets_what_stays_a_message_and_does_not_become_a_file(hook, one):
    send(
        one(f"ntfy://127.0.0.1:{hook.port}/topic"),
        digest(*(story(n, title="Возвращение детей " * 4) for n in range(99))),
    )
    ((path, _, body),) = hook.posts
    assert (path, body["title"]) == ("/", "Morning: stories")
    assert 2_000 < octets(body["message"]) <= 4096
    assert "Morning: stories" not in body["message"]
    assert re.search(r"and \d+ more \(\d+ returns\): monitor", body["message"])


@pytest.mark.parametrize("parts", ["0", "4", "x", ""])
def test_parts_of_an_sms_are_one_to_three(hook, one, parts):
    with pytest.raises(DeliveryError, match="parts= must be 1 to 3") as caught:
        send(one(f"json://127.0.0.1:{hook.port}/x?parts={parts}"), digest(story(1)))
    assert caught.value.permanent
    assert hook.posts == []


def in_language(code: str, *stories: dict[str, Any]) -> Message:
    made = digest(*stories)
    return dataclasses.replace(made, data={**made.data, "language": code})


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fr", ["Mise à jour\u00a0: Court hears", "58\u00a0flux interrogés sur 60",
                "et 3\u00a0autres (retours\u00a03)\u00a0: monitor digest"]),
        ("ru", ["Обновление: Court hears", "опрошено лент: 58 из 60", "4 новых сообщения",
                "и ещё 3 (возвращение\u00a0– 3): monitor digest"]),
        ("ar", ["تحديث: \u2068Court hears", "\u2068The Harbour Courier\u2069 \u2068+1\u2069",
                "و3 غيرها (العودة 3): \u2068monitor digest"]),
    ],
)  # fmt: skip
def test_a_short_form_is_told_in_the_language_of_its_digest(code, said):
    message = in_language(code, story(1, update={"facts": []}), *(story(number) for number in range(2, 6)))
    for size in (330, 380, 430, 480, 530):
        text = brief(message, Limit(size))
        if len(re.findall("returnee number", text)) == 2:
            break
    for words in said:
        assert words in text


def test_what_a_short_form_leaves_out_is_counted_by_label():
    made = digest(*(story(number) for number in range(1, 30)))
    sections = [*made.data["sections"], {"label": "own-label", "title": "Own", "stories": [story(30), story(31)]}]
    text = brief(dataclasses.replace(made, data={**made.data, "sections": sections}), Limit(1000))
    told = len(re.findall("returnee number", text))
    assert f"and {31 - told} more ({29 - told} returns, 2 own-label): monitor digest preview" in text


CARRIED = "not delivered before, of the digest of 22 Nov 2026, 06:00"


@pytest.mark.parametrize("layout", [Layout.TEXT, Layout.HTML, Layout.SMS])
def test_a_story_says_that_it_was_not_delivered_before_where_that_costs_no_other_its_place(layout):
    made = digest(*(story(number, carried=CARRIED if number % 2 else "") for number in range(1, 11)))
    plain = digest(*(story(number) for number in range(1, 11)))
    whole = brief(made, Limit(9_000, layout=layout))
    assert whole.count(CARRIED) == 5
    for size in range(len(brief(plain, Limit(9_000, layout=layout))), len(whole)):
        text = brief(made, Limit(size, layout=layout))
        assert len(re.findall("returnee number", text)) == 10
        assert CARRIED not in text
    assert brief(made, Limit(len(whole), layout=layout)) == whole


@pytest.mark.parametrize("code", ["ar", "de", "es", "fr", "nl", "ru"])
@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.size}-{limit.layout.value}")
@given(title=texts, count=st.integers(0, 30))
def test_a_short_form_in_any_language_fits_and_leaves_nothing_open(code, limit, title, count):
    message = in_language(code, *(story(number, title=title) for number in range(count)))
    text = brief(message, limit)
    assert limit.fits(text)
    assert text.count("\u2068") - text.count("\u2069") <= text.count(title) * title.count("\u2068")


def test_a_digest_that_was_frozen_before_there_were_languages_is_in_english():
    assert "All of it: monitor digest preview" in brief(digest(story(1), story(2)), Limit(900))

import dataclasses

import pytest

from monitor.deliver.channel import send
from monitor.deliver.slack import payloads
from monitor.deliver.text import escape_slack
from monitor.domain.delivery import Accepted
from monitor.errors import DeliveryError, Fault


def slack_url(hook, target=""):
    return f"slack://T1AAAAAAA/B2BBBBBBB/cccccccccccc{target}?endpoint={hook.url}"


def blocks(*texts):
    return tuple(({"type": "section", "text": {"type": "mrkdwn", "text": text}},) for text in texts)


def test_blocks_are_posted_to_the_webhook_with_the_subject_as_fallback(hook, message, one):
    assert send(one(slack_url(hook)), message) == Accepted("ok", "200")

    ((path, headers, body),) = hook.posts
    assert path == "/services/T1AAAAAAA/B2BBBBBBB/cccccccccccc"
    assert headers["Content-Type"] == "application/json"
    assert body["blocks"] == [dict(block) for block in message.blocks[0]]
    assert body["text"] == message.subject
    assert "channel" not in body


def test_each_message_of_blocks_is_one_post(hook, message, one):
    send(one(slack_url(hook, "/%23alerts")), dataclasses.replace(message, blocks=blocks("one", "two", "three")))

    assert [body["blocks"][0]["text"]["text"] for _, _, body in hook.posts] == ["one", "two", "three"]
    assert [body["text"] for _, _, body in hook.posts] == [f"{message.subject} ({n}/3)" for n in (1, 2, 3)]
    assert {body["channel"] for _, _, body in hook.posts} == {"#alerts"}


@pytest.mark.parametrize(
    ("answer", "permanent", "ambiguous", "fault", "retry_after", "words"),
    [
        ((429, "ratelimited", {"Retry-After": "30"}), False, False, Fault.OTHER, 30.0, "429: ratelimited"),
        ((400, "invalid_blocks", {}), True, False, Fault.OTHER, None, "400: invalid_blocks"),
        ((400, "user_not_found", {}), True, False, Fault.RECIPIENT, None, "400: user_not_found"),
        ((404, "channel_not_found", {}), True, False, Fault.RECIPIENT, None, "404: channel_not_found"),
        ((404, "no_service", {}), True, False, Fault.RECIPIENT, None, "404: no_service"),
        ((410, "channel_is_archived", {}), True, False, Fault.RECIPIENT, None, "410: channel_is_archived"),
        ((403, "action_prohibited", {}), True, False, Fault.RECIPIENT, None, "403: action_prohibited"),
        ((500, "rollup_error", {}), False, False, Fault.OTHER, None, "500: rollup_error"),
        ((503, "", {"Retry-After": "7"}), False, False, Fault.OTHER, 7.0, "503"),
        ((302, "", {"Location": "http://127.0.0.1:9/"}), True, False, Fault.OTHER, None, "302"),
        ((200, "<html>log in</html>", {}), False, True, Fault.OTHER, None, "without Slack's ok"),
    ],
)
def test_an_answer_means_what_slack_says(hook, message, one, answer, permanent, ambiguous, fault, retry_after, words):
    hook.answers = [answer]

    with pytest.raises(DeliveryError, match=words) as caught:
        send(one(slack_url(hook)), message)

    error = caught.value
    assert (error.permanent, error.ambiguous, error.fault) == (permanent, ambiguous, fault)
    assert (error.retry_after, error.code) == (retry_after, str(answer[0]))
    assert len(hook.posts) == 1


def test_a_failure_of_a_later_post_says_that_the_earlier_ones_arrived_and_a_retry_leaves_them_out(hook, message, one):
    hook.answers = [(200, "ok", {}), (429, "ratelimited", {"Retry-After": "3"})]

    long, taken = dataclasses.replace(message, blocks=blocks("one", "two")), list[int]()
    with pytest.raises(DeliveryError, match=r"post 2 of 2: .*429.*the first post has arrived") as caught:
        send(one(slack_url(hook)), long, took=taken.append)

    assert (caught.value.permanent, caught.value.ambiguous, caught.value.retry_after) == (False, False, 3.0)
    assert taken == [1]
    hook.answers = [(200, "ok", {})]
    send(one(slack_url(hook)), long, arrived=lambda: 1, took=taken.append)
    assert ["two" in str(body) for _, _, body in hook.posts] == [False, True, True]
    assert taken == [1, 2]
    assert send(one(slack_url(hook)), long, arrived=lambda: 2).code == "200", (
        "all of it has arrived, by an attempt that was late"
    )
    assert len(hook.posts) == 3


def test_an_answer_that_does_not_come_in_time_may_mean_delivered(hook, message, one):
    hook.answers = [None]

    with pytest.raises(DeliveryError, match="may have arrived") as caught:
        send(one(slack_url(hook) + "&rto=0.2"), message)

    assert (caught.value.permanent, caught.value.ambiguous) == (False, True)


def test_a_connection_that_is_refused_is_temporary_and_sure(dead_port, message, one):
    recipient = one(f"slack://T1AAAAAAA/B2BBBBBBB/cccccccccccc?endpoint=http://127.0.0.1:{dead_port}")

    with pytest.raises(DeliveryError, match="Connection refused") as caught:
        send(recipient, message)

    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)
    assert "cccc" not in caught.value.detail


def test_a_hostile_subject_calls_nobody(message):
    (post,) = payloads(dataclasses.replace(message, subject="<!channel> & <@U1>\nx"))

    assert post["text"] == "&lt;!channel&gt; &amp; &lt;@U1&gt; x"


def test_a_message_without_blocks_is_posted_as_escaped_text(message):
    (post,) = payloads(dataclasses.replace(message, blocks=(), text="<!here>\n" + "line\n" * 20_000))

    text = str(post["text"])
    assert "blocks" not in post
    assert "&lt;!here&gt;" in text
    assert len(text) <= 40_000
    assert text.endswith("more lines")


def test_escaping_covers_what_slack_reads():
    assert escape_slack("<a|b> & c") == "&lt;a|b&gt; &amp; c"

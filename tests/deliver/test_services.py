"""Telegram and ntfy, by Apprise's own plugins, against servers that answer as the real ones do."""

import dataclasses
import html
import json
import re

import pytest
from apprise.plugins.ntfy import NotifyNtfy
from apprise.plugins.telegram import NotifyTelegram

from monitor.deliver.channel import send
from monitor.errors import DeliveryError, Fault

BOT = "123456789:abcdefghijklmnopqrstuvwxyz012345678"


def failed(code: int, description: str, **parameters: int) -> tuple[int, str, dict[str, str]]:
    """An error as Telegram answers it."""
    body = {"ok": False, "error_code": code, "description": description}
    return (code, json.dumps({**body, **({"parameters": parameters} if parameters else {})}), {})


@pytest.fixture
def telegram(hook, monkeypatch, one):
    """A chat, whose server stands on loopback."""
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"{hook.url}/bot")
    return one(f"tgram://{BOT}/4711")


@pytest.fixture
def ntfy(hook, one):
    return one(f"ntfy://127.0.0.1:{hook.port}/returns-desk")


def test_telegram_takes_a_message(hook, telegram, message):
    hook.answers = [(200, '{"ok":true,"result":{"message_id":1}}', {})]
    accepted = send(telegram, message)
    ((path, _, body),) = hook.posts
    assert path == f"/bot{BOT}/sendMessage"
    assert str(body["chat_id"]) == "4711"
    assert "https://example.org/a" in body["text"]
    assert accepted.code == "200"
    assert BOT not in accepted.said


@pytest.mark.parametrize(
    ("answer", "permanent", "fault", "retry_after"),
    [
        (failed(400, "Bad Request: chat not found"), True, Fault.RECIPIENT, None),
        (failed(403, "Forbidden: bot was blocked by the user"), True, Fault.RECIPIENT, None),
        (failed(403, "Forbidden: bot was kicked from the group chat"), True, Fault.RECIPIENT, None),
        (failed(400, "Bad Request: can't parse entities"), True, Fault.OTHER, None),
        (failed(401, "Unauthorized"), False, Fault.OURS, None),
        (failed(404, "Not Found"), False, Fault.OURS, None),
        (failed(429, "Too Many Requests: retry after 35", retry_after=35), False, Fault.OTHER, 35.0),
        ((502, "<html>Bad Gateway</html>", {}), False, Fault.OTHER, None),
    ],
)
def test_telegram_s_errors_mean_what_telegram_says(hook, telegram, message, answer, permanent, fault, retry_after):
    hook.answers = [answer]
    with pytest.raises(DeliveryError, match=str(answer[0])) as caught:
        send(telegram, message)
    error = caught.value
    assert (error.permanent, error.ambiguous, error.fault) == (permanent, False, fault)
    assert (error.retry_after, error.code) == (retry_after, str(answer[0]))
    assert BOT not in error.detail
    if answer[1].startswith("{"):
        assert json.loads(answer[1])["description"] in error.detail
    else:
        assert "<" not in error.detail


def test_a_digest_that_is_too_long_for_telegram_is_cut_by_lines_and_says_so(hook, telegram, message):
    hook.answers = [(200, '{"ok":true,"result":{}}', {})]
    send(telegram, dataclasses.replace(message, text="a line of text\n" * 1_000))
    sent = "".join(body["text"] for _, _, body in hook.posts)
    assert len(hook.posts) == 1
    counted = html.unescape(re.sub(r"</?b>", "", sent))  # "4096 characters after entities parsing"
    assert 3_500 < len(counted) <= NotifyTelegram.body_maxlen
    assert "more lines" in sent


def test_ntfy_takes_a_message(hook, ntfy, message):
    hook.answers = [(200, '{"id":"x","event":"message"}', {})]
    accepted = send(ntfy, message)
    ((_, _, body),) = hook.posts
    assert (body["topic"], body["title"]) == ("returns-desk", message.subject)
    assert "https://example.org/a" in body["message"]
    assert len(body["message"]) <= NotifyNtfy.body_maxlen
    assert accepted.code == "200"


@pytest.mark.parametrize(
    ("status", "body", "permanent", "fault"),
    [
        (401, {"code": 40101, "http": 401, "error": "unauthorized"}, False, Fault.OURS),
        (403, {"code": 40301, "http": 403, "error": "forbidden"}, False, Fault.OURS),
        (413, {"code": 41301, "http": 413, "error": "attachment too large"}, True, Fault.OTHER),
        (429, {"code": 42901, "http": 429, "error": "limit reached: too many requests"}, False, Fault.OTHER),
        (507, {"code": 50701, "http": 507, "error": "cannot publish to UnifiedPush topic"}, False, Fault.OTHER),
    ],
)
def test_ntfy_s_errors_are_told_in_its_words(hook, ntfy, message, status, body, permanent, fault):
    hook.answers = [(status, json.dumps(body), {})]
    with pytest.raises(DeliveryError) as caught:
        send(ntfy, message)
    assert (caught.value.permanent, caught.value.fault, caught.value.code) == (permanent, fault, str(status))
    assert str(body["error"]) in caught.value.detail


def test_a_name_that_no_server_has_is_said_plainly(message, one, monkeypatch):
    with pytest.raises(DeliveryError, match="name is not known") as caught:
        send(one("json://nobody.invalid/hook"), message)
    assert (caught.value.code, caught.value.permanent, caught.value.ambiguous) == ("dns", False, False)


def test_a_server_that_speaks_no_tls_is_said_plainly(hook, message, one):
    with pytest.raises(DeliveryError, match=r"no secure connection to the server \(TLS: ") as caught:
        send(one(f"jsons://127.0.0.1:{hook.port}/hook"), message)
    assert (caught.value.code, caught.value.permanent, caught.value.ambiguous) == ("tls", False, False)

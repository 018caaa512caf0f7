import dataclasses
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from apprise import Apprise

from monitor.deliver.channel import send
from monitor.deliver.services import open_service
from monitor.domain.delivery import Accepted
from monitor.errors import DeliveryError


def json_url(hook, extra=""):
    return f"json://127.0.0.1:{hook.port}/hooks/s3cr3t-token{extra}"


def test_a_webhook_gets_the_subject_and_the_text_unchanged(hook, message, one):
    hostile = dataclasses.replace(message, subject="a\n</a><script>", text="</a><script> <!channel> *b* :smile: \\n")

    receipt = send(one(json_url(hook)), hostile)

    ((path, _, body),) = hook.posts
    assert path == "/hooks/s3cr3t-token"
    assert (body["title"], body["message"]) == ("a </a><script>", hostile.text.rstrip())
    assert receipt == Accepted("JSON accepted it (200 ok)", "200")


def test_a_webhook_of_the_user_s_own_gets_a_key_by_which_it_can_drop_a_repeat(hook, message, one):
    ana, bo = one(json_url(hook)), one(json_url(hook, "/bo"))
    hook.answers = [(503, "", {}), (200, "ok", {})]
    with pytest.raises(DeliveryError):
        send(ana, message)
    send(ana, message)
    send(bo, message)
    send(ana, dataclasses.replace(message, key="evening"))
    send(one(json_url(hook, "?+Idempotency-Key=mine")), message)

    first, again, other, evening, own = (headers["Idempotency-Key"] for _, headers, _ in hook.posts)
    assert first == again == f"digest.{first.split('.')[1]}.{ana.id}"
    assert len({first, other, evening}) == 3
    assert own == "mine"


def test_format_html_gets_the_html(hook, message, one):
    send(one(json_url(hook, "?format=html")), message)

    assert hook.posts[0][2]["message"] == message.html


def test_html_that_is_too_long_becomes_text_that_is_cut_by_lines(hook, message, one):
    long = dataclasses.replace(message, html="<p>" + "x" * 40_000 + "</p>", text="a line of text\n" * 4_000)

    send(one(json_url(hook, "?format=html")), long)

    text = hook.posts[0][2]["message"]
    assert 32_000 < len(text) <= 32_768
    assert text.endswith("more lines")
    assert "<" not in text


@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after"),
    [
        ((429, "", {"Retry-After": "12"}), False, 12.0),
        (
            (503, "", {"Date": "Sun, 22 Nov 2026 10:00:00 GMT", "Retry-After": "Sun, 22 Nov 2026 10:02:00 GMT"}),
            False,
            120.0,
        ),
        ((400, "", {}), True, None),
        ((408, "", {}), False, None),
        ((500, "", {}), False, None),
        ((301, "", {"Location": "/elsewhere"}), True, None),
    ],
)
def test_an_answer_is_read_from_the_wire(hook, message, one, answer, permanent, retry_after):
    hook.answers = [answer]

    with pytest.raises(DeliveryError, match=str(answer[0])) as caught:
        send(one(json_url(hook, "?retry=3&wait=0&optional=yes&redirect=yes")), message)

    error = caught.value
    assert (error.permanent, error.ambiguous, error.retry_after) == (permanent, False, retry_after)
    assert len(hook.posts) == 1


def test_a_slow_answer_is_ambiguous(hook, message, one):
    hook.answers = [None]

    with pytest.raises(DeliveryError, match="may have arrived") as caught:
        send(one(json_url(hook, "?rto=0.2")), message)

    assert (caught.value.permanent, caught.value.ambiguous) == (False, True)


def test_an_attempt_that_runs_out_of_time_is_ambiguous(hook, message, one):
    hook.answers = [None]

    with pytest.raises(DeliveryError, match=r"not finished within 0\.1 s") as caught:
        send(one(json_url(hook)), message, timeout=0.1)
    hook.released.set()

    assert (caught.value.permanent, caught.value.ambiguous) == (False, True)


def test_a_refused_connection_is_sure(dead_port, message, one):
    with pytest.raises(DeliveryError, match="Connection refused") as caught:
        send(one(f"json://127.0.0.1:{dead_port}/s3cr3t-token"), message)

    assert (caught.value.permanent, caught.value.ambiguous, caught.value.code) == (False, False, "connect")


def test_no_secret_reaches_a_log_or_an_error_even_when_logging_is_set_to_debug(hook, message, one, caplog):
    hook.answers = [(403, "no: s3cr3t-token", {})]
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)

    with pytest.raises(DeliveryError) as caught:
        send(one(json_url(hook)), message)

    assert "s3cr3t" not in caplog.text
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unusable_url_is_a_permanent_error_without_its_secret(message, one, hook):
    recipient = dataclasses.replace(one(json_url(hook)), url="jsno://host/s3cr3t-token")

    with pytest.raises(DeliveryError, match="did you mean") as caught:
        send(recipient, message)

    assert caught.value.permanent
    assert "s3cr3t" not in caught.value.detail


def test_a_fault_of_our_own_plugin_is_raised_and_not_hidden_by_apprise(message, one, hook):
    broken = dataclasses.replace(message, blocks=(({"type": object()},),))

    with pytest.raises(TypeError, match="not JSON serializable"):
        send(one(f"slack://T1AAAAAAA/B2BBBBBBB/cccccccccccc?endpoint={hook.url}"), broken)


def test_sends_at_the_same_time_keep_their_answers_apart(hook, message, one):
    hook.answers = [(200, "ok", {}), (400, "", {}), (200, "ok", {}), (400, "", {}), (200, "ok", {}), (400, "", {})] * 2
    recipient = one(json_url(hook))

    def attempt(_: int) -> int:
        try:
            send(recipient, message)
        except DeliveryError:
            return 400
        return 200

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(11)))

    assert (results.count(200), results.count(400)) == (6, 5)


def test_our_plugins_stand_behind_their_schemes():
    names = {type(open_service(url)).__name__ for url in ("mailto://h.example?from=a@b.org&to=c@d.org", "folder:///x")}

    assert names == {"MailPlugin", "FilesPlugin"}
    assert type(Apprise.instantiate("slack://T1AAAAAAA/B2BBBBBBB/cccccccc")).__name__ == "SlackPlugin"

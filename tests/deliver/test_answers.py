"""What answers mean: tables, and that nothing falls through them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.answers import Step, Word, http_error, smtp_error
from monitor.errors import Fault

RECIPIENT, OURS, OTHER = Fault.RECIPIENT, Fault.OURS, Fault.OTHER


@pytest.mark.parametrize(
    ("step", "code", "text", "permanent", "fault"),
    [
        (Step.RECIPIENT, 550, "5.1.1 no such user here", True, RECIPIENT),
        (Step.RECIPIENT, 550, "no such user here", True, RECIPIENT),
        (Step.RECIPIENT, 550, "5.2.1 this account is disabled", True, RECIPIENT),
        (Step.RECIPIENT, 550, "5.4.1 Recipient address rejected: Access denied", True, RECIPIENT),
        (Step.RECIPIENT, 553, "5.1.3 bad syntax", True, RECIPIENT),
        (Step.RECIPIENT, 556, "5.1.10 null MX", True, RECIPIENT),
        (Step.RECIPIENT, 550, "5.7.1 relaying denied", False, OURS),
        (Step.RECIPIENT, 554, "5.7.1 blocked by a list", False, OURS),
        (Step.RECIPIENT, 552, "5.2.2 mailbox full", True, OTHER),
        (Step.RECIPIENT, 550, "5.2.2 mailbox full", True, OTHER),
        (Step.RECIPIENT, 530, "5.7.0 authentication required", False, OURS),
        (Step.RECIPIENT, 450, "4.2.0 greylisted", False, OTHER),
        (Step.RECIPIENT, 451, "4.7.1 greylisted", False, OTHER),
        (Step.DATA, 550, "5.1.1 no such user, said late", True, RECIPIENT),
        (Step.DATA, 550, "5.7.1 looks like spam", True, OTHER),
        (Step.DATA, 552, "5.3.4 too big", True, OTHER),
        (Step.DATA, 554, "no", True, OTHER),
        (Step.DATA, 451, "4.3.0 later", False, OTHER),
        (Step.SENDER, 553, "5.1.8 who are you", False, OURS),
        (Step.SENDER, 452, "4.3.1 no room", False, OTHER),
        (Step.CONNECT, 554, "not for you", False, OURS),
        (Step.CONNECT, 535, "5.7.8 wrong password", False, OURS),
        (Step.CONNECT, 454, "4.7.0 temporary failure", False, OTHER),
        (Step.CONNECT, 421, "too busy", False, OTHER),
    ],
)
def test_a_mail_server_s_reply(step: Step, code: int, text: str, permanent: bool, fault: Fault) -> None:
    error = smtp_error(step, "the recipient ana@team.example", code, text)
    assert (error.permanent, error.ambiguous, error.fault) == (permanent, False, fault)
    assert error.code == (f"{code} {text.split(maxsplit=1)[0]}" if text[1] == "." else str(code))
    assert f"the recipient ana@team.example: the mail server answered {code} {text}" in error.detail


@given(step=st.sampled_from(Step), code=st.integers(-1, 999), text=st.text(max_size=80))
def test_no_reply_is_taken_for_another_s_fault_and_only_5yz_is_for_good(step: Step, code: int, text: str) -> None:
    error = smtp_error(step, step.value, code, text)
    assert not error.permanent or 500 <= code < 600
    assert error.fault is not RECIPIENT or (error.permanent and step in {Step.RECIPIENT, Step.DATA})
    assert error.fault is not OURS or not error.permanent
    assert str(code) in error.detail
    assert "\n" not in error.detail


@pytest.mark.parametrize(
    ("status", "word", "permanent", "fault", "retry_after"),
    [
        (400, Word("invalid_blocks"), True, OTHER, None),
        (400, Word("user_not_found"), True, RECIPIENT, None),
        (400, Word("the user_not_found rule broke"), True, OTHER, None),  # said about it is not said
        (404, Word("channel_not_found"), True, RECIPIENT, None),
        (404, Word(), True, RECIPIENT, None),
        (410, Word("channel_is_archived"), True, RECIPIENT, None),
        (403, Word("action_prohibited"), True, RECIPIENT, None),
        (403, Word("forbidden"), False, OURS, None),
        (401, Word("unauthorized"), False, OURS, None),
        (413, Word("too large"), True, OTHER, None),
        (301, Word(), True, OTHER, None),
        (408, Word(), False, OTHER, None),
        (429, Word("ratelimited"), False, OTHER, None),
        (500, Word("no_service"), False, OTHER, None),
        (400, Word("Bad Request: chat not found", telegram=True), True, RECIPIENT, None),
        (400, Word("Bad Request: chat not found"), True, OTHER, None),
        (403, Word("Forbidden: bot was blocked by the user", telegram=True), True, RECIPIENT, None),
        (400, Word("Bad Request: message is too long", telegram=True), True, OTHER, None),
        (401, Word("Unauthorized", telegram=True), False, OURS, None),
        (404, Word("Not Found", telegram=True), False, OURS, None),
        (429, Word("Too Many Requests: retry after 7", telegram=True, retry_after=7.0), False, OTHER, 7.0),
        (400, Word("odd", retry_after=7.0), True, OTHER, None),
    ],
)
def test_an_answer_by_http(status: int, word: Word, permanent: bool, fault: Fault, retry_after: float | None) -> None:
    error = http_error(status, word)
    assert error is not None
    assert (error.permanent, error.ambiguous, error.fault) == (permanent, False, fault)
    assert (error.retry_after, error.code) == (retry_after, str(status))


@given(
    status=st.integers(100, 999),
    word=st.builds(Word, st.text(max_size=60), st.booleans(), st.none() | st.floats(0, 1e9)),
    header=st.none() | st.floats(0, 1e9),
)
def test_every_status_but_2xx_is_an_error_and_only_a_refusal_is_for_good(
    status: int, word: Word, header: float | None
) -> None:
    error = http_error(status, word, header)
    assert (error is None) == (200 <= status < 300)
    if error is not None:
        assert not error.permanent or (300 <= status < 500 and status not in {408, 425, 429})
        assert error.fault is not OURS or not error.permanent
        assert error.retry_after is None or status in {429, 503}
        assert error.retry_after is None or error.retry_after >= (header or 0)

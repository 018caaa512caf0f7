import string
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.deliver.redact import redact, secret_parts
from monitor.deliver.retry import GIVE_UP_AFTER, LONGEST_WAIT, settle, wait
from monitor.deliver.text import cut_lines, one_line, plain
from monitor.domain.delivery import DeliveryState
from monitor.errors import DeliveryError

BEGAN = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
tokens = st.text(string.ascii_letters + string.digits + "-_.~!$&@:+ é", min_size=6, max_size=20)


def test_no_error_is_delivered():
    assert settle(None, attempts=1, created_at=BEGAN, now=BEGAN, seed=1).state is DeliveryState.DELIVERED


def test_a_permanent_error_fails_at_once():
    settled = settle(DeliveryError("550 no", permanent=True), attempts=1, created_at=BEGAN, now=BEGAN, seed=1)

    assert (settled.state, settled.next_at) == (DeliveryState.FAILED, None)
    assert "550 no" in settled.detail


@given(attempts=st.integers(1, 10_000), seed=st.integers())
def test_the_pause_lies_between_half_and_all_of_a_doubling_up_to_an_hour(attempts, seed):
    whole = min(timedelta(seconds=30) * 2 ** min(attempts - 1, 20), LONGEST_WAIT)

    assert whole / 2 <= wait(attempts, seed) <= whole
    assert wait(attempts, seed) == wait(attempts, seed)


@given(
    attempts=st.integers(1, 200), seed=st.integers(), age=st.floats(0, 200_000), asked=st.none() | st.floats(-5, 1e300)
)
def test_a_next_attempt_is_never_before_what_was_asked_and_never_after_a_day(attempts, seed, age, asked):
    now = BEGAN + timedelta(seconds=age)
    settled = settle(DeliveryError("later", retry_after=asked), attempts=attempts, created_at=BEGAN, now=now, seed=seed)

    if settled.state is DeliveryState.PENDING:
        assert settled.next_at is not None
        assert now < settled.next_at <= BEGAN + GIVE_UP_AFTER
        assert (settled.next_at - now).total_seconds() >= min(asked or 0, 1e6) - 1e-5
    else:
        assert settled.state is DeliveryState.FAILED
        assert settled.detail.endswith("later")


@given(seed=st.integers(), asked=st.none() | st.floats(0, 4000))
def test_a_delivery_that_always_fails_ends_within_a_day(seed, asked):
    now, attempts = BEGAN, 0
    while attempts < 200:
        attempts += 1
        settled = settle(
            DeliveryError("451", retry_after=asked), attempts=attempts, created_at=BEGAN, now=now, seed=seed
        )
        if settled.next_at is None:
            break
        now = settled.next_at

    assert settled.state is DeliveryState.FAILED
    assert now <= BEGAN + GIVE_UP_AFTER
    assert attempts < 100


@given(user=tokens, password=st.text(string.ascii_letters + "@:%# é", min_size=1), before=st.text(), after=st.text())
def test_a_password_is_masked_however_it_is_quoted(user, password, before, after):
    assume(password.strip())
    url = f"mailtos://{quote(user, safe='')}:{quote(password, safe='')}@smtp.example.org?to=b@example.org"
    for form in (password, quote(password, safe=""), url):
        shown = redact(f"{before}{form}{after}", url)
        assert password not in shown
        assert url not in shown


@given(parts=st.lists(tokens, min_size=3, max_size=3), header=tokens)
def test_tokens_in_host_path_options_and_headers_are_masked(parts, header):
    plain = [part.replace(".", "") for part in parts]
    assume(all(len(part) >= 6 for part in plain))
    host, path, value = (quote(part, safe="") for part in plain)
    url = f"json://{host}/{path}?deep={value}&%2BAuthorization={quote(header, safe='')}"

    shown = redact(f"{url} {host}; {path}, {value} ({header}) \n{quote(header, safe='')}", url)

    for secret in (host, path, value, header):
        assert secret not in shown


@given(parts=st.lists(st.text(string.ascii_letters + string.digits, min_size=1, max_size=12), min_size=3, max_size=3))
def test_slack_tokens_are_masked_at_any_length(parts):
    shown = redact("/".join(["at", *parts]), f"slack://{'/'.join(parts)}/%23news")

    assert not any(part in shown for part in parts)


def test_addresses_of_mail_and_hosts_stay_readable():
    url = "mailto://user:pw@127.0.0.1:2525?from=a@example.org&to=b@example.org"

    assert redact("b@example.org at 127.0.0.1:2525 user", url) == "b@example.org at 127.0.0.1:2525 user"
    assert secret_parts("folder:///srv/digests") == frozenset()
    assert "digests" in redact("/srv/digests", "folder:///srv/digests")


@given(
    lines=st.lists(st.text(string.ascii_letters + " ", max_size=30), min_size=1, max_size=30), limit=st.integers(1, 300)
)
def test_a_cut_text_fits_and_counts_every_line_that_is_missing(lines, limit):
    text = "\n".join(lines)
    short = cut_lines(text, limit)

    assert len(short) <= limit
    if len(text) <= limit:
        assert short == text
    elif short.endswith(("more lines", "more line")) and "…\n…" not in short:
        kept = short.split("\n")
        assert lines[: len(kept) - 1] == kept[:-1]
        assert int(kept[-1].split()[2]) == len(lines) - len(kept) + 1


def test_a_limit_of_zero_means_none():
    assert cut_lines("a\nb", 0) == "a\nb"


@given(st.text(st.characters(), max_size=300))
def test_a_header_line_is_one_line_without_controls(text):
    line = one_line(text)

    assert len(line) <= 250
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in line)
    assert len(line.splitlines()) <= 1


@given(st.text(st.characters(), max_size=300))
def test_plain_text_has_no_controls_but_tab_and_line_feed_and_stays_as_it_is_the_second_time(text):
    clean = plain(text)

    assert plain(clean) == clean
    clean.encode()
    assert not any(ord(c) < 32 and c not in "\n\t" for c in clean)

import string
from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.deliver.redact import redact, secret_parts
from monitor.deliver.text import cut_lines, one_line, plain

tokens = st.text(string.ascii_letters + string.digits + "-_.~!$&@:+ é", min_size=6, max_size=20)


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

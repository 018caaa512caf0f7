import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.deliver.recipients import identity, recipients

MAIL = "mailtos://user:{}@smtp.example.org?from=a@example.org&to=b@example.org"


def test_a_recipient_keeps_its_id_when_the_password_or_an_option_changes():
    templates = [MAIL.format("${OLD}"), MAIL.format("${NEW}"), MAIL.format("literal") + "&rto=9&name=Desk"]
    urls = [MAIL.format("old-pass"), MAIL.format("new-pass"), templates[2]]

    found = [
        recipients(channel, [url], [template])[0] for channel, url, template in zip("abc", urls, templates, strict=True)
    ]

    assert len({recipient.id for recipient in found}) == 1
    assert len(found[0].id) == 16
    assert {recipient.label for recipient in found} == {"mailto:b@example.org"}


def test_another_address_is_another_recipient():
    other = MAIL.format("x").replace("to=b", "to=c")

    b, c = recipients("team", [MAIL.format("x"), other], [MAIL.format("x"), other])

    assert b.id != c.id


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mailto://h.example.org?from=a@example.org&to=b@example.org,c@example.org", "several addresses"),
        ("mailto://h.example.org/b@example.org/c@example.org?from=a@example.org", "several addresses"),
        ("mailto://h.example.org/b@example.org?from=a@example.org&to=c@example.org", "several addresses"),
        ("mailto://h.example.org?from=a@example.org&to=b@example.org&cc=c@example.org", "cc="),
        ("mailto://h.example.org?from=a@example.org&to=nobody", "not a mail address"),
        ("mailto://h.example.org?from=a@example.org&to=b@example.org&%2BMessage-ID=x", "header"),
        ("mailto://h.example.org?from=a@example.org&to=b@example.org&pgp=sign", "pgp="),
        ("mailto://user:hunter2secret@h.example.org?to=b@example.org", "unencrypted"),
        ("mailto://h.example.org?to=b@example.org", "~From~"),
        ("mailto://h.example.org?from=a@example.org&to=b@example.org&cto=never", "cto="),
        ("slack://T1AAAAAAA/B2BBBBBBB/cccccccc/%23one/%23two", "several channels"),
        ("slack://T1AAAAAAA/B2BBBBBBB", "Token"),
        ("slack://xoxb-1111-2222-abcdef/%23one", "incoming webhooks"),
        ("slack://T1AAAAAAA/B2BBBBBBB/cccccccc?endpoint=file:///etc", "endpoint="),
        ("tgram://123456789:abcdefg_hijklmnop/1111111/2222222", "several recipients"),
        ("tgram://", "not complete"),
        ("mialto://user:hunter2secret@example.org", "did you mean mailto"),
        ("https://hooks.example.org/hunter2secret", "json://"),
        ("hunter2secret", "begin with a scheme"),
        ("folder://var/digests", "absolute"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_by_a_sentence_without_secrets(url, words):
    with pytest.raises(ValueError, match=words) as caught:
        recipients("team", [url], [url])

    text = str(caught.value)
    assert text.startswith("the URL of channel 'team': ")
    for secret in ("hunter2secret", "abcdefg_hijklmnop", "xoxb-1111", "cccccccc"):
        assert secret not in text
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_slack_accepts_the_address_that_slack_gives():
    (recipient,) = recipients("team", ["https://hooks.slack.com/services/T1AAAAAAA/B2BBBBBBB/cccccccc"], ["${HOOK}"])

    assert recipient.label == "slack://T...A/B...B/c...c"


def test_the_same_recipient_twice_in_a_channel_is_refused():
    one, two = MAIL.format("x"), MAIL.format("y")

    with pytest.raises(ValueError, match="URL 2 of channel 'team': the channel has this recipient already"):
        recipients("team", [one, two], [one, two])


def test_what_came_from_the_environment_is_shown_by_its_name():
    template = "mailtos://${LOGIN}:${PASS}@smtp.example.org?from=a@example.org&to=${DESK}"
    url = "mailtos://user:hunter2@smtp.example.org?from=a@example.org&to=desk@example.org"

    (recipient,) = recipients("team", [url], [template])

    assert recipient.label == "mailto:${DESK}"
    assert "hunter2" not in repr(recipient)


def test_labels_that_would_be_equal_are_told_apart():
    urls = [f"json://hooks.example.org/{token}" for token in ("first-secret", "other-secret")]

    first, other = recipients("team", urls, urls)

    assert first.label == "json://hooks.example.org/****"
    assert other.label == f"json://hooks.example.org/**** [{other.id[:4]}]"


def test_identity_ignores_passwords_with_an_at_sign_and_the_case_of_the_host():
    assert identity("mailtos://user:p@ss@SMTP.example.org?to=b@x.org") == identity(
        "MAILTOS://user@smtp.example.org/?to=b@x.org"
    )


@given(
    scheme=st.sampled_from(["mailto", "slack", "json", "tgram", "ntfy", "discord", "folder", "nope"]),
    rest=st.text(max_size=60),
)
@example("json", "a:b/c?%")
@example("mailto", "a@b?to=c@d.org&name=\x00")
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_recipient_or_a_value_error(scheme, rest):
    url = f"{scheme}://{rest}"
    with contextlib.suppress(ValueError):
        (recipient,) = recipients("team", [url], ["${URL}"])
        assert recipient.label

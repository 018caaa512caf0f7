import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default as default_policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.deliver.channel import send
from monitor.deliver.mail import compose
from monitor.deliver.text import plain
from monitor.domain.delivery import Accepted, Recipient
from monitor.domain.digest import Message
from monitor.errors import DeliveryError, Fault

One = Callable[[str], Recipient]


def mail_url(port: int, extra: str = "") -> str:
    return f"mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org{extra}"


def test_a_mail_arrives_with_its_text_its_html_and_the_headers_of_an_automatic_digest(mailbox, message, one):
    receipt = send(one(mail_url(mailbox.port)), message)

    (mail,) = mailbox.mails
    assert receipt == Accepted("250 2.0.0 taken as 4711", "250")
    assert mail.get_content_type() == "multipart/alternative"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == message.text
    assert mail.get_body(("html",)).get_content().strip() == message.html
    assert mail.get_body(("plain",)).get_content_charset() == "utf-8"
    assert (mail["From"], mail["To"]) == ("Returns Monitor <a@example.org>", "b@example.org")
    assert mail["Subject"] == message.subject
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Returns Monitor <digests.example.org>"
    assert abs((mail["Date"].datetime - datetime.now(UTC)).total_seconds()) < 600


def test_the_one_message_id_is_the_same_at_a_retry_and_another_for_another_digest_or_person(mailbox, message, one):
    b, c = one(mail_url(mailbox.port)), one(mail_url(mailbox.port).replace("b@", "c@"))
    mailbox.data = "451 later"
    with pytest.raises(DeliveryError):
        send(b, message)
    mailbox.data = "250 OK"
    send(b, message)
    send(c, message)
    send(b, dataclasses.replace(message, key="evening"))

    idents = [mail.get_all("Message-ID") for mail in mailbox.mails]
    assert all(len(found) == 1 for found in idents)
    assert idents[0] == idents[1]
    assert len({found[0] for found in idents}) == 3
    assert idents[0][0].endswith(f".{b.id}@example.org>")


@pytest.mark.parametrize(("reply", "permanent"), [("550 5.1.1 no such person", True), ("451 4.7.1 greylisted", False)])
@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_refusal_says_what_the_server_said_and_whether_it_stays(mailbox, message, one, step, reply, permanent):
    setattr(mailbox, step, reply)

    with pytest.raises(DeliveryError, match=reply[:15]) as caught:
        send(one(mail_url(mailbox.port)), message)

    assert (caught.value.permanent, caught.value.ambiguous) == (permanent, False)


def test_a_line_that_drops_after_data_may_have_delivered(mailbox, message, one):
    mailbox.data = None

    with pytest.raises(DeliveryError, match="may have arrived") as caught:
        send(one(mail_url(mailbox.port)), message)

    assert (caught.value.permanent, caught.value.ambiguous) == (False, True)


def test_a_server_that_answers_too_late_may_have_taken_it(mailbox, message, one):
    mailbox.data = ""

    with pytest.raises(DeliveryError, match="no answer in time after the message was sent") as caught:
        send(one(mail_url(mailbox.port, "&cto=0.3")), message)

    assert (caught.value.permanent, caught.value.ambiguous, caught.value.code) == (False, True, "timeout")
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("mailto://nobody.invalid:25?from=a@example.org&to=b@example.org", "dns", "is not known"),
        ("mailtos://127.0.0.1:{port}?from=a@example.org&to=b@example.org&mode=ssl", "tls", "no secure connection"),
    ],
)
def test_a_name_that_is_not_known_and_a_handshake_that_fails_are_said_plainly(mailbox, message, one, url, code, words):
    with pytest.raises(DeliveryError, match=words) as caught:
        send(one(url.format(port=mailbox.port)), message)

    assert (caught.value.permanent, caught.value.ambiguous, caught.value.code) == (False, False, code)


def test_a_refused_connection_is_temporary_and_sure(dead_port, message, one):
    with pytest.raises(DeliveryError, match="Connection refused") as caught:
        send(one(mail_url(dead_port)), message)

    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)


def test_a_server_without_starttls_is_not_talked_to_in_the_clear(mailbox, message, one):
    url = mail_url(mailbox.port).replace("mailto:", "mailtos:")

    with pytest.raises(DeliveryError, match="STARTTLS") as caught:
        send(one(url), message)

    assert (caught.value.permanent, caught.value.fault, caught.value.code) == (False, Fault.OURS, "tls")
    assert not mailbox.mails


def test_a_hostile_subject_is_one_header_and_a_hostile_text_is_text(mailbox, message, one):
    hostile = dataclasses.replace(
        message,
        subject="News\r\nBcc: victim@example.org\r\n\r\n</a><script>\x1b[31m",
        text="a </a><script>\n.\nMAIL FROM:<x@example.org>\r\n.\r\n\x1b[2Jb \ud800\n",
    )

    send(one(mail_url(mailbox.port)), hostile)

    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "News Bcc: victim@example.org </a><script>[31m"
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text == "a </a><script>\n.\nMAIL FROM:<x@example.org>\n.\n[2Jb \ufffd\n"


def test_a_name_a_reply_address_and_a_header_of_the_url_are_used(mailbox, message, one):
    url = mail_url(mailbox.port, "&name=Zoë Desk&reply=desk@example.org&%2BList-Unsubscribe=<mailto:stop@example.org>")

    send(one(url), message)

    (mail,) = mailbox.mails
    assert mail["From"] == "Zoë Desk <a@example.org>"
    assert mail["Reply-To"] == "desk@example.org"
    assert mail["List-Unsubscribe"] == "<mailto:stop@example.org>"


def test_format_text_sends_the_text_alone(mailbox, message, one):
    send(one(mail_url(mailbox.port, "&format=text")), message)

    (mail,) = mailbox.mails
    assert mail.get_content_type() == "text/plain"
    assert b"<p>" not in mailbox.raw[0]


def test_a_line_that_drops_in_the_middle_of_data_may_have_delivered(script, message, one):
    port = script(b"220 hi", b"250 hello", b"250 ok", b"250 ok", b"354 go on")

    with pytest.raises(DeliveryError, match="may have arrived") as caught:
        send(one(mail_url(port)), dataclasses.replace(message, text="a line\n" * 200_000))

    assert (caught.value.permanent, caught.value.ambiguous) == (False, True)


@pytest.mark.parametrize(
    ("replies", "code", "fault"),
    [
        ((b"421 too busy",), "421", Fault.OTHER),
        ((b"554 not for you",), "554", Fault.OURS),
        ((b"220 hi", b"250 hello", b"553 5.1.8 who are you"), "553 5.1.8", Fault.OURS),
        ((b"220 hi", b"250 hello", b"250 ok"), "connect", Fault.OTHER),
        ((b"220 hi", b"250 hello", b"250 ok", b"250 ok", b"452 full"), "452", Fault.OTHER),
    ],
)
def test_a_mail_that_was_not_sent_is_never_ambiguous(script, message, one, replies, code, fault):
    with pytest.raises(DeliveryError) as caught:
        send(one(mail_url(script(*replies))), message)

    error = caught.value
    assert (error.permanent, error.ambiguous, error.code, error.fault) == (False, False, code, fault)


def test_a_taken_mail_is_delivered_even_if_the_server_is_gone_before_quit(script, message, one):
    port = script(b"220 hi", b"250 hello", b"250 ok", b"250 ok", b"354 go on", b"250 mine now")

    assert send(one(mail_url(port)), message).said == "250 mine now"


def test_a_wrong_password_is_ours_to_correct_and_never_shown(mailbox, message, one):
    url = mail_url(mailbox.port).replace("://", "://user:{}@")
    assert send(one(url.format("right-pass")), message).code == "250"

    with pytest.raises(DeliveryError, match=r"535 .*correct the account in channels\.toml") as caught:
        send(one(url.format("wrong-pass")), message)

    assert (caught.value.permanent, caught.value.fault, caught.value.code) == (False, Fault.OURS, "535 5.7.8")
    assert "wrong-pass" not in str(caught.value)
    assert len(mailbox.mails) == 1


@given(
    subject=st.text(max_size=60),
    text=st.text(max_size=200),
    html=st.text(max_size=200),
    name=st.text(max_size=20),
    rest=st.text(max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_any_text_makes_a_mail_of_seven_bits_with_the_same_headers(subject, text, html, name, rest):
    mail = compose(
        Message("k", subject, html, text, (), rest=rest),
        sender=Address("Returns Monitor", addr_spec="a@example.org"),
        to=Address("", addr_spec="b@example.org"),
        ident="<x@example.org>",
        date=datetime(2026, 11, 22, tzinfo=UTC),
        headers={"X-Note": name},
    )
    raw = mail.as_bytes()

    assert raw.isascii()
    read = message_from_bytes(raw, policy=default_policy)
    expected = ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "List-Id", "X-Note"]
    assert [key for key in read if not key.lower().startswith(("content-", "mime-"))] == expected
    assert len(list(read.iter_parts())) == 2
    attached = [file.get_content() for file in read.iter_attachments()] if rest else [""]
    assert [file.splitlines() for file in attached] == [(f"\ufeff{plain(rest)}" if rest else "").splitlines()]


def test_a_mail_says_its_language_where_that_is_not_english(mailbox, one, message):
    send(one(f"mailto://127.0.0.1:{mailbox.port}?from=a@example.org&to=b@example.org"), message)
    told = dataclasses.replace(message, data={"language": "ar"})
    send(one(f"mailto://127.0.0.1:{mailbox.port}?from=a@example.org&to=b@example.org"), told)
    assert [mail["Content-Language"] for mail in mailbox.mails] == [None, "ar"]

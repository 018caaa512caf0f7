"""Headers that name the list, the thread and the way out."""

import dataclasses
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default as default_policy

import pytest
from pydantic import ValidationError

from monitor.deliver.channel import send
from monitor.deliver.headers import further, list_id
from monitor.deliver.mail import compose
from monitor.deliver.unsubscribe import MailOptions, links, token
from monitor.domain.delivery import Recipient

from .test_forms import digest, story

SECRET = "a secret of some length"
MAIL = "mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org"


def options(**fields):
    return MailOptions(**({"base_url": "https://monitor.example.org/", "secret": SECRET} | fields))


def test_a_mail_of_one_story_stands_below_the_others_about_it(mailbox, one):
    recipient = one(MAIL.format(port=mailbox.port))
    for key in ("alerts/1", "alerts/2"):
        send(recipient, dataclasses.replace(digest(story(1)), key=key, thread="alerts/1"))
    send(recipient, dataclasses.replace(digest(story(2)), key="alerts/3", thread="alerts/2"))
    send(recipient, digest(story(1), story(2)))
    first, second, other, many = mailbox.mails
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert other["References"] not in {first["References"], None}
    assert many["References"] is None
    assert first["References"].endswith(f".{recipient.id}@example.org>")


def test_a_mail_program_can_unsubscribe_with_one_click(mailbox, one):
    recipient = one(MAIL.format(port=mailbox.port))
    offered = links(
        options(base_url="https://monitor.example.org/some/where/deep/down/behind/a/proxy"), "morning", [recipient]
    )
    send(recipient, dataclasses.replace(digest(story(1)), unsubscribe=offered))
    (mail,) = mailbox.mails
    assert mail["List-Unsubscribe"] == f"<{offered[recipient.id]}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"List-Unsubscribe: <{offered[recipient.id]}>\r\n".encode() in mailbox.raw[0]


def test_a_header_of_the_users_own_stands_in_place_of_ours(mailbox, one):
    recipient = one(MAIL.format(port=mailbox.port) + "&%2BList-Unsubscribe=%3Cmailto:out@example.org%3E")
    offered = links(options(), "morning", [recipient])
    send(recipient, dataclasses.replace(digest(story(1)), unsubscribe=offered))
    assert mailbox.mails[0].get_all("List-Unsubscribe") == ["<mailto:out@example.org>"]


def test_without_an_address_in_config_nothing_is_offered(mailbox, one):
    recipient = one(MAIL.format(port=mailbox.port))
    assert links(MailOptions(), "morning", [recipient]) == {}
    send(recipient, digest(story(1)))
    assert mailbox.mails[0]["List-Unsubscribe"] is None
    assert mailbox.mails[0]["List-Unsubscribe-Post"] is None


def test_a_link_is_of_one_recipient_and_one_subscription_and_cannot_be_guessed():
    people = [Recipient(id_, "desk", "x", "mailtos://x") for id_ in ("a", "b")]
    made = {link for name in ("morning", "evening") for link in links(options(), name, people).values()}
    assert len(made) == 4
    assert links(options(), "morning", people) == links(options(), "morning", people)
    assert set(links(options(secret=SECRET * 2), "morning", people).values()).isdisjoint(made)
    assert token(SECRET, "ab", "c") != token(SECRET, "a", "bc")
    assert links(options(), "morning", [Recipient("a", "desk", "x", "slack://x")]) == {}


@pytest.mark.parametrize(
    "fields",
    [{"base_url": "http://monitor.example.org"}, {"base_url": "https://a b"}, {"base_url": "https://a/?x=1"},
     {"base_url": "https://a/" + "x" * 500}, {"secret": "short"}, {"secret": ""}],
)  # fmt: skip
def test_an_address_without_tls_or_a_short_secret_is_refused(fields):
    with pytest.raises(ValidationError):
        options(**fields)


def test_each_subscription_is_a_list_of_its_own(message):
    assert (
        list_id(digest(story(1)), "Returns Monitor", "example.org") == "Returns Monitor <morning.digests.example.org>"
    )
    assert list_id(message, "Returns Monitor", "example.org") == "Returns Monitor <digests.example.org>"
    names = {list_id(digest(data={"subscription": name}), "R", "a.example") for name in ("a b", "a-b", "a_b", "é", "è")}
    assert len(names) == 5
    assert all(name.isascii() for name in names)


def test_long_headers_of_one_word_are_not_folded():
    message = dataclasses.replace(digest(story(1)), thread="a/1", unsubscribe={"r": "https://a.example/" + "x" * 300})
    mail = compose(
        message,
        sender=Address("", addr_spec="a@example.org"),
        to=Address("", addr_spec="b@example.org"),
        ident="<x@example.org>",
        date=datetime(2026, 11, 22, tzinfo=UTC),
        headers=further(message, "r", "d" * 60 + ".example"),
    )
    raw = mail.as_bytes()
    read = message_from_bytes(raw, policy=default_policy)
    assert read["List-Unsubscribe"] == "<https://a.example/" + "x" * 300 + ">"
    assert read["References"].endswith(".example>")
    assert b"=?utf-8" not in raw

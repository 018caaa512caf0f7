"""The audit of a peer in production, its rows on delivery: what went wrong there does not go wrong here.

Rows 2, 3, 7, 9, 10 and 12; the others are in test_audit_selection.py and test_audit_settings.py.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import App
from monitor.domain.delivery import DeliveryState
from monitor.jobs import deliver, digest
from monitor.store import channels as store_channels
from monitor.store import deliveries, outbox
from tests.answering import Answer, Request, answering
from tests.jobs.conftest import Office, Post, news

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = "2026-11-22T07:30+00:00"
PEOPLE = ("ana", "bo", "cem")
CHANGES = (
    ("subscriptions", "pause", "evening"),
    ("subscriptions", "resume", "morning"),
    ("silence", "end", "7"),
    ("deliveries", "retry", "--failed"),
    ("deliveries", "retry", "999"),
    ("deliveries", "abandon", "999"),
    ("channels", "resume", "ana"),
    ("channels", "resume", "files"),
    ("stories", "merge", "998", "999"),
    ("stories", "split", "999"),
    ("label", "999", "+returns"),
)
"""Verbs that find nothing to change: evening is paused, morning is not, and the rest is not there."""


def mails_to(post: Post, *names: str) -> str:
    """A channel a person, called as they are."""
    return "".join(f"[channels.{name}]\nurls = [{post.url(f'{name}@team.example')!r}]\n" for name in names)


def subscription(name: str, *channels: str, more: str = "") -> str:
    listed = ", ".join(f'"{channel}"' for channel in channels)
    return f'[subscriptions.{name}]\nlabels = ["returns"]\nchannels = [{listed}]\n{more}'


def rows(app: App) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the tables hold that verbs change."""
    names = ("subscription", "outbox", "suspension", "silence", "digest", "ledger", "annotation", "entry", "attempt")
    with app.store.read() as connection:
        return {name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=str) for name in names}


def received(post: Post) -> Counter[str]:
    return Counter(mail["To"].partition("@")[0] for mail in post.mails)


@pytest.mark.parametrize("words", CHANGES, ids=" ".join)
def test_row_02_a_change_that_changes_nothing_is_never_called_done(
    bureau: Office, call: Callable[..., Any], words: tuple[str, ...]
) -> None:
    bureau.subscriptions = subscription("morning", "files") + subscription("evening", "files")
    bureau.now = datetime.now(UTC)
    with bureau.app() as app:
        bureau.bring(app, news(1, returns=0.9))
        digest.send(app, ["morning"], now=bureau.clock)
        deliver.run(app, now=bureau.clock)
        at = ("--config", bureau.folder / "config")
        assert call("subscriptions", "pause", "evening", *at).code == 0
        before = rows(app)

        done = call(*words, *at)

        assert (done.code, done.out) == (2, ""), done
        assert done.err
        assert rows(app) == before


def test_row_02_a_change_touches_what_it_names_and_nothing_else(bureau: Office, call: Callable[..., Any]) -> None:
    names = ("morning", "evening", "weekly")
    bureau.subscriptions = "".join(subscription(name, "files") for name in names)
    at = ("--config", bureau.folder / "config")
    with bureau.app() as app:
        digest.run(app, now=bureau.clock)
        assert call("subscriptions", "pause", "evening", *at).out == "evening: paused, 1 row changed\n"
        bureau.now += 2 * HOUR
        bureau.bring(app, news(1, returns=0.9))
        sent = digest.run(app, now=bureau.clock)
    assert sorted((one.subscription, one.stories) for one in sent) == [("morning", 1), ("weekly", 1)]


def test_row_03_an_address_that_bounces_is_asked_once_and_shown_and_the_others_go_on(
    bureau: Office, post: Post, call: Callable[..., Any]
) -> None:
    post.refused = {"gone@team.example"}
    bureau.channels = mails_to(post, "ana", "gone")
    bureau.subscriptions = subscription("morning", "ana", "gone")
    days = 15
    with bureau.app() as app:
        digest.run(app, now=bureau.clock)
        for number in range(days):
            bureau.bring(app, news(number, returns=0.9))
            bureau.now += DAY
            digest.run(app, now=bureau.clock)
            for _ in range(4):
                deliver.run(app, now=bureau.clock)
                bureau.now += timedelta(minutes=1)
        (suspended,) = store_channels.suspensions(app.store)
        assert Counter(post.asked) == {"ana@team.example": days, "gone@team.example": 1}
        assert suspended.recipient == "mailto:gone@team.example"
        assert outbox.counts(app.store)[DeliveryState.PENDING] == days - 1, "what waits for it is kept"
    for verb in (("status",), ("channels", "list")):
        shown = call(*verb, "--config", bureau.folder / "config")
        assert "mailto:gone@team.example" in shown.out + shown.err
        assert "550 5.1.1" in shown.out + shown.err


def test_row_07_what_cannot_be_composed_is_not_sent_not_judged_and_comes_once_it_can(
    bureau: Office, post: Post
) -> None:
    bureau.channels = mails_to(post, "ana", "bo")
    bureau.subscriptions = subscription("morning", "ana", more="empty_digests = true\n") + subscription(
        "other", "bo", more="thresholds = { returns = 0.95 }\nempty_digests = true\n"
    )
    with bureau.app() as app:
        digest.run(app, now=bureau.clock)
        bureau.bring(app, news(1, returns=0.9), news(2, returns=0.96))
        bureau.now += 2 * HOUR
        with app.store.write() as connection:  # a row that nobody can read, of an entry that one of the two wants
            connection.execute(text("UPDATE prediction SET terms = '{\"broken\": 1}' WHERE entry_id = 1"))

        with pytest.raises(ExceptionGroup, match="digest: 1 failed"):
            digest.run(app, now=bureau.clock)
        deliver.run(app, now=bureau.clock)

        assert received(post) == {"bo": 1}, "no empty digest in place of what could not be made"
        with app.store.read() as connection:
            judged = connection.scalars(text("SELECT DISTINCT subscription FROM ledger")).all()
        assert judged == ["other"], "nothing counts as sent"
        with app.store.write() as connection:
            connection.execute(text("UPDATE prediction SET terms = '[]' WHERE entry_id = 1"))
        (sent,) = digest.run(app, now=bureau.clock)
        deliver.run(app, now=bureau.clock)
        assert (sent.subscription, sent.stories) == ("morning", 2)
    assert received(post) == {"bo": 1, "ana": 1}


@pytest.mark.parametrize("part", ["html", "text", "subject"])
def test_row_07_a_digest_that_became_empty_is_never_a_success(bureau: Office, post: Post, part: str) -> None:
    bureau.channels, bureau.subscriptions = mails_to(post, "ana"), subscription("morning", "ana")
    with bureau.app() as app:
        bureau.bring(app, news(1, returns=0.9))
        digest.send(app, ["morning"], now=bureau.clock)
        with app.store.write() as connection:
            connection.execute(text(f"UPDATE digest SET {part} = ''"))
        (attempt,) = deliver.run(app, now=bureau.clock).attempts
    assert (attempt.state, attempt.code, post.mails) == (DeliveryState.FAILED, "changed", [])


def test_row_09_a_line_that_breaks_stops_no_other_recipient_or_subscription_and_is_on_record(
    bureau: Office, post: Post
) -> None:
    post.dropped = {"bo@team.example"}
    bureau.channels = mails_to(post, *PEOPLE)
    bureau.subscriptions = subscription("morning", *PEOPLE) + subscription("other", *PEOPLE)
    with bureau.app() as app:
        digest.run(app, now=bureau.clock)
        bureau.bring(app, news(1, returns=0.9))
        bureau.now += 2 * HOUR
        digest.run(app, now=bureau.clock)

        deliver.run(app, now=bureau.clock)

        assert received(post) == {"ana": 2, "cem": 2}
        broken = deliveries.unsettled(app.store)
        assert [(one.recipient, one.state) for one in broken] == [("mailto:bo@team.example", DeliveryState.PENDING)] * 2
        for one in broken:
            (tried,) = deliveries.tried(app.store, one.id)
            assert (tried.outcome, tried.code, tried.ended_at is not None) == ("transient", "connect", True)
            assert "the recipient bo@team.example" in tried.detail
        post.dropped = set()
        bureau.now += HOUR
        deliver.run(app, now=bureau.clock)
    assert received(post) == {"ana": 2, "bo": 2, "cem": 2}


@pytest.mark.parametrize("answer", [301, 302, 304, 400, 401, 403, 404, 410, 413, 422, 429, 451, 500, 502, 503])
@pytest.mark.parametrize("kind", ["json", "slack", "ntfy"])
def test_row_10_no_answer_but_yes_counts_as_sent(
    tmp_path: Any, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, kind: str, answer: int
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with answering(lambda _: Answer(answer, "no", {"Location": "/elsewhere"})) as port:
        url = {
            "json": f"json://127.0.0.1:{port}/digests",
            "slack": f"slack://T1AAAAAAA/B2BBBBBBB/cccccccccccc?endpoint=http://127.0.0.1:{port}",
            "ntfy": f"ntfy://127.0.0.1:{port}/digests",
        }[kind]
        office = Office(tmp_path, channels=f"[channels.team]\nurls = [{url!r}]\n", now=datetime.now(UTC))
        office.subscriptions = subscription("morning", "team")
        at = ("--config", office.folder / "config")
        with office.app() as app:
            office.bring(app, news(1, returns=0.9))
        tried = call("digest", "send", *at)
        (found,) = json.loads(call("deliveries", "list", "--json", *at).out)
        tested = call("channels", "test", "team", *at)
    assert tried.code == tested.code == 1, "neither a digest nor a test is called a success"
    assert found["state"] in {"pending", "failed"}
    assert (found["code"], found["failure"] in {"permanent", "transient"}) == (str(answer), True)
    assert str(answer) in tested.out + tested.err


def test_row_12_a_retry_says_whom_it_reaches_and_reaches_nobody_twice(
    bureau: Office, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    refusing, got = {"bo"}, list[tuple[str, str]]()

    def answer(asked: Request) -> Answer:
        name = asked.path.strip("/")
        if name in refusing:
            return Answer(400, "not like this")
        got.append((name, asked.headers["Idempotency-Key"]))
        return Answer()

    with answering(answer) as port:
        bureau.now = datetime.now(UTC)
        bureau.channels = "".join(f'[channels.{name}]\nurls = ["json://127.0.0.1:{port}/{name}"]\n' for name in PEOPLE)
        bureau.subscriptions = subscription("morning", *PEOPLE)
        at = ("--config", bureau.folder / "config")
        with bureau.app() as app:
            bureau.bring(app, news(1, returns=0.9))
        assert call("digest", "send", *at).code == 1
        refusing.clear()
        done = call("deliveries", "retry", "--failed", *at)
        again = call("deliveries", "retry", "--failed", *at)
        assert call("digest", "send", *at).code == 0
    assert (done.code, done.out.splitlines()[0]) == (0, "1 to send again, 2 were received already"), done
    assert again.code == 2
    assert sorted(name for name, _ in got) == sorted(PEOPLE)
    assert len({key for _, key in got}) == 3

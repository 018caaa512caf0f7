"""`monitor deliveries` and `monitor channels`, with a webhook on loopback that answers as it is told."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from monitor.store.database import open_store
from tests.answering import Answer, Request, answering


@dataclass
class Hook:
    """An HTTP server; ``answers`` are status and body by path, 200 where there is none."""

    port: int = 0
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    posts: list[tuple[str, Any]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"json://127.0.0.1:{self.port}/{name}"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def answer(asked: Request) -> Answer:
        name = asked.path.strip("/")
        state.posts.append((name, json.loads(asked.body)))
        return Answer(*state.answers.get(name, (200, "ok")))

    state = Hook()
    with answering(answer) as state.port:
        yield state


@pytest.fixture
def sent(stocked: Callable[..., Any], call: Callable[..., Any], hook: Hook) -> Callable[..., Any]:
    """Close a digest for the channel ``team`` (ana, bo) and ``files``, and try to deliver it."""

    def close(**answers: tuple[int, str]) -> Any:
        hook.answers = answers
        desk = stocked({"title": "Court hears returnee", "returns": 0.9})
        urls = ", ".join(f'"{hook.url(name)}"' for name in ("ana", "bo"))
        desk.write(
            channels=f'[channels.team]\nurls = [{urls}]\n[channels.files]\nurls = ["folder://var/digests"]\n',
            subscriptions='[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["team", "files"]\n',
        )
        assert call("digest", "send", "--config", desk.config).code == (1 if answers else 0)
        return desk

    return close


@pytest.fixture
def run(call: Callable[..., Any]) -> Callable[..., Any]:
    """Run a verb on a desk; with ``json=True`` its output is read."""

    def verb(desk: Any, *words: object, json_: bool = False) -> Any:
        done = call(*words, *(["--json"] if json_ else []), "--config", desk.config)
        return json.loads(done.out) if json_ else done

    return verb


def test_deliveries_are_listed_and_shown_with_what_the_server_said(sent, run):
    desk = sent(bo=(503, "come back later"))
    found = run(desk, "deliveries", "list", json_=True)
    assert [(one["channel"], one["state"], one["failure"]) for one in found] == [
        ("team", "pending", "transient"), ("team", "delivered", None), ("files", "delivered", None),
    ]  # fmt: skip
    (bo,) = run(desk, "deliveries", "list", "--state", "pending", "--channel", "team", "--since", "1d", json_=True)
    assert (bo["code"], bo["detail"]) == ("503", "the server answered 503: come back later")
    lines = run(desk, "deliveries", "list").out.splitlines()
    assert [line.split("\t")[2] for line in lines] == ["pending", "delivered", "delivered"]
    shown = run(desk, "deliveries", "show", bo["id"])
    assert shown.code == 0
    assert "state        pending (transient, 503), next try " in shown.out
    assert "transient 503" in shown.out
    assert f"SHA-256 {bo['sha256']}" in shown.out
    told = run(desk, "deliveries", "show", bo["id"], json_=True)
    assert [(one["number"], one["outcome"], one["code"]) for one in told["tries"]] == [(1, "transient", "503")]


def test_a_superseded_delivery_names_the_digest_that_carries_its_stories(sent, run, call, hook):
    desk = sent(bo=(503, "later"))
    (bo,) = run(desk, "deliveries", "list", "--state", "pending", json_=True)
    with open_store(f"sqlite:///{desk.base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        connection.execute(text("UPDATE outbox SET state = 'failed' WHERE id = :id"), {"id": bo["id"]})
        connection.execute(text("UPDATE digest SET key = '2026-11-01T07:30+01:00'"))  # else the same second's
    hook.answers = {}
    done = call("digest", "send", "--config", desk.config)
    assert done.code == 0
    assert "0 stories to 1 recipient, 1 of them with what an earlier one could not deliver" in " ".join(
        done.out.split()
    )
    shown = run(desk, "deliveries", "show", bo["id"])
    (carrier, *_) = run(desk, "deliveries", "list", json_=True)
    assert carrier["key"].endswith("+1")
    assert f"digest {carrier['digest_id']} carries its stories" in " ".join(shown.out.split())
    assert f"delivery {carrier['id']}, delivered: morning {carrier['key']}" in " ".join(shown.out.split())
    told = run(desk, "deliveries", "show", bo["id"], json_=True)
    assert (told["superseded_by"], told["carried_by"]) == (
        carrier["digest_id"],
        {"id": carrier["id"], "digest": carrier["digest_id"], "key": carrier["key"], "state": "delivered"},
    )
    assert json.loads(call("status", "--json", "--config", desk.config).out)["deliveries"] == {
        "delivered": 3, "superseded": 1,
    }  # fmt: skip


def test_a_retry_says_what_it_will_send_and_reaches_only_who_has_not_received_it(sent, run, hook):
    desk = sent(bo=(400, "no"))
    hook.answers, hook.posts[:] = {}, []
    done = run(desk, "deliveries", "retry", "--failed")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "1 to send again, 2 were received already"
    assert [path for path, _ in hook.posts] == ["bo"]
    refused = run(desk, "deliveries", "retry", "--failed")
    assert (refused.code, refused.out) == (2, "")
    assert "no delivery has failed; there are: 3 delivered" in refused.err


def test_a_retry_by_id_begins_anew_and_a_received_one_is_refused(sent, run, hook):
    desk = sent(bo=(503, "later"))
    (bo,) = run(desk, "deliveries", "list", "--state", "pending", json_=True)
    again = run(desk, "deliveries", "retry", bo["id"])
    assert again.code == 1
    assert "503: later" in again.err
    hook.answers = {}
    told = run(desk, "deliveries", "retry", bo["id"], json_=True)
    assert (told["changed"], told["to_send"], told["received"]) == (1, 1, 2)
    assert [one["state"] for one in told["deliveries"]] == ["delivered"]
    refused = run(desk, "deliveries", "retry", bo["id"])
    assert refused.code == 2
    assert f"delivery {bo['id']} was received already; nothing was changed" in refused.err
    assert [path for path, _ in hook.posts].count("ana") == 1


def test_what_is_abandoned_is_told_and_cannot_be_abandoned_twice(sent, run):
    desk = sent(bo=(503, "later"))
    (bo,) = run(desk, "deliveries", "list", "--state", "pending", json_=True)
    done = run(desk, "deliveries", "abandon", bo["id"])
    assert done.code == 0
    assert done.out.startswith(f"1 delivery abandoned: {bo['id']}, morning ")
    again = run(desk, "deliveries", "abandon", bo["id"])
    assert again.code == 2
    assert "was abandoned before; nothing was changed" in again.err
    assert run(desk, "deliveries", "list", "--state", "abandoned", json_=True)[0]["id"] == bo["id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "99"], "no delivery 99; the newest is 3"),
        (["abandon", "99"], "no delivery 99; the newest is 3"),
        (["retry", "99"], "no delivery 99; the newest is 3"),
        (["retry"], "give the id of one delivery, or --failed"),
        (["retry", "1", "--failed"], "give the id of one delivery, or --failed"),
        (["retry", "1", "--channel", "team"], "--channel goes with --failed"),
        (["retry", "--failed", "--channel", "tame"], 'no channel "tame" in channels.toml; there are: files, team'),
        (["retry", "--failed", "--channel", "team"], 'no delivery in channel "team" has failed'),
        (["list", "--state", "lost"], "--state lost: give one of pending, sending, delivered"),
        (["list", "--channel", "tame"], 'no channel "tame"'),
    ],
)
def test_what_changes_nothing_is_an_error_that_names_what_there_is(sent, run, words, said):
    done = run(sent(), "deliveries", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_suspended_recipient_is_seen_in_lists_and_status_and_resumed_with_what_waited(sent, run, hook):
    desk = sent(bo=(410, "gone"))
    listed = run(desk, "channels", "list").out
    assert re.search(r"/bo \([0-9a-f]{16}\): suspended since", listed)
    assert re.search(r"/ana \([0-9a-f]{16}\): last delivered ", listed)
    assert "team: last delivered " in listed
    status = run(desk, "status")
    assert "1 suspended" in status.out
    assert "410: gone" in status.out
    (team, _) = run(desk, "channels", "list", json_=True)
    assert (team["name"], team["suspended"], team["failed"], team["failing_since"]) == ("team", 1, 1, None)
    refused = run(desk, "deliveries", "retry", "--failed")
    assert refused.code == 2
    assert "1 failed for suspended recipients" in refused.err

    unknown = run(desk, "channels", "resume", "cy")
    assert unknown.code == 2
    assert "/bo" in unknown.err
    done = run(desk, "channels", "resume", "/bo")
    assert done.out.startswith("1 recipient resumed: json://127.0.0.1:")
    assert "1 delivery to send, 0 that waited and 1 that had been refused" in done.out
    hook.answers, hook.posts[:] = {}, []
    assert run(desk, "digest", "send").code == 0
    assert [path for path, body in hook.posts if "suspended" not in body["title"]] == ["bo"]
    nobody = run(desk, "channels", "resume", "/bo")
    assert nobody.code == 2
    assert "there is no suspended recipient" in nobody.err


def test_a_test_of_a_subscription_tells_of_its_own_deliveries_and_who_gets_none(sent, run):
    desk = sent(ana=(503, "later"), bo=(410, "gone"))
    with open_store(f"sqlite:///{desk.base}/var/monitor.db") as store, store.write() as connection:
        connection.execute(text("UPDATE outbox SET next_at = created_at"))
    done = run(desk, "subscriptions", "test", "morning")
    assert done.code == 1
    told = " ".join((done.out + done.err).split())
    assert "a test with 0 stories to 3 recipients" in told
    assert told.count("/ana: pending: ") == 1, "the digest that waits for ana is no part of the test"
    assert told.count("folder://") == 1
    assert re.search(r"/bo: it waits, since this recipient is suspended; see `monitor channels list`", told)
    found = run(desk, "subscriptions", "test", "morning", json_=True)
    assert len(found["test"]["deliveries"]) == 3
    assert {one["delivery_id"] for one in found["deliveries"]} < set(found["test"]["deliveries"])


def test_a_test_message_shows_what_the_server_really_said(sent, run, hook):
    desk = sent()
    hook.posts.clear()
    done = run(desk, "channels", "test", "team", "--recipient", "/ana")
    assert (done.code, done.err) == (0, "")
    assert done.out.rstrip().endswith("/ana: taken: JSON accepted it (200 ok)")
    ((path, body),) = hook.posts
    assert (path, body["title"]) == ("ana", "[Test] Returns Monitor, channel team")
    assert "This is a test of the channel team" in body["message"]
    hook.answers = {"bo": (404, "who?")}
    refused = run(desk, "channels", "test", "team")
    assert refused.code == 1
    assert "/bo: not taken (permanent, 404): the server answered 404: who?" in refused.err
    told = run(desk, "channels", "test", "team", json_=True)
    assert [(one["accepted"], one["code"]) for one in told] == [(True, "200"), (False, "404")]
    assert run(desk, "channels", "list", json_=True)[0]["suspended"] == 0, "a test suspends nobody"
    for words in (["tame"], ["team", "--recipient", "cy"], ["team", "--recipient", "127"]):
        assert run(desk, "channels", "test", *words).code == 2

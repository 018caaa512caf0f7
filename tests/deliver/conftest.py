"""Real servers on loopback that note what arrives and answer as they are told."""

import asyncio
import json
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

# apprise.utils.pgp imports imghdr, which Python 3.11 and 3.12 call deprecated; warnings are errors here.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from monitor.deliver.recipients import recipients
from monitor.domain.delivery import Recipient
from monitor.domain.digest import Message
from tests.answering import Answer, Request, answering
from tests.mailing import stop


@dataclass
class Hook:
    """An HTTP server: ``answers`` are given in order, the last one for ever; ``posts`` are (path, headers, JSON).

    An answer is status, body and headers; None holds it back until ``released``.
    """

    port: int = 0
    answers: list[tuple[int, str, dict[str, str]] | None] = field(default_factory=lambda: [(200, "ok", {})])
    posts: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode()


@pytest.fixture
def hook() -> Iterator[Hook]:
    def answer(asked: Request) -> Answer | None:
        state.posts.append((asked.path, dict(asked.headers), _read(asked.body)))
        said = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
        if said is None:
            state.released.wait(30)
            return None
        return Answer(*said)

    state = Hook()
    with answering(answer) as state.port:
        yield state
        state.released.set()


@dataclass
class Mailbox:
    """An SMTP server; ``rcpt`` and ``data`` are what it says there: None drops the line, "" says nothing in time."""

    port: int = 0
    rcpt: str = "250 OK"
    data: str | None = "250 2.0.0 taken as 4711"
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, _: list[str]) -> str:  # noqa: ARG002, N802 (aiosmtpd calls it so)
        envelope.rcpt_tos.append(to)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 (aiosmtpd calls it so)
        content = envelope.content or b""
        self.raw.append(content if isinstance(content, bytes) else content.encode())
        self.mails.append(message_from_bytes(self.raw[-1], policy=default_policy))  # type: ignore[arg-type]
        if not self.data and self.data is not None:
            await asyncio.wait_for(self.released.wait(), 30)
            return "250 taken, too late"
        if self.data is None:
            server.transport.abort()
            return "451 never read"
        return self.data


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any) -> AuthResult:
    return AuthResult(success=auth.password == b"right-pass", handled=False)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    state = Mailbox(port=free_port())
    controller = Controller(
        state, hostname="127.0.0.1", port=state.port, authenticator=_authenticate, auth_require_tls=False
    )
    controller.start()
    yield state
    controller.loop.call_soon_threadsafe(state.released.set)
    stop(controller)


@pytest.fixture
def message() -> Message:
    return Message(
        key="morning 2026-11-22T07:30+01:00",
        subject="Morning: 2 stories",
        html='<p>Two stories, <a href="https://example.org/a">one</a> &amp; two: é, возвращение</p>',
        text="Two stories\none https://example.org/a\ntwo: é, возвращение\n",
        blocks=(({"type": "section", "text": {"type": "mrkdwn", "text": "<https://example.org/a|one>"}},),),
    )


@pytest.fixture
def one() -> Callable[[str], Recipient]:
    """Read a single URL as a channel's recipient."""
    return lambda url: recipients("team", [url], [url])[0]


@pytest.fixture
def script() -> Iterator[Callable[..., int]]:
    """Serve one SMTP client: a greeting, a reply to each line, a last one to the whole mail; then the line drops."""
    threads: list[threading.Thread] = []
    listeners: list[socket.socket] = []

    def serve(listener: socket.socket, replies: tuple[bytes, ...]) -> None:
        client, _ = listener.accept()
        with client, client.makefile("rb") as lines:
            for number, reply in enumerate(replies):
                if number:
                    line = lines.readline()
                    while replies[number - 1].startswith(b"354") and line not in {b".\r\n", b""}:
                        line = lines.readline()
                client.sendall(reply + b"\r\n")
            if replies[-1].startswith(b"354"):
                lines.readline()

    def start(*replies: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=serve, args=(listener, replies)))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in threads:
        thread.join()
    for listener in listeners:
        listener.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def dead_port() -> int:
    """A port where nobody listens."""
    return free_port()

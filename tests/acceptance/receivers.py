"""Where digests arrive, on loopback, and the process that sends them and can be killed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.answering import Answer, Request, answering
from tests.mailing import stop

_STORY = re.compile(r"https://courier\.example/(s\d+)")


@dataclass
class Servers:
    """Mail, a webhook and Slack's on loopback. ``got`` counts what arrived: channel and story.

    ``victim`` is a process, and the channel at whose next message it is killed: when the message is here as a whole,
    and before it is answered.
    """

    got: Counter[tuple[str, str]] = field(default_factory=Counter)
    victim: tuple[int, str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, channel: str, words: str) -> None:
        with self.lock:
            self.got.update({(channel, story) for story in _STORY.findall(words)})
            if self.victim is not None and self.victim[1] == channel:
                with suppress(ProcessLookupError):
                    os.kill(self.victim[0], signal.SIGKILL)
                self.victim = None

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))  # type: ignore[attr-defined]
        self.take("mail", body.get_content())
        return "250 2.0.0 taken"


@contextmanager
def receiving() -> Iterator[tuple[Servers, dict[str, list[str]]]]:
    """Run the servers; gives them with the channels that lead to them."""
    state = Servers()

    def answer(asked: Request) -> Answer:
        state.take("slack" if asked.path.startswith("/services") else "hook", json.dumps(json.loads(asked.body)))
        return Answer(body="ok")

    with socket.socket() as probe:  # aiosmtpd's controller cannot say which port it got
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(state, hostname="127.0.0.1", port=port)
    with answering(answer) as web:
        controller.start()
        channels = {
            "mail": [f"mailto://127.0.0.1:{port}?from=monitor@returns.example&to=desk@team.example"],
            "hook": [f"json://127.0.0.1:{web}/digests"],
            "slack": [f"slack://T1AAAAAAA/B2BBBBBBB/cccccccccccc?endpoint=http://127.0.0.1:{web}"],
        }
        try:
            yield state, channels
        finally:
            stop(controller)


class Worker:
    """The process that does the work, child by child."""

    def __init__(self, config: Path) -> None:
        driver = Path(__file__).with_name("killed.py")
        root = str(Path(__file__).resolve().parents[2])
        environment = {**os.environ, "PYTHONPATH": root, "NO_PROXY": "127.0.0.1"}
        self._process = subprocess.Popen(
            [sys.executable, str(driver), str(config)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def start(self, at: datetime, part: str | None = None, step: int | None = None) -> int:
        """Give an order, and return the pid of who works it off."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"at": at.isoformat(), "part": part, "step": step}) + "\n")
        self._process.stdin.flush()
        return int(self._read()["pid"])

    def end(self) -> dict[str, Any]:
        """Wait for how it ended."""
        return self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

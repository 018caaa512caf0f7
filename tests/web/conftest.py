"""A house: an office whose mails have links to unsubscribe, and the door at which they are answered."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App
from monitor.deliver.unsubscribe import tokens
from monitor.domain.digest import Subscription
from monitor.jobs.departures import addressed
from monitor.settings.model import Settings
from monitor.web.door import Door
from tests.jobs.conftest import Office

SECRET = "a-secret-of-some-length"
TITLES = {"morning": "Morning <digest> & more", "matin": "Retours du matin"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class House:
    """Two subscriptions, of which ana and bo get both; the links of their mails, and what is answered there."""

    def __init__(self, folder: Path, *, database: str = "sqlite:///monitor.db", smtp: int = 9) -> None:
        self.port = free_port()
        self.office = Office(folder, database=database)
        people = ", ".join(
            f'"mailto://127.0.0.1:{smtp}?from=monitor@returns.example&to={name}@team.example"' for name in ("ana", "bo")
        )
        self.office.channels = f'[channels.mail]\nurls = [{people}]\n[channels.files]\nurls = ["folder://digests"]\n'
        self.office.subscriptions = "".join(
            f'[subscriptions.{name}]\ntitle = "{title}"\nlabels = ["returns"]\nchannels = ["mail", "files"]\n'
            f'headings = "{language}"\n'
            for (name, title), language in zip(TITLES.items(), ("en", "fr"), strict=True)
        )
        self.office.more = (
            f'[mail]\nbase_url = "https://team.example/news"\nsecret = "{SECRET}"\n'
            f'[web]\nlisten = "127.0.0.1:{self.port}"\n'
        )
        self.app: App = self.office.app()

    def token(self, who: str, subscription: str = "morning", settings: Settings | None = None) -> str:
        found = settings or self.app.settings
        chosen: Subscription = found.subscriptions[subscription]
        (value,) = (
            value
            for value, one in tokens(found.options.mail, subscription, addressed(found, chosen)).items()
            if f":{who}@" in one.label
        )
        return value

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/x-www-form-urlencoded", **headers: str
    ) -> Answered:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {**({"Content-Type": kind} if body is not None else {}), **headers}
            chunked = body is not None and not isinstance(body, (str, bytes))
            line.request(method, path, body, given, encode_chunked=chunked)
            answer = line.getresponse()
            return Answered(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            line.close()

    def click(self, who: str, subscription: str = "morning") -> Answered:
        """Leave by one click."""
        return self.ask("POST", f"/unsubscribe/{self.token(who, subscription)}", "List-Unsubscribe=One-Click")

    def settings_with(self, **web: Any) -> Settings:
        options = self.app.settings.options
        return replace(
            self.app.settings, options=options.model_copy(update={"web": options.web.model_copy(update=web)})
        )


@contextmanager
def opened(house: House) -> Iterator[House]:
    door = Door(house.app.settings, lambda: house.app)
    try:
        yield house
    finally:
        assert door.close(20), "the door closes"
        house.app.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened(House(tmp_path)) as made:
        yield made

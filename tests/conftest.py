"""What the tests of all rooms share: a clock that stands, servers on loopback, both databases, and builders."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import make_url

from monitor.demo.server import FeedServer
from monitor.domain.entry import ClassifiedEntry, Document, Entry, RawEntry, Score
from monitor.normalise.entry import Normalised, clean_document, identify
from monitor.observe import redaction
from monitor.store.database import Store, open_store

# Nothing is timed in tests: what an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
POSTGRES = os.environ.get("MONITOR_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
LABELS = '[labels.returns]\ntitle = "Returns"\nthreshold = 0.5\n\n[labels.policy]\ntitle = "Policy"\nthreshold = 0.5\n'


@pytest.fixture
def now() -> datetime:
    """A fixed moment, aware, UTC."""
    return NOW


@pytest.fixture
def feed_server() -> Iterator[FeedServer]:
    """A feed server on loopback."""
    with FeedServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _forget_secrets() -> Iterator[None]:
    """The strings that one test hides from logs are no secrets of the next."""
    yield
    redaction.secrets = ()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of a PostgreSQL server; without one its tests are skipped by name, and fail on CI."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL answers at {make_url(POSTGRES).render_as_string()} (MONITOR_TEST_POSTGRES): {error}"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return POSTGRES


@pytest.fixture(scope="session")
def _postgres_url(postgres_server: str) -> Iterator[str]:
    with _postgres_database(postgres_server) as url:
        yield url


@contextmanager
def _postgres_database(server: str) -> Iterator[str]:
    """A database of its own, dropped at the end."""
    name = f"returns_monitor_test_{secrets.token_hex(6)}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that holds nothing yet, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fresh.db'}"
        return
    with _postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database, of each kind. On PostgreSQL it is one a session, emptied each time."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'monitor.db'}"
    url = str(request.getfixturevalue("_postgres_url"))
    open_store(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = ", ".join(f'"{name}"' for (name,) in found if name != "alembic_version")
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, empty store, on SQLite and on PostgreSQL."""
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Build an entry: ``entry("a", title="…")`` has the key ``g:a``; every field can be given."""

    def build(name: str = "a", **fields: Any) -> Entry:
        made = Entry(
            key=f"g:{name}", guid=name, url=f"https://courier.example/{name}", title=f"Harbour notes, part {name}",
            text="", lang="en", published=NOW - timedelta(hours=2),
        )  # fmt: skip
        return replace(made, **fields)

    return build


@pytest.fixture
def classified(entry: Callable[..., Entry]) -> Callable[..., ClassifiedEntry]:
    """Build a classified entry: ``classified("a", returns=0.9, marks=("u:1",), title="…")``.

    ``scorer`` "" stands for one that waits for a model; what is no field of it is one of the entry's.
    """

    def build(
        name: str = "a",
        *,
        returns: float = 0.9,
        policy: float = 0.1,
        marks: Sequence[str] | None = None,
        scorer: str = "test+0",
        news: bool = True,
        countries: tuple[str, ...] = (),
        **fields: Any,
    ) -> ClassifiedEntry:
        scores = {"returns": Score(returns), "policy": Score(policy)} if scorer else {}
        keys = (f"u:{name}",) if marks is None else tuple(marks)
        return ClassifiedEntry(entry(name, **fields), scores, scorer, countries, keys, news)

    return build


@pytest.fixture
def config_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a minimal valid config and return its folder; see `write`'s parameters for what can be set."""

    def write(
        folder: Path | None = None,
        *,
        feeds: Mapping[str, str] | None = None,
        channels: Mapping[str, Sequence[str]] | None = None,
        subscriptions: str | None = None,
        monitor: str = "",
        labels: str = LABELS,
        database: str | None = None,
        tier: str = "news",
    ) -> Path:
        """``feeds`` are name -> address (each a source of its own), ``channels`` name -> URLs; the rest is TOML text.

        Without channels digests go to a folder; without subscriptions one, ``desk``, wants both labels on every
        channel, daily at 07:30 UTC. ``monitor`` is appended to monitor.toml: whole tables but [database] and [fetch].
        """
        config = folder or tmp_path / "config"
        config.mkdir(parents=True, exist_ok=True)
        chosen = channels if channels is not None else {"files": ["folder://digests"]}
        names = ", ".join(f'"{name}"' for name in chosen)
        desk = f'[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = [{names}]\nempty_digests = true\n'
        texts = {
            "monitor.toml": f'[database]\nurl = "{database or "sqlite:///monitor.db"}"\n'
            f"[fetch]\nallow_private_hosts = true\n{monitor}\n",
            "feeds.toml": "".join(
                f'[sources.{name}]\ntitle = "{name.title()}"\nlanguage = "en"\ntier = "{tier}"\n'
                f'[sources.{name}.feeds]\n{name} = "{url}"\n'
                for name, url in (feeds or {}).items()
            ),
            "labels.toml": labels,
            "channels.toml": "".join(
                f"[channels.{name}]\nurls = [{', '.join(repr(url) for url in urls)}]\n" for name, urls in chosen.items()
            ),
            "subscriptions.toml": desk if subscriptions is None else subscriptions,
        }
        for name, text in texts.items():
            (config / name).write_text(text, encoding="utf-8")
        return config

    return write


def normalise_all(document: Document, *, base: str, claimed_language: str, now: datetime, **how: Any) -> Normalised:
    """Clean a document's entries and give them their keys; ``how`` is as for `identify`."""
    return identify(clean_document(document, base=base, claimed_language=claimed_language, now=now), **how)


def normalise(raw: RawEntry, *, base: str, claimed_language: str, now: datetime) -> Entry | None:
    """One raw entry as the only one of its document."""
    document = Document("rss20", "", None, (raw,))
    found = normalise_all(document, base=base, claimed_language=claimed_language, now=now).entries
    return found[0] if found else None

"""The audit of a peer in production, its rows on settings and cost: what went wrong there does not go wrong here.

Rows 13 and P3; the others are in test_audit_selection.py and test_audit_delivery.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from monitor.app import App
from monitor.domain.digest import Message
from monitor.domain.entry import ClassifiedEntry
from monitor.domain.facts import Facts, Measure, MeasureFact, Place, Stage
from monitor.errors import ConfigError
from monitor.jobs import alert, digest, subscriptions
from monitor.settings.load import load
from monitor.store import outbox
from tests.jobs.conftest import Office, news

from .audit import HOUR, LABELS, SECOND, desk, numbers, sent_as

# 13


def citizenship(entry: ClassifiedEntry, stage: Stage) -> ClassifiedEntry:
    return replace(
        entry, facts=Facts((Place("FR"),), (MeasureFact(Measure.CITIZENSHIP, "FR", stage, False, "stripped"),))
    )


def _other(entry: ClassifiedEntry, **changed: Any) -> ClassifiedEntry:
    return replace(entry, entry=replace(entry.entry, **changed))


KNOBS: dict[str, tuple[str, Callable[[ClassifiedEntry], ClassifiedEntry]]] = {
    "countries": ('countries = ["FR"]', lambda entry: replace(entry, countries=("DE",), facts=Facts((Place("DE"),)))),
    "languages": ('languages = ["en"]', lambda entry: _other(entry, lang="de")),
    "sources": ('sources = ["paper"]', lambda entry: entry),
    "words": ("words = '-refused'", lambda entry: _other(entry, text="It was refused.")),
    "measures": ('measures = ["citizenship:adopted"]', lambda entry: citizenship(entry, Stage.PROPOSED)),
}
"""Each knob, and what makes an entry that it leaves out. That of ``sources`` comes by another feed."""


def by_schedule(office: Office, app: App) -> Message | None:
    office.now += 2 * HOUR
    (sent,) = digest.run(app, now=office.clock)
    return sent_as(app, sent.key)


def at_once(office: Office, app: App) -> Message | None:
    office.now += 40 * SECOND
    (sent,) = digest.run(app, now=office.clock)
    return sent_as(app, sent.key)


def alerted(office: Office, app: App) -> Message | None:
    office.now += 40 * SECOND
    (sent,) = alert.run(app, now=office.clock)
    return sent_as(app, sent.key)


def previewed(office: Office, app: App) -> Message | None:
    return digest.preview(app, "desk", now=office.clock).message


def tried(office: Office, app: App) -> Message | None:
    return subscriptions.try_out(app, "desk", dry_run=True, now=office.clock).message


MESSAGES: dict[str, tuple[Callable[[Office, App], Message | None], str, float]] = {
    "digest": (by_schedule, "", 0.97),
    "near-misses": (by_schedule, "near_misses = 9\nempty_digests = true", 0.4),
    "immediate": (at_once, 'schedule = "immediate"', 0.97),
    "alert": (alerted, "alert_thresholds = { returns = 0.9 }", 0.97),
    "preview": (previewed, "", 0.97),
    "test": (tried, "", 0.97),
}


@pytest.mark.parametrize("knob", KNOBS)
@pytest.mark.parametrize("kind", MESSAGES)
def test_row_13_what_a_subscription_asks_for_holds_for_every_kind_of_message(
    tmp_path: Path, kind: str, knob: str
) -> None:
    line, unlike = KNOBS[knob]
    make, more, score = MESSAGES[kind]
    office = Office(tmp_path, labels=LABELS, subscriptions=desk(line, more))
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.now += SECOND
        office.bring(app, citizenship(news(1, returns=score), Stage.ADOPTED))
        other = citizenship(news(2, returns=score), Stage.ADOPTED)
        office.bring(app, unlike(other), feed="wire" if knob == "sources" else "paper")
        assert numbers(make(office, app)) == [1]


@pytest.mark.parametrize(
    ("file", "table", "key"),
    [
        ("subscriptions.toml", "subscriptions.desk", "lookback_days = 30"),
        ("subscriptions.toml", "subscriptions.desk", "threshold = 0.8"),
        ("labels.toml", "labels.returns", "treshold = 0.8"),
        ("channels.toml", "channels.files", "retry = 3"),
        ("monitor.toml", "digest", "lookback_days = 30"),
        ("monitor.toml", "deliver", "retries = 3"),
    ],
)
def test_row_13_a_knob_that_nothing_obeys_is_refused_by_its_name_and_place(
    config_folder: Callable[..., Path], file: str, table: str, key: str
) -> None:
    config = config_folder(subscriptions=desk())
    path = config / file
    text = path.read_text(encoding="utf-8")
    head = f"[{table}]\n"
    path.write_text(text.replace(head, f"{head}{key}\n") if head in text else f"{text}{head}{key}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(config, {})
    (problem,) = map(str, refused.value.problems)
    assert file in problem
    assert key.partition(" ")[0] in problem


# P3


@contextmanager
def counted() -> Iterator[list[str]]:
    """Note every statement that goes to a database."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def statements(folder: Path, database: str, *, people: int, desks: int, stories: int) -> int:
    """How many statements a run needs that sends so many stories to so many people of so many subscriptions."""
    folder.mkdir(exist_ok=True)
    urls = ", ".join(f'"folder://out/{number}"' for number in range(people))
    names = [f"desk{number}" for number in range(desks)]
    office = Office(folder, database=database, channels=f"[channels.files]\nurls = [{urls}]\n")
    office.subscriptions = "".join(desk("max_stories = 500").replace("desk", name) for name in names)
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.bring(app, *(news(number, returns=0.9) for number in range(stories)))
        office.now += 2 * HOUR
        with counted() as found:
            sent = digest.run(app, now=office.clock)
        assert [(one.stories, one.recipients) for one in sent] == [(stories, people)] * desks
        assert len(outbox.claim(app.store, now=office.now, lease=HOUR, limit=10_000)) == people * desks
    return len(found)


def test_row_p3_recipients_and_stories_cost_no_statement_and_each_subscription_costs_the_same(tmp_path: Path) -> None:
    def needs(people: int = 1, desks: int = 1, stories: int = 3) -> int:
        folder = tmp_path / f"{people}-{desks}-{stories}"
        return statements(folder, "sqlite:///monitor.db", people=people, desks=desks, stories=stories)

    base = needs()
    assert needs(people=30) == base
    assert needs(stories=60) == base
    five, nine = needs(desks=5), needs(desks=9)
    assert (nine - five) / 4 <= (five - base) / 4 < base

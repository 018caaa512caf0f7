"""Silences: what no alert is sent of for a while. It is in the next digest all the same."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.app import App
from monitor.domain.alert import Silence
from monitor.domain.facts import Measure
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.store import alerts as store_alerts


def add(
    app: App,
    *,
    lasts: timedelta,
    country: str = "",
    measure: str = "",
    label: str = "",
    note: str = "",
    now: Callable[[], datetime] = utc_now,
) -> Silence:
    """Silence a country, a measure, a label, or what is all that is given; raises UsageError with what is wrong."""
    if not (country or measure or label):
        raise UsageError("give --country, --measure or --label; `monitor subscriptions pause` stops all")
    if country and not re.fullmatch("[A-Z]{2}", country):
        raise UsageError(f'--country {country}: give an ISO 3166 code of two capital letters, such as "FR"')
    if measure and measure not in set(Measure):
        raise UsageError(f"--measure {measure}: known are {', '.join(Measure)}")
    if label and label not in app.settings.labels:
        raise UsageError(f"--label {label}: known are {', '.join(sorted(app.settings.labels))}")
    if lasts <= timedelta():
        raise UsageError('--for: give how long, such as "4h"')
    moment = now()
    return store_alerts.silence(
        app.store, country=country, measure=measure, label=label, note=note, now=moment, until=moment + lasts
    )


def active(app: App, *, now: Callable[[], datetime] = utc_now) -> list[Silence]:
    """List the silences that hold."""
    return store_alerts.silences(app.store, now=now())


def end(app: App, id_: int, *, now: Callable[[], datetime] = utc_now) -> int:
    """End a silence; returns how many rows changed, and raises UsageError where that is none."""
    rows = store_alerts.end_silence(app.store, id_, now=now())
    if not rows:
        raise UsageError(f"no silence {id_} holds now; nothing was changed; `monitor silence list`")
    return rows

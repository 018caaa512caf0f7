"""Silences: what no alert is sent of for a while. It is in the next digest all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.app import App
from monitor.digest.options import check_country
from monitor.domain.alert import Silence
from monitor.domain.facts import Measure
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.store import alerts as store_alerts

LONGEST = timedelta(days=366)


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
    if country:
        try:
            check_country(country)
        except ValueError as error:
            raise UsageError(f"--country: {error}") from error
    if measure and measure not in set(Measure):
        whole = ", without its stage" if measure.partition(":")[0] in set(Measure) else ""
        raise UsageError(f"--measure {measure}: give one of {', '.join(Measure)}{whole}")
    if label and label not in app.settings.labels:
        raise UsageError(f"--label {label}: known are {', '.join(sorted(app.settings.labels))}")
    if lasts <= timedelta():
        raise UsageError('--for: give how long, such as "4h"')
    if lasts > LONGEST:
        raise UsageError(f"--for: a silence lasts {LONGEST.days}d at the most")
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
        raise UsageError(
            f"no silence {id_} holds now; nothing was changed; `monitor silence list` lists those that hold"
        )
    return rows

"""What a user may set about a subscription."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from monitor.digest import word_filter
from monitor.digest.schedule import IMMEDIATE
from monitor.digest.schedule import check as check_schedule
from monitor.domain.facts import Measure, Stage
from monitor.domain.wish import QuietHours, QuietMode, WantedMeasure
from monitor.normalise.duration import Duration
from monitor.tongue.catalogue import CODES
from monitor.tongue.catalogue import check as check_language
from monitor.tongue.tongue import of

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_USUAL = {"UK": "GB", "EL": "GR"}
"""What people and the EU write instead of the codes of ISO."""
_HOURS = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)$")
Threshold = Annotated[float, Field(ge=0, le=1)]


def _day(value: object) -> object:
    """A day may be written as TOML has it, or in quotes."""
    if isinstance(value, datetime):
        raise ValueError('give a day without a time, such as "2026-12-25"')  # noqa: TRY004 - pydantic's protocol
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'"{value}" is no day; write it as in "2026-12-25"') from error


Day = Annotated[date, BeforeValidator(_day)]


def read_hours(text: str, mode: str) -> QuietHours:
    """Read ``22:00-07:00``; raises ValueError."""
    found = _HOURS.match(text)
    if found is None:
        raise ValueError(f'"{text}" are no hours; write them as in "22:00-07:00"')
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise ValueError(f'"{text}" begin and end at the same time')
    return QuietHours(begin, end, QuietMode(mode))


def read_measure(text: str) -> WantedMeasure:
    """Read ``citizenship`` or ``citizenship:adopted``; raises ValueError that names what there is."""
    name, colon, stage = text.partition(":")
    if name not in set(Measure):
        raise ValueError(f'"{name}" is no measure; known: {", ".join(Measure)}')
    if colon and stage not in set(Stage):
        raise ValueError(f'"{stage}" is no stage; known: {", ".join(Stage)}')
    return WantedMeasure(Measure(name), Stage(stage) if colon else None)


def _check_measures(names: list[str]) -> list[str]:
    for name in names:
        read_measure(name)
    return names


def check_country(code: str) -> None:
    """Accept the code of a country; raises ValueError with what would be right.

    A code that no country has, such as "UK", would let nothing in, without a word.
    """
    if not _COUNTRY.match(code):
        raise ValueError(f'"{code}" is not an ISO 3166 code of two capital letters, such as "FR"')
    names = of("en").countries
    if code not in names:
        meant = _USUAL.get(code, "")
        hint = f'; {names[meant]} has "{meant}"' if meant else ""
        raise ValueError(f'"{code}" is the ISO 3166 code of no country{hint}')


def _check_countries(codes: list[str]) -> list[str]:
    for code in codes:
        check_country(code)
    return codes


def check_zone(name: str) -> str:
    """Accept an IANA time zone name; raises ValueError with what is wrong."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone; give an IANA name such as "Europe/Berlin" or "UTC"') from error
    return name


class AlertOptions(BaseModel):
    """[[subscriptions.NAME.alerts]] in subscriptions.toml."""

    model_config = _FROZEN

    countries: list[str] = Field(
        default_factory=list, description="ISO 3166 codes of who takes the measure, or that are named; empty: all"
    )
    measures: list[str] = Field(default_factory=list, description='measures, or "MEASURE:STAGE"; empty: all')

    _measures = field_validator("measures")(_check_measures)
    _countries = field_validator("countries")(_check_countries)

    @model_validator(mode="after")
    def _something(self) -> "AlertOptions":
        if not (self.countries or self.measures):
            raise ValueError("an alert rule needs countries or measures; for all stories use the schedule immediate")
        return self


class SubscriptionOptions(BaseModel):
    """[subscriptions.NAME] in subscriptions.toml."""

    model_config = _FROZEN

    title: str = Field("", description="the digest's heading")
    headings: str = Field(
        "en", description=f"the language that digests and alerts are told in: {', '.join(CODES)}; not that of entries"
    )
    labels: Annotated[list[str], Field(min_length=1)] = Field(
        description="labels of labels.toml; an entry that passes one of them is in"
    )
    thresholds: dict[str, Threshold] = Field(
        default_factory=dict, description="LABEL = line, instead of the label's own"
    )
    countries: list[str] = Field(
        default_factory=list, description="ISO 3166 codes; an entry that names one of them is in; empty: all"
    )
    languages: list[str] = Field(default_factory=list, description="ISO 639-1 codes; empty: all")
    sources: list[str] = Field(default_factory=list, description="keys of feeds.toml; empty: all")
    measures: list[str] = Field(
        default_factory=list,
        description='measures, or "MEASURE:STAGE"; an entry that tells of one is in, of one of `countries`; empty: all',
    )
    words: str = Field(
        "", description='words that must all stand in title or text; "a phrase" in quotes; -word must not stand there'
    )
    schedule: str = Field(
        "daily 07:30",
        description='"daily HH:MM", "weekdays HH:MM", "weekly mon HH:MM", "hourly", "immediate", '
        "or a cron expression of five fields (Monday is 1)",
    )
    timezone: str | None = Field(None, description="IANA name, instead of the one in monitor.toml")
    channels: Annotated[list[str], Field(min_length=1)] = Field(description="names of channels.toml")
    max_stories: Annotated[int, Field(ge=1, le=500)] = Field(
        40, description="stories in one digest; what is cut comes first in the next one"
    )
    empty_digests: bool = Field(False, description="send one line when there is nothing new")
    update_sources: Annotated[int, Field(ge=0)] = Field(
        3, description="a story comes again when so many more sources tell it; 0: only for new facts"
    )
    blocks: list[Literal["tracker", "ledger"]] = Field(
        default_factory=list, description="below the stories: the window's policy tracker, its figures ledger"
    )
    near_misses: Annotated[int, Field(ge=0, le=50)] = Field(
        0, description="how many stories just below the line close the digest; 0: none"
    )
    quiet_hours: str = Field("", description='"22:00-07:00", local: what is due then goes out at their end')
    quiet_mode: Literal["hold", "critical"] = Field(
        "hold", description="`hold`: nothing goes out in quiet hours; `critical`: what reaches `critical` does"
    )
    critical: Threshold | None = Field(
        None, description="stories from this score on pass holidays, and quiet hours of mode `critical`"
    )
    holidays: list[Day] = Field(
        default_factory=list, description="days on which nothing but what is critical goes out; the next digest has all"
    )

    alerts: list[AlertOptions] = Field(
        default_factory=list, description="rules: a story over the line that meets one is sent at once"
    )
    alerting: bool = Field(True, description="false: no alerts, whatever labels.toml says")
    alert_thresholds: dict[str, Threshold] = Field(
        default_factory=dict, description="LABEL = score from which a story is an alert, instead of the label's own"
    )
    max_alerts: Annotated[int, Field(ge=1, le=100)] = Field(
        6, description="alerts in an hour; then one says how many more there are, and the next digest has them"
    )

    _schedule = field_validator("schedule")(check_schedule)
    _measures = field_validator("measures")(_check_measures)
    _countries = field_validator("countries")(_check_countries)
    _headings = field_validator("headings")(check_language)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        return None if name is None else check_zone(name)

    @field_validator("blocks")
    @classmethod
    def _blocks(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("a block is named twice")
        return names

    @field_validator("words")
    @classmethod
    def _words(cls, text: str) -> str:
        word_filter.read(text)
        return text

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, text: str) -> str:
        if text:
            read_hours(text, "hold")
        return text

    @model_validator(mode="after")
    def _together(self) -> "SubscriptionOptions":
        """Refuse what could not be obeyed beside the rest."""
        if self.quiet_mode == "critical" and not (self.quiet_hours and self.critical is not None):
            raise ValueError('quiet_mode "critical" needs quiet_hours, and critical = the score that passes them')
        if self.critical is not None and not (self.holidays or self.quiet_mode == "critical"):
            raise ValueError('critical has nothing to pass: give holidays, or quiet_hours with quiet_mode = "critical"')
        if self.schedule == IMMEDIATE and self.empty_digests:
            raise ValueError('empty_digests: an "immediate" digest is sent when there is something, and never empty')
        if not self.alerting and (self.alerts or self.alert_thresholds):
            raise ValueError("alerting = false, and alerts or alert_thresholds: take out the one or the other")
        if self.schedule == IMMEDIATE and (self.alerts or self.alert_thresholds):
            raise ValueError('alerts: an "immediate" digest sends every story as it comes')
        return self


class DigestOptions(BaseModel):
    """[digest] in monitor.toml."""

    model_config = _FROZEN

    begin: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(hours=24), description="how far back a new subscription's first digest looks"
    )
    merge_after: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(hours=6), description="missed windows that are older than this come as one digest with the next one"
    )
    group_wait: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(seconds=30), description="how long an immediate digest, or an alert, waits for what comes with it"
    )
    group_interval: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(minutes=5), description="after an alert, how long news of the same story waits"
    )

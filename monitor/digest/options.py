"""What a user may set about a subscription."""

import re
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.digest.schedule import check as check_schedule
from monitor.normalise.duration import Duration

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)
_COUNTRY = re.compile(r"^[A-Z]{2}$")
Threshold = Annotated[float, Field(ge=0, le=1)]


def check_zone(name: str) -> str:
    """Accept an IANA time zone name; raises ValueError with what is wrong."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone; give an IANA name such as "Europe/Berlin" or "UTC"') from error
    return name


class SubscriptionOptions(BaseModel):
    """[subscriptions.NAME] in subscriptions.toml."""

    model_config = _FROZEN

    title: str = Field("", description="the digest's heading")
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
    schedule: str = Field("daily 07:30", description='"daily HH:MM", or a cron expression of five fields (Monday is 1)')
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

    _schedule = field_validator("schedule")(check_schedule)

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

    @field_validator("countries")
    @classmethod
    def _countries(cls, codes: list[str]) -> list[str]:
        for code in codes:
            if not _COUNTRY.match(code):
                raise ValueError(f'"{code}" is not an ISO 3166 code of two capital letters, such as "FR"')
        return codes


class DigestOptions(BaseModel):
    """[digest] in monitor.toml."""

    model_config = _FROZEN

    begin: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(hours=24), description="how far back a new subscription's first digest looks"
    )

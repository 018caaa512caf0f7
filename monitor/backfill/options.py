"""What a user may set about backfills."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.normalise.duration import Duration


class BackfillOptions(BaseModel):
    """[backfill] in monitor.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    budget: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        2_000, description="requests of one backfill, where --budget says nothing"
    )
    wayback: str = Field("https://web.archive.org", description="address of the Wayback Machine")
    wayback_interval: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(seconds=2.5), description="between two requests to the Wayback Machine, which allows 30 a minute"
    )

    @field_validator("wayback")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("give an http or https address")
        return value.rstrip("/")

"""What a user may set about the database and how long things are kept."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from monitor.normalise.duration import Duration

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)
Kept = Annotated[Duration, Field(ge=timedelta(days=1))]


class DatabaseOptions(BaseModel):
    """[database] in monitor.toml."""

    model_config = _FROZEN

    url: str = Field(
        "sqlite:///var/monitor.db", repr=False, description="sqlite:///PATH, or postgresql://USER:PASSWORD@HOST/NAME"
    )


class RetentionOptions(BaseModel):
    """[retention] in monitor.toml."""

    model_config = _FROZEN

    entries: Kept = Field(
        timedelta(days=730), description="texts and scores; the key stays, so that nothing old comes back as new"
    )
    polls: Kept = Field(
        timedelta(days=90), description="the record of single polls, and of reclassifications that ended"
    )
    documents: Annotated[Duration, Field(ge=timedelta())] = Field(
        timedelta(days=14), description="documents as they came, for `monitor replay`; 0d keeps none"
    )
    digests: Kept = Field(timedelta(days=400), description="rendered digests and their deliveries")

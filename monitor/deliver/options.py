"""What a user may set about channels and deliveries."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from monitor.normalise.duration import Duration

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)


class DeliverOptions(BaseModel):
    """[deliver] in monitor.toml."""

    model_config = _FROZEN

    timeout: Annotated[Duration, Field(gt=timedelta(seconds=1))] = Field(
        timedelta(seconds=60), description="for one message to one recipient"
    )
    deadline: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(hours=24), description="how long a delivery that fails is tried again, from its digest on"
    )
    alarm_after: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(hours=1), description="how long a channel must have failed before an alarm goes to another one"
    )
    alarm_channel: str = Field("", description="the channel for alarms; empty: ops, else the first that delivers")


class ChannelOptions(BaseModel):
    """[channels.NAME] in channels.toml."""

    model_config = _FROZEN

    urls: Annotated[list[str], Field(min_length=1)] = Field(
        repr=False, description="one Apprise URL a recipient; write secrets as ${NAME}"
    )

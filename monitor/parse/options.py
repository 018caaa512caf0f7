"""What a user may set about reading documents."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from monitor.normalise.duration import Duration

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)


class ParseOptions(BaseModel):
    """[parse] in monitor.toml."""

    model_config = _FROZEN

    workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="processes that read documents")
    deadline: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(seconds=20), description="for one document; one that takes longer is put aside and not read again"
    )
    max_memory: Annotated[int, Field(ge=512 * 1024 * 1024)] = Field(
        1024 * 1024 * 1024, description="bytes that a process which reads documents may take"
    )

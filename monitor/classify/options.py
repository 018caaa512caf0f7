"""What a user may set about the model and its labels."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)


class ModelOptions(BaseModel):
    """[model] in monitor.toml."""

    model_config = _FROZEN

    directory: str = Field("", description="folder of trained versions; empty: the models that come with the program")
    version: str = Field("", description="the version to use; empty: the one named in the folder's ACTIVE file")


class LabelOptions(BaseModel):
    """[labels.NAME] in labels.toml."""

    model_config = _FROZEN

    title: str = Field("", description="heading in digests")
    threshold: Annotated[float, Field(ge=0, le=1)] = Field(
        description="an entry is in when its score reaches this line"
    )

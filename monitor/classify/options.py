"""What a user may set about the model, its labels, the words it knows, and the watch-list."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.tongue.catalogue import check as check_language

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True)
Probability = Annotated[float, Field(ge=0, le=1)]


class ModelOptions(BaseModel):
    """[model] in monitor.toml."""

    model_config = _FROZEN

    directory: str = Field("", description="folder of trained versions; empty: the models that come with the program")
    version: str = Field("", description="the version to use; empty: the one named in the folder's ACTIVE file")


class CutOptions(BaseModel):
    """[labels.NAME.languages.CODE] and [labels.NAME.tiers.TIER] in labels.toml."""

    model_config = _FROZEN

    threshold: Probability = Field(description="the line for entries of this language, or of sources of this tier")
    review: Probability | None = Field(None, description="near-misses of these begin here; the label's own if missing")
    tuned: str = Field("", description="when and from what `monitor tune --write` found this line; for people")


class RuleOptions(BaseModel):
    """[labels.NAME.rule] in labels.toml: a score that needs no model (`monitor.classify.rules`)."""

    model_config = _FROZEN

    terms: dict[str, float] = Field(
        default_factory=dict,
        description='TERM = points; as in the lexicon, or "concept:NAME"; " + " joins what must all be there',
    )
    minimum: Annotated[float, Field(gt=0)] = Field(1.0, description="the points that make a score of .5")
    required: list[str] = Field(default_factory=list, description="without any of these terms the score is 0")
    excluded: list[str] = Field(default_factory=list, description="with any of these terms the score is 0")


class GoalOptions(BaseModel):
    """[labels.NAME.tune] in labels.toml: what `monitor tune NAME` looks for when no flag says otherwise."""

    model_config = _FROZEN

    mode: Literal["budget", "precision", "recall", "cost"] = Field(
        "budget", description="`budget`, `precision`, `recall` or `cost`"
    )
    per_day: Annotated[float, Field(gt=0)] = Field(10.0, description="mode budget: entries a day over the line")
    target: Annotated[float, Field(gt=0, le=1)] = Field(
        0.9, description="modes precision and recall: the share that is wanted"
    )
    cost_miss: Annotated[float, Field(gt=0)] = Field(5.0, description="mode cost: what a miss costs, in false alerts")


class LabelOptions(BaseModel):
    """[labels.NAME] in labels.toml."""

    model_config = _FROZEN

    title: str = Field("", description="heading in digests")
    titles: dict[str, str] = Field(
        default_factory=dict, description="the same by language (ISO 639-1), for subscriptions with such `headings`"
    )
    threshold: Probability = Field(description="an entry is in when its score reaches this line")
    review: Probability | None = Field(
        None, description="an entry is a near-miss from this line on; half the threshold if missing"
    )
    alert: Probability | None = Field(None, description="stories from this score on are alerts; none if missing")
    tuned: str = Field("", description="when and from what `monitor tune --write` found the threshold; for people")
    languages: dict[str, CutOptions] = Field(default_factory=dict, description="lines by language (ISO 639-1)")
    tiers: dict[str, CutOptions] = Field(default_factory=dict, description="lines by a source's tier: news, analysis")
    rule: RuleOptions | None = Field(None, description="the rule score, used where no model fits")
    tune: GoalOptions = Field(
        GoalOptions(), description="what `monitor tune NAME` looks for when no flag says otherwise"
    )

    @field_validator("titles")
    @classmethod
    def _told(cls, titles: dict[str, str]) -> dict[str, str]:
        for code in titles:
            check_language(code)
        return titles

    @model_validator(mode="after")
    def _ordered(self) -> "LabelOptions":
        cuts = {"": (self.threshold, self.review)}
        cuts |= {f" for {k}": (cut.threshold, cut.review) for k, cut in (*self.languages.items(), *self.tiers.items())}
        for where, (threshold, review) in cuts.items():
            if review is not None and review > threshold:
                raise ValueError(f"review{where} is {review:g}, over the threshold of {threshold:g}")
        if self.alert is not None and self.alert < self.threshold:
            raise ValueError(f"alert is {self.alert:g}, under the threshold of {self.threshold:g}")
        return self


class WatchOptions(BaseModel):
    """[watch.NAME] in labels.toml: a publicly reported case, a camp, a prison; what names it is never out of sight."""

    model_config = _FROZEN

    title: str = Field("", description="as people know it")
    terms: Annotated[list[str], Field(min_length=1)] = Field(description="how it is written, as lexicon terms")
    concept: str = Field("", description="the lexicon concept it stands for, such as camp; may be empty")

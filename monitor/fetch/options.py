"""What a user may set about asking: how often, how politely, and how much is taken."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError, field_validator

from monitor.domain.feed import Tier
from monitor.normalise.duration import Duration

_FROZEN = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
NonNegative = Annotated[Duration, Field(ge=timedelta())]


class PollOptions(BaseModel):
    """[poll] in monitor.toml."""

    model_config = _FROZEN

    interval: NonNegative = Field(
        timedelta(minutes=60), description="how long after a poll a feed is due again, before anything is learnt of it"
    )
    learn: bool = Field(True, description="learn each feed's interval from how much of a document was known before")
    min_interval: NonNegative = Field(timedelta(minutes=15), description="the shortest interval that is learnt")
    max_interval: NonNegative = Field(
        timedelta(hours=24), description="the longest interval that is learnt or hinted at"
    )
    max_hint: NonNegative = Field(
        timedelta(hours=5), description="the longest wait that max-age, Expires, ttl or sy: may ask for"
    )
    refetch_after: NonNegative = Field(
        timedelta(days=8), description="ask unconditionally after so long, since some servers say 304 wrongly"
    )
    max_backoff: NonNegative = Field(
        timedelta(hours=24), description="the longest wait after failures, and the longest Retry-After obeyed"
    )
    tick: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(seconds=15), description="how often the daemon looks for what is due"
    )
    first_poll_news: NonNegative = Field(
        timedelta(hours=48), description="on a feed's first poll, only younger entries are news"
    )
    max_entries: Annotated[int, Field(ge=1, le=100_000)] = Field(
        500, description="entries taken from one document; what is cut is counted"
    )


class FetchOptions(BaseModel):
    """[fetch] in monitor.toml."""

    model_config = _FROZEN

    contact: str = Field("", description="address or page that a publisher can turn to, sent in the User-Agent")
    timeout: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(seconds=45), description="for one document in all, redirects included"
    )
    connect_timeout: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(seconds=10), description="for one connection"
    )
    max_bytes: Annotated[int, Field(ge=1024)] = Field(
        10 * 1024 * 1024, description="of a document, after decompression"
    )
    concurrency: Annotated[int, Field(ge=1, le=1000)] = Field(
        16, description="documents fetched at once, over all domains"
    )
    domain_interval: NonNegative = Field(
        timedelta(seconds=5), description="between two requests to one registrable domain"
    )
    domain_concurrency: Annotated[int, Field(ge=0, le=100)] = Field(
        1, description="requests under way to one registrable domain; 0 for no bound"
    )
    private_interval: NonNegative = Field(timedelta(), description="between two requests to one feed on a private host")
    private_concurrency: Annotated[int, Field(ge=0, le=100)] = Field(
        0, description="requests under way to one feed on a private host; 0 for no bound"
    )
    allow_private_hosts: bool = Field(False, description="may feeds be on loopback, private and link-local addresses?")


class SelectOptions(BaseModel):
    """The CSS selectors of a watched page; each found link is an entry."""

    model_config = _FROZEN

    item: Annotated[str, Field(min_length=1)] = Field(description="what is an entry")
    title: str = Field("", description="inside an item; empty: the link's own text")
    link: str = Field("a", description="inside an item")
    date: str = Field("", description="inside an item; empty: its time element")
    summary: str = Field("", description="inside an item")


class FeedOptions(BaseModel):
    """One feed of a source, where it needs more than its address."""

    model_config = _FROZEN

    url: str = Field(description="the feed's address")
    enabled: bool = Field(True, description="false: kept, and not polled")
    interval: Duration | None = Field(None, description="instead of [poll] interval")
    kind: Literal["feed", "sitemap", "page"] = Field(
        "feed", description="a feed, a news sitemap, or a page whose links are watched"
    )
    select: SelectOptions | None = Field(None, description="of a page: where its entries are")

    @field_validator("url")
    @classmethod
    def _http_only(cls, url: str) -> str:
        try:
            HttpUrl(url)
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Input should be ")
            raise ValueError(f"not an address to poll ({reason}); write http:// or https:// in front") from None
        return url


class SourceOptions(BaseModel):
    """[sources.KEY] in feeds.toml."""

    model_config = _FROZEN

    title: str = Field(description="the publisher's name, as digests show it")
    kind: str = Field("news", description="news, think tank, official, court, NGO, … : free text for people")
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = Field(
        "", description="ISO 639-1 code, believed where a text is too short to tell"
    )
    region: str = Field("", description="where it looks, for people")
    tier: Literal["news", "analysis"] = Field(
        Tier.NEWS.value, description="how long after its own date an entry is news: 9 or 28 days"
    )
    enabled: bool = Field(True, description="false: all its feeds are kept and not polled")
    note: str = Field("", description="licence, paywall, why disabled: so that nobody researches it again")
    feeds: dict[str, str | FeedOptions] = Field(
        default_factory=dict, description="NAME = address, or a table with more"
    )

"""What a user may set about asking: whom, how often, how politely, and how much is taken."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, ValidationError, field_validator

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


class PingOptions(BaseModel):
    """[ping] in monitor.toml."""

    model_config = _FROZEN

    url: str = Field(
        "", repr=False, description="called after good cycles of the daemon; empty: none; write secrets as ${NAME}"
    )
    method: Literal["GET", "POST"] = Field("GET", description="GET, or POST with a line that says how things stand")
    every: Annotated[Duration, Field(gt=timedelta())] = Field(
        timedelta(minutes=5), description="how often at most it is called"
    )
    allow_private: bool = Field(False, description="may it be on loopback, private and link-local addresses?")

    @field_validator("url")
    @classmethod
    def _http_only(cls, url: str) -> str:
        try:
            if url:
                HttpUrl(url)
        except ValidationError:
            raise ValueError("not an address to call; write http:// or https:// in front") from None
        return url


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110, 5.6.2
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "expect", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "proxy-authorization",
        "proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_ELSEWHERE = {"cookie": "cookie", "user-agent": "user_agent"}


def _one_line(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("holds a line break, another control character, or blanks around it, which no header can")
    return value


Line = Annotated[str, AfterValidator(_one_line)]
"""A text that is sent in a header."""


class RequestOptions(BaseModel):
    """How a source, or one feed of it, is asked; write secrets as ${NAME}."""

    model_config = _FROZEN

    headers: dict[str, Line] = Field(
        default_factory=dict, description="NAME = value; sent to the feed's own scheme, host and port only"
    )
    user: Line = Field("", description="of basic authentication; sent to the feed's own scheme, host and port only")
    password: Line = Field("", description="of basic authentication")
    cookie: Line = Field(
        "", description='"NAME=value; …", sent to the feed\'s own scheme, host and port only; cookies are not kept'
    )
    user_agent: Line = Field("", description="instead of the program's own; say who asks")
    proxy: str = Field("", description="http:// or https:// address of a proxy, which may hold an account")
    allow_private: bool = Field(
        False, description="may these feeds be on loopback, private and link-local addresses, redirects included?"
    )

    @field_validator("headers")
    @classmethod
    def _sendable(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name in headers:
            if not _TOKEN.fullmatch(name):
                raise ValueError(f'"{name}" is no name of a header')
            if name.lower() in _OURS:
                raise ValueError(f"{name} is set by the program itself, and cannot be set here")
            if name.lower() in _ELSEWHERE:
                raise ValueError(f"{name} has a key of its own: {_ELSEWHERE[name.lower()]} = …")
        if len({name.lower() for name in headers}) < len(headers):
            raise ValueError("the same header is there twice; upper and lower case are the same to a server")
        return headers

    @field_validator("user")
    @classmethod
    def _without_colon(cls, user: str) -> str:
        if ":" in user:
            raise ValueError("no user's name can hold a colon (RFC 7617); the password is a key of its own")
        return user

    @field_validator("proxy")
    @classmethod
    def _http_proxy(cls, proxy: str) -> str:
        try:
            parts = urlsplit(proxy)
            valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if proxy and (not valid or not proxy.isprintable() or " " in proxy):
            raise ValueError("should be the address of a proxy, as http://HOST:PORT; http and https only")
        return proxy


class SelectOptions(BaseModel):
    """The CSS selectors of a watched page; each found link is an entry."""

    model_config = _FROZEN

    item: Annotated[str, Field(min_length=1)] = Field(description="what is an entry")
    title: str = Field("", description="inside an item; empty: the link's own text")
    link: str = Field("a", description="inside an item")
    date: str = Field("", description="inside an item; empty: its time element")
    summary: str = Field("", description="inside an item")


Status = Literal["ok", "stale", "empty", "html", "blocked", "gone", "tls", "parked", "down", "unverified"]
Rhythm = Annotated[Duration, Field(gt=timedelta())]


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
    request: RequestOptions = Field(
        RequestOptions(), description="how it is asked; what stands here counts before the source's"
    )
    full_text: bool | None = Field(None, description="instead of the source's full_text")
    rhythm: Rhythm | None = Field(None, description="instead of the source's rhythm")
    licence: str = Field("", description="instead of the source's licence")
    status: Status | None = Field(None, description="instead of the source's status")
    checked_at: date | None = Field(None, description="the day on which status was found")
    reason: str = Field("", description="why it is disabled, or what is wrong with it")
    replacement: str = Field("", description="the feed or source that stands in for it, or an address")

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
    kind: str = Field(
        "news", description="news, think tank, NGO, … : free text for people; official and court lead a story"
    )
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = Field(
        "", description="ISO 639-1 code, believed where a text is too short to tell"
    )
    region: str = Field("", description="where it looks, for people")
    tier: Literal["news", "analysis"] = Field(
        Tier.NEWS.value, description="how long after its own date an entry is news: 9 or 28 days"
    )
    enabled: bool = Field(True, description="false: all its feeds are kept and not polled")
    rhythm: Rhythm | None = Field(None, description="how long it usually takes from one entry to the next")
    full_text: bool = Field(
        False, description="fetch the article page for entries that come with under 400 characters of text"
    )
    licence: str = Field("", description="what may be done with its texts, or that they are behind a paywall")
    status: Status = Field(
        "unverified", description="what the last look at its feeds found; `monitor sources check --write` writes it"
    )
    checked_at: date | None = Field(None, description="the day on which status was found")
    reason: str = Field("", description="why it is disabled, or what is wrong with its feeds")
    replacement: str = Field("", description="the source or feed that stands in for it, or an address")
    note: str = Field("", description="anything else, so that nobody researches it again")
    request: RequestOptions = Field(RequestOptions(), description="how its feeds are asked")
    feeds: dict[str, str | FeedOptions] = Field(
        default_factory=dict, description="NAME = address, or a table with more"
    )

    def feed(self, name: str) -> FeedOptions:
        """What is said of a feed, also where its address stands alone; raises KeyError and pydantic's errors."""
        given = self.feeds[name]
        return FeedOptions(url=given) if isinstance(given, str) else given

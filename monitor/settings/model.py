"""The shape of the configuration, and the frozen value that the program runs on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.backfill.options import BackfillOptions
from monitor.classify.options import LabelOptions, ModelOptions, WatchOptions
from monitor.deliver.options import ChannelOptions, DeliverOptions
from monitor.deliver.unsubscribe import MailOptions, WebOptions
from monitor.digest.options import DigestOptions, SubscriptionOptions, check_zone
from monitor.domain.delivery import Recipient
from monitor.domain.digest import Subscription
from monitor.domain.feed import Feed, Source
from monitor.domain.labels import Cut, Label, cuts_for
from monitor.fetch.options import FetchOptions, PingOptions, PollOptions, SourceOptions
from monitor.parse.options import ParseOptions
from monitor.store.options import DatabaseOptions, RetentionOptions


class ConfigModel(BaseModel):
    """Everything that may stand in config/, with the room that obeys it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timezone: str = Field("UTC", description="IANA name; for schedules and times where a subscription names none")
    database: DatabaseOptions = DatabaseOptions()
    poll: PollOptions = PollOptions()
    fetch: FetchOptions = FetchOptions()
    parse: ParseOptions = ParseOptions()
    model: ModelOptions = ModelOptions()
    digest: DigestOptions = DigestOptions()
    deliver: DeliverOptions = DeliverOptions()
    ping: PingOptions = PingOptions()
    mail: MailOptions = MailOptions()
    web: WebOptions = WebOptions()
    retention: RetentionOptions = RetentionOptions()
    backfill: BackfillOptions = BackfillOptions()
    sources: dict[str, SourceOptions] = Field(default_factory=dict)
    labels: dict[str, LabelOptions] = Field(default_factory=dict)
    terms: dict[str, list[str]] = Field(
        default_factory=dict, description="[terms] in labels.toml: CONCEPT = your own words for it, as lexicon terms"
    )
    watch: dict[str, WatchOptions] = Field(default_factory=dict)
    channels: dict[str, ChannelOptions] = Field(default_factory=dict)
    subscriptions: dict[str, SubscriptionOptions] = Field(default_factory=dict)

    _zone = field_validator("timezone")(check_zone)


OBEYED_BY = {
    "timezone": "monitor.digest.schedule (schedules) and monitor.digest.render (times shown)",
    "database": "monitor.store.database (which database is opened)",
    "poll": "monitor.fetch.schedule (when a feed is due) and monitor.jobs.poll",
    "fetch": "monitor.fetch.client and monitor.fetch.politeness",
    "parse": "monitor.parse.workers",
    "model": "monitor.app (which model is loaded)",
    "digest": "monitor.jobs.digest",
    "deliver": "monitor.deliver.channel, monitor.deliver.retry and monitor.jobs.alarms",
    "ping": "monitor.jobs.ping",
    "mail": "monitor.deliver.headers (links to unsubscribe)",
    "web": "monitor.web.door (what answers these links)",
    "retention": "monitor.jobs.prune",
    "backfill": "monitor.jobs.backfill.run",
    "sources": "monitor.jobs.poll (which feeds are polled)",
    "labels": "monitor.domain.labels (decisions, on read), monitor.classify.rules and monitor.jobs.tune",
    "terms": "monitor.classify.lexicon (what words stand for)",
    "watch": "monitor.classify.lexicon, and monitor.domain.labels (a hit is a near-miss at least)",
    "channels": "monitor.deliver.channel",
    "subscriptions": "monitor.digest.select and monitor.jobs.digest",
}
"""Which part of the program obeys each top-level key; `monitor config explain` says so."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration as the program runs on it, wholly checked.

    ``base`` is the folder beside which ``var/`` stands: the parent of the config folder. ``database_url`` and
    ``models`` are absolute. Recipients hold secrets.
    """

    folder: Path
    base: Path
    zone: ZoneInfo
    options: ConfigModel
    database_url: str = field(repr=False)
    models: Path
    feeds: Mapping[str, Feed]
    labels: Mapping[str, Label]
    channels: Mapping[str, tuple[Recipient, ...]]
    subscriptions: Mapping[str, Subscription]
    warnings: tuple[str, ...] = ()

    def enabled_feeds(self) -> tuple[Feed, ...]:
        """The feeds that are polled, by name."""
        return tuple(self.feeds[name] for name in sorted(self.feeds) if self.feeds[name].enabled)

    def source_of(self, feed: str) -> Source | None:
        """The source that owns a feed; None where the feed has left the config."""
        found = self.feeds.get(feed)
        return found.source if found else None

    def cuts(self, feed: str, lang: str, labels: Collection[str] | None = None) -> dict[str, Cut]:
        """The lines that hold for an entry of a feed, in a language; of these labels, or None: of all."""
        source = self.source_of(feed)
        lines = {name: self.labels[name].lines for name in (self.labels if labels is None else labels)}
        return cuts_for(lines, lang, source.tier.value if source else "")

    def recipients(self) -> Mapping[tuple[str, str], Recipient]:
        """All recipients by channel and id."""
        return {(r.channel, r.id): r for rs in self.channels.values() for r in rs}

"""The rows, as SQLModel tables. Every time is aware UTC (SQLModel's UTCDateTime refuses naive ones).

Statements go through the tables' columns in bulk, never through a session object by object: 20,000 predictions took
6.0 s by ``session.merge`` and 0.16 s by one upsert.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from monitor.domain.delivery import content_hash

# Names for every constraint, so that migrations can name what they change on SQLite too.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
# SQLite counts rows in INTEGER PRIMARY KEY only; PostgreSQL gets 64 bits.
_BIG = BigInteger().with_variant(Integer, "sqlite")


def _text(**options: Any) -> Any:
    return Field(sa_column=Column(Text, nullable=False, **options))


class FeedRow(SQLModel, table=True):
    """A feed's state. A feed taken out of config keeps its row and is polled no more."""

    __tablename__: ClassVar[str] = "feed"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    url: str = _text()
    source: str = _text()  # the source's title, for entries of feeds that left the config
    added_at: datetime
    etag: str | None = Field(default=None, sa_column=Column(Text))
    last_modified: str | None = Field(default=None, sa_column=Column(Text))
    next_poll_at: datetime | None = Field(default=None, index=True)
    reason: str = _text(server_default="")
    failures: float = 0.0
    paused_until: datetime | None = None
    polled_at: datetime | None = None  # last success
    last_new_at: datetime | None = None
    failing_since: datetime | None = None
    last_kind: str = _text(server_default="")
    last_detail: str = _text(server_default="")
    memory: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False, server_default="{}"))
    gone: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    lease: int = 0
    leased_until: datetime | None = None


_WANTED = text("article = 'wanted'")


class EntryRow(SQLModel, table=True):
    """An entry in its newest version. ``key`` is unique in its feed; a pruned entry keeps its row as a tombstone,
    without texts.

    Three clocks: ``published`` is what the feed claims, ``published_raw`` in its own words and ``date_confidence`` how
    sure that reading is; ``updated`` is the feed's claim too; ``first_seen`` is ours. ``fingerprint`` is that of what
    the feed gave last, by which an edit is seen. ``article`` says whether the article page is wanted for its text
    ("", wanted, taken, failed:KIND), ``article_at`` when it is tried (again).
    """

    __tablename__: ClassVar[str] = "entry"
    __table_args__ = (
        UniqueConstraint("feed", "key"),
        Index("ix_entry_feed_first_seen", "feed", "first_seen"),
        Index("ix_entry_article_at", "article_at", sqlite_where=_WANTED, postgresql_where=_WANTED),
    )

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), nullable=False))
    key: str = _text()
    guid: str | None = Field(default=None, sa_column=Column(Text))
    url: str | None = Field(default=None, sa_column=Column(Text))
    title: str = _text()
    text: str = _text()
    lang: str = _text()
    published: datetime | None = None
    published_raw: str | None = Field(default=None, sa_column=Column(Text))
    date_confidence: str = _text(server_default="")
    updated: datetime | None = None
    fingerprint: str = _text(server_default="")
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    article: str = _text(server_default="")
    article_at: datetime | None = None
    article_tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    first_seen: datetime = Field(index=True)
    origin: str = _text()
    announceable: bool
    # The order in which entries became ready to be judged; assigned under one counter's row lock, so that a higher
    # number is never committed before a lower one. NULL: not announceable, or not yet classified.
    announce_seq: int | None = Field(default=None, sa_column=Column(_BIG, unique=True))
    story_id: int | None = Field(default=None, sa_column=Column(_BIG, index=True))
    copy_of: int | None = Field(default=None, sa_column=Column(_BIG))  # an entry that says nearly the same
    classified: bool = Field(index=True)
    pruned: bool = False


class EntryVersionRow(SQLModel, table=True):
    """What an entry said before it was edited."""

    __tablename__: ClassVar[str] = "entry_version"

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    version: int = Field(primary_key=True)
    title: str = _text()
    text: str = _text()
    url: str | None = Field(default=None, sa_column=Column(Text))
    replaced_at: datetime
    why: str = _text()  # what replaced it: the feed's edit, the article's page, a replay


class AliasRow(SQLModel, table=True):
    """Another key under which a feed brought an entry that it had brought before."""

    __tablename__: ClassVar[str] = "alias"

    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), nullable=False))
    seen_at: datetime


class PredictionRow(SQLModel, table=True):
    """A label's score of one version of an entry by one scorer; never changed."""

    __tablename__: ClassVar[str] = "prediction"
    __table_args__ = (Index("ix_prediction_label_probability", "label", "probability"),)

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    label: str = Field(sa_column=Column(Text, primary_key=True))
    scorer: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(default=1, primary_key=True, sa_column_kwargs={"server_default": "1"})
    probability: float
    terms: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime


class AnnotationRow(SQLModel, table=True):
    """What a person said of a label of an entry; ``value`` NULL is "unsure". The newest row that stands counts."""

    __tablename__: ClassVar[str] = "annotation"
    __table_args__ = (Index("ix_annotation_entry_id_label", "entry_id", "label"),)

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    # No cascade: what people said is not to go by accident.
    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id"), nullable=False))
    label: str = _text()
    value: bool | None = None
    who: str = _text()
    via: str = _text()
    at: datetime
    note: str = _text(server_default="")
    withdrawn_at: datetime | None = None  # undone; the row before counts again


class PlaceRow(SQLModel, table=True):
    """A country that an entry names, in the order of mention, with its roles, parted by blanks."""

    __tablename__: ClassVar[str] = "place"

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    country: str = Field(sa_column=Column(Text, primary_key=True, index=True))
    position: int
    roles: str = _text(server_default="")


class MeasureRow(SQLModel, table=True):
    """A measure that an entry tells of; ``country`` is NULL for that of an international body."""

    __tablename__: ClassVar[str] = "measure"
    __table_args__ = (Index("ix_measure_measure_country", "measure", "country"),)

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(primary_key=True)
    measure: str = _text()
    country: str | None = Field(default=None, sa_column=Column(Text))
    stage: str = _text()
    negated: bool
    words: str = _text()


class FigureRow(SQLModel, table=True):
    """A count that an entry gives; ``origin`` are country codes, parted by blanks."""

    __tablename__: ClassVar[str] = "figure"
    __table_args__ = (Index("ix_figure_counted_low_high", "counted", "low", "high"),)

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(primary_key=True)
    low: int | None = Field(default=None, sa_column=Column(_BIG))
    high: int | None = Field(default=None, sa_column=Column(_BIG))
    approximate: bool
    counted: str = _text()
    origin: str = _text()
    to: str | None = Field(default=None, sa_column=Column(Text))
    as_of: str = _text()
    by: str = _text()
    words: str = _text()


class NameRow(SQLModel, table=True):
    """A person or an institution (``kind``: person, actor) that an entry names, as it writes it."""

    __tablename__: ClassVar[str] = "name"

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(primary_key=True)
    kind: str = _text()
    name: str = _text()


class StoryKeyRow(SQLModel, table=True):
    """A mark by which entries are one story (`monitor.dedupe.story`), and the story it leads to."""

    __tablename__: ClassVar[str] = "story_key"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    feed: str = _text()  # whose entry set it: a title alone never joins two entries of one feed
    story_id: int = Field(sa_column=Column(_BIG, nullable=False))
    seen_at: datetime = Field(index=True)


class StoryIndexRow(SQLModel, table=True):
    """A key by which an entry is found as a candidate for the story of a later one (`monitor.dedupe.place`)."""

    __tablename__: ClassVar[str] = "story_index"
    # The newest rows of a key lie side by side with their times: 0.2 ms for an entry's candidates, 0.6 with rowids.
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    key: str = Field(sa_column=Column(Text, primary_key=True))
    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    seen_at: datetime


class StoryMoveRow(SQLModel, table=True):
    """Where a person put an entry; it stays there, whatever is brought or learnt later."""

    __tablename__: ClassVar[str] = "story_move"

    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    story_id: int = Field(sa_column=Column(_BIG, nullable=False))
    at: datetime
    who: str = _text()


class PollRow(SQLModel, table=True):
    """One poll of one feed."""

    __tablename__: ClassVar[str] = "poll"
    __table_args__ = (Index("ix_poll_feed_at", "feed", "at"),)

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), nullable=False))
    at: datetime = Field(index=True)
    outcome: str = _text()
    status: int | None = None
    kind: str = _text()
    severity: str = _text()
    detail: str = _text()
    entries: int
    new: int
    repeats: int
    dropped: int
    cut: int
    gap: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    edited: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    quarantined: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    seconds: float


class DocumentRow(SQLModel, table=True):
    """A document as it came, compressed (zstd), under the SHA-256 of its bytes; kept for as long as config says."""

    __tablename__: ClassVar[str] = "document"

    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), primary_key=True))
    sha256: str = Field(sa_column=Column(Text, primary_key=True))
    url: str = _text()
    content_type: str = _text()
    first_at: datetime
    last_at: datetime = Field(index=True)
    size: int  # bytes before compression
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class NoticeRow(SQLModel, table=True):
    """Something that the owner is told of once, and again when it is over (``closed_at``)."""

    __tablename__: ClassVar[str] = "notice"

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    subject: str = Field(sa_column=Column(Text, primary_key=True))  # a feed's name, or "" for the whole
    detail: str = _text()
    opened_at: datetime
    closed_at: datetime | None = None
    times: int = 1


class PauseRow(SQLModel, table=True):
    """A politeness budget that a server has shut for a while by a 429."""

    __tablename__: ClassVar[str] = "pause"

    budget: str = Field(sa_column=Column(Text, primary_key=True))
    until: datetime


class BackfillRow(SQLModel, table=True):
    """A backfill: one feed's past, by one route. ``cursor`` is written with what the page before it brought."""

    __tablename__: ClassVar[str] = "backfill"

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), nullable=False))
    since: datetime
    until: datetime
    budget: int
    wanted: str = _text()
    route: str = _text()
    state: str = Field(sa_column=Column(Text, nullable=False, index=True))
    detail: str = _text()
    site: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    cursor: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    tally: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    declared: int | None = None
    gaps: list[str] = Field(sa_column=Column(JSON, nullable=False))
    announce: bool
    created_at: datetime
    updated_at: datetime | None = None
    ended_at: datetime | None = None
    pause_until: datetime | None = None


class AskedRow(SQLModel, table=True):
    """When a backfill last asked somebody, by politeness budget, so that other processes keep their distance."""

    __tablename__: ClassVar[str] = "asked"

    budget: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime


class SubscriptionRow(SQLModel, table=True):
    """How far a subscription has judged, in store order, and how far it was looked for alerts."""

    __tablename__: ClassVar[str] = "subscription"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    began_at: datetime
    judged_to: int = Field(sa_column=Column(_BIG, nullable=False))
    closed_at: datetime  # when its last window closed; coverage counts from here
    paused_at: datetime | None = None
    alert_to: int = Field(default=0, sa_column=Column(_BIG, nullable=False, server_default="0"))
    alerts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how many were sent ever


class DigestRow(SQLModel, table=True):
    """A digest, frozen as it was rendered; one a window.

    ``forms`` are what a message has by these names beside the columns: ``markdown``, ``data``, ``thread``,
    ``unsubscribe``.
    """

    __tablename__: ClassVar[str] = "digest"
    __table_args__ = (UniqueConstraint("subscription", "key"),)

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    subscription: str = _text()
    key: str = _text()
    made_at: datetime = Field(index=True)
    stories: int
    subject: str = _text()
    html: str = _text()
    text: str = _text()
    blocks: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    # Taken where the row is written, whoever writes it; "" is of before there were hashes.
    sha256: str = _text(default=lambda context: content_hash(context.get_current_parameters()), server_default="")
    forms: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


CUT = text("verdict = 'cut'")
"""What the last cap cut, in these words: an index of some rows is used only where they are the same."""


ALERTED = text("verdict = 'alerted'")
"""What was told in an alert, and in no digest yet, in these words."""


class LedgerRow(SQLModel, table=True):
    """What a subscription decided about an entry over its line, when; an entry below it leaves no row.

    ``told`` are the facts of the entry that count as told (`monitor.store.heard`), NULL where nothing was: a cap cut
    it. They stay when the entry's own are edited or pruned, and go with the row to the story that people put it in.
    """

    __tablename__: ClassVar[str] = "ledger"
    __table_args__ = (
        Index("ix_ledger_subscription_story_id", "subscription", "story_id"),
        Index("ix_ledger_cut", "subscription", sqlite_where=CUT, postgresql_where=CUT),
        Index("ix_ledger_alerted", "subscription", sqlite_where=ALERTED, postgresql_where=ALERTED),
    )

    subscription: str = Field(sa_column=Column(Text, primary_key=True))
    entry_id: int = Field(sa_column=Column(_BIG, ForeignKey("entry.id"), primary_key=True))
    story_id: int = Field(sa_column=Column(_BIG, nullable=False))
    verdict: str = _text()
    label: str = _text()
    probability: float
    threshold: float
    digest_id: int | None = Field(default=None, sa_column=Column(_BIG, ForeignKey("digest.id", ondelete="SET NULL")))
    at: datetime
    told: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class SilenceRow(SQLModel, table=True):
    """What no alert is sent of until a time; what is not given is not asked for. One that was ended keeps its row."""

    __tablename__: ClassVar[str] = "silence"

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    country: str = _text(server_default="")
    measure: str = _text(server_default="")
    label: str = _text(server_default="")
    began_at: datetime
    until: datetime = Field(index=True)
    note: str = _text(server_default="")


class OutboxRow(SQLModel, table=True):
    """One digest to one recipient.

    ``token`` numbers its attempts; ``attempts`` counts those since it was written, or sent again by hand. ``deadline``
    is None for as long as config says. ``failure`` and ``code`` are those of the last attempt that failed.
    """

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (
        UniqueConstraint("digest_id", "channel", "recipient_id"),
        Index("ix_outbox_state_next_at", "state", "next_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))
    digest_id: int = Field(sa_column=Column(_BIG, ForeignKey("digest.id", ondelete="CASCADE"), nullable=False))
    channel: str = _text()
    recipient_id: str = _text()
    recipient: str = _text()  # its label, for people
    state: str = _text()
    token: int = 0
    attempts: int = 0
    created_at: datetime
    next_at: datetime
    leased_until: datetime | None = None
    settled_at: datetime | None = None
    detail: str = _text(server_default="")
    failure: str = _text(server_default="")
    code: str = _text(server_default="")
    deadline: datetime | None = None
    superseded_by: int | None = Field(default=None, sa_column=Column(_BIG))  # the digest that carries its stories


class AttemptRow(SQLModel, table=True):
    """One try of a delivery; ``outcome`` is "" while it is under way: written when it begins, so that none is lost."""

    __tablename__: ClassVar[str] = "attempt"

    delivery_id: int = Field(sa_column=Column(_BIG, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime
    ended_at: datetime | None = None
    outcome: str = _text(server_default="")
    code: str = _text(server_default="")
    detail: str = _text(server_default="")


class SuspensionRow(SQLModel, table=True):
    """A recipient that is sent nothing, since its address refused us for good."""

    __tablename__: ClassVar[str] = "suspension"

    recipient_id: str = Field(sa_column=Column(Text, primary_key=True))
    channel: str = _text()
    recipient: str = _text()  # its label, for people
    since: datetime
    reason: str = _text()
    delivery_id: int = Field(sa_column=Column(_BIG, nullable=False))  # the one that was refused


class AlarmRow(SQLModel, table=True):
    """A channel that fails, or a recipient that is suspended, from when that is seen until it is over."""

    __tablename__: ClassVar[str] = "alarm"

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    subject: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = _text()  # for people
    detail: str = _text()
    opened_at: datetime
    told: bool


class CounterRow(SQLModel, table=True):
    """A number that only grows; its row lock keeps those who take from it in line."""

    __tablename__: ClassVar[str] = "counter"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    value: int = Field(sa_column=Column(_BIG, nullable=False))


class HeartbeatRow(SQLModel, table=True):
    """When a part of the daemon was last alive."""

    __tablename__: ClassVar[str] = "heartbeat"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime
    every: float  # seconds between two beats

"""Who is told what."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from monitor.domain.delivery import content_hash
from monitor.store.tables.base import BIG, text_column


class SubscriptionRow(SQLModel, table=True):
    """How far a subscription has judged, in store order, and how far it was looked for alerts."""

    __tablename__: ClassVar[str] = "subscription"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    began_at: datetime
    judged_to: int = Field(sa_column=Column(BIG, nullable=False))
    closed_at: datetime  # when its last window closed; coverage counts from here
    paused_at: datetime | None = None
    alert_to: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    alerts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how many were sent ever


class DigestRow(SQLModel, table=True):
    """A digest, frozen as it was rendered: one a window, and one for each group of recipients that missed something.

    ``forms`` are what a message has by these names beside the columns: ``markdown``, ``data``, ``thread``,
    ``unsubscribe``. ``carries`` are the entries of all that such a further digest tells; of another, where it is NULL,
    the ledger says that.
    """

    __tablename__: ClassVar[str] = "digest"
    __table_args__ = (UniqueConstraint("subscription", "key"),)

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    subscription: str = text_column()
    key: str = text_column()
    made_at: datetime = Field(index=True)
    stories: int
    subject: str = text_column()
    html: str = text_column()
    text: str = text_column()
    blocks: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    # Taken where the row is written, whoever writes it; "" is of before there were hashes.
    sha256: str = text_column(default=lambda context: content_hash(context.get_current_parameters()), server_default="")
    forms: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    carries: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


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
    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id"), primary_key=True))
    story_id: int = Field(sa_column=Column(BIG, nullable=False))
    verdict: str = text_column()
    label: str = text_column()
    probability: float
    threshold: float
    digest_id: int | None = Field(default=None, sa_column=Column(BIG, ForeignKey("digest.id", ondelete="SET NULL")))
    at: datetime
    told: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class SilenceRow(SQLModel, table=True):
    """What no alert is sent of until a time; what is not given is not asked for. One that was ended keeps its row."""

    __tablename__: ClassVar[str] = "silence"

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    country: str = text_column(server_default="")
    measure: str = text_column(server_default="")
    label: str = text_column(server_default="")
    began_at: datetime
    until: datetime = Field(index=True)
    note: str = text_column(server_default="")

"""Feeds, their polls and what came back."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


class FeedRow(SQLModel, table=True):
    """A feed's state. A feed taken out of config keeps its row and is polled no more."""

    __tablename__: ClassVar[str] = "feed"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    url: str = text_column()
    source: str = text_column()  # the source's title, for entries of feeds that left the config
    added_at: datetime
    etag: str | None = Field(default=None, sa_column=Column(Text))
    last_modified: str | None = Field(default=None, sa_column=Column(Text))
    next_poll_at: datetime | None = Field(default=None, index=True)
    reason: str = text_column(server_default="")
    failures: float = 0.0
    paused_until: datetime | None = None
    polled_at: datetime | None = None  # last success
    last_new_at: datetime | None = None
    failing_since: datetime | None = None
    last_kind: str = text_column(server_default="")
    last_detail: str = text_column(server_default="")
    memory: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False, server_default="{}"))
    gone: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    lease: int = 0
    leased_until: datetime | None = None


class PollRow(SQLModel, table=True):
    """One poll of one feed."""

    __tablename__: ClassVar[str] = "poll"
    __table_args__ = (Index("ix_poll_feed_at", "feed", "at"),)

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), nullable=False))
    at: datetime = Field(index=True)
    outcome: str = text_column()
    status: int | None = None
    kind: str = text_column()
    severity: str = text_column()
    detail: str = text_column()
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
    url: str = text_column()
    content_type: str = text_column()
    first_at: datetime
    last_at: datetime = Field(index=True)
    size: int  # bytes before compression
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PauseRow(SQLModel, table=True):
    """A politeness budget that a server has shut for a while by a 429."""

    __tablename__: ClassVar[str] = "pause"

    budget: str = Field(sa_column=Column(Text, primary_key=True))
    until: datetime

"""How what was composed arrives."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


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

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    digest_id: int = Field(sa_column=Column(BIG, ForeignKey("digest.id", ondelete="CASCADE"), nullable=False))
    channel: str = text_column()
    recipient_id: str = text_column()
    recipient: str = text_column()  # its label, for people
    state: str = text_column()
    token: int = 0
    attempts: int = 0
    created_at: datetime
    next_at: datetime
    leased_until: datetime | None = None
    settled_at: datetime | None = None
    detail: str = text_column(server_default="")
    failure: str = text_column(server_default="")
    code: str = text_column(server_default="")
    deadline: datetime | None = None
    superseded_by: int | None = Field(default=None, sa_column=Column(BIG))  # the digest that carries its stories
    parts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # that have arrived, where it has several


class AttemptRow(SQLModel, table=True):
    """One try of a delivery; ``outcome`` is "" while it is under way: written when it begins, so that none is lost."""

    __tablename__: ClassVar[str] = "attempt"

    delivery_id: int = Field(sa_column=Column(BIG, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime
    ended_at: datetime | None = None
    outcome: str = text_column(server_default="")
    code: str = text_column(server_default="")
    detail: str = text_column(server_default="")


class SuspensionRow(SQLModel, table=True):
    """A recipient that is sent nothing, since its address refused us for good."""

    __tablename__: ClassVar[str] = "suspension"

    recipient_id: str = Field(sa_column=Column(Text, primary_key=True))
    channel: str = text_column()
    recipient: str = text_column()  # its label, for people
    since: datetime
    reason: str = text_column()
    delivery_id: int = Field(sa_column=Column(BIG, nullable=False))  # the one that was refused


class DepartureRow(SQLModel, table=True):
    """A recipient who left a subscription: gets nothing more of it, for as long as the row is there."""

    __tablename__: ClassVar[str] = "departure"

    subscription: str = Field(sa_column=Column(Text, primary_key=True))
    recipient_id: str = Field(sa_column=Column(Text, primary_key=True))
    recipient: str = text_column()  # its label; the same address by another server has another id
    at: datetime
    via: str = text_column()

"""How the monitor itself fares."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


class NoticeRow(SQLModel, table=True):
    """Something that the owner is told of once, and again when it is over (``closed_at``)."""

    __tablename__: ClassVar[str] = "notice"

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    subject: str = Field(sa_column=Column(Text, primary_key=True))  # a feed's name, or "" for the whole
    detail: str = text_column()
    opened_at: datetime
    closed_at: datetime | None = None
    times: int = 1


class AlarmRow(SQLModel, table=True):
    """A channel that fails, or a recipient that is suspended, from when that is seen until it is over."""

    __tablename__: ClassVar[str] = "alarm"

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    subject: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = text_column()  # for people
    detail: str = text_column()
    opened_at: datetime
    told: bool


class CounterRow(SQLModel, table=True):
    """A number that only grows; its row lock keeps those who take from it in line."""

    __tablename__: ClassVar[str] = "counter"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    value: int = Field(sa_column=Column(BIG, nullable=False))


class HeartbeatRow(SQLModel, table=True):
    """When a part of the daemon was last alive."""

    __tablename__: ClassVar[str] = "heartbeat"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime
    every: float  # seconds between two beats

"""Backfills, and what they asked."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


class BackfillRow(SQLModel, table=True):
    """A backfill: one feed's past, by one route. ``cursor`` is written with what the page before it brought."""

    __tablename__: ClassVar[str] = "backfill"

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), nullable=False))
    since: datetime
    until: datetime
    budget: int
    wanted: str = text_column()
    route: str = text_column()
    state: str = Field(sa_column=Column(Text, nullable=False, index=True))
    detail: str = text_column()
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

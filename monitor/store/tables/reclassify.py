"""Reclassifications."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


class ReclassifyRow(SQLModel, table=True):
    """Stored entries run through a model. ``cursor`` is the last entry that was looked at, ``tally`` what came of it;
    both are written with the scores of their page. ``asked`` is what the range was asked for by."""

    __tablename__: ClassVar[str] = "reclassify"

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    model: str = text_column()
    scorer: str = text_column()
    counts: bool
    asked: str = text_column()
    since: datetime
    until: datetime
    feeds: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    cursor: int = Field(sa_column=Column(BIG, nullable=False))
    entries: int
    total: int
    tally: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    updated_at: datetime | None = None
    ended_at: datetime | None = None

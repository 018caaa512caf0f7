"""How entries become stories."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


class StoryKeyRow(SQLModel, table=True):
    """A mark by which entries are one story (`monitor.dedupe.story`), and the story it leads to."""

    __tablename__: ClassVar[str] = "story_key"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    feed: str = text_column()  # whose entry set it: a title alone never joins two entries of one feed
    story_id: int = Field(sa_column=Column(BIG, nullable=False))
    seen_at: datetime = Field(index=True)


class StoryIndexRow(SQLModel, table=True):
    """A key by which an entry is found as a candidate for the story of a later one (`monitor.dedupe.place`)."""

    __tablename__: ClassVar[str] = "story_index"
    # The newest rows of a key lie side by side with their times: 0.2 ms for an entry's candidates, 0.6 with rowids.
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}

    key: str = Field(sa_column=Column(Text, primary_key=True))
    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    seen_at: datetime


class StoryMoveRow(SQLModel, table=True):
    """Where a person put an entry; it stays there, whatever is brought or learnt later."""

    __tablename__: ClassVar[str] = "story_move"

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    story_id: int = Field(sa_column=Column(BIG, nullable=False))
    at: datetime
    who: str = text_column()

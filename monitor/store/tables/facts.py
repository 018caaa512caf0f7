"""What entries tell."""

from typing import ClassVar

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column


class PlaceRow(SQLModel, table=True):
    """A country that an entry names, in the order of mention, with its roles, parted by blanks."""

    __tablename__: ClassVar[str] = "place"

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    country: str = Field(sa_column=Column(Text, primary_key=True, index=True))
    position: int
    roles: str = text_column(server_default="")


class MeasureRow(SQLModel, table=True):
    """A measure that an entry tells of; ``country`` is NULL for that of an international body."""

    __tablename__: ClassVar[str] = "measure"
    __table_args__ = (Index("ix_measure_measure_country", "measure", "country"),)

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(primary_key=True)
    measure: str = text_column()
    country: str | None = Field(default=None, sa_column=Column(Text))
    stage: str = text_column()
    negated: bool
    words: str = text_column()


class FigureRow(SQLModel, table=True):
    """A count that an entry gives; ``origin`` are country codes, parted by blanks."""

    __tablename__: ClassVar[str] = "figure"
    __table_args__ = (Index("ix_figure_counted_low_high", "counted", "low", "high"),)

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(primary_key=True)
    low: int | None = Field(default=None, sa_column=Column(BIG))
    high: int | None = Field(default=None, sa_column=Column(BIG))
    approximate: bool
    counted: str = text_column()
    origin: str = text_column()
    to: str | None = Field(default=None, sa_column=Column(Text))
    as_of: str = text_column()
    by: str = text_column()
    words: str = text_column()


class NameRow(SQLModel, table=True):
    """A person or an institution (``kind``: person, actor) that an entry names, as it writes it."""

    __tablename__: ClassVar[str] = "name"

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    position: int = Field(primary_key=True)
    kind: str = text_column()
    name: str = text_column()

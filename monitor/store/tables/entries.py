"""Entries: their versions, other keys, scores and what people said of them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from monitor.store.tables.base import BIG, text_column

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

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), nullable=False))
    key: str = text_column()
    guid: str | None = Field(default=None, sa_column=Column(Text))
    url: str | None = Field(default=None, sa_column=Column(Text))
    title: str = text_column()
    text: str = text_column()
    lang: str = text_column()
    published: datetime | None = None
    published_raw: str | None = Field(default=None, sa_column=Column(Text))
    date_confidence: str = text_column(server_default="")
    updated: datetime | None = None
    fingerprint: str = text_column(server_default="")
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    article: str = text_column(server_default="")
    article_at: datetime | None = None
    article_tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    first_seen: datetime = Field(index=True)
    origin: str = text_column()
    announceable: bool
    # The order in which entries became ready to be judged; assigned under one counter's row lock, so that a higher
    # number is never committed before a lower one. NULL: not announceable, or not yet classified.
    announce_seq: int | None = Field(default=None, sa_column=Column(BIG, unique=True))
    story_id: int | None = Field(default=None, sa_column=Column(BIG, index=True))
    copy_of: int | None = Field(default=None, sa_column=Column(BIG))  # an entry that says nearly the same
    classified: bool = Field(index=True)
    pruned: bool = False


class EntryVersionRow(SQLModel, table=True):
    """What an entry said before it was edited."""

    __tablename__: ClassVar[str] = "entry_version"

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    version: int = Field(primary_key=True)
    title: str = text_column()
    text: str = text_column()
    url: str | None = Field(default=None, sa_column=Column(Text))
    replaced_at: datetime
    why: str = text_column()  # what replaced it: the feed's edit, the article's page, a replay


class AliasRow(SQLModel, table=True):
    """Another key under which a feed brought an entry that it had brought before."""

    __tablename__: ClassVar[str] = "alias"

    feed: str = Field(sa_column=Column(Text, ForeignKey("feed.name"), primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), nullable=False))
    seen_at: datetime


class PredictionRow(SQLModel, table=True):
    """A label's score of one version of an entry by one scorer; never changed.

    ``counts_since`` is since when it counts, before all that counted until then; NULL where its model was not in use.
    """

    __tablename__: ClassVar[str] = "prediction"
    __table_args__ = (Index("ix_prediction_label_probability", "label", "probability"),)

    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True))
    label: str = Field(sa_column=Column(Text, primary_key=True))
    scorer: str = Field(sa_column=Column(Text, primary_key=True))
    version: int = Field(default=1, primary_key=True, sa_column_kwargs={"server_default": "1"})
    probability: float
    terms: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime
    counts_since: datetime | None = None


class AnnotationRow(SQLModel, table=True):
    """What a person said of a label of an entry; ``value`` NULL is "unsure". The newest row that stands counts."""

    __tablename__: ClassVar[str] = "annotation"
    __table_args__ = (Index("ix_annotation_entry_id_label", "entry_id", "label"),)

    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    # No cascade: what people said is not to go by accident.
    entry_id: int = Field(sa_column=Column(BIG, ForeignKey("entry.id"), nullable=False))
    label: str = text_column()
    value: bool | None = None
    who: str = text_column()
    via: str = text_column()
    at: datetime
    note: str = text_column(server_default="")
    withdrawn_at: datetime | None = None  # undone; the row before counts again

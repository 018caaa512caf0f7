"""What tables are made of."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Text
from sqlmodel import Field, SQLModel

# Names for every constraint, so that migrations can name what they change on SQLite too.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
# SQLite counts rows in INTEGER PRIMARY KEY only; PostgreSQL gets 64 bits.
BIG = BigInteger().with_variant(Integer, "sqlite")


def text_column(**options: Any) -> Any:
    """Return a column of text that is never null."""
    return Field(sa_column=Column(Text, nullable=False, **options))


def table_of(row: type[SQLModel]) -> Any:
    """Return the table of a row class, by whose columns statements are written."""
    return row.__table__  # type: ignore[attr-defined]

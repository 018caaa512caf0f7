"""The story index as one tree on SQLite, and without an index by time."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_index(op.f("ix_story_index_seen_at"), table_name="story_index")
    _rebuild(with_rowid=False)


def downgrade() -> None:
    _rebuild(with_rowid=True)
    op.create_index(op.f("ix_story_index_seen_at"), "story_index", ["seen_at"], unique=False)


def _rebuild(*, with_rowid: bool) -> None:
    """Lay the rows out anew, in the order of their keys; PostgreSQL knows one way only."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.rename_table("story_index", "old_story_index")
    op.create_table(
        "story_index",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry_id", _BIG, nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_story_index_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "entry_id", name=op.f("pk_story_index")),
        sqlite_with_rowid=with_rowid,
    )
    op.execute(
        "INSERT INTO story_index (key, entry_id, seen_at)"
        " SELECT key, entry_id, seen_at FROM old_story_index ORDER BY key, entry_id"
    )
    op.drop_table("old_story_index")

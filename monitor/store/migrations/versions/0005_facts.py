"""Roles of countries, measures, figures and names; copies, and stories that people put together."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_an_entry(table: str) -> tuple[sa.Column[int], sa.Column[int], sa.ForeignKeyConstraint, sa.PrimaryKeyConstraint]:
    return (
        sa.Column("entry_id", _BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f(f"fk_{table}_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.add_column(sa.Column("roles", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "measure",
        *_of_an_entry("measure"),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("negated", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index("ix_measure_measure_country", "measure", ["measure", "country"], unique=False)
    op.create_table(
        "figure",
        *_of_an_entry("figure"),
        sa.Column("low", _BIG, nullable=True),
        sa.Column("high", _BIG, nullable=True),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_figure_counted"), "figure", ["counted"], unique=False)
    op.create_table(
        "name",
        *_of_an_entry("name"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copy_of", _BIG, nullable=True))
    op.create_table(
        "story_index",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry_id", _BIG, nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_story_index_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "entry_id", name=op.f("pk_story_index")),
    )
    op.create_index(op.f("ix_story_index_seen_at"), "story_index", ["seen_at"], unique=False)
    op.create_table(
        "story_move",
        sa.Column("entry_id", _BIG, nullable=False),
        sa.Column("story_id", _BIG, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_story_move_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_story_move")),
    )


def downgrade() -> None:
    op.drop_table("story_move")
    op.drop_index(op.f("ix_story_index_seen_at"), table_name="story_index")
    op.drop_table("story_index")
    # In place, as in 0002: a rebuilt `entry` would take the place of one that other tables point at.
    op.drop_column("entry", "copy_of")
    op.drop_table("name")
    op.drop_index(op.f("ix_figure_counted"), table_name="figure")
    op.drop_table("figure")
    op.drop_index("ix_measure_measure_country", table_name="measure")
    op.drop_table("measure")
    op.drop_column("place", "roles")

"""Reclassifications, and since when a score counts."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("prediction") as batch_op:
        batch_op.add_column(sa.Column("counts_since", UTCDateTime(), nullable=True))
    op.execute("UPDATE prediction SET counts_since = made_at")
    op.create_table(
        "reclassify",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("feeds", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("cursor", _BIG, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reclassify")),
    )


def downgrade() -> None:
    op.drop_table("reclassify")
    # The older version takes the score that was made last.
    op.execute("DELETE FROM prediction WHERE counts_since IS NULL")
    op.execute("UPDATE prediction SET made_at = counts_since WHERE made_at <> counts_since")
    with op.batch_alter_table("prediction") as batch_op:
        batch_op.drop_column("counts_since")

"""What polling learns of a feed, gaps, and budgets that a server has shut."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("budget", sa.Text(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("budget", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.add_column(sa.Column("memory", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("gone", sa.Boolean(), server_default="0", nullable=False))

    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gap", sa.Boolean(), server_default="0", nullable=False))


def downgrade() -> None:
    # In place: a rebuilt `feed` would take the place of one that entries and polls point at, which SQLite refuses.
    op.drop_column("poll", "gap")
    op.drop_column("feed", "gone")
    op.drop_column("feed", "memory")
    op.drop_table("pause")

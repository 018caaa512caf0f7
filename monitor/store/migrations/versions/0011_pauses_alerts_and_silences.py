"""Subscriptions that are paused, how far they were looked for alerts, and silences."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("alert_to", _BIG, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("alerts", sa.Integer(), server_default="0", nullable=False))
    # What was stored before this version is no alert any more.
    op.execute("UPDATE subscription SET alert_to = coalesce((SELECT value FROM counter WHERE name = 'announce'), 0)")
    alerted = sa.text("verdict = 'alerted'")
    op.create_index(
        "ix_ledger_alerted", "ledger", ["subscription"], unique=False, sqlite_where=alerted, postgresql_where=alerted
    )
    op.create_table(
        "silence",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("measure", sa.Text(), server_default="", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_index(op.f("ix_silence_until"), "silence", ["until"], unique=False)


def downgrade() -> None:
    op.drop_table("silence")
    op.drop_index("ix_ledger_alerted", table_name="ledger")
    # An older version knows these as told.
    op.execute("UPDATE ledger SET verdict = 'shown' WHERE verdict = 'alerted'")
    op.execute("DELETE FROM ledger WHERE verdict = 'near'")
    op.drop_column("subscription", "alerts")
    op.drop_column("subscription", "alert_to")
    op.drop_column("subscription", "paused_at")

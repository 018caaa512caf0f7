"""How deliveries ended: hashes of what was frozen, every attempt, classes of failure, suspended recipients, alarms."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # In place, as in 0003: rebuilt tables would take the place of ones that others point at.
    op.add_column("digest", sa.Column("sha256", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("failure", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("code", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("deadline", UTCDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("superseded_by", _BIG, nullable=True))
    op.create_table(
        "attempt",
        sa.Column("delivery_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["outbox.id"], name=op.f("fk_attempt_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_attempt")),
    )
    op.create_table(
        "suspension",
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("delivery_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", name=op.f("pk_suspension")),
    )
    op.create_table(
        "alarm",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_alarm")),
    )


def downgrade() -> None:
    op.drop_table("alarm")
    op.drop_table("suspension")
    op.drop_table("attempt")
    # An older version knows no more of these than that they were given up.
    op.execute("UPDATE outbox SET state = 'failed' WHERE state IN ('superseded', 'abandoned')")
    for column in ("superseded_by", "deadline", "code", "failure"):
        op.drop_column("outbox", column)
    op.drop_column("digest", "sha256")

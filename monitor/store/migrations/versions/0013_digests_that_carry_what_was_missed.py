"""Digests that carry what an earlier one could not deliver in time."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digest", sa.Column("carries", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("digest", "carries")

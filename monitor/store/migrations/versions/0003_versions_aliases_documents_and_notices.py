"""Versions and aliases of entries, their three clocks, article pages, raw documents, and notices."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

from monitor.normalise.text import fingerprint

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WANTED = sa.text("article = 'wanted'")
_BATCH = 5_000
_NEW_ENTRY_COLUMNS = (
    "article_tries", "article_at", "article", "version", "fingerprint", "updated", "date_confidence", "published_raw",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_document_feed")),
        sa.PrimaryKeyConstraint("feed", "sha256", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_last_at"), "document", ["last_at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_notice")),
    )
    op.create_table(
        "alias",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry_id", _BIG, nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_alias_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["feed"], ["feed.name"], name=op.f("fk_alias_feed")),
        sa.PrimaryKeyConstraint("feed", "key", name=op.f("pk_alias")),
    )
    op.create_table(
        "entry_version",
        sa.Column("entry_id", _BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("replaced_at", UTCDateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_version_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "version", name=op.f("pk_entry_version")),
    )
    # Columns with constant defaults are added in place; rebuilding `entry` would trip over the keys that point at it.
    op.add_column("entry", sa.Column("published_raw", sa.Text(), nullable=True))
    op.add_column("entry", sa.Column("date_confidence", sa.Text(), server_default="", nullable=False))
    op.add_column("entry", sa.Column("updated", UTCDateTime(), nullable=True))
    op.add_column("entry", sa.Column("fingerprint", sa.Text(), server_default="", nullable=False))
    op.add_column("entry", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("entry", sa.Column("article", sa.Text(), server_default="", nullable=False))
    op.add_column("entry", sa.Column("article_at", UTCDateTime(), nullable=True))
    op.add_column("entry", sa.Column("article_tries", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_entry_article_at", "entry", ["article_at"], sqlite_where=_WANTED, postgresql_where=_WANTED)
    op.add_column("poll", sa.Column("edited", sa.Integer(), server_default="0", nullable=False))
    op.add_column("poll", sa.Column("quarantined", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("prediction", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_constraint("pk_prediction", type_="primary")
        batch_op.create_primary_key("pk_prediction", ["entry_id", "label", "scorer", "version"])
    _take_fingerprints(op.get_bind())


def _take_fingerprints(connection: sa.Connection) -> None:
    """Give every stored entry the fingerprint by which its next edit is seen."""
    entry = sa.table("entry", *(sa.column(name) for name in ("id", "title", "text", "fingerprint", "pruned")))
    last = 0
    while True:
        wanted = sa.and_(entry.c.id > last, entry.c.pruned.is_(False))
        rows = connection.execute(
            sa.select(entry.c.id, entry.c.title, entry.c.text).where(wanted).order_by(entry.c.id).limit(_BATCH)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        connection.execute(
            sa.update(entry).where(entry.c.id == sa.bindparam("of")).values(fingerprint=sa.bindparam("mark")),
            [{"of": row.id, "mark": fingerprint(row.title, row.text)} for row in rows],
        )


def downgrade() -> None:
    names = ("entry_id", "label", "scorer", "version")
    prediction = sa.table("prediction", *(sa.column(name) for name in names))
    newer = prediction.alias("newer")
    same = sa.and_(*(newer.c[name] == prediction.c[name] for name in names[:3]))
    op.execute(sa.delete(prediction).where(sa.exists().where(same, newer.c.version > prediction.c.version)))
    with op.batch_alter_table("prediction", schema=None) as batch_op:
        batch_op.drop_constraint("pk_prediction", type_="primary")
        batch_op.create_primary_key("pk_prediction", ["entry_id", "label", "scorer"])
        batch_op.drop_column("version")
    op.drop_column("poll", "quarantined")
    op.drop_column("poll", "edited")
    op.drop_index("ix_entry_article_at", table_name="entry")
    for name in _NEW_ENTRY_COLUMNS:
        op.drop_column("entry", name)
    op.drop_table("entry_version")
    op.drop_table("alias")
    op.drop_table("notice")
    op.drop_index(op.f("ix_document_last_at"), table_name="document")
    op.drop_table("document")

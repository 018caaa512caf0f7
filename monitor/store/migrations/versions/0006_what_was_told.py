"""What a subscription was told of a story, and when, in its ledger; figures are found by their numbers."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BATCH = 5_000
_CUT = "cut"  # over the line, and not told


def upgrade() -> None:
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.add_column(sa.Column("at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("told", sa.JSON(none_as_null=True), nullable=True))
    # When the digest was made, or where it is gone, or the entry was not shown in one, when the entry came.
    op.execute(
        "UPDATE ledger SET at = coalesce((SELECT made_at FROM digest WHERE digest.id = ledger.digest_id),"
        " (SELECT first_seen FROM entry WHERE entry.id = ledger.entry_id))"
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.alter_column("at", existing_type=UTCDateTime(), nullable=False)
    _fill(op.get_bind())
    cut = sa.text("verdict = 'cut'")
    op.create_index("ix_ledger_cut", "ledger", ["subscription"], unique=False, sqlite_where=cut, postgresql_where=cut)
    op.create_index("ix_figure_counted_low_high", "figure", ["counted", "low", "high"], unique=False)
    op.drop_index(op.f("ix_figure_counted"), table_name="figure")


def _fill(connection: sa.Connection) -> None:
    """What an entry tells today stands for what it told then; of one that is pruned nothing is known."""
    ledger = sa.table("ledger", sa.column("entry_id"), sa.column("verdict"), sa.column("told", sa.JSON))
    told = sa.select(ledger.c.entry_id).where(ledger.c.verdict != _CUT)
    ids = sorted(set(connection.scalars(told)))
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        measures, figures = _measures(connection, part), _figures(connection, part)
        mine = (ledger.c.entry_id == sa.bindparam("of")) & (ledger.c.verdict != _CUT)
        rows = [{"of": id_, "facts": {"measures": measures[id_], "figures": figures[id_]}} for id_ in part]
        connection.execute(sa.update(ledger).where(mine).values(told=sa.bindparam("facts", type_=sa.JSON)), rows)


def _measures(connection: sa.Connection, ids: list[int]) -> dict[int, list[list[Any]]]:
    names = ("entry_id", "position", "measure", "country", "stage", "negated")
    measure = sa.table("measure", *(sa.column(name) for name in names))
    found: dict[int, list[list[Any]]] = defaultdict(list)
    chosen = sa.select(measure).where(measure.c.entry_id.in_(ids)).order_by(measure.c.entry_id, measure.c.position)
    for row in connection.execute(chosen):
        found[row.entry_id].append([row.measure, row.country, row.stage, bool(row.negated)])
    return found


def _figures(connection: sa.Connection, ids: list[int]) -> dict[int, list[list[Any]]]:
    names = ("entry_id", "position", "low", "high", "approximate", "counted", "origin", "to", "as_of", "by")
    figure = sa.table("figure", *(sa.column(name) for name in names))
    found: dict[int, list[list[Any]]] = defaultdict(list)
    chosen = sa.select(figure).where(figure.c.entry_id.in_(ids)).order_by(figure.c.entry_id, figure.c.position)
    for row in connection.execute(chosen):
        counted = [row.low, row.high, bool(row.approximate), row.counted]
        found[row.entry_id].append([*counted, row.origin.split(), row.to, row.as_of, row.by])
    return found


def downgrade() -> None:
    op.create_index(op.f("ix_figure_counted"), "figure", ["counted"], unique=False)
    op.drop_index("ix_figure_counted_low_high", table_name="figure")
    op.drop_index("ix_ledger_cut", table_name="ledger")
    op.drop_column("ledger", "told")
    op.drop_column("ledger", "at")

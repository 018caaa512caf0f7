"""What hangs on one entry of an export: versions, other keys, scores, what people said, and facts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, tuple_, update

from monitor.exchange.tables import Table, Values
from monitor.store.entries import prediction_table
from monitor.store.known import alias_table
from monitor.store.said import annotation_table
from monitor.store.takein.rows import Counts, Taking, insert_new, of_entries, rows_of

Take = Callable[[Connection, Taking, Table, Sequence[Values]], Counts]
"""Writes the rows of a table, and counts what became of them."""


def one_by_one(source: Any, unique: list[str]) -> Take:
    """Add those rows of an entry whose key is not there."""

    def run(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
        mine = of_entries(connection, taking, table, rows, of_words=True)
        there, new = rows_of(connection, source, mine.rows), list[dict[str, Any]]()
        for id_, given in mine.rows.items():
            known = {tuple(row[name] for name in unique): row for row in there[id_]}
            for row in given:
                found = known.setdefault(tuple(row[name] for name in unique), row)
                if found is row:
                    new.append(row)
                else:
                    mine.counts.told(same=row.items() <= found.items())
        insert_new(connection, taking, source, new, unique)
        mine.counts.new += len(new)
        return mine.counts

    return run


def all_or_none(source: Any, unique: list[str]) -> Take:
    """Add the rows of entries that have none: what two readings took out of one text is not mixed."""

    def run(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
        mine = of_entries(connection, taking, table, rows, of_words=True)
        there, new = rows_of(connection, source, mine.rows), list[dict[str, Any]]()
        for id_, given in mine.rows.items():
            if not there[id_]:
                new += given
                continue
            for row in given:
                mine.counts.told(same=row in there[id_])
        insert_new(connection, taking, source, new, unique)
        mine.counts.new += len(new)
        return mine.counts

    return run


def predictions(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
    """Add scores that are not there. Of a label whose score counts here already they stand beside and do not count."""
    mine = of_entries(connection, taking, table, rows, of_words=True)
    there, new = rows_of(connection, prediction_table, mine.rows), list[dict[str, Any]]()
    for id_, given in mine.rows.items():
        count = {row["label"] for row in there[id_] if row["counts_since"] is not None}
        known = {_score(row): row for row in there[id_]}
        for row in given:
            found = known.setdefault(_score(row), row)
            if found is row:
                new.append(row | {"counts_since": None} if row["label"] in count else row)
            else:
                same = {**row, "counts_since": found["counts_since"]}
                mine.counts.told(same=same.items() <= found.items())
    insert_new(connection, taking, prediction_table, new, ["entry_id", "label", "scorer", "version"])
    mine.counts.new += len(new)
    return mine.counts


def _score(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["label"], row["scorer"], row["version"]


def aliases(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
    """Add other keys of entries, where they are nobody's yet."""
    mine = of_entries(connection, taking, table, rows, of_words=False)
    given = [
        {"feed": mine.entries[id_].feed, **row} for id_, of_entry in mine.rows.items() for row in of_entry
    ]  # fmt: skip
    columns = alias_table.c
    pairs = sorted({(row["feed"], row["key"]) for row in given})
    found = connection.execute(select(alias_table).where(tuple_(columns.feed, columns.key).in_(pairs))).all()
    known, new = {(row.feed, row.key): row.entry_id for row in found}, list[dict[str, Any]]()
    for row in given:
        name = (row["feed"], row["key"])
        if name in known:
            mine.counts.told(same=known[name] == row["entry_id"])
        else:
            known[name] = row["entry_id"]
            new.append(row)
    insert_new(connection, taking, alias_table, new, ["feed", "key"])
    mine.counts.new += len(new)
    return mine.counts


_SAID = ("label", "value", "who", "via", "at", "note")
"""What makes two words of people one and the same; who contradicts somebody, or themselves, has said another word."""


def annotations(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
    """Add what people said and nobody has here, each word as often as it was said. A word that was taken back in either
    store is taken back."""
    mine = of_entries(connection, taking, table, rows, of_words=False)
    there, new, withdrawn = rows_of(connection, annotation_table, mine.rows), list[dict[str, Any]](), Counter[Any]()
    for id_, given in mine.rows.items():
        known: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in sorted(there[id_], key=lambda row: row["id"], reverse=True):
            known[_word(row)].append(row)
        for row in given:
            same = known[_word(row)]
            if not same:
                new.append(row)
                continue
            found = same.pop()
            if row["withdrawn_at"] is not None and found["withdrawn_at"] is None:
                withdrawn[(found["id"], row["withdrawn_at"])] += 1
            else:
                mine.counts.told(same=found["withdrawn_at"] == row["withdrawn_at"])
    if not taking.dry:
        _write(connection, new, list(withdrawn))
    mine.counts.new += len(new) + len(withdrawn)
    return mine.counts


def _word(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SAID)


def _write(connection: Connection, new: list[dict[str, Any]], withdrawn: list[tuple[int, Any]]) -> None:
    if new:
        connection.execute(insert(annotation_table), new)
    if withdrawn:
        statement = update(annotation_table).where(annotation_table.c.id == bindparam("of"))
        connection.execute(
            statement.values(withdrawn_at=bindparam("then")), [{"of": id_, "then": at} for id_, at in withdrawn]
        )

"""What is broken, cut off or of a later format is refused by file and line, and nothing of it is written."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ExportError, UsageError
from monitor.exchange.files import Form
from monitor.exchange.tables import FORMAT
from monitor.store.database import Store
from tests.exchange.conftest import Desk
from tests.exchange.stocks import a_store, held, stock

Change = Callable[[list[bytes]], list[bytes]]


def refused(exchange: Desk, store: Store, path: Path) -> str:
    before = held(store)
    with pytest.raises(ExportError) as error:
        exchange.take(store, path)
    assert held(store) == before
    return str(error.value)


def replaced(number: int, **values: Any) -> Change:
    def change(lines: list[bytes]) -> list[bytes]:
        line = {**json.loads(lines[number - 1]), **values}
        return [
            *lines[: number - 1],
            json.dumps({k: v for k, v in line.items() if v != ...}).encode() + b"\n",
            *lines[number:],
        ]

    return change


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (lambda lines: lines[:-1], 0, "the file breaks off: behind this line its end is missing"),
        (lambda lines: [*lines[:100], lines[100][:30]], 101, "the file breaks off here"),
        (lambda lines: [*lines[:20], *lines[21:]], 0, "were written, and"),
        (lambda lines: [*lines, b"{}\n"], 0, "there is something behind the end"),
        (replaced(1, format=FORMAT + 1), 1, f"the format is {FORMAT + 1}"),
        (replaced(1, made_at="soon"), 1, "the head of the export is incomplete"),
        (replaced(5, published="yesterday"), 5, 'entries: published: "yesterday" is no time'),
        (replaced(5, published="2026-03-02T09:30:00"), 5, "is no time"),
        (replaced(5, first_seen="9999-12-31T23:59:59-10:00"), 5, "is no time"),
        (replaced(5, title=None), 5, "entries: title: there is nothing"),
        (replaced(5, title=7), 5, "entries: title: 7 is no text"),
        (replaced(5, title="half \ud83d"), 5, "entries: title:"),
        (replaced(5, version=True), 5, "entries: version: true is no integer"),
        (replaced(5, version=2**31), 5, "does not fit"),
        (replaced(5, origin="hearsay"), 5, 'entries: origin: "hearsay" is none of backfill, live'),
        (replaced(5, title=...), 5, "entries: title is missing"),
        (replaced(5, colour="red"), 5, "entries has no column colour"),
        (replaced(5, table="verdicts"), 5, 'there is no table "verdicts"'),
        (lambda lines: [*lines[:9], b"[1]\n", *lines[10:]], 10, "no JSON object"),
        (lambda lines: [*lines[:9], b"[" * 100_000 + b"\n", *lines[10:]], 10, "no JSON"),
    ],
)
def test_a_broken_line_is_told_by_its_number(  # 0 is the last
    exchange: Desk, source: Store, target: Store, change: Change, line: int, said: str
) -> None:
    stock(source, a_store(18))
    path = exchange.export(source)
    lines = path.read_bytes().splitlines(keepends=True)
    changed = change(lines)
    path.write_bytes(b"".join(changed))
    found = refused(exchange, target, path)
    assert said in found
    assert f"{path}, line {line or len(changed)}" in found


@pytest.mark.parametrize("keep", [5, 200, -20])
def test_a_compressed_file_that_is_cut_off_is_refused(exchange: Desk, source: Store, target: Store, keep: int) -> None:
    stock(source, a_store(30))
    for name in ("out.jsonl.gz", "out.jsonl.zst"):
        path = exchange.export(source, name)
        path.write_bytes(path.read_bytes()[:keep])
        assert str(path) in refused(exchange, target, path)


def test_what_is_no_export_is_told_apart(exchange: Desk, target: Store, tmp_path: Path) -> None:
    other = {
        "a.jsonl": b'{"title": "An entry of something else"}\n',
        "b.jsonl": b"",
        "c.bin": b"\0\1\2",
        "d.csv": b"a,b\n",
    }
    for name, body in other.items():
        (tmp_path / name).write_bytes(body)
        assert name in refused(exchange, target, tmp_path / name)
    assert "no such file" in refused(exchange, target, tmp_path / "nothing")
    (tmp_path / "folder").mkdir()
    assert "no export.json" in refused(exchange, target, tmp_path / "folder")


def test_a_broken_table_of_a_folder_is_told_by_its_line(exchange: Desk, source: Store, target: Store) -> None:
    stock(source, a_store(30))
    path = exchange.export(source, "out", Form.CSV)
    for table, old, new, said in (
        (
            "predictions.csv",
            "0.040001",
            "many",
            'predictions.csv, line 14: predictions: probability: "many" is no number',
        ),
        ("entries.csv", "title", "tittle", "entries.csv, line 1: these are not the columns of entries: title missing"),
        ("measures.csv", "repatriation", '"repatri"ation', "measures.csv, line 2"),
        ("measures.csv", "repatriation", "return", 'line 2: measures: measure: "return" is none of'),
        ("names.csv", "Ministry\r\n", "Ministry,more\r\n", "names.csv, line 2: 6 cells, where 5 columns are"),
        ("export.json", '"format": 1', '"format": 2', "export.json: the format is 2"),
        ("export.json", '"rows"', '"lines"', "the head of the export is incomplete"),
    ):
        file = path / table
        whole = file.read_bytes()
        assert old.encode() in whole
        file.write_bytes(whole.replace(old.encode(), new.encode(), 1))
        assert said in refused(exchange, target, path)
        file.write_bytes(whole)
    lines = (path / "figures.csv").read_bytes().splitlines(keepends=True)
    (path / "figures.csv").write_bytes(b"".join(lines[:-1]))
    assert "figures.csv: 30 rows were written, and 29 are there" in refused(exchange, target, path)
    (path / "figures.csv").write_bytes(b"".join(lines[:-1]) + b"\xff\xfe\n")
    assert "figures.csv, line" in refused(exchange, target, path)
    (path / "figures.csv").unlink()
    assert "figures.csv" in refused(exchange, target, path)


def test_a_broken_parquet_file_is_told_by_its_row(exchange: Desk, source: Store, target: Store) -> None:
    import pyarrow.compute
    import pyarrow.parquet

    stock(source, a_store(30))
    path = exchange.export(source, "out", Form.PARQUET)
    file = path / "measures.parquet"
    whole = pyarrow.parquet.read_table(file)
    wrong = ["repatriation"] * 20 + ["return"] * 10
    pyarrow.parquet.write_table(whole.set_column(3, "measure", pyarrow.array(wrong)), file)
    assert 'measures.parquet, row 21: measures: measure: "return" is none of' in refused(exchange, target, path)
    pyarrow.parquet.write_table(whole.slice(0, 20), file)
    assert "30 rows were written, and 20 are there" in refused(exchange, target, path)
    pyarrow.parquet.write_table(whole.drop_columns(["words"]), file)
    assert "these are not the columns" in refused(exchange, target, path)
    file.write_bytes(file.read_bytes()[:-50])
    assert "measures.parquet" in refused(exchange, target, path)


def test_postgresql_refuses_what_it_cannot_hold_before_anything_is_written(
    exchange: Desk, source: Store, store: Store
) -> None:
    rows = a_store(3)
    rows["entry"][1]["text"] = "a \0 in it"
    stock(source, rows)
    path = exchange.export(source)
    if store.dialect == "postgresql":
        assert "line 5: entries: text: it holds a NUL" in refused(exchange, store, path)
    else:
        assert exchange.take(store, path).changed


def test_formulas_are_no_formulas_in_a_spreadsheet(exchange: Desk, source: Store) -> None:
    """What begins as a formula has an apostrophe before it; nothing else is changed."""
    rows = a_store(3)
    for row, title in zip(rows["entry"], ("=1+1", "'quoted'", "plain -1"), strict=True):
        row["title"] = title
    stock(source, rows)
    text = (exchange.export(source, "out", Form.CSV) / "entries.csv").read_text(encoding="utf-8")
    assert ",'=1+1," in text
    assert ",''quoted'," in text
    assert ",plain -1," in text


def test_a_folder_that_holds_something_is_not_written_into_and_a_file_is_replaced(
    exchange: Desk, source: Store
) -> None:
    stock(source, a_store(3))
    for form in (Form.CSV, Form.PARQUET):
        path = exchange.export(source, form.value, form)
        with pytest.raises(UsageError, match="is there already"):
            exchange.export(source, form.value, form)
        assert path.is_dir()
    path = exchange.export(source, "out.jsonl.gz")
    before = len(gzip.decompress(path.read_bytes()))
    stock(source, a_store(1))
    assert 0 < len(gzip.decompress(exchange.export(source, "out.jsonl.gz").read_bytes())) < before
    assert not list(exchange.base.rglob("*.part"))

"""Whatever a store holds comes out of an export as it went in, in every format and on every database."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from monitor.exchange.files import Form
from monitor.store.database import Store
from tests.exchange.conftest import Desk
from tests.exchange.stocks import held, silenced, stock, stocks

# Shrinking would fill databases for minutes.
EXAMPLES = settings(max_examples=12, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
FORMS = pytest.mark.parametrize(("form", "name"), [
    (Form.JSONL, "out.jsonl"), (Form.JSONL, "out.jsonl.gz"), (Form.JSONL, "out.jsonl.zst"), (Form.CSV, "out"),
    (Form.PARQUET, "out"),
])  # fmt: skip


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@FORMS
@EXAMPLES
@given(rows=stocks(nul=True))
def test_any_store_survives_every_format_and_a_second_import_changes_nothing(
    exchange: Desk, source: Store, target: Store, form: Form, name: str, rows: dict[str, list[dict[str, Any]]]
) -> None:
    stock(source, rows)
    stock(target, {})
    remove(exchange.base / name)
    path = exchange.export(source, name, form)
    exchange.take(target, path)
    expected = silenced(held(source))
    found = held(target)
    for table, told in expected.items():
        assert found[table] == told, table
    again = exchange.take(target, path)
    assert not again.changed
    assert held(target) == found
    assert all(counts.differs == counts.left_out == 0 for counts in again.tables.values())


@FORMS
@EXAMPLES
@given(rows=stocks())
def test_any_store_goes_from_sqlite_into_each_database_and_back(
    exchange: Desk, source: Store, store: Store, form: Form, name: str, rows: dict[str, list[dict[str, Any]]]
) -> None:
    stock(source, rows)
    stock(store, {})
    expected = silenced(held(source))
    for origin, target in ((source, store), (store, source)):
        remove(exchange.base / name)
        path = exchange.export(origin, name, form)
        stock(target, {})
        exchange.take(target, path)
        assert held(target) == expected

"""Where an export may be written to, what is left when it cannot be, and by what one is known again."""

import json
import os
import stat
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.exchange.files import Form, is_export
from monitor.jobs import export
from monitor.jobs.export import Asked
from monitor.store.database import Store
from tests.exchange.conftest import NOW, Desk
from tests.exchange.stocks import a_store, stock


def names(folder: Path) -> set[str]:
    """What is in a folder, but for the databases."""
    return {path.name for path in folder.iterdir() if ".db" not in path.name}


@pytest.mark.parametrize("form", list(Form))
def test_what_is_no_place_for_it_is_refused_with_why_and_stays_as_it_is(
    exchange: Desk, source: Store, form: Form
) -> None:
    stock(source, a_store(3))
    base = exchange.base
    os.mkfifo(base / "pipe")
    (base / "device").symlink_to("/dev/null")
    (base / "folder").mkdir()
    (base / "folder" / "kept").write_text("kept", encoding="utf-8")
    (base / "file").write_text("kept", encoding="utf-8")
    wrong = {"pipe": "pipe is a device, pipe or socket", "device": "device is a device, pipe or socket"}
    wrong["nowhere/out"] = f"there is no folder {base}/nowhere; make it first"
    wrong["file/out"] = f"there is no folder {base}/file; make it first"
    wrong |= {"folder": "is a folder; JSON lines are a file" if form is Form.JSONL else "is there already; "}
    if form is not Form.JSONL:
        wrong["file"] = "file is a file; "
    before = names(base)
    for name, why in wrong.items():
        with pytest.raises(UsageError, match=f"{why}"):
            exchange.export(source, name, form)
    assert names(base) == before
    assert stat.S_ISFIFO((base / "pipe").stat().st_mode)
    assert (base / "file").read_text("utf-8") == "kept"
    assert names(base / "folder") == {"kept"}


def test_two_exports_to_one_name_at_once_and_the_rests_of_others_do_no_harm(exchange: Desk, source: Store) -> None:
    stock(source, a_store(3))
    path, other = exchange.base / "out.jsonl", list[Path]()
    rest = exchange.base / f".out.jsonl.{os.getpid()}.part"
    rest.mkdir()

    def interfere(done: int, total: int) -> None:
        if not other:
            other.append(path)
            exchange.export(source, "out.jsonl")

    export.run(exchange.app(source), path, Form.JSONL, Asked(), now=NOW, progress=interfere)
    assert other
    assert is_export(path)
    assert names(exchange.base) >= {"out.jsonl", rest.name}
    assert [name for name in names(exchange.base) if name.endswith(".part")] == [rest.name]


@pytest.mark.parametrize("form", list(Form))
def test_where_writing_fails_half_way_nothing_is_left_and_what_was_there_stays(
    exchange: Desk, source: Store, form: Form
) -> None:
    stock(source, a_store(3))
    path = exchange.base / "out"
    if form is Form.JSONL:
        path.write_text("kept", encoding="utf-8")

    def full(done: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match="out cannot be written: No space left on device"):
        export.run(exchange.app(source), path, form, Asked(), now=NOW, progress=full)
    assert not [name for name in names(exchange.base) if name.endswith(".part")]
    assert path.read_text("utf-8") == "kept" if form is Form.JSONL else not path.exists()


def test_a_link_to_a_file_stays_a_link_and_a_long_name_is_no_obstacle(exchange: Desk, source: Store) -> None:
    stock(source, a_store(3))
    (exchange.base / "link").symlink_to("real.jsonl")
    exchange.export(source, "link")
    assert (exchange.base / "link").is_symlink()
    assert is_export(exchange.base / "real.jsonl")
    assert exchange.export(source, "ж" * 127).is_file()


def test_an_export_is_known_by_its_head_whatever_it_and_others_are_called(
    exchange: Desk, source: Store, target: Store
) -> None:
    stock(source, a_store(3))
    path = exchange.export(source)
    first, *rest = path.read_bytes().splitlines(keepends=True)
    spaced = json.dumps(dict(reversed(json.loads(first).items())), indent=None).encode() + b"\n"
    renamed = exchange.base / "all of it.csv"
    renamed.write_bytes(b"".join([spaced, *rest]))
    assert is_export(renamed)
    assert exchange.take(target, renamed).tables["entries"].new == 3
    theirs = {
        "theirs.jsonl": b'{"table":"export","of":"customs declarations"}\n{"title": "An entry"}\n',
        "format.jsonl": b'{"table":"export","format":"2","program":"9"}\n',
        "cut.jsonl": first[:30],
    }
    for name, body in theirs.items():
        (exchange.base / name).write_bytes(body)
        assert not is_export(exchange.base / name), name
    folder = exchange.base / "folder"
    folder.mkdir()
    (folder / "export.json").write_text('{"items": []}', encoding="utf-8")
    assert not is_export(folder)
    exchange.export(source, "csv", Form.CSV)
    assert is_export(exchange.base / "csv")

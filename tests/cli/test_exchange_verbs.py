"""`monitor export` and `monitor import`."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.cli.common import ending
from monitor.exchange.files import Form
from monitor.exchange.writing import to_path
from monitor.store.database import open_store
from tests.cli.conftest import Desk, Result, fill
from tests.exchange.stocks import a_store, stock

Call = Callable[..., Result]
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def two(stocked: Callable[..., Desk], tmp_path: Path) -> tuple[Desk, Desk]:
    """A desk with two entries, and one with none."""
    full = stocked({"title": "Court sentences a returnee", "returns": 0.9}, {"title": "=Harbour", "returns": 0.1})
    empty = Desk(tmp_path / "other")
    empty.base.mkdir()
    return full, fill(empty, {"daily": '"http://127.0.0.1:9/feed.xml"'})


@pytest.mark.parametrize(("form", "name"), [("jsonl", "out.jsonl.zst"), ("csv", "out"), ("parquet", "out")])
def test_an_export_is_imported_elsewhere_and_a_second_time_nothing_is_new(
    two: tuple[Desk, Desk], call: Call, tmp_path: Path, form: str, name: str
) -> None:
    full, empty = two
    path = tmp_path / name
    done = call("export", path, "--format", form, "--json", "--config", full.config)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert (said["rows"]["entries"], said["rows"]["predictions"]) == (2, 4)
    first = call("import", path, "--config", empty.config)
    assert first.code == 0, first.err
    assert [line.split()[:2] for line in first.out.splitlines() if line.startswith("entries")] == [["entries", "2"]]
    again = json.loads(call("import", path, "--json", "--config", empty.config).out)
    assert again["changed"] is False
    assert again["tables"]["entries"] == {"new": 0, "there": 2, "differs": 0, "left_out": 0}
    assert again["of"]["what"] == ["entries", "predictions", "annotations", "facts", "stories"]
    assert "nothing was new" in call("import", path, "--config", empty.config).err
    listed = json.loads(call("items", "list", "--json", "--config", empty.config).out)
    assert {(one["title"], one["origin"], one["announceable"]) for one in listed} == {
        ("Court sentences a returnee", "backfill", False), ("=Harbour", "backfill", False),
    }  # fmt: skip


def test_stdout_gets_the_lines_and_nothing_else(two: tuple[Desk, Desk], process: Call) -> None:
    full, _ = two
    done = process("export", "-", "--what", "entries", "--config", full.config)
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["table"] for line in lines] == ["export", "feeds", "entries", "entries", "end"]
    assert lines[0]["format"] == 1
    assert lines[0]["what"] == ["entries"]
    assert lines[-1]["rows"]["entries"] == 2


def test_a_choice_is_told_in_the_head(two: tuple[Desk, Desk], call: Call, tmp_path: Path) -> None:
    full, _ = two
    path = tmp_path / "out.jsonl"
    given = ["--source", "paper", "--label", "returns", "--since", "7d", "--until", TODAY]
    done = call("export", path, *given, "--config", full.config)
    assert done.code == 0, done.err
    assert "1 entries" in done.err
    head = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert (head["chosen"]["source"], head["chosen"]["label"]) == ("paper", "returns")
    until = datetime.fromisoformat(head["chosen"]["until"])
    assert (until.date().isoformat(), until <= datetime.now(UTC)) == (TODAY, True)


def test_until_means_what_it_means_to_reclassify(two: tuple[Desk, Desk], call: Call, tmp_path: Path) -> None:
    """A day with its whole length, and a moment that is included; what is still to come is refused."""
    full, _ = two
    with open_store(f"sqlite:///{full.base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        for id_, moment in ((1, "2026-03-02 23:59:59.999999"), (2, "2026-03-03 00:00:00.000000")):
            connection.execute(text("UPDATE entry SET first_seen = :at WHERE id = :id"), {"at": moment, "id": id_})
    for until, entries in (("2026-03-01", 0), ("2026-03-02", 1), ("2026-03-03T00:00Z", 2), ("2026-W10-1", 1)):
        options = ["--until", until, "--json", "--config", full.config]
        said = json.loads(call("export", tmp_path / "out.jsonl", *options).out)
        assert (until, said["rows"]["entries"]) == (until, entries)
        assert json.loads(call("reclassify", "--dry-run", *options).out)["entries"] == entries
    for verb in (["export", tmp_path / "x"], ["reclassify"]):
        for given, why in (
            (["--until", "2090-01-01"], "still to come"),
            (["--since", "1d", "--until", "2d"], "reversed"),
        ):
            refused = call(*verb, *given, "--config", full.config)
            assert (refused.code, why in refused.err) == (2, True)


def test_an_export_that_holds_nothing_says_so(two: tuple[Desk, Desk], call: Call, tmp_path: Path) -> None:
    full, empty = two
    path = tmp_path / "out.jsonl"
    done = call("export", path, "--what", "annotations", "--until", "2020-01-01", "--config", full.config)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "nothing to export: the database has none of annotations of this choice "
        f"(--until 2020-01-01T23:59:59.999999+00:00); {path} has a head alone\n"
    )
    taken = call("import", path, "--config", empty.config)
    assert (taken.code, taken.out, taken.err) == (0, "", "the export holds nothing: nothing to import\n")
    said = json.loads(call("export", path, "--what", "annotations", "--json", "--config", full.config).out)
    assert said["nothing"] == "nothing to export: the database has none of annotations"
    assert json.loads(call("export", path, "--json", "--config", full.config).out)["nothing"] == ""


def test_a_dry_run_says_what_would_be(two: tuple[Desk, Desk], call: Call, tmp_path: Path) -> None:
    full, empty = two
    path = tmp_path / "out.jsonl"
    call("export", path, "--config", full.config)
    call("import", path, "--config", empty.config)
    call("export", path, "--config", full.config)
    dry = call("import", path, "--dry-run", "--config", empty.config)
    assert dry.code == 0
    assert "nothing would be new" in dry.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["export", "-", "--json"], "goes with neither --json"),
        (["export", "-", "--format", "csv"], "goes with neither --json"),
        (["export", "x.jsonl", "--what", "entries,verdicts"], 'no kind "verdicts"'),
        (["export", "x.jsonl", "--label", "weather"], 'no label "weather"'),
        (["export", "x.jsonl", "--source", "papr"], "did you mean paper?"),
        (["export", "x.jsonl", "--until", "someday"], "--until someday"),
        (["import", "nothing.jsonl"], "no such file or folder"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    two: tuple[Desk, Desk], call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(*given, "--config", two[0].config)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert not (tmp_path / "x.jsonl").exists()


def test_a_broken_file_is_told_by_its_line(two: tuple[Desk, Desk], call: Call, tmp_path: Path) -> None:
    full, empty = two
    path = tmp_path / "out.jsonl"
    call("export", path, "--config", full.config)
    path.write_bytes(path.read_bytes().replace(b'"lang":"en"', b'"lang":5', 1))
    done = call("import", path, "--config", empty.config)
    assert done.code == 2
    assert "out.jsonl, line 3: entries: lang: 5 is no text" in done.err
    listed: Any = json.loads(call("items", "list", "--json", "--config", empty.config).out)
    assert listed == []


def test_without_pyarrow_parquet_is_refused_with_what_to_do(
    two: tuple[Desk, Desk], call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    done = call("export", tmp_path / "out", "--format", "parquet", "--config", two[0].config)
    assert done.code == 2
    assert "pip install pyarrow" in done.err
    assert not (tmp_path / "out").exists()


def test_what_is_of_entries_that_are_not_here_is_told(two: tuple[Desk, Desk], call: Call, tmp_path: Path) -> None:
    full, empty = two
    call("export", tmp_path / "out.jsonl", "--what", "predictions", "--config", full.config)
    with open_store(f"sqlite:///{empty.base / 'var' / 'monitor.db'}"):
        done = call("import", tmp_path / "out.jsonl", "--config", empty.config)
    assert done.code == 1
    assert done.err == (
        "nothing was new\n"
        "4 rows left out: their entries, or the words they are of, are neither here nor in the export\n"
    )


def test_a_stream_of_the_process_is_no_file_and_a_full_one_is_told_in_a_sentence(
    two: tuple[Desk, Desk], process: Call, tmp_path: Path
) -> None:
    full, _ = two
    refused = process("export", "/dev/stdout", "--config", full.config)
    assert (refused.code, refused.out) == (2, "")
    assert "- writes to stdout" in refused.err
    command = [sys.executable, "-m", "monitor", "export", "-", "--config", str(full.config)]
    with Path("/dev/full").open("wb") as device:
        done = subprocess.run(command, stdout=device, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "stdout cannot be written: No space left on device" in done.stderr


def test_a_full_disk_ends_an_import_in_a_sentence_and_the_next_one_finishes_it(
    two: tuple[Desk, Desk], call: Call, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    full, empty = two
    path = tmp_path / "out.jsonl"
    with open_store(f"sqlite:///{full.base / 'var' / 'monitor.db'}") as store:
        stock(store, a_store(600))
    call("export", path, "--config", full.config)
    with open_store(f"sqlite:///{empty.base / 'var' / 'monitor.db'}"):
        pass
    command = [sys.executable, "-m", "monitor", "import", str(path), "--config", str(empty.config)]

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=small)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "the database refuses to go on: " in done.stderr
    assert call("import", path, "--config", empty.config).code == 0
    again = json.loads(call("import", path, "--json", "--config", empty.config).out)
    assert (again["changed"], again["tables"]["entries"]["there"]) == (False, 600)


def test_a_terminated_export_leaves_no_part(tmp_path: Path) -> None:
    """As `kill` and a service manager end it; `kill -9` leaves one."""

    def export() -> None:
        with ending(), to_path(tmp_path / "out.jsonl", Form.JSONL):
            assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit) as ended:
        export()
    assert ended.value.code == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []

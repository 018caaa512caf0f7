import json
import os
import pwd
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.jobs import audit


def test_a_line_says_when_in_utc_who_what_and_all_that_is_told(tmp_path: Path) -> None:
    at = datetime(2026, 11, 22, 7, 30, 15, 999, tzinfo=timezone(timedelta(hours=1)))
    audit.append(tmp_path, "activate", now=at, version="2026.12", reasons=["«schlechter»"], before=None)
    (line,) = (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "at": "2026-11-22T06:30:15Z",
        "who": pwd.getpwuid(os.getuid()).pw_name,
        "what": "activate",
        "version": "2026.12",
        "reasons": ["«schlechter»"],
        "before": None,
    }


def test_who_it_was_is_not_what_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert audit.who() != "somebody-else"


def test_what_many_append_at_once_stays_line_by_line(tmp_path: Path, now: datetime) -> None:
    def write(number: int) -> None:
        audit.append(tmp_path, "activate", now=now, version=str(number), reasons=["x" * 20_000])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(64)))
    lines, unreadable = audit.read(tmp_path)
    assert unreadable == 0
    assert sorted(int(line["version"]) for line in lines) == list(range(64))


def test_a_line_that_broke_off_spoils_no_other(tmp_path: Path, now: datetime) -> None:
    audit.append(tmp_path, "activate", now=now, version="a")
    with (tmp_path / "audit.jsonl").open("ab") as file:
        file.write(b'{"at": "2026-')
    audit.append(tmp_path, "activate", now=now, version="b")
    lines, unreadable = audit.read(tmp_path)
    assert [line["version"] for line in lines] == ["a", "b"]
    assert unreadable == 1


def test_without_a_record_nothing_was_done(tmp_path: Path) -> None:
    assert audit.read(tmp_path) == ([], 0)


def test_where_it_cannot_be_written_the_error_says_what_to_do(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(UsageError, match=r"audit\.jsonl cannot be written .*nothing was put in use.*model\.directory"):
        audit.append(tmp_path, "activate", now=now)
    with pytest.raises(UsageError, match="cannot be read"):
        audit.read(tmp_path)

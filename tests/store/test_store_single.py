"""Locks that one process at a time can hold."""

from pathlib import Path

import pytest

from monitor.store import single
from monitor.store.database import open_store


def test_the_file_of_the_reclassify_lock_stays_so_that_two_never_hold_two(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'monitor.db'}"
    with open_store(url) as store:
        with single.reclassifying(store, url) as mine:
            assert mine
            before = (tmp_path / "monitor.db.reclassify.lock").stat().st_ino
        assert (tmp_path / "monitor.db.reclassify.lock").stat().st_ino == before


def test_a_lock_on_a_file_that_its_holder_has_just_deleted_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the file of a backfill and locking it, the one before may end and take the file with it."""
    url, file = f"sqlite:///{tmp_path / 'monitor.db'}", tmp_path / "monitor.db.backfill-7.lock"
    assert single.fcntl is not None
    flock, calls = single.fcntl.flock, list[int]()

    def late(held: object, how: int) -> None:
        calls.append(how)
        if len(calls) == 1:
            file.unlink()
        flock(held, how)  # type: ignore[arg-type]

    with open_store(url) as store:
        monkeypatch.setattr(single.fcntl, "flock", late)
        with single.job_of_mine(store, url, 7) as mine:
            assert mine
            with single.job_of_mine(store, url, 7) as second:
                assert not second
        assert not file.exists()

"""`monitor status` shows the notices that are open."""

import json
from datetime import UTC, datetime

from monitor.domain.notice import Notice, NoticeKind
from monitor.store import notices
from monitor.store.database import open_store

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_open_notices_are_shown_and_closed_ones_are_not(call, polled):
    assert "notices" not in call("status", "--config", polled.config).out
    with open_store(f"sqlite:///{polled.base / 'var' / 'monitor.db'}") as store:
        silent = Notice(NoticeKind.SILENT, "daily", "It answers, and has brought nothing new.", AT)
        whole = Notice(NoticeKind.ALL_FAILING, "", "Every poll has failed.", AT)
        shut = Notice(NoticeKind.SPIKE, "daily", "Far more than usual.", AT, AT)
        assert notices.write(store, 0, [silent, whole, shut], now=AT)
    lines = call("status", "--config", polled.config).out.splitlines()
    at = lines.index("notices      2 open")
    assert lines[at + 1].strip() == "all-failing since 2026-03-02 10:30: Every poll has failed."
    assert lines[at + 2].strip() == "daily: silent since 2026-03-02 10:30: It answers, and has brought nothing new."
    found = json.loads(call("status", "--json", "--config", polled.config).out)["notices"]
    assert [(notice["kind"], notice["subject"]) for notice in found] == [("all-failing", ""), ("silent", "daily")]

"""What an import brings is in no digest and no alert, however young it is; what polls bring goes on to be."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from monitor.exchange.files import Form
from monitor.jobs import alert, digest, export, takein
from monitor.jobs.compose import coverage
from monitor.jobs.export import Asked
from monitor.store import digests as store_digests
from monitor.store.database import open_store
from monitor.store.neighbours import Wanted, nearest
from tests.exchange.stocks import TABLES, a_store, stock

HOUR = timedelta(hours=1)
DESK = (
    '[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = ["files"]\nalert_thresholds = { returns = 0.9 }\n'
)


def test_six_hundred_entries_of_the_last_hours_flood_neither_digest_nor_alerts(
    office: Any, item: Any, store_url: str, tmp_path: Path
) -> None:
    office.subscriptions, office.database = DESK, store_url
    with office.app() as app:
        digest.run(app, now=office.clock)
        began = office.now
        with open_store(f"sqlite:///{tmp_path / 'other.db'}") as other:
            stock(other, a_store(600, first=office.now - 9 * HOUR))
            path = tmp_path / "other.jsonl"
            export.run(type(app)(app.settings, other), path, Form.JSONL, Asked(), now=office.now)
        assert takein.run(app, path).changed
        office.now += HOUR
        office.bring(app, item(9_001, title="The news of the day", returns=0.97), feed="wire")
        office.now += timedelta(minutes=2)
        (sent,) = alert.run(app, now=office.clock)
        message = store_digests.digest_of_window(app.store, "desk", sent.key)
        assert message is not None
        assert "The news of the day" in message.text
        assert "group" not in message.text
        takein.run(app, path)
        office.bring(app, item(9_002, title="The other news", returns=0.6), feed="wire")
        office.now += HOUR
        (closed,) = digest.send(app, ["desk"], now=office.clock)
        message = store_digests.digest_of_window(app.store, "desk", closed.key)
        assert message is not None
        assert "The other news" in message.text
        assert "group" not in message.text
        assert coverage(app, since=began, until=office.now, over_line=1).new == 2, "nothing else was polled"
        entry = TABLES["entry"].c
        with app.store.read() as connection:
            waiting = select(func.count()).where(entry.announce_seq.is_not(None) | entry.announceable)
            assert connection.scalar(waiting) == 2
        found = nearest(app.store, [Wanted(["k1"], began - 10 * HOUR, office.now + 10 * HOUR)])
        assert found[0], "what polls bring may join its stories"

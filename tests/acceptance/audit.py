"""What the tests of the audit's rows share."""

import re
from datetime import timedelta

from monitor.app import App
from monitor.domain.digest import Message
from monitor.store import digests as store_digests

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LABELS = "[labels.returns]\nthreshold = 0.5\nreview = 0.3\n[labels.policy]\nthreshold = 0.5\nreview = 0.3\n"


def desk(*lines: str, labels: str = '["returns"]', channel: str = "files") -> str:
    """The subscription ``desk``, with further lines of TOML."""
    return "\n".join(["[subscriptions.desk]", f"labels = {labels}", f'channels = ["{channel}"]', *lines, ""])


def numbers(message: Message | None) -> list[int]:
    """The entries that a digest names anywhere, by the numbers in their titles."""
    return sorted(int(found) for found in set(re.findall(r"number (\d+)", message.text))) if message else []


def sent_as(app: App, key: str) -> Message | None:
    return store_digests.digest_of_window(app.store, "desk", key)

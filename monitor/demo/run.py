"""`monitor demo`: the main job, offline, on the sample feeds, by the same jobs that the daemon ticks."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from monitor.app import build
from monitor.demo.server import FeedServer
from monitor.demo.sites import SAMPLES, Sample, serve
from monitor.domain.delivery import DeliveryState
from monitor.domain.digest import Message
from monitor.domain.labels import Label
from monitor.errors import UsageError
from monitor.jobs import deliver, digest, poll
from monitor.jobs.clock import utc_now
from monitor.jobs.poll import PollReport
from monitor.settings.bundled import bundled_config
from monitor.settings.load import load
from monitor.store import digests
from monitor.store.feeds import Which

SUBSCRIPTION = "demo"
_OURS = ("config", "digests", "monitor.db", "monitor.db-wal", "monitor.db-shm", "digest.html", "digest.txt")


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demo did and where it left things."""

    polled: PollReport
    repeated: PollReport
    message: Message
    stories: int
    html: Path
    text: Path
    model: str


def run(
    folder: Path,
    *,
    labels: Mapping[str, Label] | None = None,
    progress: Callable[[str, int, int], None] = lambda step, done, total: None,
    now: Callable[[], datetime] = utc_now,
    slow: float = 1.5,
) -> DemoReport:
    """Serve the samples on loopback, poll them twice, close a digest and deliver it into ``folder``.

    What an earlier run left there is replaced. ``labels`` None means those of the starter config. Raises UsageError
    where the folder cannot be written, or where the model that comes with the program is damaged.
    """
    try:
        _clear(folder)
        with FeedServer() as server:
            serve(server, now(), slow=slow)
            _write_config(folder / "config", server, labels)
            return _run(folder, progress, now)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error


def _run(folder: Path, progress: Callable[[str, int, int], None], now: Callable[[], datetime]) -> DemoReport:
    with build(load(folder / "config", {})) as app:
        if app.model.problem:
            raise UsageError(app.model.problem)
        first = poll.run(app, now=now, progress=lambda done, total: progress("polling", done, total))
        again = poll.run(
            app,
            names=[feed.name for feed in app.settings.enabled_feeds()],
            which=Which.NAMED,
            now=now,
            progress=lambda done, total: progress("polling again", done, total),
        )
        (sent,) = digest.send(app, [SUBSCRIPTION], now=now)
        delivered = deliver.run(app, now=now)
        if not delivered.count(DeliveryState.DELIVERED):
            raise UsageError("; ".join(attempt.detail for attempt in delivered.attempts) or "nothing was delivered")
        message = digests.digest_of_window(app.store, SUBSCRIPTION, sent.key)
        if message is None:
            raise UsageError("the digest is not in the store")
        html, text = folder / "digest.html", folder / "digest.txt"
        html.write_text(message.html, encoding="utf-8")
        text.write_text(message.text, encoding="utf-8")
        return DemoReport(first, again, message, sent.stories, html, text, app.model.name)


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _write_config(config: Path, server: FeedServer, labels: Mapping[str, Label] | None) -> None:
    config.mkdir(parents=True)
    if labels is None:
        shutil.copyfile(bundled_config() / "labels.toml", config / "labels.toml")
    else:
        (config / "labels.toml").write_text("\n".join(map(_label, labels.values())), encoding="utf-8")
    wanted = json.dumps(list(labels or ("returns", "policy")), ensure_ascii=False)
    (config / "monitor.toml").write_text(
        "[fetch]\nallow_private_hosts = true  # the sample feeds stand on loopback\n"
        '[database]\nurl = "sqlite:///monitor.db"\n',
        encoding="utf-8",
    )
    (config / "channels.toml").write_text('[channels.files]\nurls = ["folder://digests"]\n', encoding="utf-8")
    (config / "subscriptions.toml").write_text(
        f'[subscriptions.{SUBSCRIPTION}]\ntitle = "Returns Monitor, demo digest"\nlabels = {wanted}\n'
        'channels = ["files"]\nempty_digests = true\nblocks = ["tracker", "ledger"]\n',
        encoding="utf-8",
    )
    sources = "\n".join(
        _source(key, list(samples), server) for key, samples in groupby(SAMPLES, key=lambda sample: sample.name)
    )
    (config / "feeds.toml").write_text(sources, encoding="utf-8")


def _label(label: Label) -> str:
    name, title = (json.dumps(text, ensure_ascii=False) for text in (label.name, label.title))
    return f"[labels.{name}]\ntitle = {title}\nthreshold = {label.threshold!r}\n"


def _source(key: str, samples: list[Sample], server: FeedServer) -> str:
    first = samples[0]
    head = (
        f'[sources.{key}]\ntitle = "{first.title}"\nkind = "{first.kind}"\nlanguage = "{first.language}"\n'
        f'tier = "{first.tier}"\n[sources.{key}.feeds]\n'
    )
    return head + "".join(f'{sample.name} = "{server.url(sample.path)}"\n' for sample in samples)

"""What a check found, written into config: each feed's ``status`` and the day. Switches nothing on or off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UsageError
from monitor.fetch.options import FeedOptions, SourceOptions
from monitor.jobs.check import CheckReport, Probe, Verdict
from monitor.observe import mask
from monitor.settings.edit import set_values
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.read import KeyPath


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the feeds whose status is another one now (name, before, after), and the files.

    ``rested`` names feeds that are disabled and were found good, ``unasked`` those whose server asked for patience.
    """

    changed: tuple[tuple[str, str, str], ...]
    files: tuple[Path, ...]
    rested: tuple[str, ...]
    unasked: tuple[str, ...]


def write(folder: Path, report: CheckReport) -> Written:
    """Write what a check found into the files that the feeds stand in, in one edit.

    A source whose feeds all came out alike says it once for them; else each feed says it for itself. What has changed
    in config since the check began is left as it is. Raises UsageError where nobody at all answered, which tells more
    of this machine's connection than of the feeds.
    """
    settings = load(folder, channels=False)
    same = [probe for probe in report.probes if _as_it_was(settings, probe)]
    asked = [probe for probe in same if "not asked: " not in probe.detail]
    if len(asked) > 1 and all(probe.verdict is Verdict.DOWN and probe.status is None for probe in asked):
        raise UsageError("no feed's server answered: is this machine connected? Nothing was written")
    by_source: dict[str, list[Probe]] = {}
    for probe in asked:
        by_source.setdefault(probe.source, []).append(probe)
    sources = settings.options.sources
    changes: list[tuple[KeyPath, object]] = []
    for key, probes in by_source.items():
        for path, verdict in _places(key, sources[key], probes):
            changes += [((*path, "status"), verdict.value.lower()), ((*path, "checked_at"), report.at.date())]
    return Written(
        tuple(_changed(sources, asked)),
        tuple(dict.fromkeys(set_values(folder, changes))) if changes else (),
        tuple(probe.feed for probe in asked if not probe.enabled and probe.verdict is Verdict.OK),
        tuple(probe.feed for probe in same if probe not in asked),
    )


def _as_it_was(settings: Settings, probe: Probe) -> bool:
    feed = settings.feeds.get(probe.feed)
    return feed is not None and (feed.source.key, mask(feed.url)) == (probe.source, probe.url)


def _places(key: str, source: SourceOptions, probes: Sequence[Probe]) -> Iterator[tuple[KeyPath, Verdict]]:
    """Where to write each verdict."""
    alone = not any(isinstance(feed, FeedOptions) and feed.status for feed in source.feeds.values())
    if alone and len(probes) == len(source.feeds) and len({probe.verdict for probe in probes}) == 1:
        yield ("sources", key), probes[0].verdict
        return
    for probe in probes:
        yield ("sources", key, "feeds", probe.feed), probe.verdict


def _changed(sources: Mapping[str, SourceOptions], probes: Sequence[Probe]) -> Iterator[tuple[str, str, str]]:
    for probe in probes:
        source = sources[probe.source]
        before, after = source.feed(probe.feed).status or source.status, probe.verdict.value.lower()
        if before != after:
            yield probe.feed, before, after

"""[subscriptions] of subscriptions.toml, as the program uses them."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from monitor.digest import word_filter
from monitor.digest.options import SubscriptionOptions, read_hours, read_measure
from monitor.digest.schedule import IMMEDIATE
from monitor.domain.alert import AlertRule, AlertWish
from monitor.domain.block import Block
from monitor.domain.digest import Subscription
from monitor.domain.labels import Label
from monitor.settings.labels import own_line
from monitor.settings.model import ConfigModel
from monitor.settings.read import KeyPath, Tree


def subscriptions_of(options: ConfigModel, tree: Tree, labels: Mapping[str, Label]) -> dict[str, Subscription]:
    """The subscriptions; what they name and config has not is noted."""
    for name, given in options.subscriptions.items():
        _check(options, tree, ("subscriptions", name), given, labels)
    return {name: _subscription(options, name, given, labels) for name, given in options.subscriptions.items()}


def _subscription(
    options: ConfigModel, name: str, given: SubscriptionOptions, labels: Mapping[str, Label]
) -> Subscription:
    lines = {label: own_line(labels[label], given.thresholds.get(label)) for label in given.labels if label in labels}
    return Subscription(
        name=name,
        title=given.title or name,
        lines=MappingProxyType(lines),
        schedule=given.schedule,
        zone=ZoneInfo(given.timezone or options.timezone),
        channels=tuple(given.channels),
        countries=frozenset(given.countries),
        languages=frozenset(given.languages),
        sources=frozenset(given.sources),
        max_stories=given.max_stories,
        empty_digests=given.empty_digests,
        update_sources=given.update_sources,
        blocks=tuple(Block(name) for name in given.blocks),
        measures=tuple(read_measure(text) for text in given.measures),
        words=word_filter.read(given.words),
        quiet=read_hours(given.quiet_hours, given.quiet_mode) if given.quiet_hours else None,
        holidays=frozenset(given.holidays),
        critical=given.critical,
        near_misses=given.near_misses,
        alert=_alert(given, labels),
        headings=given.headings,
    )


def _alert(given: SubscriptionOptions, labels: Mapping[str, Label]) -> AlertWish:
    """When alerts are wanted; who gets each story as it comes wants none."""
    if not given.alerting or given.schedule == IMMEDIATE:
        return AlertWish({}, cap=given.max_alerts)
    own = {label: given.alert_thresholds.get(label, labels[label].alert) for label in given.labels if label in labels}
    lines = {label: line for label, line in own.items() if line is not None}
    rules = (
        AlertRule(frozenset(rule.countries), tuple(read_measure(text) for text in rule.measures))
        for rule in given.alerts
    )
    return AlertWish(MappingProxyType(lines), tuple(rules), given.max_alerts)


def _check(
    options: ConfigModel, tree: Tree, path: KeyPath, given: SubscriptionOptions, labels: Mapping[str, Label]
) -> None:
    """Note what a subscription names and config has not."""
    mine = set(given.labels)
    check_names(tree, (*path, "labels"), given.labels, labels, "label", "labels.toml")
    check_names(tree, (*path, "thresholds"), list(given.thresholds), mine, "label", "this subscription's labels")
    own = list(given.alert_thresholds)
    check_names(tree, (*path, "alert_thresholds"), own, mine, "label", "this subscription's labels")
    check_names(tree, (*path, "channels"), given.channels, options.channels, "channel", "channels.toml")
    check_names(tree, (*path, "sources"), given.sources, options.sources, "source", "feeds.toml")


def check_names(tree: Tree, path: KeyPath, names: list[str], known: Any, what: str, where: str) -> None:
    """Note names that lead nowhere, with the nearest ones."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
            tree.problem(path, f'no {what} "{name}" in {where}', hint)

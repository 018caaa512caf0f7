"""`monitor models list|show|activate|compare`."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markdown import Markdown

from monitor.app import words_of
from monitor.classify.classifier import Classifier
from monitor.cli.common import progress, read_since
from monitor.cli.console import err, out, plain, plural, print_json, tell
from monitor.cli.gate import demand_activated, outcome_json, show_outcome, show_verdict, verdict_json
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.cli.reclassify_show import moved
from monitor.jobs import audit
from monitor.jobs import models as job
from monitor.jobs.clock import utc_now
from monitor.jobs.compare import Difference, stored
from monitor.jobs.models import Version
from monitor.jobs.trial import compete, held_out, opened_if_there
from monitor.settings.load import load
from monitor.settings.model import Settings

_LAST = 5  # activations told at the most
_LINES = 10  # of progress at the most, where stderr is no terminal

models_app = typer.Typer(help="Look at trained models, and choose.", no_args_is_help=True, rich_markup_mode=None)
VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A folder among the models.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(models_app, name="models")


@models_app.command("list")
def list_models(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """List the versions that are there, the newest first, and the last activations."""
    settings = load(config, channels=False)
    found, (lines, unreadable) = job.versions(settings.models), audit.read(settings.models)
    active, pinned = job.active(settings.models), settings.options.model.version
    if json:
        print_json(
            {
                "folder": settings.models,
                "active": active,
                "config_names": pinned or None,
                "versions": found,
                "activations": lines[-_LAST:],
            }
        )
        return
    width = max((len(version.name) for version in found), default=0)
    for version in found:
        tell(_line(version, width, settings.zone), indent=width + 4)
    if active is None:
        tell("no version is active; `monitor models activate VERSION` chooses one", indent=4)
    elif active not in {version.name for version in found}:
        tell(f"ACTIVE names {active}, which is not there", indent=4, to=err, style="yellow")
    if pinned:
        tell(f"in use: {pinned}, since [model] version in monitor.toml names it", indent=4)
    _show_activations(lines[-_LAST:], unreadable, settings.zone)


def _line(version: Version, width: int, zone: ZoneInfo) -> str:
    mark = "*" if version.active else " "
    head = f"{mark} {version.name:{width}}  {version.at.astimezone(zone):%Y-%m-%d}  {version.size / 1e6:.1f} MB"
    if version.problem:
        return f"{head}  damaged: {version.problem}"
    items = f"  {version.items:,} items" if version.items is not None else ""
    measured = (("out of fold", version.out_of_fold), ("held out", version.held_out))
    told = [f"{name}: {_numbers(values)}" for name, values in measured if values]
    return f"{head}{items}" + (f"  average precision {'; '.join(told)}" if told else "")


def _numbers(values: Mapping[str, float | None]) -> str:
    return ", ".join(f"{label} {'none' if value is None else f'{value:.3f}'}" for label, value in values.items())


def _show_activations(lines: list[Mapping[str, Any]], unreadable: int, zone: ZoneInfo) -> None:
    for line in lines:
        before = f", before it was {line['before']}" if line.get("before") else ""
        forced = f", by force past {plural(len(line.get('reasons') or ()), 'reason')}" if line.get("forced") else ""
        what = f"{_moment(line.get('at'), zone)}  {line.get('who')} activated {line.get('version')}{before}{forced}"
        tell(what, indent=4)
    if unreadable:
        tell(f"{plural(unreadable, 'line')} of {audit.NAME} cannot be read", to=err, style="yellow")


def _moment(value: Any, zone: ZoneInfo) -> str:
    try:
        return datetime.fromisoformat(str(value)).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return str(value)


@models_app.command("show")
def show_model(version: VersionArgument, *, config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Print the card of a version; with --json what its model.json holds."""
    models = load(config, channels=False).models
    if json:
        print_json(job.manifest(models, version))
        return
    card = job.card(models, version)
    if out.is_terminal:
        out.print(Markdown(card), soft_wrap=False)
    else:
        sys.stdout.write(card)


@models_app.command("activate")
def activate_model(
    version: VersionArgument,
    *,
    force: Annotated[bool, typer.Option("--force", help="Also if it is not better; the record says so.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Put a version in use, if it is better than the one in use on the held-out set."""
    settings = load(config, channels=False)
    if version == job.active(settings.models) and not job.problem(settings.models, version):
        if json:
            print_json({"version": version, "before": version, "activated": False})
        else:
            tell(f"{version} is active already; nothing was changed")
        return
    with opened_if_there(settings) as store, progress("scoring the held-out set"):
        outcome = job.activate(settings, version, store=store, now=utc_now(), force=force)
    if json:
        print_json(outcome_json(outcome))
    else:
        show_outcome(outcome)
    demand_activated(outcome)


@models_app.command("compare")
def compare_models(
    a: Annotated[str, typer.Argument(metavar="A", help="A version, such as the one in use.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The version that would stand in its place.")],
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="T", help="Entries first seen since a day, a time, or 7d ago.")
    ] = "30d",
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="At most so many entries, the newest; 0 for all.")
    ] = 0,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Compare two versions on the held-out set, and say which decisions on stored entries change; writes nothing."""
    settings, now = load(config, channels=False), utc_now()
    begin = read_since(since, now) or now
    both = _loaded(settings, a), _loaded(settings, b)
    with opened_if_there(settings) as store:
        with progress("scoring the held-out set"):
            verdict = compete(*both, held_out(settings.models, store))
        found = None
        if store is not None:
            with _shown() as told:
                found = stored(settings, store, both, since=begin, until=now, limit=limit, progress=told)
    if json:
        print_json({"a": a, "b": b, "held_out": verdict_json(verdict), "since": begin, "stored": plain(found)})
        return
    show_verdict(verdict)
    tell(f"in place of {a}, {b} would be {'let through' if verdict.passed else 'refused:'}", indent=4)
    for reason in verdict.reasons:
        tell(f"    {reason}", indent=8)
    _show_difference(found)


def _loaded(settings: Settings, version: str) -> Classifier:
    job.named(settings.models, version)
    return Classifier.load(settings.models, version, words_of(settings))


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None]]:
    """Progress on stderr: a bar in a terminal, elsewhere a plain line for each tenth."""
    if not err.is_terminal:
        told = 0

        def line(done: int, total: int) -> None:
            nonlocal told
            if done * _LINES // total > told:
                told = done * _LINES // total
                err.print(f"{done} of {total} entries scored")

        yield line
        return
    with progress("scoring stored entries") as bar:
        yield lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total)


def _show_difference(found: Difference | None) -> None:
    if found is None:
        tell("there is no database yet, so no stored entries to compare on", indent=4)
        return
    entries = "1 stored entry" if found.entries == 1 else f"{found.entries:,} stored entries"
    tell(f"on {entries}, by the lines of config:", indent=4)
    for label, changes in found.labels.items():
        tell(f"{label}: {changes.gained} in, {changes.lost} out")
        for flip in changes.examples:
            tell(f"    {moved(flip)}  {flip.entry_id}  {flip.title}", indent=8)

"""Trained versions: what there is, and putting one in use through the gate."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.app import words_of
from monitor.classify import artefact
from monitor.classify.classifier import Classifier
from monitor.classify.linear import LinearModel
from monitor.classify.quality.gate import Verdict, numbers
from monitor.errors import ModelError, UsageError
from monitor.jobs import audit
from monitor.jobs.trial import FOLDER, compete, held_out, in_use
from monitor.observe import fields, log
from monitor.settings.model import Settings
from monitor.store.database import Store

_FILES = ("model.json", "weights.npz", "MODEL_CARD.md")


@dataclass(frozen=True, slots=True)
class Version:
    """A version on disk. ``problem`` says why it cannot be loaded; then only date and size (bytes) are sure.

    ``items`` it was trained on; ``out_of_fold`` and ``held_out`` are average precision by label.
    """

    name: str
    active: bool
    at: datetime
    size: int
    items: int | None = None
    out_of_fold: Mapping[str, float | None] = field(default_factory=dict)
    held_out: Mapping[str, float | None] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of putting a version in use; ``before`` was active, ``remarks`` are for people.

    ``kept`` is False where the version was refused and stands nowhere, since its name is that of the one in use.
    """

    version: str
    before: str | None
    activated: bool
    forced: bool
    verdict: Verdict
    remarks: tuple[str, ...] = ()
    kept: bool = True


def versions(models: Path) -> list[Version]:
    """List what stands in a folder of models, the newest first. Raises UsageError where there is no such folder."""
    if not models.is_dir():
        raise UsageError(f"there is no folder {models}; `monitor train` makes it, or set model.directory")
    in_force = active(models)
    folders = [folder for folder in models.iterdir() if any((folder / name).is_file() for name in _FILES)]
    found = [_version(folder, in_force) for folder in folders if not folder.name.startswith(".")]
    return sorted(found, key=lambda version: (version.at, version.name), reverse=True)


def _version(folder: Path, in_force: str | None) -> Version:
    sizes = [file.stat() for name in _FILES if (file := folder / name).is_file()]
    at = datetime.fromtimestamp(max(stat.st_mtime for stat in sizes), UTC)
    size, name = sum(stat.st_size for stat in sizes), folder.name
    try:
        stored = artefact.read(folder.parent, name)
        LinearModel(stored)  # refuses what this program makes no features for
    except ModelError as error:
        return Version(name, name == in_force, at, size, problem=str(error))
    facts = stored.facts
    out_of_fold = {label: _inner(told, "out_of_fold") for label, told in _table(facts, "labels").items()}
    held = {label: _inner(told, "at_threshold") for label, told in _table(facts, "held_out", "labels").items()}
    return Version(name, name == in_force, at, size, _table(facts, "corpus").get("items"), out_of_fold, held)


def _table(facts: Any, *names: str) -> Mapping[str, Any]:
    """A table inside the facts; they are told by whoever trained the version, and may be older than this program."""
    for name in names:
        facts = facts.get(name) if isinstance(facts, Mapping) else None
    return facts if isinstance(facts, Mapping) else {}


def _inner(told: Any, name: str) -> float | None:
    value = _table(told, name).get("average_precision")
    return float(value) if isinstance(value, int | float) else None


def active(models: Path) -> str | None:
    """Name the version in ACTIVE; None where there is none."""
    try:
        return artefact.active(models)
    except ModelError:
        return None


def named(models: Path, version: str) -> Path:
    """Return the folder of a version; raises UsageError that names those there are."""
    known = [found.name for found in versions(models)]
    if version not in known:
        raise UsageError(f'no version "{version}" in {models}; there are: {", ".join(known) or "none"}')
    return models / version


def problem(models: Path, version: str) -> str:
    """Say why a version cannot be loaded; "" where it can."""
    return _version(named(models, version), None).problem


def card(models: Path, version: str) -> str:
    """Return the card of a version, in Markdown."""
    return _read(named(models, version) / "MODEL_CARD.md")


def manifest(models: Path, version: str) -> Any:
    """Return what model.json of a version holds."""
    path = named(models, version) / "model.json"
    try:
        return json.loads(_read(path))
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}); `monitor train` writes it anew") from error


def activate(
    settings: Settings,
    version: str,
    *,
    store: Store | None,
    now: datetime,
    force: bool = False,
    folder: Path | None = None,
) -> Outcome:
    """Put a version in use if it beats the one in use on the held-out set, or by force; else nothing changes.

    ``folder`` holds the version where it does not stand among the models yet. What people labelled is read from
    ``store``. Raises UsageError where there is no such version or the models cannot be written, ModelError where the
    version cannot be loaded.
    """
    if folder is None:
        named(settings.models, version)
    rival = in_use(settings)
    before, remarks = _incumbent(settings, rival)
    challenger = Classifier.load(folder or settings.models, version, words_of(settings))
    examples = held_out(settings.models, store)
    if not examples:
        remarks = (*remarks, f"there is no held-out set: {settings.models / FOLDER} holds no *.jsonl")
    verdict = compete(before, challenger, examples)
    outcome = Outcome(version, active(settings.models), False, force and not verdict.passed, verdict, remarks)
    if not (verdict.passed or force):
        return replace(outcome, kept=folder in {None, settings.models})
    if in_use(settings) != rival:
        raise UsageError(f"another version than {rival} was put in use meanwhile; nothing was changed, do it again")
    _promote(settings, outcome, folder or settings.models, now)
    log.info(fields("activate", version=version, before=outcome.before or "none", forced=outcome.forced))
    pinned = settings.options.model.version
    stays = (f"{pinned} stays in use: [model] version in monitor.toml names it",) if pinned not in {"", version} else ()
    return replace(outcome, activated=True, remarks=(*remarks, *stays))


def _incumbent(settings: Settings, version: str | None) -> tuple[Classifier | None, tuple[str, ...]]:
    """Load the version in use, or say why there is nothing to compare with."""
    only = "only F1 and languages are looked at"
    if version is None:
        return None, (f"no version is in use: {only}",)
    try:
        return Classifier.load(settings.models, version, words_of(settings)), ()
    except ModelError as error:
        return None, (f"{only}, since the version in use cannot be loaded: {error}",)


def _promote(settings: Settings, outcome: Outcome, folder: Path, now: datetime) -> None:
    """Write the record, then the version where it comes from elsewhere, then ACTIVE: nothing goes live unrecorded."""
    models, verdict = settings.models, outcome.verdict
    digest = hashlib.sha256((folder / outcome.version / "weights.npz").read_bytes()).hexdigest()
    audit.append(
        models, "activate", now=now, version=outcome.version, before=outcome.before, sha256=digest,
        forced=outcome.forced, reasons=list(verdict.reasons), numbers=numbers(verdict.labels),
    )  # fmt: skip
    try:
        if folder != models:
            (models / outcome.version).mkdir(exist_ok=True)
            for name in _FILES:
                (folder / outcome.version / name).replace(models / outcome.version / name)
        artefact.activate(models, outcome.version)
    except OSError as error:
        raise UsageError(audit.unwritable(models, error)) from error

"""Train a model version from a corpus, and put it in use if it is better."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.classify.artefact import VERSION
from monitor.classify.classifier import RULES
from monitor.classify.train import Stream, TrainReport, train
from monitor.errors import UsageError
from monitor.jobs.audit import unwritable
from monitor.jobs.models import Outcome, activate, active
from monitor.jobs.trial import held_out_folder, in_use
from monitor.settings.model import Settings
from monitor.store.database import Store


def run(
    models: Path,
    *,
    corpus: Path,
    version: str,
    seed: int = 0,
    stream: Stream | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> TrainReport:
    """Train, measure on the held-out set, and write ``models/<version>``.

    Raises UsageError where there is no corpus, no such name, or no room.
    """
    if not any(corpus.glob("*.jsonl")):
        raise UsageError(f"no *.jsonl in {corpus}; the corpus is part of the source checkout, or give --corpus DIR")
    if not VERSION.fullmatch(version) or version == RULES:
        taken = ", which stands for scores without a model" if version == RULES else ""
        raise UsageError(
            f'--version "{version}"{taken}: give a name of letters, digits, dots and dashes, such as "local"'
        )
    try:
        return train(
            corpus, models, version=version, seed=seed, stream=stream, held_out=held_out_folder(models),
            progress=progress,
        )  # fmt: skip
    except OSError as error:
        raise UsageError(unwritable(models / version, error)) from error


def run_into_use(
    settings: Settings,
    *,
    corpus: Path,
    version: str,
    store: Store | None,
    now: Callable[[], datetime],
    seed: int = 0,
    stream: Stream | None = None,
    force: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> tuple[TrainReport, Outcome]:
    """Train, and put the version in use through the gate (`monitor.jobs.models.activate`).

    A version that is in use already is trained beside, and replaced only where the new one is let through.
    """
    with _place(settings, version) as folder:
        report = run(folder, corpus=corpus, version=version, seed=seed, stream=stream, progress=progress)
        progress("comparing with the version in use")
        return report, activate(settings, version, store=store, now=now(), force=force, folder=folder)


def demand_unused(settings: Settings, version: str) -> None:
    """Refuse to train over a version that is in use; raises UsageError."""
    if version in {in_use(settings), active(settings.models)}:
        raise UsageError(
            f"--version {version}: this version is in use; give the new one another name, or --activate, which "
            "replaces it if the new one is better"
        )


@contextmanager
def _place(settings: Settings, version: str) -> Iterator[Path]:
    """Where the new version is written: among the models, or aside while its name is in use."""
    if version not in {in_use(settings), active(settings.models)}:
        yield settings.models
        return
    try:
        aside = TemporaryDirectory(prefix=".training-", dir=settings.models)
    except OSError as error:
        raise UsageError(unwritable(settings.models, error)) from error
    with aside as folder:
        yield Path(folder)

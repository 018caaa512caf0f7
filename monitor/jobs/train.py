"""Train a model version from a corpus."""

from collections.abc import Callable
from pathlib import Path

from monitor.classify.artefact import activate as activate_version
from monitor.classify.train import TrainReport, train
from monitor.errors import UsageError


def run(
    models: Path,
    *,
    corpus: Path,
    version: str,
    seed: int = 0,
    activate: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> TrainReport:
    """Train, and write ``models/<version>``; raises UsageError where there is no corpus or no such name."""
    if not any(corpus.glob("*.jsonl")):
        raise UsageError(f"no *.jsonl in {corpus}; the corpus is part of the source checkout, or give --corpus DIR")
    if not version or version.startswith(".") or set(version) & set("/\\ "):
        raise UsageError(f'--version "{version}": give a name that can be a folder, such as "local"')
    report = train(corpus, models, version=version, seed=seed, progress=progress)
    if activate:
        activate_version(models, version)
    return report

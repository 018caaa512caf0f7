"""A trained model on disk: weights as data, never code.

<models>/ACTIVE                    one line: the version in use
<models>/<version>/model.json      what the weights mean, how they were made, and their sha256
<models>/<version>/weights.npz     plain arrays, read with allow_pickle=False
<models>/<version>/MODEL_CARD.md   the same for people, with reliability.svg
"""

import hashlib
import io
import json
import math
import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.errors import ModelError

FORMAT = 2
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a version may be called."""
# Zip entries carry a date; a fixed one makes the same weights the same bytes.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class LabelWeights:
    """One label: logit = ``coefficients`` · features + ``intercept``, calibrated by ``slope`` and ``offset``.

    Of an aspect it is the logit that an item which is ours has it; ``threshold`` is the one that training recommends.
    """

    coefficients: NDArray[np.float32]
    intercept: float
    slope: float
    offset: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Artefact:
    """Everything that scoring needs. ``languages`` are those of the corpus, ISO 639-1, outside of which no score can be
    relied on. ``facts`` holds what the card tells beside it: corpus, metrics, settings."""

    version: str
    features: int
    concepts: tuple[str, ...]
    words: tuple[str, ...]
    word_idf: NDArray[np.float32]
    grams: tuple[str, ...]
    gram_idf: NDArray[np.float32]
    labels: Mapping[str, LabelWeights]
    lexicon_sha256: str
    scikit_learn: str
    aspects: Mapping[str, LabelWeights] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def learnt_from_a_store(self) -> bool:
        """Say whether it has seen stored entries, so that only stories which were kept out can measure it."""
        stream = self.facts.get("stream", {})
        return bool(stream.get("annotated") or stream.get("ordinary"))


def installed_scikit_learn() -> str:
    """Name the installed version without importing the package, which takes more than a second."""
    return metadata.version("scikit-learn")


def write(models: Path, artefact: Artefact) -> str:
    """Write model.json and weights.npz of a version; return the sha256 of the weights."""
    folder = models / _checked(artefact.version, models)
    folder.mkdir(parents=True, exist_ok=True)
    weights = _pack(artefact)
    digest = hashlib.sha256(weights).hexdigest()
    _replace(folder / "weights.npz", weights)
    text = json.dumps(_manifest(artefact, digest), ensure_ascii=False, indent=2, allow_nan=False)
    _replace(folder / "model.json", f"{text}\n".encode())
    return digest


def read(models: Path, version: str | None = None) -> Artefact:
    """Read a version, or the active one.

    Raises:
        ModelError: it is missing, damaged, or of a format this program does not know; the message says what to do.
    """
    folder = models / (active(models) if version is None else _checked(version, models))
    manifest = _read_manifest(folder / "model.json")
    arrays = _read_weights(folder / "weights.npz", manifest)
    try:
        return _assemble(manifest, arrays)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder / "model.json", f"it does not fit its weights ({error!r})") from error


def active(models: Path) -> str:
    """Name the version in use.

    Raises:
        ModelError: ``ACTIVE`` is missing or names nothing.
    """
    path = models / "ACTIVE"
    try:
        name = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"no active model: {path} cannot be read; run `monitor train` to make one", path) from error
    return _checked(name, models)


def activate(models: Path, version: str) -> None:
    """Make a version the active one, once it is known to load."""
    read(models, version)
    _replace(models / "ACTIVE", f"{version}\n".encode())


def write_card(models: Path, version: str, card: str, plot: str | None = None) -> None:
    """Write the card beside the weights, and the plot that it shows."""
    folder = models / _checked(version, models)
    _replace(folder / "MODEL_CARD.md", card.encode())
    if plot is not None:
        _replace(folder / "reliability.svg", plot.encode())


def _checked(version: str, models: Path) -> str:
    if not VERSION.fullmatch(version):
        raise ModelError(f"{version!r} is no model version: use letters, digits, dot, dash and underscore", models)
    return version


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def _pack(artefact: Artefact) -> bytes:
    arrays: dict[str, NDArray[Any]] = {
        "words": _joined(artefact.words),
        "word_idf": artefact.word_idf.astype("<f4"),
        "grams": _joined(artefact.grams),
        "gram_idf": artefact.gram_idf.astype("<f4"),
    }
    for kind, weighted, precision in (("coefficients", artefact.labels, "<f4"), ("aspect", artefact.aspects, "<f2")):
        for name, weights in weighted.items():
            arrays[f"{kind}.{name}"] = weights.coefficients.astype(precision)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return packed.getvalue()


def _joined(terms: tuple[str, ...]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(terms).encode(), dtype=np.uint8)


def _split(array: NDArray[Any]) -> tuple[str, ...]:
    return tuple(array.tobytes().decode().split("\n")) if array.size else ()


def _manifest(artefact: Artefact, digest: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": artefact.version,
        "features": artefact.features,
        "scikit_learn": artefact.scikit_learn,
        "lexicon_sha256": artefact.lexicon_sha256,
        "weights": {"file": "weights.npz", "sha256": digest},
        "languages": list(artefact.languages),
        "labels": _numbers(artefact.labels),
        "aspects": _numbers(artefact.aspects),
        "concepts": list(artefact.concepts),
        "facts": dict(artefact.facts),
    }


_NUMBERS = ("intercept", "slope", "offset", "threshold")


def _numbers(weighted: Mapping[str, LabelWeights]) -> dict[str, dict[str, float]]:
    return {name: {key: getattr(weights, key) for key in _NUMBERS} for name, weights in weighted.items()}


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (OSError, ValueError) as error:
        raise _damaged(path, f"it cannot be read ({error})") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise ModelError(
            f"{path} has format {found!r}, this program knows {FORMAT}; run `monitor train`, or install the version of "
            "the program that made it",
            path,
        )
    return manifest


def _read_weights(path: Path, manifest: dict[str, Any]) -> dict[str, NDArray[Any]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error})") from error
    wanted = manifest.get("weights", {}).get("sha256") if isinstance(manifest.get("weights"), dict) else None
    if wanted is None or hashlib.sha256(content).hexdigest() != wanted:
        raise _damaged(path, "its checksum is not the one in model.json")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(path, f"it holds no plain arrays ({error})") from error


def _assemble(manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Artefact:
    words, grams = _split(arrays["words"]), _split(arrays["grams"])
    concepts = tuple(manifest["concepts"])
    width = len(words) + len(grams) + len(concepts)
    labels = _weighted(manifest["labels"], arrays, "coefficients", width)
    if len(arrays["word_idf"]) != len(words) or len(arrays["gram_idf"]) != len(grams) or not labels:
        raise ValueError("vocabulary")
    return Artefact(
        version=str(manifest["version"]),
        features=int(manifest["features"]),
        concepts=concepts,
        words=words,
        word_idf=arrays["word_idf"],
        grams=grams,
        gram_idf=arrays["gram_idf"],
        labels=labels,
        aspects=_weighted(manifest["aspects"], arrays, "aspect", width),
        languages=tuple(map(str, manifest["languages"])),
        lexicon_sha256=str(manifest["lexicon_sha256"]),
        scikit_learn=str(manifest["scikit_learn"]),
        facts=dict(manifest["facts"]),
    )


def _weighted(
    listed: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], kind: str, width: int
) -> dict[str, LabelWeights]:
    found = {}
    for name, values in listed.items():
        coefficients = arrays[f"{kind}.{name}"].astype(np.float32)
        numbers = {key: float(values[key]) for key in _NUMBERS}
        if coefficients.shape != (width,) or not all(map(math.isfinite, numbers.values())):
            raise ValueError(f"{kind} {name}")
        found[name] = LabelWeights(coefficients=coefficients, **numbers)
    return found


def _missing(path: Path) -> ModelError:
    return ModelError(f"the model file {path} is missing; run `monitor train`, or restore it from the package", path)


def _damaged(path: Path, why: str) -> ModelError:
    return ModelError(f"the model file {path} is refused: {why}; run `monitor train`, or restore it", path)

"""Change the configuration files: the one way in which verbs do it.

A change is made in the file that the value comes from, so what config/local/ sets is changed there. Comments, order
and blank lines stay. Nothing is written unless the whole configuration is valid with the change. Two processes that
change at once do it one after the other.
"""

import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from monitor.errors import UsageError
from monitor.locks import alone
from monitor.settings.load import load
from monitor.settings.read import FILE_OF, TABLES_OF, KeyPath, dotted
from monitor.settings.rewrite import add_tables, depth, drop, has, put_all


def add_source(
    folder: Path, key: str, source: Mapping[str, object], *, environment: Mapping[str, str] | None = None
) -> Path:
    """Append a source to feeds.toml; ``source`` holds the keys of [sources.KEY]. Returns the file.

    Raises UsageError where the key is taken, ConfigError with every problem where the config would not be valid.
    """
    return add_sources(folder, {key: source}, environment=environment)


def add_sources(
    folder: Path, sources: Mapping[str, Mapping[str, object]], *, environment: Mapping[str, str] | None = None
) -> Path:
    """As `add_source`, for many at once: all of them, or none."""
    file = folder / "feeds.toml"
    with alone(folder):
        text = _text(file)
        for known in _files(folder, "sources"):
            values = _values(known)
            taken = next((key for key in sources if has(values, ("sources", key))), None)
            if taken is not None:
                raise UsageError(f'there is a source "{taken}" in {_shown(folder, known)} already')
        _write(folder, {file: _edited(folder, file, partial(add_tables, text, ("sources",), sources))}, environment)
    return file


def set_value(
    folder: Path, path: KeyPath, value: object, *, new: bool = False, environment: Mapping[str, str] | None = None
) -> Path:
    """Set one value, where it was written last or else beside its nearest neighbours; returns the file.

    Raises ConfigError with every problem where the config would not be valid, UsageError where the file cannot be
    changed by a program, and with ``new`` where there is a value already.
    """
    return set_values(folder, [(path, value)], new=new, environment=environment)[0]


def set_values(
    folder: Path,
    changes: Sequence[tuple[KeyPath, object]],
    *,
    new: bool = False,
    environment: Mapping[str, str] | None = None,
) -> tuple[Path, ...]:
    """As `set_value`, for many at once: all of them, or none. Returns the files in the order of the changes."""
    with alone(folder):
        values = cache(_values)
        for path, _ in changes if new else ():
            if any(has(values(file), path) for file in _files(folder, path[0])):
                raise UsageError(f"there is a {dotted(path)} by now; nothing was written")
        homes = [_home(folder, path, values) for path, _ in changes]
        texts: dict[Path, str] = {}
        for file in dict.fromkeys(homes):
            own = [change for home, change in zip(homes, changes, strict=True) if home == file]
            texts[file] = _edited(folder, file, partial(put_all, _text(file), own))
        _write(folder, texts, environment)
    return tuple(homes)


def remove(folder: Path, path: KeyPath, *, environment: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Take a value or a table out of every file that holds it; returns the files.

    Raises UsageError where no file holds it, ConfigError where the config would not be valid without it.
    """
    with alone(folder):
        files = [file for file in _files(folder, path[0]) if has(_values(file), path)]
        if not files:
            raise UsageError(f"{dotted(path)} stands in no file of {folder}")
        _write(folder, {file: _edited(folder, file, partial(drop, _text(file), path)) for file in files}, environment)
    return tuple(files)


def _files(folder: Path, table: str) -> list[Path]:
    """The files that may hold a top-level key, the one that overrides first."""
    name = FILE_OF.get(table, "monitor.toml")
    return [path for path in (folder / "local" / name, folder / name) if path.is_file()]


def _home(folder: Path, path: KeyPath, values: Callable[[Path], dict[str, object]]) -> Path:
    """The file that holds the most of ``path``; config/local/ only where it knows the table itself."""
    name = FILE_OF.get(path[0], "monitor.toml")
    found = max(_files(folder, path[0]), key=lambda file: depth(values(file), path), default=None)
    enough = 2 if name in TABLES_OF else 1
    return found if found is not None and depth(values(found), path) >= min(enough, len(path)) else folder / name


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


def _values(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(_text(file).removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}; `monitor check` shows where") from error


def _shown(folder: Path, file: Path) -> str:
    return str(file.relative_to(folder.parent))


def _edited(folder: Path, file: Path, change: Callable[[], str]) -> str:
    try:
        return change()
    except ValueError as error:
        raise UsageError(f"{_shown(folder, file)}: {error}; change it by hand, nothing was written") from error


def _write(folder: Path, texts: Mapping[Path, str], environment: Mapping[str, str] | None) -> None:
    """Check the whole configuration with the new texts, then put each in place of the old one."""
    with tempfile.TemporaryDirectory() as scratch:
        # The same last name, so that what is wrong is told of the files that the user knows.
        trial = Path(scratch) / folder.absolute().name
        try:
            _copy(folder, trial, texts)
        except OSError as error:
            raise UsageError(f"{folder} cannot be read: {error}; nothing was written") from error
        load(trial, environment)
    for file, text in texts.items():
        try:
            _replace(file, text.encode())
        except OSError as error:
            raise UsageError(f"{_shown(folder, file)} cannot be written: {error.strerror}") from error


def _copy(folder: Path, trial: Path, texts: Mapping[Path, str]) -> None:
    """Make a copy of the configuration in which the new texts stand."""
    (trial / "local").mkdir(parents=True)
    for file in (*folder.glob("*.toml"), *folder.glob("local/*.toml")):
        shutil.copyfile(file, trial / file.relative_to(folder))
    for file, text in texts.items():
        (trial / file.relative_to(folder)).write_bytes(text.encode())


def _replace(file: Path, data: bytes) -> None:
    """Put a new file in place of the old one in one step, with its mode and owner; through a link, of what it names."""
    real = file.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".new", dir=real.parent)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
        _keep_mode(real, Path(name))
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _keep_mode(old: Path, new: Path) -> None:
    if not old.exists():
        new.chmod(0o644)
        return
    was, now = old.stat(), new.stat()
    # A daemon of another user must go on reading what an administrator edited.
    if hasattr(os, "chown") and (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        os.chown(new, was.st_uid, was.st_gid)
    shutil.copymode(old, new)

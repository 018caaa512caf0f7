"""config/ to `Settings`: validated as a whole, so that one look shows everything that is wrong."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from monitor.domain.delivery import Recipient
from monitor.errors import ConfigError
from monitor.observe import hide
from monitor.settings.bundled import bundled_models
from monitor.settings.labels import check_words, labels_of
from monitor.settings.model import ConfigModel, Settings
from monitor.settings.read import KeyPath, Tree, read
from monitor.settings.sources import astray, feeds_of
from monitor.settings.subscriptions import check_names, subscriptions_of
from monitor.settings.wording import message


def load(folder: Path, environment: Mapping[str, str] | None = None, *, channels: bool = True) -> Settings:
    """Read and check a config folder.

    Raises ConfigError that lists every problem with file, key, line and what would be right. ``environment`` is
    ``os.environ`` unless given. The values of the variables it names are masked in all logs from here on.
    With ``channels`` False their URLs are neither opened nor checked, which needs Apprise; nothing can be sent then.
    """
    settings, _ = load_tree(folder, environment, channels=channels)
    return settings


def load_tree(
    folder: Path, environment: Mapping[str, str] | None = None, *, channels: bool = True
) -> tuple[Settings, Tree]:
    """As `load`, with the tree that says where each value was written."""
    folder = folder.absolute()
    tree = read(folder, os.environ if environment is None else environment)
    hide(tree.secrets)
    options = _validate(tree)
    if options is None or tree.problems:
        raise ConfigError(tree.problems)
    settings = _build(folder, options, tree, channels=channels)
    if tree.problems:
        raise ConfigError(tree.problems)
    return settings, tree


def _validate(tree: Tree) -> ConfigModel | None:
    try:
        return ConfigModel.model_validate(tree.values)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path = _path_of(item["loc"], tree.values)
            if tree.faulty(path) or (item["type"] == "string_type" and isinstance(item["input"], dict)):
                continue  # the other form of the same value is judged in its own words
            if item["type"] == "extra_forbidden":
                tree.problem(path, "unknown key", _suggest(path))
            elif item["type"] == "missing":
                tree.problem(path, "is missing", "write it under the table above")
            else:
                tree.problem(path, message(item))
        return None


def _path_of(location: tuple[int | str, ...], values: Any) -> KeyPath:
    """A pydantic location without the names of union branches, which are not in the file."""
    path: list[str] = []
    for part in location:
        inside = isinstance(values, dict) and part in values
        listed = isinstance(values, list) and isinstance(part, int) and part < len(values)
        if inside or listed:
            values = values[part]
        elif not isinstance(values, dict) or (str(part) in {"str", "FeedOptions"}):
            continue
        path.append(str(part))
    return tuple(path)


def _suggest(path: KeyPath) -> str:
    """The nearest key that exists beside ``path``, and all that do."""
    model: type[BaseModel] | None = ConfigModel
    for part in path[:-1]:
        model = _inner_model(model, part)
        if model is None:
            return ""
    known = sorted(model.model_fields) if model else []
    near = difflib.get_close_matches(path[-1], known, n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"known here: {', '.join(known)}"


def _inner_model(model: type[BaseModel] | None, part: str) -> type[BaseModel] | None:
    """The model behind a key; a name inside one of the named tables leads to the table's own model."""
    if model is None:
        return None
    if part not in model.model_fields:
        return model  # the NAME in [labels.NAME]: its keys are the table's
    annotation: Any = model.model_fields[part].annotation
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        for inner in (candidate, *getattr(candidate, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                return inner
    return None


def _build(folder: Path, options: ConfigModel, tree: Tree, *, channels: bool) -> Settings:
    base = folder.parent
    zone = ZoneInfo(options.timezone)
    labels = labels_of(options.labels)
    check_words(options, tree)
    warnings = list(astray(options.sources))
    if options.deliver.alarm_channel:
        path = ("deliver", "alarm_channel")
        check_names(tree, path, [options.deliver.alarm_channel], options.channels, "channel", "channels.toml")
    if not options.sources:
        warnings.append("feeds.toml names no source: nothing will be polled")
    models = (base / options.model.directory).absolute() if options.model.directory else bundled_models()
    return Settings(
        folder=folder,
        base=base,
        zone=zone,
        options=options,
        database_url=_database_url(options.database.url, base),
        models=models,
        feeds=feeds_of(options.sources, tree),
        labels=labels,
        channels=_channels(options, tree, base) if channels else {},
        subscriptions=subscriptions_of(options, tree, labels),
        warnings=tuple(warnings),
    )


def _database_url(url: str, base: Path) -> str:
    """Make the path of an SQLite address absolute; it is relative to the config folder's parent."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url == "sqlite:///:memory:":
        return url
    return prefix + str((base / url.removeprefix(prefix)).absolute())


def _channels(options: ConfigModel, tree: Tree, base: Path) -> dict[str, tuple[Recipient, ...]]:
    from monitor.deliver.recipients import recipients  # noqa: PLC0415 - Apprise, 0.8 s, only where messages are sent

    channels: dict[str, tuple[Recipient, ...]] = {}
    for name, channel in options.channels.items():
        path = ("channels", name, "urls")
        templates = [tree.templates.get((*path, str(index)), url) for index, url in enumerate(channel.urls)]
        try:
            channels[name] = recipients(
                name, [_folder_url(url, base) for url in channel.urls], [_folder_url(t, base) for t in templates]
            )
        except ValueError as error:
            tree.problem(path, str(error))
    return channels


def _folder_url(url: str, base: Path) -> str:
    """Make the path of a ``folder://`` channel absolute; it is relative to the config folder's parent."""
    prefix = "folder://"
    if not url.startswith(prefix) or url.startswith(prefix + "/"):
        return url
    path, mark, options = url.removeprefix(prefix).partition("?")
    return prefix + quote(str((base / unquote(path)).absolute())) + mark + options

"""`monitor init`, `monitor check`, `monitor config explain`."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import Model, load_model
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.cli.console import DONE, WRONG_USAGE, err, out, print_json, tell
from monitor.domain.entry import WATCH
from monitor.errors import UsageError
from monitor.settings.bundled import bundled_config
from monitor.settings.explain import explain
from monitor.settings.load import load, load_tree
from monitor.settings.model import Settings
from monitor.settings.read import FILES
from monitor.web.ahead import look_ahead

config_app = typer.Typer(help="Look into the configuration.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("init")(init)
    app.command("check")(check)
    app.add_typer(config_app, name="config")


def init(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where it shall be; default: where --config says."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a commented starter config."""
    folder = directory or config
    existing = [name for name in FILES if (folder / name).exists()]
    if existing:
        raise UsageError(f"{folder} has {', '.join(existing)} already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(bundled_config() / name, folder / name)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    shown = "" if folder == DEFAULT_CONFIG else f" --config {folder}"
    out.print(f"wrote {', '.join(FILES)} to {folder}")
    out.print(f"next: edit them, then `monitor check{shown}` and `monitor run{shown}`")


def check(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Validate the whole configuration and the model; say what is wrong, where, and what would be right."""
    settings = load(config)
    model = load_model(settings)
    warnings = [*settings.warnings, *look_ahead(settings), *_of_model(settings, model)]
    summary = {
        "config": str(settings.folder),
        "sources": len(settings.options.sources),
        "feeds": len(settings.feeds),
        "feeds_enabled": len(settings.enabled_feeds()),
        "labels": sorted(settings.labels),
        "channels": {name: [r.label for r in recipients] for name, recipients in settings.channels.items()},
        "subscriptions": sorted(settings.subscriptions),
        "model": model.name,
        "model_problem": model.problem,
        "warnings": warnings,
    }
    if json:
        print_json(summary)
    else:
        _show(summary, warnings, model.consequence)
    raise typer.Exit(WRONG_USAGE if model.problem else DONE)


def _of_model(settings: Settings, model: Model) -> Iterator[str]:
    """What to bear in mind of a model, or of the rules that stand in for it; its problem is told apart."""
    classifier = model.classifier
    if classifier is None:
        return
    unknown = sorted(set(settings.labels) - {*classifier.labels, *classifier.aspects, WATCH})
    if model.problem:
        yield from (
            f'labels.toml: the label "{name}" has no rule; nothing passes it without a model' for name in unknown
        )
        return
    yield from classifier.warnings
    yield from (f'labels.toml: the model does not know the label "{name}"; nothing will pass it' for name in unknown)


def _show(summary: dict[str, object], warnings: list[str], problem: str) -> None:
    for name in ("config", "sources", "feeds", "feeds_enabled", "labels", "subscriptions", "model"):
        value = summary[name]
        shown = ", ".join(value) if isinstance(value, list) else value
        tell(f"{name.replace('_', ' '):14} {shown}", indent=15)
    channels = summary["channels"]
    if isinstance(channels, dict):
        for name, recipients in channels.items():
            tell(f"{'channel':14} {name}: {', '.join(recipients)}", indent=15)
    for warning in warnings:
        tell(f"warning: {warning}", indent=4, to=err, style="yellow")
    if problem:
        tell(f"model: {problem}", indent=4, to=err, style="bold red")
    else:
        out.print("everything is in order", style="green")


@config_app.command("explain")
def explain_key(
    key: Annotated[str, typer.Argument(help="A setting, such as fetch.timeout, or a table, such as poll.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Print what holds, where it was written, and which part of the program obeys it."""
    settings, tree = load_tree(config)
    rows = explain(settings, tree, key)
    if json:
        print_json(rows)
        return
    for row in rows:
        tell(f"{row.key} = {row.value}", indent=4)
        tell(f"    from      {row.origin}", indent=14)
        tell(f"    means     {row.meaning}", indent=14)
        tell(f"    obeyed by {row.obeyed_by}", indent=14)

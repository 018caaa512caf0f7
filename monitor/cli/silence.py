"""`monitor silence add|list|end`."""

from typing import Annotated

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened
from monitor.cli.console import out, plural, print_json, tell
from monitor.domain.alert import Silence
from monitor.errors import UsageError
from monitor.jobs import silence as job
from monitor.normalise.duration import parse

silence_app = typer.Typer(help="Send no alerts of something for a while.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(silence_app, name="silence")


@silence_app.command()
def add(
    lasts: Annotated[str, typer.Option("--for", metavar="DURATION", help='How long, such as "4h".')],
    country: Annotated[str, typer.Option("--country", metavar="CC", help="What names this country.")] = "",
    measure: Annotated[str, typer.Option("--measure", metavar="M", help="What tells of this measure.")] = "",
    label: Annotated[str, typer.Option("--label", metavar="L", help="What passes this label.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for people.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Send no alerts of what fits all that is given; the next digest holds it."""
    try:
        duration = parse(lasts)
    except ValueError as error:
        raise UsageError(f"--for {lasts}: {error}") from error
    with opened(config, with_model=False, channels=False) as app:
        made = job.add(app, lasts=duration, country=country, measure=measure, label=label, note=note)
        if json:
            print_json(made)
        else:
            tell(f"silence {made.id}: {_about(made)} until {local(made.until, app)}, 1 row written", indent=4)


@silence_app.command("list")
def list_(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """List the silences that hold."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = job.active(app)
        if json:
            print_json(found)
            return
        for one in found:
            note = f": {one.note}" if one.note else ""
            tell(f"{one.id}: {_about(one)} until {local(one.until, app)}{note}", indent=4)
        if not found:
            out.print("no silence holds")


@silence_app.command()
def end(
    number: Annotated[int, typer.Argument(metavar="ID", help="As `monitor silence list` shows it.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """End a silence before its time."""
    with opened(config, with_model=False, channels=False) as app:
        rows = job.end(app, number)
    if json:
        print_json({"silence": number, "rows": rows})
    else:
        tell(f"silence {number}: ended, {plural(rows, 'row')} changed")


def _about(silence: Silence) -> str:
    return " ".join(part for part in (silence.country, silence.measure, silence.label) if part)

"""`monitor channels list|test|resume`."""

from typing import Annotated, Any

import typer

from monitor.cli.channels_show import channel_json, channel_lines
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened
from monitor.cli.console import DONE, WITH_FAILURES, err, out, plain, plural, print_json, tell
from monitor.errors import UsageError
from monitor.jobs import channels as job
from monitor.jobs.channels import Tested
from monitor.jobs.clock import utc_now
from monitor.settings.load import load

channels_app = typer.Typer(
    help="Look at channels, test one, and resume a recipient.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(channels_app, name="channels")


@channels_app.command("list")
def list_channels(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """List the channels with their recipients: last success, what waits, what fails and why, who is suspended."""
    with opened(config, with_model=False, migrate=False) as app:
        found = job.states(app)
        if json:
            print_json([channel_json(one) for one in found])
            return
        if not found:
            raise UsageError("channels.toml names no channel")
        for channel in found:
            _show(channel_lines(channel, app, every=True))


def _show(lines: list[tuple[str, bool]]) -> None:
    for line, wrong in lines:
        tell(line, indent=6, style="yellow" if wrong else None)


@channels_app.command("test")
def try_channel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A channel of channels.toml.")],
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", metavar="R", help="One recipient: its label, its id, or a part that only it has."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Send a marked test message, and show what the other side really said; exit code 1 where it was refused."""
    found = job.try_out(load(config), name, recipient, now=utc_now)
    if json:
        print_json([_tested_json(one) for one in found])
    else:
        for one in found:
            _tell_tested(one)
    raise typer.Exit(DONE if all(one.failure is None for one in found) else WITH_FAILURES)


def _tested_json(tested: Tested) -> dict[str, Any]:
    found: dict[str, Any] = plain(tested)
    return {"accepted": tested.failure is None, **found}


def _tell_tested(tested: Tested) -> None:
    if tested.failure is None:
        tell(f"{tested.recipient}: taken: {tested.said}", indent=4)
        return
    code = f", {tested.code}" if tested.code else ""
    line = f"{tested.recipient}: not taken ({tested.failure.value}{code}): {tested.said}"
    tell(line, indent=4, to=err, style="yellow")
    if tested.suspended:
        tell("  a digest that is refused so suspends this recipient", to=err, style="yellow")


@channels_app.command("resume")
def resume_recipient(
    recipient: Annotated[
        str, typer.Argument(metavar="RECIPIENT", help="Its label, its id, or a part that only it has.")
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Send to a suspended recipient again; what was refused, and what waited since, goes out with the next run."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        suspension, done = job.resume(app, recipient, now=utc_now())
    if json:
        print_json({"changed": done.suspensions, "recipient": suspension.recipient, **plain(done)})
        return
    count = plural(done.refused + done.waited, "delivery", "deliveries")
    told = f"{count} to send, {done.waited} that waited and {done.refused} that had been refused"
    tell(f"1 recipient resumed: {suspension.recipient}; {told}", indent=4)
    out.print("`monitor run` sends them at its next tick, `monitor digest send` with the next digest")

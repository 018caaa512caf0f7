"""`monitor digest preview|send`."""

import os
import webbrowser
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, progress, read_day
from monitor.cli.console import DONE, WITH_FAILURES, err, out, print_json, tell
from monitor.cli.digest_show import show
from monitor.domain.delivery import DeliveryState
from monitor.errors import UsageError
from monitor.jobs import alarms, deliver
from monitor.jobs import digest as job
from monitor.jobs.deliver import DeliverReport
from monitor.jobs.digest import Preview, Sent
from monitor.tongue.catalogue import check as check_language

digest_app = typer.Typer(help="Preview and send digests.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str | None, typer.Argument(metavar="[SUBSCRIPTION]", help="Default: all.")]
DayOption = Annotated[str | None, typer.Option("--date", metavar="D", help="The window that closes on this day.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.add_typer(digest_app, name="digest")


@digest_app.command()
def preview(
    subscription: NameArgument = None,
    day: DayOption = None,
    window: Annotated[
        str | None, typer.Option("--window", metavar="KEY", help="A window by its key, as digests name it.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the HTML form there.")] = None,
    opens: Annotated[bool, typer.Option("--open", help="Show the HTML form in the browser.")] = False,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Tell it in this language, not in `headings`'s.")
    ] = None,
    slack: Annotated[bool, typer.Option("--slack", help="Print Slack's posts, for its Block Kit Builder.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show the digest as it would be sent now. Changes nothing."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        names = _names(app, subscription)
        for option, asked in (("--window", window), ("--html", html), ("--open", opens), ("--slack", slack)):
            if asked and len(names) != 1:
                raise UsageError(f"{option} takes one subscription; there are: {', '.join(names)}")
        if window and day:
            raise UsageError("--window and --date name the window both; give one")
        if slack and json:
            raise UsageError("--slack prints posts alone, which --json has under `message.blocks`; give one")
        if language is not None:
            _check_language(language, window)
        previews = [job.preview(app, name, day=read_day(day), key=window, headings=language) for name in names]
    if html or opens:
        _write(previews[0], html, opens=opens)
    if json:
        print_json(previews)
    elif slack:
        for blocks in previews[0].message.blocks:
            print_json({"blocks": blocks})
    elif not opens:
        for shown in previews:
            _print(shown, day)


def _check_language(code: str, window: str | None) -> None:
    try:
        check_language(code)
    except ValueError as error:
        raise UsageError(f"--language: {error}") from error
    if window:
        raise UsageError("--window shows what was sent, as it was told then; leave out --language")


def _print(shown: Preview, day: str | None) -> None:
    if shown.frozen:
        err.print(f"{shown.subscription}: closed before; this is what was sent", style="dim")
    elif day is not None:
        err.print(f"{shown.subscription}: not closed yet; this is what it would hold now", style="dim")
    if out.is_terminal:
        show(shown.message, out)
    else:
        out.print(shown.message.text, no_wrap=True)


def _write(shown: Preview, file: Path | None, *, opens: bool) -> None:
    """Write the HTML form where it was asked for, else where the system keeps what may go; show it if wanted."""
    try:
        if file is None:
            handle, name = mkstemp(prefix="digest-", suffix=".html")
            os.close(handle)
            file = Path(name)
        file.write_text(shown.message.html, encoding="utf-8")
        if shown.message.rest:
            rest = file.with_name(f"{file.stem}-rest.txt")
            rest.write_text(shown.message.rest, encoding="utf-8")
            tell(f"what the page has no room for is in {rest}", to=err)
    except OSError as error:
        raise UsageError(f"--html {file}: {error.strerror}") from error
    if opens and not webbrowser.open(file.absolute().as_uri()):
        tell(f"no browser could be started; the page is {file}", to=err)


@digest_app.command()
def send(
    subscription: NameArgument = None,
    day: DayOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Close the open window, and deliver."""
    with opened(config, with_model=False) as app:
        sent = job.send(app, _names(app, subscription), day=read_day(day))
        with progress("delivering") as bar:
            task = bar.task_ids[0]
            report = deliver.run(app, progress=lambda done: bar.update(task, completed=done))
        if alarms.run(app).recipients:  # without a daemon nobody else tells that a channel fails
            deliver.run(app)
    if json:
        print_json({"digests": sent, "deliveries": report.attempts})
    else:
        _show(sent, report)
    raise typer.Exit(DONE if report.count(DeliveryState.DELIVERED) == len(report.attempts) else WITH_FAILURES)


def _names(app: App, subscription: str | None) -> list[str]:
    if subscription is not None:
        return [job.subscription_named(app, subscription).name]
    if not app.settings.subscriptions:
        raise UsageError("subscriptions.toml names no subscription")
    return list(app.settings.subscriptions)


def _show(sent: list[Sent], report: DeliverReport) -> None:
    for window in sent:
        if window.already:
            text = "closed before; nothing to do"
        elif not window.recipients and window.stories:
            stories = "1 story" if window.stories == 1 else f"{window.stories} stories"
            text = f"{stories}, to nobody: all have left it; `monitor subscriptions show {window.subscription}`"
        elif not window.recipients:
            text = "nothing new passed a line; this subscription wants no empty digests"
        else:
            people = "recipient" if window.recipients == 1 else "recipients"
            stories = f"{window.stories} {'story' if window.stories == 1 else 'stories'}"
            earlier = f", {window.folded} of them with what an earlier one could not deliver" if window.folded else ""
            text = f"{stories} to {window.recipients} {people}{earlier}"
        tell(f"{window.subscription} {window.key}: {text}", indent=4)
    for attempt in report.attempts:
        style = None if attempt.state is DeliveryState.DELIVERED else "yellow"
        more = f": {attempt.detail}" if attempt.detail else ""
        console = out if attempt.state is DeliveryState.DELIVERED else err
        tell(f"  {attempt.recipient}: {attempt.state.value}{more}", indent=6, to=console, style=style)

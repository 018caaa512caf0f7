"""`monitor review`."""

import shutil
import sys
from typing import Annotated

import typer
from rich.text import Text

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, opened, read_since
from monitor.cli.console import out, plural, tell
from monitor.cli.keyboard import Keyboard, keyboard
from monitor.cli.label import check_label, os_user
from monitor.cli.review_screen import KeyMap, answer_of, help_lines, key_map, prompt, screen
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.jobs.review import Review, Shown, Tally, choose
from monitor.jobs.tune import MIN_EACH, MIN_HUMAN
from monitor.store.annotations import counts

_QUIT = ("q", "", "\x04")
"""Also the end of the input, and Ctrl-D."""


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("review")(review)


def review(
    label: Annotated[
        str | None, typer.Option("--label", metavar="L", help="Ask about this label only; default: about all.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many entries.")] = 20,
    since: Annotated[
        str, typer.Option("--since", metavar="T", help="First seen since a day, a time, or 7d ago.")
    ] = "30d",
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Who answers; default: your user name.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Label entries by single keys: those the model is unsure of, and some to catch its misses."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("`monitor review` needs a terminal; without one use `monitor label ID +returns -policy`")
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        if label is not None:
            check_label(label, app.settings.labels)
        labels = [label] if label is not None else list(app.settings.labels)
        if not labels:
            raise UsageError("labels.toml has no label to ask about")
        name, now = who or os_user(), utc_now()
        picks = choose(app, labels, who=name, since=read_since(since, now), limit=limit, now=now)
        going = Review(app.store, picks, labels, who=name)
        if going.shown is None:
            tell(f"nothing to review: people have labelled all that came since {since}, or nothing has come")
        else:
            with keyboard() as keys:
                _ask(going, key_map(labels), app, keys)
            out.clear()
            _tell_tally(going.tally())
        _tell_counts(app, labels)


def _ask(going: Review, keys: KeyMap, app: App, board: Keyboard) -> None:
    """Show one entry after the other until the end, q, Ctrl-C or the end of input."""
    whole, message = False, ""
    while True:
        try:
            _draw(going, keys, app, board, message, whole=whole)
            key = board.key().casefold()
        except KeyboardInterrupt:  # also while an entry is being drawn
            return
        if key in _QUIT:
            return
        before = going.shown
        message = _press(key, going, keys, app, board)
        after = going.shown
        same = before is not None and after is not None and before.number == after.number
        whole = same and (whole or key == "t")


def _press(key: str, going: Review, keys: KeyMap, app: App, board: Keyboard) -> str:
    """Do what a key means; returns what there is to say of it."""
    shown = going.shown
    if key == "z":
        return "taken back" if going.undo() else "there is nothing to take back"
    if key == "?":
        _help(keys, app, board)
        return ""
    if shown is None:
        return ""
    answer = answer_of(key, shown.asked, keys)
    if answer is not None:
        try:
            going.answer(answer)
        except UsageError as error:
            going.skip()
            return str(error)
    elif key == "s":
        going.skip()
    elif key == "o":
        note = board.line("note: ")
        if note is not None:
            going.take_note(note)
    elif key != "t" and key.isprintable():
        return f"{key} means nothing here; ? for help"
    return ""


def _draw(going: Review, keys: KeyMap, app: App, board: Keyboard, message: str, *, whole: bool) -> None:
    with out:  # written at once, so that nothing flickers
        out.clear()
        shown = going.shown
        if shown is None:
            tell("That was the last one.  z undo  q end")
        else:
            _draw_entry(shown, keys, app, whole=whole)
            if board.by_line:
                out.print(Text("(Enter after each)", style="dim"))
        if message:
            out.print(Text(message, style="yellow"))


def _draw_entry(shown: Shown, keys: KeyMap, app: App, *, whole: bool) -> None:
    said = prompt(shown, keys)
    height = shutil.get_terminal_size().lines - len(said) - 2  # an empty line, and one for the message
    cuts = app.settings.cuts(shown.stored.feed, shown.stored.entry.lang, keys.labels)
    for line in screen(shown, cuts, app.settings.zone, console=out, height=height, whole=whole):
        out.print(line)
    out.print()
    for at, text in enumerate(said):
        out.print(Text(text, style="dim" if at else "bold"))


def _help(keys: KeyMap, app: App, board: Keyboard) -> None:
    with out:
        out.clear()
        for line in help_lines(keys, {name: label.title for name, label in app.settings.labels.items()}):
            tell(line, indent=10)
        out.print()
        tell("Any key goes back.")
    board.key()


def _tell_tally(tally: Tally) -> None:
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    tell(f"{plural(tally.answered, 'entry', 'entries')} answered{skipped}")
    for label, (yes, no, unsure) in tally.by_label.items():
        if yes or no or unsure:
            tell(f"    {label}: {yes} yes, {no} no{f', {unsure} unsure' if unsure else ''}", indent=8)


def _tell_counts(app: App, labels: list[str]) -> None:
    """Say how many labels people have given by now, and what can be done with them."""
    given = counts(app.store)
    tell("labels by now:")
    for label in labels:
        yes, no = given.get(label, (0, 0))
        tell(f"    {label}: {yes} yes, {no} no; {allows(yes, no)}", indent=8)


def allows(yes: int, no: int) -> str:
    """What labels of one kind are enough for, or what is missing."""
    missing = [f"{MIN_EACH - n} more {word}" for word, n in (("yes", yes), ("no", no)) if n < MIN_EACH]
    tuning = "enough to tune its line" if yes + no >= MIN_HUMAN else f"{MIN_HUMAN - yes - no} more to tune its line"
    return f"{tuning}, {'enough' if not missing else ' and '.join(missing)} to measure its quality"

"""`monitor facts`: the policy tracker, and with --figures the figures ledger."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, read_since
from monitor.cli.console import err, plural, print_json, save, tell
from monitor.cli.facts_rows import count_json, csv_of, ledger_csv, policy_csv, reference_json, step_json, write_csv
from monitor.cli.facts_show import show_counts, show_references, show_steps
from monitor.digest.fact_words import INTERNATIONAL
from monitor.digest.names import countries
from monitor.domain.facts import Counted, Measure, Stage
from monitor.errors import UsageError
from monitor.extract.reference import Reference, chosen
from monitor.jobs import facts as job
from monitor.jobs.clock import utc_now
from monitor.jobs.facts import Asked
from monitor.store.tracker import acting

_Word = TypeVar("_Word", bound=StrEnum)
_MONTH = re.compile(r"\d{4}(-\d{2})?")


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("facts")(facts)


def facts(
    measure: Annotated[
        str | None, typer.Option("--measure", metavar="M", help="Only this measure, such as citizenship.")
    ] = None,
    country: Annotated[
        str | None,
        typer.Option("--country", metavar="CC", help="Only this country's: FR, France, or international for none's."),
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", metavar="S", help="Only at this stage: adopted.")] = None,
    figures: Annotated[bool, typer.Option("--figures", help="Who counted what, instead of measures.")] = False,
    of: Annotated[
        str | None, typer.Option("--of", metavar="WHOM", help="With --figures: only what counts these: returnees.")
    ] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="With --figures: also what the field's large reports counted.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Told first since a month, a day, or 30d ago.")
    ] = None,
    near: Annotated[bool, typer.Option("--near", help="Also what only near-misses tell, marked with ~.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="At most so many rows; 0 for all.")] = 50,
    csv: Annotated[str | None, typer.Option("--csv", metavar="FILE", help="Write CSV; - for stdout.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show what states do, by country, measure and stage, with sources; with --figures who counted what."""
    given = {"--measure": measure, "--stage": stage, "--of": of, "--reference": reference, "--json": json, "--csv": csv}
    _fit(given, figures=figures)
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        asked = Asked(
            measure=_word("--measure", measure, Measure),
            stage=_word("--stage", stage, Stage),
            of=_word("--of", of, Counted),
            country=_country(country, app, figures=figures),
            since=_since(since, utc_now()),
            near=near,
        )
        if figures:
            _figures(app, asked, chosen(asked.of, asked.country) if reference else [], limit, csv=csv, json=json)
        else:
            _policy(app, asked, limit, csv=csv, json=json)


def _fit(given: Mapping[str, object], *, figures: bool) -> None:
    """Refuse options that do not go together."""
    for option in ("--measure", "--stage"):
        if figures and given[option] is not None:
            raise UsageError(f"{option} chooses measures, and --figures lists counts; leave one of them out")
    for option in ("--of", "--reference"):
        if not figures and given[option]:
            raise UsageError(f"{option} is about counts; add --figures")
    if given["--json"] and given["--csv"] is not None:
        raise UsageError("--json and --csv are two forms of one list; leave one of them out")


def _word(option: str, given: str | None, known: type[_Word]) -> _Word | None:
    """Read a measure, a stage or what is counted; raises UsageError."""
    if given is None:
        return None
    name = re.sub(r"[\s-]+", "_", given.strip().casefold())
    if name in {word.value for word in known}:
        return known(name)
    near = get_close_matches(name, [word.value for word in known], n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{option} {given}: there is no such thing; {hint}known: {', '.join(known)}")


def _country(given: str | None, app: App, *, figures: bool) -> str | None:
    """Read a country's code or English name ("" for an international body); raises UsageError."""
    if given is None:
        return None
    wanted, names = given.strip().casefold(), countries()
    if wanted == INTERNATIONAL:
        if figures:
            raise UsageError("--country international: figures are from and to countries; give a code such as FR")
        return ""
    codes = {**{name.casefold(): code for code, name in names.items()}, **{code.casefold(): code for code in names}}
    if wanted in codes:
        return codes[wanted]
    near = get_close_matches(wanted, [word for word in codes if len(word) > 2], n=1)
    hint = f"did you mean {codes[near[0]]} ({names[codes[near[0]]]})? " if near else ""
    there = ", ".join(acting(app.store)) or "none yet"
    raise UsageError(f"--country {given}: give a code of ISO 3166 such as FR, or a name; {hint}facts name: {there}")


def _since(given: str | None, now: datetime) -> datetime | None:
    """Read ``--since`` as everywhere, or a year or month, from its first day on."""
    if given is None or not _MONTH.fullmatch(given):
        return read_since(given, now)
    try:
        return datetime.fromisoformat(f"{given}-01" if "-" in given else f"{given}-01-01").replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(f'--since {given}: there is no such month; give one such as "2026-01"') from error


def _policy(app: App, asked: Asked, limit: int, *, csv: str | None, json: bool) -> None:
    found = job.policy(app, asked)
    shown = found[: limit or None]
    if json:
        print_json({"measures": [step_json(step) for step in shown], "more": len(found) - len(shown)})
    elif csv is not None:
        _write(csv, policy_csv(shown), len(found) - len(shown))
    else:
        show_steps(shown, app)
        _rest(len(found), len(shown), "measure", near=asked.near)


def _figures(app: App, asked: Asked, references: list[Reference], limit: int, *, csv: str | None, json: bool) -> None:
    found = job.ledger(app, asked)
    shown = found[: limit or None]
    if json:
        print_json(
            {
                "figures": [count_json(count) for count in shown],
                "reference": [reference_json(reference) for reference in references],
                "more": len(found) - len(shown),
            }
        )
    elif csv is not None:
        _write(csv, ledger_csv([*shown, *references]), len(found) - len(shown))
    else:
        show_counts(shown, app)
        _rest(len(found), len(shown), "figure", near=asked.near)
        show_references(references)


def _write(target: str, lines: Iterable[list[str]], more: int) -> None:
    header, *rows = lines
    body = csv_of([header, *rows])
    if target == "-":
        write_csv(body)
    else:
        save(Path(target), body)
        tell(f"{plural(len(rows), 'row')} written to {target}", to=err)
    if more:
        tell(f"{more} more; --limit 0 for all", to=err)


def _rest(found: int, shown: int, what: str, *, near: bool) -> None:
    """Say what is not shown, and where nothing is, what could be."""
    if found > shown:
        tell(f"{found - shown} more; --limit 0 for all", to=err)
    elif not found:
        hint = "" if near else "; --near also looks at near-misses"
        tell(f"no entry that is in tells of such a {what}{hint}", indent=4, to=err)

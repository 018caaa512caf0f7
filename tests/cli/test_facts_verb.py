"""`monitor facts`: the policy tracker and the figures ledger as people, scripts and spreadsheets get them."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from monitor.cli.facts_rows import csv_of, policy_csv
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.extract.tracker import steps
from monitor.store.database import open_store
from monitor.store.facts import add_facts

ENTRIES = (
    {"title": "France brings home ten women", "marks": ("u:home",)},
    {"title": "Paris denies that anybody came home", "marks": ("u:home",)},
    {"title": "UN panel lists two facilitators"},
    {"title": "=HYPERLINK(1) Bill on passports", "returns": 0.3},
    {"title": "Report counts returnees"},
)
HOME = MeasureFact(Measure.REPATRIATION, "FR", Stage.APPLIED, words="brings home")
FACTS = (
    Facts(measures=(HOME,), figures=(Figure(10, 10, False, Counted.WOMEN, ("FR",), "FR", words="ten women"),)),
    Facts(measures=(MeasureFact(Measure.REPATRIATION, "FR", Stage.APPLIED, True, "denies"),)),
    Facts(measures=(MeasureFact(Measure.LISTING, None, Stage.ADOPTED),)),
    Facts(measures=(MeasureFact(Measure.TRAVEL_CONTROL, "BA", Stage.PROPOSED),)),
    Facts(figures=(Figure(5600, None, True, Counted.RETURNEES, as_of="2017", by="Soufan Center"),)),
)


@pytest.fixture
def ask(call, stocked):
    """Five entries with facts, and `monitor facts` over them."""
    desk = stocked(*({**entry, "published": None} for entry in ENTRIES))
    with open_store(f"sqlite:///{desk.base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        add_facts(connection, enumerate(FACTS, 1))

    def run(*args, code=0):
        ended = call("facts", *args, "--config", desk.config)
        assert ended.code == code, ended.err
        return ended

    return run


def listed(ask, *args):
    return json.loads(ask("--json", *args).out)


def test_plain_lines_say_day_country_measure_stage_source_and_title(ask):
    lines = [line.split("\t") for line in ask().out.splitlines()]
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) for day, *_ in lines)
    assert [rest for _, *rest in lines] == [
        ["international", "listing or sanctions", "adopted", "The Paper", "UN panel lists two facilitators"],
        ["FR", "repatriation", "applied", "The Paper", "France brings home ten women"],
    ]


def test_json_has_every_entry_with_its_words_and_who_says_otherwise(ask):
    found = listed(ask, "--country", "france")
    (step,) = found["measures"]
    assert (step["country"], step["country_name"], step["measure"], step["stage"]) == (
        "FR", "France", "repatriation", "applied",
    )  # fmt: skip
    sides = {entry["id"]: entry["words"] for entry in step["entries"] + step["otherwise"]}
    assert sides == {1: "brings home", 2: "denies"}
    assert found["more"] == 0


def test_near_misses_are_told_only_where_asked_for_and_marked(ask):
    assert "BA" not in ask().out
    assert "~The Paper" in ask("--near", "--country", "BA").out
    assert [step["near_miss"] for step in listed(ask, "--near", "--country", "BA")["measures"]] == [True]


def test_the_limit_says_how_many_more_there_are(ask):
    cut = ask("--limit", 1)
    assert (len(cut.out.splitlines()), cut.err.strip()) == (1, "1 more; --limit 0 for all")
    assert listed(ask, "--limit", 1)["more"] == 1
    assert len(listed(ask, "--limit", 0)["measures"]) == 2


def test_where_nothing_is_told_it_says_so_on_stderr(ask):
    nothing = ask("--measure", "amnesty")
    assert nothing.out == ""
    assert "no entry that is in tells of such a measure; --near" in nothing.err
    assert listed(ask, "--measure", "amnesty") == {"measures": [], "more": 0}


@pytest.mark.parametrize(
    ("args", "count"),
    [
        (["--measure", "Listing", "--country", "international"], 1),
        (["--measure", "listing", "--stage", "in force"], 0),
        (["--stage", "applied", "--country", "fr"], 1),
        (["--near", "--measure", "travel-control"], 1),
        (["--since", "30d"], 2),
        (["--since", "2020"], 2),
        (["--since", "2020-01"], 2),
        (["--since", "2999-01-01"], 0),
    ],
)
def test_words_of_the_tracker_are_read_in_any_case_and_form(ask, args, count):
    assert len(listed(ask, *args)["measures"]) == count


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--measure", "citizenshp"], ["did you mean citizenship?", "known: citizenship, repatriation"]),
        (["--stage", "xyz"], ["known: proposed, debated"]),
        (["--country", "Frnace"], ["did you mean FR (France)?", "facts name: BA, FR"]),
        (["--country", "ZZ"], ["ISO 3166", "facts name: BA, FR"]),
        (["--figures", "--of", "womn"], ["did you mean women?", "returnees"]),
        (["--figures", "--country", "international"], ["give a code such as FR"]),
        (["--since", "2026-13"], ["--since 2026-13", "2026-01"]),
        (["--since", "soon"], ["--since soon"]),
        (["--of", "women"], ["--of is about counts; add --figures"]),
        (["--reference"], ["add --figures"]),
        (["--figures", "--stage", "adopted"], ["--stage chooses measures"]),
        (["--json", "--csv", "-"], ["leave one of them out"]),
        (["--csv", "/dev/null/rows.csv"], ["cannot be written"]),
    ],
)
def test_wrong_usage_says_what_would_be_right(ask, args, words):
    ended = ask(*args, code=2)
    assert ended.out == ""
    told = " ".join(ended.err.split())
    for part in words:
        assert part in told


def test_figures_say_how_many_of_whom_counted_by_whom(ask):
    lines = {tuple(line.split("\t")[1:]) for line in ask("--figures").out.splitlines()}
    assert lines == {
        ("10 women", "to France", "", "The Paper", "France brings home ten women"),
        ("at least 5,600 returnees", "", "Soufan Center, 2017", "The Paper", "Report counts returnees"),
    }


def test_the_reference_counts_stand_beside_the_ledger(ask):
    assert listed(ask, "--figures")["reference"] == []
    found = listed(ask, "--figures", "--reference", "--of", "returnees")
    assert [one["low"] for one in found["figures"]] == [5600]
    assert {"of": "returnees", "to": "FR", "low": 271, "by": "Soufan Center", "published": "2017-10"}.items() <= next(
        one for one in found["reference"] if one["to"] == "FR"
    ).items()
    printed = ask("--figures", "--reference", "--of", "returnees", "--country", "FR")
    assert printed.out.splitlines() == [
        "2017-10\t271 returnees\tto France\tSoufan Center\treference\tBeyond the Caliphate"
    ]


def test_csv_has_a_header_and_no_cell_that_a_spreadsheet_would_run(ask, tmp_path):
    body = ask("--near", "--csv", "-").out
    rows = list(csv.DictReader(io.StringIO(body)))
    by_country = {row["country"]: row for row in rows}
    assert set(by_country) == {"FR", "", "BA"}
    assert by_country["BA"]["title"] == "'=HYPERLINK(1) Bill on passports"
    assert (by_country["BA"]["near_miss"], by_country[""]["country_name"]) == ("yes", "international")
    assert by_country["FR"]["told_otherwise"] == "The Paper"
    written = ask("--near", "--csv", tmp_path / "new" / "rows.csv")
    assert (written.out, "3 rows written to" in written.err) == ("", True)
    assert (tmp_path / "new" / "rows.csv").read_bytes() == body.encode()


def test_csv_of_figures_tells_reference_counts_apart(ask):
    rows = list(csv.DictReader(io.StringIO(ask("--figures", "--reference", "--of", "women", "--csv", "-").out)))
    assert (rows[0]["low"], rows[0]["kind"]) == ("10", "told")
    assert {row["kind"] for row in rows[1:]} == {"reference"}
    assert (rows[0]["from"], rows[0]["to"], rows[0]["entries"], rows[0]["words"]) == ("FR", "FR", "1", "ten women")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_csv_is_utf_8_whatever_the_terminal_speaks(process, stocked, encoding):
    desk = stocked({"title": "Возвращение детей"})
    with open_store(f"sqlite:///{desk.base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        add_facts(connection, [(1, Facts(measures=(HOME,)))])
    ended = process("facts", "--csv", "-", "--config", desk.config, PYTHONIOENCODING=encoding)
    assert ended.code == 0, ended.err
    assert "Возвращение детей" in ended.out


def test_without_rows_csv_still_has_its_header():
    assert csv_of(policy_csv(steps([]))).startswith(b"date,last_told,country,")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo terminal")
def test_a_terminal_gets_tables_that_fit(desk, ask, width):
    def shown(*args):
        terminal, screen = os.openpty()
        environment = {**os.environ, "COLUMNS": str(width), "TERM": "dumb"}
        command = [sys.executable, "-m", "monitor", "facts", *args, "--config", str(desk.config)]
        with subprocess.Popen(command, stdout=screen, stderr=subprocess.PIPE, env=environment):
            os.close(screen)
            read = b""
            with suppress(OSError):  # how Linux says that the other end is shut
                while part := os.read(terminal, 65536):
                    read += part
        os.close(terminal)
        lines = read.decode().splitlines()
        assert max(map(len, lines)) <= width
        return " ".join(" ".join(lines).split())

    policy = shown("--near")
    assert "date country measure told by" in policy
    for words in ("told otherwise: not applied: The", "international", "~The Paper", "Bosnia"):
        assert words in policy
    ledger = shown("--figures", "--reference", "--of", "returnees", "--country", "FR")
    assert "Reference counts published counted" in ledger
    assert "271 returnees" in ledger

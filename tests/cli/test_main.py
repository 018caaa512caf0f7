"""The command line as a whole: its verbs, what they load, how it ends."""

import json
import os
import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.main import get_command

from monitor.cli.main import VERBS

HEAVY = ("sklearn", "scipy", "apscheduler", "aiohttp", "sqlalchemy", "apprise", "numpy")
_SOURCES = "list add remove enable disable discover check import export health"
GROUPS = {
    "backfill": ["start", "list", "show", "resume", "cancel"],
    "channels": ["list", "test", "resume"],
    "config": ["explain"],
    "deliveries": ["list", "show", "retry", "abandon"],
    "digest": ["preview", "send"],
    "items": ["list", "show", "search"],
    "models": ["list", "show", "activate", "compare"],
    "silence": ["add", "list", "end"],
    "sources": _SOURCES.split(),
    "stories": ["list", "show", "merge", "split"],
    "subscriptions": ["list", "show", "pause", "resume", "rejoin", "test"],
}
CALLS = [[verb] for verb in VERBS if verb not in GROUPS] + [[g, verb] for g, verbs in GROUPS.items() for verb in verbs]


@pytest.mark.parametrize("verb", CALLS, ids=" ".join)
def test_every_verb_explains_itself_and_takes_a_config_folder(call, verb):
    shown = call(*verb, "--help")
    assert shown.code == 0
    assert "--config DIR" in shown.out
    assert "Usage: monitor " + " ".join(verb) in shown.out


def test_the_list_of_verbs_says_a_whole_line_of_each(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    shown = call("--help")
    for name, (_, summary) in VERBS.items():
        assert any(line.split() == [name, *summary.split()] for line in shown.out.splitlines()), name


def test_every_verb_of_every_module_is_in_the_list():
    holder = typer.Typer()
    for module in {module for module, _ in VERBS.values()}:
        import_module(f"monitor.cli.{module}").add_to(holder)
    assert set(get_command(holder).commands) == set(VERBS)
    assert {name: sorted(get_command(holder).commands[name].commands) for name in GROUPS} == {
        name: sorted(verbs) for name, verbs in GROUPS.items()
    }


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["itms"], "Did you mean 'items'?"),
        (["items", "lst"], "Did you mean"),
        (["poll", "--fed", "x"], "--feed"),
        (["items", "show"], "ID"),
        (["items", "list", "--limit", "many"], "limit"),
        (["items", "list", "--limit", "-1"], "limit"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_would_be_right(call, args, words):
    ended = call(*args)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_the_version_is_the_packages(call):
    assert call("--version").out.startswith("monitor 0.")


def _loaded(*args):
    """Which of the heavy packages a call of the command line imports, in a process of its own."""
    code = (
        "import json, sys\nsys.argv[0] = 'monitor'\nfrom monitor.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        f"print(json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, args)], capture_output=True, check=True, text=True)
    return json.loads(done.stderr.splitlines()[-1])


def test_the_list_of_verbs_loads_no_heavy_package():
    assert _loaded("--help") == [0, []]


def test_looking_at_items_loads_neither_scikit_learn_nor_the_scheduler(polled):
    code, loaded = _loaded("items", "list", "--config", polled.config)
    assert code == 0
    assert not {"sklearn", "scipy", "apscheduler"} & set(loaded)


def test_a_missing_config_says_how_to_make_one(call, tmp_path):
    ended = call("status", "--config", tmp_path / "nowhere")
    assert (ended.code, ended.out) == (2, "")
    assert f"`monitor init {tmp_path / 'nowhere'}`" in ended.err


def test_the_environment_may_name_the_config(call, desk, monkeypatch):
    monkeypatch.setenv("MONITOR_CONFIG", str(desk.config))
    shown = call("config", "explain", "timezone")
    assert "Europe/Brussels" in shown.out


@pytest.mark.parametrize(("encoding", "lines"), [("utf-8", 1), ("ascii", 1), ("latin-1", 0)])
def test_a_terminal_that_knows_no_cyrillic_breaks_nothing(process, polled, titles, encoding, lines):
    listed = process("items", "list", "--json", "--config", polled.config, PYTHONIOENCODING=encoding)
    assert listed.code == 0, listed.err
    assert {found["title"] for found in json.loads(listed.out)} == set(titles)
    if lines:
        assert process("items", "list", "--config", polled.config, PYTHONIOENCODING=encoding).code == 0


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_goes_away_is_met_with_silence(polled, form):
    reader, writer = os.pipe()
    os.close(reader)
    listed = subprocess.run(
        [sys.executable, "-m", "monitor", "items", "list", *form, "--config", str(polled.config)],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    os.close(writer)
    assert listed.stderr == b""
    assert listed.returncode in {0, 1, 141}


def test_a_text_from_outside_is_no_markup(call, desk):
    desk.write(subscriptions='[subscriptions."[bold]x[/] :cat:"]\nlabels = ["returns"]\nchannels = ["files"]\n')
    assert "[bold]x[/] :cat:" in call("check", "--config", desk.config).out

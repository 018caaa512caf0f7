"""Config files changed by verbs: what was asked for changes, and nothing else does."""

import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError, UsageError
from monitor.settings.edit import add_source, add_sources, remove, set_value, set_values
from monitor.settings.load import load
from monitor.settings.rewrite import add_tables, drop, put

FEEDS = """\
# Who publishes.

# --- Papers

[sources.courier]                # the morning paper
title = "Courier"
note = \"\"\"
two
lines = "x"\"\"\"

[sources.courier.feeds]
courier = "https://courier.example/feed"   # main
courier-law = { url = "https://courier.example/law", interval = "30m" }

# --- Others

[sources.desk]
title = "Desk"
[sources.desk.feeds]
desk = "https://desk.example/rss"
"""


@pytest.fixture
def folder(config_folder: Callable[..., Path]) -> Path:
    made = config_folder()
    (made / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    return made


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone and those that came, in order."""
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_new_key_stands_under_its_own_table_and_not_under_the_next_heading(folder: Path) -> None:
    assert set_value(folder, ("sources", "courier", "enabled"), False) == folder / "feeds.toml"
    text = (folder / "feeds.toml").read_text()
    assert lines_changed(FEEDS, text) == ([], ["enabled = false"])
    assert 'lines = "x""""\nenabled = false\n\n[sources.courier.feeds]' in text
    assert not load(folder).feeds["courier"].enabled


def test_a_value_that_is_there_is_changed_in_its_place_with_its_comment(folder: Path) -> None:
    set_value(folder, ("sources", "courier", "feeds", "courier"), "https://courier.example/new")
    assert lines_changed(FEEDS, (folder / "feeds.toml").read_text()) == (
        ['courier = "https://courier.example/feed"   # main'],
        ['courier = "https://courier.example/new"   # main'],
    )


def test_a_feed_that_is_an_address_alone_becomes_a_table_when_it_gets_a_key(folder: Path) -> None:
    set_value(folder, ("sources", "courier", "feeds", "courier", "enabled"), False)
    feeds = tomllib.loads((folder / "feeds.toml").read_text())["sources"]["courier"]["feeds"]
    assert feeds["courier"] == {"url": "https://courier.example/feed", "enabled": False}
    assert "# main" in (folder / "feeds.toml").read_text()


def test_removing_a_source_leaves_every_heading_and_comment_outside_of_it(folder: Path) -> None:
    remove(folder, ("sources", "courier"))
    assert (folder / "feeds.toml").read_text() == (
        "# Who publishes.\n\n# --- Papers\n\n# --- Others\n\n[sources.desk]\n"
        'title = "Desk"\n[sources.desk.feeds]\ndesk = "https://desk.example/rss"\n'
    )


def test_a_value_that_comes_from_the_local_folder_is_changed_there(folder: Path) -> None:
    local = folder / "local" / "feeds.toml"
    local.parent.mkdir()
    local.write_text('# mine\n[sources.courier]\ntitle = "My Courier"\n')
    assert set_value(folder, ("sources", "courier", "title"), "Ours") == local
    assert local.read_text() == '# mine\n[sources.courier]\ntitle = "Ours"\n'
    assert set_value(folder, ("sources", "desk", "title"), "The Desk") == folder / "feeds.toml"
    assert (folder / "feeds.toml").read_text() == FEEDS.replace('"Desk"', '"The Desk"')


def test_what_both_folders_hold_is_removed_from_both(folder: Path) -> None:
    local = folder / "local" / "feeds.toml"
    local.parent.mkdir()
    local.write_text('[sources.desk]\nregion = "here"\n')
    assert set(remove(folder, ("sources", "desk"))) == {local, folder / "feeds.toml"}
    assert set(load(folder).options.sources) == {"courier"}


def test_a_new_source_stands_at_the_end_in_the_form_of_the_others(folder: Path) -> None:
    add_source(folder, "a-b", {"title": 'The "A"', "feeds": {"a-b": "https://a.example/feed"}})
    added = '\n[sources.a-b]\ntitle = "The \\"A\\""\n[sources.a-b.feeds]\na-b = "https://a.example/feed"\n'
    assert (folder / "feeds.toml").read_text() == FEEDS + added


def test_a_config_that_would_not_be_valid_is_not_written_and_every_problem_is_told(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        set_values(folder, [(("sources", "desk", "tier"), "daily"), (("sources", "desk", "langauge"), "en")])
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 2
    assert any("config/feeds.toml:" in line and "did you mean language?" in line for line in told)
    assert (folder / "feeds.toml").read_text() == FEEDS


def test_a_source_that_a_subscription_names_cannot_be_removed(folder: Path) -> None:
    file = folder / "subscriptions.toml"
    file.write_text(file.read_text() + 'sources = ["desk"]\n')
    with pytest.raises(ConfigError, match=r'no source "desk" in feeds\.toml'):
        remove(folder, ("sources", "desk"))
    assert (folder / "feeds.toml").read_text() == FEEDS


def test_a_key_that_is_taken_and_one_that_is_nowhere_are_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match=r'a source "desk" in config/feeds\.toml already'):
        add_sources(folder, {"new": {"title": "New"}, "desk": {"title": "x"}})
    with pytest.raises(UsageError, match=r"sources\.nobody stands in no file"):
        remove(folder, ("sources", "nobody"))
    assert (folder / "feeds.toml").read_text() == FEEDS


def test_a_variable_stays_a_variable_in_the_file(folder: Path) -> None:
    file = folder / "feeds.toml"
    file.write_text(FEEDS.replace("desk.example/rss", "desk.example/rss?key=${DESK_KEY}"))
    environment = {"DESK_KEY": "correct-horse"}
    set_value(folder, ("sources", "desk", "feeds", "desk", "enabled"), False, environment=environment)
    assert "correct-horse" not in file.read_text()
    assert load(folder, environment).feeds["desk"].url.endswith("correct-horse")


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
def test_mode_and_link_are_kept_and_no_scrap_is_left(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.toml"
    (folder / "feeds.toml").rename(real)
    real.chmod(0o640)
    (folder / "feeds.toml").symlink_to(real)
    set_value(folder, ("sources", "desk", "title"), "The Desk")
    assert (folder / "feeds.toml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert 'title = "The Desk"' in real.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config", "elsewhere.toml"]


def test_windows_line_ends_and_the_byte_order_mark_stay(folder: Path) -> None:
    file = folder / "feeds.toml"
    file.write_bytes(("\ufeff" + FEEDS.replace("\n", "\r\n")).encode())
    set_value(folder, ("sources", "courier", "enabled"), False)
    expected = FEEDS.replace('x""""\n', 'x""""\nenabled = false\n').replace("\n", "\r\n")
    assert file.read_bytes() == ("\ufeff" + expected).encode()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the lock is POSIX's")
def test_of_edits_by_processes_at_once_none_is_lost(folder: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom monitor.settings.edit import add_source, set_value\n"
        "folder, name = Path(sys.argv[1]), sys.argv[2]\ninput()\n"
        "for n in range(3):\n"
        "    add_source(folder, f'{name}-{n}', {'title': name}, environment={})\n"
        "    set_value(folder, ('sources', f'{name}-{n}', 'region'), name, environment={})\n"
    )
    names = ("one", "two", "three")
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), name], stdin=subprocess.PIPE) for name in names
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    found = tomllib.loads((folder / "feeds.toml").read_text())["sources"]
    assert {key: found[key].get("region") for key in found if "-" in key} == {
        f"{name}-{n}": name for name in names for n in range(3)
    }


def test_a_value_that_is_to_be_new_does_not_take_the_place_of_another(folder: Path) -> None:
    before = (folder / "feeds.toml").read_text()
    with pytest.raises(UsageError, match=r"there is a sources\.desk\.feeds\.desk by now"):
        set_value(folder, ("sources", "desk", "feeds", "desk"), "https://desk.example/other", new=True)
    assert (folder / "feeds.toml").read_text() == before
    set_value(folder, ("sources", "desk", "feeds", "desk-2"), "https://desk.example/other", new=True)
    assert set(load(folder).options.sources["desk"].feeds) == {"desk", "desk-2"}


def test_many_values_are_written_into_the_files_they_stand_in(folder: Path) -> None:
    local = folder / "local" / "feeds.toml"
    local.parent.mkdir()
    local.write_text('[sources.courier]\nstatus = "ok"\n')
    changes = [
        (("sources", "courier", "status"), "gone"),
        (("sources", "desk", "status"), "ok"),
        (("sources", "desk", "checked_at"), date(2026, 11, 23)),
        (("sources", "courier", "feeds", "courier", "status"), "tls"),
    ]
    main = folder / "feeds.toml"
    assert set_values(folder, changes) == (local, main, main, main)
    assert local.read_text() == '[sources.courier]\nstatus = "gone"\n'
    gone, came = lines_changed(FEEDS, main.read_text())
    assert gone == ['courier = "https://courier.example/feed"   # main']
    assert came == [
        'courier = { url = "https://courier.example/feed", status = "tls" }   # main',
        'status = "ok"',
        "checked_at = 2026-11-23",
    ]


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ('[a]\nb = 1\n', ("a", "c"), 2, "[a]\nb = 1\nc = 2\n"),
        ("[a]\nb = 1", ("a", "c"), 2, "[a]\nb = 1\nc = 2\n"),
        ("[a]\n\n[b]\nc = 1\n", ("a", "x"), "y", '[a]\nx = "y"\n\n[b]\nc = 1\n'),
        ("[s]\nx.t = 1 # c\n", ("s", "x", "u"), True, "[s]\nx.t = 1 # c\nx.u = true\n"),
        ("s = {x = {t = 1}}\n", ("s", "x", "u"), 2, "s = { x = { t = 1, u = 2 } }\n"),
        ("", ("poll", "tick"), "5s", '\n[poll]\ntick = "5s"\n'),
        ("# only a word\n", ("poll", "tick"), "5s", '# only a word\n\n[poll]\ntick = "5s"\n'),
        ("# head\n\n# of a\n[a]\nb = 1\n", ("zone",), "UTC", '# head\n\nzone = "UTC"\n# of a\n[a]\nb = 1\n'),
        ('[a]\nb = "u" # c\n', ("a", "b", "d"), date(2026, 1, 2), '[a]\nb = { url = "u", d = 2026-01-02 } # c\n'),
        ('[a."b.c"]\nd = 1\n', ("a", "b.c", "e f"), 1, '[a."b.c"]\nd = 1\n"e f" = 1\n'),
        ("[a]\nb = [\n  1, # one\n]\n", ("a", "b"), [2], "[a]\nb = [2]\n"),
    ],
)  # fmt: skip
def test_every_way_to_write_a_table_is_understood(before: str, path: Any, value: Any, after: str) -> None:
    found = put(before, path, value)
    assert found.lstrip("\n") == after.lstrip("\n")


def test_what_cannot_be_changed_safely_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be changed here"):
        put("[[a]]\nb = 1\n[[a]]\nb = 2\n", ("a", "b"), 3)


KEYS = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
VALUES = st.one_of(st.integers(-9, 9), st.booleans(), TEXTS, st.lists(TEXTS, max_size=2))
COMMENTS = st.lists(st.sampled_from(["", "# a word", "   # set in", "# [not.a.table]", '# x = "y"']), max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A config of sources with comments and blank lines anywhere between; and the comments."""
    import tomlkit

    comments: list[str] = []
    lines: list[str] = []

    def between() -> None:
        for comment in draw(COMMENTS):
            comments.append(comment)
            lines.append(comment)

    between()
    for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)):
        lines.append(f"[sources.{key}]")
        for name, value in draw(st.dictionaries(KEYS, VALUES, max_size=3)).items():
            tail = draw(st.sampled_from(["", "  # behind"]))
            comments += [tail.strip()] if tail else []
            lines.append(f"{name} = {tomlkit.item(value).as_string()}{tail}")
            between()
        if draw(st.booleans()):
            lines.append(f"[sources.{key}.feedlist]")
            lines += [f'{name} = "https://x.example/{name}"' for name in draw(st.lists(KEYS, max_size=2, unique=True))]
            between()
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""]), [c for c in comments if c]


def comments_in(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\r", "").split("\n") if line.lstrip().startswith("#")]


@given(documents(), st.data())
def test_setting_any_value_keeps_all_comments_and_all_other_lines(made: tuple[str, list[str]], data: Any) -> None:
    text, comments = made
    sources = tomllib.loads(text)["sources"]
    key = data.draw(st.sampled_from(sorted(sources)))
    name = data.draw(st.one_of(KEYS, st.sampled_from([n for n in sources[key] if n != "feedlist"] or ["new"])))
    value = data.draw(VALUES)
    after = put(text, ("sources", key, name), value)
    expected = tomllib.loads(text)
    expected["sources"][key][name] = value
    assert tomllib.loads(after) == expected
    assert comments_in(after) == comments_in(text)
    assert after.count("# behind") == comments.count("# behind")
    gone = [line for line in text.split("\n") if line not in after.split("\n")]
    assert len(gone) <= (1 if name in sources[key] else 0)
    assert ("\r\n" in after) == ("\r\n" in text)


@given(documents(), st.data())
def test_adding_and_removing_a_source_gives_back_the_text_up_to_blank_lines_at_its_end(
    made: tuple[str, list[str]], data: Any
) -> None:
    text, _ = made
    table = {"title": data.draw(TEXTS), "feeds": {"x": "https://x.example/"}}
    added = add_tables(text, ("sources",), {"new-one": table})
    assert tomllib.loads(added)["sources"]["new-one"] == table
    assert drop(added, ("sources", "new-one")).rstrip() == text.rstrip()


@given(documents(), st.data())
def test_removing_a_source_keeps_every_line_of_the_others(made: tuple[str, list[str]], data: Any) -> None:
    text, _ = made
    sources = tomllib.loads(text)["sources"]
    key = data.draw(st.sampled_from(sorted(sources)))
    after = drop(text, ("sources", key))
    found = tomllib.loads(after).get("sources", {})
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in sources.items() if k != key and v}
    kept = iter(text.split("\n"))
    assert all(line in kept for line in after.split("\n"))  # a subsequence: nothing new, nothing moved

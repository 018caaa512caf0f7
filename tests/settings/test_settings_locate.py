"""The lines of keys in TOML, which tomllib does not tell."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.bundled import bundled_config
from monitor.settings.locate import lines_of
from monitor.settings.read import FILES

ODD = '''\
# a comment with [brackets] and "quotes"
top = 1

"quoted key" = "x"
'literal.key' = 2
dotted.inner.key = 3
list = [
  "one", # with = and ]
  "two",
]
text = """
[not.a.table]
key = "nor this"
"""
literal = \'\'\'
"""
\'\'\'
inline = { a = 1, b = { c = 2 } }
  indented = true
escaped = "a\\"b # not a comment"

[table] # after it
key = 2026-03-02T09:30:00Z
  [table."sub table".x]
  key = [ [1, 2], [
    3 ] ]
[[many]]
name = "first"
[[many]]
name = "second"
[ spaced . out ]
key = 1
'''
PLACES = {
    ("top",): 2, ("quoted key",): 4, ("literal.key",): 5, ("dotted",): 6, ("dotted", "inner", "key"): 6, ("list",): 7,
    ("text",): 11, ("literal",): 15, ("inline",): 18, ("inline", "a"): 18, ("inline", "b", "c"): 18, ("indented",): 19,
    ("escaped",): 20, ("table",): 22, ("table", "key"): 23, ("table", "sub table"): 24,
    ("table", "sub table", "x", "key"): 25, ("many",): 27, ("many", "name"): 28, ("spaced", "out", "key"): 32,
}  # fmt: skip


def paths(value: object) -> Iterator[tuple[str, ...]]:
    """Every path of tables and keys that tomllib finds; what stands in lists has no path of its own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (key,)
            for path in paths(inner):
                yield (key, *path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_key_is_found_on_its_line(end: str) -> None:
    text = ODD.replace("\n", end)
    found = lines_of(text)
    assert {path: found.get(path) for path in PLACES} == PLACES
    assert set(paths(tomllib.loads(text))) <= set(found)


def test_separators_that_are_no_line_ends_in_toml_do_not_shift_the_lines() -> None:
    text = 'a = "x\u2028y\u0085z"\n# \x0c \u2029\nb = 1\n'.replace("\x0c", "\t")
    assert lines_of(text) == {("a",): 1, ("b",): 3}


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_the_starter_config_is_found(name: str) -> None:
    text = (bundled_config() / name).read_text(encoding="utf-8")
    found = lines_of(text)
    lines = text.split("\n")
    for path in paths(tomllib.loads(text)):
        assert path[-1] in lines[found[path] - 1]


keys = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
scalars = st.sampled_from(['"x"', "1", "true", "[\n1,\n2\n]", '"""\na = 1\n"""', "{ z = 1 }", "'#'"])


@given(st.dictionaries(keys, st.dictionaries(keys, scalars, max_size=4), max_size=4), st.data())
def test_tables_and_keys_stand_where_they_were_written(tables: dict[str, dict[str, str]], data: st.DataObject) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    blanks = st.lists(st.sampled_from(["", "# x = 1", "  "]), max_size=2)
    for table, content in tables.items():
        lines += data.draw(blanks)
        lines.append(f"[{table}]")
        expected[(table,)] = len(lines)
        for key, value in content.items():
            lines += data.draw(blanks)
            expected[(table, key)] = len(lines) + 1
            lines += f"{key} = {value}".split("\n")
    found = lines_of("\n".join(lines))
    assert {path: found.get(path) for path in expected} == expected

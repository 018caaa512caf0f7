"""Expectations are judged by walking them, and nothing in them is ever run."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .claims import Result, UnsafeError, claims, judge

HAVE: dict[str, object] = {
    "version": "rss20",
    "feed": {"title": "Quay Notes"},
    "entries": [{"title": "Note 1", "link": "https://quay.example/1", "id": None}, {"title": "Note 2"}],
}


def judged(expression: str) -> list[Result]:
    def loosely(path: str, ours: object, expected: object) -> bool:
        return str(ours).casefold() == str(expected).casefold()

    return [judge(claim, HAVE, loosely) for claim in claims(expression)]


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("feed['title'] == u'Quay Notes'", Result.EXACT),
        ("feed.title == 'Quay ' + 'Notes'", Result.EXACT),
        ("'Quay Notes' == feed['title']", Result.EXACT),
        ("feed['title'] == 'quay notes'", Result.KEPT),
        ("feed['title'] == 'Harbour'", Result.DIFFERS),
        ("feed['title'] != 'Harbour'", Result.EXACT),
        ("feed['title'].startswith('Quay')", Result.EXACT),
        ("feed['title'].endswith('Quay')", Result.DIFFERS),
        ("'Notes' in feed['title']", Result.EXACT),
        ("feed['subtitle'] == 'x'", Result.NOT_TAKEN),
        ("'subtitle' in feed", Result.NOT_TAKEN),
        ("not feed.has_key('subtitle')", Result.NOT_TAKEN),
        ("'title' in feed", Result.EXACT),
        ("bozo", Result.NOT_TAKEN),
        ("1", Result.NOT_TAKEN),
        ("len(entries) == 2", Result.EXACT),
        ("len(entries) > 2", Result.DIFFERS),
        ("ord(version[0]) == 114", Result.NOT_TAKEN),
        ("entries[1].title == entries[0].title", Result.DIFFERS),
        ("entries[0].title == 'x' or entries[0].title == 'Note 1'", Result.EXACT),
        ("entries[0]['id'] is None", Result.EXACT),
        ("entries[0].get('link') == 'https://quay.example/1'", Result.EXACT),
        ("entries[2]['title'] == 'Note 3'", Result.DIFFERS),
        ("entries[-1]['title'] == 'Note 2'", Result.EXACT),
        ("version == ('rss20', 'x')", Result.DIFFERS),
    ],
)
def test_a_claim_is_judged_by_what_we_have(expression: str, result: Result) -> None:
    assert judged(expression) == [result]


def test_claims_are_what_and_joins() -> None:
    assert judged("not bozo and feed['title'] == 'Quay Notes' and (version == 'x' and len(entries) == 2)") == [
        Result.NOT_TAKEN, Result.EXACT, Result.DIFFERS, Result.EXACT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('pathlib').Path('{mark}').touch()",
        "open('{mark}', 'w')",
        "eval(\"open('{mark}', 'w')\")",
        "[open('{mark}', 'w') for x in (1,)]",
        "(lambda: open('{mark}', 'w'))()",
        "f\"{{open('{mark}', 'w')}}\" == 'x'",
        "feed['title'].__class__.__mro__",
        "().__class__.__bases__[0].__subclasses__()",
        "9 ** 9 ** 9 == 1",
        "'x' * 10000000000 == 'y'",
        "(x := 1)",
        "feed['title'].replace('a', 'b') == 'x'",
        "len(*entries) == 1",
        "dict(a=1)",
        "feed['title'] == 'x'; import os",
        "while True: pass",
        "",
        "(" * 500,
    ],
)
def test_nothing_but_comparisons_and_look_ups_is_looked_at(expression: str, tmp_path: Path) -> None:
    mark = tmp_path / "run"
    try:
        results = judged(expression.format(mark=mark) if "{mark}" in expression else expression)
    except UnsafeError:
        results = []
    assert set(results) <= {Result.NOT_TAKEN}
    assert not mark.exists()


@given(st.text(max_size=40) | st.from_regex(r"[a-z\[\]'\"(). =+*0-9]{0,30}", fullmatch=True))
def test_any_text_is_judged_or_refused(expression: str) -> None:
    try:
        found = list(claims(expression))
    except UnsafeError:
        return
    for claim in found:
        assert isinstance(claim, ast.expr)
        try:
            judge(claim, HAVE, lambda path, ours, expected: False)
        except UnsafeError:
            continue

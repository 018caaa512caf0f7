import json

import pytest

from monitor.classify import corpus
from monitor.classify.quality.evalset import EvalItem, read
from monitor.errors import UsageError


@pytest.fixture
def write(tmp_path):
    """Write items, or lines as they are, to a file of a set."""

    def build(*items, name="set.jsonl"):
        lines = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return build


def test_a_title_is_enough(write):
    assert read([write({"title": "Bakery wins prize"})]) == [EvalItem("set.jsonl:1", "Bakery wins prize")]


def test_everything_an_item_may_say_is_taken(write):
    item = {
        "id": "a", "title": "T", "text": "X", "lang": "de", "labels": ["returns"], "aspects": ["return"],
        "style": "wire", "source": "Kurier", "date": "2026-11-22T07:30:00+01:00", "note": "trap: x", "more": 1,
    }  # fmt: skip
    (found,) = read([write(item)])
    assert found == EvalItem(
        "a", "T", "X", "de", frozenset({"returns"}), frozenset({"return"}), None, "trap", "Kurier", "wire", "2026-11"
    )
    assert found.holds("returns")
    assert found.holds("return")
    assert not found.holds("policy")


@pytest.mark.parametrize(
    ("said", "kind", "group"),
    [
        ({"difficulty": "borderline"}, "borderline", "borderline"),
        ({"note": "borderline: either"}, "borderline", "borderline"),
        ({"note": "borderline"}, "borderline", "borderline"),
        ({"note": "trap: raid", "difficulty": "hard"}, "trap", "trap"),
        ({"note": "easy: weather"}, "easy", "easy"),
        ({"note": "easygoing"}, "", "other"),
        ({"note": "travel only implied", "labels": ["returns"]}, "", "named"),
        ({"note": None, "labels": None, "text": None, "lang": None, "date": None}, "", "other"),
    ],
)
def test_note_and_difficulty_say_of_what_kind_an_item_is(write, said, kind, group):
    (found,) = read([write({"title": "T", **said})])
    assert (found.kind, found.group) == (kind, group)


def test_a_folder_is_all_its_files_and_none_is_read_twice(write, tmp_path):
    second, first = write({"id": "x", "title": "B"}, name="b.jsonl"), write({"id": "x", "title": "A"}, name="a.jsonl")
    write({"title": "no set"}, name="notes.txt")
    assert [item.title for item in read([tmp_path, first, second, tmp_path / "a.jsonl"])] == ["A", "B"]


def test_blank_lines_a_byte_order_mark_and_line_separators_in_a_text_do_no_harm(write):
    path = write('\ufeff{"title": "A"}', "", '{"title": "B\u2028C", "id": 7}', "  ")
    assert [(item.id, item.title) for item in read([path])] == [("set.jsonl:1", "A"), ("7", "B\u2028C")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "JSON object"),
        ("{}", "'title' is missing"),
        ('{"title": " "}', "'title' is missing"),
        ('{"title": 5}', "'title' must be a string"),
        ('{"title": "T", "labels": "returns"}', "'labels' must be a list of strings"),
        ('{"title": "T", "labels": [1]}', "'labels' must be a list of strings"),
        ('{"title": "T", "date": "yesterday"}', "'yesterday' is no date"),
        ('{"title": "T", "id": "a"}', "taken by set.jsonl:1"),
    ],
)
def test_a_bad_line_is_named_by_file_and_line(write, line, words):
    path = write({"title": "fine", "id": "a"}, "", line)
    with pytest.raises(UsageError, match=r"^set\.jsonl:3: ") as refused:
        read([path])
    assert words in str(refused.value)


def test_what_holds_no_items_is_refused_by_name(write, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.jsonl").write_bytes(b'{"title": "\xe9"}')
    for path, words in (
        (tmp_path / "empty", "no *.jsonl"),
        (tmp_path / "gone.jsonl", "cannot be read"),
        (tmp_path / "latin.jsonl", "not UTF-8"),
        (write("", name="blank.jsonl"), "no items"),
    ):
        with pytest.raises(UsageError) as refused:
            read([path])
        assert words in str(refused.value)
        assert path.name in str(refused.value)


def test_the_corpus_is_such_a_set(small_corpus):
    ours, theirs = read([small_corpus]), corpus.read(small_corpus)
    assert [(item.id, item.title, item.labels, item.kind) for item in ours] == [
        (item.id, item.title, item.labels, item.kind) for item in theirs
    ]

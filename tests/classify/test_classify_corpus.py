import json
from pathlib import Path

import pytest

from monitor.classify import corpus
from monitor.errors import UsageError

GOOD = {
    "id": "en-1",
    "lang": "en",
    "title": "A title",
    "text": "",
    "labels": ["returns"],
    "aspects": [],
    "style": "wire",
    "note": "",
}


def write(folder: Path, *lines: str) -> Path:
    (folder / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"a\.jsonl:2: not valid JSON"),
        ("[]", r"a\.jsonl:2: must be a JSON object"),
        (json.dumps({**GOOD, "id": "en-2", "labels": ["return"]}), r"a\.jsonl:2: unknown label 'return'"),
        (json.dumps({**GOOD, "id": "en-2", "labels": "returns"}), r"a\.jsonl:2: 'labels' must be a list"),
        (json.dumps({**GOOD, "id": "en-2", "title": 3}), r"a\.jsonl:2: 'title' must be a string"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "note"}), r"a\.jsonl:2: 'note' is missing"),
        (json.dumps({**GOOD, "id": "en-2", "title": " "}), r"a\.jsonl:2: id and title must not be empty"),
        (json.dumps(GOOD), r"a\.jsonl:2: id 'en-1' is taken"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        corpus.read(write(tmp_path, json.dumps(GOOD), line))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no items"):
        corpus.read(tmp_path)


@pytest.mark.parametrize(
    ("note", "kind"),
    [("trap: football", "trap"), ("easy: sport", "easy"), ("borderline: x", "borderline"), ("a trap", "")],
)
def test_the_note_tells_the_kind(note: str, kind: str, tmp_path: Path) -> None:
    [item] = corpus.read(write(tmp_path, json.dumps({**GOOD, "note": note}), ""))
    assert item.kind == kind


def test_the_shipped_corpus_can_be_read() -> None:
    items = corpus.read(Path(__file__).parents[2] / "models" / "corpus")
    assert {item.lang for item in items} >= {"en", "fr", "de", "ru", "ar", "nl", "es"}

import json
import re
from collections import Counter, defaultdict
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


@pytest.fixture(scope="module")
def shipped_items() -> list[corpus.Item]:
    return corpus.read(Path(__file__).parents[2] / "models" / "corpus")


def test_the_corpus_is_as_large_and_as_mixed_as_it_claims(shipped_items: list[corpus.Item]) -> None:
    kinds = Counter(item.kind or "labelled" for item in shipped_items)
    languages = Counter(item.lang for item in shipped_items)
    hard = kinds["trap"] + sum(item.kind == "borderline" and not item.labels for item in shipped_items)
    assert len(shipped_items) >= 6_000
    assert languages["en"] >= 3_000
    assert all(languages[lang] >= 350 for lang in ("fr", "de", "ru", "ar", "nl", "es"))
    assert all(languages[lang] >= 100 for lang in ("it", "da", "sv", "pl", "tr", "id"))
    assert hard >= 0.4 * len(shipped_items)
    assert kinds["easy"] >= 2_500
    assert {item.lang for item in shipped_items if item.kind == "easy"} >= {"en", "fr", "de", "ru", "ar", "nl", "es"}


def test_aspects_and_borderline_rules_are_those_of_the_guide(shipped_items: list[corpus.Item]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "labelling.md").read_text("utf-8")
    known = set(re.findall(r"`([a-z_]+)`", guide[guide.index("## Aspects") :]))
    for item in shipped_items:
        assert set(item.aspects) <= known, item.id
        assert bool(item.aspects) or not item.labels or item.kind == "borderline", item.id
        assert item.kind != "borderline" or len(item.note) > len("borderline: "), item.id


def test_items_differ(shipped_items: list[corpus.Item]) -> None:
    """Most runs of three words are used once, and under 2 % of the items are nearly another's words."""
    runs = [_runs(f"{item.title} {item.text}", 3) for item in shipped_items]
    uses = Counter(run for own in runs for run in own)
    assert len(uses) / sum(uses.values()) >= 0.85
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, own in enumerate(runs):
        for run in own:
            if uses[run] <= 20:
                holders[run].append(at)
    near = set()
    for at, own in enumerate(runs):
        shared = Counter(other for run in own if uses[run] <= 20 for other in holders[run] if other < at)
        near |= {at for other, count in shared.items() if count >= 0.4 * len(own | runs[other])}
    assert len(near) < 0.02 * len(shipped_items), sorted(shipped_items[at].id for at in near)[:10]


def test_no_word_alone_decides(shipped_items: list[corpus.Item]) -> None:
    """No word that three in a hundred items of ours have, is theirs alone, but what names the subject itself."""
    ours = [item for item in shipped_items if item.labels and item.kind != "borderline"]
    others = [item for item in shipped_items if item.kind in {"trap", "easy"}]
    english = [item for item in ours if item.lang == "en"]
    counts = Counter(word for item in english for word in set(_words(item)))
    elsewhere = Counter(word for item in others if item.lang == "en" for word in set(_words(item)))
    alone = {w for w, n in counts.items() if n >= 0.03 * len(english) and elsewhere[w] < 0.1 * n}
    assert alone <= {"roj", "hol", "returnees", "repatriate", "repatriation", "is", "jihadist"}, alone


def _words(item: corpus.Item) -> list[str]:
    return re.findall(r"\w+", f"{item.title} {item.text}".casefold())


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}

"""`monitor evaluate`, by rules whose scores are known: 2 / 3 where "returnee" is in the title, else 0."""

import json

import pytest
from lxml import html

LABELS = """[labels.returns]
title = "The returns"
threshold = 0.6
rule = { terms = { returnee = 2.0 }, minimum = 1.0 }
[labels.policy]
threshold = 0.5
rule = { terms = { ministry = 2.0 }, minimum = 1.0 }
"""
EVIL = "A <b>court</b> [bold]hears[/bold] :smile:"


@pytest.fixture
def ruled(desk):
    desk.write(labels=LABELS, monitor='[model]\ndirectory = "models"\n')
    return desk


@pytest.fixture
def items(tmp_path):
    """Eighty items in two languages: 30 found, 10 missed, 5 false alarms, 33 left out, 2 borderline."""
    made = [("A returnee in court", ["returns"], "")] * 30 + [(EVIL, ["returns"], "")] * 10
    made += [("A returnee of the past", [], "trap: x")] * 5 + [("A bakery", [], "easy: x")] * 33
    made += [("Another returnee", [], "borderline: x")] * 2
    path = tmp_path / "items.jsonl"
    lines = (
        {
            "id": f"i{n}",
            "title": title,
            "labels": labels,
            "note": note,
            "lang": "en" if n % 2 else "de",
            "style": "wire",
        }
        for n, (title, labels, note) in enumerate(made)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_report_is_as_scripts_rely_on_it(call, ruled, items):
    done = call("evaluate", "--set", items, "--json", "--resamples", 50, "--config", ruled.config)
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert set(found) == {
        "scorer", "measured_on", "notes", "lines", "items", "borderline", "resamples", "seed", "labels", "confusion"
    }  # fmt: skip
    assert (found["items"], found["borderline"], found["measured_on"]) == (80, 2, str(items))
    assert found["scorer"].startswith("rules+")
    returns = found["labels"]["returns"]
    assert returns["overall"]["precision"]["value"] == pytest.approx(30 / 35)
    assert returns["overall"]["precision"]["low"] < 30 / 35 < returns["overall"]["precision"]["high"]
    assert returns["groups"]["kind"]["trap"]["recall"] == {"value": None, "low": None, "high": None}
    assert len(returns["stream"]["bins"]) == 10
    assert [len(returns[worst]) for worst in ("false_alarms", "misses")] == [5, 10]
    assert set(returns["misses"][0]) == {"id", "title", "lang", "score"}
    assert found["labels"]["policy"]["refused"] == "not enough labels (0/30)"
    assert {"truth": ["returns"], "decided": [], "items": 10} in found["confusion"]


def test_people_get_labels_groups_confusion_and_examples(call, ruled, items):
    done = call("evaluate", "--set", items, "--resamples", 50, "--config", ruled.config)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "80 items, 2 of them borderline and told apart" in lines[0]
    assert "The returns, line 0.6: 78 items, 40 positive" in lines
    assert "30 found (TP), 5 false alarms (FP), 10 missed (FN), 33 rightly left out (TN)" in lines
    assert "not enough labels (0/30)" in lines
    at = next(n for n, line in enumerate(lines) if line.split()[:2] == ["precision", "recall"])
    assert lines[at + 1].split()[:3] == ["0.86", "0.75", "0.80"]
    assert len(lines[at + 2].split()) == 5  # intervals
    assert [line.split() for line in lines if line.startswith("  trap")] == [
        ["trap", "5", "0", "5", "0", "0.00", "–", "0.00", "–", "0.667"]
    ]
    assert ["returns", "10", "30"] in [line.split() for line in lines]
    assert f"0.00  i30  {EVIL}" in lines
    assert max(map(len, lines[2:])) <= 80


def test_the_page_is_written_beside_either_form(call, ruled, items, tmp_path):
    for more in ([], ["--json"]):
        file = tmp_path / "out" / f"page{len(more)}.html"
        done = call("evaluate", "--set", items, "--html", file, *more, "--resamples", 0, "--config", ruled.config)
        assert done.code == 0
        page = html.document_fromstring(file.read_text("utf-8"))
        assert EVIL in [cell.text_content() for cell in page.xpath("//td")]
        assert page.xpath("//h2[text()='The returns']")
        assert len(page.xpath("//svg")) == 3
        assert (str(file) in done.out) == (not more)
        assert not more or json.loads(done.out)["resamples"] == 0


def test_several_sets_are_one_and_the_same_numbers_come_twice(call, ruled, items, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "more.jsonl").write_text('{"title": "A ministry", "labels": ["policy"]}\n', encoding="utf-8")
    args = ("evaluate", "--set", items, "--set", folder, "--json", "--resamples", 20, "--config", ruled.config)
    first, second = call(*args), call(*args)
    assert first.out == second.out
    assert json.loads(first.out)["items"] == 81


def test_the_held_out_set_of_the_program_is_measured_by_default(call, ruled):
    found = json.loads(call("evaluate", "--json", "--resamples", 0, "--config", ruled.config).out)
    assert found["items"] > 500
    assert found["measured_on"].endswith("heldout")
    assert found["labels"]["returns"]["refused"] == ""


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--set", "gone.jsonl"], "gone.jsonl"),
        (["--set", "{bad}"], "bad.jsonl:2: 'title' is missing"),
        (["--set", "{items}", "--annotations"], "one of them at a time"),
        (["--annotations"], "nobody has labelled an entry yet"),
        (["--set", "{items}", "--model", "2031"], "2031"),
        (["--set", "{items}", "--html", "{items}/page.html"], "cannot be written"),
        (["--set", "{items}", "--resamples", "-1"], "--resamples"),
    ],
)
def test_what_cannot_be_measured_is_wrong_usage(call, polled, items, tmp_path, args, words):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"title": "fine"}\n{"text": "no title"}\n', encoding="utf-8")
    polled.write(labels=LABELS, monitor='[model]\ndirectory = "models"\n')
    refused = call("evaluate", *(arg.format(items=items, bad=bad) for arg in args), "--config", polled.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in " ".join(refused.err.split())

"""`monitor classify` and `monitor train`."""

import json
import os
import subprocess
import sys

import pytest

from monitor.classify.corpus import read
from monitor.classify.quality.gate import kept_out
from monitor.settings.bundled import bundled_models

RETURN = {"id": "a", "title": "Court convicts man who came back from fighting in Syria", "text": "He had joined IS."}


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def feed(tmp_path, *parts):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"".join(parts))
    return path


def line(**item):
    return json.dumps(item, ensure_ascii=False).encode() + b"\n"


def test_answers_are_as_scripts_rely_on_them(call, desk, tmp_path):
    source = feed(tmp_path, line(**RETURN), line(id=2, title="Bakery wins prize", text="", lang="xx"), line(id=None))
    done = call("classify", "--jsonl", source, "--config", desk.config)
    assert (done.code, done.err) == (0, "")
    first, second, third = lines(done.out)
    assert [list(found) for found in (first, second, third)] == [["id", "lang", "scores", "decisions"]] * 3
    assert (first["id"], first["lang"], first["decisions"]) == ("a", "en", ["returns"])
    assert (second["id"], second["lang"], second["decisions"]) == (2, "xx", [])
    assert third["id"] is None
    assert set(first["scores"]) == {"returns", "policy"}


def test_decisions_follow_the_lines_of_the_config(call, desk, tmp_path):
    desk.write(labels="[labels.returns]\nthreshold = 1.0\n[labels.policy]\nthreshold = 0.0\n")
    (found,) = lines(call("classify", "--jsonl", feed(tmp_path, line(**RETURN)), "--config", desk.config).out)
    assert found["decisions"] == ["policy"]


def test_a_line_that_cannot_be_read_has_its_error_in_its_place(call, desk, tmp_path):
    source = feed(
        tmp_path, b"\xef\xbb\xbf", line(**RETURN), b"not json\n", b"\n", b'"text"\n', b"\xff\xfe\n", b'{"id": NaN}\n',
        b"[" * 100_000 + b"\n", line(id=7, title=0), line(id=8, text="\u2028x"), line(id=9)[:-1],
    )  # fmt: skip
    done = call("classify", "--jsonl", source, "--config", desk.config)
    assert done.code == 1
    assert done.err.startswith("6 lines could not be read")
    found = lines(done.out)
    assert [answer["id"] for answer in found] == ["a", None, None, None, None, None, 7, 8, 9]
    bad = [answer["error"] for answer in found if "error" in answer]
    assert [error.split(":")[0] for error in bad] == [f"line {number}" for number in (2, 4, 5, 6, 7, 8)]
    assert all("scores" in answer for answer in found if "error" not in answer)


def test_a_half_character_comes_back_as_it_was(process, desk):
    done = process(
        "classify", "--jsonl", "-", "--config", desk.config, stdin=b'{"id": "\\ud83d", "title": "\\ude00 x"}\n'
    )
    assert (done.code, done.err) == (0, "")
    assert lines(done.out)[0]["id"] == "\ud83d"


def test_a_line_of_a_megabyte_is_one_answer(call, desk, tmp_path):
    source = feed(tmp_path, line(id="big", text="Rückkehrer vor Gericht, возвращение. " * 28_000), line(**RETURN))
    done = call("classify", "--jsonl", source, "--config", desk.config)
    assert [answer["id"] for answer in lines(done.out)] == ["big", "a"]


def test_no_input_is_no_answer(call, desk, tmp_path):
    done = call("classify", "--jsonl", feed(tmp_path), "--config", desk.config)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_thousands_of_lines_keep_their_order(call, desk, tmp_path):
    source = feed(tmp_path, *(line(id=number, title=f"Item {number}") for number in range(1_500)))
    done = call("classify", "--jsonl", source, "--config", desk.config)
    assert [answer["id"] for answer in lines(done.out)] == list(range(1_500))


def test_answers_come_while_the_input_is_still_open_and_a_reader_that_goes_is_met_with_silence(desk):
    with subprocess.Popen(
        [sys.executable, "-m", "monitor", "classify", "--jsonl", "-", "--config", str(desk.config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        for number in range(3):
            running.stdin.write(line(id=number, title="Bakery wins prize"))
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == number
        running.stdout.close()
        running.stdin.write(line(id=4, title="Bakery wins prize"))
        running.stdin.flush()
        # The input stays open: a thread still waits in it when the process ends.
        assert running.wait(60) in {0, 1, 141}
        assert running.stderr.read() == b""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo terminal")
def test_the_progress_bar_on_a_terminal_takes_nothing_from_a_redirected_stdout(desk, tmp_path):
    terminal, bar = os.openpty()
    source = feed(tmp_path, *(line(id=number, title="Bakery wins prize") for number in range(300)))
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "classify", "--jsonl", str(source), "--config", str(desk.config)],
        stdout=subprocess.PIPE,
        stderr=bar,
        env={**os.environ, "TERM": "xterm"},
        check=True,
        timeout=120,
    )
    os.close(bar)
    os.close(terminal)
    assert [answer["id"] for answer in lines(done.stdout)] == list(range(300))


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_an_input_that_is_no_file_is_wrong_usage(call, desk, name):
    refused = call("classify", "--jsonl", name, "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert name in refused.err


def test_without_a_model_nothing_is_guessed(call, desk, tmp_path):
    desk.write(monitor='[model]\ndirectory = "no-models"\n')
    refused = call("classify", "--jsonl", feed(tmp_path, line(**RETURN)), "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "no-models" in refused.err


@pytest.fixture
def corpus(tmp_path):
    """A sixth of the project's own corpus, every label and language in it."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for path in sorted((bundled_models() / "corpus").glob("*.jsonl")):
        (folder / path.name).write_text(
            "".join(path.read_text("utf-8").splitlines(keepends=True)[::6]), encoding="utf-8"
        )
    return folder


def test_a_version_is_trained_put_in_use_and_scores(call, desk, corpus, tmp_path):
    desk.write(monitor='[model]\ndirectory = "models"\n')
    done = call("train", "--corpus", corpus, "--version", "try", "--activate", "--json", "--config", desk.config)
    assert (done.code, done.err) == (0, "")
    report = json.loads(done.out)
    assert report["version"] == "try"
    assert 200 < report["items"] <= len(read(corpus))
    assert set(report["quality"]) == {"returns", "policy"}
    assert sorted(path.name for path in (tmp_path / "models" / "try").iterdir()) == [
        "MODEL_CARD.md", "model.json", "reliability.svg", "weights.npz",
    ]  # fmt: skip
    assert json.loads(call("check", "--json", "--config", desk.config).out)["model"] == "try"
    (found,) = lines(call("classify", "--jsonl", feed(tmp_path, line(**RETURN)), "--config", desk.config).out)
    assert found["decisions"] == ["returns"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--corpus", "{empty}"], "no *.jsonl"),
        (["--corpus", "{corpus}", "--version", "../up"], "../up"),
        (["--corpus", "{corpus}", "--version", ""], "--version"),
        (["--corpus", "{corpus}", "--version", "a b"], "a b"),
        (["--corpus", "{corpus}", "--version", "a,b"], "letters, digits, dots and dashes"),
        (["--corpus", "{corpus}", "--version", "rules"], "stands for scores without a model"),
        (["--corpus", "{corpus}", "--with-store"], "no store to learn from yet"),
        (["--corpus", "{corpus}", "--with-annotations"], "`monitor poll`"),
    ],
)
def test_training_refuses_what_does_not_fit_before_it_begins(call, desk, corpus, tmp_path, args, words):
    desk.write(monitor='[model]\ndirectory = "models"\n')
    (tmp_path / "empty").mkdir()
    filled = [arg.format(corpus=corpus, empty=tmp_path / "empty") for arg in args]
    refused = call("train", *filled, "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--with-store"], "--with-store: not enough ordinary entries (2/1000)"),
        (["--with-annotations"], "--with-annotations: nobody has labelled an entry yet; `monitor review`"),
        (["--with-annotations", "--with-store"], "--with-annotations: nobody has labelled"),
        (["--with-store", "--activate"], "(2/1000)"),
        (["--force"], "--force: only with --activate"),
    ],
)
def test_a_store_that_says_too_little_is_refused_before_anything_is_trained(
    call, stocked, corpus, tmp_path, flags, words
):
    desk = stocked(*({"returns": 0.01, "policy": 0.01} for _ in range(2)), {"returns": 0.9})
    desk.write(monitor='[model]\ndirectory = "models"\n')
    assert [id_ for id_ in (1, 2) if kept_out(id_)] == []
    refused = call("train", "--corpus", corpus, *flags, "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in " ".join(refused.err.split())
    assert not (tmp_path / "models").exists()


def test_what_people_said_and_ordinary_entries_are_learnt_from_and_counted(call, stocked, corpus, tmp_path):
    learnt = [id_ for id_ in range(1, 1_301) if not kept_out(id_)]
    desk = stocked(*({"returns": 0.01, "policy": 0.01} for _ in range(1_300)))
    desk.write(monitor='[model]\ndirectory = "models"\n')
    out = next(id_ for id_ in range(99, 199) if kept_out(id_))
    call("label", learnt[90], learnt[91], "+returns", "-policy", "--config", desk.config)
    call("label", out, "+returns", "--config", desk.config)
    done = call(
        "train", "--corpus", corpus, "--version", "own", "--with-annotations", "--with-store", "--config", desk.config
    )
    assert done.code == 0, done.err
    ordinary = len(learnt) - 2
    fitted = ordinary - ordinary // 5
    assert f"items of the corpus, 2 of people and {fitted} ordinary ones, " in " ".join(done.out.split())
    facts = json.loads((tmp_path / "models" / "own" / "model.json").read_text("utf-8"))["facts"]["stream"]
    # People put in the one that is kept out, too.
    assert facts == {"annotated": 2, "ordinary": fitted, "base_rate": pytest.approx(3 / 1_300, abs=1e-4)}
    card = (tmp_path / "models" / "own" / "MODEL_CARD.md").read_text("utf-8")
    assert f"2 labels of people, {fitted} ordinary items" in card

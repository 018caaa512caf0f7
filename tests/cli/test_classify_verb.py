"""`monitor classify` for one text: from the command line, a file, stdin, or a page."""

import json
import re

import pytest

from monitor.demo.server import FeedServer

TITLE = "Twelve children flown home from Roj camp"
TEXT = "Their mothers had joined the Islamic State. The ministry says they will be seen by doctors."
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>{text} The flight landed before dawn, and the youngest of them is four years old.</p>
<p>A spokeswoman told reporters at the airfield that relatives had been informed the evening before.</p></article>
</body></html>"""
LINES = "[labels.policy]\nthreshold = 0.5\n[labels.returns]\nthreshold = 0.5\n"
RULE = LINES + "[labels.returns.rule]\nminimum = 2.0\nterms = { 'concept:camp + concept:return' = 4.0 }\n"


def answer(call, desk, *args):
    done = call("classify", *args, "--json", "--config", desk.config)
    assert (done.code, done.err) == (0, ""), done
    return json.loads(done.out)


def test_a_text_is_scored_with_lines_terms_and_steps(call, desk):
    found = answer(call, desk, "--title", TITLE, "--text", TEXT)
    assert (found["title"], found["lang"], found["decisions"]) == (TITLE, "en", ["returns"])
    assert set(found["scores"]) == {"returns", "policy"}
    assert found["bands"]["returns"] == "in"
    assert found["thresholds"]["returns"] == 0.5
    assert {term["concept"] for term in found["terms"]["returns"]} >= {"camp", "return"}
    assert all(term["text"] in TITLE + TEXT for term in found["terms"]["returns"])
    assert found["aspects"]["repatriation"] > 0.5
    assert found["scorer"].startswith(found["model"])
    step = found["steps"]["returns"]
    assert step["intercept"] + sum(part["share"] for part in step["parts"]) == pytest.approx(step["logit"])


def test_a_headline_may_stand_alone(call, desk):
    assert answer(call, desk, "--text", TITLE)["title"] == TITLE
    assert answer(call, desk, "--title", TITLE)["scores"] == answer(call, desk, "--text", TITLE)["scores"]


def test_a_file_has_its_headline_on_the_first_line(call, desk, tmp_path):
    path = tmp_path / "item.txt"
    path.write_text(f"\n{TITLE}\n\n{TEXT}\n", encoding="utf-8")
    by_file = answer(call, desk, "--file", path)
    assert by_file["title"] == TITLE
    assert by_file["scores"] == answer(call, desk, "--title", TITLE, "--text", TEXT)["scores"]


def test_stdin_is_read_for_a_dash(process, desk):
    done = process("classify", "-", "--json", "--config", desk.config, stdin=f"{TITLE}\n{TEXT}".encode())
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["decisions"] == ["returns"]


def test_a_page_is_fetched_and_its_article_scored(call, desk):
    with FeedServer() as server:
        server.add("/story.html", PAGE.format(title=TITLE, text=TEXT).encode(), content_type="text/html")
        found = answer(call, desk, "--url", server.url("/story.html"))
    assert (found["title"], found["decisions"]) == (TITLE, ["returns"])


def test_no_page_is_taken_from_inside_unless_it_is_allowed(call, desk):
    desk.write(monitor="")
    refused = call("classify", "--url", "http://127.0.0.1:9/x", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "blocked-address" in refused.err


def test_people_see_what_weighed_for_and_against(call, desk):
    done = call("classify", "--title", TITLE, "--text", TEXT, "--config", desk.config)
    assert (done.code, done.err) == (0, "")
    assert re.search(r"returns: 0\.\d{3} against 0\.5 \(near-misses from 0\.25\): in", done.out)
    assert re.search(r"\+\d\.\d\d  “Roj camp” \(camp\)", done.out)
    assert "where every item begins" in done.out
    assert re.search(r"-\d\.\d\d  “", done.out)
    assert "aspects: repatriation" in done.out


def test_the_users_words_and_watch_list_act_at_once(call, desk):
    before = answer(call, desk, "--text", "Vurgund may go home, court says")
    desk.write(labels=LINES + '[terms]\nfighter = ["vurgund"]\n[watch.case]\nterms = ["vurgund"]\n')
    after = answer(call, desk, "--text", "Vurgund may go home, court says")
    assert after["scores"]["returns"] > before["scores"]["returns"]
    assert after["watch"] == ["case"]
    assert after["bands"]["policy"] in {"review", "in"}
    assert "watch-list: “Vurgund” (case)" in call("classify", "--text", "Vurgund", "--config", desk.config).out


def test_without_a_model_the_rules_go_on_with_a_warning(call, desk):
    desk.write(monitor='[model]\ndirectory = "no-models"\n', labels=RULE)
    done = call("classify", "--text", TITLE, "--json", "--config", desk.config)
    found = json.loads(done.out)
    assert done.code == 0
    assert "no-models" in done.err
    assert "rules of labels.toml" in done.err
    assert (found["model"], found["decisions"], round(found["scores"]["returns"], 3)) == ("rules", ["returns"], 0.667)


def test_a_stream_may_be_explained(call, desk, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": 1, "title": TITLE, "text": TEXT}), encoding="utf-8")
    plain = json.loads(call("classify", "--jsonl", source, "--config", desk.config).out)
    explained = json.loads(call("classify", "--jsonl", source, "--explain", "--config", desk.config).out)
    assert explained["bands"]["returns"] == "in"
    assert explained["aspects"]["repatriation"] > 0.5
    assert {key: explained[key] for key in plain} == plain


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "give one of --text, --file, --url, --jsonl"),
        (["--text", "x", "--file", "y"], "give one of"),
        (["some words"], '"some words": give a text by --text'),
        (["--file", "nowhere.txt"], "nowhere.txt"),
        (["--jsonl", "a", "--text", "b"], "--jsonl reads a stream by itself"),
        (["--url", "http://127.0.0.1:9/x"], "--url http://127.0.0.1:9/x: connect"),
        (["--url", "ftp://example.org/x"], "--url"),
    ],
)
def test_wrong_usage_says_what_would_be_right(call, desk, args, words):
    refused = call("classify", *args, "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err

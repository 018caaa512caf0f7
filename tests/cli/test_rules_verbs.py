"""What the verbs say while no model can be loaded: with rules in labels.toml, and without."""

import json
import shutil

import pytest

from monitor.classify.artefact import active
from monitor.settings.bundled import bundled_models

RULES = (
    '[labels.returns]\ntitle = "Returns"\nthreshold = 0.5\nrule = { terms = { "flown home" = 2.0 } }\n'
    "[labels.policy]\nthreshold = 0.5\n"
)
PLAIN = '[labels.returns]\ntitle = "Returns"\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n'
GOES_ON = "entries are scored by the rules of labels.toml, and again once there is a model: no active model: "
WAITS = "entries are stored unclassified and wait: no active model: "


@pytest.fixture
def paper(call, served):
    """The command line with the config of a good feed, whose folder of models is empty."""
    monitor = (served.config / "monitor.toml").read_text()
    served.write(monitor=f'{monitor}[model]\ndirectory = "models"\n')

    def run(*args, code=0):
        ended = call(*args, "--config", served.config)
        assert ended.code == code, ended.err
        return ended

    run.desk = served
    return run


def restore(desk):
    version = active(bundled_models())
    shutil.copytree(bundled_models() / version, desk.base / "models" / version)
    (desk.base / "models" / "ACTIVE").write_text(version)
    return version


def in_line(text):
    return " ".join(text.split())


@pytest.mark.parametrize(("labels", "consequence"), [(RULES, GOES_ON), (PLAIN, WAITS)], ids=["rules", "no rules"])
def test_poll_and_replay_say_what_becomes_of_entries_and_end_with_1(paper, labels, consequence):
    paper.desk.write(labels=labels)
    polled = paper("poll", "--feed", "daily", code=1)
    assert in_line(polled.err).startswith(consequence)
    assert in_line(polled.out) == "polled 1 feed, 0 failed: 3 entries seen, 3 new, 0 repeats"
    report = json.loads(paper("poll", "--feed", "daily", "--json", code=1).out)
    assert "ACTIVE cannot be read" in report["model_problem"]
    replayed = paper("replay", code=1)
    assert consequence in in_line(replayed.err)
    assert "--classify" not in replayed.err
    refused = paper("replay", "--classify", "--json", code=2)
    assert "--classify: the model in use cannot be loaded: " in in_line(refused.err)
    assert refused.out == ""


@pytest.mark.parametrize(
    ("labels", "consequence", "name", "waiting"),
    [(RULES, GOES_ON, "rules", 0), (PLAIN, WAITS, "none", 3)],
    ids=["rules", "no rules"],
)
def test_status_says_what_becomes_of_entries(paper, labels, consequence, name, waiting):
    paper.desk.write(labels=labels)
    paper("poll", "--feed", "daily", code=1)
    told = in_line(paper("status").out)
    assert f"model {consequence}" in told
    assert (f"entries 3, {waiting} wait for a model" in told) is bool(waiting)
    found = json.loads(paper("status", "--json").out)
    assert (found["model"], found["totals"]["unclassified"]) == (name, waiting)
    assert "ACTIVE cannot be read" in found["model_problem"]


@pytest.mark.parametrize(
    ("labels", "consequence", "name", "warnings"),
    [
        (RULES, GOES_ON, "rules", ['labels.toml: the label "policy" has no rule; nothing passes it without a model']),
        (PLAIN, WAITS, "none", []),
    ],
    ids=["rules", "no rules"],
)
def test_check_ends_with_2_and_the_models_problem(paper, labels, consequence, name, warnings):
    paper.desk.write(labels=labels)
    checked = paper("check", code=2)
    assert f"model: {consequence}" in in_line(checked.err)
    assert checked.err.count("ACTIVE") == 1
    assert f"model {name} channel" in in_line(checked.out)
    assert "in order" not in checked.out
    found = json.loads(paper("check", "--json", code=2).out)
    assert (found["model"], found["warnings"]) == (name, warnings)
    assert "ACTIVE cannot be read" in found["model_problem"]


def test_entries_and_digests_go_by_rules_and_name_them(paper, titles):
    paper.desk.write(labels=RULES)
    paper("poll", "--feed", "daily", code=1)
    listed = json.loads(paper("items", "list", "--label", "returns", "--json").out)
    assert [(entry["title"], entry["decisions"]) for entry in listed] == [(titles[0], ["returns"])]
    told = in_line(paper("digest", "preview", "morning").out)
    assert titles[0] in told
    assert titles[1] not in told
    assert "Model rules+" in told
    assert "“flown home”" in told


def test_with_the_model_back_the_next_poll_says_how_many_it_scored_anew_once(paper, titles):
    paper.desk.write(labels=RULES)
    paper("poll", code=1)
    version = restore(paper.desk)
    assert in_line(paper("poll").out) == "no feed was due, 3 older entries classified"
    assert in_line(paper("poll").out) == "no feed was due"
    assert json.loads(paper("poll", "--feed", "daily", "--json").out)["caught_up"] == 0
    assert in_line(paper("check").out).endswith("everything is in order")
    told = in_line(paper("digest", "preview", "morning").out)
    assert titles[0] in told
    assert titles[1] in told
    assert f"{version}+" in told
    assert f"model {version} drift" in in_line(paper("status").out)


def test_a_label_that_nothing_knows_is_a_warning_and_the_rest_is_in_order(paper):
    restore(paper.desk)
    paper.desk.write(labels=f"{PLAIN}[labels.nonsense]\nthreshold = 0.5\n[labels.watch]\nthreshold = 0.5\n")
    checked = paper("check")
    assert in_line(checked.err) == (
        'warning: labels.toml: the model does not know the label "nonsense"; nothing will pass it'
    )
    assert "everything is in order" in checked.out
    assert json.loads(paper("poll", "--feed", "daily", "--json").out)["new"] == 3
    assert json.loads(paper("items", "list", "--label", "nonsense", "--json").out) == []
    assert len(json.loads(paper("items", "list", "--label", "returns", "--json").out)) == 2


def test_a_model_of_another_scikit_learn_is_a_warning_of_check(paper):
    version = restore(paper.desk)
    path = paper.desk.base / "models" / version / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "scikit_learn": "0.1"}))
    checked = paper("check")
    assert f"warning: model {version} was trained with scikit-learn 0.1, " in in_line(checked.err)
    assert "everything is in order" in checked.out
    assert json.loads(paper("poll", "--feed", "daily", "--json").out)["model_problem"] == ""

"""labels.toml: lines by language and tier, rules, own words, and the watch-list."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.domain.labels import Cut
from monitor.errors import ConfigError
from monitor.settings.load import load

Config = Callable[..., Path]
RETURNS = "[labels.returns]\nthreshold = 0.5\n"


def with_labels(config_folder: Config, text: str) -> Path:
    folder = config_folder(feeds={"paper": "https://paper.example/feed"})
    (folder / "labels.toml").write_text(text + "[labels.policy]\nthreshold = 0.5\n", encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, {})
    return [str(problem) for problem in caught.value.problems]


def test_near_misses_begin_at_half_the_threshold_unless_it_is_said(config_folder: Config) -> None:
    labels = load(with_labels(config_folder, RETURNS), {}).labels
    assert labels["returns"].lines.default == Cut(0.5, 0.25)
    labels = load(with_labels(config_folder, RETURNS + "review = 0.1\n"), {}).labels
    assert labels["returns"].lines.default == Cut(0.5, 0.1)


def test_a_label_has_headings_in_the_languages_that_it_is_given_them_in(config_folder: Config) -> None:
    text = RETURNS + 'title = "Returns home"\ntitles = { fr = "Rapatriements", ar = "العودة" }\n'
    label = load(with_labels(config_folder, text), {}).labels["returns"]
    assert (label.title, label.titles) == ("Returns home", {"fr": "Rapatriements", "ar": "العودة"})
    (problem,) = problems(with_labels(config_folder, RETURNS + 'titles = { xx = "X" }\n'))
    assert "labels.returns.titles" in problem
    assert '"xx" is no language that headings come in; there are: ar, de, en' in problem


def test_a_language_has_its_own_line_before_a_tier_has(config_folder: Config) -> None:
    text = RETURNS + "review = 0.3\n[labels.returns.languages.ru]\nthreshold = 0.2\n[labels.returns.tiers.analysis]\n"
    lines = load(with_labels(config_folder, text + "threshold = 0.4\nreview = 0.05\n"), {}).labels["returns"].lines
    assert lines.at("en", "news") == Cut(0.5, 0.3)
    assert lines.at("en", "analysis") == Cut(0.4, 0.05)
    assert lines.at("ru", "analysis") == Cut(0.2, 0.2)
    assert lines.lowest == Cut(0.2, 0.05)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RETURNS + "review = 0.6\n", "review is 0.6, over the threshold of 0.5"),
        (RETURNS + "[labels.returns.languages.ru]\nthreshold = 0.2\nreview = 0.3\n", "review for ru is 0.3"),
        (RETURNS + "[labels.returns.languages.Russian]\nthreshold = 0.2\n", "is no language (an ISO 639-1 code"),
        (RETURNS + "[labels.returns.tiers.gossip]\nthreshold = 0.2\n", "is no tier (known: news, analysis)"),
        ("[terms]\nfigter = ['x']\n" + RETURNS, 'no concept "figter" (did you mean fighter?'),
        ("[terms]\nfighter = ['a/b']\n" + RETURNS, ":2: terms.fighter: 'a/b': 'a/b' is not one word"),
        ("[watch.roj]\nterms = []\n" + RETURNS, "watch.roj.terms"),
        ("[watch.roj]\nterms = ['Roj']\nconcept = 'tent'\n" + RETURNS, 'no concept "tent"'),
        (RETURNS + "[labels.returns.rule]\nrequired = ['concept:camps']\n", 'no concept "camps" (did you mean camp?'),
        (RETURNS + "[labels.returns.rule]\nterms = { ' + x' = 1 }\n", "is empty"),
        (RETURNS + "[labels.returns.rule]\nminimum = 0\n", "labels.returns.rule.minimum"),
        (RETURNS + "tune = { mode = 'guess' }\n", "labels.returns.tune.mode"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(text: str, expected: str, config_folder: Config) -> None:
    found = problems(with_labels(config_folder, text))
    assert any(expected in problem and "labels.toml" in problem for problem in found), found


def test_tables_of_other_files_are_sent_home(config_folder: Config) -> None:
    folder = config_folder(feeds={"paper": "https://paper.example/feed"})
    with (folder / "monitor.toml").open("a", encoding="utf-8") as file:
        file.write("\n[watch.roj]\nterms = ['Roj']\n")
    assert any("[watch] is a table of labels.toml" in problem for problem in problems(folder))


def test_rules_may_speak_of_the_watch_list(config_folder: Config) -> None:
    text = "[watch.roj]\nterms = ['Roj']\n" + RETURNS + "[labels.returns.rule]\nterms = { 'concept:watch:roj' = 2 }\n"
    assert load(with_labels(config_folder, text), {}).labels["returns"].threshold == 0.5


def test_the_lines_of_an_entry_are_those_of_its_feed_s_tier_and_its_language(config_folder: Config) -> None:
    labels = (
        "[labels.returns]\nthreshold = 0.5\n[labels.returns.tiers.analysis]\nthreshold = 0.4\n"
        "[labels.returns.languages.fr]\nthreshold = 0.3\n[labels.policy]\nthreshold = 0.6\n"
    )
    settings = load(config_folder(feeds={"centre": "https://centre.example/feed"}, tier="analysis", labels=labels), {})
    assert thresholds(settings.cuts("centre", "en")) == {"returns": 0.4, "policy": 0.6}
    assert thresholds(settings.cuts("centre", "fr", ["returns"])) == {"returns": 0.3}
    assert thresholds(settings.cuts("a feed that has left", "en", ["returns"])) == {"returns": 0.5}


def thresholds(cuts: dict[str, Cut]) -> dict[str, float]:
    return {label: cut.threshold for label, cut in cuts.items()}

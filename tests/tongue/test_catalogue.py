"""The catalogues: the same keys in every language, with the forms that its numbers need, and no English left."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify import lexicon
from monitor.domain.facts import Counted, Measure, Stage
from monitor.tongue.catalogue import CODES, catalogue, compare, placeholders, read
from monitor.tongue.tongue import of

ROOT = Path(__file__).resolve().parents[2] / "monitor"
DATA = ROOT / "tongue" / "data"
OTHERS = [code for code in CODES if code != "en"]
NEEDED = {
    "ar": {"one", "two", "few", "many", "other"},
    "ru": {"one", "few", "many", "other"},
    **{code: {"one", "other"} for code in ("de", "en", "es", "fr", "nl")},
}
# Words that are the same in both languages.
SAME = {
    "de": {"facts.international", "groups.in Roj", "groups.in al-Hol", "coverage.feeds"},
    "fr": {"concepts.camp", "concepts.justice", "measures.amnesty"},
    "nl": {"story.update", "coverage.feeds", "coverage.model", "groups.in Roj", "groups.in al-Hol"},
}
SIGNS = ("form.", "genders.", "span.", "countries.", "languages.", "labels_short.")


def raw(code: str):
    return read((DATA / f"{code}.toml").read_text("utf-8"))


def counted(words):
    return {key: forms for key, forms in words.items() if "one" in forms}


def test_there_is_a_catalogue_for_every_language_and_no_other():
    assert {path.stem for path in DATA.glob("*.toml")} == set(CODES)


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_key_with_the_same_placeholders(code):
    assert compare(raw(code), raw("en")) == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "no words for digest.near"),
        ({"near": "x", "nigh": "y"}, "digest.nigh is no key"),
        ({"near": "{n} x"}, "digest.near (other) has ['n'], where English has []"),
        ({"near": {"one": "x"}}, "digest.near has no form for the rest"),
    ],
)
def test_a_word_that_others_add_or_forget_is_named(table, said):
    text = "[digest]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())
    assert said in "; ".join(compare(read(text), read('[digest]\nnear = "Near"\n')))


def _toml(value):
    if isinstance(value, str):
        return f'"{value}"'
    return "{ " + ", ".join(f'{key} = "{form}"' for key, form in value.items()) + " }"


@pytest.mark.parametrize("code", CODES)
def test_what_goes_with_a_number_has_all_the_forms_that_the_language_counts_by(code):
    for key, forms in counted(catalogue(code)).items():
        assert {name for name in forms if not name.startswith("after_")} - {"zero"} == NEEDED[code], key


@pytest.mark.parametrize("code", ["ar", "ru"])
def test_what_english_counts_in_two_forms_is_counted_in_all_forms(code):
    said_apart = {"brief.failed", "brief.silent"}
    assert {key for key in counted(catalogue("en")) if key not in said_apart} <= counted(catalogue(code)).keys()


@pytest.mark.parametrize("code", OTHERS)
def test_no_words_are_english_but_those_that_are_the_same(code):
    english, words = catalogue("en"), catalogue(code)
    for key, forms in english.items():
        bare = re.sub(r"\{\w+\}|\W", "", forms["other"])
        if bare and not key.startswith(SIGNS) and key not in SAME.get(code, ()):
            assert words[key]["other"] != forms["other"], key


@pytest.mark.parametrize("code", ["ar", "ru"])
def test_words_of_other_letters_hold_no_latin_ones(code):
    for key, forms in catalogue(code).items():
        for form in forms.values():
            bare = re.sub(r"\{\w+\}", "", form)
            assert key in {"form.day", "form.long_day", "form.time"} or key.startswith("genders.") or not re.search("[A-Za-z]", bare), key  # fmt: skip  # noqa: E501


def test_everything_that_facts_can_say_has_words():
    words = catalogue("en")
    for table, kinds in (("measures", Measure), ("genders", Measure), ("stages", Stage), ("counted", Counted)):
        assert {key.partition(".")[2] for key in words if key.startswith(f"{table}.")} == set(kinds)


def test_every_concept_of_the_lexicon_has_words():
    assert {f"concepts.{name}" for name in lexicon.load().concepts} <= catalogue("en").keys()


def test_every_group_of_a_reference_count_has_words():
    reference = tomllib.loads((ROOT / "extract" / "data" / "reference.toml").read_text("utf-8"))
    found = set(re.findall(r"'group': '([^']*)'", str(reference)))
    assert found
    assert {f"groups.{group}" for group in found} <= catalogue("en").keys()


@pytest.mark.parametrize("code", CODES)
@given(number=st.one_of(st.integers(0, 130), st.integers(0, 10**9)))
def test_every_number_gives_a_text_without_a_placeholder(code, number):
    tongue = of(code)
    for key, forms in tongue.words.items():
        known = set().union(*map(placeholders, forms.values()))
        if "n" not in known and "one" not in forms:
            continue
        said = tongue.count(key, number, **dict.fromkeys(known - {"n"}, "x"))
        assert said
        assert not set(said) & set("{}")
        shown = tongue.number(number)
        assert shown in said or number in {0, 1, 2}, "a number that no word says is shown"
        if key.startswith("counted."):
            for after in (False, True):
                assert "5–7" in tongue.counted(key, number, "5–7", after=after)


@pytest.mark.parametrize("code", CODES)
def test_all_that_is_said_without_a_number_has_no_placeholder_left(code):
    tongue = of(code)
    for key, forms in tongue.words.items():
        for name, form in forms.items():
            said = tongue.say(key, name, **dict.fromkeys(placeholders(form), "x"))
            assert not set(said) & set("{}"), key


def test_a_key_that_code_names_is_in_the_catalogue():
    keys = catalogue("en").keys()
    named = re.compile(r'\b(?:say|count|counted)\(\s*"([a-z_]+\.[a-z_]+)"')
    found = {key for path in ROOT.rglob("*.py") for key in named.findall(path.read_text("utf-8"))}
    found |= {key for path in ROOT.rglob("*.j2") for key in named.findall(path.read_text("utf-8"))}
    assert len(found) > 40
    assert found <= keys


# Modules that tell a digest, and what stands there in English for a reason: our name, verbs, tags, and colours.
TELLING = (
    "digest/view", "digest/story_view", "digest/block_view", "digest/coverage", "digest/fact_words",
    "digest/news_words", "digest/names", "digest/text", "digest/markdown", "digest/slack", "digest/html",
    "digest/document", "deliver/brief", "deliver/atom", "cli/digest_show",
)  # fmt: skip
WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}|(?:^| )[A-Za-z]{2,}[:,.]? $|^[.,:(]? [A-Za-z]{2,}|^[A-Z][a-z]+[.:]?$")
NOT_TOLD = re.compile(r"Returns Monitor|monitor (digest|facts) |daily |<div lang=|.*lang=|.*\b(bold|dim|link)\b")


def said_in(module: str) -> list[str]:
    """Literals that read like words, but for docstrings and errors."""
    tree = ast.parse((ROOT / f"{module}.py").read_text("utf-8"))
    apart = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    apart += [part for node in ast.walk(tree) if isinstance(node, ast.Raise) for part in ast.walk(node)]
    skipped = {id(node) for node in apart if isinstance(node, ast.Constant)}
    literals = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in skipped)
    return [node.value for node in literals if isinstance(node.value, str) and WORDS.search(node.value)]


@pytest.mark.parametrize("module", TELLING)
def test_no_words_stand_in_the_code_that_tells_a_digest(module):
    left = [literal for literal in said_in(module) if not NOT_TOLD.match(literal)]
    assert not left, "put them into monitor/tongue/data, in every language"


@pytest.mark.parametrize("name", ["digest.html.j2", "page.html.j2", "notices.html.j2"])
def test_no_words_stand_in_a_template(name):
    text = (ROOT / "digest" / "templates" / name).read_text("utf-8")
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    body = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|&\w+;", "", body, flags=re.DOTALL)
    body = re.sub(r"<[^>]*>", "", body)
    assert not set(body) & set(string.ascii_letters), body.split()

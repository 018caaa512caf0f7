"""A whole article that surveys returns and policies: the kind of text that the monitor is for, with all that it tells.

The real one stands outside of the project, turned into English by a machine; beside it stands one of our own.
"""

import html
import os
import re
from pathlib import Path

import pytest

from monitor.classify.classifier import Classifier
from monitor.domain.facts import Facts
from monitor.extract.facts import extract

FOLDER = os.environ.get("MONITOR_REAL_DATA")
MODELS = Path(__file__).parents[2] / "models"
TITLE = "The caliphate's foreign fighters and the question of their return"
TEXT = """With each town that IS loses, its foreign contingent shrinks. Researchers believe that over 40,000 \
foreigners joined the group in Syria and Iraq after 2012. At least 5,600 men, women and children from 33 countries \
have gone home since Raqqa and Mosul fell, according to a new report by the Soufan Center. \
How dangerous they are, nobody can say.

In France, parliament passed a disputed security law in October that widens the powers of the state. Prefects may now \
order house searches more easily, and shut places of worship for a time where hatred is preached.

Several states, among them Israel, Australia and Bahrain, have stripped citizens who fought for IS of their \
nationality.

In Russia and Uzbekistan, recruits of the group who come back face harsh penalties by laws that have been in \
force for years.

Officials have wondered whether people who returned disappointed could warn others off. In Germany, a study by the \
security services found that most had come back as early as 2013 and 2014. Calls for killing fighters abroad are of \
little help, says Richard Barrett, an adviser at the Soufan Center."""


def real() -> tuple[str, str]:
    page = (Path(str(FOLDER)) / "feeds" / "seed-article.html").read_text("utf-8")
    [title] = re.findall(r"<h1>(.*?)</h1>", page)
    texts = [html.unescape(re.sub(r"<.*?>", "", text)) for text in re.findall(r"<p>(.*?)</p>", page, re.DOTALL)]
    return title, "\n\n".join(texts)


@pytest.fixture(
    params=[
        pytest.param(lambda: (TITLE, TEXT), id="own"),
        pytest.param(
            real,
            id="real",
            marks=[
                pytest.mark.real_data,
                pytest.mark.skipif(not FOLDER, reason="MONITOR_REAL_DATA names no folder with captured documents"),
            ],
        ),
    ]
)
def article(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param()


@pytest.fixture
def facts(article: tuple[str, str]) -> Facts:
    return extract(*article)


def test_its_countries_are_found(facts: Facts) -> None:
    assert set(facts.countries) == {"FR", "IL", "AU", "BH", "RU", "UZ", "DE", "SY", "IQ"}


def test_its_measures_are_found_with_their_stages(facts: Facts) -> None:
    found = {(fact.country, fact.measure.value, fact.stage.value, fact.negated) for fact in facts.measures}
    assert found >= {
        ("FR", "administrative_control", "adopted", False),
        ("IL", "citizenship", "applied", False),
        ("AU", "citizenship", "applied", False),
        ("BH", "citizenship", "applied", False),
        ("RU", "criminal_law", "in_force", False),
        ("UZ", "criminal_law", "in_force", False),
    }
    assert not {measure for _, measure, *_ in found} & {"repatriation", "refusal", "prosecution"}


def test_its_figures_are_found_with_who_counted(facts: Facts) -> None:
    found = {(figure.of.value, figure.low, figure.high): figure for figure in facts.figures}
    assert {("fighters", 40_000, None), ("returnees", 5_600, None), ("countries", 33, 33)} <= found.keys()
    assert "Soufan Center" in found["returnees", 5_600, None].by


def test_the_person_it_quotes_is_found(facts: Facts) -> None:
    assert facts.persons == ("Richard Barrett",)
    assert "Soufan Center" in facts.actors


def test_it_gets_both_labels(article: tuple[str, str]) -> None:
    model = Classifier.load(MODELS)
    [scores] = model.classify([article])
    assert {label for label in model.labels if scores[label].probability >= model.recommended[label]} == {
        "returns",
        "policy",
    }

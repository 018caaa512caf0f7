"""The languages of many texts at once are those of each alone."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise import language

SENTENCES = Path(__file__).resolve().parent.parent / "bench" / "sentences.toml"


def written() -> list[str]:
    """Sentences of seven languages, and what is hard: capitals, other scripts, combining marks, nothing."""
    told = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))
    found = [text for said in told.values() for kind in ("field", "plain") for text in said[kind]]
    odd = [
        "",
        "1 2 3",
        "ALL IN CAPITALS, SAID THE MAYOR",
        "e\u0301te\u0301",
        "日本語の文章です",
        "a",
        "\ud800",
        "🙂 " * 90,
    ]
    return [*found, *odd, *(f"{one} {other}" for one, other in zip(found, found[7:], strict=False))]


def test_together_texts_have_the_languages_that_they_have_alone() -> None:
    texts = [(text, claim) for text in written() for claim in (None, "nl")]
    assert language.detect_all(texts) == [language.detect(text, claim) for text, claim in texts]
    assert language.detect_all([]) == []


@given(st.lists(st.text(max_size=250), min_size=16, max_size=40))
def test_whatever_texts_they_are(texts: list[str]) -> None:
    identifier = language._identifier()
    alone = [identifier.classify(text) for text in texts]
    with identifier.walked(texts):
        assert [identifier.classify(text) for text in texts] == alone

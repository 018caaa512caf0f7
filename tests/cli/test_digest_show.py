"""A digest in a terminal."""

import io
import json
import re
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest
from rich.console import Console

from monitor.cli.digest_show import show
from monitor.domain.digest import Message
from monitor.tongue.tongue import of

GOLDEN = Path(__file__).parents[1] / "digest" / "golden"


def printed(data: dict, *, width: int = 80, text: str = "") -> str:
    screen = Console(
        file=io.StringIO(), force_terminal=True, width=width, markup=False, emoji=False, color_system="standard"
    )
    show(Message("morning/k", "Subject", "", text, (), data=data), screen)
    return screen.file.getvalue()


def seen(screen: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", screen))


@pytest.fixture(params=["sample", "updated", "empty"])
def data(request) -> dict:
    return json.loads((GOLDEN / f"{request.param}.data.json").read_text("utf-8"))


def test_every_story_is_shown_with_its_link_sources_score_and_reasons(data):
    screen = printed(data, width=100)
    shown = seen(screen)
    for section in data["sections"]:
        for story in section["stories"]:
            for words in (story["title"], *(f"“{reason['text']}”" for reason in story["why"])):
                assert re.sub(r"\s+", "", words) in re.sub(r"\s+", "", shown)
            assert story["url"] is None or f";{story['url']}\x1b" in screen
    for story in data["near"]:
        assert f"{story['decisions'][0]['score']:.6f}"[:4] + " / line 0.5" in shown
        assert re.sub(r"\s+", "", story["url"] or "") in re.sub(r"\s+", "", shown)
    for section in data["sections"]:
        for code, stories in groupby(section["stories"], itemgetter("country")):
            if code and len(section["stories"]) > 1:
                assert f"{of('en').country(code)} {len(list(stories))}" in shown
    entries = data["coverage"]["entries"]
    assert f"{entries['seen']:,} seen → {entries['new']:,} new → {entries['over_line']:,} over the line" in shown


def test_a_narrow_terminal_gets_narrow_lines(data):
    plain = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", printed(data, width=40))
    assert all(len(line.rstrip()) <= 40 for line in plain.splitlines() if line.isascii())


def test_what_looks_like_markup_is_shown_as_it_is():
    data = json.loads((GOLDEN / "sample.data.json").read_text("utf-8"))
    data["sections"][0]["stories"][0]["title"] = "[bold]Two[/bold] :smile: flown home"
    assert "[bold]Two[/bold] :smile: flown home" in seen(printed(data))


def test_what_has_no_json_is_shown_as_its_text():
    assert printed({}, text="A NOTICE\n").strip() == "A NOTICE"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("fr", ["CE QUI A ÉTÉ EXAMINÉ", "Mise à jour", "Rectifié par sa source", "JUSTE SOUS LE SEUIL 2",
                "/ seuil 0,5"]),
        ("ar", ["ما جرى فحصه", "تحديث", "صحّحه مصدره", "دون العتبة بقليل 2", "/ العتبة 0.5"]),
    ],
)  # fmt: skip
def test_a_digest_is_shown_in_the_language_that_its_form_says(code, words):
    data = json.loads((GOLDEN / f"full.{code}.data.json").read_text("utf-8"))
    shown = seen(printed(data, width=100))
    for said in words:
        assert said in shown
    assert "looked at" not in shown.lower()

"""What is explained of a setting, and that every setting is described and shown in the starter config."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from monitor.errors import UsageError
from monitor.settings.bundled import bundled_config
from monitor.settings.explain import explain
from monitor.settings.load import load, load_tree
from monitor.settings.model import OBEYED_BY, ConfigModel
from monitor.settings.read import FILES, TABLES_OF

Config = Callable[..., Path]


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and all that its fields hold."""
    yield model
    for info in model.model_fields.values():
        annotation = info.annotation
        for candidate in (annotation, *getattr(annotation, "__args__", ())):
            for inner in (candidate, *getattr(candidate, "__args__", ())):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    yield from models(inner)


MODELS = list(dict.fromkeys(models(ConfigModel)))
OPTIONS = [(model, name) for model in MODELS if model is not ConfigModel for name in model.model_fields]


def test_a_setting_is_explained_with_its_value_place_meaning_and_who_obeys_it(config_folder: Config) -> None:
    folder = config_folder(monitor='[poll]\ninterval = "90m"\n')
    (folder / "local").mkdir()
    (folder / "local" / "labels.toml").write_text("\n[labels.returns]\nthreshold = 0.75\n")
    settings, tree = load_tree(folder, {})
    (interval,) = explain(settings, tree, "poll.interval")
    assert (interval.value, interval.origin) == ("1h 30m", "config/monitor.toml:6")
    assert "how long after a poll" in interval.meaning
    assert "monitor.fetch.schedule" in interval.obeyed_by
    (line,) = explain(settings, tree, "labels.returns.threshold")
    assert (line.value, line.origin) == ("0.75", "config/local/labels.toml:3")
    (tick,) = explain(settings, tree, "poll.tick")
    assert (tick.value, tick.origin) == ("15s", "default")


def test_a_table_is_explained_whole(config_folder: Config) -> None:
    settings, tree = load_tree(config_folder(feeds={"paper": "https://paper.example/"}), {})
    rows = explain(settings, tree, "sources.paper")
    assert {row.key for row in rows} >= {"sources.paper.title", "sources.paper.feeds.paper", "sources.paper.tier"}
    assert [row.key for row in explain(settings, tree, "timezone")] == ["timezone"]


def test_a_setting_that_does_not_exist_is_refused_with_the_nearest(config_folder: Config) -> None:
    settings, tree = load_tree(config_folder(), {})
    with pytest.raises(UsageError, match=r'no setting "poll\.intervall"; did you mean poll\.interval'):
        explain(settings, tree, "poll.intervall")
    with pytest.raises(UsageError, match="tables: timezone, database"):
        explain(settings, tree, "ζζζ")


def test_every_table_has_someone_who_obeys_it() -> None:
    assert set(OBEYED_BY) == set(ConfigModel.model_fields)


@pytest.mark.parametrize(("model", "name"), OPTIONS, ids=lambda value: getattr(value, "__name__", value))
def test_every_setting_says_what_it_means(model: type[BaseModel], name: str) -> None:
    assert len(model.model_fields[name].description or "") > 5


@pytest.mark.parametrize(("model", "name"), OPTIONS, ids=lambda value: getattr(value, "__name__", value))
def test_every_setting_is_in_the_starter_config_in_force_or_commented_out(model: type[BaseModel], name: str) -> None:
    texts = "".join((bundled_config() / file).read_text(encoding="utf-8") for file in FILES)
    written = rf"^\s*(# )?\[(.+\.)?{name}\]|(^\s*#? ?|[{{,] *){name} = "
    if name == "feeds":
        written = r"^\[sources\..+\.feeds\]"
    assert re.search(written, texts, re.MULTILINE), f"{model.__name__}.{name} stands in no file of config/"


def test_every_default_in_the_starter_config_is_the_default_of_the_program() -> None:
    text = (bundled_config() / "monitor.toml").read_text(encoding="utf-8")
    table, wrong = "", []
    for line in text.splitlines():
        if header := re.match(r"\[(\w+)\]", line):
            table = header[1]
        if option := re.match(r"# (\w+) = (\S+)", line):
            model = ConfigModel.model_fields[table].annotation
            assert isinstance(model, type)
            assert issubclass(model, BaseModel)
            default = model.model_fields[option[1]].default
            given = model.model_validate({option[1]: _value(option[2])})
            if getattr(given, option[1]) != default:
                wrong.append(f"{table}.{option[1]}")
    assert wrong == []


def _value(text: str) -> object:
    return tomllib.loads(f"x = {text}")["x"]


def test_the_starter_config_is_valid_as_it_is() -> None:
    settings = load(bundled_config(), {})
    assert settings.subscriptions
    assert settings.channels
    assert set(TABLES_OF) < set(FILES)


def test_the_starter_config_is_valid_with_every_commented_setting_in_force(tmp_path: Path) -> None:
    """What is shown behind a ``#`` can be put in force as it stands, secrets given."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in FILES:
        text = (bundled_config() / name).read_text(encoding="utf-8")
        if name != "feeds.toml":
            text = re.sub(r"^# (?=\[[\w.]+\]$|\w+ = )", "", text, flags=re.MULTILINE)
        (folder / name).write_text(text, encoding="utf-8")
    names = re.findall(r"\$\{(\w+)\}", "".join((folder / name).read_text(encoding="utf-8") for name in FILES))
    environment = {name: "ABCDEFGHIJ" * 3 for name in names if name != "NAME"}
    load(folder, environment)

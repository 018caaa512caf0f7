"""Secrets come from the environment and are seen nowhere: not in errors, not in logs, not in what is explained."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import ConfigError, UsageError
from monitor.observe import MASK, fields, hide, log, mask, redaction, shortened, start_logging
from monitor.settings.explain import explain
from monitor.settings.load import load, load_tree

Config = Callable[..., Path]
SECRET = "pa55-w/rd+of the desk"
MAIL = ["mailtos://user:${PASSWORD}@smtp.example.org?from=a@example.org&to=b@example.org"]


def everything(folder: Path, environment: dict[str, str]) -> str:
    """All that `monitor config explain` could print."""
    loaded, tree = load_tree(folder, environment)
    rows = [row for table in type(loaded.options).model_fields for row in _rows(loaded, tree, table)]
    return "\n".join(str(row) for row in rows) + str(loaded.channels)


def _rows(loaded: object, tree: object, table: str) -> list[object]:
    try:
        return list(explain(loaded, tree, table))  # type: ignore[arg-type]
    except UsageError:
        return []  # a table that nothing stands in


@pytest.mark.parametrize("value", ['timezone = "${MISSING}"', '[model]\nversion = "a ${MISSING} b"'])
def test_a_variable_that_is_not_set_is_one_problem_with_its_place(config_folder: Config, value: str) -> None:
    folder = config_folder()
    (folder / "monitor.toml").write_text(f"# a comment\n{value}\n")
    with pytest.raises(ConfigError) as caught:
        load(folder, {})
    (problem,) = caught.value.problems
    assert problem.line == 2 + value.count("\n")
    assert problem.message == "the environment variable MISSING is not set"
    assert "export MISSING=" in problem.hint


def test_variables_are_put_in_wherever_a_text_stands(config_folder: Config) -> None:
    folder = config_folder(
        feeds={"paper": "https://paper.example/feed?key=${KEY}"},
        channels={"mail": MAIL},
        database="postgresql://user:${PASSWORD}@host/name",
    )
    loaded = load(folder, {"KEY": "k3y-value", "PASSWORD": "pass-word", "UNUSED": "never"})
    assert loaded.feeds["paper"].url == "https://paper.example/feed?key=k3y-value"
    assert loaded.database_url == "postgresql://user:pass-word@host/name"
    assert "pass-word" in loaded.channels["mail"][0].url


def test_the_environment_of_the_process_is_used_unless_another_is_given(
    config_folder: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = config_folder(feeds={"paper": "https://paper.example/${PART}"})
    monkeypatch.setenv("PART", "from-the-process")
    assert load(folder).feeds["paper"].url.endswith("from-the-process")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("monitor.toml", 'timezone = "${SECRET}"\n'),
        ("monitor.toml", '[poll]\ninterval = "${SECRET}"\n'),
        ("feeds.toml", '[sources.paper]\ntitle = "P"\n[sources.paper.feeds]\none = "${SECRET}"\n'),
        ("feeds.toml", '[sources.paper]\ntitle = "P"\n[sources.paper.feeds]\none = { url = "x://${SECRET}" }\n'),
        ("feeds.toml", '[sources.paper]\ntitle = "P"\ntier = "${SECRET}"\n'),
        ("channels.toml", '[channels.files]\nurls = ["nothing://${SECRET}"]\n'),
        ("channels.toml", '[channels.files]\nurls = ["${SECRET}"]\n'),
        ("subscriptions.toml", '[subscriptions.d]\nlabels = ["${SECRET}"]\nchannels = ["files"]\n'),
        (
            "subscriptions.toml",
            '[subscriptions.d]\nlabels = ["returns"]\nchannels = ["files"]\nschedule = "${SECRET}"\n',
        ),
        (
            "subscriptions.toml",
            '[subscriptions.d]\nlabels = ["returns"]\nchannels = ["files"]\ncountries = ["${SECRET}"]\n',
        ),
    ],
)
@pytest.mark.parametrize("secret", ["S3cr3t-value", "a/b", "x y", "%41%42", "q"])
def test_an_error_about_a_secret_value_does_not_tell_it(
    config_folder: Config, name: str, text: str, secret: str
) -> None:
    folder = config_folder()
    (folder / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder, {"SECRET": secret})
    shown = "".join(f"{problem.message}{problem.hint}" for problem in caught.value.problems)
    assert caught.value.problems[0].line is not None
    assert secret not in shown or (secret == "q" and f'"{secret}"' not in shown)


def test_nothing_that_is_explained_holds_a_secret(config_folder: Config) -> None:
    folder = config_folder(
        feeds={"paper": "https://paper.example/feed?key=${KEY}", "wire": "https://u:inline-pass@wire.example/@desk/f"},
        channels={"mail": MAIL, "hook": ["json://host.example/${TOKEN}"]},
        database="postgresql://user:p@ss:wo/rd@host/name",
        monitor='[model]\nversion = "${SHORT}"\n',
    )
    shown = everything(
        folder, {"KEY": "k3y-value", "PASSWORD": quote(SECRET, safe=""), "TOKEN": "t0ken-value", "SHORT": "q7"}
    )
    for secret in ("k3y-value", SECRET, quote(SECRET, safe=""), "t0ken-value", "inline-pass", "p@ss", "wo/rd", "q7"):
        assert secret not in shown
    assert "https://paper.example/feed?key=${KEY}" in shown
    assert "postgresql://user:****@host/name" in shown
    assert "https://u:****@wire.example/@desk/f" in shown
    assert "value='${SHORT}'" in shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=4, max_size=20))
def test_no_secret_that_was_read_is_left_in_a_masked_text_in_any_dress(secret: str) -> None:
    redaction.secrets = ()
    hide([secret])
    for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)):
        assert form not in mask(f"before {form} after").replace(MASK, "").replace("before ", "").replace(" after", "")


@contextmanager
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Log as a process does, into a text."""
    stream = io.StringIO()
    root, level = logging.getLogger(), log.level
    kept = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", stream)
    try:
        start_logging(logging.INFO)
        yield stream
    finally:
        root.handlers[:], root.level = kept
        log.setLevel(level)


def test_logs_tell_no_secret_in_messages_arguments_and_tracebacks(
    config_folder: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(config_folder(channels={"mail": MAIL}), {"PASSWORD": quote(SECRET, safe="")})
    with logged(monkeypatch) as stream:
        log.info("said %s and %s", SECRET, quote(SECRET, safe=""))
        log.info(fields("deliver", detail=f"550 for {SECRET}"))
        logging.getLogger("somewhere.else").error("heard %r", {"url": SECRET})
        try:
            int(SECRET)
        except ValueError:
            log.exception("crashed")
    shown = stream.getvalue()
    assert SECRET not in shown
    assert quote(SECRET, safe="") not in shown
    assert shown.count(MASK) == 5
    assert "ValueError: invalid literal for int() with base 10: '****'" in shown


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ("mailto:ana.maria@team.example", "mailto:a…@team.example"),
        ("550 5.1.1 <ana@team.example>: no such user", "550 5.1.1 <a…@team.example>: no such user"),
        ("mailtos://h?from=desk@a.example&to=ana%40team.example", "mailtos://h?from=d…@a.example&to=a…%40team.example"),
        ("b@localhost, 'ana+x@[127.0.0.1]'", "b…@localhost, 'a…@[127.0.0.1]'"),
        ("анна@почта.рф", "а…@почта.рф"),
        ("json://desk:****@hooks.example/a", "json://desk:****@hooks.example/a"),
        ("https://social.example/@user.rss, @dataclass, 5 @ 3", "https://social.example/@user.rss, @dataclass, 5 @ 3"),
    ],
)
def test_of_a_mail_address_a_log_has_its_first_letter_and_where_it_is(
    whole: str, short: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shortened(whole) == short
    assert shortened(short) == short
    with logged(monkeypatch) as stream:
        log.info(fields("deliver", to=whole))
        logging.getLogger("somewhere.else").error("heard %s", whole)
        try:
            {}[whole]
        except KeyError:
            log.exception("crashed")
    shown = stream.getvalue()
    assert shown.count(short) == 3
    assert whole == short or whole not in shown


def test_words_too_short_to_be_secrets_do_not_riddle_the_log() -> None:
    hide(["a", "the", ""])
    assert mask("the cat sat") == "the cat sat"


def test_of_two_secrets_the_longer_is_taken_out_whole() -> None:
    hide(["token", "token-and-more"])
    assert mask("token-and-more, token") == "****, ****"


def test_fields_are_one_line_whatever_they_hold() -> None:
    line = fields("poll", feed="a b", kind="", status=None, ms=12, share=0.5, detail='x="y"\nz')
    assert line.startswith('poll feed="a b" ms=12 share=0.500 detail=')
    assert "\n" not in line
    assert "kind" not in line

"""What the source pack says of a source, and how its feeds are asked."""

import base64
import logging
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.domain.feed import Manner
from monitor.errors import ConfigError
from monitor.observe import mask
from monitor.settings.explain import explain
from monitor.settings.load import load, load_tree

Config = Callable[..., Path]
ENVIRONMENT = {"DESK_KEY": "kk-secret-1", "DESK_PASSWORD": "pp-secret-2", "PROXY_PASSWORD": "qq-secret-3"}
DESK = """\
[sources.desk]
title = "Desk"
rhythm = "7d"
full_text = true
licence = "Creative Commons BY"
status = "ok"
checked_at = 2026-11-23
replacement = "other"
[sources.desk.request]
headers = { X-Api-Key = "${DESK_KEY}", X-Desk = "seven" }
user = "desk"
password = "${DESK_PASSWORD}"
proxy = "http://desk:${PROXY_PASSWORD}@proxy.example:3128"
[sources.desk.feeds]
desk = "https://desk.example/feed"
[sources.desk.feeds.law]
url = "http://10.1.2.3/law"
rhythm = "30d"
full_text = false
status = "gone"
reason = "404"
request = { headers = { x-desk = "eight" }, proxy = "", allow_private = true }

[sources.other]
title = "Other"
[sources.other.feeds]
other = "https://other.example/feed"
"""


def written(config_folder: Config, text: str) -> Path:
    folder = config_folder()
    (folder / "feeds.toml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, environment or {})
    return [str(problem) for problem in caught.value.problems]


def test_a_feed_is_asked_as_its_source_says_where_it_says_nothing_itself(config_folder: Config) -> None:
    feeds = load(written(config_folder, DESK), ENVIRONMENT).feeds
    account = base64.b64encode(b"desk:pp-secret-2").decode()
    assert feeds["desk"].manner == Manner(
        "https://desk.example",
        (("X-Api-Key", "kk-secret-1"), ("X-Desk", "seven"), ("Authorization", f"Basic {account}")),
        proxy="http://desk:qq-secret-3@proxy.example:3128",
    )
    law = feeds["law"].manner
    assert (law.origin, law.proxy, law.allow_private) == ("http://10.1.2.3", "", True)
    assert dict(law.headers) == {
        "X-Api-Key": "kk-secret-1",
        "x-desk": "eight",
        "Authorization": f"Basic {account}",
    }
    assert feeds["other"].manner == Manner()


def test_what_the_pack_says_of_a_source_holds_for_its_feeds(config_folder: Config) -> None:
    settings = load(written(config_folder, DESK), ENVIRONMENT)
    desk, law, other = (settings.feeds[name] for name in ("desk", "law", "other"))
    assert [feed.rhythm for feed in (desk, law, other)] == [timedelta(days=7), timedelta(days=30), None]
    assert [feed.full_text for feed in (desk, law, other)] == [True, False, False]
    source = settings.options.sources["desk"]
    assert (source.status, source.checked_at, source.licence) == ("ok", date(2026, 11, 23), "Creative Commons BY")
    assert (source.feed("law").status, source.feed("law").reason) == ("gone", "404")
    assert settings.options.sources["other"].status == "unverified"


def test_no_secret_of_a_request_is_seen_anywhere(config_folder: Config, caplog: pytest.LogCaptureFixture) -> None:
    text = (
        DESK + '[sources.other.request]\ncookie = "c=literal-4"\nheaders = { X-Token = "literal-5", X-Desk = "nine" }\n'
    )
    settings, tree = load_tree(written(config_folder, text), ENVIRONMENT)
    shown = "\n".join(str(row) for row in explain(settings, tree, "sources"))
    account = base64.b64encode(b"desk:pp-secret-2").decode()
    secrets = ("kk-secret-1", "pp-secret-2", "qq-secret-3", "literal-4", "literal-5", account)
    assert not any(secret in shown for secret in secrets)
    assert not any(secret in repr(settings.feeds) for secret in secrets)
    assert not any(secret in mask(f"said {secret} aloud") for secret in secrets)
    assert "${DESK_KEY}" in shown
    assert "nine" in shown
    assert mask("seven and nine") == "seven and nine"
    with caplog.at_level(logging.INFO):
        logging.getLogger("monitor").info("%r", settings.feeds["desk"].manner)
    assert not any(secret in caplog.text for secret in secrets)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            'headers = { Host = "evil.example" }',
            "feeds.toml:4: sources.desk.request.headers: Host is set by the program",
        ),
        ('headers = { X-A = "${BAD}" }', "feeds.toml:4: sources.desk.request.headers.X-A: holds a line break"),
        ("headers = { X-A = 5 }", "sources.desk.request.headers.X-A: should be a text in quotes"),
        ('password = "${BAD}"', "feeds.toml:4: sources.desk.request.password: holds a line break"),
        ('proxy = "socks5://${GOOD}@h:1"', "sources.desk.request.proxy: should be the address of a proxy"),
        ('pasword = "x"', "sources.desk.request.pasword: unknown key (did you mean password?"),
        ("allow_private = 1", "sources.desk.request.allow_private: should be a boolean"),
    ],
)
def test_what_is_wrong_in_a_request_is_told_by_its_place_and_without_its_value(
    config_folder: Config, request_: str, message: str
) -> None:
    text = f'[sources.desk]\ntitle = "Desk"\n[sources.desk.request]\n{request_}\n'
    (told,) = problems(written(config_folder, text), {"BAD": "s3cr3t\nHost: x", "GOOD": "pw-s3cr3t"})
    assert message in told
    assert "s3cr3t" not in told


def test_a_request_of_a_feed_is_judged_in_its_place_too(config_folder: Config) -> None:
    text = (
        '[sources.desk]\ntitle = "Desk"\n[sources.desk.feeds]\n'
        'a = { url = "https://u:p@desk.example/", request = { user = "x" } }\n'
        'b = { url = "https://desk.example/", request = { headers = { Cookie = "x" } } }\n'
    )
    (told,) = problems(written(config_folder, text))
    assert "feeds.toml:5: sources.desk.feeds.b.request.headers: Cookie has a key of its own" in told
    (told,) = problems(written(config_folder, text.replace("Cookie", "X-A")))
    assert "feeds.toml:4: sources.desk.feeds.a.request: one account is enough" in told


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('status = "fine"', "status: should be 'ok', 'stale'"),
        ('checked_at = "yesterday"', "checked_at: should be a valid date"),
        ('rhythm = "0s"', "rhythm: should be more than 0s"),
        ("rhythm = 7", "rhythm: give a duration with its unit"),
        ('full_text = "yes"', "full_text: should be a boolean"),
    ],
)
def test_what_the_pack_cannot_say_is_refused(config_folder: Config, line: str, message: str) -> None:
    for text in (
        f'[sources.desk]\ntitle = "Desk"\n{line}\n',
        f'[sources.desk]\ntitle = "Desk"\n[sources.desk.feeds]\na = {{ url = "https://a.example/", {line} }}\n',
    ):
        (told,) = problems(written(config_folder, text))
        assert message in told


def test_a_replacement_that_is_nowhere_is_a_warning_with_the_nearest(config_folder: Config) -> None:
    text = DESK.replace('replacement = "other"', 'replacement = "othr"')
    assert load(written(config_folder, text), ENVIRONMENT).warnings == (
        'sources.desk.replacement: no source or feed "othr" in feeds.toml; did you mean other?',
    )
    text = DESK.replace('reason = "404"', 'replacement = "https://elsewhere.example/"')
    assert load(written(config_folder, text), ENVIRONMENT).warnings == ()

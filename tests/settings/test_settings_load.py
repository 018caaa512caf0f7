"""config/ to settings: what is wrong, where it stands, and what would be right."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.digest import Subscription
from monitor.domain.facts import Measure, Stage
from monitor.domain.feed import Tier
from monitor.domain.wish import QuietHours, QuietMode, WantedMeasure, WordFilter
from monitor.errors import ConfigError
from monitor.settings.bundled import bundled_models
from monitor.settings.load import load

Config = Callable[..., Path]
SOURCE = '[sources.paper]\ntitle = "Paper"\n[sources.paper.feeds]\n'
DESK = '[subscriptions.desk]\nlabels = ["returns"]\nchannels = ["files"]\n'


def thresholds(subscription: Subscription) -> dict[str, float]:
    return {label: lines.default.threshold for label, lines in subscription.lines.items()}


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def problems(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, environment or {})
    return [str(problem) for problem in caught.value.problems]


def test_a_minimal_config_has_every_default(config_folder: Config, tmp_path: Path) -> None:
    settings = load(config_folder(feeds={"paper": "https://paper.example/feed"}), {})
    assert (settings.base, settings.folder) == (tmp_path, tmp_path / "config")
    assert settings.database_url == f"sqlite:///{tmp_path}/monitor.db"
    assert settings.models == bundled_models()
    assert settings.options.poll.interval == timedelta(minutes=60)
    assert settings.labels["returns"].threshold == 0.5
    feed = settings.feeds["paper"]
    assert (feed.url, feed.source.title, feed.source.tier, feed.enabled) == (
        "https://paper.example/feed", "Paper", Tier.NEWS, True,
    )  # fmt: skip
    desk = settings.subscriptions["desk"]
    assert (thresholds(desk), desk.zone.key, desk.channels) == ({"returns": 0.5, "policy": 0.5}, "UTC", ("files",))
    assert settings.warnings == ()
    assert list(settings.recipients()) == [("files", settings.channels["files"][0].id)]


def test_a_config_without_sources_is_valid_and_warned_of(config_folder: Config) -> None:
    assert "names no source" in load(config_folder(), {}).warnings[0]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("monitor.toml", '[fetch]\ntimeot = "3s"\n', ":2: fetch.timeot: unknown key (did you mean timeout? known"),
        ("monitor.toml", "\n[fetsh]\na = 1\n", ":2: fetsh: unknown key (did you mean fetch? known"),
        (
            "monitor.toml",
            "[fetch]\n\ntimeout = 30\n",
            ':3: fetch.timeout: give a duration with its unit, such as "90s"',
        ),
        ("monitor.toml", '[fetch]\ntimeout = "soon"\n', ':2: fetch.timeout: "soon" is not a duration'),
        (
            "monitor.toml",
            'timezone = "Mars/North"\n',
            ':1: timezone: "Mars/North" is not a time zone; give an IANA name',
        ),
        ("monitor.toml", "[fetch]\nmax_bytes = 12\n", ":2: fetch.max_bytes: should be 1024 or more, not 12"),
        ("monitor.toml", "[fetch]\nconcurrency = true\n", ":2: fetch.concurrency: should be a whole number, not true"),
        (
            "monitor.toml",
            "[fetch]\nallow_private_hosts = 'yes'\n",
            ":2: fetch.allow_private_hosts: should be a boolean, true or false",
        ),
        ("monitor.toml", "fetch = 3\n", ":1: fetch: should be a table, not 3"),
        ("monitor.toml", '[retention]\nentries = "1h"\n', ":2: retention.entries: should be 1d or more"),
        ("monitor.toml", '[poll]\ntick = "0s"\n', ":2: poll.tick: should be more than 0s"),
        ("monitor.toml", '[poll]\ntick = "99999999999999999999d"\n', ":2: poll.tick: "),
        ("monitor.toml", "a = \n", ":1: not valid TOML: Invalid value (at line 1, column 5)"),
        ("monitor.toml", "x = 1\n[fetch]\n[fetch]\n", ":3: not valid TOML"),
        (
            "monitor.toml",
            "[labels.x]\nthreshold = 1\n",
            ":1: labels: does not belong into monitor.toml ([labels] is a table of labels.toml)",
        ),
        (
            "labels.toml",
            "[labels.returns]\nthreshold = 1.5\n",
            ":2: labels.returns.threshold: should be 1.0 or less, not 1.5",
        ),
        ("labels.toml", "[labels.returns]\nthreshold = nan\n", ":2: labels.returns.threshold: "),
        ("labels.toml", '[labels.returns]\ntitle = "x"\n', ":1: labels.returns.threshold: is missing"),
        (
            "labels.toml",
            "[label.x]\nthreshold = 1\n",
            ":1: label: does not belong into labels.toml (did you mean labels?",
        ),
        ("labels.toml", "labels = []\n", ":1: labels: should be a table"),
        ("feeds.toml", SOURCE + 'one = "ftp://x.example/"\n', ":4: sources.paper.feeds.one: not an address to poll"),
        ("feeds.toml", SOURCE + "one = 5\n", ":4: sources.paper.feeds.one: should be a text in quotes, not 5"),
        (
            "feeds.toml",
            SOURCE + 'one = { url = "https://x.example/", intervall = "1h" }\n',
            ":4: sources.paper.feeds.one.intervall: unknown key (did you mean interval?",
        ),
        ("feeds.toml", SOURCE + 'one = { interval = "1h" }\n', ":4: sources.paper.feeds.one.url: is missing"),
        (
            "feeds.toml",
            '[sources.paper]\ntitle = "A"\ntier = "daily"\n',
            ":3: sources.paper.tier: should be 'news' or 'analysis'",
        ),
        ("feeds.toml", '[sources.paper]\ntitle = "A"\nlanguage = "English"\n', ":3: sources.paper.language: "),
        (
            "feeds.toml",
            SOURCE + 'one = "https://x.example/"\n[sources.b]\ntitle = "B"\n[sources.b.feeds]\n'
            'one = "https://y.example/"\n',
            ':8: sources.b.feeds.one: "one" is a feed of paper already',
        ),
        ("channels.toml", "[channels.files]\nurls = []\n", ":2: channels.files.urls: should not be empty"),
        (
            "channels.toml",
            '[channels.files]\nurls = ["nothing://x"]\n',
            ":2: channels.files.urls: the URL of channel 'files'",
        ),
        (
            "channels.toml",
            "[channels.files]\nurls = [\n  3,\n]\n",
            ":2: channels.files.urls.0: should be a text in quotes, not 3",
        ),
        (
            "subscriptions.toml",
            DESK + 'schedule = "daily 25:00"\n',
            ':4: subscriptions.desk.schedule: "daily 25:00" is not a schedule',
        ),
        ("subscriptions.toml", DESK + 'timezone = "X"\n', ':4: subscriptions.desk.timezone: "X" is not a time zone'),
        (
            "subscriptions.toml",
            DESK + 'countries = ["fr"]\n',
            ':4: subscriptions.desk.countries: "fr" is not an ISO 3166 code',
        ),
        (
            "subscriptions.toml",
            DESK + 'countries = ["FR", "UK"]\n',
            ':4: subscriptions.desk.countries: "UK" is the ISO 3166 code of no country; United Kingdom has "GB"',
        ),
        (
            "subscriptions.toml",
            DESK + "thresholds = { returns = 2 }\n",
            ":4: subscriptions.desk.thresholds.returns: should be 1.0 or less, not 2",
        ),
        (
            "subscriptions.toml",
            DESK + "thresholds = { policy = 0.4 }\n",
            ':4: subscriptions.desk.thresholds: no label "policy" in this subscription\'s labels',
        ),
        (
            "subscriptions.toml",
            DESK + 'sources = ["paper"]\n',
            ':4: subscriptions.desk.sources: no source "paper" in feeds.toml (known: none)',
        ),
        (
            "subscriptions.toml",
            DESK.replace("files", "file"),
            ':3: subscriptions.desk.channels: no channel "file" in channels.toml (did you mean files?)',
        ),
        (
            "subscriptions.toml",
            DESK.replace("returns", "return"),
            ':2: subscriptions.desk.labels: no label "return" in labels.toml (did you mean returns?)',
        ),
        ("feed.toml", "", ": is no config file (did you mean feeds.toml?"),
        ("local/label.toml", "", ": is no config file (did you mean labels.toml?"),
        (
            "local/labels.toml",
            "[labels.returns]\nthreshold = 2.0\n",
            ":2: labels.returns.threshold: should be 1.0 or less",
        ),
    ],
    ids=lambda value: str(value)[:60].replace("\n", " "),
)
def test_one_mistake_is_one_problem_with_its_place(config_folder: Config, name: str, text: str, said: str) -> None:
    folder = config_folder()
    write(folder, name, text)
    (problem,) = problems(folder)
    assert problem.startswith(f"config/{name}{said}")


def test_everything_that_is_wrong_is_told_at_once(config_folder: Config) -> None:
    folder = config_folder()
    write(folder, "monitor.toml", 'timezone = "X"\n[poll]\ntick = 5\n')
    write(folder, "labels.toml", "[labels.returns]\n")
    write(folder, "local/monitor.toml", "nonsense = 1\n")
    found = problems(folder)
    assert {line.split(": ")[0] for line in found} == {
        "config/monitor.toml:1",
        "config/monitor.toml:3",
        "config/labels.toml:1",
        "config/local/monitor.toml:1",
    }


def test_a_folder_without_config_says_how_to_get_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        (problem,) = problems(folder)
        assert "no configuration here" in problem
        assert f"monitor init {folder}" in problem


def test_a_file_that_cannot_be_read_is_told_by_name(config_folder: Config) -> None:
    folder = config_folder()
    (folder / "labels.toml").write_bytes(b"\xff\xfe[labels]")
    assert any(line.startswith("config/labels.toml: cannot be read") for line in problems(folder))


def test_a_byte_order_mark_and_windows_line_ends_are_taken(config_folder: Config) -> None:
    folder = config_folder()
    text = (folder / "labels.toml").read_text().replace("\n", "\r\n")
    (folder / "labels.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert set(load(folder, {}).labels) == {"returns", "policy"}
    (folder / "labels.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("0.5", "5.0", 1).encode())
    assert problems(folder)[0].startswith("config/labels.toml:3: labels.returns.threshold")


def test_local_files_override_single_keys_and_add(config_folder: Config) -> None:
    folder = config_folder(feeds={"paper": "https://paper.example/feed"})
    write(folder, "local/labels.toml", "[labels.returns]\nthreshold = 0.7\n[labels.mine]\nthreshold = 0.1\n")
    write(folder, "local/monitor.toml", '[poll]\ninterval = "5m"\n')
    write(
        folder,
        "local/feeds.toml",
        '[sources.paper.feeds]\npaper = { url = "https://new.example/f", enabled = false }\n',
    )
    settings = load(folder, {})
    assert {name: label.threshold for name, label in settings.labels.items()} == {
        "returns": 0.7,
        "policy": 0.5,
        "mine": 0.1,
    }
    assert settings.labels["returns"].title == "Returns"
    assert settings.options.poll.interval == timedelta(minutes=5)
    assert settings.options.fetch.allow_private_hosts
    assert (settings.feeds["paper"].url, settings.enabled_feeds()) == ("https://new.example/f", ())


def test_a_feed_of_a_source_that_is_switched_off_is_not_polled(config_folder: Config) -> None:
    folder = config_folder()
    text = f'{SOURCE}one = "https://x.example/"\ntwo = {{ url = "https://y.example/", interval = "5m" }}\n'
    write(folder, "feeds.toml", text)
    settings = load(folder, {})
    assert [feed.name for feed in settings.enabled_feeds()] == ["one", "two"]
    assert settings.feeds["two"].interval == timedelta(minutes=5)
    write(folder, "feeds.toml", text.replace('title = "Paper"', 'title = "Paper"\nenabled = false'))
    assert load(folder, {}).enabled_feeds() == ()


def test_relative_paths_begin_where_the_config_folder_stands(
    config_folder: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = config_folder(
        tmp_path / "desk" / "settings",
        channels={"files": ["folder://out/my%20digests"], "fixed": [f"folder://{tmp_path}/fixed"]},
        database="sqlite:///var/deep/monitor.db",
        monitor='[model]\ndirectory = "trained"\n',
    )
    monkeypatch.chdir(folder)
    settings = load(Path(), {})
    base = tmp_path / "desk"
    assert (settings.base, settings.models) == (base, base / "trained")
    assert settings.database_url == f"sqlite:///{base}/var/deep/monitor.db"
    assert settings.channels["files"][0].url == f"folder://{base}/out/my%20digests"
    assert settings.channels["fixed"][0].url == f"folder://{tmp_path}/fixed"


@pytest.mark.parametrize("url", ["sqlite:////data/monitor.db", "postgresql://user@host/name"])
def test_absolute_addresses_stay_as_they_are(config_folder: Config, url: str) -> None:
    assert load(config_folder(database=url), {}).database_url == url


def test_subscriptions_take_lines_and_zones_of_their_own(config_folder: Config) -> None:
    text = (
        '[subscriptions.a]\nlabels = ["returns", "policy"]\nchannels = ["files"]\nthresholds = { policy = 0.8 }\n'
        'countries = ["FR"]\nlanguages = ["fr"]\ntimezone = "Europe/Paris"\n'
        'schedule = "30 7 * * 1-5"\nmax_stories = 3\n'
        '[subscriptions.b]\nlabels = ["policy"]\nchannels = ["files"]\n'
    )
    folder = config_folder(subscriptions=text)
    config = (folder / "monitor.toml").read_text()
    (folder / "monitor.toml").write_text('timezone = "Asia/Tashkent"\n' + config)
    settings = load(folder, {})
    a, b = settings.subscriptions["a"], settings.subscriptions["b"]
    assert (thresholds(a), a.zone.key, a.max_stories) == ({"returns": 0.5, "policy": 0.8}, "Europe/Paris", 3)
    assert (a.countries, a.languages, a.title) == (frozenset({"FR"}), frozenset({"fr"}), "a")
    assert (thresholds(b), b.zone.key, settings.zone.key) == ({"policy": 0.5}, "Asia/Tashkent", "Asia/Tashkent")


def test_settings_cannot_be_changed(config_folder: Config) -> None:
    settings: Any = load(config_folder(), {})
    with pytest.raises(AttributeError):
        settings.zone = None
    with pytest.raises(Exception, match="frozen"):
        settings.options.poll.interval = timedelta()
    with pytest.raises(TypeError):
        settings.subscriptions["desk"].lines["returns"] = 0


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ('measures = ["citizenshp"]', "no measure; known: citizenship"),
        ('measures = ["citizenship:adoptd"]', "no stage; known: proposed"),
        ("words = 'camp \"foreign'", "not closed"),
        ('quiet_hours = "22-7"', "are no hours"),
        ('quiet_hours = "07:00-07:00"', "begin and end"),
        ('quiet_mode = "critical"', "needs quiet_hours"),
        ('quiet_hours = "22:00-07:00"\nquiet_mode = "critical"', "needs quiet_hours"),
        ("critical = 0.9", "nothing to pass"),
        ('critical = 0.9\nquiet_hours = "22:00-07:00"', "nothing to pass"),
        ('holidays = ["25.12.2026"]', "is no day"),
        ("holidays = [2026-12-25T00:00:00]", "without a time"),
        ('schedule = "immediate"\nempty_digests = true', "never empty"),
        ("near_misses = -1", "near_misses"),
        ('headings = "xx"', '"xx" is no language that headings come in; there are: ar, de, en, es, fr, nl, ru'),
        ('headings = ""', "no language that headings come in"),
        ('schedule = "weekly monday 07:30"', "is not a schedule"),
    ],
)
def test_an_option_that_could_not_be_obeyed_is_refused(config_folder: Config, option: str, said: str) -> None:
    folder = config_folder(subscriptions=f"{DESK}{option}\n")
    assert any(said in problem for problem in problems(folder))


def test_an_unknown_language_of_headings_is_named_with_its_file_line_and_section(config_folder: Config) -> None:
    (problem,) = problems(config_folder(subscriptions=f'{DESK}headings = "klingon"\n'))
    assert re.search(r"subscriptions\.toml:\d+: subscriptions\.desk\.headings", problem), problem
    assert "there are: ar, de, en" in problem


def test_headings_are_a_language_beside_those_that_filter_entries(config_folder: Config) -> None:
    desk = load(config_folder(subscriptions=f'{DESK}headings = "fr"\n'), {}).subscriptions["desk"]
    assert (desk.headings, desk.languages) == ("fr", frozenset())
    desk = load(config_folder(subscriptions=f'{DESK}languages = ["fr"]\n'), {}).subscriptions["desk"]
    assert (desk.headings, desk.languages) == ("en", frozenset({"fr"}))


def test_the_options_of_a_subscription_are_read(config_folder: Config) -> None:
    options = (
        'measures = ["citizenship", "repatriation:adopted"]\nwords = "Camp -football"\nnear_misses = 0\n'
        'quiet_hours = "22:00-07:00"\nquiet_mode = "critical"\ncritical = 0.95\nholidays = [2026-12-25, "2027-01-01"]\n'
    )
    desk = load(config_folder(subscriptions=DESK + options), {}).subscriptions["desk"]
    assert desk.measures == (
        WantedMeasure(Measure.CITIZENSHIP), WantedMeasure(Measure.REPATRIATION, Stage.ADOPTED),
    )  # fmt: skip
    assert desk.words == WordFilter(("camp",), ("football",))
    assert desk.quiet == QuietHours(time(22), time(7), QuietMode.CRITICAL)
    assert desk.holidays == {date(2026, 12, 25), date(2027, 1, 1)}
    assert (desk.near_misses, desk.critical) == (0, 0.95)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("alerting = false\nalert_thresholds = { returns = 0.9 }", "alerting = false"),
        ("alert_thresholds = { policy = 0.9 }", 'no label "policy" in this subscription'),
        ('schedule = "immediate"\nalert_thresholds = { returns = 0.9 }', "as it comes"),
        ("[[subscriptions.desk.alerts]]", "needs countries or measures"),
        ('[[subscriptions.desk.alerts]]\nmeasures = ["citizenshp"]', "no measure"),
        ('[[subscriptions.desk.alerts]]\ncountry = ["FR"]', "unknown key"),
    ],
)
def test_an_alert_that_could_not_be_obeyed_is_refused(config_folder: Config, options: str, said: str) -> None:
    folder = config_folder(subscriptions=f"{DESK}{options}\n")
    assert any(said in problem for problem in problems(folder)), problems(folder)


def test_an_alert_score_under_the_line_is_refused(config_folder: Config) -> None:
    folder = config_folder(labels="[labels.returns]\nthreshold = 0.5\nalert = 0.4\n[labels.policy]\nthreshold = 0.5\n")
    assert any("alert is 0.4, under the threshold of 0.5" in problem for problem in problems(folder))

"""`monitor init`, `check`, `config explain`."""

import json
import shutil
import socket

import pytest

from monitor.app import build
from monitor.settings.bundled import bundled_models
from monitor.settings.load import load
from monitor.settings.read import FILES
from monitor.web.door import Door


def test_init_writes_a_starter_that_is_in_order(call, tmp_path):
    made = call("init", tmp_path / "mine")
    assert made.code == 0
    assert f"`monitor check --config {tmp_path / 'mine'}`" in made.out
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == sorted(FILES)
    checked = call("check", "--config", tmp_path / "mine")
    assert (checked.code, checked.err) == (0, "")
    assert "everything is in order" in checked.out


def test_init_takes_its_place_from_config_too(call, tmp_path):
    assert call("init", "--config", tmp_path / "mine").code == 0
    assert (tmp_path / "mine" / "labels.toml").is_file()


def test_init_overwrites_nothing(call, desk):
    (desk.config / "feeds.toml").unlink()
    before = {path.name: path.read_text() for path in desk.config.iterdir()}
    refused = call("init", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "labels.toml" in refused.err
    assert {path.name: path.read_text() for path in desk.config.iterdir()} == before


def test_init_says_which_folder_it_cannot_write(call, tmp_path):
    (tmp_path / "file").write_text("")
    refused = call("init", tmp_path / "file" / "config")
    assert (refused.code, refused.out) == (2, "")
    assert f"{tmp_path / 'file' / 'config'} cannot be written" in refused.err


def test_check_tells_what_is_there(call, desk):
    found = call("check", "--json", "--config", desk.config)
    assert (found.code, found.err) == (0, "")
    summary = json.loads(found.out)
    assert (summary["sources"], summary["feeds"], summary["feeds_enabled"]) == (1, 1, 1)
    assert summary["subscriptions"] == ["morning"]
    assert summary["channels"] == {"files": [f"folder://{desk.base}/var/digests"]}
    assert (summary["model_problem"], summary["warnings"]) == ("", [])


WRONG = [
    ("labels", "[labels.returns]\nthreshold = 1.5\n", "config/labels.toml:2: labels.returns.threshold:", "1"),
    ("labels", "\n\n[labels.returns]\ntreshold = 0.5\n", "config/labels.toml:4: labels.returns.treshold:", "threshold"),
    ("monitor", '[poll]\ninterval = "60"\n', "config/monitor.toml:2: poll.interval:", "60m"),
    ("monitor", '[fetch]\nallow_private_hosts = "yes"\n', "config/monitor.toml:2: fetch.allow_private_hosts:", "bool"),
    ("monitor", 'timezone = "Mars/Olympus"\n', "config/monitor.toml:1: timezone:", "Europe/Berlin"),
    ("monitor", '[[poll]\ninterval = "1h"\n', "config/monitor.toml:1:", "TOML"),
    (
        "channels",
        '[channels.files]\nurls = ["mailto://${NO_SUCH_NAME}@h"]\n',
        "config/channels.toml:2:",
        "NO_SUCH_NAME",
    ),
    ("channels", '[channels.files]\nurls = ["mailot://h"]\n', "config/channels.toml:2: channels.files.urls:", "mailto"),
    ("feeds", '[sources.a]\ntitle = "A"\n[sources.a.feeds]\nb = "ftp://h/f"\n', "config/feeds.toml:4:", "http://"),
    (
        "subscriptions",
        '[subscriptions.morning]\nlabels = ["retuns"]\nchannels = ["files"]\n',
        "config/subscriptions.toml:2: subscriptions.morning.labels:",
        "did you mean returns?",
    ),
    (
        "subscriptions",
        '[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["files"]\nschedule = "every day"\n',
        "config/subscriptions.toml:4: subscriptions.morning.schedule:",
        "daily 07:30",
    ),
]


@pytest.mark.parametrize(("file", "text", "where", "right"), WRONG)
def test_check_names_file_line_and_key_and_what_would_be_right(call, desk, file, text, where, right):
    desk.write(**{file: text})
    refused = call("check", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    (told,) = [line for line in refused.err.splitlines() if line.strip().startswith(where)]
    assert right in told
    assert "Traceback" not in refused.err


def test_check_tells_all_that_is_wrong_at_once(call, desk):
    desk.write(labels="[labels.returns]\nthreshold = 2\n", monitor='[poll]\nintervall = "1h"\n')
    refused = call("check", "--json", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "2 problems" in refused.err


def test_a_damaged_model_is_refused_with_a_sentence(call, desk, tmp_path):
    shutil.copytree(bundled_models(), tmp_path / "models", ignore=shutil.ignore_patterns("corpus"))
    (weights,) = (tmp_path / "models").glob("*/weights.npz")
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    desk.write(monitor='[model]\ndirectory = "models"\n')
    refused = call("check", "--config", desk.config)
    assert refused.code == 2
    assert "checksum" in refused.err
    assert "in order" not in refused.out
    assert json.loads(call("check", "--json", "--config", desk.config).out)["model"] == "none"


def test_a_label_that_the_model_does_not_know_is_a_warning(call, desk):
    desk.write(labels=(desk.config / "labels.toml").read_text() + "[labels.trials]\nthreshold = 0.5\n")
    found = call("check", "--config", desk.config)
    assert found.code == 0
    assert found.err.count("trials") == 1


def test_explain_tells_value_place_meaning_and_who_obeys(call, desk):
    desk.write(monitor='# a comment\n[poll]\ninterval = "90m"\n')
    shown = call("config", "explain", "poll.interval", "--config", desk.config)
    assert shown.code == 0
    assert shown.out.splitlines() == [
        "poll.interval = 1h 30m",
        "    from      config/monitor.toml:3",
        "    means     how long after a poll a feed is due again, before anything is learnt of it",
        "    obeyed by monitor.fetch.schedule (when a feed is due) and monitor.jobs.poll",
    ]
    rows = json.loads(call("config", "explain", "poll", "--json", "--config", desk.config).out)
    assert {row["key"]: row["origin"] for row in rows}["poll.tick"] == "default"


def test_explain_of_an_unknown_key_names_the_nearest(call, desk):
    refused = call("config", "explain", "pol.interval", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "poll.interval" in refused.err


def test_no_secret_is_shown_by_check_or_explain(call, desk, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "correct-horse-battery")
    monkeypatch.setenv("DB_PASSWORD", "staple-and-more")
    desk.write(
        channels='[channels.files]\nurls = ["mailtos://u:${SMTP_PASSWORD}@h.example?from=a@h.example&to=b@h.example", '
        '"json://u:written-out-secret@h.example/tokentoken"]\n',
        monitor='[database]\nurl = "postgresql://u:${DB_PASSWORD}@127.0.0.1/x"\n[fetch]\ncontact = "${DB_PASSWORD}"\n',
    )
    texts = [
        call(*args, "--config", desk.config)
        for args in (
            ["check"],
            ["check", "--json"],
            ["config", "explain", "channels"],
            ["config", "explain", "database"],
        )
    ]
    texts += [call("config", "explain", key, "--json", "--config", desk.config) for key in ("channels", "fetch")]
    for shown in texts:
        assert shown.code == 0
        for secret in ("correct-horse-battery", "staple-and-more", "written-out-secret", "tokentoken"):
            assert secret not in shown.out + shown.err
    assert "${DB_PASSWORD}" in texts[3].out


def test_no_secret_is_shown_when_the_config_is_refused(call, desk, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "correct-horse-battery")
    desk.write(channels='[channels.files]\nurls = ["mailot://u:${SMTP_PASSWORD}@h.example?to=b@h.example"]\n')
    refused = call("check", "--config", desk.config)
    assert refused.code == 2
    assert "correct-horse-battery" not in refused.err


MAIL = '[mail]\nbase_url = "https://news.example.org"\nsecret = "a-secret-of-some-length"\n'


@pytest.fixture
def port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_check_warns_where_links_lead_to_nobody_and_where_nobody_is_led(call, desk, port):
    at, web = ("--config", desk.config), f'[web]\nlisten = "127.0.0.1:{port}"\n'
    desk.write(monitor=MAIL)
    found = call("check", *at)
    assert found.code == 0
    assert "mails lead to https://news.example.org/unsubscribe/, and web.listen is empty" in found.err
    desk.write(monitor=web)
    found = call("check", *at)
    assert found.code == 0
    assert "web.listen is set, and no mail leads there: mail.base_url is empty" in found.err
    desk.write(monitor=MAIL + web)
    assert (call("check", *at).code, call("check", *at).err) == (0, "")


@pytest.mark.parametrize(
    "listen", ["8025", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", ":8025", "::1:8025", "a b:1"]
)
def test_check_refuses_what_is_no_address_to_listen_on(call, desk, listen):
    desk.write(monitor=f'{MAIL}[web]\nlisten = "{listen}"\n')
    found = call("check", "--config", desk.config)
    assert found.code == 2
    assert f'config/monitor.toml:5: web.listen: "{listen}" is no HOST:PORT such as "127.0.0.1:8025"' in found.err


def test_check_and_run_refuse_a_port_that_another_program_holds(call, process, desk):
    with socket.create_server(("127.0.0.1", 0)) as other:
        desk.write(monitor=f'{MAIL}[web]\nlisten = "127.0.0.1:{other.getsockname()[1]}"\n')
        for found in (call("check", "--config", desk.config), process("run", "--config", desk.config)):
            assert found.code == 2
            assert "web.listen: " in found.err
            assert "the port is taken by another program (end that one, or write another port)" in found.err
            assert "Traceback" not in found.err


def test_check_takes_a_port_that_a_daemon_of_ours_holds(call, desk, port):
    desk.write(monitor=f'{MAIL}[web]\nlisten = "127.0.0.1:{port}"\n')
    with build(load(desk.config), with_model=False) as app:
        door = Door(app.settings, lambda: app)
        try:
            assert call("check", "--config", desk.config).code == 0
        finally:
            assert door.close(20)

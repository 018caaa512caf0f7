"""`monitor sources`: what people and scripts see."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from monitor.cli.sources import _ELSEWHERE, imported
from monitor.demo.server import FeedServer

RSS = (
    b'<rss version="2.0"><channel><title>The Courier</title><language>en</language>'
    b"<item><guid>1</guid><title>Harbour notes</title></item></channel></rss>"
)


def test_list_shows_every_source_with_its_feeds(call, served):
    shown = call("sources", "list", "--config", served.config)
    assert shown.code == 0
    assert shown.out.splitlines()[0] == "paper: The Paper (news)"
    *_, resting, total = shown.out.splitlines()
    assert resting.endswith("resting.xml, disabled")
    assert total == "1 source, 3 feeds, 2 polled, 3 unverified: `monitor sources check --write` asks them"
    (source,) = json.loads(call("sources", "list", "--json", "--config", served.config).out)
    assert (source["source"], [feed["feed"] for feed in source["feeds"]]) == ("paper", ["daily", "dead", "resting"])
    assert not (served.base / "var").exists()


def test_list_says_what_the_pack_knows_and_no_secret(call, desk, monkeypatch):
    monkeypatch.setenv("DESK_PASSWORD", "correct-horse")
    desk.write(
        feeds='[sources.wire]\ntitle = "Wire"\nrhythm = "7d"\nlicence = "CC BY"\nstatus = "ok"\n'
        'checked_at = 2026-11-20\n[sources.wire.request]\npassword = "${DESK_PASSWORD}"\ncookie = "in-clear"\n'
        '[sources.wire.feeds]\nwire = "https://wire.example/"\n'
        'old = { url = "https://wire.example/old", enabled = false, status = "gone", checked_at = 2026-11-21, '
        'reason = "404", replacement = "wire", request = { headers = { X-Token = "in-clear" } } }\n'
    )
    shown = call("sources", "list", "--config", desk.config)
    assert shown.out.splitlines() == [
        "wire: Wire (news, every 7d), ok on 2026-11-20; CC BY",
        "    wire  https://wire.example/",
        "    old  https://wire.example/old, disabled, gone on 2026-11-21; 404; instead: wire",
        "1 source, 2 feeds, 1 polled",
    ]
    out = call("sources", "list", "--json", "--config", desk.config).out
    assert "in-clear" not in out
    assert "correct-horse" not in out
    (source,) = json.loads(out)
    wire, old = source.pop("feeds")
    assert source == {
        "source": "wire", "title": "Wire", "kind": "news", "language": "", "region": "", "tier": "news",
        "enabled": True, "rhythm": "7d", "full_text": False, "licence": "CC BY", "status": "ok",
        "checked_at": "2026-11-20", "reason": "", "replacement": "", "note": "", "request": ["cookie", "password"],
    }  # fmt: skip
    assert (wire["feed"], wire["status"], wire["enabled"], wire["request"]) == ("wire", "ok", True, [])
    assert (old["status"], old["checked_at"], old["enabled"]) == ("gone", "2026-11-21", False)
    assert (old["reason"], old["replacement"], old["request"]) == ("404", "wire", ["headers"])


@pytest.mark.slow
def test_list_does_without_what_asks_publishers_and_opens_the_database(desk):
    code = (
        "import sys; sys.argv = ['monitor', 'sources', 'list', '--config', sys.argv[1]]\n"
        "from monitor.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted({'aiohttp', 'sqlalchemy', 'sklearn', 'apprise', 'lxml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(desk.config)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(_ELSEWHERE))
def test_a_verb_says_the_same_of_itself_in_the_list_of_verbs(name):
    assert imported(name).help.startswith(_ELSEWHERE[name][1].rstrip("."))


def test_add_discover_disable_enable_and_remove(call, desk):
    with FeedServer() as server:
        server.add("/", b'<html><a href="/rss.xml">RSS</a></html>', content_type="text/html")
        server.add("/rss.xml", RSS)
        found = call("sources", "discover", server.url("/"), "--config", desk.config)
        assert found.out.splitlines()[0] == f'linked      {server.url("/rss.xml")}  "RSS"'
        added = call("sources", "add", server.url("/"), "--kind", "court", "--config", desk.config)
        assert (added.code, added.err) == (0, "")
        assert 'added 127-0-0-1: "The Courier", feed 127-0-0-1' in added.out
        assert "rss20, 1 entries, language en; found as linked with 2 requests" in added.out
        again = call("sources", "add", server.url("/rss.xml"), "--config", desk.config)
        assert (again.code, again.out) == (2, "")
        assert "is in feeds.toml already: feed 127-0-0-1 of 127-0-0-1" in again.err
        assert len(server.requests) == 3
    off = call("sources", "disable", "127-0-0-1", "--json", "--config", desk.config)
    assert json.loads(off.out)["files"] == [str(desk.config / "feeds.toml")]
    twice = call("sources", "disable", "127-0-0-1", "--config", desk.config)
    assert twice.out == "source 127-0-0-1 is disabled already; nothing was written\n"
    assert call("sources", "enable", "127-0-0-1", "--config", desk.config).out.startswith("enabled source 127-0-0-1")
    assert call("sources", "remove", "127-0-0-1", "--config", desk.config).out.startswith("removed source 127-0-0-1")
    assert [s["source"] for s in json.loads(call("sources", "list", "--json", "--config", desk.config).out)] == [
        "paper"
    ]


@pytest.mark.parametrize("verb", [["remove"], ["enable"], ["disable"], ["check"]])
def test_a_name_that_is_none_is_refused_with_the_nearest(call, desk, verb):
    refused = call("sources", *verb, "dayly", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert 'no source or feed "dayly" in feeds.toml; did you mean daily?' in refused.err


def test_check_tells_what_is_bad_and_writes_the_report(call, served):
    shown = call("sources", "check", "--config", served.config)
    assert shown.code == 1
    assert "GONE     dead: http-404: the server answered 404 Not Found" in shown.out
    assert "GONE     resting (disabled)" in shown.out
    assert "3 feeds: 1 OK, 2 GONE; the report is in " in shown.out
    report = (served.base / "var" / "sources-check.md").read_text()
    assert "3 feeds asked once each: 1 OK, 2 GONE." in report
    elsewhere = served.base / "out" / "check.md"
    one = call("sources", "check", "paper/daily", "--json", "--report", elsewhere, "--config", served.config)
    assert one.code == 0
    told = json.loads(one.out)
    assert (told["counts"]["OK"], told["report"]) == (1, str(elsewhere))
    (probe,) = told["feeds"]
    assert (probe["verdict"], probe["status"], probe["entries"], probe["format"]) == ("OK", 200, 3, "rss20")
    assert elsewhere.exists()


def test_check_writes_what_it_found_only_when_told_to(call, served):
    before = (served.config / "feeds.toml").read_text()
    call("sources", "check", "--config", served.config)
    assert (served.config / "feeds.toml").read_text() == before
    shown = call("sources", "check", "--write", "--config", served.config)
    assert shown.code == 1
    assert "daily: unverified -> ok\n" in shown.out
    assert "dead: unverified -> gone\n" in shown.out
    assert f"written to {served.config / 'feeds.toml'}\n" in shown.out
    daily, dead, resting = json.loads(call("sources", "list", "--json", "--config", served.config).out)[0]["feeds"]
    assert [feed["status"] for feed in (daily, dead, resting)] == ["ok", "gone", "gone"]
    assert [feed["enabled"] for feed in (daily, dead, resting)] == [True, True, False]
    assert daily["checked_at"] == datetime.now(UTC).date().isoformat()
    again = json.loads(call("sources", "check", "daily", "--write", "--json", "--config", served.config).out)
    assert again["written"]["changed"] == []


def test_check_names_what_is_good_and_disabled(call, served):
    text = (served.config / "feeds.toml").read_text().replace("resting.xml", "daily.xml?again")
    (served.config / "feeds.toml").write_text(text)
    shown = call("sources", "check", "resting", "--write", "--config", served.config)
    assert shown.code == 0
    assert shown.err == "good, and disabled: resting; `monitor sources enable NAME`\n"


def test_export_and_import_round_trip(call, served, tmp_path):
    file = tmp_path / "sources.opml"
    assert call("sources", "export", file, "--config", served.config).out == f"wrote 3 feeds to {file}\n"
    shown = call("sources", "export", "--config", served.config)
    assert shown.out.encode() == file.read_bytes()
    served.write(feeds="")
    done = call("sources", "import", file, "--config", served.config)
    assert (done.code, done.out) == (0, f"added 3 feeds in {served.config / 'feeds.toml'}; 0 were there already\n")
    again = json.loads(call("sources", "import", file, "--json", "--config", served.config).out)
    assert (again["added"], len(again["known"])) == ([], 3)


def test_import_tells_a_file_that_is_missing_or_no_opml(call, desk, tmp_path):
    missing = call("sources", "import", tmp_path / "none.opml", "--config", desk.config)
    assert (missing.code, missing.out) == (2, "")
    assert "cannot be read: No such file or directory" in missing.err
    (tmp_path / "x.opml").write_text("words")
    assert call("sources", "import", tmp_path / "x.opml", "--config", desk.config).code == 2


def test_health_shows_each_enabled_feed(call, served):
    call("poll", "--config", served.config)
    shown = call("sources", "health", "--config", served.config)
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert lines[0].startswith("ok           daily: last success ")
    assert lines[1].startswith("failing      dead: last success never, 1 of 1 poll failed, http-404 since ")
    assert lines[-1] == "3 feeds: 1 ok, 1 failing, 1 disabled"
    found = json.loads(call("sources", "health", "--json", "--config", served.config).out)
    assert [feed["state"] for feed in found] == ["ok", "failing", "disabled"]


def test_health_without_a_database_says_what_makes_one(call, desk):
    refused = call("sources", "health", "--config", desk.config)
    assert refused.code == 2
    assert "`monitor poll`" in refused.err

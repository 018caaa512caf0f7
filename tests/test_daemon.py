"""The daemon as a process: feeds on loopback in, mail on loopback out, stopped, restarted, reconfigured."""

import http.client
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from monitor.demo.server import FeedServer
from monitor.demo.sites import SAMPLES, Behaviour, serve
from tests.answering import Answer, Request, answering
from tests.mailing import stop

pytestmark = pytest.mark.slow
# A window closes every minute; the rest is a slow machine.
PATIENCE = 150.0
_LINK = re.compile(r'href="(https://[^"]+)"')


class Inbox:
    """An SMTP server's handler that keeps what it accepts."""

    def __init__(self) -> None:
        self.mails: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.put(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[attr-defined, arg-type]
        return "250 taken"

    def links(self) -> list[str]:
        """Wait for the next mail, and return the links of its HTML form."""
        mail = self.mails.get(timeout=PATIENCE)
        html = mail.get_body(("html",))
        text = mail.get_body(("plain",))
        assert html is not None
        assert text is not None
        found = list(dict.fromkeys(_LINK.findall(html.get_content())))
        assert all(link in text.get_content() for link in found), "the text form holds every link too"
        return found


_WITH_GRACE = """
import sys
import monitor.daemon
from monitor.cli.main import main
monitor.daemon.GRACE = {}
sys.argv[0] = "monitor"
main()
"""


class Daemon:
    """A `monitor run` process with its log; ``grace`` is how many seconds it waits for what is under way at its end."""

    def __init__(self, config: Path, *, grace: float | None = None) -> None:
        run = ["-m", "monitor"] if grace is None else ["-c", _WITH_GRACE.format(grace)]
        self._process = subprocess.Popen(
            [sys.executable, *run, "run", "--config", str(config)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "SMTP_PASSWORD": "correct-horse"},
        )
        self.log: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, words: str) -> str:
        """Read the log until a line holds ``words``."""
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.log.append(line)
            if words in line:
                return line
        raise AssertionError(f"the daemon ended without a word of {words!r}:\n{''.join(self.log)}")

    def rest(self) -> list[str]:
        """All that it logged, of one that has ended."""
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.log.append(line)
        self._lines.put(None)
        return self.log

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to end, and see that it does so cleanly."""
        self.send(number)
        self.wait_for("state=stopped")
        assert self._process.wait(timeout=60) == 0
        assert "Traceback" not in "".join(self.log)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()
    with socket.socket() as probe:  # aiosmtpd's controller cannot say which port it got
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    stop(controller)


def write_config(folder: Path, server: FeedServer, smtp_port: int) -> None:
    folder.mkdir()
    (folder / "monitor.toml").write_text(
        '[poll]\ninterval = "2s"\ntick = "1s"\n[fetch]\nallow_private_hosts = true\n', encoding="utf-8"
    )
    (folder / "labels.toml").write_text(
        "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n", encoding="utf-8"
    )
    (folder / "channels.toml").write_text(
        f'[channels.desk]\nurls = ["mailto://127.0.0.1:{smtp_port}?from=monitor@example.org&to=desk@example.org"]\n',
        encoding="utf-8",
    )
    (folder / "subscriptions.toml").write_text(
        '[subscriptions.minutely]\nlabels = ["returns", "policy"]\nschedule = "* * * * *"\nchannels = ["desk"]\n',
        encoding="utf-8",
    )
    lines = [f'"{s.name}" = "{server.url(s.path)}"' for s in SAMPLES if s.behaviour is not Behaviour.DEAD]
    head = '[sources.samples]\ntitle = "Samples"\n[sources.samples.feeds]\nlate = "' + server.url("/late.xml") + '"\n'
    (folder / "feeds.toml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def late_feed(*stories: tuple[str, str]) -> bytes:
    """A feed of stories about a return, with their link and title, dated an hour ago."""
    date = (datetime.now(UTC) - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    items = "".join(
        f"<item><guid>{link}</guid><link>{link}</link><title>{title}</title><pubDate>{date}</pubDate>"
        "<description>The women and children were held in the al-Hol camp in Syria after joining Islamic State, and "
        "were repatriated on a government flight.</description></item>"
        for link, title in stories
    )
    return f'<rss version="2.0"><channel><title>Late edition</title>{items}</channel></rss>'.encode()


FIRST = ("https://late.example/1", "Four foreign fighters' families repatriated from al-Hol camp to Norrland")
SECOND = ("https://late.example/2", "Second flight brings home women who joined Islamic State from Syrian camp")


def test_digests_arrive_once_across_a_restart_and_a_bad_config_is_refused(
    tmp_path: Path, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    config = tmp_path / "config"
    with FeedServer() as server:
        serve(server, datetime.now(UTC), slow=0)
        server.add("/late.xml", late_feed())
        write_config(config, server, port)
        first = Daemon(config)
        second = None
        try:
            first.wait_for("state=started")
            told: list[str] = []
            while len(told) < 10:  # the first polls may straddle a minute, and so two digests
                told += mails.links()

            good = (config / "labels.toml").read_text(encoding="utf-8")
            (config / "labels.toml").write_text("[labels.returns]\nthreshhold = 0.5\n", encoding="utf-8")
            first.send(signal.SIGHUP)
            assert "threshhold: unknown key" in first.wait_for("config/labels.toml:2")
            (config / "labels.toml").write_text(good, encoding="utf-8")
            first.send(signal.SIGHUP)
            first.wait_for("state=in-force")

            server.add("/late.xml", late_feed(FIRST))
            first.wait_for("feed=late outcome=ok status=200 new=1")
            first.stop()

            server.add("/late.xml", late_feed(FIRST, SECOND))
            second = Daemon(config)
            second.wait_for("feed=late outcome=ok status=200 new=1")
            more: list[str] = []
            while SECOND[0] not in more:
                more += mails.links()
            second.stop(signal.SIGINT)
        finally:
            for daemon in (first, second):
                if daemon is not None:
                    daemon.kill()
        assert mails.mails.empty()
        assert {FIRST[0], SECOND[0]} <= {*more}, "what came while it was down is told"
        twice = [link for link, times in Counter(told + more).items() if times > 1]
        assert twice == [], "and nothing again; what a slow first poll brought late may still be new"


def test_alerts_arrive_within_half_a_minute_of_their_wait_though_another_channel_hangs(
    tmp_path: Path, inbox: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mails, port = inbox
    config, over = tmp_path / "config", threading.Event()

    def hang(_: Request) -> Answer:
        over.wait(PATIENCE)
        return Answer()

    with FeedServer() as server, answering(hang) as hung:
        server.add("/late.xml", late_feed())
        write_config(config, server, port)
        feed = f'[sources.samples]\ntitle = "Samples"\n[sources.samples.feeds]\nlate = "{server.url("/late.xml")}"\n'
        (config / "feeds.toml").write_text(feed, encoding="utf-8")
        text = (config / "subscriptions.toml").read_text(encoding="utf-8").replace("* * * * *", "0 0 1 1 *")
        text = text.replace('["desk"]', '["desk", "hung"]') + "alert_thresholds = { returns = 0.5 }\n"
        (config / "subscriptions.toml").write_text(text, encoding="utf-8")
        with (config / "channels.toml").open("a", encoding="utf-8") as file:
            file.write(f'[channels.hung]\nurls = ["json://127.0.0.1:{hung}/alerts?rto=300"]\n')
        with (config / "monitor.toml").open("a", encoding="utf-8") as file:
            file.write('[digest]\ngroup_wait = "3s"\n[deliver]\ntimeout = "5m"\n')
        daemon = Daemon(config, grace=1.0)
        try:
            daemon.wait_for("feed=late outcome=ok")
            for told in ((FIRST,), (FIRST, SECOND)):
                server.add("/late.xml", late_feed(*told))
                daemon.wait_for("feed=late outcome=ok status=200 new=1")
                stored = datetime.now(UTC)
                mail = mails.mails.get(timeout=PATIENCE)
                assert mail["Subject"] == f"Alert: {told[-1][1]}"
                assert datetime.now(UTC) - stored < timedelta(seconds=3 + 30)
            daemon.stop()
            assert any("gave-up-waiting" in line for line in daemon.log), "what hangs keeps no process alive"
        finally:
            over.set()
            daemon.kill()
        assert mails.mails.empty()


def asked(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    """Ask at the door of a daemon, as a mail program or a proxy does."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_who_leaves_by_the_link_of_a_mail_gets_no_other_and_a_kill_changes_nothing(
    tmp_path: Path, inbox: tuple[Inbox, int]
) -> None:
    mails, port = inbox
    config, door = tmp_path / "config", free_port()
    with FeedServer() as server:
        server.add("/late.xml", late_feed(FIRST))
        write_config(config, server, port)
        feed = f'[sources.samples]\ntitle = "Samples"\n[sources.samples.feeds]\nlate = "{server.url("/late.xml")}"\n'
        (config / "feeds.toml").write_text(feed, encoding="utf-8")
        people = ", ".join(
            f'"mailto://127.0.0.1:{port}?from=m@example.org&to={name}@example.org"' for name in ("ana", "bo")
        )
        (config / "channels.toml").write_text(f"[channels.desk]\nurls = [{people}]\n", encoding="utf-8")
        text = (config / "subscriptions.toml").read_text(encoding="utf-8").replace("* * * * *", "immediate")
        (config / "subscriptions.toml").write_text(text, encoding="utf-8")
        with (config / "monitor.toml").open("a", encoding="utf-8") as file:
            file.write(
                '[digest]\ngroup_wait = "1s"\n[mail]\nbase_url = "https://news.example.org/d"\n'
                f'secret = "a-secret-of-some-length"\n[web]\nlisten = "127.0.0.1:{door}"\n'
            )
        first, second = Daemon(config), None
        try:
            first.wait_for(f"web state=listening address=127.0.0.1:{door}")
            links = {}
            for _ in range(2):
                mail = mails.mails.get(timeout=PATIENCE)
                assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
                links[mail["To"]] = re.fullmatch(r"<https://news\.example\.org(/d/\S+)>", mail["List-Unsubscribe"])[1]
            assert links.keys() == {"ana@example.org", "bo@example.org"}
            ana = links["ana@example.org"]
            assert "<button" in asked(door, "GET", ana)[1]
            assert asked(door, "POST", ana, "List-Unsubscribe=One-Click")[0] == 200
            first.kill()

            server.add("/late.xml", late_feed(FIRST, SECOND))
            second = Daemon(config, grace=20.0)
            second.wait_for("subscription=minutely window=")
            assert "recipients=1" in second.log[-1]
            mail = mails.mails.get(timeout=PATIENCE)
            assert mail["To"] == "bo@example.org"
            assert SECOND[0] in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            assert "<button" not in asked(door, "GET", ana)[1]
            moved(config, second, door, ana)
        finally:
            for daemon in (first, second):
                if daemon is not None:
                    daemon.kill()
        assert mails.mails.empty()
        logged = "".join(first.log + second.log)
        assert ana.rpartition("/")[2] not in logged
        assert "leave subscription=minutely via=one-click outcome=left" in "".join(first.rest())


def moved(config: Path, daemon: Daemon, door: int, link: str) -> None:
    """Have the door elsewhere, and where it cannot be; and see the daemon end though somebody says nothing at it."""
    options = config / "monitor.toml"
    text = options.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        options.write_text(text.replace(str(door), str(other.getsockname()[1])), encoding="utf-8")
        daemon.send(signal.SIGHUP)
        assert "the port is taken by another program" in daemon.wait_for("config state=refused")
        assert asked(door, "HEAD", link)[0] == 200, "the old one goes on"
    elsewhere = free_port()
    options.write_text(text.replace(str(door), str(elsewhere)), encoding="utf-8")
    daemon.send(signal.SIGHUP)
    daemon.wait_for("state=in-force")
    assert asked(elsewhere, "HEAD", link)[0] == 200
    with pytest.raises(ConnectionRefusedError):
        asked(door, "HEAD", link)
    with socket.create_connection(("127.0.0.1", elsewhere), timeout=30) as silent:
        silent.sendall(b"GET /")
        daemon.stop()


def test_a_second_daemon_on_one_database_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config"
    with FeedServer() as server:
        write_config(config, server, 1)
        first = Daemon(config)
        try:
            first.wait_for("state=started")
            other = subprocess.run(
                [sys.executable, "-m", "monitor", "run", "--config", str(config)],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert other.returncode == 2
            assert "another daemon runs on this database" in other.stderr
            first.stop()
        finally:
            first.kill()

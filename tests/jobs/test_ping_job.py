"""The dead man's switch: called after good cycles, withheld after bad ones, and nothing breaks on it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from monitor.daemon import _guarded
from monitor.domain.channel import Alarm, AlarmKind
from monitor.jobs import ping
from monitor.store import alarms
from tests.answering import Answer, Request, answering

SECRET = "0a1b2c3d-uuid-of-the-check"


@dataclass
class Switch:
    """A service that waits for signs of life; ``calls`` are method, path and body."""

    port: int = 0
    status: int = 200
    calls: list[tuple[str, str, str]] = field(default_factory=list)


@pytest.fixture
def switch() -> Iterator[Switch]:
    def answer(asked: Request) -> Answer:
        state.calls.append((asked.method, asked.path, asked.body.decode()))
        return Answer(state.status)

    state = Switch()
    with answering(answer) as state.port:
        yield state


@pytest.fixture
def app(office, switch):
    """Open an app that pings; ``more`` stands in its [ping] table."""
    opened = []

    def make(more="allow_private = true\n"):
        office.environment = {"PING_URL": f"http://127.0.0.1:{switch.port}/{SECRET}"}
        office.more = f'[ping]\nurl = "${{PING_URL}}"\n{more}'
        opened.append(office.app())
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def cycle(**bad: bool) -> ping.Cycle:
    made = ping.Cycle()
    for name in ping.CYCLE:
        made.note(name, good=name not in bad)
    return made


def test_a_good_cycle_is_told_once(office, app, switch):
    made = cycle()
    opened = app()
    assert ping.run(opened, made, now=office.clock)
    assert switch.calls == [("GET", f"/{SECRET}", "")]
    assert not ping.run(opened, made, now=office.clock), "no job has ended since"
    assert len(switch.calls) == 1


def test_a_post_says_in_a_line_how_things_stand(office, app, switch):
    switch.status = 202
    assert ping.run(app('method = "POST"\nallow_private = true\n'), cycle(), now=office.clock)
    ((method, _, body),) = switch.calls
    assert method == "POST"
    assert body == "returns-monitor alive at 2026-11-22T06:00:00Z; deliveries: 0 waiting, 0 failed\n"


def test_a_job_that_crashed_withholds_it_until_all_went_well_again(office, app, switch, caplog):
    opened, made = app(), ping.Cycle()

    def crash():
        raise OSError("no space left on device")

    for name in ("digest", "alert", "deliver"):
        _guarded(name, lambda: None, made)()
    assert not ping.run(opened, made, now=office.clock), "poll has not ended yet"
    _guarded("poll", crash, made)()
    _guarded("poll", lambda: None, made)()
    assert not ping.run(opened, made, now=office.clock)
    assert "ping outcome=withheld jobs=poll" in caplog.text
    for name in ping.CYCLE:
        _guarded(name, lambda: None, made)()
    assert ping.run(opened, made, now=office.clock)
    assert len(switch.calls) == 1


def test_an_alarm_that_reaches_nobody_withholds_it(office, app, switch, caplog):
    opened = app()
    alarm = Alarm(AlarmKind.CHANNEL, "mail", "mail", "451", office.now, told=False)
    assert alarms.change(opened.store, [], [alarm], telling=None, now=office.now)
    assert not ping.run(opened, cycle(), now=office.clock)
    assert (switch.calls, "unheard=mail" in caplog.text) == ([], True)


@pytest.mark.parametrize(("status", "kind"), [(500, "http-500"), (404, "http-404"), (301, "http-301")])
def test_a_ping_that_fails_is_logged_without_its_address_and_breaks_nothing(office, app, switch, caplog, status, kind):
    caplog.set_level(logging.INFO, logger="monitor")
    switch.status = status
    assert not ping.run(app(), cycle(), now=office.clock)
    assert f"ping outcome=failed kind={kind}" in caplog.text
    assert SECRET not in caplog.text
    assert len(switch.calls) == 1


def test_the_guard_keeps_it_from_going_inside_unless_config_says_so(office, app, switch, caplog):
    assert not ping.run(app(""), cycle(), now=office.clock)
    assert (switch.calls, "kind=blocked-address" in caplog.text) == ([], True)


def test_nobody_there_is_a_failure_like_others(office, app, switch, caplog):
    app()
    office.environment = {"PING_URL": "http://127.0.0.1:1/x"}
    with office.app() as opened:
        assert not ping.run(opened, cycle(), now=office.clock)
    assert "ping outcome=failed kind=connect" in caplog.text


def test_without_an_address_nothing_is_called(office, app, switch):
    office.more = ""
    with office.app() as opened:
        assert not ping.run(opened, cycle(), now=office.clock)
    assert switch.calls == []

"""The rule of alarms: once when it begins, once when it ends, and never by the channel that fails."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.alarms import decide, teller, told
from monitor.domain.channel import Alarm, ChannelState, RecipientState, Trouble
from monitor.domain.delivery import Failure, Recipient, Suspension

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("mail", "slack", "files")
RECIPIENTS = {
    name: (Recipient(f"{name}-1", name, f"{'folder' if name == 'files' else name}://one", "x"),) for name in NAMES
}


def state(name: str, failing: timedelta | None, *, suspended: bool, due: bool) -> ChannelState:
    ident, label = f"{name}-1", RECIPIENTS[name][0].label
    trouble = None
    if failing is not None:
        next_at = NOW if due else NOW + HOUR
        trouble = Trouble(name, ident, label, NOW - failing, NOW, 3, Failure.TRANSIENT, "451", "later", next_at)
    suspension = Suspension(ident, name, label, NOW, "550", 1) if suspended else None
    return ChannelState(name, (RecipientState(ident, label, None, 0, 0, trouble, suspension),))


channels = st.builds(
    lambda *parts: [state(n, f, suspended=s, due=d) for n, (f, s, d) in zip(NAMES, parts, strict=True)],
    *[st.tuples(st.none() | st.timedeltas(timedelta(), 3 * HOUR), st.booleans(), st.booleans())] * len(NAMES),
)


@given(days=st.lists(channels, max_size=6), reachable=st.lists(st.booleans(), min_size=6, max_size=6))
def test_each_alarm_is_told_once_and_ended_once_whatever_comes(
    days: list[list[ChannelState]], reachable: list[bool]
) -> None:
    kept: list[Alarm] = []
    heard: set[object] = set()
    for found, somebody in zip(days, reachable, strict=False):
        turn = decide(kept, found, after=HOUR, reachable=somebody, now=NOW)
        opened = told(turn, reached=somebody)
        for alarm in opened:
            assert alarm.key not in heard, "told twice"
            heard |= {alarm.key} if somebody else set()
        for alarm in turn.closed:
            assert alarm.told == (alarm.key in heard)
            heard.discard(alarm.key)
        changed = {alarm.key for alarm in (*turn.opened, *turn.closed)}
        kept = [*(alarm for alarm in kept if alarm.key not in changed), *opened]
        assert len({alarm.key for alarm in kept}) == len(kept)
        again = decide(kept, found, after=HOUR, reachable=somebody, now=NOW)
        assert (again.opened, again.closed) == ((), ()), "nothing has changed"
    last = decide(kept, [], after=HOUR, reachable=True, now=NOW)
    assert set(last.closed) == set(kept)


@given(found=channels, preferred=st.sampled_from([*NAMES, "ops"]))
def test_what_fails_or_is_suspended_is_never_told_to(found: list[ChannelState], preferred: str) -> None:
    chosen = teller(found, RECIPIENTS, preferred=preferred, after=HOUR, now=NOW)
    names = {one.channel for one in chosen}
    bad = {
        channel.name
        for channel in found
        if channel.suspended or any(NOW - t.since >= HOUR and t.next_at != NOW for t in channel.troubles)
    }
    assert names.isdisjoint(bad)
    assert bool(names) == bool(set(NAMES) - bad)
    if preferred in set(NAMES) - bad:
        assert names == {preferred}
    elif set(NAMES) - bad - {"files"}:
        assert names != {"files"}

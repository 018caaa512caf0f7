"""What a user's own store adds to training: people's labels, and ordinary entries of the stream."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.classify.quality.gate import kept_out
from monitor.classify.train import Annotated, Stream
from monitor.domain.entry import WATCH, ClassifiedEntry, Score
from monitor.errors import UsageError
from monitor.jobs import adapt
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store import annotations
from monitor.store import entries as store_entries
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store
from monitor.store.prune import prune
from tests.store.conftest import Room

DAY = timedelta(days=1)
LABELS = "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n"
NAMED = "Families of foreign fighters are flown home"
CAN_LEARN = [id_ for id_ in range(1, 2_000) if not kept_out(id_)]
"""Stories, each with the id of its first entry, that are not kept for the gate."""


@dataclass
class Press:
    """A store and a config of two feeds, ``one`` of news and ``two`` of analysis. Titles are ``Note ID``."""

    store: Store
    base: Path
    build: Callable[..., ClassifiedEntry]
    now: datetime
    labels: str = LABELS
    count: int = 0

    def settings(self) -> Settings:
        config = self.base / "config"
        config.mkdir(exist_ok=True)
        feeds = "".join(
            f'[sources.{name}]\ntitle = "{name}"\ntier = "{tier}"\n[sources.{name}.feeds]\n'
            f'{name} = "http://127.0.0.1:9/{name}"\n'
            for name, tier in (("one", "news"), ("two", "analysis"))
        )
        for name, text in {"monitor": "", "feeds": feeds, "labels": self.labels, "channels": ""}.items():
            (config / f"{name}.toml").write_text(text, encoding="utf-8")
        (config / "subscriptions.toml").write_text("", encoding="utf-8")
        return load(config, {}, channels=False)

    def bring(self, number: int = 1, *, feed: str = "one", at: datetime | None = None, **fields: Any) -> list[int]:
        """Let entries come, ordinary ones unless ``fields`` say otherwise; returns their ids."""
        ids = list(range(self.count + 1, self.count + number + 1))
        self.count += number
        given = [{"returns": 0.01, "policy": 0.02, "title": f"Note {id_}", **fields} for id_ in ids]
        new = [self.build(str(id_), **one) for id_, one in zip(ids, given, strict=True)]
        Room(self.store).poll(feed, *new, at=at or self.now)
        return ids

    def say(self, entry_id: int, **labels: bool | None) -> None:
        new = [NewAnnotation(entry_id, label, value) for label, value in labels.items()]
        annotations.add(self.store, new, who="ana", via="cli", now=self.now)

    def gather(self, *, people: bool = False, stream: bool = True) -> Stream:
        return adapt.gather(self.store, self.settings(), annotations=people, stream=stream)


@pytest.fixture
def press(store: Store, tmp_path: Path, classified: Callable[..., ClassifiedEntry], now: datetime) -> Press:
    return Press(store, tmp_path, classified, now)


def taken(stream: Stream) -> list[int]:
    """The ids of the ordinary entries that were taken, those of the calibration last."""
    return [int(title.removeprefix("Note ")) for title, _ in (*stream.ordinary, *stream.recent)]


def test_without_labels_of_people_there_is_nothing_to_learn_from_them(press: Press) -> None:
    press.bring(3)
    press.say(1, returns=None)
    press.say(2, prosecution=True)  # no label that is trained
    with pytest.raises(UsageError, match=r"--with-annotations: nobody has labelled an entry yet; `monitor review`"):
        press.gather(people=True, stream=False)


def test_labels_that_are_all_kept_for_the_gate_are_not_enough_and_are_counted(press: Press) -> None:
    press.bring(40)
    out = [id_ for id_ in range(1, 41) if kept_out(id_)]
    for id_ in out:
        press.say(id_, returns=True)
    with pytest.raises(UsageError, match=rf"--with-annotations: not enough labels: .* \({len(out)}\) none is left"):
        press.gather(people=True, stream=False)


def test_too_few_ordinary_entries_are_refused_with_their_number(press: Press) -> None:
    press.bring(adapt.ENOUGH)
    there = sum(not kept_out(id_) for id_ in range(1, adapt.ENOUGH + 1))
    assert 0 < there < adapt.ENOUGH
    with pytest.raises(UsageError, match=rf"--with-store: not enough ordinary entries \({there}/1000\): .*; poll for"):
        press.gather()


def test_an_empty_store_has_none(press: Press) -> None:
    with pytest.raises(UsageError, match=r"not enough ordinary entries \(0/1000\)"):
        press.gather()


def test_what_people_labelled_is_taken_with_their_yes_and_no_and_without_what_they_were_unsure_of(press: Press) -> None:
    press.bring(20)
    first, second, third, fourth = CAN_LEARN[:4]
    press.say(first, returns=True, policy=False)
    press.say(second, returns=False, policy=None)
    press.say(third, returns=None)
    press.say(fourth, policy=False)
    press.say(fourth, policy=True)
    assert press.gather(people=True, stream=False) == Stream(
        annotated=[
            Annotated(f"Note {first}", "", {"returns": True, "policy": False}),
            Annotated(f"Note {second}", "", {"returns": False}),
            Annotated(f"Note {fourth}", "", {"policy": True}),
        ]
    )


def test_one_story_in_five_is_never_learnt_from_labelled_or_not(press: Press) -> None:
    press.bring(1_400)
    for id_ in range(1, 51):
        press.say(id_, returns=id_ % 2 == 0)
    stream = press.gather(people=True)
    learnt = [int(item.title.removeprefix("Note ")) for item in stream.annotated]
    assert learnt == [id_ for id_ in range(1, 51) if not kept_out(id_)]
    assert taken(stream) == [id_ for id_ in range(51, 1_401) if not kept_out(id_)]


def test_a_story_that_is_kept_out_is_kept_out_under_every_link(press: Press) -> None:
    press.bring(next(number for number in range(1_300, 1_400) if not kept_out(number + 1)))
    out = next(id_ for id_ in range(1, 99) if kept_out(id_))
    (told_again,) = press.bring(marks=(f"u:{out}",))  # by its own id it would not be kept out
    press.say(told_again, returns=True)
    press.say(CAN_LEARN[0], returns=True)
    stream = press.gather(people=True)
    assert [item.title for item in stream.annotated] == [f"Note {CAN_LEARN[0]}"]
    assert told_again not in taken(stream)


def test_nothing_is_presumed_negative_that_scores_names_the_subject_or_was_spoken_of(press: Press) -> None:
    press.bring(1_300)
    press.labels = (
        '[labels.returns]\nthreshold = 0.5\n[terms]\nfighter = ["muhajirat"]\n[watch.case]\nterms = ["Anna Example"]\n'
    )
    presumed = {
        "low": press.bring(returns=0.049, policy=0.049, title="Note 100001"),
        "high": press.bring(returns=0.05, title="Note 100002"),
        "high in a label that the config does not have": press.bring(policy=0.9, title="Note 100003"),
        "named": press.bring(title=NAMED),
        "named by a word of the user's": press.bring(title="Muhajirat ask the city for a bus"),
        "named in the text": press.bring(text=NAMED, title="Note 100004"),
        "watched": press.bring(title="Note 100005"),
        "refused": press.bring(title="Note 100006"),
        "unsure": press.bring(title="Note 100007"),
        "told again": press.bring(title="Note 100008", marks=(f"u:{CAN_LEARN[0]}",)),
        "waits": press.bring(title="Note 100009", scorer=""),
    }
    with press.store.write() as connection:
        watched = (presumed["watched"][0], 1, {WATCH: Score(1.0)}, "test+0")
        store_entries.add_scores_of(connection, [watched], press.now)
    press.say(presumed["refused"][0], returns=False)
    press.say(presumed["unsure"][0], policy=None)
    press.say(CAN_LEARN[0], returns=False)
    stream = press.gather()
    usual = {f"Note {id_}" for id_ in range(1, 1_301)}
    titles = {title for title, _ in (*stream.ordinary, *stream.recent)} - usual
    in_gate = {"Note 100001"} if kept_out(presumed["low"][0]) else set()
    assert titles == {"Note 100001"} - in_gate
    assert CAN_LEARN[0] not in taken(stream)


def test_the_newest_fifth_calibrates_and_nothing_is_fitted_to_it(press: Press) -> None:
    press.bring(1_300)
    stream = press.gather()
    assert len(stream.recent) == (len(stream.ordinary) + len(stream.recent)) // 5
    assert taken(stream) == [id_ for id_ in range(1, 1_301) if not kept_out(id_)]


def test_the_same_store_gives_the_same_stream_and_at_most_6_000_are_taken_from_all_over_it(press: Press) -> None:
    press.bring(9_000)
    stream = press.gather()
    ids = taken(stream)
    assert (len(stream.ordinary), len(stream.recent)) == (4_800, 1_200)
    assert ids == sorted(set(ids))
    tenths = [sum(start < id_ <= start + 900 for id_ in ids) for start in range(0, 9_000, 900)]
    assert min(tenths[1:]) > 500  # of 600; the first gives way where more than the most are found
    assert press.gather() == stream


@pytest.mark.parametrize(
    ("labels", "inside"),
    [
        (LABELS, 20 + 4),
        ("[labels.returns]\nthreshold = 0.7\n[labels.policy]\nthreshold = 0.5\n", 4),
        ("[labels.policy]\nthreshold = 0.02\n", 1_300 + 20 + 30),  # all but those that policy scores .01
        ('[labels.returns]\nthreshold = 0.5\nlanguages = { ru = { threshold = 0.25 } }\n', 20 + 4 + 10),
        ('[labels.returns]\nthreshold = 0.5\ntiers = { analysis = { threshold = 0.25 } }\n', 20 + 4 + 20),
        ("[labels.watch]\nthreshold = 0.5\n", 0),
    ],
    ids=["both labels", "a higher line", "a low line", "a line for a language", "a line for a tier", "none is trained"],
)  # fmt: skip
def test_the_base_rate_is_that_of_the_lines_in_config_and_of_what_people_said(
    press: Press, labels: str, inside: int
) -> None:
    press.bring(1_300)
    press.bring(20, returns=0.6)
    press.bring(10, returns=0.3, lang="ru")
    press.bring(20, returns=0.3, feed="two")
    refused = press.bring(3, returns=0.9, policy=0.01)
    given = press.bring(4, returns=0.1, policy=0.01)
    for id_ in refused:
        press.say(id_, returns=False)
    for id_ in given:
        press.say(id_, returns=True)
    with press.store.write() as connection:
        store_entries.add_scores_of(connection, [(2, 1, {WATCH: Score(1.0)}, "test+0")], press.now)
    press.labels = labels
    rate = press.gather().base_rate
    assert rate == pytest.approx(max(inside / press.count, 1e-4))


def test_what_is_kept_only_since_people_spoke_of_it_is_no_part_of_the_base_rate(press: Press) -> None:
    old = press.bring(50, at=press.now - 9 * DAY)
    for id_ in old[:40]:
        press.say(id_, returns=True)
    before = press.now - DAY
    prune(press.store, entries_before=before, polls_before=before, digests_before=before, documents_before=before)
    press.bring(1_300)
    press.bring(13, returns=0.6)
    press.bring(20, scorer="")
    assert press.gather().base_rate == pytest.approx(13 / 1_313)


def test_with_both_the_stream_has_both_and_says_that_it_is_read(press: Press) -> None:
    press.bring(1_300)
    press.say(CAN_LEARN[0], returns=True)
    told: list[str] = []
    stream = adapt.gather(press.store, press.settings(), annotations=True, stream=True, progress=told.append)
    assert [item.title for item in stream.annotated] == [f"Note {CAN_LEARN[0]}"]
    assert taken(stream) == [id_ for id_ in CAN_LEARN[1:] if id_ <= 1_300]
    assert told == ["reading the stream"]


def test_without_flags_nothing_is_read(press: Press) -> None:
    stream = press.gather(stream=False)
    assert (list(stream.annotated), list(stream.ordinary), list(stream.recent), stream.base_rate) == ([], [], [], None)

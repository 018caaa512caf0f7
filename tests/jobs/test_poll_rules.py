"""Going on by rules while no model can be loaded, and what becomes of it when the model is back."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import App, build, load_model
from monitor.classify.artefact import active
from monitor.demo.server import FeedServer
from monitor.domain.entry import WATCH, StoredEntry
from monitor.errors import UsageError
from monitor.jobs import digest, poll, replay
from monitor.jobs.poll import PollReport
from monitor.settings.bundled import bundled_models
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store import digests as store_digests
from monitor.store import views
from monitor.store.feeds import Which

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULE = 'rule = { terms = { "flown home" = 2.0 } }'
BY_RULES = f"[labels.returns]\nthreshold = 0.5\n{RULE}\n[labels.policy]\nthreshold = 0.5\n"
PLAIN = "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n"
BOTH = "Foreign fighters' families flown home from al-Hol camp in Syria, ministry says"
RULE_ONLY = "Pilot flown home after the harbour fair"
MODEL_ONLY = "Foreign fighters' families repatriated from al-Hol camp in Syria, ministry says"
NEITHER = "Harvest festival draws record crowd to the valley"
TITLES = (BOTH, RULE_ONLY, MODEL_ONLY, NEITHER)


class Desk:
    """A config with a folder of models of its own, one feed, a clock, and the subscription ``morning``."""

    def __init__(self, base: Path, server: FeedServer) -> None:
        self.base, self.server, self.now = base, server, NOW
        self.labels, self.more = BY_RULES, ""
        self.wanted = ["returns", "policy"]
        self.models = base / "models"
        (base / "config").mkdir()
        self.serve(*TITLES)

    def serve(self, *titles: str) -> None:
        date = format_datetime(NOW - HOUR)
        items = "".join(
            f"<item><guid>{n}</guid><link>https://paper.example/{n}</link><title>{title}</title>"
            f"<pubDate>{date}</pubDate><description>Told on Friday.</description></item>"
            for n, title in enumerate(titles, 1)
        )
        body = f'<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'
        self.server.add("/paper.xml", body.encode())

    def settings(self) -> Settings:
        files = {
            "monitor": f'[fetch]\nallow_private_hosts = true\n[model]\ndirectory = "models"\n{self.more}',
            "feeds": '[sources.paper]\ntitle = "Paper"\nlanguage = "en"\n[sources.paper.feeds]\n'
            f'paper = "{self.server.url("/paper.xml")}"\n',
            "labels": self.labels,
            "channels": '[channels.files]\nurls = ["folder://digests"]\n',
            "subscriptions": f'[subscriptions.morning]\nlabels = {json.dumps(self.wanted)}\nchannels = ["files"]\n',
        }
        for name, written in files.items():
            (self.base / "config" / f"{name}.toml").write_text(written, encoding="utf-8")
        return load(self.base / "config", {})

    def restore(self) -> Path:
        """Put the model of the program in its place; returns its folder."""
        version = active(bundled_models())
        shutil.copytree(bundled_models() / version, self.models / version, dirs_exist_ok=True)
        (self.models / "ACTIVE").write_text(version, encoding="utf-8")
        return self.models / version

    def app(self) -> App:
        return build(self.settings())

    def poll(self, *, after: timedelta = timedelta()) -> PollReport:
        self.now += after
        with self.app() as app:
            return poll.run(app, names=["paper"], which=Which.NAMED, now=lambda: self.now)

    def told(self, *, after: timedelta = HOUR) -> str:
        """Close the window of ``morning`` now; returns its text, "" where nothing was sent."""
        self.now += after
        with self.app() as app:
            (sent,) = digest.send(app, ["morning"], now=lambda: self.now)
            message = store_digests.digest_of_window(app.store, "morning", sent.key)
        return " ".join(message.text.split()) if message else ""

    def stored(self) -> dict[str, StoredEntry]:
        with self.app() as app:
            return {entry.entry.title: entry for entry in views.items(app.store, limit=0)}

    def returns(self) -> dict[str, float]:
        return {title: round(entry.scores["returns"].probability, 2) for title, entry in self.stored().items()}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with FeedServer() as server:
        yield Desk(tmp_path, server)


def titles(told: str) -> set[str]:
    return {title for title in TITLES if title in told}


def test_with_rules_and_no_model_entries_are_scored_announced_and_told_by_rules(desk: Desk) -> None:
    report = desk.poll()
    assert "ACTIVE cannot be read" in report.model_problem
    assert (report.new, report.caught_up) == (4, 0)
    assert desk.returns() == {BOTH: 0.67, RULE_ONLY: 0.67, MODEL_ONLY: 0.0, NEITHER: 0.0}
    entry = desk.stored()[BOTH]
    assert entry.announceable
    assert entry.scorer.startswith("rules+")
    assert [term.text for term in entry.scores["returns"].terms] == ["flown home"]
    told = desk.told()
    assert titles(told) == {BOTH, RULE_ONLY}
    assert f"Model {entry.scorer}" in told
    assert "wait for a model" not in told


def tampered(folder: Path) -> None:
    """Make the first array's data begin with a block of a kind that deflate does not have."""
    content = bytearray((folder / "weights.npz").read_bytes())
    begins = 30 + sum(int.from_bytes(content[at : at + 2], "little") for at in (26, 28))  # APPNOTE.TXT 4.3.7
    content[begins] = 0xFF
    (folder / "weights.npz").write_bytes(content)


def tampered_with_its_checksum(folder: Path) -> None:
    tampered(folder)
    digest_ = hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    edited(folder, weights={"file": "weights.npz", "sha256": digest_})


def edited(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "model.json").read_text("utf-8"))
    (folder / "model.json").write_text(json.dumps({**manifest, **changes}), encoding="utf-8")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "tampered": (tampered, "its checksum is not the one in model.json"),
    "tampered with its checksum": (tampered_with_its_checksum, "weights.npz is refused"),
    "another format": (lambda folder: edited(folder, format=99), "has format 99"),
    "other features": (lambda folder: edited(folder, features=99), "was trained for features 99"),
    "other concepts": (lambda folder: edited(folder, concepts=[]), "does not fit its weights"),
    "no manifest": (lambda folder: (folder / "model.json").write_text("{"), "model.json is refused"),
    "no weights": (lambda folder: (folder / "weights.npz").unlink(), "weights.npz is missing"),
    "no version": (lambda folder: (folder.parent / "ACTIVE").write_text("../up"), "'../up' is no model version"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
@pytest.mark.parametrize("labels", [BY_RULES, PLAIN], ids=["rules", "no rules"])
def test_whatever_is_wrong_with_a_model_is_named_and_its_rules_go_on_if_there_are_any(
    desk: Desk, damage: tuple[Callable[[Path], object], str], labels: str
) -> None:
    damage[0](desk.restore())
    desk.labels = labels
    model = load_model(desk.settings())
    assert damage[1] in model.problem
    assert model.problem in model.consequence
    if labels == BY_RULES:
        assert model.name == "rules"
        assert model.consequence.startswith("entries are scored by the rules of labels.toml, and again once there is a")
        assert model.classifier is not None
        assert model.classifier.classify([(BOTH, "")])[0]["returns"].probability == pytest.approx(2 / 3)
    else:
        assert (model.name, model.classifier) == ("none", None)
        assert model.consequence.startswith("entries are stored unclassified and wait: ")


def test_a_model_of_another_scikit_learn_is_in_use_and_warned_of(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    edited(desk.restore(), scikit_learn="0.1")
    with caplog.at_level("WARNING", logger="monitor"):
        model = load_model(desk.settings())
    assert (model.problem, model.consequence, model.name) == ("", "", active(bundled_models()))
    assert [record.getMessage() for record in caplog.records if "scikit-learn 0.1" in record.getMessage()]


def test_once_the_model_is_back_the_next_poll_scores_anew_what_went_by_rules_exactly_once(desk: Desk) -> None:
    desk.poll()
    desk.restore()
    report = desk.poll(after=HOUR)
    assert (report.model_problem, report.caught_up, report.new) == ("", 4, 0)
    scores = desk.returns()
    assert {title for title, score in scores.items() if score >= 0.5} == {BOTH, MODEL_ONLY}
    entry = desk.stored()[MODEL_ONLY]
    assert entry.scorer.startswith(f"{active(bundled_models())}+")
    assert "policy" in entry.scores
    seqs = places(desk)
    assert desk.poll(after=HOUR).caught_up == 0
    assert (desk.returns(), places(desk)) == (scores, seqs)


def places(desk: Desk) -> dict[str, int]:
    with desk.app() as app, app.store.read() as connection:
        rows = connection.execute(text("SELECT title, announce_seq FROM entry"))
        return {row.title: row.announce_seq for row in rows}


def test_what_was_shown_is_not_shown_again_and_what_only_the_model_puts_in_is_told_next(desk: Desk) -> None:
    desk.poll()
    assert titles(desk.told()) == {BOTH, RULE_ONLY}
    desk.restore()
    desk.poll(after=HOUR)
    assert titles(desk.told()) == {MODEL_ONLY}
    assert desk.told() == ""


def test_what_no_window_has_judged_yet_is_judged_by_the_model_alone(desk: Desk) -> None:
    desk.poll()
    desk.restore()
    desk.poll(after=HOUR)
    assert titles(desk.told()) == {BOTH, MODEL_ONLY}
    assert desk.told() == ""


@pytest.mark.parametrize(("age", "again"), [(9 * DAY, {MODEL_ONLY}), (9 * DAY + timedelta(seconds=1), set())])
def test_what_is_news_no_more_gets_its_scores_and_no_new_place(desk: Desk, age: timedelta, again: set[str]) -> None:
    desk.poll()
    desk.told(after=timedelta())
    before = places(desk)
    desk.restore()
    assert desk.poll(after=age).caught_up == 4
    after = places(desk)
    assert desk.returns()[MODEL_ONLY] > 0.5
    assert (min(after.values()) > max(before.values())) is bool(again)
    assert after == before or again
    assert titles(desk.told()) == again


def test_without_rules_entries_wait_as_ever_and_are_judged_when_the_model_is_back(desk: Desk) -> None:
    desk.labels = PLAIN
    desk.poll()
    assert {(dict(entry.scores) == {}, entry.scorer) for entry in desk.stored().values()} == {(True, "")}
    assert desk.told() == ""
    desk.restore()
    assert desk.poll(after=HOUR).caught_up == 4
    assert titles(desk.told()) == {BOTH, MODEL_ONLY}


def test_rules_that_come_later_take_what_waits_and_the_model_takes_it_again(desk: Desk) -> None:
    desk.labels = PLAIN
    desk.poll()
    desk.labels = BY_RULES
    assert desk.poll(after=HOUR).caught_up == 4
    assert desk.poll(after=HOUR).caught_up == 0
    assert desk.returns()[RULE_ONLY] == 0.67
    assert titles(desk.told()) == {BOTH, RULE_ONLY}
    desk.restore()
    assert desk.poll(after=HOUR).caught_up == 4
    assert titles(desk.told()) == {MODEL_ONLY}


def test_a_model_that_fails_later_leaves_its_scores_and_rules_judge_what_is_new_and_what_is_edited(desk: Desk) -> None:
    desk.restore()
    desk.serve(MODEL_ONLY, NEITHER)
    desk.poll()
    shutil.rmtree(desk.models)
    desk.serve(MODEL_ONLY, "Harvest festival crowd of 900 flown home after the storm", RULE_ONLY)
    report = desk.poll(after=HOUR)
    assert (report.new, report.edited, report.caught_up) == (1, 1, 0)
    scorers = {title: entry.scorer.partition("+")[0] for title, entry in desk.stored().items()}
    version = active(bundled_models())
    assert scorers == {
        MODEL_ONLY: version, "Harvest festival crowd of 900 flown home after the storm": "rules", RULE_ONLY: "rules"
    }  # fmt: skip
    desk.restore()
    assert desk.poll(after=HOUR).caught_up == 2
    assert {entry.scorer.partition("+")[0] for entry in desk.stored().values()} == {version}


def test_a_comma_that_was_set_meanwhile_keeps_no_entry_from_its_model(desk: Desk) -> None:
    desk.serve(MODEL_ONLY)
    desk.poll()
    desk.serve(MODEL_ONLY.replace(" in Syria,", ", in Syria,"))
    assert desk.poll(after=HOUR).edited == 1
    desk.restore()
    assert desk.poll(after=HOUR).caught_up == 1
    assert next(iter(desk.returns().values())) > 0.5


def test_the_watch_list_is_heeded_without_a_model_and_a_hit_alone_is_in_no_digest(desk: Desk) -> None:
    desk.labels += '[watch.fair]\nterms = ["harvest festival*"]\n'
    desk.poll()
    scores = desk.stored()[NEITHER].scores
    assert (scores[WATCH].probability, [term.text for term in scores[WATCH].terms]) == (1.0, ["Harvest festival"])
    assert titles(desk.told()) == {BOTH, RULE_ONLY}


@pytest.mark.parametrize("model", [True, False], ids=["a model", "rules"])
def test_a_label_that_nothing_scores_lets_nothing_in_and_the_rest_goes_on(desk: Desk, model: bool) -> None:
    if model:
        desk.restore()
    desk.labels += "[labels.nonsense]\nthreshold = 0.0\n"
    desk.wanted = ["nonsense", "returns"]
    assert desk.poll().new == 4
    told = desk.told()
    assert titles(told) == ({BOTH, MODEL_ONLY} if model else {BOTH, RULE_ONLY})
    assert "nonsense 0" in told  # its line stands in the footer


def test_a_replay_puts_no_rules_above_what_a_model_has_scored(desk: Desk) -> None:
    desk.restore()
    desk.poll()
    scores = desk.returns()
    shutil.rmtree(desk.models)
    with desk.app() as app, pytest.raises(UsageError, match="ACTIVE"):
        replay.run(app, classify=True, now=lambda: desk.now + HOUR)
    assert desk.returns() == scores

"""The audit of a peer in production, its rows on what is in a digest: what went wrong there does not go wrong here.

Rows 1, 4, 5, 6, 8 and 11; the others are in test_audit_delivery.py and test_audit_settings.py.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.app import App, build
from monitor.demo.server import FeedServer
from monitor.domain.delivery import DeliveryState
from monitor.domain.digest import Message
from monitor.domain.facts import Facts, Measure, MeasureFact, Place, Stage
from monitor.jobs import alert, deliver, digest, poll, prune
from monitor.jobs.running import parser_pool
from monitor.settings.load import load
from monitor.store import annotations, outbox
from monitor.store.annotations import NewAnnotation
from tests.jobs.conftest import Office, Post, news

from .audit import DAY, HOUR, LABELS, SECOND, desk, numbers, sent_as


def weekly(office: Office, app: App, weeks: int) -> list[Message]:
    """Send a digest a week."""
    made = []
    for _ in range(weeks):
        office.now += 7 * DAY
        (sent,) = digest.send(app, ["desk"], now=office.clock)
        if message := sent_as(app, sent.key):
            made.append(message)
    return made


# 1


def test_row_01_no_import_however_large_makes_a_mail_of_more_than_its_cap(bureau: Office, post: Post) -> None:
    bureau.channels = f"[channels.mail]\nurls = [{post.url('ana@team.example')!r}]\n"
    bureau.subscriptions = desk(channel="mail")
    many = [news(number, returns=0.9) for number in range(3_570)]
    with bureau.app() as app:
        bureau.bring(app, *many)
        told = []
        for _ in range(5):
            digest.send(app, ["desk"], now=bureau.clock)
            deliver.run(app, now=bureau.clock)
            bureau.now += DAY
    for mail in post.mails:
        html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))  # type: ignore[union-attr]
        told.append({int(found) for found in re.findall(r"number (\d+)", text)})
        assert len(html.encode()) < 100_000
        assert len(mail.as_bytes()) < 300_000
    assert [len(one) for one in told] == [40, 40], "what the cap cut comes once more, and then never again"
    assert not told[0] & told[1]
    assert "3,530 more stories were over the line" in " ".join(post.mails[0].get_body(("plain",)).get_content().split())  # type: ignore[union-attr]


def test_row_01_what_a_server_finds_too_large_is_not_made_and_sent_again_day_by_day(bureau: Office, post: Post) -> None:
    post.data = ["552 5.3.4 message exceeds the size limit", "250 2.0.0 taken"]
    bureau.channels = f"[channels.mail]\nurls = [{post.url('ana@team.example')!r}]\n"
    bureau.subscriptions = desk("empty_digests = true", channel="mail")
    with bureau.app() as app:
        bureau.bring(app, *(news(number, returns=0.9) for number in range(1, 31)))
        for day in range(15):
            digest.send(app, ["desk"], now=bureau.clock)
            deliver.run(app, now=bureau.clock)
            bureau.now += DAY
            bureau.bring(app, news(100 + day, returns=0.9))
        assert outbox.counts(app.store) == {DeliveryState.FAILED: 1, DeliveryState.DELIVERED: 14}
    told = [re.findall(r"number (\d+)", mail.get_body(("plain",)).get_content()) for mail in post.mails]  # type: ignore[union-attr]
    assert [len(set(one)) for one in told] == [30, *[1] * 14]


def test_row_01_what_is_old_is_stored_and_never_sent_though_it_is_found_today(
    store_url: str, config_folder: Callable[..., Path], feed_server: FeedServer
) -> None:
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)

    def serve(items: list[tuple[int, datetime]]) -> None:
        feed_server.add("/paper.xml", rss(*((court(number), at) for number, at in items)), etag=False)

    config = config_folder(
        feeds={"paper": feed_server.url("/paper.xml")},
        subscriptions=desk("near_misses = 5"),
        labels="[labels.returns]\nthreshold = 0.0\n",
        database=store_url,
        monitor="[poll]\nmax_entries = 4000\n",
    )
    with build(load(config, {})) as app:
        serve([(1, now - HOUR)])
        poll.run(app, now=lambda: now)
        digest.send(app, ["desk"], now=lambda: now)
        serve([(number, now - 400 * DAY) for number in range(2, 600)] + [(600, now)])
        later = now + DAY
        (polled,) = poll.run(app, now=lambda: later).events
        (sent,) = digest.send(app, ["desk"], now=lambda: later)
        assert (polled.new, sent.stories) == (599, 1)
        assert numbers(sent_as(app, sent.key)) == [600]


def rss(*items: tuple[str, datetime]) -> bytes:
    made = "".join(
        f"<item><guid isPermaLink='false'>{number}-{title}</guid><title>{title}</title>"
        f"<link>https://paper.example/{number}</link><pubDate>{format_datetime(at)}</pubDate></item>"
        for number, (title, at) in enumerate(items)
    )
    return f"<rss version='2.0'><channel><title>Paper</title>{made}</channel></rss>".encode()


def court(number: int) -> str:
    return f"Court hears returnee number {number} of the camp"


# 4


@pytest.mark.parametrize(
    ("line", "wanted", "refused"),
    [
        (
            'measures = ["citizenship:adopted"]',
            "Parliament adopts law to strip Islamic State fighters of French citizenship",
            (
                "Parliament does not adopt law to strip Islamic State fighters of French citizenship",
                "Parliament has not yet adopted the law to strip Islamic State fighters of French citizenship",
                "The law to strip fighters of French citizenship was not adopted by parliament",
            ),
        ),
        (
            'measures = ["repatriation:applied"]',
            "France has repatriated twelve children of fighters from Roj camp",
            (
                "France has not yet repatriated the children of fighters in Roj camp",
                "Ministry denies it has repatriated children of fighters from Roj camp",
                "Frankreich hat die Kinder der Kämpfer aus dem Lager Roj noch nicht zurückgeholt",
            ),
        ),
        (
            'countries = ["NE"]',
            "Niger brings home twelve children of fighters from Libya",
            (
                "Nigeria brings home twelve children of fighters from Libya",
                "Nigerian woman and her children home from a camp in Syria",
            ),
        ),
        (
            "words = 'recruiting -\"not recruiting\"'",
            "Group is recruiting among former fighters, court hears",
            (
                "Group is not recruiting among former fighters, court hears",
                "Group recruited fighters in the camp, court hears",
                "Recruitingly named film about fighters opens",
            ),
        ),
    ],
    ids=["a law", "a journey", "a country", "words"],
)
def test_row_04_nothing_is_concluded_from_a_part_of_a_word_or_from_what_is_denied(
    config_folder: Callable[..., Path], feed_server: FeedServer, line: str, wanted: str, refused: tuple[str, ...]
) -> None:
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    config = config_folder(
        feeds={"paper": feed_server.url("/paper.xml")},
        subscriptions=desk(line),
        labels="[labels.returns]\nthreshold = 0.0\n",
    )
    feed_server.add("/paper.xml", rss(*((title, now - HOUR) for title in (wanted, *refused))))
    with build(load(config, {})) as app:
        poll.run(app, now=lambda: now)
        (sent,) = digest.send(app, ["desk"], now=lambda: now)
        found = sent_as(app, sent.key)
    assert found is not None
    assert [story["title"] for section in found.data["sections"] for story in section["stories"]] == [wanted]


# 5


def test_row_05_the_line_of_config_is_the_one_that_chooses_and_the_one_that_is_shown(bureau: Office) -> None:
    bureau.labels = LABELS
    bureau.subscriptions = desk("thresholds = { returns = 0.63 }") + desk("thresholds = { returns = 0.91 }").replace(
        "subscriptions.desk", "subscriptions.strict"
    )
    with bureau.app() as app:
        bureau.bring(app, news(1, returns=0.95), news(2, returns=0.85), news(3, returns=0.62))
        for name, line, wanted in (("desk", "0.63", [1, 2]), ("strict", "0.91", [1])):
            shown = digest.preview(app, name, now=bureau.clock).message
            assert numbers(shown) == wanted
            for form in (shown.text, shown.html, shown.markdown, json.dumps(shown.blocks), json.dumps(shown.data)):
                assert form.count(line) > len(wanted), "beside each story, and in the footer"
                assert "0.8 " not in form
    bureau.subscriptions = bureau.subscriptions.replace("0.63", "0.6")
    with bureau.app() as app:
        assert numbers(digest.preview(app, "desk", now=bureau.clock).message) == [1, 2, 3]


# 6


def test_row_06_what_another_label_says_lets_nothing_in_anywhere(bureau: Office) -> None:
    bureau.labels = LABELS
    bureau.subscriptions = desk(
        "near_misses = 9", 'blocks = ["tracker", "ledger"]', "alert_thresholds = { returns = 0.9 }",
        "empty_digests = true",
    )  # fmt: skip
    with bureau.app() as app:
        digest.run(app, now=bureau.clock)
        measure = Facts((Place("FR"),), (MeasureFact(Measure.CITIZENSHIP, "FR", Stage.ADOPTED, False, "stripped"),))
        bureau.now += SECOND
        bureau.bring(
            app, *(replace(news(n, policy=score, returns=0.1), facts=measure) for n, score in ((1, 0.99), (2, 0.4)))
        )
        said = [NewAnnotation(1, "policy", True)]
        annotations.add(app.store, said, who="ana", via="cli", now=bureau.now)
        bureau.now += HOUR
        assert alert.run(app, now=bureau.clock) == []
        (sent,) = digest.send(app, ["desk"], now=bureau.clock)
        found = sent_as(app, sent.key)
    assert found is not None
    assert (sent.stories, numbers(found)) == (0, [])
    assert "2 seen → 2 new → 0 over the line → 0 stories" in " ".join(found.text.split())


# 8


def test_row_08_no_block_repeats_what_a_digest_before_it_told(bureau: Office) -> None:
    bureau.labels = LABELS
    bureau.subscriptions = desk(
        'blocks = ["tracker", "ledger"]', "near_misses = 2", "max_stories = 4", "empty_digests = true",
        "alert_thresholds = { returns = 0.95 }",
    )  # fmt: skip
    measure = Facts((Place("FR"),), (MeasureFact(Measure.CITIZENSHIP, "FR", Stage.ADOPTED, False, "stripped"),))
    with bureau.app() as app:
        digest.run(app, now=bureau.clock)
        bureau.now += SECOND
        bureau.bring(app, news(1, returns=0.96))
        bureau.now += 30 * SECOND
        (alerted,) = alert.run(app, now=bureau.clock)
        bureau.bring(app, *(replace(news(n, returns=0.9 - n / 100), facts=measure) for n in range(2, 9)), feed="wire")
        bureau.bring(app, *(news(n, returns=0.4) for n in range(20, 25)))
        told = weekly(bureau, app, 5)
        assert numbers(sent_as(app, alerted.key)) == [1]
    for kind, expected in (("sections", 7), ("near", 2), ("alerted", 1), ("blocks", 7)):
        links = [link for message in told for link in re.findall(r"paper\.example/\d+", json.dumps(message.data[kind]))]
        assert (len(links), len(set(links))) == (expected, expected), kind
    assert [len(numbers(message)) for message in told] == [10, 3, 0, 0, 0]


# 11


def test_row_11_what_was_sent_is_never_sent_again_however_long_its_feed_lists_it(
    store_url: str, config_folder: Callable[..., Path], feed_server: FeedServer
) -> None:
    start = datetime(2026, 11, 22, 6, tzinfo=UTC)
    config = config_folder(
        feeds={"paper": feed_server.url("/paper.xml")},
        subscriptions=desk("near_misses = 5"),
        labels="[labels.returns]\nthreshold = 0.3\nreview = 0.1\n",
        database=store_url,
        monitor='[retention]\nentries = "40d"\ndigests = "20d"\npolls = "20d"\ndocuments = "20d"\n',
    )
    titles = ("Belgium brings home six women and 16 children from Roj camp", "Court hears returnee number 7 of a camp")
    told: Counter[str] = Counter()
    with build(load(config, {})) as app, parser_pool(app) as parser:
        for month in range(9):
            now = start + month * 30 * DAY
            dated = [(title, start - HOUR) for title in titles]
            body = rss(*dated)
            if month > 4:
                body = re.sub(rb"<pubDate>[^<]*</pubDate>", b"", body)
            feed_server.add("/paper.xml", body, etag=False)
            poll.run(app, names=["paper"], which=poll.Which.NAMED, now=lambda now=now: now, parser=parser)
            prune.run(app, now=lambda now=now: now)
            (sent,) = digest.send(app, ["desk"], now=lambda now=now: now + HOUR)
            if message := sent_as(app, sent.key):
                told.update(title for title in titles if title in " ".join(message.text.split()))
    assert told == dict.fromkeys(titles, 1)

"""From stored entries to what arrives at real servers: mail, Slack's webhook, a JSON hook."""

import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from monitor.cli.console import plain as as_json
from monitor.cli.console import to_json
from monitor.domain.delivery import DeliveryState, Failure
from monitor.jobs import alarms, deliver, digest, status
from monitor.store import channels, deliveries, outbox

HOUR = timedelta(hours=1)
LINK = "https://paper.example/1"
TITLE = "Court hears returnee number 1 & others <today>"


def channels_of(*urls):
    """One channel a URL: a, b, c …"""
    return "".join(f"[channels.{name}]\nurls = [{url!r}]\n" for name, url in zip("abcdef", urls, strict=False))


def subscribe(office, *names):
    listed = ", ".join(f'"{name}"' for name in names)
    office.subscriptions = f'[subscriptions.morning]\nlabels = ["returns"]\nchannels = [{listed}]\n'


def states(app):
    return {state: count for state, count in outbox.counts(app.store).items() if count}


@pytest.fixture
def closed(office, item, secrets):
    """Close a digest of one story for the given URLs, and return the app."""
    opened = []

    def close(*urls):
        office.channels = channels_of(*urls)
        subscribe(office, *"abcdef"[: len(urls)])
        app = office.app()
        opened.append(app)
        office.bring(app, item(1, returns=0.9))
        (sent,) = digest.send(app, ["morning"], now=office.clock)
        assert sent.recipients == len(urls)
        return app

    yield close
    for app in opened:
        app.close()


def test_one_digest_arrives_as_mail_in_slack_and_at_a_webhook(office, closed, post, hook):
    app = closed(post.url("ana@team.example"), hook.slack, hook.json)

    report = deliver.run(app, now=office.clock)

    assert [attempt.state for attempt in report.attempts] == [DeliveryState.DELIVERED] * 3
    (mail,) = post.mails
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert mail["To"] == "ana@team.example"
    assert mail["Subject"] == "morning: 1 story (1 returns), 22 Nov 2026"
    assert f'href="{LINK}"' in html
    assert "Court hears returnee number 1 &amp; others &lt;today&gt;" in html
    assert TITLE in text
    assert LINK in text
    by_path = {path: (headers, body) for path, headers, body in hook.posts}
    _, slack = by_path["/services/T1AAAAAAA/B2BBBBBBB/" + "c" * 24]
    assert slack["text"] == "morning: 1 story (1 returns), 22 Nov 2026"
    assert any(f"<{LINK}|Court hears returnee number 1 &amp; others &lt;today&gt;>" in str(b) for b in slack["blocks"])
    headers, body = by_path["/digests"]
    assert headers["Authorization"].startswith("Basic ")
    assert headers["Idempotency-Key"].startswith("digest.")
    assert body["title"] == mail["Subject"]
    assert (TITLE in body["message"], LINK in body["message"]) == (True, True)


def test_what_is_settled_is_never_sent_again(office, closed, post, hook):
    app = closed(post.url("ana@team.example"), hook.slack)
    deliver.run(app, now=office.clock)
    for _ in range(3):
        office.now += 30 * HOUR
        assert deliver.run(app, now=office.clock).attempts == ()
    assert (len(post.mails), len(hook.posts)) == (1, 1)
    assert states(app) == {DeliveryState.DELIVERED: 2}


def test_a_mail_that_was_put_off_is_tried_again_in_time_with_the_same_message_id(office, closed, post):
    post.data = ["451 4.3.0 try again later", "250 2.0.0 taken"]
    app = closed(post.url("ana@team.example"))

    (first,) = deliver.run(app, now=office.clock).attempts

    assert first.state is DeliveryState.PENDING
    assert first.next_at > office.now
    assert "451" in first.detail
    assert deliver.run(app, now=office.clock).attempts == ()
    office.now = first.next_at
    (second,) = deliver.run(app, now=office.clock).attempts
    assert second.state is DeliveryState.DELIVERED
    assert [mail["Message-ID"] for mail in post.mails] == [post.mails[0]["Message-ID"]] * 2
    assert post.mails[0].get_content_type() == "multipart/alternative"


def test_a_refused_address_is_given_up_and_keeps_the_digest_from_nobody(office, closed, post):
    post.refused = {"gone@team.example"}
    app = closed(*(post.url(f"{name}@team.example") for name in ("ana", "gone", "bo")))

    report = deliver.run(app, now=office.clock)

    assert sorted(mail["To"] for mail in post.mails) == ["ana@team.example", "bo@team.example"]
    (failed,) = (attempt for attempt in report.attempts if attempt.state is DeliveryState.FAILED)
    assert "gone@team.example" in failed.recipient
    assert "550" in failed.detail
    office.now += 2 * HOUR
    assert deliver.run(app, now=office.clock).attempts == ()
    (shown,) = deliveries.unsettled(app.store)
    assert (shown.state, shown.attempts) == (DeliveryState.FAILED, 1)


def test_a_retry_reaches_only_who_has_not_received_it(office, closed, post, hook):
    post.put_off, post.refused = {"bo@team.example"}, {"gone@team.example"}
    hook.answers = [(429, "ratelimited"), (200, "ok")]
    app = closed(*(post.url(f"{name}@team.example") for name in ("ana", "bo", "gone")), hook.slack, hook.json)
    report = deliver.run(app, now=office.clock)
    outcomes = sorted(attempt.failure.value if attempt.failure else "-" for attempt in report.attempts)
    assert outcomes == ["-", "-", "permanent", "transient", "transient"]
    post.put_off, post.refused = set(), set()
    office.now += HOUR

    again = deliver.run(app, now=office.clock)

    assert [attempt.state for attempt in again.attempts] == [DeliveryState.DELIVERED] * 2
    assert sorted(mail["To"] for mail in post.mails) == ["ana@team.example", "bo@team.example"]
    assert len(hook.posts) == 3
    assert states(app) == {DeliveryState.DELIVERED: 4, DeliveryState.FAILED: 1}


def next_digest(office, app, made, number):
    """Close another digest, of one more story, an hour later."""
    office.now += HOUR
    office.bring(app, made(number, returns=0.9))
    return digest.send(app, ["morning"], now=office.clock)


def test_an_address_that_refuses_for_good_is_suspended_and_what_waits_for_it_is_kept(office, closed, post, item):
    post.refused = {"gone@team.example"}
    app = closed(*(post.url(f"{name}@team.example") for name in ("ana", "gone")))

    report = deliver.run(app, now=office.clock)

    (refused,) = (attempt for attempt in report.attempts if attempt.suspended)
    assert (refused.state, refused.failure, refused.code) == (DeliveryState.FAILED, Failure.PERMANENT, "550 5.1.1")
    (suspended,) = channels.suspensions(app.store)
    assert (suspended.recipient, suspended.since, suspended.channel) == ("mailto:gone@team.example", office.now, "b")
    assert "550 5.1.1 no such user here" in suspended.reason
    for number in (2, 3):
        next_digest(office, app, item, number)
        assert [a.recipient for a in deliver.run(app, now=office.clock).attempts] == ["mailto:ana@team.example"]
    assert states(app) == {DeliveryState.DELIVERED: 3, DeliveryState.FAILED: 1, DeliveryState.PENDING: 2}

    post.refused = set()
    office.now += 90 * HOUR
    channels.resume(app.store, suspended, now=office.now, deadline=office.now + HOUR)
    assert len(deliver.run(app, now=office.clock).attempts) == 3
    assert states(app) == {DeliveryState.DELIVERED: 6}
    assert [mail["To"] for mail in post.mails].count("gone@team.example") == 3


def test_an_address_that_was_corrected_in_channels_toml_gets_what_waited(office, closed, post, item):
    post.refused = {"gone@team.example"}
    app = closed(*(post.url(f"{name}@team.example") for name in ("ana", "gone")))
    deliver.run(app, now=office.clock)
    next_digest(office, app, item, 2)
    office.channels = channels_of(post.url("ana@team.example"), post.url("bo@team.example"))
    with office.app() as app:
        next_digest(office, app, item, 3)
        deliver.run(app, now=office.clock)
        assert states(app) == {DeliveryState.DELIVERED: 6}
        assert channels.suspensions(app.store) == []
    got = [(mail["To"], mail["Message-ID"]) for mail in post.mails]
    assert sorted(to for to, _ in got) == ["ana@team.example"] * 3 + ["bo@team.example"] * 3
    assert len(set(got)) == 6


def test_what_waited_for_an_address_that_left_without_an_heir_is_given_up_with_the_reason(office, closed, post, item):
    post.refused = {"gone@team.example"}
    app = closed(*(post.url(f"{name}@team.example") for name in ("ana", "gone")))
    deliver.run(app, now=office.clock)
    next_digest(office, app, item, 2)
    office.channels = channels_of(post.url("ana@team.example"), post.url("ana@team.example").replace("ana", "ana2"))
    office.channels = office.channels.replace("[channels.b]", "[channels.a2]")
    office.channels += channels_of(post.url("ana@team.example")).replace("[channels.a]", "[channels.b]")
    with office.app() as app:
        deliver.run(app, now=office.clock)
        assert states(app) == {DeliveryState.DELIVERED: 2, DeliveryState.FAILED: 2}
        assert {d.code for d in deliveries.unsettled(app.store)} == {"no-recipient"}
        assert channels.suspensions(app.store) == []


@pytest.mark.parametrize(
    ("answer", "code"), [((404, "channel_not_found"), "404"), ((404, "no_service"), "404"), ((410, ""), "410")]
)
def test_a_webhook_that_is_gone_is_suspended_and_the_mail_goes_on(office, closed, post, hook, item, answer, code):
    hook.answers = [answer]
    app = closed(post.url("ana@team.example"), hook.slack)
    deliver.run(app, now=office.clock)
    next_digest(office, app, item, 2)
    deliver.run(app, now=office.clock)
    (suspended,) = channels.suspensions(app.store)
    assert (suspended.channel, len(hook.posts), len(post.mails)) == ("b", 1, 2)
    assert f"the server answered {code}" in suspended.reason


@pytest.mark.parametrize("answer", [(400, "invalid_blocks"), (401, "no"), (403, "no"), (429, "later"), (500, "oops")])
def test_what_is_not_the_address_s_fault_suspends_nobody(office, closed, hook, answer):
    hook.answers = [answer]
    app = closed(hook.slack, hook.json)
    report = deliver.run(app, now=office.clock)
    assert {a.failure for a in report.attempts} == {Failure.PERMANENT if answer[0] == 400 else Failure.TRANSIENT}
    assert channels.suspensions(app.store) == []


def test_a_digest_too_long_for_its_page_brings_the_rest_as_a_file_and_a_retry_the_same_one(
    office, item, post, hook, secrets
):
    folder = office.folder / "digests"
    office.channels = channels_of(
        post.url("ana@team.example"), post.url("bo@team.example") + "&format=text", hook.slack
    )
    office.channels += f"[channels.d]\nurls = ['{hook.json}?format=html', 'folder://{folder}']\n"
    subscribe(office, *"abcd")
    office.subscriptions += "max_stories = 300\n"
    post.data = ["451 4.3.0 later", "451 4.3.0 later", "250 2.0.0 taken"]
    with office.app() as app:
        body = " ".join(f"word{n}" for n in range(60))
        office.bring(app, *(replace(made, entry=replace(made.entry, text=f"Hearing {n}: {body}"))
                            for n in range(1, 301) for made in [item(n, returns=0.9)]))  # fmt: skip
        digest.send(app, ["morning"], now=office.clock)
        for _ in range(2):
            deliver.run(app, now=office.clock)
            office.now += HOUR
        assert states(app) == {DeliveryState.DELIVERED: 5}
    first, again = [mail for mail in post.mails if mail["To"] == "ana@team.example"]
    (file,), (same,) = first.iter_attachments(), again.iter_attachments()
    assert (first.get_content_type(), file.get_content_type()) == ("multipart/mixed", "text/plain")
    assert file.get_filename() == same.get_filename() == "morning-2026-11-22T06-00-00+00-00-rest.txt"
    assert file.get_content() == same.get_content()
    page = first.get_body(("html",)).get_content()
    told = [re.findall(r"returnee number (\d+) ", part) for part in (page, file.get_content())]
    assert set(told[0]) | set(told[1]) == {str(n) for n in range(1, 301)}
    assert len(told[1]) == 300 - page.count("<h3")
    plain = first.get_body(("plain",)).get_content()
    assert len(re.findall(r"returnee number (\d+) ", plain)) == 300, "who reads the text alone lacks nothing"
    texts = [mail for mail in post.mails if mail["To"] == "bo@team.example"]
    assert {mail.get_content_type() for mail in texts} == {"text/plain"}
    (told_the_hook,) = (body["message"] for path, _, body in hook.posts if path == "/digests")
    assert "attached" not in told_the_hook, "what has no file beside its page gets the text"
    (page_there,) = folder.glob("*.html")
    (text_there,) = folder.glob("*.txt")
    assert "in the attached text file" in page_there.read_text()
    assert len(re.findall(r"returnee number (\d+) ", text_there.read_text())) == 300


@pytest.mark.parametrize(
    "change",
    [
        "html = replace(html, 'paper.example', 'elsewhere.example')",
        "forms = '{}'",
        "forms = json_set(forms, '$.rest', 'Something else')",
    ],
)
def test_a_digest_that_changed_in_the_database_is_not_sent(office, closed, post, change):
    app = closed(post.url("ana@team.example"))
    with app.store.write() as connection:
        connection.execute(text(f"UPDATE digest SET {change}"))
    (attempt,) = deliver.run(app, now=office.clock).attempts
    assert (attempt.state, attempt.code, post.mails) == (DeliveryState.FAILED, "changed", [])
    assert "is not what was frozen" in attempt.detail


def test_the_deadline_of_the_config_ends_the_tries(office, closed, hook):
    office.more = '[deliver]\ndeadline = "2h"\n'
    hook.answers = [(503, "")]
    app = closed(hook.json)
    began = office.now
    while report := deliver.run(app, now=office.clock).attempts:
        office.now = report[0].next_at or office.now
    assert office.now - began == 2 * HOUR
    (shown,) = deliveries.unsettled(app.store)
    assert (shown.state, shown.failure) == (DeliveryState.FAILED, Failure.TRANSIENT)
    (found,) = deliveries.missed(app.store, "morning")
    assert (found.delivery_id, len(found.entry_ids)) == (shown.id, 1)


def test_a_server_that_stays_down_is_given_up_after_a_day(office, closed, hook):
    hook.answers = [(503, "")]
    app = closed(hook.json)
    tries, began = 0, office.now
    while report := deliver.run(app, now=office.clock).attempts:
        tries += 1
        office.now = report[0].next_at or office.now
    assert report == ()
    assert states(app) == {DeliveryState.FAILED: 1}
    assert 24 * HOUR <= office.now - began <= 25 * HOUR
    assert 24 < tries < 60
    (shown,) = deliveries.unsettled(app.store)
    assert "its deadline has passed" in shown.detail


def test_a_recipient_that_left_the_config_is_given_up_with_the_reason(office, closed, post):
    closed(post.url("ana@team.example"), post.url("bo@team.example"))
    office.channels = channels_of(post.url("ana@team.example"))
    subscribe(office, "a")
    with office.app() as app:
        report = deliver.run(app, now=office.clock)
        assert sorted(attempt.state for attempt in report.attempts) == [DeliveryState.DELIVERED, DeliveryState.FAILED]
        (failed,) = deliveries.unsettled(app.store)
        assert failed.detail == "the recipient is no longer in channels.toml"
        assert "bo@team.example" in failed.recipient
    assert [mail["To"] for mail in post.mails] == ["ana@team.example"]


def test_a_password_that_changed_finds_the_waiting_delivery(office, closed, post, secrets):
    post.data = ["451 4.3.0 try again later", "250 2.0.0 taken"]
    deliver.run(closed(post.url("ana@team.example")), now=office.clock)
    right = office.environment
    office.environment = {**right, "SMTP_PASSWORD": "an-older-password"}
    office.now += HOUR
    with office.app() as app:
        (refused,) = deliver.run(app, now=office.clock).attempts
        assert "an-older-password" not in refused.detail
    assert (refused.state, refused.code, refused.suspended) == (DeliveryState.PENDING, "535 5.7.8", False)
    assert refused.next_at is not None
    assert refused.next_at - office.now >= HOUR / 2, "a wrong password is not tried often"
    office.environment, office.now = right, refused.next_at
    with office.app() as app:
        (taken,) = deliver.run(app, now=office.clock).attempts
    assert taken.state is DeliveryState.DELIVERED


def test_a_worker_that_died_holding_a_delivery_delays_it_and_no_more(office, closed, post):
    app = closed(post.url("ana@team.example"))
    (held,) = outbox.claim(app.store, now=office.now, lease=deliver.LEASE, limit=9)
    assert deliver.run(app, now=office.clock).attempts == ()

    office.now += deliver.LEASE
    (attempt,) = deliver.run(app, now=office.clock).attempts

    assert attempt.state is DeliveryState.DELIVERED
    assert len(post.mails) == 1
    assert held.attempts == 1


def test_a_delivery_stays_one_workers_longer_than_its_send_may_take(office, closed, hook):
    office.more = '[deliver]\ntimeout = "3h"\n'
    app = closed(hook.json)
    taken = outbox.claim
    leases = []

    def note(*args, **options):
        leases.append(options["lease"])
        return taken(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver.outbox, "claim", note)
        deliver.run(app, now=office.clock)
    assert min(leases) > 3 * HOUR


def test_a_run_that_is_told_to_stop_takes_nothing_more(office, closed, post):
    app = closed(post.url("ana@team.example"))
    assert deliver.run(app, now=office.clock, stop=lambda: True).attempts == ()
    assert states(app) == {DeliveryState.PENDING: 1}


def test_logs_name_a_recipient_by_its_id_and_shorten_its_address_wherever_it_stands(office, closed, post, item, caplog):
    caplog.set_level(logging.INFO, logger="monitor")
    post.refused, post.put_off = {"gone@team.example"}, {"ana@team.example"}
    app = closed(post.url("ana@team.example"), post.url("gone@team.example"))
    deliver.run(app, now=office.clock)
    for _ in range(2):
        office.now += HOUR
        deliver.run(app, now=office.clock)
        alarms.run(app, now=office.clock)
    before = set(app.settings.recipients().values())
    office.channels = channels_of(post.url("ana@team.example"), post.url("heir@team.example"))
    with office.app() as app:
        deliver.run(app, now=office.clock)
        alarms.run(app, now=office.clock)
        known = before | set(app.settings.recipients().values())
        (waiting,) = (one for one in deliveries.listed(app.store) if one.channel == "a")

    lines = [record.getMessage() for record in caplog.records]
    told = {line.split()[0] for line in lines if "…@team.example" in line}
    assert told == {"deliver", "alarm", "resumed"}
    for recipient in known:
        assert any(f"recipient={recipient.id} " in line or f"heir={recipient.id}" in line for line in lines)
    assert not re.search(r"(ana|gone|heir|monitor)@", caplog.text)
    assert waiting.recipient == "mailto:ana@team.example", "the operator sees it whole"


def test_no_secret_reaches_the_database_the_logs_or_the_status(office, closed, post, hook, secrets, tables, caplog):
    caplog.set_level(logging.DEBUG, logger="monitor")
    password, token = secrets
    post.refused = {"gone@team.example"}
    post.data = [f"451 4.3.0 later, {password}"]
    hook.answers = [(500, f"broken: {token} {password}-2"), (403, f"no: {token} {password}-2")]
    app = closed(
        post.url("ana@team.example"), post.url("gone@team.example"), post.url("bo@team.example", user="other"),
        hook.slack, hook.json,
    )  # fmt: skip

    report = deliver.run(app, now=office.clock)
    shown = status.status(app, now=office.now)

    assert not report.count(DeliveryState.DELIVERED)
    everything = (repr(tables(app)), caplog.text, to_json(as_json(shown)), to_json(as_json(report)), repr(report))
    assert len(caplog.records) >= 5
    for shown_somewhere in everything:
        assert password not in shown_somewhere
        assert token not in shown_somewhere

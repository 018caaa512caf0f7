"""What is answered at the door, over a real socket: asking changes nothing, one click is at once, and nothing is told
to who has no link."""

import http.client
import logging
import socket
import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import text

from monitor.errors import ConfigError
from monitor.store import departures
from monitor.web import door
from monitor.web.door import Door

from .conftest import House

MULTIPART = "multipart/form-data; boundary=b"
ONE_CLICK = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


def left(house: House) -> list[tuple[str, str, str]]:
    return [(one.subscription, one.recipient, one.via.value) for one in departures.departures(house.app.store)]


def test_looking_at_the_page_names_the_digest_and_changes_nothing(house):
    for _ in range(2):
        seen = house.ask("GET", f"/unsubscribe/{house.token('ana')}")
        assert (seen.status, seen.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "Morning &lt;digest&gt; &amp; more" in seen.text
        assert "<button" in seen.text
        assert "ana" not in seen.text, "a link that is passed on tells nobody's address"
    head = house.ask("HEAD", f"/unsubscribe/{house.token('ana')}")
    assert (head.status, head.text, head.headers["Content-Length"]) == (200, "", seen.headers["Content-Length"])
    assert left(house) == []


def test_one_click_takes_a_recipient_off_that_subscription_and_says_so_in_a_sentence(house):
    done = house.click("ana")
    assert (done.status, done.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert done.text == "You no longer get “Morning <digest> & more”.\n"
    assert left(house) == [("morning", "mailto:ana@team.example", "one-click")]


def test_twice_is_the_same_as_once(house):
    first, second = house.click("ana"), house.click("ana")
    assert (first.status, first.text) == (second.status, second.text)
    assert len(left(house)) == 1


def test_a_mail_program_may_send_its_click_as_multipart(house):
    """RFC 8058, 3.2, would rather have it so."""
    assert house.ask("POST", f"/unsubscribe/{house.token('bo')}", ONE_CLICK, MULTIPART).status == 200
    assert left(house) == [("morning", "mailto:bo@team.example", "one-click")]


def test_the_button_of_the_page_does_it_and_the_page_says_so_from_then_on(house):
    path = f"/unsubscribe/{house.token('ana', 'matin')}"
    done = house.ask("POST", path, "leave=page")
    again = house.ask("GET", path)
    assert done.status == again.status == 200
    assert done.text == again.text
    assert "Vous ne recevez plus ce bulletin." in done.text
    assert "<button" not in done.text
    assert done.headers["Content-Language"] == "fr"
    assert left(house) == [("matin", "mailto:ana@team.example", "page")]


def test_a_link_leads_there_with_the_path_of_the_base_before_it_and_without(house):
    token = house.token("ana")
    assert house.ask("GET", f"/news/unsubscribe/{token}").status == 200
    assert house.ask("GET", f"/other/unsubscribe/{token}").status == 404
    assert house.ask("POST", f"/news/unsubscribe/{token}", "List-Unsubscribe=One-Click").status == 200
    assert len(left(house)) == 1


def test_every_wrong_link_is_answered_alike(house):
    good = house.token("ana")
    wrong = [
        good[:-1],
        good + "A",
        good.swapcase(),
        "x",
        "",
        "%00",
        "é",
        "../" + good,
        good + "/",
        good + "%2F",
        "A" * 43,
    ]
    answers = [house.ask("GET", f"/unsubscribe/{token.replace('é', '%C3%A9')}") for token in wrong]
    answers += [house.ask("GET", path) for path in ("/", "/unsubscribe", "/favicon.ico", f"/{good}")]
    answers += [house.ask("POST", f"/unsubscribe/{good[:-1]}", "List-Unsubscribe=One-Click")]
    assert {one.status for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    assert len({tuple(sorted({**one.headers, "Date": ""}.items())) for one in answers}) == 1
    assert left(house) == []


def test_who_is_lost_is_answered_in_a_language_of_the_browser(house):
    lost = house.ask("GET", "/unsubscribe/x", **{"Accept-Language": "de-AT,de;q=0.9"})
    assert "Dieser Link führt nirgendwohin" in lost.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_with_those_that_are_not(house, method):
    refused = house.ask(method, f"/unsubscribe/{house.token('ana')}")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert left(house) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("", "application/x-www-form-urlencoded", 400),
        ("List-Unsubscribe=Two-Clicks", "application/x-www-form-urlencoded", 400),
        ("leave=1", "application/x-www-form-urlencoded", 400),
        ("%%%=%%&&&", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded; charset=nonsense", 400),
        (ONE_CLICK[:-30], MULTIPART, 400),
        (ONE_CLICK, "multipart/form-data", 400),
        ("nothing of it", MULTIPART, 400),
        ('{"List-Unsubscribe": "One-Click"}', "application/json", 415),
        ("List-Unsubscribe=One-Click", "text/plain", 415),
        ("List-Unsubscribe=One-Click&x=" + "y" * 10_000, "application/x-www-form-urlencoded", 413),
        (ONE_CLICK + "y" * 10_000, MULTIPART, 413),
    ],
)
def test_what_is_no_click_changes_nothing(house, body, kind, status):
    refused = house.ask("POST", f"/unsubscribe/{house.token('ana')}", body, kind)
    assert refused.status == status, refused.text
    assert refused.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert left(house) == []
    assert house.click("ana").status == 200, "and the next one is answered"


def test_a_body_without_end_is_not_read_to_its_end(house):
    pieces = (b"y" * 1000 for _ in range(100))
    path, chunked = f"/unsubscribe/{house.token('ana')}", {"Transfer-Encoding": "chunked"}
    with suppress(BrokenPipeError, ConnectionResetError):  # the line may be closed while it is still being written
        assert house.ask("POST", path, pieces, **chunked).status == 413
    assert left(house) == []


def test_no_answer_may_be_kept_indexed_framed_or_told_on(house):
    token = house.token("ana")
    asked = [
        house.ask("GET", f"/unsubscribe/{token}"),
        house.ask("GET", "/unsubscribe/x"),
        house.ask("PUT", "/"),
        house.ask("POST", f"/unsubscribe/{token}", "x=1"),
        house.ask("POST", f"/unsubscribe/{token}", "y" * 9_000),
        house.click("ana"),
    ]
    for answer in asked:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        kept = {name: answer.headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag", "Server")}
        assert kept == {
            "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
            "Server": "returns-monitor",
        }  # fmt: skip
        assert "Set-Cookie" not in answer.headers


def test_the_log_tells_what_happened_and_neither_a_link_nor_an_address(house, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="monitor")  # a verb before has set its own
    token = house.token("ana")
    house.ask("GET", f"/unsubscribe/{token}")
    house.click("ana")
    house.ask("POST", f"/unsubscribe/{token}", "x=1")
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as line:
        line.sendall(f"NONSENSE /unsubscribe/{token} at all\r\n\r\n".encode())
        line.recv(1000)
    assert "leave subscription=morning via=one-click outcome=left" in caplog.text
    assert token not in caplog.text
    assert "team.example" not in caplog.text


def test_a_database_that_fails_is_our_trouble_and_is_told_as_such(house, caplog):
    token = house.token("ana")
    with house.app.store.write() as connection:
        connection.execute(text("ALTER TABLE departure RENAME TO elsewhere"))
    failed = house.click("ana")
    assert (failed.status, failed.headers["Retry-After"]) == (503, "300")
    assert failed.text.startswith("That did not work just now.")
    assert house.ask("GET", f"/unsubscribe/{token}").status == 503
    assert "leave subscription=morning outcome=crashed" in caplog.text
    assert "team.example" not in caplog.text
    with house.app.store.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO departure"))
    assert house.click("ana").status == 200


def test_a_new_config_is_obeyed_at_once(house):
    """As the daemon puts it in force: the app is replaced."""
    token, before = house.token("ana"), house.app
    house.office.more = house.office.more.replace("a-secret-of", "another-one-of")
    house.app = house.office.app()
    try:
        assert house.ask("GET", f"/unsubscribe/{token}").status == 404
        assert house.ask("GET", f"/unsubscribe/{house.token('ana')}").status == 200
    finally:
        before.close()


def test_a_port_that_is_taken_is_a_config_error_with_what_to_do(house):
    with pytest.raises(
        ConfigError, match=rf'web\.listen: "127\.0\.0\.1:{house.port}": the port is taken.*another port'
    ):
        Door(house.app.settings, lambda: house.app)
    with pytest.raises(ConfigError, match=r"config/monitor\.toml: web\.listen: .*no such address"):
        Door(house.settings_with(listen="203.0.113.7:8025"), lambda: house.app)


def test_a_door_listens_on_ipv6_as_well(house):
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    other = Door(house.settings_with(listen=f"[::1]:{house.port}"), lambda: house.app)
    try:
        line = http.client.HTTPConnection("::1", house.port, timeout=20)
        line.request("GET", f"/unsubscribe/{house.token('ana')}")
        assert line.getresponse().status == 200
        line.close()
    finally:
        assert other.close(20)


def test_who_says_nothing_is_left_after_a_while(house, monkeypatch):
    monkeypatch.setattr(door, "PATIENCE", 0.2)
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as line:
        line.sendall(b"POST /unsubscribe/")
        assert line.recv(100) == b""


def test_too_many_at_once_are_turned_away_and_those_that_are_there_are_answered(house, monkeypatch):
    monkeypatch.setattr(door, "MOST", 2)
    inside = [socket.create_connection(("127.0.0.1", house.port), timeout=20) for _ in range(2)]
    try:
        for line in inside:
            line.sendall(b"GET /unsubscribe/x HTTP/1.1\r\n")
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            house.ask("GET", "/unsubscribe/x")
        for line in inside:
            line.sendall(b"Host: here\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 404")
    finally:
        for line in inside:
            line.close()
    assert house.ask("GET", "/unsubscribe/x").status == 404


def test_the_door_closes_though_a_request_hangs(tmp_path):
    house, over, inside = House(tmp_path), threading.Event(), threading.Event()

    def app():
        inside.set()
        over.wait(60)  # as a database that does not answer; here in the thread that serves all
        return house.app

    made = Door(house.app.settings, app)
    asking = threading.Thread(target=lambda: _try(house), daemon=True)
    asking.start()
    try:
        assert inside.wait(20)
        began = time.monotonic()
        assert not made.close(0.5), "what hangs is said to"
        assert time.monotonic() - began < 10
    finally:
        over.set()
        assert made.close(20)
        house.app.close()


def _try(house):
    with suppress(OSError, http.client.HTTPException):  # the door is closed meanwhile
        house.ask("GET", f"/unsubscribe/{house.token('ana')}")


def test_a_request_that_waits_for_the_database_holds_nobody_else_up_and_ends_before_the_door_is_closed(house):
    with house.app.store.write():  # SQLite's one writer
        clicking = threading.Thread(target=house.click, args=("ana",))
        clicking.start()
        assert house.ask("GET", "/unsubscribe/x").status == 404
        assert house.ask("GET", f"/unsubscribe/{house.token('bo')}").status == 200
    clicking.join(30)
    assert left(house) == [("morning", "mailto:ana@team.example", "one-click")]

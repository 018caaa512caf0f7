"""The feed server, asked by real HTTP."""

import gzip
import http.client
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from monitor.demo.answer import Answer, Fault, Framing, redirect, too_many_requests
from monitor.demo.server import FeedServer

BODY = b"<rss version='2.0'><channel><title>Tide tables</title></channel></rss>"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def ask(
    server: FeedServer, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_a_body_comes_whole_with_its_type_and_length(server: FeedServer) -> None:
    server.add("/feed", BODY, headers={"Cache-Control": "max-age=600"})
    response, body = ask(server, "/feed")
    assert (response.status, body) == (200, BODY)
    assert response.headers["Content-Type"] == "application/rss+xml"
    assert response.headers["Content-Length"] == str(len(BODY))
    assert response.headers["Cache-Control"] == "max-age=600"


def test_a_path_that_was_not_added_or_was_removed_answers_404(server: FeedServer) -> None:
    server.add("/feed", BODY)
    server.remove("/feed")
    server.remove("/never")
    assert [ask(server, path)[0].status for path in ("/feed", "/never")] == [404, 404]


def test_a_body_is_replaced_at_any_time_and_a_callable_is_asked_every_time(server: FeedServer) -> None:
    server.add("/feed", BODY)
    server.add("/feed", b"other")
    counted = iter((b"one", b"two"))
    server.add("/count", lambda: next(counted))
    assert [ask(server, path)[1] for path in ("/feed", "/count", "/count")] == [b"other", b"one", b"two"]


def test_a_query_has_its_own_answer_or_that_of_its_path(server: FeedServer) -> None:
    server.add("/feed", b"first page")
    server.add("/feed?page=2", b"second page")
    assert [ask(server, p)[1] for p in ("/feed", "/feed?page=2", "/feed?page=3")] == [
        b"first page",
        b"second page",
        b"first page",
    ]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_known_etag_is_answered_by_304_without_a_body(server: FeedServer, form: str) -> None:
    server.add("/feed", BODY)
    etag = ask(server, "/feed")[0].headers["ETag"]
    response, body = ask(server, "/feed", {"If-None-Match": form.format(etag)})
    assert (response.status, body, response.headers["ETag"]) == (304, b"", etag)


def test_an_etag_changes_with_the_body(server: FeedServer) -> None:
    server.add("/feed", BODY)
    etag = ask(server, "/feed")[0].headers["ETag"]
    server.add("/feed", BODY + b" ")
    assert ask(server, "/feed", {"If-None-Match": etag})[0].status == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [("Sun, 01 Mar 2026 12:00:00 GMT", 304), ("Sun, 01 Mar 2026 11:59:59 GMT", 200), ("yesterday", 200)],
)
def test_if_modified_since_is_held_against_the_last_modified_date(server: FeedServer, since: str, status: int) -> None:
    server.add("/feed", BODY, etag=False, last_modified=NOON + timedelta(milliseconds=5))
    response, _ = ask(server, "/feed", {"If-Modified-Since": since})
    assert response.status == status
    assert response.headers["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert "ETag" not in response.headers


def test_if_none_match_decides_where_both_are_given(server: FeedServer) -> None:
    server.add("/feed", BODY, last_modified=NOON)
    both = {"If-None-Match": '"stale"', "If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"}
    assert ask(server, "/feed", both)[0].status == 200


def test_an_error_is_never_turned_into_304(server: FeedServer) -> None:
    server.add("/feed", BODY, status=500)
    assert ask(server, "/feed", {"If-None-Match": "*"})[0].status == 500


def test_head_is_refused_by_405_and_still_logged(server: FeedServer) -> None:
    server.add("/feed", BODY)
    response, body = ask(server, "/feed", method="HEAD")
    assert (response.status, response.headers["Allow"], body) == (405, "GET", b"")
    assert [seen.method for seen in server.requests] == ["HEAD"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("br", None),
        ("", None),
    ],
)
def test_a_body_is_compressed_where_gzip_is_accepted(server: FeedServer, accepted: str, coding: str | None) -> None:
    server.add("/feed", BODY, gzip=True)
    response, body = ask(server, "/feed", {"Accept-Encoding": accepted})
    assert response.headers["Content-Encoding"] == coding
    assert (gzip.decompress(body) if coding else body) == BODY
    assert response.headers["Vary"] == "Accept-Encoding"


def test_the_etag_of_a_compressed_body_is_known_again(server: FeedServer) -> None:
    server.add("/feed", BODY, gzip=True)
    etag = ask(server, "/feed", {"Accept-Encoding": "gzip"})[0].headers["ETag"]
    assert etag.startswith('W/"')
    assert ask(server, "/feed", {"Accept-Encoding": "gzip", "If-None-Match": etag})[0].status == 304


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_leads_to_its_location(server: FeedServer, status: int) -> None:
    server.play("/old", redirect("/new", status))
    server.add("/new", BODY)
    assert ask(server, "/old")[0].status == status
    with urllib.request.urlopen(server.url("/old"), timeout=10) as response:
        assert (response.url, response.read()) == (server.url("/new"), BODY)


@pytest.mark.parametrize(
    ("wait", "told"), [(120, "120"), (NOON, "Sun, 01 Mar 2026 12:00:00 GMT"), ("soon", "soon"), (None, None)]
)
def test_too_many_requests_says_when_to_come_again(
    server: FeedServer, wait: int | datetime | str | None, told: str | None
) -> None:
    server.play("/feed", too_many_requests(wait))
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(server.url("/feed"), timeout=10)
    with caught.value as error:
        assert (error.code, error.headers["Retry-After"]) == (429, told)


def test_answers_are_played_in_order_and_the_last_one_stays(server: FeedServer) -> None:
    server.play("/feed", Answer(BODY), Answer(status=503), Answer(b"again"))
    assert [ask(server, "/feed")[0].status for _ in range(2)] == [200, 503]
    assert [ask(server, "/feed")[1] for _ in range(3)] == [b"again"] * 3


@pytest.mark.parametrize(("path", "answers"), [("feed", (Answer(),)), ("/feed", ())])
def test_a_path_without_a_slash_and_a_path_without_answers_are_refused(
    server: FeedServer, path: str, answers: tuple[Answer, ...]
) -> None:
    with pytest.raises(ValueError, match="give a path like"):
        server.play(path, *answers)


def test_a_dropped_connection_gives_no_answer(server: FeedServer) -> None:
    server.add("/feed", BODY, fault=Fault.DROP)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(server, "/feed")


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKED])
def test_a_cut_body_is_seen_as_incomplete(server: FeedServer, framing: Framing) -> None:
    server.add("/feed", BODY, fault=Fault.CUT, framing=framing)
    with pytest.raises(http.client.IncompleteRead):
        ask(server, "/feed")


def test_a_cut_body_without_framing_looks_whole(server: FeedServer) -> None:
    server.add("/feed", BODY, fault=Fault.CUT, framing=Framing.CLOSE)
    assert ask(server, "/feed")[1] == BODY[: len(BODY) // 2]


def test_an_understated_length_hides_half_of_the_body(server: FeedServer) -> None:
    server.add("/feed", BODY, fault=Fault.UNDERSTATE)
    assert ask(server, "/feed")[1] == BODY[: len(BODY) // 2]


def test_an_overstated_length_leaves_a_whole_body_that_seems_cut(server: FeedServer) -> None:
    server.add("/feed", BODY, fault=Fault.OVERSTATE)
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(server, "/feed")
    assert caught.value.partial == BODY


@pytest.mark.parametrize("body", [BODY, b""])
@pytest.mark.parametrize("framing", [Framing.CHUNKED, Framing.CLOSE])
def test_a_body_comes_whole_in_every_framing(server: FeedServer, framing: Framing, body: bytes) -> None:
    server.add("/feed", body, framing=framing)
    response, came = ask(server, "/feed")
    assert came == body
    assert "Content-Length" not in response.headers


def test_a_lying_304_answers_every_conditional_request_and_no_other(server: FeedServer) -> None:
    server.add("/feed", BODY, fault=Fault.LYING_304)
    statuses = [
        ask(server, "/feed", headers)[0].status
        for headers in ({}, {"If-None-Match": '"stale"'}, {"If-Modified-Since": "Sun, 01 Mar 2026 12:00:00 GMT"})
    ]
    assert statuses == [200, 304, 304]


def test_a_constant_etag_hides_a_changed_body(server: FeedServer) -> None:
    server.add("/feed", BODY, etag='"always"')
    assert ask(server, "/feed")[0].headers["ETag"] == '"always"'
    server.add("/feed", b"changed", etag='"always"')
    assert ask(server, "/feed", {"If-None-Match": '"always"'})[0].status == 304


def test_an_answer_waits_for_its_event(server: FeedServer) -> None:
    go = threading.Event()
    server.add("/feed", BODY, delay=go)
    came: list[bytes] = []
    client = threading.Thread(target=lambda: came.append(ask(server, "/feed")[1]))
    client.start()
    while not server.requests:
        client.join(0.01)
    assert not came
    go.set()
    client.join(10)
    assert came == [BODY]


def test_the_log_holds_the_target_and_the_headers_and_can_be_cleared(server: FeedServer) -> None:
    ask(server, "/feed?page=2", {"User-Agent": "test/1"})
    (seen,) = server.requests
    assert (seen.path, seen.headers["user-agent"], seen.at.tzinfo) == ("/feed?page=2", "test/1", UTC)
    server.requests.clear()
    assert server.requests == []


@pytest.mark.parametrize(
    "answer", [Answer(BODY, delay=threading.Event()), Answer(BODY, delay=3600.0), Answer(BODY, fault=Fault.DRIP)]
)
def test_closing_releases_slow_and_endless_answers_and_frees_the_port(answer: Answer) -> None:
    with FeedServer() as server:
        server.play("/feed", answer)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/feed")
        while not server.requests:
            threading.Event().wait(0.01)
        port = server.port
    connection.close()
    server.close()
    with FeedServer(port) as again:
        again.add("/feed", b"next")
        assert ask(again, "/feed")[1] == b"next"


def test_closing_does_not_wait_for_a_client_that_says_nothing() -> None:
    with FeedServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.connect()
        ask(server, "/feed")
    connection.close()


def test_a_drip_brings_the_body_and_then_never_ends(server: FeedServer) -> None:
    server.add("/feed", b"<rss", fault=Fault.DRIP)
    with urllib.request.urlopen(server.url("/feed"), timeout=10) as response:
        assert response.read(6) == b"<rss  "


def test_many_clients_at_once_are_all_answered_and_logged(server: FeedServer) -> None:
    server.add("/feed", BODY)
    bodies: list[bytes] = []
    clients = [threading.Thread(target=lambda: bodies.append(ask(server, "/feed")[1])) for _ in range(40)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(10)
    assert bodies == [BODY] * 40
    assert len(server.requests) == 40


def test_a_body_that_cannot_be_made_is_told_when_the_server_closes(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> bytes:
        raise LookupError("no such page")

    def run() -> None:
        with FeedServer() as server:
            server.add("/feed", fail)
            with pytest.raises(http.client.RemoteDisconnected):
                ask(server, "/feed")

    with pytest.raises(LookupError, match="no such page"):
        run()
    assert capfd.readouterr() == ("", "")


def test_a_client_that_leaves_in_the_middle_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    with FeedServer() as server:
        server.add("/feed", b"x" * 10_000_000)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/feed")
        connection.getresponse().read(10)
        connection.close()
    assert server.errors == []
    assert capfd.readouterr() == ("", "")

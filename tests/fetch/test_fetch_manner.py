"""How a single feed is asked: headers, accounts, cookies, proxies, private hosts; and where none of it goes."""

import asyncio
import base64
import socket
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.domain.feed import Manner, Validators
from monitor.errors import BlockedAddress, FetchError, Severity
from monitor.fetch.client import ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.manner import is_own, manner_of, secrets_of
from monitor.fetch.options import RequestOptions

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NONE = RequestOptions()
Wires = Callable[..., Any]
Answers = tuple[int, dict[str, str], bytes]


def manner(url: str, **request: Any) -> Manner:
    return manner_of(url, RequestOptions(**request), NONE)


def run(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(main())


async def fetch(make_options: Any, url: str, how: Manner, options: Any = None, **more: Any) -> Fetched:
    async with Fetcher(make_options(**{"allow_private_hosts": False, **(options or {})})) as fetcher:
        return await fetcher.fetch(url, now=NOW, manner=how, **more)


# --- what is sent, and where to


def test_headers_account_cookie_and_user_agent_go_to_the_feed(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server:
            how = manner(
                server.url("/feed"), headers={"X-Desk": "seven", "accept": "text/x-feed"}, user="désk", password="p:w",
                cookie="a=1; b=2", user_agent="Desk/1 (desk@desk.example)", allow_private=True,
            )  # fmt: skip
            await fetch(make_options, server.url("/feed"), how)
            (heard,) = server.heard
            account = base64.b64encode("désk:p:w".encode()).decode()
            sent = {
                name: heard.names.get(name) for name in ("x-desk", "accept", "authorization", "cookie", "user-agent")
            }
            assert sent == {
                "x-desk": "seven", "accept": "text/x-feed", "authorization": f"Basic {account}", "cookie": "a=1; b=2",
                "user-agent": "Desk/1 (desk@desk.example)",
            }  # fmt: skip

    run(main)


def test_what_is_secret_is_dropped_at_a_redirect_to_another_origin_and_does_not_come_back(
    wire: Wires, make_options: Any
) -> None:
    async def main() -> None:
        async with wire() as other, wire() as own:
            own.answer = lambda heard: {
                "/feed": (302, {"Location": "/here"}, b""),
                "/here": (302, {"Location": other.url("/there")}, b""),
            }.get(heard.target, (200, {}, b"<rss/>"))
            other.answer = lambda heard: (302, {"Location": own.url("/back")}, b"")
            how = manner(
                own.url("/feed"), headers={"X-Key": "k"}, user="u", password="p", cookie="c=1", user_agent="Desk/1",
                allow_private=True,
            )  # fmt: skip
            found = await fetch(make_options, own.url("/feed"), how)
            assert found.url == own.url("/back")
            heard = {one.target: one.names for one in (*own.heard, *other.heard)}
            secret = {"x-key", "authorization", "cookie"}
            assert {path: secret & set(names) for path, names in heard.items()} == {
                "/feed": secret, "/here": secret, "/there": set(), "/back": set(),
            }  # fmt: skip
            assert {names["user-agent"] for names in heard.values()} == {"Desk/1"}

    run(main)


def test_an_address_of_another_origin_gets_nothing_secret_even_as_the_first(wire: Wires, make_options: Any) -> None:
    """As where the feed has moved for good, or an article stands elsewhere."""

    async def main() -> None:
        async with wire() as server:
            how = manner("https://paper.example/feed", headers={"X-Key": "k"}, cookie="c=1", allow_private=True)
            await fetch(make_options, server.url("/moved"), how)
            assert {"x-key", "cookie"} & set(server.heard[0].names) == set()

    run(main)


@pytest.mark.parametrize(
    ("home", "url", "own"),
    [
        ("https://paper.example/feed", "https://paper.example/article", True),
        ("https://paper.example/feed", "https://PAPER.example:443/", True),
        ("https://paper.example/feed", "http://paper.example/feed", False),
        ("http://paper.example/feed", "https://paper.example/feed", True),
        ("http://paper.example:8080/feed", "https://paper.example:8080/feed", False),
        ("http://paper.example/feed", "https://paper.example:444/feed", False),
        ("https://paper.example/feed", "https://www.paper.example/feed", False),
        ("https://paper.example/feed", "https://paper.example.evil.example/", False),
        ("https://paper.example/feed", "https://paper.example@evil.example/", False),
        ("https://paper.example/feed", "https://evil.example/https://paper.example/", False),
        ("https://u@paper.example/feed", "https://paper.example/", True),
        ("https://paper.example/feed", "https://[paper.example/", False),
        ("https://zeitung-öl.example/feed", "https://xn--zeitung-l-77a.example/", True),
    ],
)
def test_an_origin_is_scheme_host_and_port(home: str, url: str, own: bool) -> None:
    assert is_own(manner(home, cookie="c=1"), url) is own


@given(st.text(max_size=30))
def test_no_address_is_taken_for_the_feeds_own_by_looking_like_it(tail: str) -> None:
    how = manner("https://paper.example/feed", cookie="c=1")
    for url in (f"https://{tail}", f"https://paper.example{tail}", f"https://{tail}paper.example/"):
        if is_own(how, url) and url.isascii():
            parts = urlsplit(url)
            assert (parts.scheme, parts.hostname, parts.port or 443) == ("https", "paper.example", 443)


def test_a_caller_asks_for_a_page_by_its_own_accept(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server:
            how = manner(server.url("/"), headers={"Accept": "text/x-feed"}, allow_private=True)
            await fetch(make_options, server.url("/"), how, accept=ACCEPT_PAGES)
            await fetch(make_options, server.url("/"), Manner(allow_private=True))
            assert server.heard[0].names["accept"] == ACCEPT_PAGES
            assert server.heard[1].names["accept"].startswith("application/atom+xml")

    run(main)


def test_no_repr_of_a_manner_or_a_feed_shows_a_secret() -> None:
    how = manner(
        "https://p.example/", headers={"X-Key": "s1"}, password="s2", cookie="s3", proxy="http://u:s4@q.example"
    )
    assert not any(secret in repr(how) for secret in ("s1", "s2", "s3", "s4", "Basic"))


# --- config


@pytest.mark.parametrize(
    "name",
    ["Host", "if-none-match", "If-Modified-Since", "Accept-Encoding", "Content-Length", "Transfer-Encoding",
     "Connection", "Range", "Proxy-Authorization", "Cookie", "User-Agent", "X Key", "X-Key:", "", "Näme"],
)  # fmt: skip
def test_headers_that_are_the_programs_own_or_none_are_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=r"program itself|key of its own|no name of a header"):
        RequestOptions(headers={name: "x"})


@pytest.mark.parametrize("end", ["\r\nHost: evil.example", "\nb", "\0", "\x7f", "\tb", " ", "\u2028", "\x85"])
@pytest.mark.parametrize("key", ["headers", "user", "password", "cookie", "user_agent"])
def test_what_could_break_out_of_a_header_is_refused_and_not_told(key: str, end: str) -> None:
    value = f"s3cr3t{end}"
    with pytest.raises(ValidationError) as caught:
        RequestOptions(**{key: {"X-A": value} if key == "headers" else value})
    (error,) = caught.value.errors()
    assert "control character" in error["msg"]
    assert "s3cr3t" not in error["msg"]


@pytest.mark.parametrize(
    "proxy", ["socks5://h:1", "h:3128", "http://", "http://h:99999", "http://h:0", "http://h /", "//h"]
)
def test_a_proxy_is_http_or_https(proxy: str) -> None:
    with pytest.raises(ValidationError, match="http and https only"):
        RequestOptions(proxy=proxy)


def test_the_feeds_own_word_counts_and_an_account_is_one_thing() -> None:
    source = RequestOptions(headers={"X-A": "1", "X-B": "2"}, user="u", password="p", cookie="c=1", user_agent="Desk/1")
    feed = RequestOptions(headers={"x-b": "3"}, user="other", cookie="")
    found = manner_of("https://paper.example/feed", source, feed)
    account = base64.b64encode(b"other:").decode()
    assert found.headers == (("X-A", "1"), ("x-b", "3"), ("Authorization", f"Basic {account}"))
    assert (found.user_agent, found.origin) == ("Desk/1", "https://paper.example")
    bearer = RequestOptions(headers={"authorization": "Bearer t"})
    assert ("authorization", "Bearer t") in manner_of("https://paper.example/feed", source, bearer).headers
    other = manner_of("https://paper.example/feed", bearer, RequestOptions(password="q"))
    assert other.headers == (("Authorization", f"Basic {base64.b64encode(b':q').decode()}"),)
    assert manner_of("https://paper.example/feed", NONE, NONE) == Manner()


@pytest.mark.parametrize(
    ("url", "request_"),
    [
        ("https://u:p@paper.example/", {"user": "u"}),
        ("https://u:p@paper.example/", {"headers": {"authorization": "Bearer t"}}),
        ("https://paper.example/", {"headers": {"Authorization": "Bearer t"}, "password": "p"}),
    ],
)
def test_two_accounts_are_refused(url: str, request_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one account is enough"):
        manner(url, **request_)


def test_every_secret_of_a_request_is_known_in_the_form_in_which_it_is_sent() -> None:
    request = RequestOptions(
        headers={"X-Api-Key": "kkk", "X-Desk": "seven", "authorization": "Bearer ttt"}, cookie="c=ccc; d=ddd",
        password="ppp", proxy="http://q:qq%40q@proxy.example:3128",
    )  # fmt: skip
    account = base64.b64encode(b":ppp").decode()
    assert set(secrets_of(request)) == {
        "kkk", "Bearer ttt", "ttt", "ppp", account, "c=ccc; d=ddd", "ccc", "ddd", "qq@q",
    }  # fmt: skip


# --- private hosts


def test_a_source_opens_private_hosts_for_itself_alone(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server, Fetcher(make_options(allow_private_hosts=False)) as fetcher:
            url = server.url("/feed")
            with pytest.raises(BlockedAddress, match=r"request\.allow_private = true"):
                await fetcher.fetch(url, now=NOW)
            await fetcher.fetch(url, now=NOW, manner=Manner(allow_private=True))
            await fetcher.fetch(url, now=NOW, manner=Manner(allow_private=True))
            assert [heard.socket for heard in server.heard] == [1, 1]  # the connection is open, and used again
            with pytest.raises(BlockedAddress):
                await fetcher.fetch(url, now=NOW)
            assert (server.sockets, len(server.heard)) == (1, 2)

    run(main)


def test_requests_side_by_side_are_each_judged_for_themselves(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server, Fetcher(make_options(allow_private_hosts=False)) as fetcher:
            hows = [Manner(allow_private=number % 2 == 0) for number in range(20)]
            tasks = (fetcher.fetch(server.url("/feed"), now=NOW, manner=how) for how in hows)
            found = await asyncio.gather(*tasks, return_exceptions=True)
            assert [isinstance(one, Fetched) for one in found] == [how.allow_private for how in hows]
            assert all(isinstance(one, Fetched | BlockedAddress) for one in found)
            assert len(server.heard) == 10

    run(main)


# --- proxies


def test_a_feed_is_asked_through_its_proxy_whose_own_address_may_be_private(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server, wire(leads={"news.public.example": server.port}) as proxy:
            url = "http://news.public.example/feed?a=1"
            how = manner(url, proxy=f"http://desk:pa%40ss@127.0.0.1:{proxy.port}", cookie="c=1")
            found = await fetch(make_options, url, how)
            assert (found.status, found.url, found.body) == (200, url, b"<rss/>")
            (heard,) = proxy.heard
            assert (heard.method, heard.target) == ("GET", url)
            assert heard.names["proxy-authorization"] == "Basic " + base64.b64encode(b"desk:pa@ss").decode()
            assert server.heard[0].names["cookie"] == "c=1"

    run(main)


@pytest.mark.usefixtures("trusted")
def test_https_goes_through_a_tunnel_in_which_the_proxy_sees_no_secret(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire(tls=True) as server, wire(leads={"news.public.example:443": server.port}) as proxy:
            url = "https://news.public.example/feed"
            how = manner(url, proxy=f"http://desk:pw@127.0.0.1:{proxy.port}", user="u", password="p", cookie="c=1")
            assert (await fetch(make_options, url, how)).body == b"<rss/>"
            (tunnel,), (heard,) = proxy.heard, server.heard
            assert (tunnel.method, tunnel.target) == ("CONNECT", "news.public.example:443")
            assert "proxy-authorization" in tunnel.names
            assert {"authorization", "cookie"} & set(tunnel.names) == set()
            assert {"authorization", "cookie"} <= set(heard.names)
            assert "proxy-authorization" not in heard.names

    run(main)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_may_be_spoken_to_by_tls(
    wire: Wires, make_options: Any, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """The resolver is the operating system's, and its answer is what is stood in for."""

    def answer(host: str, port: int, *_: object, **__: object) -> list[Any]:
        assert host == "news.public.example"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def main() -> None:
        tls = scheme == "https"
        host = "news.public.example:443" if tls else "news.public.example"
        async with wire(tls=tls) as server, wire(leads={host: server.port}, tls=True) as proxy:
            monkeypatch.setattr(socket, "getaddrinfo", answer)
            url = f"{scheme}://news.public.example/feed"
            how = manner(url, proxy=f"https://news.public.example:{proxy.port}", cookie="c=1")
            assert (await fetch(make_options, url, how)).body == b"<rss/>"
            assert server.heard[0].names["cookie"] == "c=1"
            await fetch_fails(make_options, url, manner(url, proxy=f"https://127.0.0.1:{proxy.port}"), "tls")
            assert len(proxy.heard) == 1

    run(main)


async def fetch_fails(make_options: Any, url: str, how: Manner, kind: str) -> None:
    with pytest.raises(FetchError) as caught:
        await fetch(make_options, url, how)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST.", "10.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254", "intranet",
     "x.internal", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "１２７.０.０.１"],
)  # fmt: skip
def test_a_proxy_is_not_asked_for_a_private_host(wire: Wires, make_options: Any, host: str) -> None:
    async def main() -> None:
        async with wire() as proxy:
            proxy.answer = lambda heard: (200, {}, b"inside")
            how = manner("https://paper.example/", proxy=proxy.url(""))
            with pytest.raises(BlockedAddress):
                await fetch(make_options, f"http://{host}/feed", how)
            assert proxy.heard == []

    run(main)


def test_a_redirect_through_a_proxy_to_a_private_host_is_refused_unless_the_source_allows_it(
    wire: Wires, make_options: Any
) -> None:
    async def main() -> None:
        async with wire() as proxy:
            inside = "http://10.0.0.7/inside"
            proxy.answer = lambda heard: (
                (200, {}, b"inside") if heard.target == inside else (302, {"Location": inside}, b"")
            )
            url = "http://paper.example/feed"
            with pytest.raises(BlockedAddress, match=r"10\.0\.0\.7"):
                await fetch(make_options, url, manner(url, proxy=proxy.url("")))
            assert [heard.target for heard in proxy.heard] == [url]
            open_ = manner(url, proxy=proxy.url(""), allow_private=True)
            assert (await fetch(make_options, url, open_)).body == b"inside"

    run(main)


@pytest.mark.parametrize(("scheme", "kind"), [("http", "http-407"), ("https", "proxy")])
def test_a_proxy_that_refuses_is_told_without_its_password(
    wire: Wires, make_options: Any, scheme: str, kind: str
) -> None:
    async def main() -> None:
        async with wire() as proxy:
            proxy.answer = lambda heard: (407, {}, b"")
            url = f"{scheme}://paper.example/"
            how = manner(url, proxy=f"http://desk:wr0ng-pw@127.0.0.1:{proxy.port}")
            with pytest.raises(FetchError) as caught:
                await fetch(make_options, url, how)
            assert caught.value.kind == kind
            assert "407" in caught.value.detail
            assert "wr0ng" not in str(caught.value)

    run(main)


def test_a_proxy_that_is_not_there_is_the_proxys_failure(make_options: Any) -> None:
    async def main() -> None:
        with pytest.raises(FetchError) as caught:
            await fetch(
                make_options, "http://paper.example/", manner("http://paper.example/", proxy="http://127.0.0.1:1")
            )
        assert (caught.value.kind, caught.value.severity) == ("proxy", Severity.TEMPORARY)
        assert caught.value.detail.startswith("the proxy 127.0.0.1, port 1: ")

    run(main)


# --- pace


def hops(server: Any, count: int) -> Callable[[Any], Answers]:
    """Answers that lead over ``count`` redirects to a document."""

    def answer(heard: Any) -> Answers:
        number = int(heard.target.removeprefix("/"))
        return (200, {}, b"<rss/>") if number == count else (301, {"Location": f"/{number + 1}"}, b"")

    return answer


def test_every_further_hop_waits_for_its_pace(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server:
            server.answer = hops(server, 2)
            seen: list[tuple[str, int]] = []

            async def pace(url: str) -> None:
                seen.append((url, len(server.heard)))

            await fetch(make_options, server.url("/0"), Manner(allow_private=True), pace=pace)
            assert seen == [(server.url("/1"), 1), (server.url("/2"), 2)]

    run(main)


def test_the_time_that_a_pace_takes_is_not_the_documents(
    wire: Wires, make_options: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop's clock is set forward, so that nothing has to wait."""

    async def main() -> None:
        async with wire() as server:
            server.answer = hops(server, 2)
            loop = asyncio.get_running_loop()
            real, forward = loop.time, [0.0]
            monkeypatch.setattr(loop, "time", lambda: real() + forward[0])

            async def pace(url: str) -> None:
                forward[0] += 100.0

            found = await fetch(make_options, server.url("/0"), Manner(allow_private=True), pace=pace)
            assert found.body == b"<rss/>"

    run(main)


def test_the_hops_themselves_share_one_time(wire: Wires, make_options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with wire() as server:
            loop = asyncio.get_running_loop()
            real, forward = loop.time, [0.0]
            monkeypatch.setattr(loop, "time", lambda: real() + forward[0])
            step = hops(server, 9)

            def slowly(heard: Any) -> Answers:
                forward[0] += 10.0
                return step(heard)

            server.answer = slowly
            with pytest.raises(FetchError) as caught:
                await fetch(
                    make_options, server.url("/0"), Manner(allow_private=True), {"timeout": timedelta(seconds=45)}
                )
            assert (caught.value.kind, len(server.heard)) == ("timeout", 5)

    run(main)


def test_what_a_pace_raises_comes_through_and_the_next_hop_is_not_asked(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server:
            server.answer = hops(server, 1)

            async def shut(url: str) -> None:
                raise LookupError(url)

            with pytest.raises(LookupError):
                await fetch(make_options, server.url("/0"), Manner(allow_private=True), pace=shut)
            assert len(server.heard) == 1

    run(main)


def test_no_pace_is_kept_for_an_address_that_will_not_be_asked(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server:
            server.answer = lambda heard: (301, {"Location": "ftp://files.example/feed"}, b"")
            waited: list[str] = []

            async def pace(url: str) -> None:
                waited.append(url)

            with pytest.raises(FetchError, match="bad-url"):
                await fetch(make_options, server.url("/0"), Manner(allow_private=True), pace=pace)
            assert waited == []

    run(main)


def test_validators_go_with_a_manner_as_without(wire: Wires, make_options: Any) -> None:
    async def main() -> None:
        async with wire() as server, Fetcher(make_options()) as fetcher:
            how = manner(server.url("/"), headers={"X-A": "1"})
            await fetcher.fetch(
                server.url("/"), Validators('"e"', "Sun, 01 Mar 2026 00:00:00 GMT"), now=NOW, manner=how
            )
            names = server.heard[0].names
            assert (names["if-none-match"], names["x-a"]) == ('"e"', "1")
            assert names["if-modified-since"] == "Sun, 01 Mar 2026 00:00:00 GMT"

    run(main)

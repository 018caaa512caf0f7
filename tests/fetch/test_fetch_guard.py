"""Which addresses may be asked, and which budget they draw on."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BlockedAddress
from monitor.fetch.guard import check_connected, check_named, is_private, is_private_host
from monitor.fetch.politeness import budget_key


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "100.127.255.255", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::",
        "2002:a00:1::1", "[::1]", "100::1", "4000::1",
    ],
)  # fmt: skip
def test_internal_addresses_in_every_dress_are_private(address: str) -> None:
    assert is_private(address)
    with pytest.raises(BlockedAddress):
        check_connected(address, allow_private=False)
    check_connected(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1",
        "2002:101:101::",
    ],
)  # fmt: skip
def test_public_addresses_are_not(address: str) -> None:
    assert not is_private(address)
    check_connected(address, allow_private=False)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_inside_ipv6(address: ipaddress.IPv4Address) -> None:
    expected = is_private(str(address))
    assert is_private(f"::ffff:{address}") is expected
    assert is_private(f"64:ff9b::{address}") is expected
    assert is_private(str(ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80)))) is expected


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_of_the_public_block_passes(address: ipaddress.IPv6Address) -> None:
    carries_ipv4 = address.ipv4_mapped or address in ipaddress.ip_network("64:ff9b::/96")
    assert is_private(str(address)) or carries_ipv4 or address in ipaddress.ip_network("2000::/3")


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://localhost/feed", True), ("http://LOCALHOST./feed", True), ("http://a.localhost/", True),
        ("http://news.local/", True), ("http://news.internal/", True), ("http://intranet/", True),
        ("http://[::1]:80/", True), ("http://10.0.0.1:8080/", True), ("https://news.example.org/", False),
        ("http://127.1/", True), ("http://0x7f.0.0.1/", True), ("http://2130706433/", True),
        ("http://0300.168.1/", True), ("http://0x01010101/", True), ("http://1.1/", False),
        ("http://127.0.0.1.example.org/", False),
        ("https://[2606:4700::1111]/", False), ("https://1.1.1.1/", False), ("http://localhost.example.org/", False),
    ],
)  # fmt: skip
def test_private_hosts_are_known_by_their_names(url: str, private: bool) -> None:
    assert is_private_host(url) is private
    if private:
        with pytest.raises(BlockedAddress, match="not on the public internet"):
            check_named(url)
    else:
        check_named(url)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://feeds.paper.co.uk/a", "domain:paper.co.uk"), ("https://www.paper.co.uk/", "domain:paper.co.uk"),
        ("https://PAPER.co.uk./", "domain:paper.co.uk"), ("https://one.github.io/feed", "domain:one.github.io"),
        ("https://two.github.io/feed", "domain:two.github.io"), ("https://co.uk/feed", "domain:co.uk"),
        ("https://1.1.1.1/feed", "domain:1.1.1.1"), ("https://[2606:4700::1]/", "domain:2606:4700::1"),
        ("http://127.0.0.1:99/x", "feed:mine"),
        ("http://localhost/x", "feed:mine"),
    ],
)  # fmt: skip
def test_public_hosts_share_a_budget_by_registrable_domain_and_private_ones_have_one_a_feed(url: str, key: str) -> None:
    assert budget_key(url, "mine") == (key, key.startswith("feed:"))

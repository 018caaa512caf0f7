"""Links in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise.url import MAX_LENGTH, canonical

BASE = "https://paper.example/feeds/all.xml"
pieces = st.sampled_from(
    [
        "http://", "https://", "HTTP:", "//", "/", "..", "?", "&", "=", "#", ":", "@", "[", "]", "::1", "80",
        "443", "paper.example", "Bücher.example", "%", "%zz", "%20", " ", "utm_source=x", "fbclid", "é", "\ud800",
        "\x00", "\n", "\\", "<", ">", "\"", "a", "+", ";", ";a=1", "javascript:", "mailto:", "xn--", ".", "{", "}",
        "^", "`",
    ]
)  # fmt: skip
links = st.lists(pieces, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://paper.example/a", "https://paper.example/a"),
        ("  https://paper.example/a\n", "https://paper.example/a"),
        ("HTTPS://Paper.EXAMPLE/A", "https://paper.example/A"),
        ("http://paper.example:80", "http://paper.example/"),
        ("https://paper.example:443/", "https://paper.example/"),
        ("http://paper.example:8080/", "http://paper.example:8080/"),
        ("https://paper.example/a#part", "https://paper.example/a"),
        ("https://user:secret@paper.example/a", "https://paper.example/a"),
        ("https://paper.example/a?utm_source=x&id=7&UTM_medium=y", "https://paper.example/a?id=7"),
        ("https://paper.example/a?fbclid=1", "https://paper.example/a"),
        ("https://paper.example/a?b=2&a=1", "https://paper.example/a?b=2&a=1"),
        ("https://paper.example/?p=101", "https://paper.example/?p=101"),
        ("https://paper.example/a?empty=&flag", "https://paper.example/a?empty=&flag"),
        ("https://paper.example/a?q=%E4%F6&gclid=1", "https://paper.example/a?q=%E4%F6"),
        ("https://paper.example/a?q=one+two&gclid=1", "https://paper.example/a?q=one+two"),
        ("https://paper.example/ein weg", "https://paper.example/ein%20weg"),
        ("https://paper.example/%C3%A9t%C3%A9", "https://paper.example/%C3%A9t%C3%A9"),
        ("https://paper.example/été", "https://paper.example/%C3%A9t%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://[2606:4700::1]/a", "https://[2606:4700::1]/a"),
        ("/a", "https://paper.example/a"),
        ("a?x=1", "https://paper.example/feeds/a?x=1"),
        ("//other.example/a", "https://other.example/a"),
        ("?p=7", "https://paper.example/feeds/all.xml?p=7"),
    ],
)
def test_links_have_one_form(link: str, url: str) -> None:
    assert canonical(link, BASE) == url


@pytest.mark.parametrize(
    "link",
    [
        None, "", "mailto:desk@paper.example", "javascript:alert(1)", "tel:+100", "data:text/html,x", "ftp://h/a",
        "http://", "http:///a", "http://[::1", "http://a:b/", "http://h:99999/", "http://exa mple/", "http://h\x01/",
        "http://<b>/", "http://a..bücher.example/", "http://h/" + "a" * MAX_LENGTH, "http://h/\ud800", "file:///etc/x",
    ],
)  # fmt: skip
def test_what_is_no_link_to_read_is_none(link: str | None) -> None:
    assert canonical(link) is None


def test_the_fragment_is_kept_for_identity_alone() -> None:
    assert canonical("https://paper.example/live#entry-7", keep_fragment=True) == "https://paper.example/live#entry-7"
    assert canonical("https://paper.example/live#entry-7") == "https://paper.example/live"


@given(st.text() | links, st.none() | st.just(BASE), st.booleans())
def test_a_link_in_its_form_stays_as_it_is(link: str, base: str | None, fragment: bool) -> None:
    found = canonical(link, base, keep_fragment=fragment)
    if found is not None:
        assert found.startswith(("http://", "https://"))
        assert found.isascii()
        assert found.isprintable()
        assert len(found) <= MAX_LENGTH
        assert canonical(found, base, keep_fragment=fragment) == found


@given(st.from_regex(r"[a-z]{1,9}=[a-z0-9]{0,9}", fullmatch=True), st.sampled_from(["utm_source", "fbclid", "mc_cid"]))
def test_tracking_makes_no_difference(parameter: str, tracking: str) -> None:
    plain = f"https://paper.example/a?{parameter}"
    for dressed in (f"{plain}&{tracking}=x1", f"https://paper.example/a?{tracking}=x1&{parameter}", f"{plain}#top"):
        assert canonical(dressed) == canonical(plain)

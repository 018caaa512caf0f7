"""Documents that break off, and what they ask about when to come back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import DocumentHints
from monitor.parse.ending import hints, is_complete
from monitor.parse.feed import parse

ITEM = b"<item><guid>%d</guid><title>Item %d</title></item>"
WHOLE = b'<rss version="2.0"><channel>' + b"".join(ITEM % (n, n) for n in range(3)) + b"</channel></rss>"


def read(body: bytes):
    return parse(body, content_type="", url="https://a.example/", max_entries=500)


def test_a_whole_document_is_complete_also_with_what_may_follow_its_root() -> None:
    for tail in (b"", b"\n\n", b"<!-- made in 0.3 s -->", b"\n<?pi?>\n", b"\x00"):
        assert is_complete(WHOLE + tail)
        assert read(WHOLE + tail).complete
    assert is_complete(b"<feed></feed>")
    assert is_complete(b"<rdf:RDF></rdf:RDF>")


@given(st.integers(len(b'<rss version="2.0"><channel>'), len(WHOLE) - 1))
def test_one_that_breaks_off_gives_its_whole_entries_only(length: int) -> None:
    body = WHOLE[:length]
    if is_complete(body):
        assert body.rstrip().endswith(b"</channel>")
        return
    document = read(body)
    assert not document.complete
    assert len(document.entries) == body.count(b"</item>")
    assert all(entry.title == f"Item {entry.guid}" for entry in document.entries)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"<ttl>90</ttl>", DocumentHints(ttl=timedelta(minutes=90))),
        (b"<ttl>0</ttl>", DocumentHints()),
        (b"<sy:updatePeriod> hourly </sy:updatePeriod>", DocumentHints(every=timedelta(hours=1))),
        (
            b"<sy:updatePeriod>dayly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            DocumentHints(every=timedelta(hours=6)),
        ),
        (
            b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            DocumentHints(),
        ),
        (b"<sy:updatePeriod>always</sy:updatePeriod>", DocumentHints()),
        (
            b"<skipHours><hour>24</hour><hour>1</hour></skipHours><skipDays><day>Sunday</day><day>Blursday</day></skipDays>",
            DocumentHints(skip_hours=frozenset({0, 1}), skip_days=frozenset({6})),
        ),
    ],
)
def test_hints_are_read_from_the_head(head: bytes, expected: DocumentHints) -> None:
    assert hints(b"<rss><channel>" + head) == expected
    assert read(WHOLE.replace(b"<item>", head + b"<item>", 1)).hints == expected


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(body: bytes) -> None:
    hints(body)
    is_complete(body)

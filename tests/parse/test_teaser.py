"""Which of an entry's texts is kept."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.parse.feed import parse
from monitor.parse.teaser import TEASER, fuller

RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour Notes</title>'
    "<item><title>Ferry</title><description>{summary}</description>"
    "<content:encoded>{content}</content:encoded></item></channel></rss>"
)
LONG = "The ferry to the islands goes again, every two hours, and on Sundays not at all. " * 20


def kept(summary: str, content: str) -> str:
    body = RSS.format(summary=summary, content=content).encode()
    (entry,) = parse(body, content_type="", url="https://harbour.example/feed", max_entries=9).entries
    return entry.summary


def test_a_teaser_gives_way_to_the_content_and_a_whole_summary_does_not() -> None:
    assert kept("The ferry goes again […]", LONG) == LONG.strip()
    assert kept(LONG, LONG + LONG) == LONG.strip()
    assert kept("The ferry goes again.", "") == "The ferry goes again."
    assert kept("", LONG) == LONG.strip()


@given(st.text(max_size=2 * TEASER), st.text(max_size=2 * TEASER))
def test_one_of_the_two_is_kept_and_never_less_than_the_summary(summary: str, content: str) -> None:
    assert fuller(summary, content) in {summary, content}
    assert len(fuller(summary, content)) >= len(summary)

"""Why we differ where we do, by the cases that show it. A difference without a reason is an error of ours."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Reason:
    """``cases`` and ``field`` are patterns (``*``) of names of cases and of the path of what a claim speaks of."""

    cases: str
    field: str
    why: str


DOCUMENT = "document"
"""The field of a case that is refused altogether."""
COUNT = "number of entries"
"""The field of what every case claims beside: as many entries as feedparser finds."""

REASONS = (
    Reason(
        "wellformed/base/http_entry_id_*",
        "entries.id",
        "A guid is an identity, kept as its publisher wrote it; resolved against the address of the document it would "
        "become another one with every move.",
    ),
    Reason(
        "wellformed/lang/http_content_language_*",
        "entries.title_detail.language",
        "The HTTP header Content-Language is not read: servers send one for all they hold. The language is that of the "
        "document, of the source, or of the text.",
    ),
    Reason(
        "wellformed/rss/item_*summary*",
        "entries.content.value",
        "One text is taken of an entry: the summary, or the whole content where a short summary is but its teaser.",
    ),
    Reason(
        "wellformed/*/*summary*.xml",
        "entries.summary",
        "As above: here the content is the longer one.",
    ),
    Reason(
        "wellformed/rss/item_description_not_a_doctype.xml",
        "entries.description",
        "A browser hides `<!' …>` as a broken comment, and so do we; feedparser shows it.",
    ),
    Reason(
        "wellformed/sanitize/*crazy.xml",
        "*",
        "What a script says, and what follows a script that is never closed, is no text; feedparser keeps the words "
        "and drops the tags.",
    ),
    Reason(
        "wellformed/sanitize/*iframe.xml",
        "entries.*",
        "What an iframe holds is shown to nobody whose browser has iframes, and is no text; feedparser keeps it.",
    ),
    Reason(
        "wellformed/sanitize/item_content_encoded_script_nested_cdata.xml",
        "entries.content.value",
        "A CDATA mark inside of a text is dropped; feedparser shows it.",
    ),
    Reason(
        "wellformed/sanitize/xml_malicious_comment.xml",
        "feed.title",
        "A comment that is never closed hides the rest, as in a browser; feedparser shows the rest.",
    ),
    Reason(
        "entities/[lr]ang.xml",
        "feed.title",
        "Entities mean what HTML 5 says (U+27E8, U+27E9); feedparser has HTML 4's angle brackets.",
    ),
    Reason(
        "encoding/bozo_linenoise.xml",
        "entries.summary",
        "UTF-8 with one bad byte stays UTF-8; feedparser reads all of it as ISO-8859-2.",
    ),
    Reason(
        "wellformed/cdf/*",
        "*",
        "A channel of CDF (1997) without an item: feedparser itself gives it no version, and there is nothing to take.",
    ),
    Reason(
        "illformed/rss_empty_document.xml",
        DOCUMENT,
        "A comment and nothing else is no feed; feedparser gives an empty result, which would count as a good poll.",
    ),
    Reason(
        "illformed/rss_incomplete_cdata.xml",
        COUNT,
        "The entry in which a document breaks off is left out: it comes whole next time, or its key would be taken.",
    ),
    Reason(
        "http/http_status_302-no-location.xml",
        DOCUMENT,
        "The case is an HTTP answer without a document; redirects are `fetch`'s, which has tests of its own.",
    ),
)


def reason_for(case: str, field: str) -> Reason | None:
    """The first reason that fits."""
    return next((r for r in REASONS if fnmatchcase(case, r.cases) and fnmatchcase(field, r.field)), None)

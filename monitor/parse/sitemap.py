"""A news sitemap (sitemaps.org 0.9 with Google's news tags 0.9) to raw entries."""

from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from lxml import etree

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError, Severity
from monitor.parse.frame import is_page
from monitor.parse.packed import unpacked
from monitor.parse.stranger import refusal
from monitor.parse.tree import local, read_tree

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def parse_sitemap(body: bytes, *, url: str, max_entries: int) -> Document:
    """Read the news of a sitemap, newest first, then in the document's order; gzip'd or not.

    Only ``url`` elements with news tags are entries. A ``lastmod`` is never taken for a date, since it is often the
    day of a deployment; an entry without a publication date has none. At most ``max_entries`` are taken, the rest is
    counted. Raises ParseError: ``sitemap-index`` (its sitemaps have addresses of their own), ``no-news`` for a sitemap
    without news tags, which has neither titles nor dates (Media Cloud refuses these too), ``not-a-sitemap``,
    ``truncated``, those of `read_tree`, and for a web page those of `refusal`.
    """
    body = unpacked(body, kind="not-a-sitemap")
    if is_page(body):
        raise refusal(body, url)
    tree = read_tree(body, expected="sitemap")
    if tree.mended and not closed(body):
        raise ParseError("truncated", f"the sitemap ends in the middle, after {len(body):,} bytes")
    pages = _pages(tree.root)
    found = [(page, news) for page in pages if (news := child(page, "news")) is not None]
    if not found:
        raise ParseError("no-news", f"a sitemap of {len(pages)} pages without news tags has no titles and no dates")
    entries = [entry for page, news in found if (entry := _entry(page, news, url)) is not None]
    entries.sort(key=lambda entry: entry.published_hint or _LONG_AGO, reverse=True)
    return Document(
        version="sitemap-news",
        title=next((name for _, news in found if (name := text_of(child(news, "publication"), "name"))), ""),
        language=_common_language(entries),
        entries=tuple(entries[:max_entries]),
        cut=max(0, len(entries) - max_entries),
        recovered=tree.mended,
    )


def closed(body: bytes) -> bool:
    """Say whether the document ends with its root's closing tag: recovery would make a cut one a shorter one."""
    end = body.replace(b"\0", b"").rstrip()[-40:].lower()
    return end.endswith(b">") and (b"urlset" in end or b"sitemapindex" in end) and b"</" in end


def _pages(root: etree._Element) -> list[etree._Element]:
    kind = local(root.tag)
    if kind == "sitemapindex":
        count = sum(local(part.tag) == "sitemap" for part in root)
        raise ParseError(
            "sitemap-index",
            f"an index of {count} sitemaps; give the address of its news sitemap instead",
            Severity.HARD,
        )
    if kind != "urlset":
        raise ParseError("not-a-sitemap", f"the document is a <{kind}>, not a <urlset>")
    return [part for part in root if local(part.tag) == "url"]


def _entry(page: etree._Element, news: etree._Element, base: str) -> RawEntry | None:
    link = location(page)
    published = text_of(news, "publication_date")
    entry = RawEntry(
        guid=None,
        link=_absolute(base, link) if link else None,
        title=text_of(news, "title"),
        summary="",
        published=published or None,
        published_hint=instant(published),
        language=text_of(child(news, "publication"), "language") or text_of(news, "language") or None,
    )
    return entry if entry.link or entry.title else None


def location(page: etree._Element) -> str:
    """The page's own ``loc``: one in its namespace before those of image and video extensions."""
    found = [part for part in page if local(part.tag) == "loc"]
    found.sort(key=lambda part: _space(part) != _space(page))
    return next((text for part in found if (text := said(part))), "")


def _space(element: etree._Element) -> str:
    """An element's namespace or undeclared prefix; by hand, as QName refuses names that recovery lets pass."""
    name = str(element.tag)
    return name.rpartition("}")[0] or name.rpartition(":")[0]


def _absolute(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:  # an address such as http://[x is left for normalise to judge
        return link


def child(parent: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of that name in any namespace: publishers write Google's with https, a slash, or not at all."""
    if parent is None:
        return None
    return next((part for part in parent if local(part.tag) == name), None)


def text_of(parent: etree._Element | None, name: str) -> str:
    found = child(parent, name)
    return "" if found is None else said(found)


def said(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def instant(raw: str) -> datetime | None:
    """A W3C date, as the protocol asks, or one of RFC 822, as some write; without a zone it counts as UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(raw)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _common_language(entries: list[RawEntry]) -> str | None:
    """The language of all entries that name one, or None where they differ."""
    languages = Counter(entry.language for entry in entries if entry.language)
    return next(iter(languages)) if len(languages) == 1 else None

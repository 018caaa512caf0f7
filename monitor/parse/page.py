"""A watched page, a list of items with links, to raw entries by CSS selectors."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from email.message import Message
from functools import lru_cache
from urllib.parse import urljoin

from cssselect import SelectorError
from lxml import etree, html
from lxml.cssselect import CSSSelector

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError, Severity
from monitor.normalise.text import plain
from monitor.parse.tree import MAX_BYTES, demand_whole

_META = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_META_WITHIN = 4096  # bytes; the HTML standard asks for 1024, and pages put scripts before it
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What browsers read for these names (encoding.spec.whatwg.org, "names and labels").
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
_SEVEN_BIT = frozenset({"iso2022_jp", "hz", "utf-7"})  # valid as UTF-8, and meaning something else
_HEADINGS = "h1, h2, h3, h4, h5, h6"


@dataclass(frozen=True, slots=True)
class Selectors:
    """Where the parts of an item are, as CSS selectors; all but ``item`` look inside an item.

    ``title`` "" means the text of the link, else the item's heading; ``date`` "" means the item's ``time`` element, if
    it has one; ``summary`` "" means none.
    """

    item: str
    title: str = ""
    link: str = "a"
    date: str = ""
    summary: str = ""


def check_selectors(selectors: Selectors) -> None:
    """Raise ValueError with a sentence for the first selector that cannot be used."""
    for name in ("item", "link"):
        if not getattr(selectors, name).strip():
            raise ValueError(f'the selector "{name}" is empty; say which elements it is to find')
    for name, selector in _given(selectors):
        try:
            _compiled(selector)(html.Element("p"))
        except (SelectorError, etree.XPathError) as error:
            raise ValueError(
                f'the selector "{name}" is no CSS selector that can be used: {selector!r}: {error}'
            ) from error


def parse_page(body: bytes, *, content_type: str, url: str, selectors: Selectors, max_entries: int) -> Document:
    """Read the items of a page, in its order; each one with a link is an entry, once.

    Links are absolute, http or https; texts are plain; a date is the ``datetime`` attribute, or the element's text, as
    the page has it. At most ``max_entries`` are taken, the rest is counted. Raises ParseError: ``selector`` where one
    finds nothing in the whole page, which is how a relaunch of the site shows; ``empty``; ``too-large``; ``too-deep``;
    ``not-html``. Raises ValueError as `check_selectors` does.
    """
    check_selectors(selectors)
    root = _root(body, content_type)
    base = _joined(url, next((str(e.get("href")) for e in root.iter("base") if e.get("href")), "")) or url
    items = _select(root, selectors.item)
    _demand_matches(root, items, selectors)
    entries, cut = _entries(items, selectors, base, max_entries)
    return Document(
        version="page",
        title=next((plain(_markup(title)) for title in root.iter("title")), ""),
        language=str(root.get("lang") or "") or None,
        entries=entries,
        cut=cut,
    )


def _demand_matches(root: etree._Element, items: list[etree._Element], selectors: Selectors) -> None:
    for name, selector in _given(selectors):
        within, where = ([root], "the page") if name == "item" else (items, f"the {len(items)} items")
        if not any(_select(element, selector) for element in within):
            raise ParseError("selector", f'the selector "{name}" matched nothing in {where}: {selector!r}')


def _entries(
    items: list[etree._Element], selectors: Selectors, base: str, max_entries: int
) -> tuple[tuple[RawEntry, ...], int]:
    """Entries, one a link, and how many links are beyond the cap; an item without title gives way to a later one."""
    entries: dict[str, RawEntry] = {}
    cut: set[str] = set()
    for item in items:
        link = next((href for element in _select(item, selectors.link) if (href := _address(element, base))), "")
        if link and link not in entries and len(entries) >= max_entries:
            cut.add(link)
        elif link and (link not in entries or not entries[link].title):
            entries[link] = _entry(item, link, selectors, base)
    if not entries and not cut:
        raise ParseError("selector", f'the selector "link" found no address in the {len(items)} items')
    return tuple(entries.values()), len(cut)


def _given(selectors: Selectors) -> Iterator[tuple[str, str]]:
    return ((f.name, selector) for f in fields(selectors) if (selector := getattr(selectors, f.name)))


@lru_cache(maxsize=512)
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


def _select(element: etree._Element, selector: str) -> list[etree._Element]:
    """Elements that match, in document order, the element itself among them."""
    return _compiled(selector)(element)


def _root(body: bytes, content_type: str) -> etree._Element:
    if not body.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise ParseError("empty", "the server answered with an empty document", Severity.TEMPORARY)
    if len(body) > MAX_BYTES:
        raise ParseError("too-large", f"{len(body):,} bytes, more than the {MAX_BYTES:,} that are read")
    # Without huge_tree libxml2 drops all below 256 elements, which 250 unclosed <font> are; with it, all below 2,048.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    text = _decoded(body, content_type).replace("\0", "")
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.XMLSyntaxError as error:
        demand_whole(error.error_log)
        raise ParseError("not-html", f"the page cannot be read: {error.msg}"[:300]) from error
    except etree.ParserError as error:
        raise ParseError("empty", "the page holds no element", Severity.SOFT) from error
    demand_whole(parser.error_log)
    return root


def _decoded(body: bytes, content_type: str) -> str:
    """Decode as browsers do, but take what is valid UTF-8 for UTF-8: no other encoding looks like it by chance."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    declared = _known(_charset(content_type)) or _known(_meta_charset(body))
    if declared not in _SEVEN_BIT:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass  # the declared encoding is next
    return body.decode(declared or "cp1252", "replace")


def _charset(content_type: str) -> str:
    message = Message()
    message["content-type"] = content_type.replace("\r", "").replace("\n", "")
    return message.get_content_charset() or ""


def _meta_charset(body: bytes) -> str:
    found = _META.search(body[:_META_WITHIN])
    return found[1].decode("ascii") if found else ""


def _known(name: str) -> str:
    """Python's name of a text encoding, or "" for one that it does not know; no page in UTF-16 can say so in ASCII."""
    try:
        known = codecs.lookup(name).name if name else ""
        "".encode(known or "ascii")
    except (LookupError, ValueError):
        return ""
    return "utf-8" if known.startswith(("utf-16", "utf-32")) else _MEANT.get(known, known)


def _entry(item: etree._Element, link: str, selectors: Selectors, base: str) -> RawEntry:
    title = _first_text(item, selectors.title) if selectors.title else _title(item, link, base)
    return RawEntry(
        guid=None,
        link=link,
        title=title,
        summary=_first_text(item, selectors.summary) if selectors.summary else "",
        published=_date(item, selectors.date or "time") or None,
    )


def _title(item: etree._Element, link: str, base: str) -> str:
    """What the item is called: the text of its link, a heading, or what a linked picture says for itself."""
    same = [element for element in item.iter("a") if _address(element, base) == link]
    texts = (plain(_markup(element)) for element in (*same, *_select(item, _HEADINGS)))
    said = (str(e.get(name) or "") for e in same for name in ("aria-label", "title"))
    pictures = (str(image.get("alt") or "") for e in same for image in e.iter("img"))
    return next((text for found in (texts, map(plain, said), map(plain, pictures)) for text in found if text), "")


def _first_text(item: etree._Element, selector: str) -> str:
    return next((text for element in _select(item, selector) if (text := plain(_markup(element)))), "")


def _date(item: etree._Element, selector: str) -> str:
    found = _select(item, selector)
    stamps = (str(e.get(name) or "").strip() for e in found for name in ("datetime", "content"))
    return next((stamp for stamp in stamps if stamp), "") or _first_text(item, selector)


def _address(element: etree._Element, base: str) -> str:
    return _joined(base, str(element.get("href") or ""))


def _joined(base: str, href: str) -> str:
    """An absolute http or https address; "" for what is none: mail, script, or a place on the same page."""
    href = href.strip()
    if not href or href.startswith("#"):
        return ""
    try:
        absolute = urljoin(base, href)
    except ValueError:
        return ""
    return absolute if absolute.lower().startswith(("http://", "https://")) else ""


def _markup(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", method="html", with_tail=False)

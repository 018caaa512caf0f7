"""OPML 1.0, 1.1 and 2.0 (opml.org/spec2.opml): lists of feeds in and out, with nothing lost on the way."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from monitor.errors import ParseError
from monitor.parse.tree import local, read_tree

Pairs = tuple[tuple[str, str], ...]

_NAMED = {
    "title": "title",
    "xmlurl": "xmlUrl",
    "htmlurl": "htmlUrl",
    "type": "type",
    "language": "language",
    "description": "description",
}
# A value with quotes or tags of its own ends where a known attribute of outlines follows, or where the tag ends
# and another one of OPML begins; any other value ends at its quote.
_KNOWN = rb"text|title|type|xmlUrl|htmlUrl|description|language|version|url|category|created|isComment|isBreakpoint"
_BEGIN = re.compile(rb"\s+[A-Za-z_][\w:.-]*\s*=\s*[\"']")
_PLAIN = {
    quote: re.compile(rb"[^<%b]*+(?=%b(?:\s+[A-Za-z_][\w:.-]*\s*=\s*[\"']|\s*/?>))" % (quote, quote))
    for quote in (b'"', b"'")
}
_ENDING = {
    quote: re.compile(
        rb"%b(?=\s+(?:%b)\s*=\s*[\"']|\s*/?>\s*(?:</?(?:outline|body|opml)\b|<!--))" % (quote, _KNOWN), re.IGNORECASE
    )
    for quote in (b'"', b"'")
}
_UNDECLARED = "urn:undeclared-prefix:"
_XML = "http://www.w3.org/XML/1998/namespace"  # bound to the prefix xml for ever
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed, a folder, or whatever else was listed.

    ``folder`` names the folders it is in, from the outermost on. ``title`` is the attribute of that name, else
    ``text``. ``attributes`` holds every other attribute in its order, with names as lxml writes them (``{space}name``):
    first ``text``, where it differs from the title.
    """

    folder: tuple[str, ...] = ()
    title: str = ""
    xml_url: str = ""
    html_url: str = ""
    type: str = ""
    language: str = ""
    description: str = ""
    attributes: Pairs = ()

    @property
    def is_feed(self) -> bool:
        """Whether there is an address to poll; Liferea's search folders have ``xmlUrl="vfolder"``."""
        return "://" in self.xml_url


@dataclass(frozen=True, slots=True)
class Opml:
    """A list of outlines, each folder before what it holds. ``head`` has the other elements of the head.

    ``notes`` says what had to be mended on reading; it is not written, and not compared.
    """

    title: str = ""
    outlines: tuple[Outline, ...] = ()
    head: Pairs = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def feeds(self) -> tuple[Outline, ...]:
        """The outlines that have the address of a feed."""
        return tuple(outline for outline in self.outlines if outline.is_feed)


def read_opml(body: bytes) -> Opml:
    """Read a list of feeds, nested or not, also where it is not well-formed.

    What a feed itself holds comes after it in a folder of its name. Raises ParseError: ``not-opml``, and those of
    `monitor.parse.tree.read_tree`.
    """
    tree = read_tree(body, expected="OPML", mend=_quoted)
    if local(tree.root.tag) != "opml":
        raise ParseError("not-opml", f"the document is a <{local(tree.root.tag)}>, not an <opml>")
    head = tuple(_head(tree.root))
    return Opml(
        title=next((text for name, text in head if local(name) == "title"), ""),
        outlines=tuple(_outlines(tree.root)),
        head=tuple((name, text) for name, text in head if local(name) != "title"),
        notes=(tree.mended,) if tree.mended else (),
    )


def write_opml(opml: Opml) -> bytes:
    """Write OPML 2.0 in UTF-8; folders that only paths name are made. Characters that XML cannot hold are left out."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap=_prefixes(opml))
    head = etree.SubElement(root, "head")
    for name, text in (("title", opml.title), *opml.head):
        etree.SubElement(head, name).text = _NOT_XML.sub("", text)
    body = etree.SubElement(root, "body")
    open_folders: list[tuple[str, etree._Element]] = []
    for outline in opml.outlines:
        parent = _opened(body, open_folders, outline.folder)
        element = etree.SubElement(parent, "outline", _attributes(outline))
        if not outline.is_feed:
            open_folders.append((outline.title, element))
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _prefixes(opml: Opml) -> dict[str | None, str]:
    """A prefix for every namespace in use, so that each is declared once, at the top."""
    names = (*(name for name, _ in opml.head), *(name for o in opml.outlines for name, _ in o.attributes))
    spaces = dict.fromkeys(name[1:].partition("}")[0] for name in names if name.startswith("{"))
    return {f"x{number}": space for number, space in enumerate(spaces, 1) if space != _XML}


def _quoted(body: bytes) -> bytes:
    """Escape the quotes and tags that values of outlines hold; libxml2 would drop every attribute after them."""
    parts: list[bytes] = []
    position = 0
    endless: set[bytes] = set()
    for outline in re.finditer(rb"<outline\b", body):
        if outline.start() < position:
            continue
        parts.append(body[position : outline.end()])
        position = outline.end()
        while begin := _BEGIN.match(body, position):
            quote = begin[0][-1:]
            plain = _PLAIN[quote].match(body, begin.end())
            end = plain.end() if plain else _end_of_value(body, begin.end(), quote, endless)
            value = body[begin.end() : end].replace(b"<", b"&lt;").replace(quote, b"&#%d;" % quote[0])
            parts += (begin[0], value, quote)
            position = end + 1
    return b"".join((*parts, body[position:]))


def _end_of_value(body: bytes, start: int, quote: bytes, endless: set[bytes]) -> int:
    """Where a value with markup ends; at its first quote, or the body's end, where nothing tells.

    ``endless`` keeps the quotes that end no such value any more, so that the body is not searched once for each.
    """
    ending = None if quote in endless else _ENDING[quote].search(body, start)
    if ending is not None:
        return ending.start()
    endless.add(quote)
    first = body.find(quote, start)
    return first if first >= 0 else len(body)


def _head(root: etree._Element) -> Iterator[tuple[str, str]]:
    for head in root:
        if local(head.tag) == "head":
            for child in head:
                if local(child.tag):
                    yield _kept_name(str(child.tag)), " ".join("".join(child.itertext()).split())


def _outlines(root: etree._Element) -> Iterator[Outline]:
    """Outlines in document order; those that recovery left outside the body count too."""
    waiting = [(child, ()) for child in reversed(root)]
    stack: list[tuple[etree._Element, tuple[str, ...]]] = list(waiting)
    while stack:
        element, folder = stack.pop()
        inside = folder
        if local(element.tag) == "outline":
            outline = _outline(element, folder)
            yield outline
            inside = (*folder, outline.title)
            if outline.is_feed and any(local(child.tag) == "outline" for child in element):
                yield Outline(folder=folder, title=outline.title)
        stack += [(child, inside) for child in reversed(element)]


def _outline(element: etree._Element, folder: tuple[str, ...]) -> Outline:
    named: dict[str, str] = {}
    others: dict[str, str] = {}
    for key, value in element.attrib.items():
        name = str(key)
        if name.lower() in _NAMED and name.lower() not in named:
            named[name.lower()] = str(value)
        else:
            others.setdefault(_kept_name(name), str(value))  # recovery gives the same name twice
    text = others.get("text", "")
    title = named.get("title") or text
    return Outline(
        folder=folder,
        title=title,
        xml_url=named.get("xmlurl", "").strip(),
        html_url=named.get("htmlurl", "").strip(),
        type=named.get("type", ""),
        language=named.get("language", ""),
        description=named.get("description", ""),
        attributes=tuple(pair for pair in _text_first(others) if pair != ("text", title)),
    )


def _text_first(attributes: Mapping[str, str]) -> list[tuple[str, str]]:
    """In the order in which they are written, so that a list is the same value after a round trip."""
    return sorted(attributes.items(), key=lambda pair: pair[0] != "text")


def _kept_name(name: str) -> str:
    """A name that can be written again: a prefix that nobody declared becomes a namespace."""
    if ":" in name and not name.startswith("{"):
        prefix, _, rest = name.partition(":")
        name = f"{{{_UNDECLARED}{prefix}}}{rest}"
    try:
        etree.Element(name)
    except ValueError:  # recovery lets names and namespaces pass that XML has not
        return "x-" + re.sub(r"[^A-Za-z0-9_.-]+", "_", name.rpartition("}")[2])
    return name


def _opened(
    body: etree._Element, open_folders: list[tuple[str, etree._Element]], folder: Sequence[str]
) -> etree._Element:
    """Close and open folders until exactly ``folder`` is open; return the innermost."""
    same = 0
    while same < min(len(open_folders), len(folder)) and open_folders[same][0] == folder[same]:
        same += 1
    del open_folders[same:]
    for name in folder[same:]:
        parent = open_folders[-1][1] if open_folders else body
        open_folders.append((name, etree.SubElement(parent, "outline", _attributes(Outline(title=name)))))
    return open_folders[-1][1] if open_folders else body


def _attributes(outline: Outline) -> Mapping[str, str]:
    others = dict(outline.attributes)
    written = {
        "text": others.pop("text", outline.title),
        "title": outline.title,
        "type": outline.type,
        "xmlUrl": outline.xml_url,
        "htmlUrl": outline.html_url,
        "language": outline.language,
        "description": outline.description,
    }
    kept = {name: value for name, value in written.items() if value or name == "text"} | others
    return {name: _NOT_XML.sub("", value) for name, value in kept.items()}

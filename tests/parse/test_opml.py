"""Lists of feeds in and out: nested, of any program, well-formed or not."""

import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parse.opml import Opml, Outline, read_opml, write_opml

NESTED = b"""<?xml version="1.0"?><!-- a list --><opml version="1.1" xmlns:r="urn:reader"><head><title>Mijn
 lijst</title><dateCreated>Mon, 02 Mar 2026 08:00:00 GMT</dateCreated><r:keep>ja</r:keep></head><body>
<outline text="Kranten" status="open"><outline text="Noord">
  <outline type="rss" text="Havenbode" title="De Havenbode" xmlUrl="https://haven.example/feed?a=1&amp;b=2"
    htmlUrl="https://haven.example/" language="nl" description="Nieuws &lt;b&gt;" version="RSS2"
    r:id="7" category="/a,/b"/>
  </outline><outline title="Kade" XMLURL=' https://kade.example/feed '/></outline>
<outline text="Leeg"/><outline text="Kranten"><outline text="Zuid" xmlUrl="https://zuid.example/"/></outline>
</body></opml>"""


def listed(*outlines: str) -> bytes:
    return f'<opml version="1.0"><body>{"".join(outlines)}</body></opml>'.encode()


def test_folders_feeds_and_every_attribute_are_read() -> None:
    found = read_opml(NESTED)
    assert (found.title, found.notes) == ("Mijn lijst", ())
    assert found.head == (("dateCreated", "Mon, 02 Mar 2026 08:00:00 GMT"), ("{urn:reader}keep", "ja"))
    assert [(o.folder, o.title) for o in found.outlines] == [
        ((), "Kranten"),
        (("Kranten",), "Noord"),
        (("Kranten", "Noord"), "De Havenbode"),
        (("Kranten",), "Kade"),
        ((), "Leeg"),
        ((), "Kranten"),
        (("Kranten",), "Zuid"),
    ]
    assert found.outlines[0].attributes == (("status", "open"),)
    first, second, third = found.feeds
    assert first == Outline(
        folder=("Kranten", "Noord"),
        title="De Havenbode",
        xml_url="https://haven.example/feed?a=1&b=2",
        html_url="https://haven.example/",
        type="rss",
        language="nl",
        description="Nieuws <b>",
        attributes=(("text", "Havenbode"), ("version", "RSS2"), ("{urn:reader}id", "7"), ("category", "/a,/b")),
    )
    assert (second.title, second.xml_url) == ("Kade", "https://kade.example/feed")
    assert third.folder == ("Kranten",)


def test_a_round_trip_loses_nothing_and_needs_no_mending() -> None:
    first = read_opml(NESTED)
    written = write_opml(first)
    assert b'<opml xmlns:x1="urn:reader" version="2.0">' in written
    assert read_opml(written) == first
    assert read_opml(written).notes == ()
    assert write_opml(read_opml(written)) == written


def test_folders_that_only_paths_name_are_written_once() -> None:
    feeds = [Outline(folder=path, title=f"F{n}", xml_url=f"https://haven.example/{n}") for n, path in enumerate(
        [("A", "B"), ("A", "B"), ("A",), (), ("A",)]
    )]  # fmt: skip
    found = read_opml(write_opml(Opml("Lijst", tuple(feeds))))
    assert found.feeds == tuple(feeds)
    assert [o.title for o in found.outlines if not o.is_feed] == ["A", "B", "A"]


def test_what_a_feed_holds_comes_in_a_folder_of_its_name() -> None:
    inner = '<outline text="Binnen" xmlUrl="https://haven.example/2"/>'
    found = read_opml(listed(f'<outline text="Haven" xmlUrl="https://haven.example/1">{inner}</outline>'))
    assert [(o.folder, o.title, o.is_feed) for o in found.outlines] == [
        ((), "Haven", True),
        ((), "Haven", False),
        (("Haven",), "Binnen", True),
    ]
    assert read_opml(write_opml(found)) == found


def test_search_folders_have_no_address_to_poll() -> None:
    found = read_opml(
        listed('<outline text="Nieuw" type="vfolder" xmlUrl="vfolder"><outline type="rule" rule="r"/></outline>')
    )
    assert found.feeds == ()
    assert read_opml(write_opml(found)) == found


@pytest.mark.parametrize(
    ("outline", "title", "description"),
    [
        ('text="R&D" description="a &copy b &eacute; c"', "R&D", "a &copy b é c"),
        ('text="Kade" description="zie <a href="https://kade.example" rel="x">hier</a>."', "Kade",
         'zie <a href="https://kade.example" rel="x">hier</a>.'),
        ('text="Kade" description="""Groot" zei men" - de krant."', "Kade", '""Groot" zei men" - de krant.'),
        ("text='Kade' description='it's a < b'", "Kade", "it's a < b"),
        ('text="Kade\x03"', "Kade", ""),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_mended_and_said(outline: str, title: str, description: str) -> None:
    body = listed(f'<outline {outline} xmlUrl="https://kade.example/?a=1&b=2" type="rss"/>', '<outline text="Na"/>')
    found = read_opml(body)
    assert found.notes[0].startswith("not well-formed, and mended: ")
    assert found.outlines[0].title == title
    assert found.outlines[0].description == description
    assert found.outlines[1].title == "Na"
    assert found.outlines[0].xml_url == "https://kade.example/?a=1&b=2"


def test_a_list_cut_in_the_middle_gives_what_it_has_and_says_so() -> None:
    found = read_opml(NESTED[:-250])
    assert [o.title for o in found.feeds][:1] == ["De Havenbode"]
    assert found.notes


def test_prefixes_that_nobody_declared_and_foreign_bytes_are_kept() -> None:
    body = '<opml><body><outline text="Café" my:own="x" xmlUrl="https://kade.example/"/></body></opml>'.encode("cp1252")
    found = read_opml(body)
    assert found.feeds[0].title == "Café"
    assert found.feeds[0].attributes == (("{urn:undeclared-prefix:my}own", "x"),)
    assert read_opml(write_opml(found)) == found


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b"a list", "not-xml"),
        (b"<rss><channel/></rss>", "not-opml"),
        (b'<!DOCTYPE opml [<!ENTITY x "y">]><opml><body><outline text="&x;"/></body></opml>', "entities"),
        (
            b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]><opml><head><title>&x;</title></head></opml>',
            "entities",
        ),
        (listed('<outline text="a">' * 5_000), "too-deep"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_list_is_refused_by_what_it_is(body: bytes, kind: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_opml(body)
    assert caught.value.kind == kind


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEPT = TEXT.map(lambda text: re.sub(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text))
FEED = st.builds(
    Outline,
    folder=st.lists(st.sampled_from(["A", "B", "&", ""]), max_size=3).map(tuple),
    title=KEPT,
    xml_url=st.integers(0, 9).map(lambda n: f"https://haven.example/?a=1&b={n}"),
    description=KEPT,
    attributes=st.dictionaries(st.sampled_from(["status", "{urn:x}y", "category"]), KEPT).map(
        lambda d: tuple(d.items())
    ),
)


@given(KEPT.map(lambda text: " ".join(text.split())), st.lists(FEED, max_size=6))
def test_every_list_of_feeds_survives_being_written_and_read(title: str, feeds: list[Outline]) -> None:
    found = read_opml(write_opml(Opml(title, tuple(feeds))))
    assert (found.title, found.feeds, found.notes) == (title, tuple(feeds), ())
    assert read_opml(write_opml(found)) == found


@given(TEXT)
def test_any_text_can_be_written(text: str) -> None:
    assert read_opml(write_opml(Opml(text, (Outline(title=text),)))).notes == ()


@given(st.binary(max_size=120), st.integers(0, 700))
def test_no_bytes_make_it_fail_but_by_a_parse_error(noise: bytes, at: int) -> None:
    for body in (noise, NESTED[:at] + noise + NESTED[at:]):
        with suppress(ParseError):
            found = read_opml(body)
            assert read_opml(write_opml(found)).feeds == found.feeds


@pytest.mark.real_data
@pytest.mark.skipif(not os.environ.get("MONITOR_REAL_DATA"), reason="MONITOR_REAL_DATA names no captured documents")
def test_every_captured_list_gives_all_its_outlines_and_survives_a_round_trip() -> None:
    files = [path for path in (Path(os.environ["MONITOR_REAL_DATA"]) / "opml").iterdir() if path.is_file()]
    assert files
    for path in files:
        body = path.read_bytes()
        found = read_opml(body)
        bare = re.sub(rb"<!--.*?-->", b"", body, flags=re.DOTALL)
        assert len(found.outlines) == len(re.findall(rb"<outline\b", bare)), path.name
        assert sum(bool(o.xml_url) for o in found.outlines) == len(re.findall(rb"\sxmlUrl=[\"'][^\"']", bare)), (
            path.name
        )
        assert read_opml(write_opml(found)) == found, path.name
        assert not read_opml(write_opml(found)).notes

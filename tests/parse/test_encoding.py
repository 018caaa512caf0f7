"""Which encoding a document is in: its bytes tell more than what anybody says of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parse.encoding import known, to_utf8

RUSSIAN, FRENCH, CHINESE = "Порт открыт для судов", "Le café est « fermé »", "港口今天上午重新開放了"
JAPANESE = "港は今日再開した"


def declared(encoding: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><a>{text}</a>'


def text_of(body: bytes, content_type: str = "") -> str:
    return to_utf8(body, content_type).body.decode().partition("<a>")[2].removesuffix("</a>")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", RUSSIAN), ("windows-1251", RUSSIAN), ("koi8-r", RUSSIAN), ("iso-8859-5", RUSSIAN),
        ("iso-8859-1", "Le café est fermé"), ("windows-1252", FRENCH), ("gb2312", "港口今天上午重新"), ("gbk", CHINESE),
        ("big5", CHINESE), ("euc-jp", JAPANESE), ("shift_jis", JAPANESE), ("iso-2022-jp", JAPANESE), ("utf-7", FRENCH),
        ("euc-kr", "항구가 다시 열렸다"), ("windows-1256", "الميناء مفتوح"), ("tis-620", "ท่าเรือเปิดแล้ว"),
    ],
)  # fmt: skip
def test_what_is_declared_and_true_is_read(encoding: str, text: str) -> None:
    body = declared(encoding, text).encode(encoding)
    assert text_of(body) == text
    assert to_utf8(body).note == ""
    undeclared = f"<a>{text}</a>".encode(encoding)
    assert text_of(undeclared, f"text/xml; charset={encoding}") == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("said", ["utf-8", "utf-16", "iso-8859-1"])
def test_two_and_four_bytes_a_letter_are_seen_whatever_is_said(encoding: str, mark: str, said: str) -> None:
    found = to_utf8((mark + declared(said, RUSSIAN)).encode(encoding), "text/xml; charset=utf-8")
    assert found.body.decode() == declared(said, RUSSIAN)
    assert found.encoding == encoding


@pytest.mark.parametrize(
    "said", ["iso-8859-1", "windows-1251", "koi8-r", "us-ascii", "utf-16", "gb2312", "nonsense", "rot13"]
)
def test_what_is_valid_utf_8_is_utf_8(said: str) -> None:
    text = f"{RUSSIAN} {CHINESE}"
    assert text_of(declared(said, text).encode()) == text
    assert text_of(declared("utf-8", text).encode(), f"text/xml; charset={said}") == text


def test_a_few_letters_that_are_valid_utf_8_by_chance_are_what_the_document_says() -> None:
    body = declared("gbk", "脛茫").encode("gbk")  # the same bytes as "Äã"
    assert text_of(body) == "脛茫"


def test_a_letter_that_was_cut_costs_itself_alone() -> None:
    body = declared("utf-8", f"{RUSSIAN}@").encode().replace(b"@", b"\xd0")
    found = to_utf8(body, "text/xml; charset=utf-8")
    assert text_of(body) == f"{RUSSIAN}\ufffd"
    assert found.note == "places that are not UTF-8: 1"


def test_what_was_pasted_from_windows_is_read_where_the_rest_is_latin() -> None:
    body = declared("utf-8", "Déjà vu à @l'été#").encode().replace(b"@", b"\x93").replace(b"#", b"\x94")
    assert text_of(body) == "Déjà vu à “l'été”"


def test_a_charset_that_servers_add_to_everything_counts_less_than_the_document() -> None:
    body = declared("windows-1251", RUSSIAN).encode("windows-1251")
    assert text_of(body, "text/xml; charset=ISO-8859-1") == RUSSIAN
    assert text_of(body, "text/xml; charset=windows-1251") == RUSSIAN
    other = declared("windows-1251", RUSSIAN).encode("koi8-r")
    assert text_of(other, "text/xml; charset=koi8-r") == RUSSIAN


def test_what_nobody_declares_is_windows_1252() -> None:
    found = to_utf8(f"<a>{FRENCH}</a>".encode("cp1252"))
    assert (found.body.decode(), found.encoding, found.note) == (f"<a>{FRENCH}</a>", "cp1252", "")


@pytest.mark.parametrize("name", ["", "x" * 500, "rot13", "hex", "zlib", "a\0b"])
def test_what_is_no_encoding_of_text_is_unknown(name: str) -> None:
    assert known(name) == ""


def test_names_mean_what_browsers_read_for_them() -> None:
    assert [known(name) for name in ("latin1", "us-ascii", "GB2312", "ks_c_5601-1987", "Shift_JIS")] == [
        "cp1252", "cp1252", "gb18030", "cp949", "cp932",
    ]  # fmt: skip


@given(st.binary(max_size=300), st.text(max_size=30))
def test_whatever_comes_is_utf_8_afterwards(body: bytes, content_type: str) -> None:
    to_utf8(body, content_type).body.decode()
    to_utf8(body, f"text/xml; charset={content_type}").body.decode()


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=100))
def test_utf_8_is_left_as_it_is(text: str) -> None:
    body = f"<a>{text}</a>".encode()
    assert to_utf8(body).body == body

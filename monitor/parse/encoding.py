"""Which encoding a document is really in: what its bytes are counts for more than what anybody says of them."""

import codecs
import re
from dataclasses import dataclass
from email.message import Message

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_DECLARED_WITHIN = 4096  # bytes; what is broken stands before the declaration
_UTF_8, _EBCDIC = "utf-8", "cp037"
# Longest first, since UTF-32's mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" and what follows it where a document without a mark begins (XML 1.0, appendix F).
_OPENINGS = (
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), _EBCDIC),
)
# What browsers read for these names (encoding.spec.whatwg.org, "names and labels"): the ones that hold them.
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
_SEVEN_BIT = frozenset({"iso2022_jp", "iso2022_jp_2", "iso2022_kr", "hz", "utf-7"})
"""Valid as ASCII, and meaning something else."""
_TWO_BYTES = frozenset({"gb18030", "big5", "big5hkscs", "cp950", "cp949", "euc_jp", "cp932", "johab"})
"""Where a few letters may be valid UTF-8 by chance; in encodings of one byte a letter none ever are, in practice."""
_BY_CHANCE = 8  # characters
_SOUND = 2  # so many good characters for each bad byte make a document UTF-8 that was hurt
_NOT_FIRST = bytes(range(0xC0))  # bytes with which no letter of two bytes or more begins in UTF-8
_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]+")
_LATIN = 0x250
_HIGH = bytes(range(0x80, 0x100))
_HIGH_WORDS = re.compile(rb"[\x80-\xff]{3,}")
_MOST_HIGH, _ITS_SCRIPT = 0.5, 0.8  # shares from which words are of another script than Latin, and of that one
_CYRILLIC, _ARABIC = (0x400, 0x45F), (0x620, 0x652)
_BY_SCRIPT = {
    "cp1251": _CYRILLIC, "koi8_u": _CYRILLIC, "iso8859_5": _CYRILLIC, "cp866": _CYRILLIC, "cp1256": _ARABIC,
    "iso8859_6": _ARABIC,
}  # fmt: skip
_PUNCTUATION = range(0x2000, 0x20D0)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document in UTF-8 without a byte order mark. ``note`` says where that is not what was declared."""

    body: bytes
    encoding: str
    note: str = ""


def to_utf8(body: bytes, content_type: str = "") -> Decoded:
    """Find a document's encoding, and give it in UTF-8; never fails, as U+FFFD stands for what cannot be read.

    A byte order mark counts most. What is valid UTF-8 is UTF-8, whatever its server or its declaration says, and so is
    what nearly is: feedparser reads a whole document in another encoding for one byte that some program cut a letter
    at. Then the HTTP charset counts, the declaration, and at last windows-1252. A charset of ISO-8859-1 says little,
    since servers add it to everything.
    """
    mark = _wide(body)
    if mark == _EBCDIC:
        mark = next(iter(_declared(body.decode(_EBCDIC).encode(), "")), "") or _EBCDIC
    if mark:
        return Decoded(body.decode(mark, "replace").lstrip("\ufeff").encode("utf-8", "replace"), mark)
    body = _unmarked(body)
    names = _declared(body, content_type)
    found = _valid(body, names) or _hurt(body) or _as_declared(body, names)
    if found is None:
        guess = _by_script(body)
        return Decoded(body.decode(guess, "replace").encode(), guess, _note(guess.replace("cp", "windows-"), names))
    return found


def _by_script(body: bytes) -> str:
    """Guess an encoding of which nobody speaks: one of Cyrillic or Arabic letters where those make words, else cp1252.

    In Latin letters those beyond ASCII stand alone, or in twos; and what is Cyrillic in one encoding is in another in
    capitals inside of words, or in letters of several scripts.
    """
    words = _HIGH_WORDS.findall(body)
    length = sum(map(len, words))
    if not words or length < _MOST_HIGH * (len(body) - len(body.translate(None, _HIGH))):
        return "cp1252"
    text = b" ".join(words)
    shares = {name: _share(text.decode(name, "replace"), script) / length for name, script in _BY_SCRIPT.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _ITS_SCRIPT else "cp1252"


def _share(text: str, script: tuple[int, int]) -> float:
    return sum(0.5 if letter.isupper() else 1.0 for letter in text if script[0] <= ord(letter) <= script[1])


def _wide(body: bytes) -> str:
    """The encoding of two or four bytes a letter, or EBCDIC, that a document begins in; "" for any other."""
    marks = (encoding for mark, encoding in _MARKS if body.startswith(mark))
    return next(marks, "") or next((encoding for opening, encoding in _OPENINGS if opening.match(body)), "")


def _unmarked(body: bytes) -> bytes:
    while body.startswith(codecs.BOM_UTF8):  # editors add one to a file that has one
        body = body[len(codecs.BOM_UTF8) :]
    return body


def _declared(body: bytes, content_type: str) -> list[str]:
    """Python's names of the encodings that server and document speak of, the one to believe first."""
    message = Message()
    message["content-type"] = content_type.replace("\r", "").replace("\n", "")
    said = _DECLARED.search(body[:_DECLARED_WITHIN])
    http, own = known(message.get_content_charset() or ""), known(said[1].decode("ascii") if said else "")
    names = [own, http] if http == "cp1252" else [http, own]
    return [name for name in dict.fromkeys(names) if name]


def known(name: str) -> str:
    """Python's name of an encoding of text, or of the one that holds it; "" for what it does not know."""
    try:
        found = codecs.lookup(name).name if name else ""
        "".encode(found or "ascii")
    except (LookupError, ValueError):
        return ""
    return _MEANT.get(found, found)


def _valid(body: bytes, names: list[str]) -> Decoded | None:
    first = names[0] if names else _UTF_8
    if first in _SEVEN_BIT:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    beyond = 0 if text.isascii() else len(body.translate(None, _NOT_FIRST))
    if first in _TWO_BYTES and 0 < beyond <= _BY_CHANCE and _reads(body, first):
        return None
    return Decoded(body, _UTF_8, _note(_UTF_8, names) if beyond else "")


def _hurt(body: bytes) -> Decoded | None:
    """UTF-8 with some bytes that are not, which are of windows-1252 where the rest is in Latin letters."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = "".join(_BEYOND_ASCII.findall(text))
    if not bad or len(good) < _SOUND * bad:
        return None
    if all(ord(letter) < _LATIN or ord(letter) in _PUNCTUATION for letter in good):
        text = body.decode("utf-8", _AS_WINDOWS)
    return Decoded(text.encode(), _UTF_8, f"places that are not UTF-8: {bad:,}")


def _as_declared(body: bytes, names: list[str]) -> Decoded | None:
    for name in names:
        if name != _UTF_8 and not name.startswith(("utf-16", "utf-32", "utf-8")) and _reads(body, name):
            text = body.decode(name, "replace")
            return Decoded(text.encode("utf-8", "replace"), name, "" if name == names[0] else _note(name, names))
    return None


def _reads(body: bytes, name: str) -> bool:
    if name.startswith("cp125"):
        return True  # five bytes of windows-1252 mean nothing, and a document is not another's for one of them
    try:
        body.decode(name)
    except (ValueError, LookupError):
        return False
    return True


def _note(encoding: str, names: list[str]) -> str:
    wrong = [name for name in names[:1] if name not in {encoding, "cp1252" if encoding == "windows-1252" else ""}]
    return f"declared as {wrong[0]}, and is {encoding}" if wrong else ""


def _windows(error: UnicodeError) -> tuple[str | bytes, int]:
    """Read a single bad byte as windows-1252; several are what is left of a letter that was cut."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return (bad.decode("cp1252", "replace") if len(bad) == 1 else "\ufffd"), error.end


_AS_WINDOWS = "monitor-windows"
codecs.register_error(_AS_WINDOWS, _windows)

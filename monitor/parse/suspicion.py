"""Whether a document that can be read is to be believed: another feed's, or a feed that has nothing all at once.

Captured domains and caches that mix up their sites answer with good feeds that are not the one that was asked for; and
a publisher whose database is away answers with its own feed and no entries. To take either for news, or to keep its
validators, hides what comes after it.
"""

import re
import unicodedata
from datetime import datetime, timedelta

from monitor.domain.entry import Document
from monitor.errors import ParseError, Severity
from monitor.normalise.entry import CleanDocument
from monitor.normalise.text import plain_title

ANOTHER_STANDS = timedelta(days=7)
"""After so long another feed is what this address has now; permanent redirects are learnt after as many days."""
EMPTY_STANDS = timedelta(days=3)
"""After so long a feed without entries is one: a long weekend in which nobody looks after the publisher's server."""
MANY = 5
"""A feed that always had fewer entries may well have none."""
_GENERIC_WORDS = """
the of and on in at for to by from with a an all new news feed feeds rss atom xml json blog latest recent posts articles
stories entries home page site website official online update updates archive archives top headlines press releases
la le les de des du et el los las y en il lo di da do dos das der die den und von im een het van
nouvelles actualités actualites noticias últimas ultimas nachrichten aktuell aktuelles neues notizie nieuws
новости последние все лента أخبار الأخبار آخر com org net www http https
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
"""Words that name no publisher."""
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SQUEEZED = 5  # letters that one title must have to be found inside another


def suspicion(
    document: Document | CleanDocument,
    *,
    title_before: str,
    usual_entries: int,
    known: int,
    elsewhere: bool,
    odd_since: datetime | None,
    now: datetime,
) -> ParseError | None:
    """Say why a document is not to be believed, or None where it is, as every one is at last.

    ``title_before`` is the feed's title so far, "" where it never had one; ``usual_entries`` is `usual_after`;
    ``known`` is how many of the document's entries the feed has brought before, and ``elsewhere`` whether it came from
    another registrable domain than was asked. ``odd_since`` is when a document first came that was not believed, with
    none since that was.

    The kinds:

    - ``another-feed``: none of its entries is known, and its title has nothing in common with the one before, or it has
      no title to tell by and came from elsewhere. A single known entry proves a rename or a move to be one; a new
      title with new entries waits for `ANOTHER_STANDS`. SOFT, since somebody else may have the address for good.
    - ``collapse``: no entry at all, where every document had some. It stands after `EMPTY_STANDS`, and is TEMPORARY,
      so that the feed is asked soon enough when its entries are back.
    """
    stood = timedelta(0) if odd_since is None else now - odd_since
    if not document.entries and not document.cut:
        return _collapse() if usual_entries >= MANY and stood < EMPTY_STANDS else None
    if known or stood >= ANOTHER_STANDS or not (title_before or usual_entries):
        return None
    return _another(document, title_before, elsewhere=elsewhere)


def usual_after(usual_before: int, entries: int) -> int:
    """How many entries a feed usually has, after a believed document of so many.

    It grows by one a document, and falls at once: where it is 5, the newest document had that many at least, and none
    of the newest five was empty. So a feed that is often empty never has many.
    """
    return min(entries, usual_before + 1)


def title_after(title_before: str, document: Document | CleanDocument) -> str:
    """What a feed is called, after a believed document: by one that has entries, and a title.

    An empty feed proves nothing of who sent it, and must not prepare the ground for another.
    """
    return document.title if document.title and document.entries else title_before


def akin(title: str, other: str) -> bool:
    """Say whether two titles of feeds may be those of one: they share a word that names something, or are unknown.

    Titles that are made of words such as "Latest news" only share those. One may also stand in the other without its
    spaces.
    """
    first, second = _tokens(title), _tokens(other)
    if not first or not second:
        return True
    telling = first - _GENERIC, second - _GENERIC
    if first & second if not all(telling) else telling[0] & telling[1]:
        return True
    short, long = sorted((_squeezed(title), _squeezed(other)), key=len)
    return len(short) >= _SQUEEZED and short in long


def _collapse() -> ParseError:
    problem = f"not one entry, where there were some in each of the last {MANY} documents"
    return ParseError("collapse", problem, Severity.TEMPORARY)


def _another(document: Document | CleanDocument, title_before: str, *, elsewhere: bool) -> ParseError | None:
    new = f"none of its {len(document.entries) + document.cut} entries is known"
    if not akin(document.title, title_before):
        shown, before = plain_title(document.title)[:80], plain_title(title_before)[:80]
        return ParseError("another-feed", f"{new}, and its title is {shown!r} where it was {before!r}")
    if elsewhere and not (document.title and title_before):
        return ParseError("another-feed", f"{new}, it has no title to tell it by, and came from another domain")
    return None


def _tokens(title: str) -> frozenset[str]:
    found: list[str] = []
    for word in _WORD.findall(_folded(title)):
        if _UNSPACED.search(word):
            found += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        else:
            found.append(word)
    return frozenset(found)


def _squeezed(title: str) -> str:
    return "".join(_WORD.findall(_folded(title)))


def _folded(title: str) -> str:
    return unicodedata.normalize("NFKC", plain_title(title)).casefold()

"""What an export holds: its tables, their columns, and what may stand in each.

An entry is named by its feed and key everywhere, never by an id, which is another one in each store.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from monitor.domain.entry import Origin, Trust
from monitor.domain.facts import Counted, Measure, Role, Stage

FORMAT = 1
"""The version of the format; a file of a later one is refused."""
HEAD, END = "export", "end"
"""What stands for a table in the first and in the last line of JSON lines."""

Values = tuple[Any, ...]
"""A row, in the order of its table's columns."""


class What(StrEnum):
    """What can be exported by itself."""

    ENTRIES = "entries"
    PREDICTIONS = "predictions"
    ANNOTATIONS = "annotations"
    FACTS = "facts"
    STORIES = "stories"


class Type(StrEnum):
    """What a column holds."""

    TEXT = "text"
    SMALL = "integer of 32 bits"
    INTEGER = "integer of 64 bits"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    JSON = "list of terms"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``words`` are what may stand there, none where it is anything of its type. With ``several`` any number
    of them, parted by blanks."""

    name: str
    type: Type = Type.TEXT
    nullable: bool = False
    words: frozenset[str] = frozenset()
    several: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an export; one whose rows are an entry's begins with that entry's feed and key."""

    name: str
    what: What
    columns: tuple[Column, ...]
    of_entry: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


class Row(NamedTuple):
    """A row that was read, and where: the line (JSON lines, CSV) or the row (Parquet), from 1 on."""

    table: Table
    number: int
    values: Values


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(map(Column, names))


def _maybe(name: str, type_: Type = Type.TEXT) -> Column:
    return Column(name, type_, nullable=True)


def _one_of(name: str, words: type[StrEnum], *, several: bool = False) -> Column:
    return Column(name, words=frozenset(word.value for word in words), several=several)


_ENTRY = _text("feed", "key")
_STORY = (_maybe("story_feed"), _maybe("story_key"))
_POSITION = Column("position", Type.SMALL)
_VERSION = Column("version", Type.SMALL)

FEEDS = Table(
    "feeds",
    What.ENTRIES,
    (*_text("name", "url", "source"), Column("added_at", Type.TIME), _one_of("trust", Trust)),
    of_entry=False,
)
ENTRIES = Table(
    "entries",
    What.ENTRIES,
    (
        *_ENTRY, _maybe("guid"), _maybe("url"), *_text("title", "text", "lang"), _maybe("published", Type.TIME),
        _maybe("published_raw"), Column("date_confidence"), _maybe("updated", Type.TIME), Column("fingerprint"),
        _VERSION, Column("article"), _maybe("article_at", Type.TIME), Column("article_tries", Type.SMALL),
        Column("first_seen", Type.TIME), _one_of("origin", Origin), Column("announceable", Type.BOOLEAN),
        Column("classified", Type.BOOLEAN), Column("pruned", Type.BOOLEAN),
    ),
)  # fmt: skip
VERSIONS = Table(
    "versions",
    What.ENTRIES,
    (*_ENTRY, _VERSION, *_text("title", "text"), _maybe("url"), Column("replaced_at", Type.TIME), Column("why")),
)
ALIASES = Table("aliases", What.ENTRIES, (*_ENTRY, Column("alias"), Column("seen_at", Type.TIME)))
WORDS = Table("words", What.ENTRIES, (*_ENTRY, _VERSION, Column("fingerprint")))
"""Of which words the scores and facts of an entry are, in an export that has no entries themselves."""
PREDICTIONS = Table(
    "predictions",
    What.PREDICTIONS,
    (
        *_ENTRY, *_text("label", "scorer"), _VERSION, Column("probability", Type.NUMBER), Column("terms", Type.JSON),
        Column("made_at", Type.TIME), _maybe("counts_since", Type.TIME),
    ),
)  # fmt: skip
ANNOTATIONS = Table(
    "annotations",
    What.ANNOTATIONS,
    (
        *_ENTRY, Column("label"), _maybe("value", Type.BOOLEAN), *_text("who", "via"), Column("at", Type.TIME),
        Column("note"), _maybe("withdrawn_at", Type.TIME),
    ),
)  # fmt: skip
PLACES = Table(
    "places", What.FACTS, (*_ENTRY, _POSITION, Column("country"), _one_of("roles", Role, several=True))
)  # fmt: skip
MEASURES = Table(
    "measures",
    What.FACTS,
    (
        *_ENTRY, _POSITION, _one_of("measure", Measure), _maybe("country"), _one_of("stage", Stage),
        Column("negated", Type.BOOLEAN), Column("words"),
    ),
)  # fmt: skip
FIGURES = Table(
    "figures",
    What.FACTS,
    (
        *_ENTRY, _POSITION, _maybe("low", Type.INTEGER), _maybe("high", Type.INTEGER),
        Column("approximate", Type.BOOLEAN), _one_of("counted", Counted), Column("origin"), _maybe("to"),
        *_text("as_of", "by", "words"),
    ),
)  # fmt: skip
NAMES = Table(
    "names", What.FACTS, (*_ENTRY, _POSITION, Column("kind", words=frozenset({"person", "actor"})), Column("name"))
)
STORIES = Table(
    "stories",
    What.STORIES,
    (
        *_ENTRY, *_STORY, _maybe("copy_feed"), _maybe("copy_key"), _maybe("moved_at", Type.TIME), _maybe("moved_by"),
    ),
)  # fmt: skip
MARKS = Table(
    "marks",
    What.STORIES,
    (*_text("mark", "feed", "story_feed", "story_key"), Column("seen_at", Type.TIME)),
    of_entry=False,
)
INDEX = Table("index", What.STORIES, (*_ENTRY, Column("mark"), Column("seen_at", Type.TIME)))

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            FEEDS, ENTRIES, VERSIONS, ALIASES, WORDS, PREDICTIONS, ANNOTATIONS, PLACES, MEASURES, FIGURES, NAMES,
            STORIES, MARKS, INDEX,
        )
    }
)  # fmt: skip
"""All tables, in the order in which they are read back: what is pointed at comes before what points at it."""


def tables_of(what: Collection[What]) -> tuple[Table, ...]:
    """The tables of an export of these kinds."""
    found = tuple(table for table in TABLES.values() if table.what in what and table is not WORDS)
    return (WORDS, *found) if What.ENTRIES not in what and {What.PREDICTIONS, What.FACTS} & set(what) else found

"""Stores with odd things in them, and what a store holds, told without its ids."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from monitor.domain.facts import Counted, Measure, Role, Stage
from monitor.store.database import Store
from monitor.store.tables import metadata

TABLES = metadata.tables
OF_ENTRIES = (
    "entry_version", "alias", "prediction", "annotation", "place", "measure", "figure", "name", "story_index",
    "story_move",
)  # fmt: skip
ODD = (
    "", "'", "'=1+1", "=HYPERLINK(\"https://x.example\")", "+49 30 1", "-3", "@sum(A1)", "\tTab", "\rback", "\nline",
    "＝cmd", "a,b;\"c\"", "two\r\nlines\n", "عاد المقاتلون من سوريا", "Дети вернулись", "𝔉😀",
    "\ufeffbom", "\u2028\u2029\x85",
    " blanks ", "NULL", "null", "true", "1e5", "{\"table\":\"end\"}", "\\N", "\x1b[31m",
)  # fmt: skip
LONG = "Страница, page, صفحة\n" * 7_000  # longer than csv takes by itself
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def texts(*, nul: bool) -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="" if nul else "\0")
    odd = (*ODD, "nul \0 inside", "\0") if nul else ODD
    return st.sampled_from(odd) | st.text(characters, max_size=30)


MOMENTS = st.one_of(
    st.just(MOMENT),
    st.integers(-(10**6), 10**6).map(lambda n: MOMENT + n * timedelta(hours=11, seconds=7, microseconds=n % 10**6)),
    st.sampled_from([datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC)]),
)  # fmt: skip
SMALL = st.integers(-(2**31), 2**31 - 1)
BIG = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def stocks(draw: st.DrawFn, *, nul: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The rows of a store, by table: some feeds and entries, and anything about them; every column that may be NULL is,
    now and then."""
    text = texts(nul=nul)
    short = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
    maybe = st.none() | text
    when = st.none() | MOMENTS
    feeds = draw(st.lists(short, min_size=1, max_size=3, unique=True))
    names = draw(st.lists(st.tuples(st.sampled_from(feeds), short), max_size=6, unique=True))
    ids = list(range(1, len(names) + 1))
    # A story is called by one of its entries.
    leads = [draw(st.sampled_from(ids[:n])) for n in ids]
    stories = {n: lead if leads[lead - 1] == lead else n for n, lead in zip(ids, leads, strict=True)}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("feed", "entry", *OF_ENTRIES, "story_key")}
    rows["feed"] = [
        {"name": n, "url": draw(text), "source": draw(text), "added_at": draw(MOMENTS), "failures": 0.0, "lease": 0,
         "memory": draw(st.sampled_from([{}, {"trust": "link"}, {"trust": "text"}]))}
        for n in feeds
    ]  # fmt: skip
    for id_, (feed, key) in zip(ids, names, strict=True):
        rows["entry"].append(
            {"id": id_, "feed": feed, "key": key, "guid": draw(maybe), "url": draw(maybe), "title": draw(text),
             "text": draw(text | st.just(LONG)), "lang": draw(short), "published": draw(when),
             "published_raw": draw(maybe),
             "date_confidence": draw(short), "updated": draw(when), "fingerprint": draw(short), "version": draw(SMALL),
             "article": draw(short), "article_at": draw(when), "article_tries": draw(SMALL),
             "first_seen": draw(MOMENTS), "origin": draw(st.sampled_from(["live", "backfill"])),
             "announceable": draw(st.booleans()), "announce_seq": draw(st.sampled_from([None, id_])),
             "story_id": draw(st.sampled_from([stories[id_]] * 3 + ([None] if id_ not in stories.values() else []))),
             "copy_of": draw(st.none() | st.sampled_from(ids)), "classified": draw(st.booleans()),
             "pruned": draw(st.booleans())}
        )  # fmt: skip
        _about(draw, rows, id_, feed, text, short)
    named = [id_ for id_ in ids if any(row["story_id"] == id_ for row in rows["entry"])]
    for key in draw(st.lists(short.filter(bool), unique=True, max_size=4)) if named else []:
        lead = draw(st.sampled_from(named))
        rows["story_key"].append({"key": key, "feed": draw(short), "story_id": lead, "seen_at": draw(MOMENTS)})
    return rows


def _about(draw: st.DrawFn, rows: dict[str, list[dict[str, Any]]], id_: int, feed: str, text: Any, short: Any) -> None:
    def some(table: str, unique: st.SearchStrategy[Any], build: Any) -> None:
        rows[table] += [
            {"entry_id": id_, **build(n, u)} for n, u in enumerate(draw(st.lists(unique, max_size=2, unique=True)))
        ]

    maybe, when = st.none() | text, st.none() | MOMENTS
    some("entry_version", SMALL, lambda n, u: {
        "version": u, "title": draw(text), "text": draw(text), "url": draw(maybe), "replaced_at": draw(MOMENTS),
        "why": draw(short)})  # fmt: skip
    taken = {(row["feed"], row["key"]) for row in rows["alias"]}
    some("alias", short.filter(lambda key: (feed, key) not in taken), lambda n, u: {
        "feed": feed, "key": u, "seen_at": draw(MOMENTS)})  # fmt: skip
    terms = st.lists(st.tuples(text, NUMBERS, short).map(list), max_size=2)
    some("prediction", st.tuples(short, short, SMALL), lambda n, u: {
        "label": u[0], "scorer": u[1], "version": u[2], "probability": draw(NUMBERS), "terms": draw(terms),
        "made_at": draw(MOMENTS), "counts_since": draw(when)})  # fmt: skip
    said = draw(st.lists(st.tuples(short, st.sampled_from([True, False, None]), when), max_size=3))
    rows["annotation"] += [
        {"entry_id": id_, "label": label, "value": value, "who": "amal", "via": "cli", "at": MOMENT, "note": draw(text),
         "withdrawn_at": withdrawn}
        for label, value, withdrawn in said
    ]  # fmt: skip
    some("place", short, lambda n, u: {
        "country": u, "position": n, "roles": draw(st.sampled_from(["", "actor", "actor event", *Role]))})  # fmt: skip
    some("measure", SMALL, lambda n, u: {
        "position": u, "measure": draw(st.sampled_from(list(Measure))).value, "country": draw(st.none() | short),
        "stage": draw(st.sampled_from(list(Stage))).value, "negated": draw(st.booleans()),
        "words": draw(text)})  # fmt: skip
    some("figure", SMALL, lambda n, u: {
        "position": u, "low": draw(st.none() | BIG), "high": draw(st.none() | BIG), "approximate": draw(st.booleans()),
        "counted": draw(st.sampled_from(list(Counted))).value, "origin": draw(short), "to": draw(maybe),
        "as_of": draw(text), "by": draw(text), "words": draw(text)})  # fmt: skip
    some("name", SMALL, lambda n, u: {
        "position": u, "kind": draw(st.sampled_from(["person", "actor"])), "name": draw(text)})  # fmt: skip
    some("story_index", short, lambda n, u: {"key": u, "seen_at": draw(MOMENTS)})
    if (story := rows["entry"][-1]["story_id"]) is not None and draw(st.booleans()):
        rows["story_move"].append({"entry_id": id_, "story_id": story, "at": draw(MOMENTS), "who": draw(short)})


def stock(store: Store, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Put rows into a store, and nothing else."""
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for name, listed in rows.items():
            if listed:
                connection.execute(insert(TABLES[name]), listed)
        if store.dialect == "postgresql":  # which numbers rows by itself, whatever ids were given
            last = max((row["id"] for row in rows.get("entry", [])), default=0) + 1
            connection.execute(select(func.setval("entry_id_seq", last)))


def held(store: Store) -> dict[str, list[Any]]:
    """What a store holds, told without ids, each table in an order of its own; what belongs to a monitor and not to an
    entry is left out."""
    with store.read() as connection:
        rows = {name: [dict(r) for r in connection.execute(select(TABLES[name])).mappings()] for name in
                ("entry", *OF_ENTRIES, "story_key")}  # fmt: skip
        feeds = connection.execute(select(TABLES["feed"])).all()
    names = {row["id"]: (row["feed"], row["key"]) for row in rows["entry"]}
    found = {
        name: sorted((_told(row, names) for row in listed if name != "annotation"), key=repr)
        for name, listed in rows.items()
    }
    # Of what people said the order counts, in each entry.
    said: dict[Any, list[Any]] = {}
    for row in sorted(rows["annotation"], key=lambda row: row["id"]):
        said.setdefault(names[row["entry_id"]], []).append(_told(row, names))
    found["annotation"] = sorted(said.items(), key=repr)
    found["feed"] = sorted((f.name, f.url, f.source, f.added_at, f.memory.get("trust")) for f in feeds)
    return found


def _told(row: dict[str, Any], names: Mapping[int, tuple[str, str]]) -> list[tuple[str, Any]]:
    points = {"entry_id", "story_id", "copy_of"}
    return sorted(
        (name, names.get(value, value) if name in points else value)
        for name, value in row.items()
        if name not in {"id", "announce_seq"}
    )


def silenced(told: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The same as an import leaves it: found by no poll, and not to be announced."""
    quiet = {"origin": "backfill", "announceable": False}
    entries = [[(name, quiet.get(name, value)) for name, value in row] for row in told["entry"]]
    return told | {"entry": sorted(entries, key=repr)}


def a_store(
    entries: int, *, feeds: int = 2, first: datetime = MOMENT, begin: int = 1
) -> dict[str, list[dict[str, Any]]]:
    """The rows of a plain store: in each of its stories three entries, each with everything that can be about one."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("feed", "entry", *OF_ENTRIES, "story_key")}
    rows["feed"] = [
        {"name": f"paper{n}", "url": f"https://paper{n}.example/feed", "source": f"Paper {n}", "added_at": first,
         "failures": 0.0, "lease": 0, "memory": {}}
        for n in range(feeds)
    ]  # fmt: skip
    for id_ in range(begin, begin + entries):
        at, feed, lead = first + timedelta(minutes=id_), f"paper{id_ % feeds}", id_ - (id_ - begin) % 3
        rows["entry"].append(
            {"id": id_, "feed": feed, "key": f"g:{id_}", "guid": str(id_), "url": f"https://{feed}.example/{id_}",
             "title": f"Ministry brings home group {id_}", "text": f"They landed at noon, {id_} in all.\n",
             "lang": "en",
             "published": at, "published_raw": at.isoformat(), "date_confidence": "stated", "updated": None,
             "fingerprint": f"f{id_}", "version": 2, "article": "", "article_at": None, "article_tries": 0,
             "first_seen": at, "origin": "live", "announceable": True, "announce_seq": id_, "story_id": lead,
             "copy_of": lead if id_ % 3 == 1 and lead != id_ else None, "classified": True, "pruned": False}
        )  # fmt: skip
        one = {"entry_id": id_}
        rows["entry_version"].append(
            one | {"version": 1, "title": "Before", "text": "", "url": None, "replaced_at": at, "why": "feed"}
        )
        rows["alias"].append(one | {"feed": feed, "key": f"u:{id_}", "seen_at": at})
        rows["prediction"] += [
            one | {"label": label, "scorer": "m+1", "version": version, "probability": id_ % 100 / 100 + version / 1e6,
                   "terms": [["home", 1.25, "return"]], "made_at": at,
                   "counts_since": at + timedelta(seconds=version)}
            for label in ("returns", "policy") for version in (1, 2)
        ]  # fmt: skip
        rows["annotation"] += [
            one | {"label": "returns", "value": value, "who": "amal", "via": "review", "at": at, "note": "",
                   "withdrawn_at": None}
            for value in ((None, True) if id_ % 2 else (False,))
        ]  # fmt: skip
        rows["place"] += [one | {"country": c, "position": n, "roles": "actor"} for n, c in enumerate(("FR", "SY"))]
        rows["measure"].append(
            one | {"position": 0, "measure": "repatriation", "country": "FR", "stage": "applied", "negated": False,
                   "words": "brings home"}
        )  # fmt: skip
        rows["figure"].append(
            one | {"position": 0, "low": id_, "high": id_, "approximate": False, "counted": "returnees", "origin": "FR",
                   "to": None, "as_of": "", "by": "", "words": "in all"}
        )  # fmt: skip
        rows["name"].append(one | {"position": 0, "kind": "actor", "name": "Ministry"})
        rows["story_index"].append(one | {"key": f"k{id_ % 7}", "seen_at": at})
        rows["story_key"].append(
            {"key": f"u:https://{feed}.example/{id_}", "feed": feed, "story_id": lead, "seen_at": at}
        )
        if id_ % 3 == 2:
            rows["story_move"].append(one | {"story_id": lead, "at": at, "who": "amal"})
    return rows

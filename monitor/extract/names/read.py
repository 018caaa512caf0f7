"""The persons and institutions that an entry names, as it writes them."""

from collections.abc import Iterable

from monitor.extract.mentions import BODY, Named
from monitor.extract.names.institutions import institutions
from monitor.extract.names.longest import longest
from monitor.extract.names.persons import persons
from monitor.extract.reading import Reading


def names(reading: Reading, named: Named) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List the persons and the institutions of a reading, each as written, once, in the order of the text."""
    places = [hit for hit in named.hits if hit.kind != BODY]
    actors = institutions(reading, places)
    placed = frozenset(at for hit in places if hit.target for at in range(hit.start, hit.end))
    people = persons(reading, [span for span, _ in actors], placed)
    return _once(name for _, name in people), longest(name for _, name in actors if name)


def _once(found: Iterable[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for name in found:
        seen.setdefault(name.casefold(), name)
    return tuple(seen.values())

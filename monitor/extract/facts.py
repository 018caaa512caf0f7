"""All facts of one entry, from one reading of it."""

from monitor.domain.facts import Facts
from monitor.extract.figures.read import figures
from monitor.extract.measures.read import measures
from monitor.extract.mentions import look
from monitor.extract.names.read import names
from monitor.extract.places.read import places
from monitor.extract.reading import read


def extract(title: str, text: str, lang: str = "") -> Facts:  # noqa: ARG001 - rules for one language may come
    """Extract countries, measures, figures and names from a title and its text; pure, and the same for any ``lang``."""
    reading = read(title, text)
    named = look(reading)
    where = places(reading, named)
    persons, actors = names(reading, named)
    return Facts(where, measures(reading, where, named), figures(reading, where, named), persons, actors)

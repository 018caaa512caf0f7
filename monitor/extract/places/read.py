"""The countries that a text names, and what each is in it: where people come from, where it happened, who acts."""

from monitor.domain.facts import Place
from monitor.extract.mentions import LANGUAGES, Named, build, load, look
from monitor.extract.places.roles import roles
from monitor.extract.reading import Reading, read

__all__ = ["LANGUAGES", "build", "countries", "load", "places"]


def countries(title: str, text: str) -> tuple[str, ...]:
    """List the countries that a text names, each once, in order of first mention.

    They are ISO 3166 alpha-2 codes, and XK for Kosovo. Nationals, capitals and known places count for their country.
    The text's case counts: in Latin and Cyrillic script a name begins with a capital letter.
    """
    return tuple(dict.fromkeys(mention.country for mention in look(read(title, text)).mentions))


def places(reading: Reading, named: Named) -> tuple[Place, ...]:
    """List the countries that a reading names, each once, in order of first mention, with their roles."""
    return tuple(Place(country, played) for country, played in roles(reading, named.mentions).items())

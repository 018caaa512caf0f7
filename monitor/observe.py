"""Logs: one structured line a unit of work, with every secret taken out, and no mail address in whole."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

MASK = "****"
_SHORTEST_SECRET = 4  # masking shorter strings would riddle every line with asterisks

# What stands before the @ of a mail address, in a URL too; `MASK` is none.
_WHO = re.compile(r"([^\s@<>()\[\]{}\\\"'`,;:/?&=|*…%])[^\s@<>()\[\]{}\\\"'`,;:/?&=|*…%]*(@|%40)(?=[\w\[])")
_NOT_BARE = re.compile(r"[\s\"=\x00-\x1f\x7f]")

log = logging.getLogger("monitor")


class Redaction(logging.Filter):
    """Replaces the known secrets in a record's message and traceback by `MASK`, and shortens mail addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: tuple[str, ...] = ()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = shortened(self.mask(record.getMessage()))
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = shortened(self.mask(record.exc_text))
        return True

    def mask(self, text: str) -> str:
        """Replace every known secret in ``text``."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return text


redaction = Redaction()


def hide(secrets: Iterable[str]) -> None:
    """Make these strings unreadable in everything that is logged or masked from now on, also as URLs write them."""
    known = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST_SECRET}
    redaction.secrets = tuple(sorted(known | set(redaction.secrets), key=len, reverse=True))


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, as URLs write it, and as it stands in a quoted value."""
    yield from (secret, unquote(secret), quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield json.dumps(secret, ensure_ascii=False)[1:-1]


def mask(text: str) -> str:
    """Take the known secrets out of a text that will be stored or shown."""
    return redaction.mask(text)


def shortened(text: str) -> str:
    """Leave of every mail address in a text its first letter and where it is: ``a…@example.org``.

    More people read logs than config. What is stored, or shown to the operator, stays whole.
    """
    return _WHO.sub(r"\1…\2", text)


def start_logging(level: int) -> None:
    """Send logs to stderr; the libraries below us stay at INFO at most, since their DEBUG lines hold secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    handler.addFilter(redaction)
    # What Apprise warns of is told once, as the attempt's own error.
    handler.addFilter(lambda record: record.name != "apprise" or record.levelno >= logging.ERROR)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(level)
    for name in ("apprise", "urllib3", "aiohttp", "asyncio", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def fields(event: str, **values: object) -> str:
    """One line of ``event key=value …``; values with spaces or signs are quoted as in JSON, None is left out.

    A recipient is named by its id (``recipient``) and its label (``to``), in which, as everywhere, addresses are short.
    """
    shown = (f"{name}={_value(value)}" for name, value in values.items() if value is not None and value != "")
    return " ".join((event, *shown))


def _value(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else shortened(str(value))
    return json.dumps(text, ensure_ascii=False) if _NOT_BARE.search(text) else text

"""Which form of a digest a service gets, by what it takes: all of its text, or a short form composed to its limit."""

import re
from collections.abc import Iterator

from apprise import NotifyFormat
from apprise.plugins.base import NotifyBase

from monitor.deliver.brief import brief, tame
from monitor.deliver.limits import SMS_PARTS, Layout, limit_of
from monitor.deliver.text import plain
from monitor.domain.digest import Message

_PARTS = re.compile(r"[?&]parts=([^&]*)", re.IGNORECASE)


def fitted(service: NotifyBase, url: str, message: Message, title: str) -> tuple[str, str, NotifyFormat] | None:
    """Choose body, title and format of a digest for a stock service; None for a message that is no digest.

    ``title`` is what the service gets beside the body; one that takes no title has it in the body. Raises ValueError
    for a ``parts=`` that is no number of parts of an SMS, or a limit too small for a word.
    """
    if not message.data:
        return None
    limit = limit_of(frozenset(_names(service)), service.body_maxlen, _parts(url))
    merged = service.title_maxlen <= 0
    if limit.layout is not Layout.TEXT:
        form = NotifyFormat.HTML if limit.layout is Layout.HTML else NotifyFormat.TEXT
        return brief(message, limit), "", form
    whole = tame(f"{title}\n\n{plain(message.text)}" if merged else plain(message.text), limit)
    body = whole if limit.fits(whole) else plain(brief(message, limit, headed=merged))
    return body, "" if merged else title, NotifyFormat.TEXT


def _names(service: NotifyBase) -> Iterator[str]:
    """The schemes of a service; its address may have been written as the service itself gives it (https://…)."""
    for names in (service.protocol, service.secure_protocol):
        yield from (names,) if isinstance(names, str) else (names or ())


def _parts(url: str) -> int:
    found = _PARTS.search(url)
    if found is None:
        return 1
    if found[1] not in {str(number) for number in range(1, SMS_PARTS + 1)}:
        raise ValueError(f"parts= must be 1 to {SMS_PARTS}: how many parts an SMS may have")
    return int(found[1])

"""Take the entries off that are beyond the cap before a parser reads them: feedparser needs 60 µs for each."""

import re

from monitor.parse.scan import loud_spans

_FIRST = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?(?:item|entry))[\s>]", re.IGNORECASE)


def shortened(body: bytes, most: int) -> tuple[bytes, int]:
    """Return a feed without the entries behind the first ``most`` of it, and their number; what follows the last stays.

    Entries inside of comments and sections are none. Where the tags do not match, the feed comes back as it is.
    """
    first = _FIRST.search(body)
    if first is None or body.count(b"</" + first[1]) <= most:
        return body, 0
    tag = re.compile(rb"<(/?)" + re.escape(first[1]) + rb"[\s>]")
    depth = ends = keep = last = 0
    for start, stop in loud_spans(body):
        for found in tag.finditer(body, start, stop):
            depth += -1 if found[1] else 1
            if found[1] and depth == 0:
                ends += 1
                last = body.find(b">", found.start()) + 1
                keep = last if ends == most else keep
    return (body[:keep] + body[last:], ends - most) if keep and ends > most and depth in {0, 1} else (body, 0)

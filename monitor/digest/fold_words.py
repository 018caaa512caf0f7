"""What a digest says of stories that an earlier one could not deliver: how many, and of which window."""

from zoneinfo import ZoneInfo

from monitor.digest.words import count, day, minute
from monitor.domain.digest import Digest, Undelivered

_NAMED = 5  # windows; where there are more, since when they are


def named(one: Undelivered, zone: ZoneInfo) -> str:
    """``the digest of 22 Nov 2026, 07:30``."""
    return f"the {'alert' if one.alert else 'digest'} of {minute(one.at, zone)}"


def sentence(digest: Digest) -> str:
    """Say what stands here that could not be delivered; "" where nothing does."""
    folded, zone = digest.folded, digest.subscription.zone
    number = sum(folded.values())
    if not folded:
        return ""
    stories = f"{count(number, 'story', 'stories')} that could not be delivered in time"
    if len(folded) == 1:
        return f"It holds {stories}, of {named(next(iter(folded)), zone)}."
    told = [f"{stories_of:,} of {named(one, zone)}" for one, stories_of in list(folded.items())[:_NAMED]]
    left = len(folded) - len(told)
    more = f" and of {count(left, 'later one')}" if left else ""
    return f"It holds {stories}: {', '.join(told)}{more}."


def summary(digest: Digest) -> tuple[str, ...]:
    """The same for a list of counts."""
    folded, zone = digest.folded, digest.subscription.zone
    if not folded:
        return ()
    first, number = next(iter(folded)), sum(folded.values())
    if len(folded) == 1:
        return (f"{number:,} of {named(first, zone)}, not delivered before",)
    return (f"{number:,} of {len(folded):,} messages since {day(first.at, zone)}, not delivered before",)


def more(digest: Digest) -> str:
    """The end of a subject's counts."""
    number = sum(digest.folded.values())
    return f"; {number:,} not delivered before" if number else ""


def of_story(one: Undelivered | None, zone: ZoneInfo) -> str:
    """What stands beside such a story."""
    return f"not delivered before, of {named(one, zone)}" if one else ""

"""What a digest says of stories that an earlier one could not deliver: how many, and of which window."""

from zoneinfo import ZoneInfo

from monitor.domain.digest import Digest, Undelivered
from monitor.tongue.tongue import Tongue

_NAMED = 5  # windows; where there are more, since when they are


def named(one: Undelivered, zone: ZoneInfo, tongue: Tongue) -> str:
    """``of the digest of 22 Nov 2026, 07:30``."""
    return tongue.say("fold.alert" if one.alert else "fold.digest", when=tongue.minute(one.at, zone))


def told(digest: Digest, tongue: Tongue) -> str:
    """Say what stands here that could not be delivered; "" where nothing does."""
    folded, zone = digest.folded, digest.subscription.zone
    if not folded:
        return ""
    stories = tongue.count("fold.stories", sum(folded.values()))
    if len(folded) == 1:
        return tongue.say("fold.one", stories=stories, named=named(next(iter(folded)), zone, tongue))
    parts = [
        tongue.count("fold.part", number, named=named(one, zone, tongue))
        for one, number in list(folded.items())[:_NAMED]
    ]
    left = len(folded) - len(parts)
    more = tongue.count("fold.more", left) if left else ""
    return tongue.say("fold.many", stories=stories, told=tongue.listed(parts), more=more)


def summary(digest: Digest, tongue: Tongue) -> tuple[str, ...]:
    """The same for a list of counts."""
    folded, zone = digest.folded, digest.subscription.zone
    if not folded:
        return ()
    first, number = next(iter(folded)), sum(folded.values())
    if len(folded) == 1:
        return (tongue.count("fold.summary", number, named=named(first, zone, tongue)),)
    messages, day = tongue.count("fold.messages", len(folded)), tongue.day(first.at, zone)
    return (tongue.count("fold.summary_many", number, messages=messages, day=day),)


def tallied(digest: Digest, tally: str, tongue: Tongue) -> str:
    """A subject's counts, with how many of them were not delivered before."""
    number = sum(digest.folded.values())
    return tongue.count("fold.subject", number, tally=tally) if number else tally


def of_story(one: Undelivered | None, zone: ZoneInfo, tongue: Tongue) -> str:
    """What stands beside such a story."""
    return tongue.say("fold.story", named=named(one, zone, tongue)) if one else ""

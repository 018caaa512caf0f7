"""Worlds to simulate: feeds on domains, each with a rhythm and habits, drawn from a seed."""

import random
from collections.abc import Iterator

from .publishers import DAY, HOUR, Habits, Server, Site

_RHYTHMS = ((0.005, 0.7), (0.04, 3.0), (0.225, 14.0), (0.40, 50.0), (0.33, 200.0))
"""How many feeds publish at which mean distance, in hours: a few agencies, papers, and many institutes."""


def crowded(seed: int, *, feeds: int, domains: int, days: float) -> list[Site]:
    """A world with everything in it: 4 % of its feeds are on one domain, 8 % on ten, the rest on what is left."""
    rng = random.Random(seed)
    servers = [Server(rng, days, every=30 * DAY, longest=2 * DAY) for _ in range(domains)]
    return [
        _site(i, places, servers, rng, _habits(rng, days, f"https://new.d{rng.randrange(domains)}.example/f{i}"))
        for i, places in enumerate(_places(rng, feeds, domains))
    ]


def fair(seed: int, *, feeds: int, domains: int, days: float) -> list[Site]:
    """A world in which an entry can be read for about a week, whole, and no server refuses for over six hours."""
    rng = random.Random(seed)
    servers = [Server(rng, days, every=4 * DAY, longest=6 * HOUR) for _ in range(domains)]
    sites = []
    for i, place in enumerate(_places(rng, feeds, domains)):
        gap = rng.uniform(1.5, 12) * HOUR
        keyed, validators = rng.choice(["guid", "link", "text"]), rng.choice(["right", "none"])
        habits = Habits(gap, int(160 * HOUR / gap) + 8, keyed=keyed, validators=validators, reorders=rng.random() < 0.3)
        sites.append(_site(i, place, servers, rng, habits))
    return sites


def _places(rng: random.Random, feeds: int, domains: int) -> Iterator[int]:
    """The number of the domain that each feed is on."""
    for i in range(feeds):
        if i < feeds * 0.04:
            yield 0
        elif i < feeds * 0.12:
            yield 1 + i % min(10, domains - 1)
        else:
            yield i % domains if i < domains else rng.randrange(domains)


def _site(i: int, place: int, servers: list[Server], rng: random.Random, habits: Habits) -> Site:
    private = i % 20 == 19
    url = f"http://intranet-{i}/feed" if private else f"https://s{i % 7}.d{place}.example/f{i}"
    new_place = int(habits.new_url.split(".")[1][1:]) if habits.new_url else place
    return Site(f"feed-{i:04}", url, servers[place], servers[new_place], habits, rng.randrange(2**32))


def _habits(rng: random.Random, days: float, new_url: str) -> Habits:
    hours = rng.choices([h for _, h in _RHYTHMS], [share for share, _ in _RHYTHMS])[0]
    moves = rng.random() < 0.02
    keyed = rng.choice(["guid"] * 7 + ["link", "link", "text"])
    return Habits(
        gap=hours * rng.uniform(0.6, 1.6) * HOUR,
        keep=rng.choice([10, 10, 15, 20, 20, 25, 50]),
        batch=rng.choice([1] * 12 + [3, 5]),
        keyed=keyed,
        dated=rng.random() < 0.9,
        silent_from=rng.uniform(0, days) * DAY if rng.random() < 0.08 else float("inf"),
        validators=rng.choices(["right", "none", "lies"], [60, 38, 2])[0],
        edits=0.1 if rng.random() < 0.2 else 0.0,
        reorders=rng.random() < 0.1,
        withdraws=0.02 if rng.random() < 0.2 else 0.0,
        truncates=0.1 if rng.random() < 0.1 else 0.0,
        teases=0.2 if keyed != "text" and rng.random() < 0.05 else 0.0,
        fresh_for=rng.choice([300.0, 3600.0, 10_800.0, 999_999.0]) if rng.random() < 0.3 else None,
        rotates=tuple(sorted(rng.uniform(0, days) * DAY for _ in range(2))) if rng.random() < 0.05 else (),
        moves_at=rng.uniform(0, days) * DAY if moves else float("inf"),
        new_url=new_url if moves else "",
    )

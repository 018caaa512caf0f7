"""Durations as people write them in config: ``90s``, ``60m``, ``1h30m``, ``14d``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")


def parse(value: object) -> timedelta:
    """Read a duration; raises ValueError with what would be right.

    A bare number is refused but 0: its unit would be a guess.
    """
    if isinstance(value, timedelta):
        return value
    if value == 0 and not isinstance(value, bool):
        return timedelta()
    if not isinstance(value, str):
        raise ValueError('give a duration with its unit, such as "90s", "60m", "2h" or "14d"')  # noqa: TRY004 - pydantic's protocol
    text = value.strip().lower()
    if text == "0":
        return timedelta()
    if not text or _PART.sub("", text).strip():
        raise ValueError(f'"{value}" is not a duration; give one with its unit, such as "90s", "60m", "2h" or "14d"')
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
    except OverflowError as error:
        raise ValueError(f'"{value}" is longer than any calendar') from error


def show(value: timedelta) -> str:
    """Write a duration in the largest units that fit, two at the most: ``1h 30m``, ``14d``, ``250ms``, ``0s``."""
    if timedelta() < value < timedelta(seconds=1):
        return f"{value // timedelta(milliseconds=1)}ms"
    seconds = round(value.total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"


Duration = Annotated[timedelta, BeforeValidator(parse), PlainSerializer(show)]
"""A timedelta option that is written as text in TOML."""

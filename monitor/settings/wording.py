"""What is wrong with a value, in the words of a config file."""

import json
import re
from datetime import timedelta
from typing import Any

from monitor.normalise.duration import show

_PLAIN = {
    "dict_type": "should be a table", "model_type": "should be a table", "list_type": "should be a list in brackets",
    "string_type": "should be a text in quotes", "bool_type": "should be a boolean, true or false",
    "int_type": "should be a whole number", "float_type": "should be a number", "too_short": "should not be empty",
    "greater_than": "should be more than {gt}", "greater_than_equal": "should be {ge} or more",
    "less_than_equal": "should be {le} or less",
}  # fmt: skip
"""Pydantic's kinds of errors in the words of a config file."""


def message(item: Any) -> str:
    """What is wrong with a value, from one of pydantic's errors; tells no text that was given."""
    text = str(item["msg"]).removeprefix("Value error, ").replace("Input should be", "should be")
    bounds = {name: _bound(value) for name, value in item.get("ctx", {}).items()}
    plain = _PLAIN[item["type"]].format_map(bounds) if item["type"] in _PLAIN else text
    given = item.get("input")
    shown = f", not {json.dumps(given)}" if isinstance(given, int | float) and item["type"] != "value_error" else ""
    return plain + shown


def _bound(value: object) -> object:
    """A limit as config files write it; pydantic tells those of durations by their repr."""
    parts = re.findall(r"(days|seconds|microseconds)=(\d+)", str(value))
    return show(timedelta(**{unit: int(count) for unit, count in parts})) if "timedelta(" in str(value) else value

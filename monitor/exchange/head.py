"""What an export says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.errors import ExportError
from monitor.exchange.tables import FORMAT
from monitor.exchange.values import iso, read_time


@dataclass(frozen=True, slots=True)
class Head:
    """Which program wrote it, when, what is in it (`What`), and by which choice, none where it is all there is."""

    program: str
    made_at: datetime
    what: tuple[str, ...]
    chosen: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """As files have it."""
        return {
            "format": self.format, "program": self.program, "made_at": iso(self.made_at), "what": list(self.what),
            "chosen": dict(self.chosen),
        }  # fmt: skip


def is_head(given: Mapping[str, Any]) -> bool:
    """Say whether this is what an export says of itself, of whatever format."""
    version = given.get("format")
    return isinstance(version, int) and not isinstance(version, bool) and isinstance(given.get("program"), str)


def read_head(given: Mapping[str, Any], where: str) -> Head:
    """Read what `Head.as_json` wrote; raises ExportError, also where the format is a later one."""
    if not is_head(given):
        raise ExportError(where, "this is not the head of an export of `monitor export`")
    version, program = given["format"], given["program"]
    if version > FORMAT:
        raise ExportError(
            where, f"the format is {version}, of monitor {program}; this monitor reads up to {FORMAT}: upgrade it"
        )
    made_at, what, chosen = read_time(given.get("made_at")), given.get("what"), given.get("chosen")
    if not (isinstance(made_at, datetime) and made_at.tzinfo and isinstance(what, list) and isinstance(chosen, dict)):
        raise ExportError(where, "the head of the export is incomplete")
    texts = {str(name): str(value) for name, value in chosen.items()}
    return Head(program, made_at, tuple(map(str, what)), texts, version)

"""What can go wrong, as one tree; each error carries what policy needs, and no secret.

MonitorError
├── UsageError            a wrong argument                      -> exit 2
├── ConfigError           a wrong config file: file, key, line  -> exit 2
├── StoreError            the database cannot be opened or is not ours
├── ModelError            a model artefact is missing, damaged or of an unknown format
├── FetchError            a feed could not be fetched: kind, severity, retry_after
│   └── BlockedAddress    the guard refused an address
├── ParseError            a document is not a feed: kind, severity
├── ExportError           an export cannot be read: file, line              -> exit 2
└── DeliveryError         a message was not accepted: permanent, ambiguous, retry_after, code, fault
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """How much one failure counts towards a feed's back-off (Media Cloud's classes)."""

    HARD = "hard"  # the address is wrong or gone: counts 1
    SOFT = "soft"  # the answer is wrong, and may be right again: counts 0.5
    TEMPORARY = "temporary"  # the network or the server is busy: counts 0.25


class MonitorError(Exception):
    """Anything this program reports to its user by a clear sentence instead of a traceback."""


class UsageError(MonitorError):
    """A verb was called with something that does not exist or does not fit."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong in the configuration.

    ``file`` is relative to the place it was loaded from, ``key`` is dotted, ``line`` counts from 1
    (None where the key is missing altogether), ``hint`` says what would be right.
    """

    file: str
    key: str
    line: int | None
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        key = f" {self.key}:" if self.key else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}:{key} {self.message}{hint}"


class ConfigError(MonitorError):
    """The configuration is refused; ``problems`` holds everything that is wrong, not the first thing only."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class StoreError(MonitorError):
    """The database cannot be opened, or is not one of ours."""


class ModelError(MonitorError):
    """A classifier artefact is missing, damaged, or of a format this program does not know."""

    def __init__(self, message: str, path: Path | None = None) -> None:
        self.path = path
        super().__init__(message)


class FetchError(MonitorError):
    """A document could not be fetched.

    ``kind`` is a short word for logs and status (``dns``, ``tls``, ``timeout``, ``http-404`` …);
    ``retry_after`` is the number of seconds that the server asked us to wait, or None.
    """

    def __init__(
        self, kind: str, detail: str, severity: Severity, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.severity = severity
        self.status = status
        self.retry_after = retry_after
        super().__init__(f"{kind}: {detail}")


class BlockedAddress(FetchError):  # noqa: N818 - named for what it is, as the kinds are
    """The guard refused to connect to a private, loopback, link-local or otherwise internal address."""

    def __init__(self, detail: str) -> None:
        super().__init__("blocked-address", detail, Severity.HARD)


class ParseError(MonitorError):
    """A document that came back is not a feed we can read; ``kind`` as in `FetchError`."""

    def __init__(self, kind: str, detail: str, severity: Severity = Severity.SOFT) -> None:
        self.kind = kind
        self.detail = detail
        self.severity = severity
        super().__init__(f"{kind}: {detail}")


class ExportError(MonitorError):
    """A file of `monitor export` is broken, breaks off, or holds what no export does: ``where`` says in which file, and
    in which of its lines or rows."""

    def __init__(self, where: str, detail: str) -> None:
        self.where = where
        self.detail = detail
        super().__init__(f"{where}: {detail}")


class Fault(StrEnum):
    """Whose it is to put right that a message was not accepted, where policy goes by it."""

    RECIPIENT = "recipient"  # the address is wrong, gone, or wants nothing from us
    OURS = "ours"  # the login, the sender or a right of ours: everybody behind this account is concerned
    OTHER = "other"  # the server, the network, or this one message


class DeliveryError(MonitorError):
    """A message was not, or perhaps not, accepted.

    ``permanent``: this message will not be taken, however often it is sent (most SMTP 5xx and HTTP 4xx).
    ``ambiguous``: the other side may have taken it (a time-out after the body was sent).
    ``retry_after``: seconds that the other side asked us to wait, or None.
    ``code``: its answer in short (``550 5.1.1``, ``429``), or ``dns``, ``tls``, ``connect``, ``timeout``, ``lost``.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        retry_after: float | None = None,
        code: str = "",
        fault: Fault = Fault.OTHER,
    ) -> None:
        self.detail = detail
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.code = code
        self.fault = fault
        super().__init__(detail)

    def reworded(self, detail: str, *, ambiguous: bool | None = None) -> "DeliveryError":
        """The same error in other words."""
        return DeliveryError(
            detail,
            permanent=self.permanent,
            ambiguous=self.ambiguous if ambiguous is None else ambiguous,
            retry_after=self.retry_after,
            code=self.code,
            fault=self.fault,
        )

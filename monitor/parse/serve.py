"""What runs in a worker's process: read a request, parse, answer, until the pipe closes."""

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from monitor.domain.backfill import Listing
from monitor.errors import ParseError, Severity
from monitor.normalise import language
from monitor.normalise.entry import CleanDocument
from monitor.parse.article import Article, ArticleRequest, read_article
from monitor.parse.document import ReadRequest, read_document
from monitor.parse.listing import ListingRequest, read_listing

try:
    import resource
except ImportError:  # a system without these limits
    resource = None  # type: ignore[assignment]

READY = b"ready"
_LENGTH = 8  # bytes before a message that say how long it is
SELF_ENDING = hasattr(signal, "setitimer")
"""Whether a worker ends itself at its deadline: an alarm stops any code, and does so where the pool was killed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The ParseError that the document was worth, as a value: exceptions with arguments of their own do not pickle."""

    kind: str
    detail: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The document needed more memory than there was; the worker ends after saying so."""


Request = ReadRequest | ArticleRequest | ListingRequest
Reply = CleanDocument | Article | Listing | Refused | OutOfMemory


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write a message with its length before it; raises OSError where nobody reads any more."""
    pipe.write(len(message).to_bytes(_LENGTH, "big"))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read a message; raises EOFError where the other side is gone."""
    head = pipe.read(_LENGTH)
    length = int.from_bytes(head, "big")
    message = pipe.read(length) if len(head) == _LENGTH else b""
    if len(head) < _LENGTH or len(message) < length:
        raise EOFError
    return message


def serve(deadline: float, max_memory: int, _: str = "") -> None:
    """Answer requests on standard input by reading what they hold, until it closes.

    A document that takes longer than ``deadline`` seconds ends this process by SIGALRM, where there is one.
    ``max_memory`` (bytes) limits its address space.
    """
    answer(deadline, max_memory, read)


def answer(deadline: float, max_memory: int, how: Callable[[Any], object]) -> None:
    """Answer requests as `serve` does, by a function."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log and not among the replies
    if resource is not None:
        _limit_memory(max_memory)
    language.load()  # no document's time is to pay for it
    gc.freeze()  # what is loaded stays, and is not to be gone through again and again for what does not
    send(replies, READY)
    while True:
        try:
            message = receive(requests)
        except EOFError:
            return
        _alarm(deadline)
        reply = _reply(message, how)
        send(replies, pickle.dumps(reply, protocol=pickle.HIGHEST_PROTOCOL))
        _alarm(0.0)
        if isinstance(reply, OutOfMemory):
            return


def _limit_memory(most: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (OSError, ValueError) as error:  # macOS refuses limits below what is mapped already
        print(f"no memory limit for parsing: {error}", file=sys.stderr)  # noqa: T201 - a worker has no log


def _alarm(seconds: float) -> None:
    if SELF_ENDING:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _reply(message: bytes, how: Callable[[Any], object]) -> object:
    try:
        return how(pickle.loads(message))  # noqa: S301 - from the process that started this one
    except MemoryError:
        return OutOfMemory()
    except ParseError as error:
        if _is_for_memory(error):
            return OutOfMemory()
        return Refused(error.kind, error.detail, error.severity)
    except Exception as error:  # noqa: BLE001 - told to the pool, which raises it for this document alone
        return Refused("broken", f"the document broke the parser: {type(error).__name__}: {error}"[:300], Severity.SOFT)


def read(request: Request) -> Reply:
    """Read a document, a page or a listing; raises ParseError."""
    match request:
        case ArticleRequest():
            return read_article(request)
        case ListingRequest():
            return read_listing(request)
        case _:
            return read_document(request)


def _is_for_memory(error: BaseException | None) -> bool:
    seen: set[int] = set()  # a cause may be its own: "raise error from error"
    while error is not None and id(error) not in seen:
        if isinstance(error, MemoryError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False

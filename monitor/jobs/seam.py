"""Units of work that fail each for itself."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Alone = Callable[[str], AbstractContextManager[None]]
"""Runs what stands inside; a failure is kept under the unit's name, and the next unit goes on."""


@contextmanager
def each_for_itself(what: str) -> Iterator[Alone]:
    """Let each of several units fail without the others; at the end all failures are raised in one ExceptionGroup."""
    failures: list[Exception] = []

    @contextmanager
    def alone(name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the seam: it is raised when the others are done
            error.add_note(f"{what} of {name}")
            failures.append(error)

    yield alone
    if failures:
        raise ExceptionGroup(f"{what}: {len(failures)} failed", failures)

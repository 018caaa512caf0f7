"""One pool of reading processes for all tests of the room: each start costs a second."""

from collections.abc import Iterator

import pytest

from monitor.parse.workers import ParserPool
from tests.backfill.desk import Desk


@pytest.fixture(scope="session", autouse=True)
def _reading() -> Iterator[None]:
    with ParserPool() as pool:
        Desk.parser = pool
        yield
        Desk.parser = None

"""A feed server for each test."""

from collections.abc import Iterator

import pytest

from monitor.demo.server import FeedServer


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running

"""This machine as the tests need it: its memory measured, ports that say nothing, and a network of their own."""

import asyncio
import os
import re
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def within_memory(most: int, *, beside: Iterable[int] = ()) -> Iterator[None]:
    """Hold that this process, and those ``beside`` it, take at most so many bytes more inside the block than before.

    The highest counts. Linux alone tells; elsewhere only the limits of time and size are held.
    """
    folders = [Path("/proc", str(pid)) for pid in (os.getpid(), *beside)] if sys.platform.startswith("linux") else []
    for folder in folders:
        (folder / "clear_refs").write_text("5", encoding="ascii")  # the highest is the present one
    before = [_highest(folder) for folder in folders]
    yield
    for folder, start in zip(folders, before, strict=True):
        assert _highest(folder) - start <= most, (folder, _highest(folder), start)


def _highest(folder: Path) -> int:
    """The most memory that a process has held since it was last asked to forget that, in bytes; 0 where it is over."""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", (folder / "status").read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    return int(found[1]) * 1024 if found else 0


@contextmanager
def listening(port: int, *, closes: bool) -> Iterator[None]:
    """Take connections at a port, and say nothing in them; with ``closes`` close each at once."""
    with socket.create_server(("127.0.0.1", port)) as server:

        def close_all() -> None:
            with suppress(OSError):
                while True:
                    server.accept()[0].close()

        thread = threading.Thread(target=close_all)
        if closes:
            thread.start()
        yield
        server.shutdown(socket.SHUT_RDWR)
        if closes:
            thread.join()


PUBLIC = "203.0.114.7"
"""An address of the public internet, which the network of these tests delivers to loopback."""


def network(patch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Put this machine into a network of its own: returns its names with their addresses, which may be changed.

    It stands in for the operating system's resolver and for its routes; nothing of the program is replaced.
    """
    known: dict[str, list[str]] = {"feeds.paper.example": [PUBLIC]}
    resolve, connect = socket.getaddrinfo, asyncio.selector_events.BaseSelectorEventLoop.sock_connect

    def answer(host: str, port: Any, *rest: Any, **named: Any) -> Any:
        if host not in known:
            return resolve(host, port, *rest, **named)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in known[host]
        ]

    async def route(loop: Any, opened: socket.socket, address: Any) -> None:
        await connect(loop, opened, ("127.0.0.1", address[1]) if address[0] == PUBLIC else address)

    patch.setattr(socket, "getaddrinfo", answer)
    patch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", route)
    return known


NO_NUMBER = ("2130706433", "017700000001", "127.1", "0", "127.0.0.1.")
"""Addresses in forms that the resolver would read, and the HTTP library refuses."""
INSIDE: dict[str, tuple[str, ...]] = {
    "this machine": ("http://127.0.0.1:{}/in", "//127.0.0.1:{}/in", "http://localhost:{}/in", "http://0.0.0.0:{}/in",
                     "http://desk:pw@127.0.0.1:{}/in", "https://127.0.0.1:{}/in", "http://127.255.255.254:{}/in"),
    "this machine, as IPv6": ("http://[::1]:{}/in", "http://[::]:{}/in", "http://[::ffff:127.0.0.1]:{}/in",
                              "http://[::ffff:7f00:1]:{}/in", "http://[64:ff9b::7f00:1]:{}/in",
                              "http://[2002:7f00:1::]:{}/in"),
    "this machine, in other numbers": ("http://0x7f.1:{}/in", "http://0x7f000001:{}/in",
                                       *(f"http://{number}:{{}}/in" for number in NO_NUMBER)),
    "names that lead inside": ("http://intern.paper.example:{}/in", "http://both.paper.example:{}/in"),
    "other networks": ("http://10.0.0.1/in", "http://192.168.0.1/in", "http://172.16.0.1/in", "http://100.64.0.1/in",
                       "http://169.254.169.254/latest/meta-data/", "http://[fd00::1]/in", "http://[fe80::1]/in"),
}  # fmt: skip
"""Addresses of the same place in many forms; ``{}`` stands for a port."""

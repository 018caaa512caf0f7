# mypy: untyped-calls-exclude=apprise
"""Folders: an Apprise plugin for folder:// that writes each digest as a page and a text file.

``folder:///srv/digests`` is an absolute directory; ``folder://var/digests`` is relative to the place that the settings
choose, and must be made absolute by them before it comes here.
"""

import errno
import os
import re
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.base import NotifyBase

from monitor.deliver.plugin import Direct
from monitor.deliver.text import plain
from monitor.domain.delivery import Accepted
from monitor.domain.digest import Message
from monitor.errors import DeliveryError, Fault

# What frees itself or is freed by an operator who sees a full disk; all other errors of a file system stay.
_PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EMFILE, errno.ENFILE}
)
_LONGEST_NAME = 120


def slug(key: str) -> str:
    """Turn a message's key into a file name that no other key has.

    Separators (``: / @`` and spaces) become ``-``; a key that loses more than that gets eight characters of its hash.
    """
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", key).strip("-.")
    if re.fullmatch(r"[A-Za-z0-9._+:/@ -]+", key) and name and len(name) <= _LONGEST_NAME:
        return name
    digest = sha256(key.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{name[:_LONGEST_NAME]}-{digest}".strip("-.")


def write(directory: Path, message: Message) -> tuple[Path, Path]:
    """Write ``<slug>.html`` and ``<slug>.txt``, each at once or not at all; the same message writes the same bytes.

    Raises OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    name = slug(message.key)
    page, text = directory / f"{name}.html", directory / f"{name}.txt"
    _replace(page, message.html.encode("utf-8", "replace"))
    _replace(text, plain(message.text).encode())
    return page, text


def folder_error(directory: Path, error: OSError) -> DeliveryError:
    """Say what is wrong with a directory; a full disk passes, a missing permission is ours to give."""
    cause, code = error.strerror or str(error), errno.errorcode.get(error.errno or 0, "")
    if error.errno in _PASSING:
        return DeliveryError(f"cannot write to {directory} now: {cause}", code=code)
    advice = "correct the folder or its permissions"
    return DeliveryError(f"cannot write to {directory}: {cause}; {advice}", code=code, fault=Fault.OURS)


class FolderPlugin(Direct, NotifyBase):  # type: ignore[misc]  # send() ignores Apprise's title and body
    """Each digest as two files in one directory."""

    service_name = "Folder"  # type: ignore[assignment]  # Apprise types its defaults as None
    protocol = "folder"  # type: ignore[assignment]
    setup_url = "https://appriseit.com/"  # type: ignore[assignment]
    request_rate_per_sec = 0

    def __init__(self, directory: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        if not directory.startswith("/") or "\0" in directory:
            raise AppriseImproperlyConfigured("it needs an absolute directory (folder:///srv/digests)")
        self.directory = Path(directory)

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:  # type: ignore[override]
        """Read the directory: all that stands after ``folder://``, percent-decoded, up to a ``?``."""
        scheme, separator, rest = url.partition("://")
        if not separator:
            return None
        return {"schema": scheme.lower(), "directory": unquote(rest.partition("?")[0]), "host": "", "qsd": {}}

    def url(self, privacy: bool = False, *_: Any, **__: Any) -> str:  # noqa: ARG002 (Apprise's signature)
        return self.label

    @property
    def label(self) -> str:
        return f"folder://{self.directory}"

    def deliver(self, message: Message) -> Accepted:
        try:
            page, _ = write(self.directory, message)
        except OSError as error:
            raise folder_error(self.directory, error) from error
        return Accepted(f"wrote {page}")


def _replace(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a reader or a crash never meets half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise

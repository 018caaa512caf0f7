"""The forms of a digest that a folder can have: ``folder://DIR?format=html|markdown|json|atom``.

``html``, which is the default, writes a page and a text file; ``markdown`` and ``json`` one file a digest; ``atom``
keeps one feed file a subscription, ``NAME.atom``, with the newest digests as its entries.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from apprise.exception import AppriseImproperlyConfigured

from monitor.deliver.atom import grown
from monitor.deliver.folder import FolderPlugin, folder_error, replace_file, slug
from monitor.deliver.text import plain
from monitor.domain.delivery import Accepted
from monitor.domain.digest import Message
from monitor.locks import alone

FORMS = ("html", "markdown", "json", "atom")


class FilesPlugin(FolderPlugin):
    """A folder with digests in one of the forms."""

    def __init__(self, form: str = "html", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if form not in FORMS:
            raise AppriseImproperlyConfigured(f"format= must be one of {', '.join(FORMS)}")
        self.form = form

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:  # type: ignore[override]  # as in FolderPlugin
        """Read what a folder has, and ``format=``."""
        results = FolderPlugin.parse_url(url)
        if results:
            asked = parse_qs(url.partition("?")[2]).get("format", ["html"])
            results["form"] = asked[-1].lower()
        return results

    @property
    def label(self) -> str:
        return super().label + (f" ({self.form})" if self.form != "html" else "")

    def deliver(self, message: Message) -> Accepted:
        if self.form == "html" or not message.data:
            return super().deliver(message)  # a notice has no further forms
        try:
            return Accepted(f"wrote {write_form(self.directory, message, self.form)}")
        except OSError as error:
            raise folder_error(self.directory, error) from error


def write_form(directory: Path, message: Message, form: str) -> Path:
    """Write one form of a digest, at once or not at all; the same message leaves the same bytes. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    if form == "atom":
        path = directory / f"{slug(str(message.data['subscription']))}.atom"
        with alone(directory):
            replace_file(path, grown(path.read_bytes() if path.exists() else b"", message))
        return path
    suffix, content = {
        "markdown": (".md", plain(message.markdown)),
        "json": (".json", json.dumps(message.data, ensure_ascii=False, indent=1) + "\n"),
    }[form]
    path = directory / f"{slug(message.key)}{suffix}"
    replace_file(path, content.encode("utf-8", "replace"))
    return path

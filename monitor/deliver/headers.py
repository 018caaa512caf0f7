"""Headers of a mail that say which list it is of, how to leave that, and which story it goes on with. Pure."""

import re
from collections.abc import Mapping
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import Policy
from hashlib import sha256
from typing import Any

from monitor.domain.digest import Message


class Verbatim(UnstructuredHeader, BaseHeader):
    """A header of one long word: Python would write a link as encoded words, which nobody reads."""

    def fold(self, *, policy: "Policy[Any]") -> str:
        return f"{self.name}: {self}{policy.linesep}"


def header_factory() -> HeaderRegistry:
    """Make headers as ever, but for those whose value must stay one word."""
    registry = HeaderRegistry()
    for name in ("references", "list-unsubscribe"):
        registry.map_to_type(name, Verbatim)
    return registry


def list_id(message: Message, name: str, domain: str) -> str:
    """RFC 2919: one list a subscription, so that a mail program can file each by itself."""
    subscription = str(message.data.get("subscription", ""))
    label = re.sub(r"[^A-Za-z0-9-]+", "-", subscription).strip("-")
    if subscription and label != subscription:
        label = f"{label}-{_mark(subscription)}".strip("-")
    return f"{name} <{f'{label}.' if label else ''}digests.{domain}>"


def further(message: Message, recipient_id: str, domain: str) -> Mapping[str, str]:
    """References to the story that a message tells alone, and how to unsubscribe, as far as there are any.

    No mail has the id of the first reference: it stands for the story, as the head of a thread that all mails about it
    share (Alertmanager threads its mails so). ``recipient_id`` keeps the threads of several recipients apart.
    """
    found = {}
    if message.thread:
        found["References"] = f"<story.{_mark(message.thread)}.{recipient_id}@{domain}>"
    if link := message.unsubscribe.get(recipient_id):
        found["List-Unsubscribe"] = f"<{link}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]

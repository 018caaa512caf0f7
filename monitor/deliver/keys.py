"""The name of a message to a recipient, the same at every attempt, so that receivers can drop a repeat."""

from hashlib import sha256


def idempotency_key(key: str, recipient_id: str) -> str:
    """Name a digest, by its key, to a recipient."""
    return f"digest.{sha256(key.encode('utf-8', 'replace')).hexdigest()[:16]}.{recipient_id}"


def message_id(key: str, recipient_id: str, sender: str) -> str:
    """Return that as the Message-ID of a mail from the address ``sender``."""
    return f"<{idempotency_key(key, recipient_id)}@{sender.rpartition('@')[2]}>"

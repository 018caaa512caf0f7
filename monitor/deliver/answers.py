"""What an answer of a server means: for good or for now, and whose it is to put right. Pure tables.

SMTP by RFC 5321 and the enhanced codes of RFC 3463, HTTP by RFC 9110, and the words of Slack and Telegram, which say
more than their status.
"""

import re
from dataclasses import dataclass
from enum import Enum

from monitor.deliver.text import one_line
from monitor.errors import DeliveryError, Fault

# RFC 9110: these client errors say "later"; all others mean that the same request fails again.
_LATER = frozenset({408, 425, 429})
# Our right to send, not this message or its recipient.
_RIGHTS = frozenset({401, 402, 403, 407})
_GONE = frozenset({404, 410})

# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (errors): no webhook or channel behind it.
_SLACK_GONE = frozenset(
    {
        "action_prohibited", "channel_is_archived", "channel_not_found", "invalid_token", "no_active_hooks",
        "no_service", "no_service_id", "no_team", "posting_to_general_channel_denied", "team_disabled",
        "user_not_found",
    }
)  # fmt: skip
# What follows "Bad Request: " or "Forbidden: " (https://core.telegram.org/bots/api, and tdlib's Client.cpp).
_TELEGRAM_GONE = frozenset(
    {
        "bot can't initiate conversation with a user", "bot is not a member of the channel chat",
        "bot is not a member of the supergroup chat", "bot was blocked by the user",
        "bot was kicked from the channel chat", "bot was kicked from the group chat",
        "bot was kicked from the supergroup chat", "chat not found",
        "group chat was upgraded to a supergroup chat", "need administrator rights in the channel chat",
        "not enough rights to send text messages to the chat", "the group chat was deleted", "user is deactivated",
        "user not found",
    }
)  # fmt: skip

_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_LOGIN = frozenset({530, 534, 535, 538})
_NO_SUCH_ADDRESS = frozenset({521, 550, 551, 553, 556})


class Step(Enum):
    """Where in a mail's way a server said no."""

    CONNECT = "connecting"  # the greeting, EHLO, STARTTLS, the login
    SENDER = "the sender"
    RECIPIENT = "the recipient"
    DATA = "the message"


@dataclass(frozen=True, slots=True)
class Word:
    """What the body of an HTTP answer says. ``telegram``: it has the form of Telegram's; ``retry_after`` in seconds."""

    text: str = ""
    telegram: bool = False
    retry_after: float | None = None


def smtp_error(step: Step, about: str, code: int, text: str) -> DeliveryError:
    """Say what a mail server's reply means; ``about`` names what it was about, with the address."""
    found = _ENHANCED.match(text)
    enhanced = (int(found[1]), int(found[2]), int(found[3])) if found else None
    shown = f"{code} {found[0].strip()}" if found else str(code)
    permanent, fault = _smtp(step, code, enhanced)
    detail = f"{about}: the mail server answered {code} {one_line(text, 200)}"
    if fault is Fault.OURS:
        detail += "; " + ("correct the account in channels.toml" if code in _LOGIN else "it does not take mail from us")
    return DeliveryError(detail, permanent=permanent, code=shown, fault=fault)


def _smtp(step: Step, code: int, enhanced: tuple[int, int, int] | None) -> tuple[bool, Fault]:
    if not 500 <= code < 600:
        return False, Fault.OTHER
    if code in _LOGIN or step in {Step.CONNECT, Step.SENDER}:
        return False, Fault.OURS
    _, subject, number = enhanced or (0, 0, 0)
    if subject == 1 or (subject, number) in {(2, 1), (4, 1)}:  # bad address, disabled mailbox, no such host (Microsoft)
        return True, Fault.RECIPIENT
    if step is Step.DATA:
        return True, Fault.OTHER
    if subject == 7:  # security and policy: relaying denied, a block list
        return False, Fault.OURS
    unknown = code in _NO_SUCH_ADDRESS and subject not in {2, 3}  # 2 and 3: the mailbox, or its system, is full
    return True, Fault.RECIPIENT if unknown else Fault.OTHER


def http_error(status: int, word: Word, retry_after: float | None = None) -> DeliveryError | None:
    """Say what an HTTP answer means, or None for 2xx; ``retry_after`` is the header's, in seconds.

    3xx is permanent: redirects are not followed, since the URL may hold a token.
    """
    if 200 <= status < 300:
        return None
    said = f": {one_line(word.text, 200)}" if word.text else ""
    permanent, fault = _http(status, word)
    waits = [wait for wait in (retry_after, word.retry_after) if wait is not None] if status in {429, 503} else []
    advice = "; correct the account in channels.toml" if fault is Fault.OURS else ""
    return DeliveryError(
        f"the server answered {status}{said}{advice}",
        permanent=permanent,
        retry_after=max(waits, default=None),
        code=str(status),
        fault=fault,
    )


def _http(status: int, word: Word) -> tuple[bool, Fault]:
    if status >= 500 or status < 300 or status in _LATER:
        return False, Fault.OTHER
    if word.text in _SLACK_GONE or (word.telegram and word.text.partition(": ")[2] in _TELEGRAM_GONE):
        return True, Fault.RECIPIENT
    if status in _RIGHTS or (word.telegram and status == 404):  # Telegram: no bot has this token
        return False, Fault.OURS
    return True, Fault.RECIPIENT if status in _GONE else Fault.OTHER

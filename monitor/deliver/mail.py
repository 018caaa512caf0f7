# mypy: untyped-calls-exclude=apprise
"""Mail: an Apprise plugin for mailto:// and mailtos:// with one stable Message-ID and the server's own answers.

The stock plugin writes a second Message-ID beside one of ours, drops every link from the text part, and keeps the
SMTP code in a debug line (apprise 2.2, email/base.py). The URL forms are Apprise's; the least for a server on
loopback without TLS is ``mailto://127.0.0.1:2525?from=a@example.org&to=b@example.org``, where ``mailtos://`` means
STARTTLS, or TLS from the first byte with ``mode=ssl``. ``cto=`` is the time-out of each SMTP step in seconds.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Any

from apprise import NotifyFormat
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.email.common import SecureMailMode
from apprise.utils.parse import parse_emails

from monitor.deliver.answers import Step, smtp_error
from monitor.deliver.folder import slug
from monitor.deliver.headers import further, header_factory, list_id
from monitor.deliver.keys import message_id
from monitor.deliver.plugin import Direct
from monitor.deliver.text import one_line, plain
from monitor.domain.delivery import Accepted
from monitor.domain.digest import Message
from monitor.errors import DeliveryError, Fault

DISPLAY_NAME = "Returns Monitor"

# 7-bit bodies: not every relay offers 8BITMIME.
_POLICY = SMTP_POLICY.clone(cte_type="7bit", header_factory=header_factory())
_OWN_HEADERS = frozenset(
    {
        "auto-submitted",
        "bcc",
        "cc",
        "content-language",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "list-id",
        "message-id",
        "mime-version",
        "reply-to",
        "sender",
        "subject",
        "to",
    }
)


def compose(
    message: Message,
    *,
    sender: Address,
    to: Address,
    ident: str,
    date: datetime,
    headers: Mapping[str, str] | None = None,
    text_only: bool = False,
) -> EmailMessage:
    """Write the mail: multipart/alternative of the message's own text and HTML, or the text alone.

    Where the HTML has no room for all of it, it is multipart/mixed of that and a text file with the rest.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["Message-ID"] = ident
    mail["Date"] = format_datetime(date)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = one_line(message.subject)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes in reply
    mail["List-Id"] = list_id(message, DISPLAY_NAME, sender.domain)
    for name, value in (headers or {}).items():
        mail[name] = one_line(value, 900)
    mail.set_content(plain(message.text), charset="utf-8")
    if not text_only:
        mail.add_alternative(message.html.encode("utf-8", "replace").decode(), subtype="html", charset="utf-8")
        if message.rest:
            _attach(mail, message)
    if language := message.data.get("language"):  # after the content, which begins its headers anew
        mail["Content-Language"] = one_line(str(language))
    return mail


def _attach(mail: EmailMessage, message: Message) -> None:
    """Add the rest as a text file: many gateways hold back mails with an HTML file in them.

    It begins with a byte order mark, by which programs that open a file of no declared encoding know it as UTF-8.
    """
    name = f"{slug(message.key)}-rest.txt"
    mail.add_attachment(f"\ufeff{plain(message.rest)}", subtype="plain", charset="utf-8", filename=name)


class MailPlugin(Direct, NotifyEmail):  # type: ignore[misc]  # send() ignores Apprise's title and body
    """One mail to one address, by SMTP.

    Raises AppriseImproperlyConfigured for several addresses, cc, bcc, PGP, an own header that we set ourselves, and
    for a password that would go over the network unencrypted without the URL saying ``mode=insecure``.
    """

    socket_connect_timeout = 20

    def __init__(self, targets: Any = None, secure_mode: str | None = None, **kwargs: Any) -> None:
        super().__init__(targets=targets, secure_mode=secure_mode, **kwargs)  # type: ignore[no-untyped-call]
        addresses = parse_emails(targets) if targets else []
        if len(addresses) > 1:
            raise AppriseImproperlyConfigured("it names several addresses; write one URL for each address")
        if self.cc or self.bcc:
            raise AppriseImproperlyConfigured("cc= and bcc= are not supported; write one URL for each address")
        if not self.targets:
            raise AppriseImproperlyConfigured("the address in to= is not a mail address")
        if not f"{self.from_addr[1]}{self.targets[0][1]}".isascii():
            raise AppriseImproperlyConfigured("mail addresses must be ASCII; write a domain in its xn-- form")
        if self.pgp_mode != "no":
            raise AppriseImproperlyConfigured("pgp= is not supported")
        clear = self.secure_mode == SecureMailMode.INSECURE and not secure_mode
        if clear and self.password and not _loopback(self.smtp_host):
            raise AppriseImproperlyConfigured(
                "its password would be sent unencrypted; write mailtos://, or add mode=insecure to mean it"
            )
        self._check_headers()

    def _check_headers(self) -> None:
        for name in self.headers:
            if name.lower() in _OWN_HEADERS or not re.fullmatch(r"[!-9;-~]+", name):
                raise AppriseImproperlyConfigured(
                    "it sets a header that the program writes itself, or that is no header name"
                )

    @property
    def label(self) -> str:
        return f"mailto:{self.targets[0][1]}"

    def deliver(self, message: Message) -> Accepted:
        sender_address, to_address = str(self.from_addr[1]), str(self.targets[0][1])
        asked = {name.lower() for name in self.headers}
        ours = further(message, self.recipient_id, sender_address.rpartition("@")[2])
        headers = {name: value for name, value in ours.items() if name.lower() not in asked} | dict(self.headers)
        if self.reply_to:
            headers["Reply-To"] = ", ".join(sorted(self.reply_to))
        mail = compose(
            message,
            sender=Address(_name(self.from_addr[0]) or DISPLAY_NAME, addr_spec=sender_address),
            to=Address(_name(self.targets[0][0]), addr_spec=to_address),
            ident=message_id(message.key, self.recipient_id, sender_address),
            date=datetime.now(UTC),
            headers=headers,
            text_only=self.resolve_format(None) == NotifyFormat.TEXT,
        )
        return self._submit(sender_address, to_address, mail.as_bytes())

    def _submit(self, sender: str, to: str, mail: bytes) -> Accepted:
        step, about = Step.CONNECT, Step.CONNECT.value
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connect()
            step, about = Step.SENDER, f"the sender {sender}"
            _accept(smtp.mail(sender))
            step, about = Step.RECIPIENT, f"the recipient {to}"
            _accept(smtp.rcpt(to))
            step, about = Step.DATA, Step.DATA.value
            # Once taken it is delivered: a server that fails at QUIT, or takes its time, changes nothing.
            self.receipt = _accept(smtp.data(mail))
            with contextlib.suppress(OSError):
                smtp.quit()
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(f"{about}: {one_line(str(error))}", code="tls", fault=Fault.OURS) from error
        except smtplib.SMTPResponseException as error:
            raise smtp_error(step, about, error.smtp_code, _text(error.smtp_error)) from error
        except OSError as error:
            raise _broken(step, about, error) from error
        finally:
            if smtp is not None:
                smtp.close()
        return self.receipt

    def _connect(self) -> smtplib.SMTP:
        """Connect, secure and log in as the URL says."""
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        smtp: smtplib.SMTP
        if self.secure_mode == SecureMailMode.SSL:
            smtp = smtplib.SMTP_SSL(
                self.smtp_host, self.port or 0, timeout=self.socket_connect_timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(self.smtp_host, self.port or 0, timeout=self.socket_connect_timeout)
        try:
            if self.secure_mode == SecureMailMode.STARTTLS:
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if self.user and self.password:
                smtp.login(self.user, self.password)
        except OSError:
            smtp.close()
            raise
        return smtp


def _accept(reply: tuple[int, bytes]) -> Accepted:
    code, text = reply
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, text)
    return Accepted(one_line(f"{code} {_text(text)}", 200), str(code))


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _broken(step: Step, about: str, error: OSError) -> DeliveryError:
    """Say what a lost line means: after DATA began, the server may have taken the mail."""
    cause = one_line(error.strerror or str(error) or type(error).__name__, 200)
    if step is Step.DATA:
        # smtplib makes a lost line of it, and says in words only that it was the time.
        late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
        what = "no answer in time after the message was sent" if late else "the line broke while the message was sent"
        return DeliveryError(
            f"{what} ({cause}); it may have arrived", ambiguous=True, code="timeout" if late else "lost"
        )
    if isinstance(error, socket.gaierror):
        return DeliveryError(f"{about}: the name of the mail server is not known (DNS: {cause})", code="dns")
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or cause
        return DeliveryError(f"{about}: no secure connection (TLS: {one_line(str(reason), 200)})", code="tls")
    code = "timeout" if isinstance(error, TimeoutError) else "connect"
    return DeliveryError(f"{about}: no mail connection ({cause})", code=code)


def _name(name: object) -> str:
    """Decode a display name, which Apprise keeps as an encoded word, or as False where there is none."""
    return one_line(str(make_header(decode_header(name)))) if isinstance(name, str) else ""


def _loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host in {"::1", "[::1]"}

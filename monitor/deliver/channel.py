"""One attempt to send one message to one recipient."""

import html
import re
from collections.abc import Callable, Sequence

from apprise import Apprise, AppriseResult, AppriseResultStatus, NotifyFormat
from apprise.plugins.base import NotifyBase
from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.custom_xml import NotifyXML

from monitor.deliver.bounded import hangs, within
from monitor.deliver.forms import fitted
from monitor.deliver.keys import idempotency_key
from monitor.deliver.plugin import Direct
from monitor.deliver.redact import redact
from monitor.deliver.services import Masking, asset, filtered, open_service
from monitor.deliver.text import cut_lines, one_line, plain
from monitor.deliver.wire import Taken, watching
from monitor.domain.delivery import Accepted, Recipient
from monitor.domain.digest import Message
from monitor.errors import DeliveryError, Fault


def send(
    recipient: Recipient,
    message: Message,
    *,
    timeout: float = 60,
    arrived: Callable[[], int] = lambda: 0,
    took: Callable[[int], None] = lambda _: None,
) -> Accepted:
    """Send ``message`` to ``recipient`` by a fresh Apprise object, once, and return what was said to it.

    ``timeout`` in seconds is for the whole attempt. Raises DeliveryError, whose detail holds no secret of the URL.
    An attempt that ran out of time is ambiguous: it is not waited for any longer, and may still deliver; until it has
    ended no other to the same recipient begins. Where a message takes several posts, as many as have ``arrived`` before
    are left out, and ``took`` is told of each that arrives.
    """
    try:
        accepted = _attempt(recipient, message, timeout, arrived, took)
        return Accepted(redact(accepted.said, recipient.url), accepted.code)
    except DeliveryError as error:
        clean = error.reworded(redact(error.detail, recipient.url))
    # Raised outside of the handler: a chained traceback would show the words before the masking.
    raise clean


def _attempt(
    recipient: Recipient,
    message: Message,
    timeout: float,
    arrived: Callable[[], int],
    took: Callable[[int], None],
) -> Accepted:
    if hangs(recipient.id):
        raise DeliveryError("an attempt before this one still waits for its answer; nothing was sent", code="hangs")
    service, body, title, body_format = _prepare(recipient, message)
    if isinstance(service, Direct):
        # Asked for only now: while an attempt before this one went on, more of them may have arrived.
        service.parts, service.took = arrived(), took
    courier = Apprise(asset=asset())
    courier.add(service)

    def notify() -> tuple[AppriseResult, Sequence[DeliveryError | Taken]]:
        with filtered(Masking(recipient.url)), watching() as seen:
            return courier.notify(body=body, title=title, body_format=body_format), seen

    ended = within(timeout, recipient.id, notify)
    if isinstance(service, Direct) and service.receipt is not None:
        return service.receipt  # what hangs is the good-bye
    if ended is None:
        detail = f"not finished within {timeout:g} s; the message may have arrived"
        raise DeliveryError(detail, ambiguous=True, code="timeout")
    result, seen = ended
    if isinstance(service, Direct):
        raise _direct(service, result)
    _check_stock(result, seen)
    last = seen[-1] if seen else None
    if not isinstance(last, Taken):
        return Accepted(f"{service.service_name} accepted it")
    return Accepted(
        f"{service.service_name} accepted it ({' '.join((str(last.status), last.text)).strip()})", str(last.status)
    )


def _prepare(recipient: Recipient, message: Message) -> tuple[NotifyBase, str, str, NotifyFormat | None]:
    """Open the plugin and choose what it is given: service, body, title, format."""
    try:
        service = open_service(recipient.url)
        if isinstance(service, Direct):
            service.message, service.recipient_id = message, recipient.id
            return service, message.key, "", None
        _mark(service, message, recipient)
        title = one_line(message.subject, service.title_maxlen if service.title_maxlen > 0 else 250)
        merged = service.title_maxlen <= 0
        if (
            _wants_html(service, recipient.url)
            and not message.rest  # a page with a file beside it, which only mail has: the text is whole
            and _fits(message.html, service.body_maxlen, title if merged else "")
        ):
            return service, message.html, html.escape(title) if merged else title, NotifyFormat.HTML
        service = open_service(recipient.url, as_text=True)
        _mark(service, message, recipient)
        if form := fitted(service, recipient.url, message, title):
            return service, *form
    except ValueError as error:
        raise DeliveryError(str(error), permanent=True, fault=Fault.OURS) from error
    room = service.body_maxlen - (len(title) + 2 if merged else 0) if service.body_maxlen > 0 else 0
    text = plain(message.text)
    if service.resolve_format(NotifyFormat.TEXT) == NotifyFormat.HTML:
        # Apprise makes HTML of the text (Telegram), where a line ends in two characters.
        text = cut_lines(text.replace("\n", "\r\n"), room).replace("\r", "")
    return service, cut_lines(text, room) or title, title, NotifyFormat.TEXT


def _wants_html(service: NotifyBase, url: str) -> bool:
    """Tell whether the URL says ``format=html`` and the service can do it: only then HTML wins over text."""
    asked = re.search(r"[?&]format=html(&|$)", url, re.IGNORECASE)
    return asked is not None and service.resolve_format(NotifyFormat.HTML) == NotifyFormat.HTML


def _fits(body: str, limit: int, title: str) -> bool:
    return limit <= 0 or len(body) + len(title) + 30 <= limit


def _mark(service: NotifyBase, message: Message, recipient: Recipient) -> None:
    """Give a webhook of the user's own (json, xml, form) the key by which it can drop a repeat."""
    if isinstance(service, NotifyJSON | NotifyXML | NotifyForm):
        service.headers.setdefault("Idempotency-Key", idempotency_key(message.key, recipient.id))


def _direct(service: Direct, result: AppriseResult) -> Exception:
    """Say why one of our plugins left no receipt."""
    _check_match(result)
    return service.failure or DeliveryError("Apprise did not call the plugin", permanent=False)


def _check_stock(result: AppriseResult, seen: Sequence[DeliveryError | Taken]) -> None:
    """Raise the last error that the stock plugin met on the wire, or what it logged."""
    if result.status == AppriseResultStatus.SUCCESS:
        return
    _check_match(result)
    errors = [outcome for outcome in seen if isinstance(outcome, DeliveryError)]
    if errors:
        raise errors[-1]
    said = "; ".join(dict.fromkeys(one_line(str(entry.message), 200) for entry in result.logs()))
    raise DeliveryError(f"the service did not take it ({said or 'it gave no reason'})")


def _check_match(result: AppriseResult) -> None:
    if result.status == AppriseResultStatus.NOMATCH:
        raise DeliveryError("Apprise found no service behind this URL", permanent=True, fault=Fault.OURS)

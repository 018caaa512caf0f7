# mypy: untyped-calls-exclude=apprise
"""Slack: an Apprise plugin that posts Block Kit messages to an incoming webhook.

The stock plugin puts a whole body into one section, which Slack cuts off at 3,000 characters (``invalid_blocks``), and
its host is fixed. URL forms as there: ``slack://TokenA/TokenB/TokenC[/#channel]`` or the address that Slack gives
(``https://hooks.slack.com/services/…``). ``?endpoint=http://127.0.0.1:8065`` takes the place of
``https://hooks.slack.com``, for servers that speak Slack's webhooks; the path stays ``/services/A/B/C``.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.slack import NotifySlack, SlackMode

from monitor.deliver.plugin import Direct
from monitor.deliver.text import cut_lines, escape_slack, one_line, plain
from monitor.deliver.wire import answer_error, request_error
from monitor.domain.delivery import Accepted
from monitor.domain.digest import Message
from monitor.errors import DeliveryError

# https://docs.slack.dev/changelog/2018-truncating-really-long-messages: longer texts are cut off by Slack.
TEXT_LIMIT = 40_000


def payloads(message: Message) -> tuple[Mapping[str, object], ...]:
    """Make the posts of a message: its blocks with the subject as ``text``, or the text alone where it has no blocks.

    ``text`` is what a notification shows, and what a client shows that knows no blocks.
    """
    quiet = {"unfurl_links": False, "unfurl_media": False}
    if not message.blocks:
        body = f"{one_line(message.subject)}\n\n{plain(message.text)}"
        return ({"text": cut_lines(escape_slack(body), TEXT_LIMIT), **quiet},)
    total = len(message.blocks)
    subject = escape_slack(one_line(message.subject))
    return tuple(
        {
            "text": subject if total == 1 else f"{subject} ({number}/{total})",
            "blocks": [dict(block) for block in blocks],
            **quiet,
        }
        for number, blocks in enumerate(message.blocks, start=1)
    )


class SlackPlugin(Direct, NotifySlack):  # type: ignore[misc]  # send() ignores Apprise's title and body
    """A message to one incoming webhook, one post a message of blocks.

    When a later post fails after an earlier one was taken, the error says so, and a retry sends the others only.

    Raises AppriseImproperlyConfigured for bot tokens, workflows, several channels, or an endpoint that is no address.
    """

    def __init__(self, endpoint: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        if self.mode not in {SlackMode.WEBHOOK, SlackMode.WEBHOOK_GOV}:
            raise AppriseImproperlyConfigured("only incoming webhooks are supported (slack://TokenA/TokenB/TokenC)")
        if len(self.channels) > 1:
            raise AppriseImproperlyConfigured("it names several channels; write one URL for each channel")
        base = self.webhook_url if self.mode == SlackMode.WEBHOOK else self.webhook_gov_url
        self.address = f"{_endpoint(endpoint)}/services" if endpoint else base

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:  # type: ignore[override]
        """Read what the stock plugin reads, and ``endpoint=``."""
        results: dict[str, Any] | None = NotifySlack.parse_url(url)
        if results:
            results["endpoint"] = NotifySlack.unquote(results["qsd"].get("endpoint", "")) or None
        return results

    @property
    def label(self) -> str:
        tokens = "/".join(str(NotifySlack.pprint(token, True)) for token in (self.token_a, self.token_b, self.token_c))
        return f"slack://{tokens}" + (f"/{self.channels[0]}" if self.channels[0] else "")

    def deliver(self, message: Message) -> Accepted:
        posts = payloads(message)
        for number, post in enumerate(posts, start=1):
            if number <= self.parts:
                continue
            try:
                self._post(post)
            except DeliveryError as error:
                raise _partly(error, number, len(posts)) from error
            self.took(number)
        return Accepted("ok" if len(posts) == 1 else f"ok, {len(posts)} posts", "200")

    def _post(self, payload: Mapping[str, object]) -> None:
        body: dict[str, Any] = dict(payload)
        if self.channels[0]:
            body["channel"] = _channel(self.channels[0])
        if self.user:
            body["username"] = self.user
        try:
            response = requests.post(
                f"{self.address}/{self.token_a}/{self.token_b}/{self.token_c}",
                json=body,
                headers={"User-Agent": self.app_id},
                timeout=self.request_timeout,
                verify=self.verify_certificate,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise request_error(error) from error
        if failure := answer_error(response):
            raise failure
        word = response.text[:200].strip()
        if word != "ok":
            detail = f"the server answered {response.status_code} without Slack's ok: {one_line(word, 200)}"
            raise DeliveryError(detail, ambiguous=True, code=str(response.status_code))


def _partly(error: DeliveryError, number: int, total: int) -> DeliveryError:
    if number == 1:
        return error
    taken = "the first post has" if number == 2 else f"the first {number - 1} posts have"
    return error.reworded(f"post {number} of {total}: {error.detail}; {taken} arrived, and a retry leaves them out")


def _endpoint(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise AppriseImproperlyConfigured("endpoint= must be an address such as http://127.0.0.1:8065")
    return endpoint.rstrip("/")


def _channel(channel: str) -> str:
    """Name a channel as Slack does: ``+C0123`` is an id, ``@name`` a person, everything else a channel."""
    if channel.startswith("+"):
        return channel[1:]
    return channel if channel[0] in "#@" else f"#{channel}"

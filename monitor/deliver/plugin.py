"""What the plugins of our own share: they get the whole message, and say how it went by more than a bool.

Apprise hands a plugin one title and one body in one format and keeps of the outcome only True or False. A `Direct`
plugin is given the frozen message before Apprise calls it, and leaves its receipt or its error on itself.
"""

from collections.abc import Callable
from typing import Any

from monitor.domain.delivery import Accepted
from monitor.domain.digest import Message
from monitor.errors import DeliveryError


class Direct:
    """A mix-in before an Apprise plugin class; the subclass writes `deliver` and `label`."""

    message: Message | None = None
    recipient_id: str = ""
    parts: int = 0
    """How many parts of the message have arrived by attempts before this one."""
    took: Callable[[int], None] = staticmethod(lambda _: None)
    """To be called with the number of parts that have arrived, after each."""
    receipt: Accepted | None = None
    failure: Exception | None = None

    @property
    def label(self) -> str:
        """Where it goes, without secrets: fit for status."""
        raise NotImplementedError

    def deliver(self, message: Message) -> Accepted:
        """Send ``message`` and return what was said to it; raise DeliveryError where it was not surely taken."""
        raise NotImplementedError

    def send(self, body: str, title: str = "", **_: Any) -> bool:  # noqa: ARG002 (Apprise's signature)
        """Answer Apprise's call; its title and body are not used."""
        if self.message is None:
            raise RuntimeError("a Direct plugin is sent through monitor.deliver.channel.send, which gives it a message")
        try:
            self.receipt = self.deliver(self.message)
        except DeliveryError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 (Apprise turns what a plugin raises into False; channel.send raises it again)
            self.failure = error
        return self.failure is None

"""What `monitor check` says of the door before it is opened."""

import http.client
from collections.abc import Iterator

from monitor.deliver.unsubscribe import PATH, address_of
from monitor.errors import ConfigError
from monitor.settings.model import Settings
from monitor.web.door import bind
from monitor.web.leave import SERVER

_TIMEOUT = 3.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where everywhere is listened on, here is


def look_ahead(settings: Settings) -> Iterator[str]:
    """Give warnings; raises ConfigError where the daemon could not listen. A daemon that runs may hold the port."""
    base, listen = settings.options.mail.base_url, settings.options.web.listen
    if base and not listen:
        yield f"monitor.toml: mails lead to {base}{PATH}, and web.listen is empty: something else must answer there"
    if not listen:
        return
    if not base:
        yield "monitor.toml: web.listen is set, and no mail leads there: mail.base_url is empty"
    try:
        bind(settings).close()
    except ConfigError:
        if not _is_ours(*address_of(listen)):
            raise


def _is_ours(host: str, port: int) -> bool:
    """Say whether a daemon of ours answers at an address."""
    asking = http.client.HTTPConnection(_ANY.get(host, host), port, timeout=_TIMEOUT)
    try:
        asking.request("HEAD", PATH)
        return asking.getresponse().getheader("Server") == SERVER
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()

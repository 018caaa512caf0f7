# mypy: untyped-calls-exclude=apprise
"""Apprise, set up our way: our plugins registered, its options fixed, its loggers kept from telling secrets."""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from apprise import Apprise, AppriseAsset
from apprise.exception import AppriseImproperlyConfigured
from apprise.manager_plugins import NotificationManager
from apprise.plugins import url_to_dict
from apprise.plugins.base import NotifyBase

from monitor.deliver import wire
from monitor.deliver.files import FilesPlugin
from monitor.deliver.mail import DISPLAY_NAME, MailPlugin
from monitor.deliver.redact import mask, secret_parts
from monitor.deliver.slack import SlackPlugin

# Seconds for an answer by HTTP. Apprise's own 4 s reports a failure for what a slow server then accepts.
READ_TIMEOUT = 20.0
CONNECT_TIMEOUT = 10.0

_PLUGINS: tuple[tuple[type[NotifyBase], tuple[str, ...]], ...] = (
    (MailPlugin, ("mailto", "mailtos")),
    (SlackPlugin, ("slack",)),
    (FilesPlugin, ("folder",)),
)
_registering = threading.Lock()


def register() -> NotificationManager:
    """Put our plugins in place of the stock ones, once a process, and return Apprise's table of schemes."""
    manager = NotificationManager()
    with _registering:
        for plugin, schemes in _PLUGINS:
            if any(scheme not in manager or manager[scheme] is not plugin for scheme in schemes):
                manager.add(plugin, schemas=list(schemes), force=True)
        wire.install()
    return manager


def asset() -> AppriseAsset:
    """Return Apprise's settings: no redirects, templates, emojis or stored state; the call sets the time limit."""
    return AppriseAsset(
        app_id=DISPLAY_NAME,
        app_desc=DISPLAY_NAME,
        app_url="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        secure_logging=True,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
        service_timeout=0,
        allow_templates=False,
    )


def open_service(url: str, *, as_text: bool = False) -> NotifyBase:
    """Make a fresh plugin object for ``url``; ``as_text`` drops a ``format=`` of the URL.

    Raises ValueError with a sentence that says what is wrong and holds no secret of the URL.
    """
    manager = register()
    scheme = _scheme(url)
    with silenced():
        results = _parse(url, scheme, manager)
        results |= {"retry": 0, "optional": False, "redirect": False, "overflow": "upstream"}
        for option in ("wait", "emojis", "tag", *(["format"] if as_text else [])):
            results.pop(option, None)
        _time_limit(results, "rto", READ_TIMEOUT)
        _time_limit(
            results, "cto", MailPlugin.socket_connect_timeout if scheme.startswith("mailto") else CONNECT_TIMEOUT
        )
        service = _build(url, scheme, results)
    if service is None:
        raise ValueError(f"{scheme}:// needs a package that is not installed: {manager[results['schema']].setup_url}")
    if len(service) > 1:
        raise ValueError(f"this {scheme}:// URL names several recipients; write one URL for each")
    return service


def pin_loggers() -> None:
    """Keep Apprise's and urllib3's loggers from DEBUG, where they write whole URLs with their tokens."""
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() < logging.INFO:
            logger.setLevel(logging.INFO)


@contextmanager
def filtered(change: logging.Filter) -> Iterator[None]:
    """Have ``change`` on Apprise's logger for a while."""
    logger = logging.getLogger("apprise")
    pin_loggers()
    logger.addFilter(change)
    try:
        yield
    finally:
        logger.removeFilter(change)


class Masking(logging.Filter):
    """Masks the secrets of one URL in Apprise's log lines, before any handler sees them."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._secrets = secret_parts(url) | {url}

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage(), self._secrets), ()
        return True


@contextmanager
def silenced() -> Iterator[None]:
    """Drop what Apprise logs in this thread while it reads a URL: it repeats tokens, and we raise a sentence anyway."""
    here = threading.get_ident()
    change = logging.Filter()
    change.filter = lambda record: record.thread != here  # type: ignore[method-assign]
    with filtered(change):
        yield


def _scheme(url: str) -> str:
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,31}|46elks)://", url)
    if match is None:
        raise ValueError("this is not a URL: it must begin with a scheme, such as mailtos:// or slack://")
    return match[1].lower()


def _parse(url: str, scheme: str, manager: NotificationManager) -> dict[str, Any]:
    try:
        results = url_to_dict(url, secure_logging=True)
    except Exception:  # noqa: BLE001 (each plugin reads URLs in its own way, and may trip in its own way)
        results = None
    if results:
        return dict(results)
    if scheme in manager:
        raise ValueError(f"this {scheme}:// URL is not complete; see {manager[scheme].setup_url}")
    if scheme in {"http", "https"}:
        raise ValueError(
            "this web address belongs to no known service; write json:// or jsons:// for a webhook of your own"
        )
    near = get_close_matches(scheme, manager.schemas(), n=1)
    raise ValueError(f"no channel is called {scheme}://" + (f"; did you mean {near[0]}://?" if near else ""))


def _build(url: str, scheme: str, results: dict[str, Any]) -> NotifyBase | None:
    try:
        return Apprise.instantiate(results, asset=asset(), suppress_exceptions=False)
    except AppriseImproperlyConfigured as error:
        reason = mask(str(error), secret_parts(url) | {url})
    except Exception as error:  # noqa: BLE001 (as above)
        reason = f"Apprise stumbled over it ({type(error).__name__})"
    # Raised outside of the handlers, so that no traceback shows the plugin's own words.
    raise ValueError(f"this {scheme}:// URL cannot be used: {reason}")


def _time_limit(results: dict[str, Any], option: str, default: float) -> None:
    """Keep a time limit of the URL if it is one: above 0 and at most 300 seconds."""
    try:
        value = float(results.get(option, default))
    except (TypeError, ValueError):
        value = 0.0
    if not 0 < value <= 300:
        raise ValueError(f"{option}= must be a number of seconds above 0 and at most 300")
    results[option] = value

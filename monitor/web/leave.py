"""What is answered under ``/unsubscribe/TOKEN``: asking changes nothing, a POST takes the recipient off at once."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from traceback import extract_tb
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from monitor.app import App
from monitor.deliver.unsubscribe import PATH, bearer, tokens
from monitor.domain.delivery import Recipient, Via
from monitor.domain.digest import Subscription
from monitor.jobs import departures
from monitor.observe import fields, log
from monitor.settings.model import Settings
from monitor.web import page
from monitor.web.page import Page

SERVER = "returns-monitor"
"""What the door calls itself, so that `monitor check` knows it."""
LARGEST = 4096
"""Bytes of a body; the one that counts has 26, or some 200 as multipart."""
_METHODS = ("GET", "HEAD", "POST")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_HEADERS = {
    "Server": SERVER,
    "Cache-Control": "no-store",
    "Content-Security-Policy": page.policy(),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
T = TypeVar("T")


class Holder(NamedTuple):
    """Whose a link is, and of which subscription."""

    subscription: Subscription
    recipient: Recipient


@dataclass(slots=True)
class Answering:
    """Answers requests by the config that is in force: ``app`` gives it."""

    app: Callable[[], App]
    _known: tuple[Settings, Mapping[str, Holder]] | None = field(default=None, repr=False)

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        """Answer one request; the connection ends with it."""
        try:
            response = await self._answer(request)
        except web.HTTPRequestEntityTooLarge:
            response = _plain(413, f"The body has more than {LARGEST} bytes.")
        except Exception as error:  # noqa: BLE001 - the seam: aiohttp would tell a stranger what it is made of
            log.error(fields("web", outcome="crashed", error=_told(error)))
            response = _plain(500, "This did not work, by our fault; nothing was changed.")
        response.headers.update(_HEADERS)
        response.force_close()
        log.debug(fields("web", method=request.method, status=response.status))
        return response

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.method not in _METHODS:
            response = _plain(405, "This address is asked by GET, HEAD or POST.")
            response.headers["Allow"] = ", ".join(_METHODS)
            return response
        app = self.app()
        holder = self._holder(app.settings, request.rel_url.raw_path)
        if holder is None:
            return _html(404, page.lost(page.spoken_by(request.headers.get("Accept-Language", ""))))
        via = await _asked(request) if request.method == "POST" else None
        if isinstance(via, web.Response):
            return via
        title, language = holder.subscription.title, holder.subscription.headings
        try:
            left = await _aside(lambda: _obey(app, holder, via))
        except Exception as error:  # noqa: BLE001 - the seam: a database that is down is no reader's fault
            log.error(fields("leave", subscription=holder.subscription.name, outcome="crashed", error=_told(error)))
            response = _said(503, page.later(language), via)
            response.headers["Retry-After"] = "300"
            return response
        return _said(200, page.done(title, language) if left else page.asking(title, language), via)

    def _holder(self, settings: Settings, path: str) -> Holder | None:
        """Find whose link a path is, with the path of `mail.base_url` before it or, where a proxy takes that off,
        without."""
        prefix = urlsplit(settings.options.mail.base_url).path
        path = path.removeprefix(prefix) if path.startswith(f"{prefix}{PATH}") else path
        if not path.startswith(PATH):
            return None
        if self._known is None or self._known[0] is not settings:
            self._known = (settings, _holders(settings))
        return bearer(path.removeprefix(PATH), self._known[1])


def _holders(settings: Settings) -> Mapping[str, Holder]:
    return {
        value: Holder(subscription, recipient)
        for subscription in settings.subscriptions.values()
        for value, recipient in tokens(
            settings.options.mail, subscription.name, departures.addressed(settings, subscription)
        ).items()
    }


def _obey(app: App, holder: Holder, via: Via | None) -> bool:
    """Do what is asked; returns whether the recipient is off the subscription."""
    if via is None:
        return departures.has_left(app, holder.subscription.name, holder.recipient)
    departures.leave(app, holder.subscription.name, holder.recipient, via)
    return True


async def _asked(request: web.BaseRequest) -> Via | web.Response:
    """Read the body of a POST: whether a mail program or our page sends it, or why it is refused."""
    if request.content_type not in _FORMS:
        return _plain(415, f"The body must be {' or '.join(_FORMS)}.")
    if request.content_length is not None and request.content_length > LARGEST:
        raise web.HTTPRequestEntityTooLarge(LARGEST, request.content_length)
    try:
        form = await request.post()
    except web.HTTPException:
        raise
    except Exception:  # noqa: BLE001 - the seam: aiohttp has many words for a stranger's broken form
        form = None
    if form is not None and form.get("List-Unsubscribe") == "One-Click":
        return Via.ONE_CLICK
    if form is not None and form.get("leave") == "page":
        return Via.PAGE
    return _plain(400, 'Nothing was changed: the body must say "List-Unsubscribe=One-Click".')


async def _aside(work: Callable[[], T]) -> T:
    """Do what waits for the database in a thread that keeps no process alive, as those of a pool would."""
    loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def tell(result: T | None, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as caught:  # noqa: BLE001 - it is raised where it is waited for
            error = caught
        with suppress(RuntimeError):  # the door has closed meanwhile, and nobody waits any more
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="web-work", daemon=True).start()
    found: T = await done
    return found


def _told(error: Exception) -> str:
    """Name an error by its kind and place: its own words may hold an address."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.name}:{last.lineno}"


def _said(status: int, said: Page, via: Via | None) -> web.Response:
    """Answer a mail program in a sentence, and a person with a page."""
    return _plain(status, said.sentence) if via is Via.ONE_CLICK else _html(status, said)


def _html(status: int, said: Page) -> web.Response:
    response = web.Response(status=status, text=said.html(), content_type="text/html", charset="utf-8")
    response.headers["Content-Language"] = said.tongue.code
    return response


def _plain(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n", content_type="text/plain", charset="utf-8")

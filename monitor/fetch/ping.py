"""A sign of life to a service that raises an alarm when it stops coming, behind the same guard as feeds."""

import asyncio
from datetime import timedelta

import aiohttp

from monitor.domain.feed import Manner
from monitor.errors import FetchError, Severity
from monitor.fetch.client import user_agent
from monitor.fetch.connections import Connections
from monitor.fetch.failures import classified, refused, told
from monitor.fetch.manner import as_given
from monitor.fetch.options import PingOptions

_PATIENCE = timedelta(seconds=20)


async def ping(options: PingOptions, body: str, *, contact: str = "") -> int:
    """Call the address of ``options`` once, with ``body`` where it is to be a POST; returns the status, a 2xx.

    Redirects are not followed, since the address is a secret. Raises FetchError; BlockedAddress where the guard
    refuses.
    """
    headers = {"User-Agent": user_agent(contact)}
    seconds = _PATIENCE.total_seconds()
    connections = Connections(allow_private=options.allow_private, headers=headers, connect_timeout=seconds)
    try:
        async with asyncio.timeout(seconds):
            return await _call(connections, options, body)
    except TimeoutError as error:
        raise FetchError("timeout", f"no answer within {seconds:g} s", Severity.TEMPORARY) from error
    except aiohttp.ClientError as error:
        raise classified(error) from error
    except (ValueError, OSError) as error:
        raise FetchError("connect", told(type(error).__name__), Severity.TEMPORARY) from error
    finally:
        await connections.close()


async def _call(connections: Connections, options: PingOptions, body: str) -> int:
    data = body.encode() if options.method == "POST" else None
    session = connections.session(Manner())
    async with session.request(options.method, as_given(options.url), data=data, allow_redirects=False) as response:
        if not 200 <= response.status < 300:
            raise refused(response.status, response.reason or "", None)
        return response.status

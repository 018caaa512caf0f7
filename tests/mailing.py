"""SMTP servers of tests, and how they end."""

import asyncio

from aiosmtpd.controller import Controller


def stop(controller: Controller) -> None:
    """Stop a server once its connections have ended.

    aiosmtpd cancels them and closes its loop without waiting, so that now and then a task is destroyed while it is
    pending, and the next test fails by the warning.
    """
    asyncio.run_coroutine_threadsafe(_end_connections(), controller.loop).result(30)
    controller.stop()


async def _end_connections() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # what they closed is closed in the next round of the loop

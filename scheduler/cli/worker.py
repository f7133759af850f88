"""``zaesur worker``: a poller on another host."""

from __future__ import annotations

import click

from scheduler.cli.options import distributed, say


@click.command(epilog="Example: zaesur worker --postgres postgresql://zaesur@db.example/zaesur")
@click.option("--postgres", metavar="DSN", envvar="ZAESUR_POSTGRES", required=True, help="Where polls are handed out.")
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=4, show_default=True, help="Outlets polled at a time."
)
def worker(postgres: str, concurrency: int) -> int:
    """Poll outlets for a service started with ``zaesur run --postgres``; keeps no records of its own."""
    import asyncio

    from crawler import crawling
    from scheduler.service import stop_when_told

    tasks = distributed()

    async def forever() -> None:
        stop = asyncio.Event()
        async with tasks.opened(postgres) as (app, _):
            stop_when_told(stop)
            say(f"Polling up to {concurrency} outlets at a time. Stop with Ctrl-C.")
            await tasks.until_told(tasks.lasting(lambda: tasks.work(app, concurrency=concurrency), say), stop)

    crawling.run(forever())
    say("Stopped; polls that were not finished are taken up by other workers.")
    return 0

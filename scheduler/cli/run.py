"""``zaesur run``: the service."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from scheduler.cli.options import configured, database, keep_all, postgres, say
from storage.types import Outcome

_LOOKS = frozenset(outcome.value for outcome in Outcome)


@click.command(epilog="Example: zaesur run --serve")
@click.option("--once", is_flag=True, help="Do what is due and end (for cron).")
@click.option("--serve", is_flag=True, help="Show the reports in a browser beside it.")
@click.option("--port", type=click.IntRange(0, 65535), default=8730, show_default=True, help="Port of --serve.")
@keep_all
@postgres
@database
@configured
def run(
    db: Path, config: Path | None, *, once: bool, serve: bool, port: int, postgres: str | None, keep_all: bool
) -> int:
    """Discover, revisit and compare until stopped; a restart needs nothing."""
    from crawler import crawling
    from scheduler.configuration import find, load
    from scheduler.service import Service, describe, serve_beside
    from storage import Store

    configuration = load(find(db, config))
    with Store.open(db) as store:
        store.keep_all = keep_all
        if postgres and not once:
            return _hand_out(store, postgres, configuration)
        service = Service(store, say, configuration)
        if once:
            counts = crawling.run(service.once())
            say(describe(counts) or "Nothing was due.")
            looked = {name: number for name, number in counts.items() if name in _LOOKS}
            seen = sum(looked.get(name, 0) for name in ("new", "changed", "unchanged", "not-modified", "gone"))
            return 1 if looked and not seen else 0
        if serve:
            serve_beside(db, port)
        greeting = f"Watching; {len(store.followed())} articles and {len(store.feeds())} sources. Stop with Ctrl-C."
        crawling.run(service.forever(greeting))
    say("Stopped; everything seen is recorded.")
    return 0


def _hand_out(store: Any, dsn: str, configuration: Any) -> int:
    """Keep the records of what workers elsewhere bring."""
    from crawler import crawling
    from scheduler.cli.options import distributed
    from scheduler.service import Service

    module = distributed()

    async def main() -> None:
        async with module.opened(dsn) as (app, keeper):
            desk = module.Desk(store, app, keeper, configuration)
            service = Service(store, say, configuration, revisit=lambda _: desk.hand_out())
            taking = asyncio.create_task(module.lasting(desk.take_in, service.noted))
            followed = len(store.followed())
            try:
                await service.forever(
                    f"Handing out; {followed} articles. Start zaesur worker where pages shall be fetched."
                )
            finally:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

    crawling.run(main())
    say("Stopped; everything brought is recorded.")
    return 0

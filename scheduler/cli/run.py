"""``zaesur run``: the service."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import configured, database, say


@click.command(epilog="Example: zaesur run --serve")
@click.option("--once", is_flag=True, help="Do what is due and end (for cron).")
@click.option("--serve", is_flag=True, help="Show the reports in a browser beside it.")
@click.option("--port", type=click.IntRange(0, 65535), default=8730, show_default=True, help="Port of --serve.")
@database
@configured
def run(db: Path, config: Path | None, *, once: bool, serve: bool, port: int) -> int:
    """Discover, revisit and compare until stopped; a restart needs nothing."""
    from crawler import crawling
    from scheduler.configuration import find, load
    from scheduler.service import Service, describe, serve_beside
    from storage import Store

    configuration = load(find(db, config))
    with Store.open(db) as store:
        service = Service(store, say, configuration)
        if once:
            counts = crawling.run(service.once())
            say(describe(counts) or "Nothing was due.")
            looked = {name: number for name, number in counts.items() if name not in ("discovered", "hinted")}
            seen = sum(looked.get(name, 0) for name in ("new", "changed", "unchanged", "not-modified", "gone"))
            return 1 if looked and not seen else 0
        if serve:
            serve_beside(db, port)
        say(f"Watching; {len(store.followed())} articles and {len(store.feeds())} sources. Stop with Ctrl-C.")
        crawling.run(service.forever())
    say("Stopped; everything seen is recorded.")
    return 0

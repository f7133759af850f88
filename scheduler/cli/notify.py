"""``zaesur notify``: tell people."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from scheduler.cli.options import as_json, configured, database, emit, say
from scheduler.configuration import Configuration
from storage.errors import UserError


@click.command(epilog="Example: zaesur notify --dry-run")
@click.option("--dry-run", is_flag=True, help="Say what would be told; nothing is sent or noted.")
@click.option("--test", is_flag=True, help="Send a test message to every channel.")
@click.option("--all", "everything", is_flag=True, help="Tell also of changes from before a channel was configured.")
@database
@configured
@as_json
def notify(db: Path, config: Path | None, *, dry_run: bool, test: bool, everything: bool, as_json: bool) -> int:
    """Tell people of the changes they asked for; the service does the same every half minute.

    A channel begins with the changes recorded after it was first seen here. Each change is told to a channel once.
    """
    from scheduler.configuration import find, load

    configuration = load(find(db, config))
    if not configuration.notify.channels:
        raise UserError("no channel is configured; nobody was told. Describe one under [notify.channels.NAME]")
    if test:
        return _test(configuration)
    return _preview(db, configuration, everything, as_json) if dry_run else _tell(db, configuration, everything)


def _tell(db: Path, configuration: Configuration, everything: bool) -> int:
    from scheduler.notifying import deliver, gather, write
    from scheduler.service import describe
    from storage import Store

    with Store.open(db) as store:
        counts = gather(store, configuration, at_first=0 if everything else None)
        write(store, configuration, datetime.now(UTC))
        counts += asyncio.run(deliver(store, configuration, datetime.now(UTC)))
        problems = [row for row in store.outbox() if row["problem"]]
    say(describe(counts) or "Nothing to tell.")
    for row in problems:
        say(f"zaesur: channel {row['channel']}: {row['problem']}; kept, and tried again later")
    return 1 if problems else 0


def _preview(db: Path, configuration: Configuration, everything: bool, as_json: bool) -> int:
    from reports.data import change_row
    from scheduler.notifying import would_tell
    from storage import Store

    with Store.open(db, write=False) as store:
        rows: list[dict[str, Any]] = [
            {"channel": channel, "rule": rule, "folded": folded, **change_row(change)}
            for channel, rule, change, folded in would_tell(store, configuration, everything=everything)
        ]
        waiting = {row["channel"]: row["unsent"] + row["waiting"] for row in store.outbox()}
    if as_json:
        emit(rows)
        return 0
    from reports.views import shown

    for row in rows:
        note = f" ({row['folded']})" if row["folded"] else ""
        click.echo(f"{row['channel']}  {row['id']}  {row['weight']}  {shown(row['headline'])}: {row['summary']}{note}")
    say(f"{len(rows)} changes would be told; {sum(waiting.values())} wait already. Nothing was sent.")
    return 0


def _test(configuration: Configuration) -> int:
    from scheduler.notifying import test_channels

    failed = 0
    for name, problem in asyncio.run(test_channels(configuration)):
        failed += problem is not None
        click.echo(f"{name}: {problem or 'delivered'}")
    return 1 if failed else 0

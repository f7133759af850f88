"""``zaesur events``: what happened to articles beside edits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from scheduler.cli.options import as_json, database, emit, say, since


@click.command(epilog="Example: zaesur events --since 7d --kind gone")
@since
@click.option("--article", metavar="ID", help="Only this article (id or URL).")
@click.option(
    "--kind", metavar="KIND", help="Only this kind: missing-once, gone, back, address, rebaselined, not-read-again, ..."
)
@database
@as_json
def events(since: datetime | None, article: str | None, kind: str | None, db: Path, *, as_json: bool) -> None:
    """List what happened to articles beside edits: missing, gone, back, another address, read anew or not readable any more, taken down."""
    from reports.events import event_row, told
    from scheduler.following import require
    from storage import Store
    from storage.types import EventKind

    if kind is not None and kind not in set(EventKind):
        raise click.UsageError(f"no kind {kind!r}; the kinds are: {', '.join(EventKind)}")
    with Store.open(db, write=False) as store:
        found = store.events(
            article=require(store, article).id if article else None,
            kinds=[EventKind(kind)] if kind else (),
            since=since,
        )
    if as_json:
        emit(event_row(event) for event in found)
        return
    for event in found:
        click.echo(f"{event.at:%Y-%m-%d %H:%M} UTC  {event.article or '-':<14}  {told(event)}")
    if not found:
        say("No events recorded that match.")

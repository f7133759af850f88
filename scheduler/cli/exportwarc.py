"""``zaesur export warc``: the looks in the standard format of web archives."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from scheduler.cli.options import database, say, since


@click.command(epilog="Example: zaesur export warc looks.warc.gz --since 2026-11-01")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--article", metavar="ARTICLE", help="Only the looks at this article (its id, number or URL).")
@since
@database
def warc(file: Path, article: str | None, since: datetime | None, db: Path) -> None:
    """Write the looks as WARC 1.1 to FILE (.warc or .warc.gz), or into the folder FILE under a name of its own.

    Each page is written as it was served, with its request and its whole record; SHA-256 digests throughout.
    """
    from reports.warc import export
    from scheduler.following import require
    from storage import Store

    with Store.open(db, write=False) as store:
        wanted = require(store, article).id if article else None
        written = export(store, file, article=wanted, since=since)
    click.echo(str(written.path))
    say(
        f"{written.looks} looks: {written.pages} pages as served, {written.revisits} repeated or not modified, "
        f"{written.bare} records without a page."
    )

"""``zaesur export evidence``: one change as a bundle for a third party."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database, number, say


@click.command(epilog="Example: zaesur export evidence 17 change-17")
@click.argument("change", type=number)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@database
def evidence(change: int, folder: Path, db: Path) -> None:
    """Write all that proves CHANGE into DIR: pages as served, records, texts, differences, a statement, a verifier.

    DIR must be new or empty. Whoever gets it checks it with Python alone: python3 -I -S DIR/verify.py
    """
    from reports.evidence.bundle import write
    from scheduler.evidence import gather
    from scheduler.reading import ready

    with ready(db) as store:
        digest = write(gather(store, change), folder)
    click.echo(str(folder))
    say(
        f"Check it with: python3 -I -S {folder / 'verify.py'}\nDigest of its manifest, to be told by another way: {digest}"
    )

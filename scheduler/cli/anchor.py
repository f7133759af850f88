"""``zaesur anchor``: what the chain is now, to be told to others."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database, say


@click.command(epilog="Example: zaesur anchor /elsewhere/anchor.json --tsa https://tsa.example.org/tsr")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--tsa", metavar="URL", envvar="ZAESUR_TSA", help="Have it stamped by this time-stamping authority (RFC 3161)."
)
@database
def anchor(file: Path | None, tsa: str | None, db: Path) -> None:
    """Print what the chain of records is now: its size, its newest hash, the root of its Merkle tree, the newest seal.

    Kept elsewhere (FILE, or a folder), or told to others, it shows later whether records were altered, or cut off at the end:
    zaesur verify --anchor FILE. The time stamp is written beside it (FILE.tsr). Nothing of the articles is in it.
    """
    from scheduler.anchoring import anchored, write

    made, kept = anchored(db, tsa)
    click.echo(made.data.decode(), nl=False)
    for path in write(made, file) if file else ():
        say(f"Written to {path}")
    if not kept:
        say("The service is writing to the database, so the anchor is not kept in it.")

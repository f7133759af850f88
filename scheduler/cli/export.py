"""``zaesur export``: the reports as files."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database, language


@click.group(epilog="Example: zaesur export site public/")
def export() -> None:
    """The reports and the records as files."""


@export.command(epilog="Example: zaesur export site public/")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@language
@database
def site(directory: Path, lang: str, db: Path) -> None:
    """Write the web reports as static pages into DIRECTORY."""
    from reports.site import export as export_site
    from scheduler.comparing import compare_owed
    from scheduler.reading import ready

    with ready(db, compare_owed) as store:
        export_site(store, directory, lang)
    click.echo(f"Written to {directory}")

"""``zaesur export dataset``: the records as tables for research."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import click

from scheduler.cli.options import database, say


@click.command(epilog="Example: zaesur export dataset dw-2026")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@database
def dataset(folder: Path, db: Path) -> None:
    """Write articles, versions, changes, gaps, looks and coverage as CSV and JSON lines into the new folder DIR.

    With a data dictionary, the coverage, digests and a file to cite it by. The same records give the same bytes.
    """
    from reports.dataset import export
    from scheduler.reading import ready

    with ready(db) as store:
        counts = export(store, folder, version("zaesur"))
    click.echo(str(folder))
    say(", ".join(f"{count} {name}" for name, count in counts.items()))

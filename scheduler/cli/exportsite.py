"""``zaesur export site``: the report pages as a folder of files."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database, say


@click.command(epilog="Example: zaesur export site public --address https://corrections.example.org/")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--address", metavar="URL", default="", help="Where the folder will be found; feeds need whole addresses."
)
@database
def site(folder: Path, address: str, db: Path) -> None:
    """Write the report pages into FOLDER, the same as ``zaesur serve`` shows them.

    The folder can be opened from the disk or put on any web server. It holds the texts of the articles and their pages as served:
    whether you may publish those is for you to know.
    """
    from crawler.urls import is_usable
    from reports.site.export import export
    from scheduler.reading import ready
    from scheduler.showing import reading
    from storage.errors import UserError

    if address and (not is_usable(address) or {"?", "#"} & set(address)):  # paths are put behind it
        raise UserError(f"--address {address!r} is no web address; nothing was written")
    base = f"{address.rstrip('/')}/" if address else ""
    with ready(db) as store:
        files = export(store, reading(), folder, base=base, told=lambda files: say(f"{files} files"))
    say(f"{files} files; begin with {folder / 'index.html'}")

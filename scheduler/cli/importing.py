"""``zaesur import``: history from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import as_json, database, emit, say

if TYPE_CHECKING:
    from scheduler.importing import Imported


@click.group("import", epilog="Example: zaesur import warc crawl-2025.warc.gz")
def import_() -> None:
    """Bring in history from before you watched, or from other places."""


@import_.command(epilog="Example: zaesur import warc crawl-2025.warc.gz && zaesur changes")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@database
@as_json
def warc(files: tuple[Path, ...], db: Path, *, as_json: bool) -> int:
    """Import looks at articles from WARC files (1.0 or 1.1, plain or gzip), compare them and show them like the rest.

    Each look takes its place in time, and its record says which file it comes from. Pages of DW are taken by their address, pages
    of other outlets only when the article is known already (zaesur watch add). Importing a file again changes nothing.
    """
    from scheduler.comparing import compare_owed
    from scheduler.importing import Imported, import_warc
    from storage import Store
    from storage.errors import UserError

    failed = False
    with Store.open(db) as store:
        for file in files:
            try:
                result = import_warc(store, file)
            except UserError as error:
                result = Imported(file=str(file), problem=str(error))
            changes = compare_owed(store)
            failed |= result.problem is not None
            _tell(result, len(changes), as_json=as_json)
    return 1 if failed else 0


def _tell(result: Imported, changes: int, *, as_json: bool) -> None:
    if result.problem:
        say(f"zaesur: {result.problem}")
    row = {
        "file": result.file,
        "looks": dict(sorted(result.looks.items())),
        "known": result.known,
        "passed": dict(sorted(result.passed.items())),
        "changes": changes,
        "problem": result.problem,
    }
    if as_json:
        emit([row])
        return
    looks = ", ".join(f"{count} {name}" for name, count in sorted(result.looks.items())) or "none"
    click.echo(f"{result.file}: looks: {looks}; {result.known} known already; {changes} changes found")
    for name, count in sorted(result.passed.items()):
        say(f"  passed over: {count} {name}")

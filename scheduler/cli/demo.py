"""``zaesur demo``: the whole job, offline."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from scheduler.cli.options import console, language, say


@click.command(epilog="Example: zaesur demo --serve")
@click.option("--serve", is_flag=True, help="Leave the reports open in a browser.")
@click.option("--port", type=click.IntRange(0, 65535), default=8730, show_default=True, help="Port of --serve.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to work (else a fresh folder).")
@language
def demo(*, serve: bool, port: int, folder: Path | None, lang: str) -> None:
    """Run the whole job offline: a saved copy, a crawl of a local site, edits there, another crawl, the report."""
    from reports import terminal
    from reports.html import report
    from scheduler.comparing import pair
    from scheduler.demo import demonstrate
    from storage import Store
    from storage.errors import UserError

    where = folder or Path(tempfile.mkdtemp(prefix="zaesur-demo-"))
    where.mkdir(parents=True, exist_ok=True)
    database = where / "zaesur.db"
    if database.exists():
        raise UserError(f"{where} holds a database already; the demo wants a fresh folder, nothing was changed")
    done = demonstrate(database, say)
    terminal_console = console()
    with Store.open(database, write=False) as store:
        for change in (done.against_seed, done.against_previous):
            old, new = pair(store, change.article, change.from_version, change.to_version)
            terminal_console.rule(f"Change {change.id}", style="dim")
            terminal.show(terminal_console, change, old, new, done.article, lang)
            (where / f"change-{change.id}.html").write_text(
                report(change, old, new, done.article, lang), encoding="utf-8"
            )
    say(f"\nThe same as HTML: {where}/change-{done.against_seed.id}.html")
    say(f"Go on with: zaesur changes --db {database}")
    if serve:
        from reports.web import serve as serve_reports
        from scheduler.showing import reading

        serve_reports(database, port, reading())

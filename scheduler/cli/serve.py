"""``zaesur serve``: the reports in a browser."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import database


@click.command(epilog="Example: zaesur serve --port 8730")
@click.option("--port", type=click.IntRange(0, 65535), default=8730, show_default=True, help="0 takes a free one.")
@database
def serve(port: int, db: Path) -> None:
    """Show the reports in a browser, read-only, on this machine only."""
    from reports.web import serve as serve_reports
    from scheduler.comparing import compare_owed
    from scheduler.reading import ready

    with ready(db, compare_owed):
        pass
    serve_reports(db, port)

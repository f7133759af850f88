"""``zaesur serve``: the reports in a browser."""

from __future__ import annotations

import os
from pathlib import Path

import click

from scheduler.cli.options import database


@click.command(epilog="Example: zaesur serve --port 8730")
@click.option("--port", type=click.IntRange(0, 65535), default=8730, show_default=True, help="0 takes a free one.")
@click.option("--review", is_flag=True, help="Let readers mark changes as reviewed, confirmed or explained.")
@click.option("--expose", metavar="ADDRESS", help="Listen on this address of the machine too; needs ZAESUR_TOKEN.")
@click.option("--name", "names", metavar="HOST", multiple=True, help="A host name the reports are reached by.")
@database
def serve(port: int, db: Path, *, review: bool, expose: str | None, names: tuple[str, ...]) -> None:
    """Show the reports in a browser, on this machine only.

    With --expose others can read them: whoever knows the token in ZAESUR_TOKEN, as the password their browser asks for. Put a
    server that speaks HTTPS in front; the token travels with every request.
    """
    from reports.web import Exposure
    from reports.web import serve as serve_reports
    from scheduler.reading import ready
    from scheduler.showing import reading

    exposure = Exposure(hosts=(*names, *_addressed(expose)), token=_token() if expose or names else None)
    with ready(db):
        pass
    serve_reports(db, port, reading(), host=expose or "127.0.0.1", exposure=exposure, review=review)


def _token() -> str:
    from reports.web.access import LEAST
    from storage.errors import UserError

    token = os.environ.get("ZAESUR_TOKEN", "").strip()
    if len(token) < LEAST:
        raise UserError(
            f"reports are exposed with a token only: put one of {LEAST} or more characters into ZAESUR_TOKEN; nothing was opened"
        )
    return token


def _addressed(expose: str | None) -> tuple[str, ...]:
    """The address itself is a name, unless it means all of them."""
    if expose in (None, "0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
        return ()
    return (f"[{expose}]" if ":" in str(expose) else str(expose),)

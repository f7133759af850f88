"""``zaesur compare``: one saved copy against a page."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import as_json, console, database, emit, exit_code, language, say


@click.command(epilog="Example: zaesur compare my-copy.txt https://www.dw.com/de/ein-artikel/a-71703285")
@click.argument("saved", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("page", metavar="URL-or-FILE")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a one-file report to FILE.")
@click.option("--keep", is_flag=True, help="Keep both: import the copy, link it and record the page.")
@language
@database
@as_json
@exit_code
def compare(
    saved: Path,
    page: str,
    html: Path | None,
    lang: str,
    db: Path,
    *,
    keep: bool,
    as_json: bool,
    exit_code: bool,
) -> int:
    """Compare one SAVED copy with a page; nothing is kept unless --keep asks for it."""
    from reports import terminal
    from reports.data import change_full
    from reports.html import report
    from scheduler.oneoff import compare_copy, keep_both
    from storage.errors import UserError

    result = compare_copy(saved, page)
    if as_json:
        emit([change_full(result.change)])
    if html:
        try:
            html.write_text(report(result.change, result.old, result.new, result.article, lang), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{html}: cannot be written ({error.strerror})") from None
        say(f"Report written to {html}")
    elif not as_json:
        terminal.show(console(), result.change, result.old, result.new, result.article, lang)
    if keep:
        keep_both(db, saved, result)
        say(f"Kept in {db}; {result.article.id} is followed.")
    return 3 if exit_code and result.change.assessment.diff.changed else 0

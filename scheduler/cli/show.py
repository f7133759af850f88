"""``zaesur show``: one diff."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import as_json, console, database, emit, exit_code, language, say

if TYPE_CHECKING:
    from storage import Store
    from storage.types import Change


@click.command(epilog="Example: zaesur show a-71703285 --from seed --to latest --html report.html")
@click.argument("what", metavar="CHANGE|ARTICLE")
@click.option("--from", "from_", metavar="V", help="A version number, 'seed' or 'latest'.")
@click.option("--to", "to", metavar="V", help="A version number, 'seed' or 'latest'.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a one-file report to FILE.")
@language
@database
@as_json
@exit_code
def show(
    what: str,
    from_: str | None,
    to: str | None,
    html: Path | None,
    lang: str,
    db: Path,
    *,
    as_json: bool,
    exit_code: bool,
) -> int:
    """Show one recorded change, or any two versions of an article."""
    from reports.data import change_full
    from scheduler.reading import ready

    with ready(db) as store:
        change = (
            _recorded(store, what, from_, to) if re.fullmatch("[0-9]{1,18}", what) else _pair(store, what, from_, to)
        )
        if as_json:
            emit([change_full(change)])
        _render(store, change, html, lang, quiet=as_json)
    return 3 if exit_code and change.assessment.diff.changed else 0


def _recorded(store: Store, number: str, from_: str | None, to: str | None) -> Change:
    from storage.errors import UserError

    if from_ or to:
        raise click.UsageError("--from and --to go with an ARTICLE, not with a CHANGE")
    change = store.change(int(number))
    if change is None:
        raise UserError(f"there is no change {number}; see: zaesur changes")
    return change


def _pair(store: Store, name: str, from_: str | None, to: str | None) -> Change:
    from scheduler.comparing import on_demand
    from scheduler.following import require

    return on_demand(store, require(store, name), from_, to)


def _render(store: Store, change: Change, html: Path | None, lang: str, *, quiet: bool) -> None:
    from reports import terminal
    from reports.html import report
    from scheduler.comparing import pair
    from storage.errors import UserError

    article = store.article(change.article)
    if article is None:
        raise UserError(f"the article of change {change.id} is not in this database")
    old, new = pair(store, change.article, change.from_version, change.to_version)
    if html:
        try:
            html.write_text(report(change, old, new, article, lang, store), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{html}: cannot be written ({error.strerror}); the records are unchanged") from None
        say(f"Report written to {html}")
    elif not quiet:
        terminal.show(console(), change, old, new, article, lang, articles=store.articles_with_same(change.id))

"""``zaesur review``: an editor's marks on changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import as_json, database, emit, number, say

if TYPE_CHECKING:
    from storage.types import Review


@click.command(epilog='Example: zaesur review 17 --as explained --note "Agency correction" --who "M. Lindqvist"')
@click.argument("change", type=number, required=False)
@click.option("--as", "verdict", type=click.Choice(["reviewed", "confirmed", "explained", "open"]), help="The mark.")
@click.option("--note", default="", help="Why.")
@click.option("--who", envvar="ZAESUR_WHO", default="", help="Who says so (else ZAESUR_WHO).")
@database
@as_json
def review(change: int | None, verdict: str | None, note: str, who: str, db: Path, *, as_json: bool) -> None:
    """Mark a change, or list the marks (of one change).

    Marks are kept beside the evidence, never in it; the newest of a change counts, and "open" takes one back.
    """
    from reports.data import review_row
    from storage import Store
    from storage.reviews import record_mark
    from storage.types import Verdict

    if verdict:
        if change is None:
            raise click.UsageError("name the change to mark; see: zaesur changes")
        marks = [record_mark(db, change, Verdict(verdict), who, note)]
        say(f"Change {change} is marked {verdict}.")
    else:
        with Store.open(db, write=False) as store:
            marks = store.reviews(change)
    if as_json:
        emit(map(review_row, marks))
    elif not verdict:
        _print(marks)


def _print(marks: list[Review]) -> None:
    from reports.data import iso
    from reports.views import shown

    if not marks:
        say("No marks.")
    for mark in marks:
        note = f": {shown(mark.note)}" if mark.note else ""
        click.echo(f"{mark.change}  {mark.verdict.value}  {shown(mark.who)}  {iso(mark.at)}{note}")

"""``zaesur changes``: the recorded changes, most important first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import as_json, console, database, drawn, emit, exit_code, number, say, since

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage import Store
    from storage.types import Change


@click.command(epilog="Example: zaesur changes --since 7d --weight substantive --silent")
@since
@click.option("--weight", type=click.Choice(["cosmetic", "editorial", "substantive"]), help="At least this weight.")
@click.option("--silent", is_flag=True, help="Only changes without a note.")
@click.option("--kind", metavar="KIND", help="Only changes of this kind (number, name, quotation, headline, ...).")
@click.option("--search", metavar="TEXT", help="Only changes whose added or removed words contain TEXT.")
@click.option("--article", metavar="ID", help="Only this article (id or URL).")
@click.option("--baseline", type=click.Choice(["seed", "previous"]), help="Only against this baseline.")
@click.option("--language", "content_language", metavar="CODE", help="Only articles in this language.")
@click.option(
    "--same", metavar="CHANGE", type=number, help="Only changes to other articles that share an edit with this one."
)
@click.option("--limit", type=number, help="At most so many.")
@database
@as_json
@exit_code
def changes(
    since: datetime | None,
    weight: str | None,
    kind: str | None,
    search: str | None,
    article: str | None,
    baseline: str | None,
    content_language: str | None,
    same: int | None,
    limit: int | None,
    db: Path,
    *,
    silent: bool,
    as_json: bool,
    exit_code: bool,
) -> int:
    """List recorded changes, most important first."""
    from scheduler.reading import ready
    from storage.errors import UserError
    from storage.types import Baseline, Kind, Weight

    if kind is not None and kind not in set(Kind):
        raise click.UsageError(f"no kind {kind!r}; the kinds are: {', '.join(Kind)}")
    with ready(db) as store:
        found = store.changes(
            article=_known(store, article) if article else None,
            since=since,
            weight=Weight[weight.upper()] if weight else None,
            silent=silent,
            kind=kind,
            search=search,
            baseline=Baseline(baseline) if baseline else None,
            language=content_language,
            # what an earlier change of the same flapping told is counted there; in JSON nothing is folded
            folded=not as_json and same is None and kind != Kind.FLAPPING,
            limit=limit if same is None else None,
        )
        flaps = {
            change.id: len(store.grouped(change.id)) for change in found if Kind.FLAPPING in change.assessment.kinds
        }
        groups = {} if as_json or same is not None else store.groups(change.id for change in found)
        if same is not None:
            if store.change(same) is None:
                raise UserError(f"there is no change {same}; see: zaesur changes")
            alike = set(store.same_as(same))
            found = [change for change in found if change.id in alike][:limit]
    if as_json:
        from reports.data import change_row

        emit(change_row(change) for change in found)
    elif found:
        from reports.grouping import grouped

        _listed(*(grouped(found, groups) if same is None else (found, {})), flaps)
    else:
        say("No changes recorded that match.")
    return 3 if exit_code and found else 0


def _listed(found: Sequence[Change], articles: Mapping[int, int], flaps: Mapping[int, int]) -> None:
    if drawn():
        from reports import terminal

        terminal.changes(console(), found, articles, flaps=flaps)
    else:
        from reports.listed import plain

        for line in plain(found, articles, flaps):
            click.echo(line)


def _known(store: Store, name: str) -> str:
    from scheduler.following import require  # brings the plan with it, which a list of changes does not need

    return require(store, name).id

"""``zaesur changes``: the recorded changes, most important first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from scheduler.cli.options import as_json, console, database, emit, exit_code, say

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.command(epilog="Example: zaesur changes --since 7d --weight substantive --silent")
@click.option("--since", metavar="WHEN", help="A date, an instant, or an age such as 12h, 7d, 2w.")
@click.option("--weight", type=click.Choice(["cosmetic", "editorial", "substantive"]), help="At least this weight.")
@click.option("--silent", is_flag=True, help="Only changes without a note.")
@click.option("--kind", metavar="KIND", help="Only changes of this kind (number, name, quotation, headline, ...).")
@click.option("--search", metavar="TEXT", help="Only changes whose added or removed words contain TEXT.")
@click.option("--article", metavar="ID", help="Only this article (id or URL).")
@click.option("--baseline", type=click.Choice(["seed", "previous"]), help="Only against this baseline.")
@click.option("--language", "content_language", metavar="CODE", help="Only articles in this language.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@database
@as_json
@exit_code
def changes(
    since: str | None,
    weight: str | None,
    kind: str | None,
    search: str | None,
    article: str | None,
    baseline: str | None,
    content_language: str | None,
    limit: int | None,
    db: Path,
    *,
    silent: bool,
    as_json: bool,
    exit_code: bool,
) -> int:
    """List recorded changes, most important first."""
    from reports import terminal
    from reports.data import change_row
    from scheduler.comparing import compare_owed
    from scheduler.following import require
    from scheduler.reading import ready
    from storage.types import Baseline, Kind, Weight

    if kind is not None and kind not in set(Kind):
        raise click.UsageError(f"no kind {kind!r}; the kinds are: {', '.join(Kind)}")
    moment = _instant(since) if since else None
    with ready(db, compare_owed) as store:
        found = store.changes(
            article=require(store, article).id if article else None,
            since=moment,
            weight=Weight[weight.upper()] if weight else None,
            silent=silent,
            kind=kind,
            search=search,
            baseline=Baseline(baseline) if baseline else None,
            language=content_language,
            limit=limit,
        )
    if as_json:
        emit(change_row(change) for change in found)
    elif found:
        terminal.changes(console(), found)
    else:
        say("No changes recorded that match.")
    return 3 if exit_code and found else 0


def _instant(text: str) -> datetime:
    """Read ``--since``: an age (``12h``), a date or an instant (UTC unless it says otherwise)."""
    number, unit = text[:-1], text[-1:]
    if number.isdigit() and unit in _UNITS:
        return datetime.now(UTC) - timedelta(**{_UNITS[unit]: int(number)})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--since {text!r} is neither a date (2025-02-24) nor an age (12h, 7d, 2w)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

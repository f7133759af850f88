"""``zaesur status`` and ``zaesur doctor``: health."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.cli.options import as_json, configured, database, emit


@click.command(epilog="Example: zaesur status --json")
@database
@as_json
def status(db: Path, *, as_json: bool) -> None:
    """Show what was looked at, what failed, what was missed and whether the service runs."""
    from reports.views import shown
    from scheduler.health import figures, lines
    from storage import Store
    from storage.types import EventKind

    with Store.open(db, write=False) as store:
        row, more = store.status(), figures(store)
        gone, taken = store.gone(), store.events(kinds=[EventKind.TAKEN_DOWN])
    if as_json:
        emit([{**row, **more}])
        return
    width = max(map(len, row))
    for name, value in row.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {'-' if value is None else value}")
    for line in lines(more):
        click.echo(line)
    # the keys above are fixed; what follows is for people
    click.echo(f"{'gone':<{width}}  {', '.join(str(event.article) for event in gone) or '-'}")
    for event in taken:
        why = shown(event.facts["reason"])
        click.echo(f"{'taken down':<{width}}  {event.article} on {event.at:%Y-%m-%d} because: {why}")


@click.command(epilog="Example: zaesur doctor")
@database
@configured
@as_json
def doctor(db: Path, config: Path | None, *, as_json: bool) -> int:
    """Check this machine, the settings and the database; says what to do about each problem."""
    from reports.views import shown
    from scheduler.checkup import checks

    results = list(checks(db, config))
    if as_json:
        emit({"check": check.name, "ok": check.ok, "found": check.found, "advice": check.advice} for check in results)
    else:
        for check in results:
            click.echo(shown(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.found}"))
            if not check.ok:
                click.echo(f"     {check.advice}")
    return 0 if all(check.ok for check in results) else 1

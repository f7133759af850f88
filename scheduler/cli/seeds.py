"""``zaesur seeds``: the user's baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scheduler.cli.options import as_json, console, database, emit, say


@click.group(epilog="Example: zaesur seeds import saved/article.txt && zaesur seeds link article.txt URL")
def seeds() -> None:
    """Your baselines: saved copies of articles that later versions are compared with."""


@seeds.command("list", epilog="Example: zaesur seeds list --json")
@database
@as_json
def list_(db: Path, *, as_json: bool) -> None:
    """List the imported baselines."""
    from scheduler.baselines import seed_row
    from storage import Store

    with Store.open(db, write=False) as store:
        rows = [seed_row(seed) for seed in store.seeds()]
    if as_json:
        emit(rows)
    else:
        _table(rows)


@seeds.command("import", epilog="Example: zaesur seeds import my-copy.txt page.html")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@database
@as_json
def import_(paths: tuple[Path, ...], db: Path, *, as_json: bool) -> int:
    """Import page copies: text (.txt), saved pages (.html) or JSON lines; without PATH, the project's own seeds."""
    from scheduler.baselines import bundled, import_files, seed_row
    from storage import Store

    with Store.open(db) as store:
        results = list(import_files(store, paths or bundled()))
    for result in results:
        if result.problem:
            say(f"zaesur: {result.path}: {result.problem}")
        elif not result.created and result.seed:
            say(f"{result.path.name}: already known as seed {result.seed.number}")
    rows = [seed_row(result.seed) for result in results if result.seed]
    if as_json:
        emit(rows)
    elif rows:
        _table(rows)
    return 2 if any(result.problem for result in results) else 0


@seeds.command(epilog="Example: zaesur seeds verify")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@database
def verify(folder: Path | None, db: Path) -> int:
    """Check that the imported baselines, and the files of a folder with a manifest, are unaltered."""
    from scheduler.baselines import verify_manifest, verify_stored
    from storage import Store

    problems = list(verify_manifest(folder))
    if db.exists():
        with Store.open(db, write=False) as store:
            problems += verify_stored(store)
    for problem in problems:
        say(f"zaesur: {problem}")
    if not problems:
        click.echo("The baselines are unaltered.")
    return 1 if problems else 0


@seeds.command(
    epilog="Example: zaesur seeds link 1 https://www.dw.com/de/das-gipfeltreffen-von-trump-und-putin/a-71703285"
)
@click.argument("seed")
@click.argument("url")
@database
@as_json
def link(seed: str, url: str, db: Path, *, as_json: bool) -> None:
    """Say which article SEED (its file name or number) is a copy of; the article is followed from then on."""
    from scheduler.baselines import link_seed, seed_row
    from storage import Store

    with Store.open(db) as store:
        linked = link_seed(store, seed, url)
    if as_json:
        emit([seed_row(linked)])
    else:
        click.echo(
            f"Seed {linked.number} ({linked.name}) is the baseline of {linked.article}; the article is followed."
        )


@seeds.command(epilog="Example: zaesur seeds propose")
@database
@as_json
def propose(db: Path, *, as_json: bool) -> None:
    """Propose which discovered article each baseline without a URL is a copy of, by headline and date."""
    from scheduler.baselines import proposals
    from storage import Store

    with Store.open(db, write=False) as store:
        found = list(proposals(store))
    if as_json:
        emit({"seed": p.seed.number, "article": p.article.id, "url": p.article.url, "match": p.match} for p in found)
        return
    for p in found:
        click.echo(
            f"Seed {p.seed.number} may be {p.article.id} ({p.match:.0%}): zaesur seeds link {p.seed.number} {p.article.url}"
        )
    if not found:
        say("No article that was discovered matches a baseline without a URL.")


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    if not rows:
        say("No baselines yet: zaesur seeds import FILE")
        return
    from reports.views import shown

    table = Table("No.", "Headline", "Language", "Article", "File", box=None, pad_edge=False)
    for row in rows:
        values = (
            row["number"],
            shown(row["headline"] or ""),
            row["language"],
            row["article"] or "(not linked)",
            row["name"],
        )
        table.add_row(*map(str, values))
    console().print(table)

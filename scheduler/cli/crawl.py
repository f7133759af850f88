"""``zaesur crawl`` and ``zaesur discover``: look now."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click

from scheduler.cli.options import (
    as_json,
    configured,
    console,
    database,
    emit,
    exit_code,
    keep_all,
    say,
    url_file,
    urls_from,
)

_NOT_LOOKED_AT = frozenset({"set-aside", "fetch-failed", "extract-failed", "moved"})


@click.command(epilog="Example: zaesur crawl https://www.dw.com/de/ein-artikel/a-71703285")
@click.argument("urls", nargs=-1)
@url_file
@keep_all
@database
@configured
@as_json
@exit_code
def crawl(
    urls: tuple[str, ...],
    file: IO[str] | None,
    db: Path,
    config: Path | None,
    *,
    keep_all: bool,
    as_json: bool,
    exit_code: bool,
) -> int:
    """Look at these URLs now, or at whatever is due; prints one outcome for each."""
    from crawler import crawling
    from scheduler.configuration import find, load
    from scheduler.jobs import look_at, sorted_urls
    from scheduler.preparing import pace
    from storage import Store

    pace(load(find(db, config)))
    named = urls_from(urls, file)
    if file and not named:
        raise click.UsageError("the file names no URL")
    articles, refused = sorted_urls(named)
    for problem in refused:
        say(f"zaesur: {problem}")
    if named and not articles:
        return 2
    with Store.open(db) as store:
        store.keep_all = keep_all
        known = {article.id for article in articles if store.latest(article.id)}
        due = articles or store.due_now()
        rows = crawling.run(look_at(store, due, job="crawl", progress=_progress(len(due)))) if due else []
    _print(rows, as_json=as_json)
    if not due:
        say("Nothing is due.")
    if exit_code and any(row["changes"] for row in rows):
        return 3
    return 2 if refused else _verdict(rows, known, named=bool(named))


def _verdict(rows: list[dict[str, Any]], known: set[str], *, named: bool) -> int:
    """1 when a URL that was named could not be looked at, or when of what was due nothing could."""
    failed = [row for row in rows if not _looked_at(row, known)]
    if named:
        return 1 if failed else 0
    return 1 if rows and len(failed) == len(rows) else 0


def _looked_at(row: dict[str, Any], known: set[str]) -> bool:
    """An article that was there and is gone was looked at; one that was never there was not."""
    if row["outcome"] == "gone":
        return row["article"] in known
    return row["outcome"] not in _NOT_LOOKED_AT


def _progress(total: int) -> Any:
    """A progress bar on stderr for long work, only for a person."""
    terminal = console(stderr=True)
    if total < 4 or not terminal.is_terminal:
        return None
    from rich.progress import Progress

    bar = Progress(console=terminal, transient=True)
    task = bar.add_task("Looking", total=total)
    bar.start()

    def advance(done: int) -> None:
        bar.update(task, completed=done)
        if done >= total:
            bar.stop()

    return advance


def _print(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        emit(rows)
        return
    from reports.views import shown

    for row in rows:
        changes = f"  changes {', '.join(map(str, row['changes']))}" if row["changes"] else ""
        version = f"  version {row['version']}" if row["version"] else ""
        reason = f"  ({row['reason']})" if row["reason"] else ""
        click.echo(shown(f"{row['outcome']:<14} {row['url']}{version}{changes}{reason}"))


@click.command(epilog="Example: zaesur discover")
@database
@configured
@as_json
def discover(db: Path, config: Path | None, *, as_json: bool) -> int:
    """Read all sources now; articles not known before are followed and due at once."""
    from crawler import crawling
    from reports.views import shown
    from scheduler.baselines import proposals
    from scheduler.configuration import find, load
    from scheduler.jobs import discover_sources
    from scheduler.preparing import languages, prepare
    from storage import Store

    configuration = load(find(db, config))
    with Store.open(db) as store:
        prepare(store, configuration)
        before = store.followed()
        if not store.feeds():
            say("No sources yet: zaesur watch add --feed URL, or zaesur config init")
            return 0
        crawling.run(discover_sources(store, languages(configuration)))
        rows = [
            {"article": article.id, "url": article.url, "language": article.language, "headline": article.headline}
            for article in store.articles()
            if article.id in store.followed() - before
        ]
        suggested = list(proposals(store))
        problems = [feed for feed in store.feeds() if feed.problem]
        total = len(store.feeds())
    for feed in problems:
        say(f"zaesur: {feed.url}: {feed.problem}")
    if as_json:
        emit(rows)
    else:
        for row in rows:
            click.echo(f"{row['article']:<14}  {shown(str(row['headline'] or row['url']))}")
        say(f"{len(rows)} new articles")
    for p in suggested:
        say(
            f"Seed {p.seed.number} may be {p.article.id} ({p.match:.0%}): zaesur seeds link {p.seed.number} {p.article.url}"
        )
    return 1 if len(problems) == total else 0

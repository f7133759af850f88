"""``zaesur watch``: what is followed."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click

from scheduler.cli.options import as_json, database, emit, say, url_file, urls_from


@click.group(epilog="Example: zaesur watch add https://www.dw.com/de/ein-artikel/a-71703285")
def watch() -> None:
    """What is followed, and when it is looked at next."""


@watch.command(epilog="Example: zaesur watch add --feed https://rss.dw.com/rdf/rss-de-all")
@click.argument("urls", nargs=-1)
@click.option("--feed", "feeds", multiple=True, metavar="URL", help="A feed to read for new articles.")
@click.option("--sitemap", "sitemaps", multiple=True, metavar="URL", help="A sitemap to read for new articles.")
@click.option("--section", "sections", multiple=True, metavar="URL", help="A section page to read for new articles.")
@click.option(
    "--policy", "by", default="learned", show_default=True, help="When to look again: learned, ages or fixed:SECONDS."
)
@url_file
@database
@as_json
def add(
    urls: tuple[str, ...],
    feeds: tuple[str, ...],
    sitemaps: tuple[str, ...],
    sections: tuple[str, ...],
    by: str,
    file: IO[str] | None,
    db: Path,
    *,
    as_json: bool,
) -> int:
    """Follow articles, or sources of new articles."""
    from scheduler.following import add_source, add_url
    from scheduler.plan import policy
    from storage import Store

    articles = urls_from(urls, file)
    sources = [(url, kind) for kind, given in _kinds(feeds, sitemaps, sections) for url in given]
    if not articles and not sources:
        raise click.UsageError("name a URL, or a source with --feed, --sitemap or --section")
    policy(by)  # refuse an unknown one before anything is written
    with Store.open(db) as store:
        rows = [add_url(store, url, by) for url in articles]
        rows += [add_source(store, url, kind) for url, kind in sources]
    if as_json:
        emit(rows)
    for row in rows:
        if row["status"] == "refused":
            say(f"zaesur: {row['reason']}")
        elif not as_json:
            click.echo(f"{row['status']}  {row['article'] or 'source'}  {row['url']}")
    return 2 if any(row["status"] == "refused" for row in rows) else 0


def _kinds(*given: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return list(zip(("feed", "sitemap", "section"), given, strict=True))


@watch.command("list", epilog="Example: zaesur watch list --json")
@database
@as_json
def list_(db: Path, *, as_json: bool) -> None:
    """List what is followed and when each article is due."""
    from scheduler.following import rows
    from storage import Store

    with Store.open(db, write=False) as store:
        listed: list[dict[str, Any]] = rows(store)
    if as_json:
        emit(listed)
        return
    from reports.views import shown

    for row in listed:
        due = row["next_due"] or ("paused" if row["article"] else "source")
        click.echo(f"{row['article'] or row['kind']:<14}  {due:<32}  {shown(str(row['headline'] or row['url']))}")
    if not listed:
        say("Nothing is followed yet: zaesur watch add URL")


@watch.command(epilog="Example: zaesur watch pause a-71703285")
@click.argument("article")
@click.option("--resume", is_flag=True, help="Follow it again.")
@database
def pause(article: str, db: Path, *, resume: bool) -> None:
    """Stop looking at ARTICLE until it is resumed; its records stay."""
    from scheduler.following import require
    from storage import Store

    with Store.open(db) as store:
        store.pause(require(store, article).id, not resume)
    click.echo(f"{article} is {'followed again' if resume else 'paused'}.")


@watch.command(epilog="Example: zaesur watch remove a-71703285")
@click.argument("article")
@database
def remove(article: str, db: Path) -> None:
    """Stop following ARTICLE; every version and change stays recorded."""
    from scheduler.following import require
    from storage import Store

    with Store.open(db) as store:
        store.forget(require(store, article).id)
    click.echo(f"{article} is no longer followed; its records stay.")


@watch.command(epilog="Example: zaesur watch why a-71703285")
@click.argument("article")
@database
def why(article: str, db: Path) -> None:
    """Explain when ARTICLE is looked at next, and why then."""
    from reports.views import shown
    from scheduler.following import explain, require
    from storage import Store

    with Store.open(db, write=False) as store:
        for line in explain(store, require(store, article)):
            click.echo(shown(line))

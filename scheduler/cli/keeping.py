"""``zaesur reextract``, ``takedown`` and ``purge``: bring the records up to date with the program, and let content go."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import as_json, database, emit, moment, say

if TYPE_CHECKING:
    from storage.removing import Removable

_WHAT = {
    "version": "texts",
    "reextraction": "second readings",
    "change": "differences",
    "former_change": "earlier wordings of differences",
    "body": "pages as served",
    "seed": "saved copies",
    "article": "headlines",
}


@click.command(epilog="Example: zaesur reextract --article a-71703285")
@click.option("--article", metavar="ID", help="Only this article (id or URL).")
@database
@as_json
def reextract(article: str | None, db: Path, *, as_json: bool) -> None:
    """Read every stored page again with today's extractor and compare again; says what differed. Looks stay as recorded."""
    from scheduler.following import require
    from scheduler.rebuilding import count, rebuild
    from storage import Store

    with Store.open(db) as store:
        done = []
        for one in rebuild(store, [require(store, article)] if article else store.articles()):
            done.append(one)
            if one.said and not as_json:
                click.echo(f"{one.article} {one.name}: {one.said}")
    if as_json:
        emit({"article": one.article, "name": one.name, "what": one.what, "said": one.said or None} for one in done)
    counts = count(done)
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    say(told or "Everything is as today's program reads and compares it; nothing differed.")


@click.command(epilog='Example: zaesur takedown a-71703285 --reason "court order of 3 March"')
@click.argument("name", metavar="ARTICLE")
@click.option("--reason", required=True, metavar="TEXT", help="Why; shown in place of what is removed, for good.")
@click.option(
    "--until", metavar="WHEN", callback=moment, help="Only what was said up to then; the article is followed on."
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@database
def takedown(name: str, reason: str, until: datetime | None, db: Path, *, dry_run: bool) -> None:
    """Remove an article's texts, pages and differences for good; digests, times, addresses and the reason stay.

    Without --until the article is no longer followed, and nothing is kept of later looks.
    """
    from scheduler.following import require
    from storage import Store

    if not reason.strip():
        raise click.UsageError("--reason is empty; nothing was removed")
    with Store.open(db) as store:
        article = require(store, name)
        items = store.content_of(article.id, until)
        if not dry_run:
            store.take_down(article.id, reason.strip(), until)
    verb = "Would remove" if dry_run else "Removed"
    click.echo(f"{verb} of {article.id}: {_listed(items)}")
    if not dry_run:
        say(
            "Backups, exports and safety copies (*.before-schema-*) made earlier still hold it. Addresses stay, and may spell out a headline."
        )


@click.command(epilog="Example: zaesur purge --before 90d")
@click.option("--before", required=True, metavar="WHEN", callback=moment, help="Pages of looks before then.")
@click.option("--set-aside", is_flag=True, help="Also pages that were set aside: errors, challenges, cut pages.")
@click.option("--keep-daily", is_flag=True, help="Keep the first page of each article and day.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@database
def purge(before: datetime, db: Path, *, set_aside: bool, keep_daily: bool, dry_run: bool) -> None:
    """Remove pages as served that no version rests on, such as those kept by --keep-all. Nothing is purged unless asked.

    Only pages go. The record of every look stays for good, of those without news too: each is a link of the chain that proves the rest.
    """
    from storage import Store

    with Store.open(db) as store:
        items = store.unneeded_bodies(before, set_aside=set_aside, daily=keep_daily)
        if items and not dry_run:
            what = "unchanged looks and pages set aside" if set_aside else "unchanged looks"
            what += " but for one a day" if keep_daily else ""
            store.purge(items, f"{what} before {before:%Y-%m-%d %H:%M} UTC")
    click.echo(f"{'Would remove' if dry_run else 'Removed'}: {_listed(items)}")


def _listed(items: list[Removable]) -> str:
    counts = Counter(item.kind for item in items)
    return ", ".join(f"{_WHAT[kind]}: {number}" for kind, number in counts.items()) or "nothing"

"""``zaesur storage``: what takes the space, and making it smaller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.cli.options import as_json, database, emit, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.usage import Usage

_WHAT = {
    "pages": "pages as served",
    "looks": "records of looks",
    "texts": "texts",
    "changes": "changes, lists",
    "index": "full-text index",
    "seals": "seals",
    "other": "all else",
}
_KEPT = {
    "version": "what versions were read from; until they are taken down",
    "set-aside": "set aside, failed or gone; until: zaesur purge --set-aside --before WHEN",
    "unchanged": "looks that showed nothing new (--keep-all); until: zaesur purge --before WHEN [--keep-daily]",
}


@click.command(epilog="Example: zaesur storage --pack")
@click.option(
    "--pack", is_flag=True, help="First pack the pages that still are as recorded; the service does so daily."
)
@click.option("--tables", is_flag=True, help="Also every table and index.")
@database
@as_json
def storage(db: Path, *, pack: bool, tables: bool, as_json: bool) -> None:
    """Say what takes the space, and how long which pages are kept. Counts the pages of the file: reads all of it once.

    Nothing is thrown away by itself: the page of every version and of every page set aside is kept, that of a look without
    news only with --keep-all.
    """
    from storage import Store

    if pack:
        with Store.open(db) as store:
            say(f"Packed {sum(store.pack_pages()):,} pages.")
    with Store.open(db, write=False) as store:
        usage, kept, waiting = store.usage(), store.pages_kept(), store.waiting_pages()
        versions, looks = (store.status()[name] for name in ("versions", "captures"))
    if as_json:
        whole = {
            "total": usage.total,
            "free": usage.free,
            "versions": versions,
            "captures": looks,
            "pages_not_packed": waiting,
        }
        emit([{**whole, **{name: usage.families.get(name, 0) for name in _WHAT}, "pages_kept": kept}])
        return
    for line in (*_lines(usage, versions, tables=tables), *_pages(kept, waiting, looks)):
        click.echo(line)


def _lines(usage: Usage, versions: int, *, tables: bool) -> Iterator[str]:
    each = max(versions, 1)
    for name, size in usage.families.items():
        yield f"{_WHAT[name]:<18} {_size(size):>10} {size / usage.total:5.0%} {size / each:9,.0f} bytes a version"
        for tree in usage.trees if tables else ():
            if tree.family == name:
                yield f"  {tree.name:<34} {_size(tree.bytes):>10}"
    yield f"{'free':<18} {_size(usage.free):>10} {usage.free / usage.total:5.0%}   filled again by what comes"
    counted = sum(usage.families.values()) + usage.free
    yield f"{'not accounted for':<18} {_size(usage.total - counted):>10} {(usage.total - counted) / usage.total:5.0%}"
    yield f"{'the file':<18} {_size(usage.total):>10}"


def _pages(kept: dict[str, dict[str, int]], waiting: int, looks: int) -> Iterator[str]:
    yield ""
    yield f"{looks:,} records of looks, those without news too: for good; each is a link of the chain that proves the rest"
    for name, told in kept.items():
        yield f"{told['pages']:,} pages, {_size(told['bytes'])}: {_KEPT[name]}"
    if waiting:
        yield f"{waiting:,} pages are not packed yet; the service packs them daily, or: zaesur storage --pack"


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MiB" if count >= 2**20 else f"{count / 1024:,.0f} KiB"

"""The site as a folder of files: every page byte for byte as the live one, with links that work from a web server or the disk.

Two pages cannot be the same, because a folder cannot search or compare: ``search.html`` and each ``compare.html`` say so instead, and
name the ready lists and comparisons that the folder has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Protocol

from reports.site import addresses, articles, selections
from reports.site.documents import Reading
from reports.site.pages import FILES, Site
from reports.site.view import View
from reports.wording import LANGUAGES
from storage import Store
from storage.errors import UserError
from storage.types import Article

_NEXT = re.compile(r'<link rel="next" href="[^"]*?(lists/[^"/]+|[^"/]+-after-\d+\.html)">')
_ALL_PAIRS = 8  # versions up to which every pair has a page; beyond, each has those the timeline links to


class Told(Protocol):
    """What is told while it goes on: the number of files so far."""

    def __call__(self, files: int, /) -> None:
        """Tell."""


def export(store: Store, reading: Reading, folder: Path, *, base: str = "", told: Told | None = None) -> int:
    """Write the whole site into a folder; returns the number of files. ``base`` is the address it will be found under, for feeds.

    Files of an earlier export are overwritten; nothing is removed. Raises UserError when the folder cannot be written.
    All pages are of one moment, so that every link leads somewhere.
    """
    with store.of_one_moment(long=True):
        return _written(store, reading, folder, base, told)


def _written(store: Store, reading: Reading, folder: Path, base: str, told: Told | None) -> int:
    site = Site(store=store, reading=reading, base=base)
    count = 0
    for count, path in enumerate(_paths(site), start=1):
        body = _static(site, path) or site.document(path).body
        _write(folder / path, body)
        if told and count % 500 == 0:
            told(count)
    return count


def _write(path: Path, body: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); the records are unchanged") from None


def _paths(site: Site) -> Iterator[str]:
    yield from FILES
    store = site.store
    everyone = store.articles()
    for language in LANGUAGES:
        for page in ("index.html", "search.html", "status.html", "help.html"):
            yield addresses.in_language(page, language)
        for name in (*selections.FIXED, *_families(store)):
            yield from _list(site, name, language)
            yield from _feeds(name, language)
        for outlet in store.outlets():
            yield addresses.in_language(addresses.outlet(outlet), language)
        for article in everyone:
            pages = _article(store, article)
            yield from (addresses.in_language(page, language) for page in pages)
            yield from _feeds(selections.name_of("article", article.id), language)
    yield from _captures(store, everyone, site.reading)


def _families(store: Store) -> list[str]:
    outlets = [selections.name_of("outlet", outlet) for outlet in store.outlets()]
    return [*outlets, *(selections.name_of("language", language) for language in store.languages())]


def _list(site: Site, name: str, language: str) -> Iterator[str]:
    """A list and all its later pages, found by following their links."""
    path = addresses.in_language(addresses.listing(name), language)
    if name != "inbox":
        yield path
    while found := _NEXT.search(site.document(path).body.decode()):
        path = addresses.in_language(f"lists/{found[1].rpartition('/')[2]}", language)
        yield path


def _feeds(name: str, language: str) -> Iterator[str]:
    for form in ("atom", "json"):
        yield addresses.in_language(addresses.feed(name, form), language)


def _article(store: Store, article: Article) -> Iterator[str]:
    yield addresses.article(article.id)
    yield f"articles/{addresses.file_name(article.id)}/compare.html"
    for old, new in pairs([version.number for version in store.versions(article.id)]):
        for view in ("", "side"):
            yield addresses.versions(article.id, old, new, view)
    standing = {change.id for change in store.changes(article=article.id)}
    # one that was withdrawn has its page, too: an earlier export may have written it as if it stood
    for change in sorted(standing | {change for _, change in store.compared(article.id) if change}):
        yield addresses.change(change)
        yield addresses.change(change, "side")
        if change in standing:
            yield addresses.picture(change)


def pairs(numbers: list[int]) -> list[tuple[int, int]]:
    """The pairs of versions that a folder has a page for: all of a few, else those beside each other and those with the first."""
    every = list(combinations(numbers, 2))
    if len(numbers) <= _ALL_PAIRS:
        return every
    neighbours = set(pairwise(numbers))
    return [pair for pair in every if pair in neighbours or pair[0] == numbers[0]]


def _captures(store: Store, everyone: list[Article], reading: Reading) -> Iterator[str]:
    for article in everyone:
        for version in store.versions(article.id):
            if version.capture and reading.page(store, version.capture) is not None:
                yield addresses.capture(version.capture)


def _static(site: Site, path: str) -> bytes | None:
    """The page that stands where the live one asks a question."""
    page = addresses.language_of(path)[1]
    view = View(store=site.store, reading=site.reading, path=path, base=site.base)
    if page == "search.html":
        lists = [*selections.FIXED, *_families(site.store)]
        return view.render("static.html", lists=lists, article=None, pairs=[]).body
    if match := re.fullmatch(r"articles/([^/]+)/compare\.html", page):
        article = articles.known(site.store, match[1])
        numbers = [version.number for version in site.store.versions(article.id)] if article else []
        return view.render("static.html", lists=[], article=article, pairs=pairs(numbers)).body
    return None

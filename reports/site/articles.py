"""An article's page: what it is, where it stands, its timeline and its versions."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from msgspec.structs import replace

from reports.site import addresses, selections, timeline
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from storage import Store
from storage.listing import Wanted
from storage.types import Article, Baseline, Change

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)


def known(store: Store, name: str) -> Article | None:
    """The article a name in an address stands for: an id, a number or a URL it was seen under; of a long one its digest."""
    if name.startswith("sha256-"):
        return next((article for article in store.articles() if addresses.file_name(article.id) == name), None)
    return store.find_article(addresses.from_file_name(name))


def find(view: View, name: str) -> Article:
    """The article of that name. Raises NoSuchPage when it is not known."""
    article = known(view.store, name)
    if article is None:
        raise NoSuchPage(f"no article {addresses.from_file_name(name)} is known")
    return article


def wanted(store: Store, name: str) -> Wanted | None:
    """The changes of a named list or feed, an article's too whose id is too long for a name; ``None`` for a name that is none."""
    found = selections.named(name)
    article = known(store, found.article) if found and found.article and found.article.startswith("sha256-") else None
    return replace(found, article=article.id) if found and article else found


def article(view: View, name: str) -> Document:
    """The page."""
    found = find(view, name)
    versions = view.store.versions(found.id)
    changes = view.store.changes(article=found.id)
    return view.render(
        "article.html",
        article=found,
        versions=versions,
        numbers=[version.number for version in versions],
        timeline=timeline.of(view.store, found.id, versions),
        returns=view.store.returns(found.id),
        looks=view.store.looks_at_versions(found.id),
        of=_by_version(changes),
        recorded={change.id for change in changes},
        title=(versions[-1].content.headline if versions else None) or found.headline or found.id,
        coverage=view.store.coverage(found.id),
        gaps=len(view.store.gaps(found.id)),
        presence=view.store.presence(found.id),
        due=view.store.schedule(found.id),
        editions=view.reading.editions(view.store, found.id),
        safe=urlsplit(found.url).scheme in ("http", "https"),
        selection=selections.name_of("article", found.id),
    )


def _by_version(changes: list[Change]) -> dict[int, dict[str, Change]]:
    """The changes that brought each version, against the version before and against the saved copy.

    Where an archive saw another version between two that had been compared, the one that stands next to it in time counts.
    """
    found: dict[int, dict[str, Change]] = {}
    for change in sorted(changes, key=lambda change: change.observed_after or _EPOCH):
        found.setdefault(change.to_version, {})["seed" if change.baseline is Baseline.SEED else "previous"] = change
    return found

"""An article's page: its timeline, with everything that happened in the order it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from reports.site import addresses, selections
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from storage.types import Article, Baseline, Capture, Change, Gap, Outcome, Version

_TROUBLES = 200  # looks without text shown, newest first
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened: exactly one of the fields beside ``at`` is set."""

    at: datetime | None
    version: Version | None = None
    address: str | None = None
    gap: Gap | None = None
    look: Capture | None = None
    repeated: int = 1


def find(view: View, name: str) -> Article:
    """The article a name in an address stands for: an id, a number or a URL it was seen under."""
    if name.startswith("sha256-"):
        named = (article for article in view.store.articles() if addresses.file_name(article.id) == name)
        article = next(named, None)
    else:
        article = view.store.find_article(addresses.from_file_name(name))
    if article is None:
        raise NoSuchPage(f"no article {addresses.from_file_name(name)} is known")
    return article


def article(view: View, name: str) -> Document:
    """The page."""
    found = find(view, name)
    versions = view.store.versions(found.id)
    changes = view.store.changes(article=found.id)
    events = _events(view, found, versions)
    return view.render(
        "article.html",
        article=found,
        versions=versions,
        numbers=[version.number for version in versions],
        events=events,
        looks=view.store.looks_at_versions(found.id),
        of=_by_version(changes),
        title=(versions[-1].content.headline if versions else None) or found.headline or found.id,
        gone=_gone(events),
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


def _events(view: View, article: Article, versions: list[Version]) -> list[Event]:
    store = view.store
    events = [Event(at=version.first_seen, version=version) for version in versions]
    events += [Event(at=address.since, address=address.url) for address in store.addresses(article.id)[1:]]
    events += [Event(at=gap.since, gap=gap) for gap in store.gaps(article.id)]
    events += _runs(store.looks_without_text(article.id, _TROUBLES))
    return sorted(events, key=lambda event: event.at or _EPOCH)


def _runs(looks: list[Capture]) -> list[Event]:
    """Looks that ended alike one after the other are one event with a count."""
    events: list[Event] = []
    for look in sorted(looks, key=lambda look: look.id):
        last = events[-1] if events else None
        if last and last.look and (last.look.outcome, last.look.reason) == (look.outcome, look.reason):
            events[-1] = Event(at=last.at, look=last.look, repeated=last.repeated + 1)
        else:
            events.append(Event(at=look.started, look=look))
    return events


def _gone(events: list[Event]) -> bool:
    """Whether the newest thing known is that it is gone."""
    last = next((event for event in reversed(events) if event.look or event.version), None)
    return bool(last and last.look and last.look.outcome is Outcome.GONE)

"""What proves a change: both sides' times, addresses and digests, citations to copy, the page as served, a picture to share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reports import wording
from reports.data import iso
from reports.site import addresses
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from reports.site.words import Words
from reports.summary import summarise
from reports.views import shown
from storage import Store
from storage.content import digest
from storage.types import Article, Baseline, Capture, Change, Version


@dataclass(frozen=True, kw_only=True)
class Source:
    """One side of a comparison: the version, the look that brought it, and everything known about that look."""

    version: Version
    capture: Capture | None
    record: dict[str, Any]
    text_sha256: str
    archive: str | None
    page: str | None


def source(article: Article, version: Version, store: Store | None = None) -> Source:
    """The evidence for one side; without a store only what the version itself carries."""
    capture = store.capture(version.capture) if store and version.capture else None
    return Source(
        version=version,
        capture=capture,
        record=store.record_of(capture.id) if store and capture else {},
        text_sha256=digest(version.content),
        archive=_archive(article.url, version.first_seen),
        page=addresses.capture(capture.id) if capture and version.body_sha256 else None,
    )


def _archive(url: str, at: datetime | None) -> str | None:
    """Where the Wayback Machine shows what it has nearest to that time, if it has anything."""
    if not url.startswith(("http://", "https://")) or at is None:
        return None
    return f"https://web.archive.org/web/{at.astimezone(UTC):%Y%m%d%H%M%S}/{url}"


def citations(change: Change, article: Article, old: Version, new: Version) -> list[tuple[str, str]]:
    """The sentence to copy into a text, in German and English whatever the page's language."""
    return [(language, _citation(change, article, old, new, language)) for language in ("de", "en")]


def _citation(change: Change, article: Article, old: Version, new: Version, language: str) -> str:
    digests = [version.body_sha256 or digest(version.content) for version in (old, new)]
    key = "citation_seed" if change.baseline is Baseline.SEED else "citation"
    observed = wording.observed(change.observed_after, change.observed_by, language)
    recorded = (
        wording.say("cite_recorded", language, number=change.id)
        if change.id
        else wording.say("cite_compared", language)
    )
    cited = wording.say(
        key,
        language,
        outlet=Words.outlet(article.outlet) or shown(article.id),
        headline=shown(new.content.headline or article.id),
        url=shown(article.url),
        old=wording.version(old.number, language),
        new=wording.version(new.number, language),
        observed=observed if key == "citation_seed" else Words.sentence(observed),
        summary=summarise(change.assessment, language),
        recorded=recorded,
        old_sha256=digests[0],
        new_sha256=digests[1],
    )
    if change.withdrawn:
        return f"{cited} {wording.say('withdrawn', language, when=wording.moment(change.withdrawn, language))}."
    return cited


def capture(view: View, id: str) -> Document:
    """A page as it was served, decoded, as plain text to save: its markup is never shown as a page."""
    found = view.store.capture(int(id))
    text = view.reading.page(view.store, int(id)) if found else None
    if found is None or text is None:
        raise NoSuchPage(f"the page of look {id} is not kept")
    head = f"# {found.final_url or found.requested_url}\n# {iso(found.answered)}, HTTP {found.status}, SHA-256 as served {found.body_sha256}\n\n"
    return Document(body=(head + text).encode(), media_type="text/plain; charset=utf-8", download=f"look-{id}.txt")


def picture(view: View, id: str) -> Document:
    """A change as a picture of 1200 x 630 for sharing."""
    from reports.site.pictures import draw

    change = view.store.change(int(id))
    if change is None:
        raise NoSuchPage(f"there is no change {id}")
    if change.withdrawn:
        raise NoSuchPage(f"change {id} was withdrawn; there is no picture of it to share")
    return Document(body=draw(change, view.language, view.outlet(_outlet(view, change))), media_type="image/png")


def _outlet(view: View, change: Change) -> str:
    article = view.store.article(change.article)
    return article.outlet if article else ""

"""Every address of the site and what makes its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reports.site import addresses, articles, changes, evidence, feeds, health, lists, outlets
from reports.site.documents import Document, NoSuchPage, Reading, Visitor
from reports.site.view import View, template_text
from storage import Store
from storage.errors import UserError

Page = Callable[..., Document]

_NAME = r"(?P<name>[^/]+)"
_ID = r"(?P<id>[0-9]{1,18})"  # what SQLite can look for
_SIDE = r"(?:-(?P<side>side))?"
_VERSIONS = r"(?P<old>seed|[0-9]{1,18})\.\.(?P<new>seed|[0-9]{1,18})"
_PAGES: list[tuple[str, Page]] = [
    (r"index\.html", lists.inbox),
    (r"search\.html", lists.search),
    (r"lists/(?P<name>[^/]+?)(?:-after-(?P<after>[0-9]{1,18}))?\.html", lists.named),
    (rf"changes/{_ID}{_SIDE}\.html", changes.recorded),
    (rf"articles/{_NAME}/{_VERSIONS}{_SIDE}\.html", changes.compared),
    (rf"articles/{_NAME}/compare\.html", changes.chosen),
    (rf"articles/{_NAME}\.html", articles.article),
    (rf"outlets/{_NAME}\.html", outlets.outlet),
    (r"status\.html", health.status),
    (r"help\.html", health.reading_help),
    (rf"feeds/{_NAME}\.(?P<form>atom|json)", feeds.feed),
    (rf"captures/{_ID}\.txt", evidence.capture),
    (rf"share/{_ID}\.png", evidence.picture),
]
_ROUTES = [(re.compile(pattern), page) for pattern, page in _PAGES]
FILES = {
    "style.css": "text/css; charset=utf-8",
    "reader.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, kw_only=True)
class Site:
    """All pages over one database. ``base`` is the address the site is known under, where it is known.

    ``review`` adds the form with which an editor marks a change.
    """

    store: Store
    reading: Reading
    base: str = ""
    review: bool = False

    def document(self, path: str, query: Mapping[str, str] | None = None, visitor: Visitor | None = None) -> Document:
        """The page under a path such as ``de/changes/17.html``. Raises NoSuchPage, and UserError for a query not understood."""
        if path in FILES:
            return Document(body=template_text(path).encode(), media_type=FILES[path])
        page = addresses.language_of(path)[1]
        for pattern, make in _ROUTES:
            if match := pattern.fullmatch(page):
                return make(self._view(path, query, visitor), **match.groupdict())
        raise NoSuchPage(f"there is no page {path}")

    def problem(self, path: str, told: UserError) -> Document:
        """What a person sees who asked for what is not there, or in words not understood."""
        heading = "no-page" if isinstance(told, NoSuchPage) else "not-understood"
        return self._view(path).render("problem.html", told=str(told), heading=heading)

    def _view(self, path: str, query: Mapping[str, str] | None = None, visitor: Visitor | None = None) -> View:
        return View(
            store=self.store,
            reading=self.reading,
            path=path,
            query=query or {},
            base=self.base,
            review=self.review,
            visitor=visitor,
        )

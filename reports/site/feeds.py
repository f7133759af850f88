"""Atom and JSON Feed of any named list, newest first; article text in them is text, never markup."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed

from reports.data import iso
from reports.site import addresses, articles
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from reports.views import heaviest, only_invisible, shown, teased
from storage.types import Change, SpanOp

NEWEST = 100  # entries of a feed
_MARKS = {SpanOp.KEEP: "{}", SpanOp.ADD: "{{+{}+}}", SpanOp.DROP: "[-{}-]"}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = "https://jsonfeed.org/version/1.1"


def feed(view: View, name: str, form: str) -> Document:
    """A feed of a named list."""
    wanted = articles.wanted(view.store, name)
    if wanted is None:
        raise NoSuchPage(f"there is no feed {name!r}")
    changes = view.store.latest_changes(wanted, NEWEST)
    make = _atom if form == "atom" else _json
    return make(view, name, f"Zäsur: {shown(wanted.article or view.list_name(name))}", changes)


def _atom(view: View, name: str, title: str, changes: list[Change]) -> Document:
    made = Atom1Feed(
        title=title,
        link=view.absolute(addresses.listing(name)),
        description="",
        subtitle=view.say("feed_subtitle"),
        language=view.language,
        author_name="Zäsur",
        feed_url=view.absolute(addresses.feed(name, "atom")),
        feed_guid=_id(f"feed:{name}:{view.language}"),
    )
    for change in changes:
        made.add_item(
            title=shown(change.headline or change.article),
            link=view.absolute(addresses.change(change.id)),
            # Atom1Feed declares its summaries as HTML: escaped once for that, once more by the XML
            description=f"<p>{escape(view.summary(change))}</p><p>{escape(_excerpt(change))}</p><p>{escape(view.observed(change))}</p>",
            unique_id=_identity(change),
            pubdate=_at(change),
            updateddate=_at(change),
            categories=[change.assessment.weight.label, change.assessment.disclosure.value, *change.assessment.kinds],
        )
    # the newest entry's time; a fixed one for an empty feed, so that asking twice gives the same
    made.latest_post_date = lambda: max(map(_at, changes), default=_LONG_AGO)
    return Document(body=made.writeString("utf-8").encode(), media_type="application/atom+xml; charset=utf-8")


def _json(view: View, name: str, title: str, changes: list[Change]) -> Document:
    made: dict[str, Any] = {
        "version": _VERSION,
        "title": title,
        "description": view.say("feed_subtitle"),
        "home_page_url": view.absolute(addresses.listing(name)),
        "feed_url": view.absolute(addresses.feed(name, "json")),
        "language": view.language,
        "authors": [{"name": "Zäsur"}],
        "items": [_item(view, change) for change in changes],
    }
    return Document(
        body=(json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode(), media_type="application/feed+json"
    )


def _item(view: View, change: Change) -> dict[str, Any]:
    assessment = change.assessment
    item = {
        "id": _identity(change),
        "url": view.absolute(addresses.change(change.id)),
        "title": shown(change.headline or change.article),
        "summary": view.summary(change),
        "content_text": f"{view.summary(change)}\n\n{_excerpt(change)}\n\n{view.observed(change)}",
        "date_published": iso(_at(change)),
        "tags": [assessment.weight.label, assessment.disclosure.value, *assessment.kinds],
        "language": change.language,
    }
    if change.url.startswith(("http://", "https://")):
        item["external_url"] = change.url
    return item


def _excerpt(change: Change) -> str:
    """The most telling edit as text: [-removed-] and {+added+}."""
    edit = heaviest(change.assessment)
    spans = teased(edit.spans) if edit else []
    return "".join(_MARKS[span.op].format(shown(span.text, marked=only_invisible(span))) for span in spans)


def _at(change: Change) -> datetime:
    return change.observed_by or _LONG_AGO


def _identity(change: Change) -> str:
    """The same for the same change wherever the feed is read: not the address, which may move."""
    return _id(f"change:{change.article}:{change.baseline.value}:{change.from_version}:{change.to_version}")


def _id(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'zaesur:{name}')}"

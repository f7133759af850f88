"""Whether it is alive: looks, failures, gaps, what is due, what was set aside and why; and the help."""

from __future__ import annotations

from reports.site.documents import Document
from reports.site.view import View
from storage.base import instant

_MOST = 50  # rows of a table; the figures above count all


def status(view: View) -> Document:
    """The status page."""
    store = view.store
    numbers = store.status()
    return view.render(
        "status.html",
        status=numbers,
        last_look=instant(numbers["last_look"]),
        next_due=instant(numbers["next_due"]),
        due=store.upcoming(_MOST),
        plans=store.plan_kept(),
        troubled=store.troubled(_MOST),
        reasons=store.reasons(_MOST),
        gaps=store.newest_gaps(_MOST),
        sources=[(source, instant(source.polled)) for source in store.feeds()],
    )


def reading_help(view: View) -> Document:
    """How to read the reports, and the keys."""
    return view.render("help.html")

"""The inbox and the other lists of changes: what matters first, cosmetic ones folded and counted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from msgspec.structs import replace

from reports.site import addresses, articles, selections
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from reports.views import heaviest, teased
from storage.listing import Wanted
from storage.types import Baseline, Change, Disclosure, Edit, Kind, Review, Span, Verdict, Weight

PAGE = 30  # changes on one page


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A change in a list: its most telling edit, shortened, and the editors' mark."""

    change: Change
    edit: Edit | None
    spans: list[Span]
    mark: Review | None
    new: bool


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page of a list: how many there are by weight, those shown, and the id after which the next page begins.

    ``folded`` cosmetic ones match too and are counted only.
    """

    entries: list[Entry]
    tally: dict[Weight, int]
    folded: int
    next_after: int | None

    @property
    def total(self) -> int:
        """How many changes match in all."""
        return sum(self.tally.values())


def inbox(view: View) -> Document:
    """What changed and matters, most important first; with filters in the address, the search."""
    if selections.given(view.query):
        return search(view)
    return _list(view, "inbox", _page(view, selections.FIXED["inbox"], None))


def named(view: View, name: str, after: str | None) -> Document:
    """A list with a name of its own, or one of its later pages."""
    wanted = articles.wanted(view.store, name)
    if wanted is None or (after is None and name == "inbox"):
        raise NoSuchPage(f"there is no list {name!r}")
    return _list(view, name, _page(view, wanted, int(after) if after else None))


def search(view: View) -> Document:
    """Any combination of filters; cosmetic changes are folded unless asked for."""
    wanted = selections.from_query(view.query)
    if view.query.get("new") and view.visitor:
        wanted = replace(wanted, newer_than=view.visitor.seen)
    if wanted.weight is None:
        wanted = replace(wanted, weight=Weight.EDITORIAL)
    after = re.fullmatch(r"\d{1,18}", view.query.get("after", ""), re.ASCII)
    return _list(view, "search", _page(view, wanted, int(after[0]) if after else None))


def _page(view: View, wanted: Wanted, after: int | None) -> Listed:
    # what an earlier change of the same flapping told is folded into that one, unless asked for by kind
    wanted = replace(wanted, folded=wanted.kind is not Kind.FLAPPING)
    found = view.store.listed(wanted, after=after, limit=PAGE + 1)
    shown, more = found[:PAGE], len(found) > PAGE
    marks = view.store.marks(change.id for change in shown)
    entries = [_entry(view, change, marks.get(change.id)) for change in shown]
    tally, folded = _tally(view, wanted)
    return Listed(entries=entries, tally=tally, folded=folded, next_after=shown[-1].id if more else None)


def _tally(view: View, wanted: Wanted) -> tuple[dict[Weight, int], int]:
    """How many there are by weight, and how many cosmetic ones stand behind a list that leaves only them out."""
    if wanted.weight is not Weight.EDITORIAL:
        return view.store.tally(wanted), 0
    tally = view.store.tally(replace(wanted, weight=None))
    folded = tally.pop(Weight.COSMETIC, 0)
    return tally, folded


def _entry(view: View, change: Change, mark: Review | None) -> Entry:
    edit = heaviest(change.assessment)
    new = view.visitor is not None and change.id > view.visitor.seen
    return Entry(change=change, edit=edit, spans=teased(edit.spans) if edit else [], mark=mark, new=new)


def _list(view: View, name: str, listed: Listed) -> Document:
    store = view.store
    outlets = store.outlets()
    return view.render(
        "inbox.html",
        name=name,
        listed=listed,
        unfold=_unfold(view, name),
        following=_following(view, name, listed.next_after),
        fresh=_fresh(view),
        pulse=store.pulse(),
        service=store.service(),
        outlets=outlets,
        languages=store.languages(),
        sections=store.sections(),
        kinds=sorted(Kind, key=lambda kind: view.kind(kind)),
        choices={"disclosure": Disclosure, "baseline": Baseline, "review": Verdict},
        filters=dict.fromkeys(selections.FILTERS, "") | selections.given(view.query),
        filtered=bool(selections.given(view.query)),
        feed=name if name != "search" else "everything",
    )


def _unfold(view: View, name: str) -> str:
    """The link to the same changes with the cosmetic ones."""
    if name == "search":
        return view.link("search.html", **{**selections.given(view.query), "weight": "cosmetic"})
    return view.link(addresses.listing("cosmetic"))


def _following(view: View, name: str, after: int | None) -> str | None:
    if after is None:
        return None
    if name == "search":
        return view.link("search.html", **{**selections.given(view.query), "after": str(after)})
    return view.link(addresses.listing(name, after))


def _fresh(view: View) -> int:
    """How many changes were recorded since the reader looked before."""
    return view.store.newer_than(view.visitor.seen) if view.visitor else 0

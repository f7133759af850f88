"""The diff page: a recorded change, or any two versions, inline or side by side, with the evidence for both sides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from reports.site import addresses, articles, evidence
from reports.site.documents import Document, NoSuchPage
from reports.site.view import View
from reports.views import new_side, old_side, rows
from storage.errors import Incomparable
from storage.types import Article, Baseline, Change, Disclosure, Edit, Span, Verdict, Version


def recorded(view: View, id: str, side: str | None) -> Document:
    """A recorded change under its permanent address."""
    change = view.store.change(int(id))
    if change is None:
        raise NoSuchPage(f"there is no change {id}")
    article = view.store.article(change.article)
    if article is None:
        raise NoSuchPage(f"the article {change.article} is not in this database")
    old, new = (_version(view, change.article, number) for number in (change.from_version, change.to_version))
    return _page(view, change, article, old, new, side or "")


def compared(view: View, name: str, old: str, new: str, side: str | None) -> Document:
    """Any two versions of an article, compared now; nothing is recorded."""
    article = articles.find(view, name)
    known = [version.number for version in view.store.versions(article.id)]
    for number in (old, new):
        if _number(number) not in known:
            raise NoSuchPage(f"{article.id} has no version {number}")
    earlier, later = sorted((_number(old), _number(new)), key=known.index)
    if earlier != _number(old):  # what the page calls older is the older one
        return Document(location=view.link(addresses.versions(article.id, earlier, later, side or "")))
    try:
        change, older, newer = view.reading.compare(view.store, article, old, new)
    except Incomparable as why:  # a page like others, live and exported: every article's page links to its pairs
        return view.render("problem.html", told=str(why), heading="not-comparable")
    return _page(view, change, article, older, newer, side or "")


def chosen(view: View, name: str) -> Document:
    """Leads from the form with two versions to their permanent address."""
    article = articles.find(view, name)
    old, new = (view.query.get(side, "") for side in ("from", "to"))
    known = {version.number for version in view.store.versions(article.id)}
    if not {_number(old), _number(new)} <= known:
        raise NoSuchPage(f"{article.id} has no such pair of versions; choose both")
    return Document(location=view.link(addresses.versions(article.id, _number(old), _number(new))))


def _page(view: View, change: Change, article: Article, old: Version, new: Version, layout: str) -> Document:
    def here(layout: str) -> str:
        if change.id:
            return view.link(addresses.change(change.id, layout))
        return view.link(addresses.versions(article.id, old.number, new.number, layout))

    recorded_ones = view.store.changes(article=article.id, baseline=change.baseline) if change.id else []
    ordered = sorted((other.to_version, other.id) for other in recorded_ones)
    this = (change.to_version, change.id)
    place = ordered.index(this) if this in ordered else None  # a withdrawn one stands in no list
    return view.render(
        "change.html",
        change=change,
        article=article,
        old=old,
        new=new,
        layout=layout,
        rows=rows(change.assessment),
        sides=_sides,
        unnamed=unnamed(change),
        metadata=change.assessment.diff.metadata,
        title=new.content.headline or article.headline or article.id,
        direction_of=new.content.language or article.language,
        flowing=here(""),
        paired=here("side"),
        before=ordered[place - 1][1] if place else None,
        after=ordered[place + 1][1] if place is not None and place + 1 < len(ordered) else None,
        sources=[evidence.source(article, version, view.store) for version in (old, new)],
        citations=evidence.citations(change, article, old, new),
        pairs=(pairs := _pairs(view, article)),
        stands=next((place for place, pair in enumerate(pairs) if pair.is_of(old, new)), None),
        marks=view.store.reviews(change.id) if change.id else [],
        verdicts=Verdict,
        against_seed=change.baseline is Baseline.SEED,
    )


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two versions that stand side by side in time, and where their comparison is: the recorded change where there is one."""

    old: Version
    new: Version
    change: int | None

    def is_of(self, old: Version, new: Version) -> bool:
        """Whether it compares these two."""
        return (self.old.number, self.new.number) == (old.number, new.number)

    def page(self, layout: str) -> str:
        """Its permanent address."""
        if self.change:
            return addresses.change(self.change, layout)
        return addresses.versions(self.new.article, self.old.number, self.new.number, layout)


def _pairs(view: View, article: Article) -> list[Pair]:
    """The steps from each version to the next in time."""
    found = {(change.from_version, change.to_version): change.id for change in view.store.changes(article=article.id)}
    return [
        Pair(old=old, new=new, change=found.get((old.number, new.number)))
        for old, new in pairwise(view.store.versions(article.id))
    ]


def _sides(edit: Edit) -> tuple[list[Span], list[Span]]:
    """An edit's older and newer text."""
    return old_side(edit.spans), new_side(edit.spans)


def unnamed(change: Change) -> list[Edit]:
    """The substantive edits that the note does not name."""
    assessment = change.assessment
    if assessment.disclosure is not Disclosure.NOTED:
        return []
    return [assessment.diff.edits[index] for index in assessment.unaccounted]


def _number(name: str) -> int:
    return 0 if name == "seed" else int(name) if re.fullmatch("[0-9]{1,18}", name) else -1


def _version(view: View, article: str, number: int) -> Version:
    version = view.store.version(article, number)
    if version is None:
        raise NoSuchPage(f"{article} has no version {number}")
    return version

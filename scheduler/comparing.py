"""Make the comparisons that are owed: each new version against the one before and against the seed."""

from __future__ import annotations

from dataclasses import replace

from crawler.reading import refresh
from reports.diff import FINGERPRINT, assess
from reports.diff.sameness import edit_digests
from reports.summary import summarise
from storage import Owed, Store
from storage.content import digest
from storage.errors import UserError
from storage.types import Article, Baseline, Change, Kind, Version


def compare_owed(store: Store) -> list[Change]:
    """Make every comparison still owed and record what differs.

    Spiders run by hand only record versions, and a process may be killed between recording and comparing; so each command that
    shows or needs changes calls this first. Returns the new changes.
    """
    found = [change for owed in store.owed() if (change := _settle(store, owed)) is not None]
    store.digested([(change.id, edit_digests(change.assessment.diff)) for change in store.undigested()])
    return found


def pair(store: Store, article: str, old: int, new: int) -> tuple[Version, Version]:
    """Two versions of an article as today's extractor reads them, ready to be compared (0 is the seed)."""
    return current(store, article, old), current(store, article, new)


def current(store: Store, article: str, number: int) -> Version:
    """A version as today's extractor reads it; texts of different extractors are never compared."""
    version = store.version(article, number)
    if version is None:
        raise LookupError(f"{article} has no version {number}")
    return refresh(store, version)


def _settle(store: Store, owed: Owed) -> Change | None:
    old, new = pair(store, owed.article, owed.old, owed.new)
    assessment = assess(old.content, new.content)
    if owed.baseline is Baseline.PREVIOUS and _returned(store, owed, new):
        assessment = replace(assessment, kinds=(Kind.REVERT, *assessment.kinds))
    return store.settle(
        owed,
        assessment if assessment.diff.changed else None,
        summary=summarise(assessment, "en"),
        headline=new.content.headline or "",
        observed_after=old.last_seen,
        observed_by=new.first_seen,
        differ=FINGERPRINT,
    )


def _returned(store: Store, owed: Owed, new: Version) -> bool:
    """Whether the new text stood there before: A, then B, then A again is a return, and is called so."""
    digests = store.digests(owed.article)
    return any(digests.get(number) == digest(new.content) for number in range(1, owed.old))


def on_demand(store: Store, article: Article, old: str | None, new: str | None) -> Change:
    """Compare any two versions; nothing is recorded. Without ``old`` the baseline: the seed, else the version before."""
    numbers = [version.number for version in store.versions(article.id)]
    if not numbers:
        raise UserError(f"nothing has been seen of {article.id} yet; look with: zaesur crawl {article.url}")
    to = _number(new or "latest", numbers)
    before = [number for number in numbers if number < to] or [to]
    start = _number(old, numbers) if old else (0 if 0 in numbers else before[-1])
    versions = pair(store, article.id, start, to)
    assessment = assess(versions[0].content, versions[1].content)
    return Change(
        id=0,
        article=article.id,
        baseline=Baseline.SEED if start == 0 else Baseline.PREVIOUS,
        from_version=start,
        to_version=to,
        observed_after=versions[0].last_seen,
        observed_by=versions[1].first_seen,
        assessment=assessment,
        summary=summarise(assessment, "en"),
        url=article.url,
        language=article.language,
        headline=versions[1].content.headline or article.headline or "",
    )


def _number(name: str, numbers: list[int]) -> int:
    named = {"seed": "0", "latest": str(max(numbers))}.get(name, name)
    if named.isdigit() and int(named) in numbers:
        return int(named)
    known = ", ".join("seed" if number == 0 else str(number) for number in numbers)
    raise UserError(f"there is no version {name!r}; there are: {known}")

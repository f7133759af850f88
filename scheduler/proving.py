"""Prove the records: the chain holds, every text and every diff can be made again from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.extraction import fingerprint
from crawler.reading import reread
from reports.diff import FINGERPRINT, assess
from storage import Store
from storage.content import digest
from storage.types import Change, Origin, Version


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was proved, and each problem as one line naming the record."""

    captures: int
    versions: int
    changes: int
    problems: tuple[str, ...]


def prove(store: Store) -> Proof:
    """Check everything that can be checked from the records alone."""
    problems = [str(problem) for problem in store.verify_chain()]
    versions = [version for article in store.articles() for version in store.versions(article.id)]
    crawled = [version for version in versions if version.origin is not Origin.SEED]
    changes = store.changes()
    problems += [problem for version in crawled for problem in _text(store, version)]
    problems += [problem for change in changes for problem in _diff(store, change)]
    captures = store.status()["captures"]
    return Proof(captures=int(str(captures)), versions=len(crawled), changes=len(changes), problems=tuple(problems))


def _text(store: Store, version: Version) -> Iterator[str]:
    """A version made by today's extractor must come out of its stored page again, byte for byte."""
    if version.fingerprint != fingerprint():
        return
    name = f"version {version.number} of {version.article} (capture {version.capture})"
    again = reread(store, version)
    if again is None:
        yield f"{name}: the page as served is not stored, so its text cannot be made again"
    elif digest(again) != digest(version.content):
        yield f"{name}: the stored page gives another text than the recorded one"


def _diff(store: Store, change: Change) -> Iterator[str]:
    old = store.version(change.article, change.from_version)
    new = store.version(change.article, change.to_version)
    if old is None or new is None:
        yield f"change {change.id}: one of its versions is missing"
    elif store.differ_of(change.id) == FINGERPRINT and assess(old.content, new.content).diff != change.assessment.diff:
        yield f"change {change.id}: computing it again gives another diff"

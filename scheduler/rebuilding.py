"""Read every stored page again with today's extractor and compare again with today's rules; the looks themselves stay untouched.

Each text and each change is one transaction and is skipped when it is of today already: killed half way, the next run goes on;
a second run finds nothing to do. What a text or a change said before stays recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.apart import read_apart
from crawler.extraction import Unreadable, fingerprint
from crawler.reading import refresh, reread_look
from scheduler.comparing import compare_owed, compared, pair, told
from storage import Owed, Store
from storage.content import digest, encode
from storage.types import Article, Capture, Event, Origin, Outcome, Version


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """One text or change that was looked at: ``what`` happened, to which ``name``; ``said`` only where something differs."""

    what: str
    article: str
    name: str
    said: str = ""


def rebuild(store: Store, articles: Iterable[Article]) -> Iterator[Rebuilt]:
    """Bring the texts and changes of these articles to what today's program makes of the stored pages."""
    for article in articles:
        versions = [v for v in store.versions(article.id) if v.origin is not Origin.SEED and not v.removed]
        for version in versions:
            yield from _read(store, version)
        yield from _looks(store, article)
        for owed, change in store.compared(article.id):
            yield from _compare(store, owed, change)
    compare_owed(store)


def count(done: Iterable[Rebuilt]) -> Counter[str]:
    """How often each thing happened."""
    return Counter(one.what for one in done)


def _read(store: Store, before: Version) -> Iterator[Rebuilt]:
    name = f"version {before.number}"
    if before.fingerprint == fingerprint():
        return
    after = refresh(store, before, read_apart)
    if after.fingerprint != fingerprint():
        why = next((e.facts["reason"] for e in reversed(store.unread(before.article)) if _names(e, before)), "unknown")
        said = f"cannot be read again by today's extractor ({why}); it stays as it was read"
        yield Rebuilt(what="unreadable", article=before.article, name=name, said=said)
    elif digest(after.content) == digest(before.content):
        yield Rebuilt(what="read", article=before.article, name=name)
    else:
        said = f"read differently by today's extractor (before: {before.fingerprint})"
        yield Rebuilt(what="read differently", article=before.article, name=name, said=said)


def _names(event: Event, version: Version) -> bool:
    return (event.facts["number"], event.facts["fingerprint"]) == (version.number, fingerprint())


def _looks(store: Store, article: Article) -> Iterator[Rebuilt]:
    """Pages kept of looks that brought no version: each must still show the version it is recorded with."""
    digests = store.digests(article.id)
    for capture in store.captures(article.id):
        content = _again(store, capture) if capture.outcome is Outcome.UNCHANGED else None
        if content and digests.get(capture.version or 0) not in (content, None):
            said = f"today's extractor reads another text on its page than version {capture.version}; the record stays as it is"
            yield Rebuilt(what="look differs", article=article.id, name=f"capture {capture.id}", said=said)


def _again(store: Store, capture: Capture) -> str | None:
    try:
        return digest(reread_look(store, capture, read_apart))
    except Unreadable:
        return None


def _compare(store: Store, owed: Owed, number: int | None) -> Iterator[Rebuilt]:
    old, new = pair(store, owed.article, owed.old, owed.new)
    returned = store.returned(owed.article, owed.old, owed.new)
    assessment = compared(store, owed, old, new, returned)
    if assessment is None:
        return
    found = assessment if assessment.diff.changed else None
    facts = told(found, new, returned)
    recorded = store.change(number) if number else None
    if recorded is None:
        if found:
            change = store.settle(owed, found, observed_after=old.last_seen, observed_by=new.first_seen, **facts)
            name = f"change {change.id if change else '?'}"
            yield Rebuilt(what="found", article=owed.article, name=name, said="a difference that was not found before")
        return
    name = f"change {recorded.id}"
    if (recorded.withdrawn or found is None) and (found is None) is (recorded.withdrawn is not None):
        return  # withdrawn before, and still nothing differs
    if found and not recorded.withdrawn and encode(recorded.assessment) == encode(found):
        return
    store.retell(recorded.id, found, **facts)
    if found is None:
        yield Rebuilt(what="withdrawn", article=owed.article, name=name, said="today both pages read the same")
    else:
        yield Rebuilt(what="told anew", article=owed.article, name=name, said=f"is now: {facts['summary']}")

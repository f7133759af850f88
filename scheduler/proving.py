"""Prove the records: the chain holds, every text and every diff can be made again from what is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from crawler.apart import read_apart
from crawler.extraction import Unreadable, fingerprint
from crawler.reading import reread
from reports.diff import FINGERPRINT, assess
from scheduler.comparing import standing
from storage import Store
from storage.content import decode, digest
from storage.errors import UNREADABLE, NotNow, StoreError
from storage.passed import Passed
from storage.types import Change, Content, EventKind, Version

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was proved, what was taken down or cannot be read any more, and each problem as one line naming the record.

    ``passed`` is what to note of it when there is no problem, for the next short verification to go on from.
    """

    captures: int
    versions: int
    changes: int
    problems: tuple[str, ...]
    passed: Passed | None
    removed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def prove(store: Store) -> Proof:
    """Check everything that can be checked from the records alone."""
    passed = _there(store)
    problems = list(store.verify_chain())
    return _proof(
        store, passed, passed.look if passed else 0, problems, store.all_rows("versions"), store.all_rows("changes")
    )


def prove_since(store: Store, last: Passed, seconds: float) -> Proof:
    """Check what was recorded since a verification that passed, and go on comparing older rows with their seals for so long."""
    passed = _there(store, last)
    problems = list(store.verify_since(last))
    older, after = store.verify_older(last, passed or last, seconds)
    versions, changes = (map(int, store.sealed_since(last, table)) for table in ("versions", "changes"))
    return _proof(store, passed and after, after.look - last.look, problems + older, versions, changes)


def _there(store: Store, before: Passed | None = None) -> Passed | None:
    """What to note if all passes, taken before the rest: what is recorded meanwhile belongs to the next short verification."""
    with suppress(StoreError):  # what cannot be read is named by what follows
        return store.passed_now(before)
    return None


def _proof(
    store: Store,
    passed: Passed | None,
    captures: int,
    problems: list[str],
    versions: Iterable[int],
    changes: Iterable[int],
) -> Proof:
    """Extract these versions again, compute these changes again."""
    counts: Counter[str] = Counter()

    def text(version: Version) -> Iterator[str]:
        counts["versions"] += not version.removed
        yield from _text(store, version)

    def diff(change: Change) -> Iterator[str]:
        if not change.withdrawn:
            counts["changes"] += 1
            yield from _diff(store, change)

    problems += _each("version in row", versions, store.version_by_id, text)
    problems += _each("change", changes, store.change, diff)
    removed, unread = (_listed(told(store), problems) for told in (_removed, _unread))
    return Proof(
        captures=captures,
        versions=counts["versions"],
        changes=counts["changes"],
        problems=tuple(dict.fromkeys(problems)),
        passed=passed,
        removed=removed,
        unread=unread,
    )


def _each(
    what: str, ids: Iterable[int], find: Callable[[int], T | None], check: Callable[[T], Iterator[str]]
) -> Iterator[str]:
    """The problems of records; one that cannot even be read is a problem too, and keeps no other from being looked at."""
    try:
        for id in ids:
            try:
                if (found := find(id)) is not None:
                    yield from check(found)
            except (StoreError, *UNREADABLE) as error:
                yield f"{what} {id}: it cannot be read any more ({_in_a_line(error)})"
    except (StoreError, *UNREADABLE) as error:
        yield f"{what}: their numbers cannot be read any more ({_in_a_line(error)})"


def _listed(lines: Iterator[str], problems: list[str]) -> tuple[str, ...]:
    """These lines, as far as they can be read."""
    found = list[str]()
    try:
        found += lines
    except (StoreError, *UNREADABLE) as error:
        problems.append(f"events: they cannot be read any more ({_in_a_line(error)})")
    return tuple(found)


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _removed(store: Store) -> Iterator[str]:
    for event in store.events(kinds=[EventKind.TAKEN_DOWN, EventKind.PURGED]):
        counts = Counter(kind for kind, _, _ in event.facts["removed"])
        what = ", ".join(f"{number} of {kind}" for kind, number in sorted(counts.items())) or "nothing"
        yield f"{event.article or 'pages'}: content removed on {event.at:%Y-%m-%d} because: {event.facts['reason']} ({what})"


def _unread(store: Store) -> Iterator[str]:
    """Versions whose pages an extractor could not read again: no difference to them is told in its name."""
    for event in store.unread():
        facts = event.facts
        yield f"version {facts['number']} of {event.article}, by {facts['fingerprint']} on {event.at:%Y-%m-%d}: {facts['reason']}"


def _text(store: Store, version: Version) -> Iterator[str]:
    """A version made by today's extractor must come out of its stored page again, byte for byte."""
    if version.removed or version.fingerprint != fingerprint():
        return
    name = f"version {version.number} of {version.article} (capture {version.capture})"
    try:
        again = reread(store, version, read_apart)
    except (Unreadable, NotNow) as why:
        yield f"{name}: its text cannot be made again: {why}"
    else:
        if digest(again) != digest(version.content):
            yield f"{name}: the stored page gives another text than the recorded one"


def _diff(store: Store, change: Change) -> Iterator[str]:
    """A change found by today's rules must be found again, in the texts of the extractor it was found in."""
    old = store.version(change.article, change.from_version)
    new = store.version(change.article, change.to_version)
    if old is None or new is None:
        yield f"change {change.id}: one of its versions is missing"
        return
    if old.removed or new.removed or store.differ_of(change.id) != FINGERPRINT:
        return
    readings = _readings(store, change, old, new)
    try:
        same = any(_same(store, change, *reading) for reading in readings)
    except NotNow as why:
        yield f"change {change.id}: its diff cannot be computed again: {why}"
        return
    if store.extractor_of(change.id) and not readings:
        yield f"change {change.id}: the texts it was found in are missing"
    elif readings and not same:
        yield f"change {change.id}: computing it again gives another diff"


def _readings(store: Store, change: Change, old: Version, new: Version) -> list[tuple[Version, Version]]:
    """The texts of both versions by each extractor that read both; of the one it was found by, where that is recorded."""
    olds, news = _read_by(store, old), _read_by(store, new)
    named = store.extractor_of(change.id)
    both = [name for name in news if named in (None, name) and (name in olds or old.number == 0)]
    return [(olds.get(name, old), news[name]) for name in both]


def _read_by(store: Store, version: Version) -> dict[str, Version]:
    read = store.readings(version.article, version.number)
    return {name: replace(version, content=decode(said, Content), fingerprint=name) for said, name in read}


def _same(store: Store, change: Change, old: Version, new: Version) -> bool:
    return assess(old.content, new.content, standing(store, new)).diff == change.assessment.diff

"""Anchors made, written, stamped, and checked against the chain as it is now."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from scheduler.timestamps import NotStamped, stamp, stamped_at
from storage import Store
from storage.anchors import Anchor, parse
from storage.errors import UNREADABLE, StoreError, UserError

_DAILY = timedelta(hours=23)  # cron never asks at the very same second, and a whole day would pass over every other one


async def stamp_daily(store: Store, authority: str, now: datetime | None = None) -> Counter[str]:
    """Get a time stamp on all records and keep it, once a day and only when there is something new; says how many.

    Raises what ``stamp`` does: then nothing is kept, and the next call tries again.
    """
    last = store.last_stamp()
    if last and timedelta(0) <= (now or datetime.now(UTC)) - last < _DAILY:
        return Counter()
    # a connection of its own in a thread: looks go on while the authority takes its time
    anchor = await asyncio.to_thread(_newly_stamped, store.path, authority)
    if anchor:
        store.keep_anchor(anchor, authority)
    return Counter({"anchors stamped": 1} if anchor else {})


def _newly_stamped(database: Path, authority: str) -> Anchor | None:
    with Store.open(database, write=False) as store:
        anchor = store.anchor_now() if store.head() else None
    return replace(anchor, token=stamp(anchor.data, authority)) if anchor and anchor.token is None else None


def anchored(database: Path, authority: str | None) -> tuple[Anchor, bool]:
    """An anchor over all looks, with a time stamp of the authority at this URL if one is named; and whether it is kept in the database.

    It is not while the service is at work, for only one may write evidence; kept elsewhere it proves the same.
    """
    kept = not Store.locked(database)
    with Store.open(database, write=kept) as store:
        anchor = store.anchor_now()
        if authority and anchor.token is None:
            if kept:
                store.keep_anchor(anchor)
            anchor = replace(anchor, token=stamp(anchor.data, authority))
        if kept:
            store.keep_anchor(anchor, authority if anchor.token else None)
    return anchor, kept


def write(anchor: Anchor, path: Path) -> list[Path]:
    """Write the anchor file, and its time stamp beside it (``.tsr``); refuses to overwrite. In a folder it takes a name of its own."""
    if path.is_dir():
        path = path / f"anchor-{anchor.at[:10]}-{anchor.size}.json"
    files = {path: anchor.data} | ({path.with_name(f"{path.name}.tsr"): anchor.token} if anchor.token else {})
    for file in files:
        if file.exists():
            raise UserError(f"{file} exists already; nothing was written")
    for file, data in files.items():
        try:
            file.write_bytes(data)
        except OSError as error:
            raise StoreError(f"{file}: cannot be written ({error.strerror})") from None
    return list(files)


def read(path: Path) -> Anchor:
    """An anchor file, with the time stamp that lies beside it."""
    beside = path.with_name(f"{path.name}.tsr")
    try:
        return parse(path.read_bytes(), beside.read_bytes() if beside.exists() else None)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def disagreements(store: Store, anchor: Anchor, *, ends: bool = False) -> Iterator[str]:
    """What of the records is not as the anchor says: cut off, another look or seal at their end, or (unless ``ends``) one altered before it."""
    name = f"anchor of {anchor.at}"
    tree = None if ends else store.tree(anchor.size)
    if tree and tree.size < anchor.size:
        yield f"{name}: it saw {anchor.size} looks, there are {tree.size}; the end of the chain is missing"
        return
    head = next(store.links(after=anchor.size - 1, until=anchor.size), None)
    if head is None or head.hash != anchor.head:
        yield f"capture {anchor.size}: not the one that the {name} saw"
    if tree and tree.root != anchor.root:
        yield f"{name}: the first {anchor.size} looks are not those it saw"
    if not store.sealed_as(anchor):
        yield f"seal {anchor.seals}: not the one that the {name} saw; what is told of the looks was cut off or rewritten"


def proved(
    store: Store, files: Iterable[Path], authority: Path | None, *, short: bool = False
) -> tuple[list[str], list[str]]:
    """What these anchor files, and the anchors kept in the database, prove: facts, and problems; one line each.

    ``short``: of those kept in the database only the ends are held against the records, not the root over all looks.
    """
    facts: list[str] = []
    problems: list[str] = []
    given, kept = list(map(read, files)), _kept(store, problems)
    stamped = {anchor.data for anchor in [*given, *kept] if anchor.token}
    for anchor in [*given, *kept]:
        try:
            problems += disagreements(store, anchor, ends=short and anchor not in given)
        except (StoreError, *UNREADABLE) as error:
            problems.append(f"anchor of {anchor.at}: what it saw cannot be read any more ({error})")
        if anchor.token is None and anchor.data in stamped:
            continue  # kept before the authority was asked
        try:
            facts.append(_told(anchor, authority))
        except NotStamped as error:
            problems.append(f"anchor of {anchor.at}: {error}")
    return list(dict.fromkeys(facts)), list(dict.fromkeys(problems))


def _kept(store: Store, problems: list[str]) -> list[Anchor]:
    """The anchors in the database; that they cannot be read is a problem."""
    try:
        return store.anchors()
    except (StoreError, UserError, *UNREADABLE) as error:
        problems.append(f"anchors: they cannot be read any more ({error})")
        return []


def _told(anchor: Anchor, authority: Path | None) -> str:
    if anchor.token is None:
        return f"Anchor of {anchor.at} over {anchor.size} looks: no time stamp."
    at, checked = stamped_at(anchor.data, anchor.token, authority)
    signature = "its signature holds" if checked else "its signature was not checked (that takes --authority PEM)"
    return f"Anchor of {anchor.at} over {anchor.size} looks: stamped {at.isoformat()}, {signature}."

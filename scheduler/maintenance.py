"""What the service does for the database once a day: statistics for the query planner, what is new verified, a backup, old runs away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.comparing import compare_owed
from scheduler.configuration import Configuration
from scheduler.proving import prove_since
from storage import Store
from storage.passed import read_passed, write_passed


async def daily(store: Store, name: str, work: Callable[[Store], Awaitable[Counter[str]]]) -> Counter[str]:
    """Do what is done once a day, unless it was done today (UTC), by whichever service or command: one that is started anew every day keeps
    the records as well as one that runs for months. What fails is tried again when this is called next.
    """
    kept, today = f"daily {name}", f"{datetime.now(UTC):%Y-%m-%d}"
    if (store.recall(kept) or {}).get("on") == today:
        return Counter()
    counts = await work(store)
    store.remember(kept, {"on": today})
    return counts


async def maintain(store: Store, configuration: Configuration) -> Counter[str]:
    """Pack pages; compare what was never compared; optimise; verify what is new; back up and keep the newest copies, if a folder is named; forget runs long past. What is recorded stays as it is."""
    wanted = configuration.maintenance
    counts = Counter({"old runs removed": store.forget_runs(datetime.now(UTC) - timedelta(days=wanted.runs))})
    for packed in store.pack_pages():
        counts["pages packed"] += packed
        await asyncio.sleep(0)  # looks go on between
    counts["compared late"] = len(compare_owed(store, everything=True))  # whatever was noted of what is owed
    store.optimise()
    # a connection of its own in a thread: looks go on meanwhile
    if problem := await asyncio.to_thread(_verify, store.path, wanted.verify * 60):
        store.note_incident("records", f"{problem}; see: zaesur verify")
    if wanted.backups:
        folder = store.path.parent / wanted.backups
        await asyncio.to_thread(_back_up, store.path, folder)
        counts["backed up"] = 1
        counts["old backups removed"] = rotate(folder, store.path.stem, wanted.keep)
    return +counts


def _verify(path: Path, seconds: float) -> str | None:
    """The first problem of what was recorded since the last verification that passed; nothing is done where none ever was asked for."""
    last = read_passed(path)
    if last is None or not seconds:
        return None
    with Store.open(path, write=False) as store:
        proof = prove_since(store, last, seconds)
    if proof.passed and not proof.problems:
        write_passed(path, proof.passed)
    return next(iter(proof.problems), None)


def _back_up(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    with Store.open(path, write=False) as store:
        store.backup(folder / name)


def rotate(folder: Path, stem: str, keep: int) -> int:
    """Remove all but the newest copies; only files named as we name them. Returns how many were removed."""
    pattern = f"{stem}-{'[0-9]' * 8}T{'[0-9]' * 6}Z.db"
    old = sorted(folder.glob(pattern))[:-keep]
    for path in old:
        path.unlink()
    return len(old)

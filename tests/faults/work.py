"""What is done until the power is cut, and what must hold afterwards, given what had been acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3

from scheduler.comparing import compare_owed
from storage import Store, opening
from storage.database import Database
from storage.schema import SCHEMA
from storage.types import Look
from tests.faults import scene
from tests.faults.old import first_schema

NAME, COPY = "z.db", "copy.db"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Operation:
    """One thing that is done: from a folder, telling each acknowledgement; ``left`` yields what else is wrong in a folder that a cut left."""

    name: str
    work: Callable[[Path, Tell], None]
    start: Path  # the folder it begins with
    left: Callable[[Path, set[str]], Iterator[str]] = lambda folder, told: iter(())
    told: frozenset[str] | None = None  # acknowledged before it began; ``None``: whatever the database holds


def operations(at: Path) -> list[Operation]:
    """All that writes to the disk, each with the folder it begins with, made below ``at``."""
    looks = scene.looks(16)
    empty, recorded, owing, old = (at / name for name in ("empty", "recorded", "owing", "old"))
    for folder in (empty, recorded, owing, old):
        folder.mkdir()
    scene.recorded(recorded / NAME)
    with Store.open(owing / NAME) as store:
        for look in looks[:8]:
            store.record(look)
    first_schema(recorded / NAME, old / NAME)
    return [
        Operation("create", partial(_capture, looks[:3]), empty),
        Operation("capture", partial(_capture, looks[8:]), owing),
        Operation("capture, TRUNCATE", partial(_capture_without_wal, looks[8:12]), owing),
        Operation("compare", _compare, owing),
        Operation("migrate", _migrate, old, _safety_copy),
        Operation("backup", _backup, recorded, _whole_backup),
        Operation("pack", _pack, recorded, _packed),
        Operation("retention", _retain, recorded),
    ]


def _capture(looks: list[Look], folder: Path, tell: Tell) -> None:
    with Store.open(folder / NAME) as store:
        for number, look in enumerate(looks):
            store.record(look)
            tell(_newest(store))
            if number % 4 == 3:
                compare_owed(store)
                tell(_newest(store))
                store._rows("PRAGMA wal_checkpoint(PASSIVE)")  # by itself it comes only after a thousand pages


def _capture_without_wal(looks: list[Look], folder: Path, tell: Tell) -> None:
    opening._WAL_RESET_FIXED = (99, 0, 0)  # as with an SQLite whose WAL is not safe
    _capture(looks, folder, tell)


def _compare(folder: Path, tell: Tell) -> None:
    with Store.open(folder / NAME) as store:
        compare_owed(store)
        tell(_newest(store))


def _migrate(folder: Path, tell: Tell) -> None:
    with Store.open(folder / NAME):
        tell("migrated")


def _backup(folder: Path, tell: Tell) -> None:
    with Store.open(folder / NAME, write=False) as store:
        store.backup(folder / COPY)
    tell(COPY)


def _pack(folder: Path, tell: Tell) -> None:
    with Store.open(folder / NAME) as store:
        list(store.pack_pages())
        tell("packed")


def _retain(folder: Path, tell: Tell) -> None:
    with Store.open(folder / NAME) as store:
        store.purge(store.unneeded_bodies(scene.START + timedelta(days=1), set_aside=True), "kept for a day")
        tell(_newest(store))
        store.take_down(store.articles()[0].id, "asked for")
        tell(_newest(store))


def _newest(store: Store) -> str:
    """What was acknowledged last: the newest seal, and with it every row sealed before."""
    row = store._row("SELECT id, hash FROM seals ORDER BY id DESC LIMIT 1")
    return f"seal {row['id']} {bytes(row['hash']).hex()}" if row else "nothing"


def restart(operation: Operation, start: Path, told: set[str]) -> Operation:
    """The restart after a cut that left ``start``: what it repairs is cut again."""
    return Operation(f"{operation.name}, again", _compare, start, operation.left, frozenset(told))


def held(db: Database) -> set[str]:
    """What a database of any schema holds, as it is told when it is acknowledged."""
    held = {f"capture {hash}" for (hash,) in db.execute("SELECT hash FROM captures")}
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'seals'").fetchone():
        held |= {f"seal {number} {bytes(hash).hex()}" for number, hash in db.execute("SELECT id, hash FROM seals")}
    return held


def _safety_copy(folder: Path, told: set[str]) -> Iterator[str]:
    """Once the database is of today's schema, the copy from before is there, and whole."""
    copy = folder / f"{NAME}.before-schema-{SCHEMA}"
    if not copy.exists():
        yield "the database was migrated and there is no safety copy"
        return
    with closing(Database(sqlite3.connect(f"file:{copy}?immutable=1", uri=True))) as db:
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or db.execute(
            "PRAGMA user_version"
        ).fetchone() != (1,):
            yield "the safety copy is not whole"
        elif lost := {word for word in told if word.startswith("capture")} - held(db):
            yield f"the safety copy has lost {len(lost)}"


def _whole_backup(folder: Path, told: set[str]) -> Iterator[str]:
    """A backup that has its name is whole; one that was acknowledged has it; another can be made over what is left."""
    copy = folder / COPY
    if not copy.exists():
        if COPY in told:
            yield "an acknowledged backup is gone"
        with Store.open(folder / NAME, write=False) as store:
            store.backup(copy)
    with Store.open(copy) as store:
        yield from store.verify_chain()
        if lost := {word for word in told if word.startswith("seal")} - held(store._db):
            yield f"the backup has lost {len(lost)}"


def _packed(folder: Path, told: set[str]) -> Iterator[str]:
    with Store.open(folder / NAME, write=False) as store:
        if "packed" in told and store.waiting_pages():
            yield "pages that were packed are not"

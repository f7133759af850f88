"""Cut the power at every moment: is all that was acknowledged there afterwards, does it verify, does a restart need a hand?

Each operation runs once over ``shim.c``, which writes down every write, truncate, sync and name, and when something was acknowledged.
From that come ``size`` folders that a power cut may leave (``images.py`` says by which rules), shared among the operations; each is opened as
after a restart. ``careless`` 1 and 2 run the operations with SQLite's synchronous=NORMAL and OFF: then the suite must see losses.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from scheduler.comparing import compare_owed
from storage import Store, opening
from storage.schema import SCHEMA
from storage.seals import head_name, read_head
from storage.types import Look
from tests.faults import scene
from tests.faults.images import Call, Disk, Folder, read_log
from tests.faults.old import first_schema
from tests.faults.shim import preloaded

_SYNCHRONOUS = {1: "NORMAL", 2: "OFF"}
_PROVED = 25  # one image in so many is proved whole: every text and every difference made again
Tell = Callable[[str], None]
NAME, COPY = "z.db", "copy.db"


@dataclass(frozen=True)
class Operation:
    """What is done until the power is cut, and what else must hold then, given what had been acknowledged."""

    name: str
    work: Callable[[Path, Tell], None]
    start: Path  # the folder it begins with
    left: Callable[[Path, set[str]], Iterator[str]] = lambda folder, told: iter(())


def run(size: int, seed: int, careless: int) -> int:
    """Cut the power ``size`` times and check what had been acknowledged."""
    shim, began, figures = preloaded("power"), time.process_time(), Counter[str]()
    with scene.folder() as name:
        operations = _operations(Path(name))
        for number, operation in enumerate(operations):
            share = size // len(operations) + (number < size % len(operations))
            figures += _cut(shim, operation, Path(name) / "work", share, random.Random(f"{seed} {number}"), careless)
    print(
        f"power cuts: {size} images of {figures['calls']} calls and {figures['syncs']} syncs, {figures['told']} acknowledgements "
        f"checked; {figures['lost']} images lost one, {figures['bad']} did not verify, {figures['hand']} needed a hand; "
        f"{f'losses expected with synchronous={_SYNCHRONOUS[careless]}' if careless else 'targets 0, 0, 0'} "
        f"({time.process_time() - began:.0f} s of processor time)"
    )
    failed = figures["lost"] + figures["bad"] + figures["hand"]
    return int(not failed if careless else failed > 0 or not figures["told"])


def _operations(at: Path) -> list[Operation]:
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
    number, digest = read_head(head_name(store.path)) or (0, b"")
    return f"seal {number} {digest.hex()}"


def _held(db: Database) -> set[str]:
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
        elif lost := {word for word in told if word.startswith("capture")} - _held(db):
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
        if lost := {word for word in told if word.startswith("seal")} - _held(store._db):
            yield f"the backup has lost {len(lost)}"


def _packed(folder: Path, told: set[str]) -> Iterator[str]:
    with Store.open(folder / NAME, write=False) as store:
        if "packed" in told and store.waiting_pages():
            yield "pages that were packed are not"


def _cut(
    shim: ctypes.CDLL, operation: Operation, folder: Path, size: int, rng: random.Random, careless: int
) -> Counter[str]:
    """Images of one operation; what was found wrong, each image under the worst of it."""
    calls = _recorded(shim, operation, folder, careless)
    figures = Counter(calls=len(calls), syncs=sum(call.verb == "sync" for call in calls))
    for number, (call, image, told) in enumerate(_images(operation, calls, size, rng)):
        _write(folder, image)
        figures["told"] += len(told)
        kind, problems = _found(operation, folder, told, number)
        figures[kind] += bool(kind)
        if kind and (figures[kind] <= 3 or not careless):
            print(f"{operation.name}, cut before call {call} of {len(calls)}: {kind}: {'; '.join(problems)[:600]}")
    bad = sum(figures[kind] for kind in ("lost", "bad", "hand"))
    print(f"{operation.name:<18} {len(calls):>5} calls, {size:>5} images, {bad} not as they should be", flush=True)
    return figures


def _images(
    operation: Operation, calls: list[Call], size: int, rng: random.Random
) -> Iterator[tuple[int, Folder, set[str]]]:
    """The number of the call that did not come any more, what may be found then, and what had been acknowledged."""
    disk, told = Disk(_read(operation.start)), _told_before(operation.start / NAME)
    cuts = _moments(calls, size, rng)
    for number, call in enumerate(calls):
        for _ in range(cuts[number]):
            yield number, disk.cut(rng), set(told)
        if call.verb == "ack":
            told.add(call.name)
        else:
            disk.do(call)
    for _ in range(cuts[len(calls)]):
        yield len(calls), disk.cut(rng), set(told)


def _moments(calls: list[Call], size: int, rng: random.Random) -> Counter[int]:
    """How often to cut before which call: half of all before a sync, where most is at stake, or after an acknowledgement; half anywhere."""
    eager = [number for number, call in enumerate(calls) if call.verb == "sync"]
    eager += [number + 1 for number, call in enumerate(calls) if call.verb == "ack"]
    rng.shuffle(eager)
    half = [eager[number % len(eager)] for number in range(size // 2)]
    return Counter(half + [rng.randint(0, len(calls)) for _ in range(size - len(half))])


def _found(operation: Operation, folder: Path, told: set[str], number: int) -> tuple[str, list[str]]:
    """How a restart goes on what was left: "lost", "bad", "hand" or "", and why."""
    try:
        with Store.open(folder / NAME) as store:
            compare_owed(store)
            problems = list(store.verify_chain())
            lost = {word for word in told if word.startswith(("capture", "seal"))} - _held(store._db)
            problems += [incident.detail for incident in store.incidents() if incident.kind == "lost"]
        problems += operation.left(folder, told)
        problems += scene.sound(folder / NAME) if number % _PROVED == 0 else []
    except Exception as trouble:  # whatever it is, a restart would need a hand
        return "hand", [f"{type(trouble).__name__}: {trouble}"]
    return "lost" if lost else "bad" if problems else "", [f"{len(lost)} lost", *problems]


def _told_before(path: Path) -> set[str]:
    if not path.exists():
        return set()
    with closing(Database(sqlite3.connect(str(path)))) as db:
        return _held(db)


def _recorded(shim: ctypes.CDLL, operation: Operation, folder: Path, careless: int) -> list[Call]:
    """Do it once, in a process of its own; every call that it made."""
    _write(folder, _read(operation.start))
    with tempfile.TemporaryFile() as log:
        child = os.fork()
        if not child:
            _to_its_end(shim, operation, folder, log.fileno(), careless)
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"{operation.name} fails without a cut")
        log.seek(0)
        calls = read_log(log.read())
    disk = Disk(_read(operation.start))
    for call in calls:
        disk.do(call)
    if _but_shared_memory(disk.now()) != _but_shared_memory(_read(folder)):
        raise SystemExit(f"{operation.name}: the calls written down do not give the folder; the shim misses some")
    return calls


def _to_its_end(shim: ctypes.CDLL, operation: Operation, folder: Path, log: int, careless: int) -> None:
    code = 1
    try:
        if careless:
            _be_careless(_SYNCHRONOUS[careless])
        shim.fault_log(log)
        shim.fault_arm(str(folder).encode(), 0, 0, 0, 0)
        operation.work(folder, lambda word: shim.fault_ack(word.encode()))
        shim.fault_disarm()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _be_careless(synchronous: str) -> None:
    durable = opening._make_durable

    def careless(db: Database) -> None:
        durable(db)
        db.execute(f"PRAGMA synchronous = {synchronous}")

    opening._make_durable = careless


def _read(folder: Path) -> Folder:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _write(folder: Path, image: Folder) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in image.items():
        (folder / name).write_bytes(data)


def _but_shared_memory(folder: Folder) -> Folder:
    return {name: data for name, data in folder.items() if not name.endswith("-shm")}


if __name__ == "__main__":
    scene.command("power", run, 400, careless=0)

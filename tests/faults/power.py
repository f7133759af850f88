"""Cut the power at every moment: is all that was acknowledged there afterwards, does it verify, does a restart need a hand?

Each operation runs once over ``shim.c``, which writes down every write, truncate, sync and name, and when something was acknowledged.
From that come ``size`` folders that a power cut may leave (``images.py`` says by which rules), shared among the operations; each is opened as
after a restart. A quarter are cut once more while a restart repairs what a first cut left. ``careless`` 1 and 2 run the operations with SQLite's synchronous=NORMAL and OFF: then the suite must see losses.
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
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3

from scheduler.comparing import compare_owed
from storage import Store, opening
from storage.database import Database
from tests.faults import scene, work
from tests.faults.images import Call, Disk, Folder, read_log
from tests.faults.shim import preloaded
from tests.faults.work import NAME, Operation

_SYNCHRONOUS = {1: "NORMAL", 2: "OFF"}
_TWICE = 25  # images of one restart that is cut again
_PROVED = 25  # one image in so many is proved whole: every text and every difference made again


def run(size: int, seed: int, careless: int) -> int:
    """Cut the power ``size`` times and check what had been acknowledged."""
    shim, began, figures = preloaded("power"), time.process_time(), Counter[str]()
    with scene.folder() as name:
        operations = work.operations(Path(name))
        for number, operation in enumerate(operations):
            share = size // len(operations) + (number < size % len(operations))
            figures += _shared(shim, operation, Path(name), share, random.Random(f"{seed} {number}"), careless)
    print(
        f"power cuts: {size} images of {figures['calls']} calls and {figures['syncs']} syncs, {figures['told']} acknowledgements "
        f"checked; {figures['lost']} images lost one, {figures['bad']} did not verify, {figures['hand']} needed a hand; "
        f"{f'losses expected with synchronous={_SYNCHRONOUS[careless]}' if careless else 'targets 0, 0, 0'} "
        f"({time.process_time() - began:.0f} s of processor time)"
    )
    failed = figures["lost"] + figures["bad"] + figures["hand"]
    return int(not failed if careless else failed > 0 or not figures["told"])


def _shared(
    shim: ctypes.CDLL, operation: Operation, at: Path, size: int, rng: random.Random, careless: int
) -> Counter[str]:
    """Cut an operation, and some of the restarts after that once more; what was found wrong."""
    calls, twice = _recorded(shim, operation, at / "work", careless), 0 if careless else size // 4
    figures = _cut(operation, calls, at / "work", size - twice, rng, careless)
    restarts = -(-twice // _TWICE)
    for number, (_, image, told) in enumerate(_images(operation, calls, restarts, rng)):
        _write(at / "left", image)
        again = work.restart(operation, at / "left", told)
        share = twice // restarts + (number < twice % restarts)
        figures += _cut(again, _recorded(shim, again, at / "work", careless), at / "work", share, rng, careless)
    return figures


def _cut(
    operation: Operation, calls: list[Call], folder: Path, size: int, rng: random.Random, careless: int
) -> Counter[str]:
    """Images of one operation; what was found wrong, each image under the worst of it."""
    figures = Counter(calls=len(calls), syncs=sum(call.verb == "sync" for call in calls))
    for number, (call, image, told) in enumerate(_images(operation, calls, size, rng)):
        _write(folder, image)
        figures["told"] += len(told)
        kind, problems = _found(operation, folder, told, number)
        figures[kind] += bool(kind)
        if kind and (figures[kind] <= 3 or not careless):
            print(f"{operation.name}, cut before call {call} of {len(calls)}: {kind}: {'; '.join(problems)[:600]}")
    bad = sum(figures[kind] for kind in ("lost", "bad", "hand"))
    print(f"{operation.name:<24} {len(calls):>5} calls, {size:>5} images, {bad} not as they should be", flush=True)
    return figures


def _images(
    operation: Operation, calls: list[Call], size: int, rng: random.Random
) -> Iterator[tuple[int, Folder, set[str]]]:
    """The number of the call that did not come any more, what may be found then, and what had been acknowledged."""
    told = set(_told_before(operation.start / NAME) if operation.told is None else operation.told)
    disk = Disk(_read(operation.start))
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
    half = [eager[number % len(eager)] for number in range(size // 2)] if eager else []
    return Counter(half + [rng.randint(0, len(calls)) for _ in range(size - len(half))])


def _found(operation: Operation, folder: Path, told: set[str], number: int) -> tuple[str, list[str]]:
    """How a restart goes on what was left: "lost", "bad", "hand" or "", and why."""
    try:
        with Store.open(folder / NAME) as store:
            compare_owed(store)
            problems = list(store.verify_chain())
            lost = {word for word in told if word.startswith(("capture", "seal"))} - work.held(store._db)
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
        return work.held(db)


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

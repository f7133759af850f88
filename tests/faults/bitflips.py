"""Turn single bits round in the database, its WAL, a backup and a bundle of evidence: is every altered record named?"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from reports.evidence.bundle import write
from scheduler.comparing import compare_owed
from scheduler.evidence import gather
from scheduler.proving import prove, prove_since
from storage import Store
from storage.errors import ZaesurError
from storage.passed import Passed
from storage.seals import sealed_tables
from storage.texts import unpacked
from tests.faults import scene

_ALL = float("inf")  # seconds for the older records: a whole round
NAMED, UNCHANGED, SILENT = "named", "changed no record", "SILENT"


def run(size: int, seed: int) -> int:
    """Flip ``size`` single bits and see whether verify names each one that alters a record."""
    rng = random.Random(seed)
    with scene.folder() as name:
        at = Path(name)
        database, wal, backup, bundle, (grown, passed) = _made(at)
        parts: list[tuple[str, int, Callable[[int], str]]] = [
            ("database", 5, lambda bit: _database(database, "", bit)),
            ("WAL", 2, lambda bit: _database(wal, "-wal", bit)),
            ("backup", 2, lambda bit: _database(backup, "", bit)),
            ("verify --new", 2, lambda bit: _database(grown, "", bit, passed)),
            ("evidence bundle", 1, lambda bit: _bundle(bundle, bit)),
        ]
        silent = 0
        for part, tenths, flip in parts:
            found: Counter[str] = Counter()
            for _ in range(max(1, size * tenths // 10)):
                bit = rng.getrandbits(48)
                verdict = flip(bit)
                found[verdict] += 1
                if verdict == SILENT:
                    print(f"SILENT: {part}, --bit {bit}")
            silent += found[SILENT]
            print(
                f"{part:<16} {sum(found.values()):>6} flips: " + ", ".join(f"{n} {v}" for v, n in found.most_common())
            )
    print(f"bit flips: {silent} silent of {size}; target 0")
    return 1 if silent else 0


def _made(at: Path) -> tuple[Path, Path, Path, Path, tuple[Path, Passed]]:
    """A database, one whose newest commits are still in the WAL, a backup, a bundle; one that grew since it was verified."""
    database, wal = scene.recorded(at / "z.db"), at / "w.db"
    shutil.copy(database, wal)
    shutil.copy(f"{database}-head", f"{wal}-head")
    with Store.open(wal) as store:
        for look in scene.looks(20, seed=9)[-6:]:
            store.record(look)
        copied = at / "wal"
        copied.mkdir()
        for name in ("w.db", "w.db-wal", "w.db-head"):
            shutil.copy(at / name, copied / name)
    backup, bundle = at / "backup.db", at / "bundle"
    with Store.open(database, write=False) as store:
        store.backup(backup)
        write(gather(store, store.changes()[0].id), bundle)
    return database, copied / "w.db", backup, bundle, _grown(at, database)


def _grown(at: Path, database: Path) -> tuple[Path, Passed]:
    grown = at / "grown.db"
    shutil.copy(database, grown)
    shutil.copy(f"{database}-head", f"{grown}-head")
    with Store.open(grown) as store:
        passed = store.passed_now()
        for look in scene.looks(20, seed=9)[-6:]:
            store.record(look)
        compare_owed(store)
        sum(store.pack_pages())
        assert prove_since(store, passed, _ALL).problems == ()
    return grown, passed


def _database(path: Path, part: str, bit: int, passed: Passed | None = None) -> str:
    """The verdict on one bit of a database's file (or of its WAL), flipped in a copy; ``passed``: that of the short verification."""
    at = path.parent / "flipped"
    shutil.rmtree(at, ignore_errors=True)
    at.mkdir()
    copy = at / path.name
    for file in path.parent.glob(f"{path.name}*"):
        if not file.name.endswith(("-shm", "-lock")):
            shutil.copy(file, at / file.name)
    before = _records(copy)
    for left in at.glob("*-shm"):
        left.unlink()
    _flip(Path(f"{copy}{part}"), bit)
    try:
        with Store.open(copy, write=False) as store:
            short = passed and (list(store.verify_since(passed)) or store.verify_older(passed, passed, _ALL)[0])
            if short if passed else next(store.verify_chain(), None):
                return NAMED
            if _records(copy) == before:
                return UNCHANGED
            proof = prove_since(store, passed, _ALL) if passed else prove(store)
            return NAMED if proof.problems else SILENT
    except ZaesurError:
        return NAMED  # refused, with one line


def _records(path: Path) -> object:
    """Every record, as it can be read."""
    try:
        with Store.open(path, write=False) as store:
            return [
                # what is packed counts as it says: bits of its wrapping mean nothing
                {**row, "packed": None, **unpacked(store._db, table, row)}
                for table in sealed_tables()
                for row in store._rows(f"SELECT * FROM {table} ORDER BY rowid")
            ]
    except (ZaesurError, ValueError) as error:
        return error


def _bundle(bundle: Path, bit: int) -> str:
    files = sorted(file for file in bundle.rglob("*") if file.is_file() and file.name != "verify.py")
    file = files[bit % len(files)]
    whole = file.read_bytes()
    _flip(file, bit // len(files))
    check = [sys.executable, "-I", "-S", str(bundle / "verify.py")]
    failed = subprocess.run(check, capture_output=True, check=False).returncode != 0
    file.write_bytes(whole)
    return NAMED if failed else SILENT


def _flip(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    bit %= len(data) * 8
    data[bit // 8] ^= 1 << (bit % 8)
    file.write_bytes(data)


if __name__ == "__main__":
    scene.command("bitflips", run, 500)

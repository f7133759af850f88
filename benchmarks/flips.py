"""Single-bit flips in a bundle of evidence: each is named with its file by the bundle's own verifier.

    python -m benchmarks.flips [COUNT]      (default 2,000)

Baseline: what the same flips do to a bundle that is checked by size alone, as a plain copy is. Exits 1 when a flip is missed.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reports.evidence.bundle import write
from reports.evidence.verify import Bundle
from scheduler.demo import demonstrate
from scheduler.evidence import gather
from storage import Store


def flipped(folder: Path, count: int, seed: int = 1) -> Iterator[tuple[str, list[str]]]:
    """Flip one bit at a time, in every file in turn, and undo it; yields the file and what the verifier says."""
    chance = random.Random(seed)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for number in range(count):
        path = files[number % len(files)]
        whole = path.read_bytes()
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        bundle = Bundle(str(folder))
        bundle.check()
        path.write_bytes(whole)
        yield path.relative_to(folder).as_posix(), bundle.problems


def main() -> int:
    """Flip, count, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with tempfile.TemporaryDirectory() as name:
        done = demonstrate(Path(name) / "zaesur.db", lambda text: None)
        folder = Path(name) / "bundle"
        with Store.open(done.database, write=False) as store:
            write(gather(store, done.against_previous.id), folder)
        missed = [file for file, problems in flipped(folder, count) if not any(file in each for each in problems)]
    print(f"{count - len(missed)} of {count} flips named with their file; by size alone: 0 of {count}")
    for file in sorted(set(missed)):
        print(f"MISSED in {file}: {missed.count(file)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

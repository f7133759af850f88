"""Fail the n-th call to the disk, for every n: is all that was acknowledged there, and is the trouble said in one line?

Each operation is run once to count its calls, then once for each call with that call failing. ``size`` is how many of the five
errors each call gets: with 1 the errors take turns; ``every`` takes only one call in so many, beginning with another for each
``seed``. Not failed are SQLite's own locks (fcntl): several hundred alike in each operation, and no call to the disk.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import scheduler.cli
from scheduler.comparing import compare_owed
from storage import Store
from storage.errors import ZaesurError
from storage.types import Look
from tests.faults import scene
from tests.faults.old import first_schema
from tests.faults.shim import preloaded

_ERRORS = [  # number, whether a write is cut in the middle, whether the trouble lasts
    ("disk full", errno.ENOSPC, False, True),
    ("I/O error", errno.EIO, False, False),
    ("quota", errno.EDQUOT, False, False),
    ("short write", errno.ENOSPC, True, False),
    ("interrupted", errno.EINTR, False, False),
]
Work = Callable[[Path, int], int]  # in a folder with z.db, telling acknowledgements to a descriptor; an exit code


@dataclass(frozen=True)
class Operation:
    """What is done while the disk fails, and what must hold of what it leaves behind."""

    name: str
    work: Work
    start: Path  # the folder it begins with
    left: Callable[[Path], str | None]


def run(size: int, seed: int, every: int) -> int:
    """Fail every call to the disk, with ``size`` of the five errors each."""
    only = os.environ.get("ZAESUR_FAULTS_ONLY")  # the name of one operation, for looking into it
    shim, began, figures = preloaded("disk"), time.monotonic(), Counter[str]()
    with scene.folder() as name:
        for operation in _operations(Path(name)):
            if only and operation.name != only:
                continue
            _warm(operation, Path(name) / "warm")
            calls = _count(shim, operation, Path(name) / "work")
            for call in range(1 + seed % every, calls + 1, every):
                for kind in range(size):
                    error = _ERRORS[(call + seed + kind) % len(_ERRORS)]
                    problem = _fail(shim, operation, Path(name) / "work", call, error, figures)
                    if problem:
                        figures["bad"] += 1
                        print(f"{operation.name}, call {call}, {error[0]}: {problem}")
            figures["calls"] += calls
            print(f"{operation.name:<10} {calls:>4} calls, 1 in {every}, x {size} errors", flush=True)
    print(
        f"disk faults: {figures['failed']} failures of {figures['calls']} calls, {figures['said']} said in one line, "
        f"{figures['borne']} borne without loss, {figures['bad']} bad; target 0 ({time.monotonic() - began:.0f} s)"
    )
    return 1 if figures["bad"] or not figures["said"] else 0


def _operations(at: Path) -> list[Operation]:
    looks = scene.looks(14)
    recorded, owing, old, empty = (at / name for name in ("recorded", "owing", "old", "empty"))
    for folder in (recorded, owing, old, empty):
        folder.mkdir()
    scene.recorded(recorded / "z.db")
    with Store.open(owing / "z.db") as store:
        for look in looks[:10]:
            store.record(look)
    first_schema(recorded / "z.db", old / "z.db")
    nothing: Callable[[Path], str | None] = lambda folder: None  # noqa: E731
    return [
        Operation("create", partial(_capture, looks[:1]), empty, nothing),
        Operation("capture", partial(_capture, looks[10:]), owing, nothing),
        Operation("compare", partial(_command, "changes"), owing, nothing),
        Operation("migrate", partial(_command, "watch", "list"), old, nothing),
        Operation("backup", partial(_command, "backup", "copy.db"), recorded, _whole_backup),
        Operation("evidence", partial(_command, "export", "evidence", "1", "bundle"), recorded, _whole_bundle),
        Operation("warc", partial(_command, "export", "warc", "looks.warc.gz"), recorded, _whole_warc),
    ]


def _capture(looks: list[Look], folder: Path, told: int) -> int:
    try:
        with Store.open(folder / "z.db") as store:
            for look in looks:
                os.write(told, f"{store.record(look).capture.hash}\n".encode())
            compare_owed(store)
    except ZaesurError as error:
        os.write(2, f"zaesur: {error}\n".encode())
        return error.exit_code
    return 0


def _command(*arguments: Any) -> int:
    *words, folder, _ = arguments  # the folder and the descriptor come last
    os.chdir(folder)
    os.environ["ZAESUR_DB"] = str(folder / "z.db")
    sys.argv = ["zaesur", *words]
    return scheduler.cli._run()


def _whole_backup(folder: Path) -> str | None:
    copy = folder / "copy.db"
    return "; ".join(scene.sound(copy)) or None if copy.exists() else None


def _whole_bundle(folder: Path) -> str | None:
    """A bundle that is there verifies."""
    if not (folder / "bundle").exists():
        return None
    check = [sys.executable, "-I", "-S", str(folder / "bundle" / "verify.py")]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"a bundle that does not verify: {done.stdout[-200:]}{done.stderr[-200:]}"


def _whole_warc(folder: Path) -> str | None:
    """A WARC that is there can be read to its end."""
    file = folder / "looks.warc.gz"
    try:
        return None if not file.exists() or gzip.decompress(file.read_bytes()) else "an empty WARC"
    except (OSError, EOFError) as error:
        return f"a broken WARC: {error}"


def _warm(operation: Operation, folder: Path) -> None:
    """Do it once in this process, so that what is loaded and made once is there for every child."""
    here = Path.cwd()
    shutil.copytree(operation.start, folder)
    output, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    sys.stdout.flush()
    os.dup2(nowhere, 1)
    operation.work(folder, nowhere)
    sys.stdout.flush()
    os.dup2(output, 1)
    os.chdir(here)
    for descriptor in (output, nowhere):
        os.close(descriptor)
    shutil.rmtree(folder)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page of memory


def _count(shim: ctypes.CDLL, operation: Operation, folder: Path) -> int:
    code, _, said, last = _forked(shim, operation, folder, 0, _ERRORS[0])
    if code:
        raise SystemExit(f"{operation.name} fails without a fault: {said}")
    return int(last.split()[0])


def _fail(
    shim: ctypes.CDLL,
    operation: Operation,
    folder: Path,
    call: int,
    error: tuple[str, int, bool, bool],
    figures: Counter[str],
) -> str | None:
    """Run with one call failing; what is wrong afterwards."""
    code, told, said, last = _forked(shim, operation, folder, call, error)
    figures["failed"] += 1
    figures["said" if code else "borne"] += 1
    if "Traceback" in said or (code and len(said.strip().splitlines()) != 1):
        return f"{last}; exit {code}, not said in one line: {said.strip()[-600:]}"
    try:
        with Store.open(folder / "z.db") as store:
            compare_owed(store)
            problems = list(store.verify_chain())
            lost = told - {capture.hash for capture in store.captures()}
    except Exception as trouble:  # whatever it is, a restart would need a hand
        return f"{last}; the restart fails: {type(trouble).__name__}: {trouble}"
    if problems or lost:
        return f"{last}; {len(lost)} lost; {'; '.join(problems)}"
    return operation.left(folder)


def _forked(
    shim: ctypes.CDLL, operation: Operation, folder: Path, call: int, error: tuple[str, int, bool, bool]
) -> tuple[int, set[str], str, str]:
    """The exit code, what was acknowledged, what was said, how many calls were made and which one failed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(operation.start, folder)
    receive, send = os.pipe()
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            code = 99
            os.dup2(said.fileno(), 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            try:
                shim.fault_arm(str(folder).encode(), call, *error[1:])
                code = operation.work(folder, send)
            except BaseException:
                os.write(2, traceback.format_exc().encode())
            shim.fault_disarm()
            sys.stderr.flush()
            os.write(send, f"{shim.fault_calls()} calls, failed: {shim.fault_hit().decode()}\n".encode())
            os._exit(code)
        os.close(send)
        with os.fdopen(receive) as pipe:
            *told, last = pipe.read().splitlines()
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), set(told), said.read().decode(), last


if __name__ == "__main__":
    scene.command("disk", run, 1, every=1)

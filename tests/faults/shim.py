"""The C library's file calls, counted, failed and written down: ``shim.c``, compiled when needed and preloaded."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_SOURCE = Path(__file__).with_name("shim.c")
COMPILER = shutil.which("cc") or shutil.which("gcc")


def preloaded(suite: str) -> ctypes.CDLL:
    """The shim, once this process stands on it: the command is started again with it preloaded."""
    name = os.environ.get("LD_PRELOAD", "")
    if name.endswith("zaesur-shim.so"):
        shim = ctypes.CDLL(name)
        shim.fault_hit.restype = ctypes.c_char_p
        return shim
    if COMPILER is None or not sys.platform.startswith("linux"):
        raise SystemExit(f"{suite}: not run; it needs Linux and a C compiler (cc or gcc)")
    built = Path(tempfile.mkdtemp(prefix="zaesur-shim-")) / "zaesur-shim.so"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", str(built), str(_SOURCE), "-ldl"], check=True)
    command = [sys.executable, "-m", f"tests.faults.{suite}", *sys.argv[1:]]
    raise SystemExit(subprocess.run(command, env={**os.environ, "LD_PRELOAD": str(built)}, check=False).returncode)

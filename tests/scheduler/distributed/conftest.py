"""A real PostgreSQL of its own for these tests, on a socket in a temporary folder; skipped by name where there is none."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

_NUMBERS = count(1)


def _program(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(installed[-1]) if installed else None)


def _account() -> dict[str, str]:
    """PostgreSQL refuses to run as root: then it runs as the account its package made."""
    return {"user": "postgres"} if os.geteuid() == 0 else {}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that runs, and how to start it again."""

    dsn: str
    restart: Callable[[], object]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """An empty PostgreSQL."""
    initdb, server = _program("initdb"), _program("pg_ctl")
    if initdb is None or server is None:
        pytest.skip("no PostgreSQL on this machine")
    account = _account()
    with tempfile.TemporaryDirectory(prefix="zaesur-pg-", ignore_cleanup_errors=True) as folder:
        if account:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        data = f"{folder}/data"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, "check": True}
        subprocess.run([initdb, "-D", data, "-U", "zaesur", "-A", "trust", "--no-sync"], **quiet, **account)  # type: ignore[call-overload]
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run([server, "-D", data, "-w", "-o", options, "start"], **quiet, **account)  # type: ignore[call-overload]
        try:
            again = [server, "-D", data, "-w", "-m", "fast", "-o", options, "restart"]
            restart = partial(subprocess.run, again, **quiet, **account)
            yield Server(f"postgresql://zaesur@/postgres?host={folder}", restart)
        finally:
            subprocess.run([server, "-D", data, "-m", "immediate", "stop"], **quiet, **account)  # type: ignore[call-overload]


@pytest.fixture
def postgres(server: Server) -> str:
    """The DSN of an empty database on it: what a test left waiting is nobody else's."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        name = f"test_{next(_NUMBERS)}"
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.dsn.replace("/postgres?", f"/{name}?")

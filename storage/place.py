"""Notice that the files were taken away from under the writer: SQLite goes on writing into files that no longer have a name."""

from __future__ import annotations

import os
from pathlib import Path

from storage.errors import TakenAway


def beside(database: Path, ending: str) -> Path:
    """A file that belongs to a database, such as its lock or its log; the same one by whatever link the database is opened."""
    file = Path(os.path.realpath(database)) if database.is_symlink() else database
    return file.with_name(f"{file.name}{ending}")


class Place:
    """The files of an open database, by the identity they had when they were first seen."""

    def __init__(self, path: Path) -> None:
        self._names = (str(path), str(beside(path, "-wal")))
        self._seen: dict[str, tuple[int, int]] = {}
        self.check()

    def check(self) -> None:
        """Raise TakenAway when the database, or the log its newest commits are in, is not the file that was opened."""
        for name in self._names:
            found = _identity(name)
            seen = self._seen.get(name)
            if seen is None and found:  # the log is made with the first commit
                self._seen[name] = found
            elif seen != found:
                raise TakenAway(
                    f"{name}: removed, moved or replaced while zaesur was writing; what is recorded since may be lost. "
                    "Stop zaesur, put the files back or restore a backup, and start it again"
                )


def _identity(name: str) -> tuple[int, int] | None:
    try:
        found = os.stat(name)  # noqa: PTH116 - asked after every commit, by names made once
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino

"""What a power cut may leave on a disk: the calls that were made to it, and the folders that can be found afterwards.

The model: what was synced stays. Of what was not, each write may have reached the disk or not, in any order, whole or torn at the
borders of sectors of 512 or 4096 bytes; a file may have grown without its bytes (zeros are read there). A sync of a file says nothing of
its name: a name made, changed or removed may be as before until the folder itself was synced. A renaming happens or not, never by halves.
A file made under a name that was there before is another file: bytes of the old one never show up in it. Not modelled: disks that
lie about a sync, and sectors that hold neither what they held nor what was written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Folder = dict[str, bytes]  # by name
_SHARED_MEMORY = (
    "-shm"  # SQLite's index over its log: written through memory, so in no call; worthless once nobody has it open
)


@dataclass(frozen=True)
class Call:
    """One call as ``shim.c`` writes it down; ``offset`` is the size for a truncate, ``data`` the new name for a rename."""

    verb: str
    name: str
    offset: int = 0
    data: bytes = b""

    def sectors(self, size: int) -> Iterator[Call]:
        """A write cut at the borders of sectors; anything else is whole, as everything is for size 0."""
        if self.verb != "write" or not size:
            yield self
            return
        at, end = self.offset, self.offset + len(self.data)
        while at < end:
            border = min(end, (at // size + 1) * size)
            yield Call("write", self.name, at, self.data[at - self.offset : border - self.offset])
            at = border


def read_log(log: bytes) -> list[Call]:
    """The calls of a log, in order."""
    calls, at = list[Call](), 0
    while at < len(log):
        end = log.index(b"\n", at)
        verb, name, offset, size = log[at:end].decode().split("\t")
        at = end + 1 + int(size) if verb in ("write", "rename") else end + 1
        calls.append(Call(verb, name, int(offset), log[end + 1 : at]))
    return calls


@dataclass(eq=False)
class _File:
    """A file, whatever it is called: its bytes on the disk, and the calls since that may or may not have got there."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[Call] = field(default_factory=list)

    def sync(self) -> None:
        for call in self.since:
            _apply(self.synced, call)
        self.since.clear()

    def left(self, rng: random.Random, share: float, sector: int) -> bytes:
        """What is found after a cut when this share of the pieces had got to the disk."""
        found = bytearray(self.synced)
        for call in self.since:
            for piece in call.sectors(sector):
                if rng.random() < share:
                    _apply(found, piece)
        return bytes(found)


_Names = dict[str, "_File | None"]  # what one call does to the folder: a file by name, or nothing there any more


class Disk:
    """A folder on a disk, while calls are made to it."""

    def __init__(self, folder: Mapping[str, bytes]) -> None:
        self._names = {name: _File(bytearray(data)) for name, data in folder.items()}
        self._synced = dict(self._names)
        self._since: list[_Names] = []

    def do(self, call: Call) -> None:
        """Make a call."""
        if call.verb == "sync":
            self._sync(call.name)
        elif call.verb == "create":
            self._rename({call.name: _File()})
        elif call.verb == "unlink":
            self._rename({call.name: None})
        elif call.verb == "rename":
            self._rename({call.name: None, call.data.decode(): self._names[call.name]})
        elif call.verb in ("write", "truncate"):
            self._names[call.name].since.append(call)

    def _sync(self, name: str) -> None:
        if name == ".":
            self._synced, self._since = dict(self._names), []
        else:
            self._names[name].sync()

    def _rename(self, change: _Names) -> None:
        _change(self._names, change)
        self._since.append(change)

    def now(self) -> Folder:
        """The folder as programs see it, without a power cut."""
        everything = random.Random(0)
        return {name: file.left(everything, 1, 0) for name, file in self._names.items()}

    def cut(self, rng: random.Random) -> Folder:
        """A folder that a power cut now may leave: nothing, all or some of what is not synced yet."""
        sector = rng.choice((0, 512, 4096))
        same = rng.choice((0.0, 1.0, None, None))  # of all files, or of each its own
        shares = (0.0, 0.1, 0.5, 0.9, 1.0)
        found = {
            name: file.left(rng, rng.choice(shares) if same is None else same, sector)
            for name, file in self._left_names(rng).items()
        }
        return {
            name: rng.randbytes(len(data)) if name.endswith(_SHARED_MEMORY) else data for name, data in found.items()
        }

    def _left_names(self, rng: random.Random) -> dict[str, _File]:
        names, how = dict(self._synced), rng.choice(("none", "all", "first", "some"))
        first = rng.randint(0, len(self._since))
        for number, change in enumerate(self._since):
            if how == "all" or (how == "first" and number < first) or (how == "some" and rng.random() < 0.5):
                _change(names, change)
        return names


def _change(names: dict[str, _File], change: _Names) -> None:
    for name, file in change.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file


def _apply(content: bytearray, call: Call) -> None:
    end = call.offset + len(call.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if call.verb == "truncate":
        del content[call.offset :]
    else:
        content[call.offset : end] = call.data

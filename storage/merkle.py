"""The Merkle tree over the hash chain (RFC 6962, section 2.1): one root for all looks, a short proof for each. Pure.

A leaf's data is a link's chain hash as 32 bytes, in order. ``verify.py`` in a bundle holds the other half: from proof to root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_SIZE = 32  # bytes of a SHA-256


class Tree:
    """The tree over a list of chain hashes (hexadecimal)."""

    def __init__(self, hashes: Iterable[str]) -> None:
        level = b"".join(hashlib.sha256(b"\0" + bytes.fromhex(each)).digest() for each in hashes)
        self._levels = [level]
        while len(level) > _SIZE:
            level = b"".join(_node(level[at : at + 2 * _SIZE]) for at in range(0, len(level), 2 * _SIZE))
            self._levels.append(level)

    @property
    def size(self) -> int:
        """How many leaves."""
        return len(self._levels[0]) // _SIZE

    @property
    def root(self) -> str:
        """The root; of no leaves, the digest of nothing."""
        return self._levels[-1].hex() or hashlib.sha256().hexdigest()

    def proof(self, index: int) -> list[str]:
        """The audit path of leaf ``index`` (from 0): the siblings from the leaf up, where there is one."""
        path = []
        for level in self._levels[:-1]:
            sibling = level[(index ^ 1) * _SIZE :][:_SIZE]
            path += [sibling.hex()] if sibling else []
            index //= 2
        return path


def _node(pair: bytes) -> bytes:
    """Two nodes hashed into one; a node without a sibling goes up as it is."""
    return hashlib.sha256(b"\1" + pair).digest() if len(pair) == 2 * _SIZE else pair

"""Anchors: what the chain was at a moment, in a form to be told to others, so that a later change to it is noticed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.base import Row, now, text
from storage.chain import Chain
from storage.content import canonical
from storage.errors import UserError

FORMAT = "zaesur-anchor/1"


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The chain's first ``size`` looks: hash of the newest of them, root over all; ``data`` are the bytes that are told and stamped."""

    data: bytes
    size: int
    head: str
    root: str
    at: str
    token: bytes | None = None


class Anchors(Chain):
    """Anchors made of this database."""

    def anchor_now(self) -> Anchor:
        """An anchor over all looks there are; the one that is kept already while there are no newer looks, stamped before others."""
        head = self.head()
        if head is None:
            raise UserError("there is no look to anchor yet; nothing was written")
        known = self._row("SELECT * FROM anchors WHERE size = ? ORDER BY token IS NULL, id LIMIT 1", [head.id])
        if known:
            return _anchor(known)
        root = self.tree(head.id).root
        told = {"format": FORMAT, "size": head.id, "head": head.hash, "root": root, "at": text(now())}
        return parse(canonical(told) + b"\n")

    def keep_anchor(self, anchor: Anchor, authority: str | None = None) -> None:
        """Keep an anchor, with its time stamp and who gave it; a second time is nothing new."""
        row = {"size": anchor.size, "data": anchor.data.decode(), "authority": authority, "token": anchor.token}
        with self._write() as db:
            if anchor not in self.anchors():
                db.table("anchors").insert({**row, "at": text(now())})

    def anchors(self) -> list[Anchor]:
        """All anchors, in the order they were made."""
        return [_anchor(row) for row in self._rows("SELECT * FROM anchors ORDER BY id")]

    def anchor_over(self, capture: int) -> Anchor | None:
        """The earliest anchor over a look, stamped ones before others."""
        row = self._row("SELECT * FROM anchors WHERE size >= ? ORDER BY token IS NULL, size, id LIMIT 1", [capture])
        return _anchor(row) if row else None


def parse(data: bytes, token: bytes | None = None) -> Anchor:
    """An anchor file read. Raises UserError when it is none."""
    try:
        told = json.loads(data)
        if told["format"] != FORMAT:
            raise ValueError(f"format {told['format']!r}")
        size, head, root, at = int(told["size"]), str(told["head"]), str(told["root"]), str(told["at"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"not an anchor file ({type(error).__name__}: {error})") from None
    return Anchor(data=data, size=size, head=head, root=root, at=at, token=token)


def _anchor(row: Row) -> Anchor:
    return parse(row["data"].encode(), bytes(row["token"]) if row["token"] else None)

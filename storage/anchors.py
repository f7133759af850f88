"""Anchors: what the records were at a moment, in a form to be told to others, so that a later change to them is noticed."""

from __future__ import annotations

import json
from datetime import datetime

import msgspec

from storage.base import Row, instant, now, text
from storage.chain import Chain
from storage.content import canonical
from storage.errors import UserError

FORMAT = "zaesur-anchor/1"
_MOST = 2**63 - 1  # the largest number that SQLite knows
# keeping an anchor is sealed too, and no reason for another
_SEALED_SINCE = "SELECT EXISTS (SELECT 1 FROM seals WHERE id > ? AND of != 'anchors')"


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of the records; ``data`` are the bytes that are told and stamped.

    The chain's first ``size`` looks: hash of the newest of them, root over all. And number and hash of the newest of the ``seals``,
    through which every other row of evidence is chained; 0 in anchors from before they told of seals.
    """

    data: bytes
    size: int
    head: str
    root: str
    at: str
    seals: int = 0
    seal: str = ""
    token: bytes | None = None


class Anchors(Chain):
    """Anchors made of this database."""

    def anchor_now(self) -> Anchor:
        """An anchor over all there is; the one that is kept already while nothing newer was recorded, stamped before others."""
        head = self.head()
        if head is None:
            raise UserError("there is no look to anchor yet; nothing was written")
        for row in self._rows("SELECT * FROM anchors WHERE size = ? ORDER BY token IS NULL, id DESC", [head.id]):
            known = _anchor(row)
            if not self._value(_SEALED_SINCE, [known.seals]):
                return known
        root = self.tree(head.id).root
        told = {"format": FORMAT, "size": head.id, "head": head.hash, "root": root, "at": text(now())}
        if newest := self._row("SELECT id, hash FROM seals ORDER BY id DESC LIMIT 1"):
            told |= {"seals": newest["id"], "seal": bytes(newest["hash"]).hex()}
        return parse(canonical(told) + b"\n")

    def sealed_as(self, anchor: Anchor) -> bool:
        """Whether the seal that an anchor saw is the one that is there."""
        found = self._value("SELECT hash FROM seals WHERE id = ?", [anchor.seals])
        return not anchor.seals or (found is not None and bytes(found).hex() == anchor.seal)

    def last_stamp(self) -> datetime | None:
        """When a time stamp was got last."""
        return instant(self._value("SELECT MAX(at) FROM anchors WHERE token IS NOT NULL"))

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
        seals, seal = int(told.get("seals", 0)), str(told.get("seal", ""))
        if min(size, seals) < 0 or max(size, seals) > _MOST:
            raise ValueError("a number that counts nothing")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"not an anchor file ({type(error).__name__}: {error})") from None
    return Anchor(data=data, size=size, head=head, root=root, at=at, seals=seals, seal=seal, token=token)


def _anchor(row: Row) -> Anchor:
    return parse(row["data"].encode(), bytes(row["token"]) if row["token"] else None)

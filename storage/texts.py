"""Texts packed: a version holds what differs from a whole one of its article, a change what differs from the text it led to.

Rows are packed, what they say is not: seals, digests and events are made over the row as it says (``unpacked``), so that packing
changes nothing that was proved.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import msgspec
import zstandard

from storage.database import Database
from storage.packing import QUICK, THOROUGH, squeeze, unsqueeze

Row = dict[str, Any]
PACKED = {"versions": "content", "reextractions": "content", "changes": "assessment", "former_changes": "assessment"}
_MOST = 1 << 30  # bytes of a text
_SHORT = 256 << 10  # bytes of a text that stays unpacked for a while; DW's articles have a tenth of that
_WORTH = 0.5  # of the whole one packed alone: a difference larger than that is no small edit
_BESIDE = ("packed", "base", "head")  # columns that say how a row is packed, and nothing else

_WHOLE = "SELECT id, packed, head, fingerprint FROM versions WHERE article = ? AND base IS NULL AND packed IS NOT NULL AND number < ? ORDER BY number DESC LIMIT 1"
_READ = """
SELECT v.content, v.packed, w.id AS rests_on, w.content AS whole_content, w.packed AS whole
FROM versions v LEFT JOIN versions w ON w.id = v.base AND w.base IS NULL WHERE v.article = ? AND v.number = ?
"""
_RESTS_ON = "SELECT content, packed, base, fingerprint FROM versions WHERE id = ?"
_LED_TO = (
    "SELECT v.* FROM changes c JOIN versions v ON v.article = c.article AND v.number = c.to_version WHERE c.id = ?"
)


def pack(text: str, base: str | None = None, *, level: int = THOROUGH) -> bytes:
    """Make a text small; the same ``base`` is needed to read it."""
    return squeeze(text.encode(), None if base is None else base.encode(), level=level)


def unpack(text: str, packed: bytes | None, base: str | None = None) -> str:
    """What a row says: ``text`` itself where nothing is packed. Raises ValueError for damaged bytes or another base."""
    if packed is None:
        return text
    if text:
        raise ValueError("it says two things")
    return (_unpacked_before if _is_short(packed) else _unpacked)(packed, base)


def _unpacked(packed: bytes, base: str | None) -> str:
    return unsqueeze(packed, None if base is None else base.encode(), size=_MOST).decode()


# while the looks of a poll are recorded, sealed, compared and planned, three texts of each are read half a dozen times
_unpacked_before = lru_cache(maxsize=64)(_unpacked)


def _is_short(packed: bytes) -> bool:
    """Whether what comes out may stay in memory for a while."""
    try:
        return 0 <= zstandard.frame_content_size(packed) <= _SHORT
    except zstandard.ZstdError:
        return False


def unpacked(db: Database, table: str, row: Row) -> Row:
    """A row as it says, whatever it looks like in the file. Raises ValueError when it cannot be read any more."""
    if table not in PACKED or "packed" not in row:
        return row
    says = {name: value for name, value in row.items() if name not in _BESIDE}
    if row["packed"] is None:
        return says
    if table == "versions":
        whole, maker = _whole(db, row["base"])
        says["fingerprint"] = row["fingerprint"] or maker
    else:
        whole = _base(db, table, row)
    says[PACKED[table]] = unpack(row[PACKED[table]], row["packed"], whole)
    return says


def _first(db: Database, sql: str, values: list[Any]) -> Row | None:
    """The first row. Not by sqlite-utils' own method, which puts a savepoint around each query."""
    found = db.conn.execute(sql, values)
    row = found.fetchone()
    return None if row is None else dict(zip([column[0] for column in found.description], row, strict=True))


def _whole(db: Database, id: int | None) -> tuple[str | None, str]:
    """The text of the whole version that another one rests on, and what made it."""
    row = None if id is None else _first(db, _RESTS_ON, [id])
    if row is None:
        return None, ""
    return unpack(row["content"], row["packed"]) if row["base"] is None else None, row["fingerprint"]


def _base(db: Database, table: str, row: Row) -> str | None:
    if table == "reextractions":
        return text_of(db, row["article"], row["number"])
    if table == "changes":
        return text_of(db, row["article"], row["to_version"])
    return _content(db, _first(db, _LED_TO, [row["change"]]))


def text_of(db: Database, article: str, number: int) -> str | None:
    """What a version said as it was first read, as JSON; ``None`` for a saved copy."""
    row = _first(db, _READ, [article, number])
    if row is None:
        return None
    whole = None if row["rests_on"] is None else unpack(row["whole_content"], row["whole"])
    return unpack(row["content"], row["packed"], whole)


def _content(db: Database, version: Row | None) -> str | None:
    return str(unpacked(db, "versions", version)["content"]) if version else None


def head_of(content: str) -> str:
    """What lists show of a version, as canonical JSON: headline, kicker, publication, number of blocks."""
    says = _HEAD.decode(content)
    head = {"headline": says.headline, "kicker": says.kicker, "published": says.published, "blocks": len(says.blocks)}
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))


class _Head(msgspec.Struct):
    headline: str | None = None
    kicker: str | None = None
    published: str | None = None
    blocks: list[msgspec.Raw] = []


_HEAD = msgspec.json.Decoder(_Head)  # of a text only what is wanted is read: a fifth of the time


def shows_another_head(db: Database, row: Row) -> bool:
    """Whether a version's row tells lists something else than its text says; no seal is over that."""
    return (
        row["packed"] is not None
        and bool(row["head"])
        and row["head"] != head_of(unpacked(db, "versions", row)["content"])
    )


def packed_version(db: Database, article: str, number: int, content: str, fingerprint: str) -> Row:
    """The columns of a version: whole, or what differs from the newest whole one before it in its article."""
    head, whole = head_of(content), _first(db, _WHOLE, [article, number])
    if whole:
        difference = pack(content, unpack("", whole["packed"]))
        if len(difference) < _WORTH * len(whole["packed"]):
            return {"content": "", "packed": difference, "base": whole["id"], **_told(head, fingerprint, whole)}
    return {"content": "", "packed": pack(content), "base": None, "head": head, "fingerprint": fingerprint}


def _told(head: str, fingerprint: str, whole: Row) -> Row:
    """What a version tells by itself, and not by the whole one it rests on."""
    return {
        "head": None if head == whole["head"] else head,
        "fingerprint": "" if fingerprint == whole["fingerprint"] else fingerprint,
    }


def rest_on_another(db: Database, id: int) -> None:
    """Before a version's text goes: pack anew those that rest on it, oldest first, each on what is whole by then."""
    rest = list(db.query("SELECT * FROM versions WHERE base = ? ORDER BY number", [id]))
    whole: Row | None = None
    for says in filter(None, [_readable(db, row) for row in rest]):
        head, content = head_of(says["content"]), says["content"]
        told = _told(head, says["fingerprint"], whole) if whole else {"head": head, "fingerprint": says["fingerprint"]}
        row = {
            **told,
            "packed": pack(content, whole["content"] if whole else None),
            "base": whole and whole["id"],
            "id": says["id"],
        }
        db.execute(
            "UPDATE versions SET packed = :packed, base = :base, head = :head, fingerprint = :fingerprint WHERE id = :id",
            row,
        )
        whole = whole or {**row, "content": content}


def _readable(db: Database, version: Row) -> Row | None:
    """A version as it says; one that cannot be read any more rests on nothing that could be kept for it."""
    try:
        return unpacked(db, "versions", version)
    except ValueError:
        return None


def packed_change(db: Database, article: str, to_version: int, assessment: str) -> Row:
    """The columns of a change: what differs from the text it led to, where most of its words stand already.

    Packed quickly: while it is compared. Thoroughly packed it would be a tenth smaller, and all other rows come to more.
    """
    return {"assessment": "", "packed": pack(assessment, text_of(db, article, to_version), level=QUICK)}

"""Incidents: what went wrong with the service itself, and how often; page trouble is an ``Outcome``, not an incident."""

from __future__ import annotations

from datetime import datetime

import msgspec

from storage.base import Base, now, text


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble; ``times`` counts repetitions that followed each other directly."""

    kind: str
    detail: str
    first: datetime
    last: datetime
    times: int


class Incidents(Base):
    """The service's own troubles, so that they are known the next morning."""

    def note_incident(self, kind: str, detail: str) -> None:
        """Note a trouble; the same as the newest one only counts there, so that a job failing all night is one line."""
        with self._write() as db:
            at = text(now())
            newest = self._row("SELECT id, kind, detail FROM incidents ORDER BY id DESC LIMIT 1")
            if newest and (newest["kind"], newest["detail"]) == (kind, detail):
                db.execute("UPDATE incidents SET last = ?, times = times + 1 WHERE id = ?", [at, newest["id"]])
            else:
                row = {"kind": kind, "detail": detail, "first": at, "last": at, "times": 1}
                db.table("incidents").insert(row)

    def incidents(self, limit: int = 20) -> list[Incident]:
        """The newest troubles, newest first."""
        return [
            Incident(
                kind=row["kind"],
                detail=row["detail"],
                first=datetime.fromisoformat(row["first"]),
                last=datetime.fromisoformat(row["last"]),
                times=row["times"],
            )
            for row in self._rows("SELECT * FROM incidents ORDER BY id DESC LIMIT ?", [limit])
        ]

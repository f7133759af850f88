"""Editors' marks on changes: an appended list beside the evidence; the newest mark of a change counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from storage import readers
from storage.base import Base, Row, now, text
from storage.errors import UserError
from storage.types import Review, Verdict

LONGEST = 4000  # characters of a note
_NAME = 200  # characters of a name


class Reviews(Base):
    """What editors said of changes."""

    def reviews(self, change: int | None = None) -> list[Review]:
        """All marks (of one change), oldest first."""
        where, values = ("WHERE change = ?", [change]) if change is not None else ("", [])
        return [_review(row) for row in self._rows(f"SELECT * FROM reviews {where} ORDER BY id", values)]

    def marks(self, changes: Iterable[int]) -> dict[int, Review]:
        """The mark that counts of each of these changes that has one."""
        wanted = list(changes)
        places = ", ".join("?" * len(wanted))
        rows = self._rows(f"SELECT * FROM reviews WHERE change IN ({places}) ORDER BY id", wanted)
        return {row["change"]: _review(row) for row in rows}

    def mark(self, review: Review) -> None:
        """Add a mark. Raises UserError for a change that is not there, a mark without a name or with too long a text."""
        who, note = review.who.strip(), review.note.strip()
        if not who:
            raise UserError("a mark needs the name of who makes it; nothing was recorded")
        if len(who) > _NAME or len(note) > LONGEST:
            raise UserError(
                f"a name may have {_NAME} and a note {LONGEST} characters; this one is longer, nothing was recorded"
            )
        with self._write() as db:
            if not self._value("SELECT 1 FROM changes WHERE id = ?", [review.change]):
                raise UserError(f"there is no change {review.change}; see: zaesur changes")
            row = {
                "change": review.change,
                "verdict": review.verdict.value,
                "note": note,
                "who": who,
                "at": text(review.at),
            }
            db.table("reviews").insert(row)


def record_mark(path: Path, change: int, verdict: Verdict, who: str, note: str = "") -> Review:
    """Mark a change while the service may be at work: marks are no evidence, so they need not wait for the writer's lock."""
    review = Review(change=change, verdict=verdict, who=who.strip(), at=now(), note=note.strip())
    db = readers.open_beside(path)
    try:
        Reviews(db, path).mark(review)
    finally:
        db.close()
    return review


def _review(row: Row) -> Review:
    return Review(
        change=row["change"],
        verdict=Verdict(row["verdict"]),
        who=row["who"],
        at=datetime.fromisoformat(row["at"]),
        note=row["note"],
    )

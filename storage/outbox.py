"""Who is told of what: written before it is sent, so that a kill neither loses nor invents a message."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from storage.base import Base, Row, instant, now, text

_LONGEST_WAIT = timedelta(hours=6)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One change that shall be told to one channel; ``message`` once it was put into one."""

    channel: str
    change: int
    rule: str
    noted: datetime
    message: int | None = None
    folded: str | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent at once: one change or several. ``key`` stays the same on every attempt."""

    id: int
    key: str
    channel: str
    written: datetime
    attempts: int
    changes: tuple[int, ...]


class Outbox(Base):
    """Notices and the messages they go into."""

    def told_until(self, channel: str, otherwise: int) -> int:
        """The number of the last change that was weighed for a channel, or ``otherwise`` for a new one."""
        value = self._value("SELECT value FROM memory WHERE name = ?", [f"told {channel}"])
        return otherwise if value is None else int(value)

    def newest_change(self) -> int:
        """The number of the newest change, 0 when there is none."""
        return int(self._value("SELECT COALESCE(MAX(id), 0) FROM changes"))

    def change_numbers(self, after: int, until: int) -> list[int]:
        """The changes recorded after one and up to another, in order."""
        rows = self._rows("SELECT id FROM changes WHERE id > ? AND id <= ? ORDER BY id", [after, until])
        return [int(row["id"]) for row in rows]

    def note(self, channel: str, notices: Sequence[tuple[int, str, str | None]], until: int) -> None:
        """Keep the changes to be told (number, rule, why folded), and that all up to ``until`` were weighed; together."""
        with self._write() as db:
            for change, rule, folded in notices:
                db.execute(
                    "INSERT OR IGNORE INTO notices(channel, change, rule, noted, folded) VALUES (?, ?, ?, ?, ?)",
                    [channel, change, rule, text(now()), folded],
                )
            db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", [f"told {channel}", str(until)])

    def notices(self, channel: str, *, waiting: bool = False) -> list[Notice]:
        """A channel's notices, oldest first; ``waiting``: those in no message yet."""
        only = "AND message IS NULL AND folded IS NULL" if waiting else ""
        return [
            _notice(row)
            for row in self._rows(f"SELECT * FROM notices WHERE channel = ? {only} ORDER BY change", [channel])
        ]

    def fold_withdrawn(self, channel: str) -> None:
        """Tell nobody of changes that were withdrawn before they were put into a message."""
        # asked of each that waits, which are few, and not of all changes, twice a minute
        withdrawn = (
            "message IS NULL AND folded IS NULL AND "
            "EXISTS (SELECT 1 FROM changes c WHERE c.id = notices.change AND c.withdrawn IS NOT NULL)"
        )
        if self._value(f"SELECT 1 FROM notices WHERE channel = ? AND {withdrawn} LIMIT 1", [channel]):
            with self._write() as db:
                db.execute(f"UPDATE notices SET folded = 'withdrawn' WHERE channel = ? AND {withdrawn}", [channel])

    def write_message(self, channel: str, changes: Sequence[int]) -> None:
        """Put waiting notices into one message, to be sent from now on."""
        with self._write() as db:
            row = {"key": uuid.uuid4().hex, "channel": channel, "written": text(now()), "due": text(now())}
            number = db.table("messages").insert(row).last_pk
            for change in changes:
                db.execute(
                    "UPDATE notices SET message = ? WHERE channel = ? AND change = ? AND message IS NULL",
                    [number, channel, change],
                )

    def unsent(self, channel: str, at: datetime | None = None) -> list[Message]:
        """Messages that are not known to have arrived, oldest first; with ``at``, those due by then."""
        due = "AND due <= ?" if at else ""
        rows = self._rows(
            f"SELECT * FROM messages WHERE channel = ? AND sent IS NULL {due} ORDER BY id",
            [channel, text(at)] if at else [channel],
        )
        return [self._message(row) for row in rows]

    def sent(self, message: Message) -> None:
        """It arrived."""
        with self._write() as db:
            db.execute("UPDATE messages SET sent = ?, problem = NULL WHERE id = ?", [text(now()), message.id])

    def not_sent(self, message: Message, problem: str) -> None:
        """It did not; it is tried again later, ever more rarely, and never given up."""
        wait = min(timedelta(minutes=2.0 ** min(message.attempts, 9)), _LONGEST_WAIT)
        with self._write() as db:
            db.execute(
                "UPDATE messages SET attempts = attempts + 1, due = ?, problem = ? WHERE id = ?",
                [text(now() + wait), problem, message.id],
            )

    def outbox(self) -> list[Row]:
        """Each channel's figures: messages sent, unsent, the newest problem, notices waiting."""
        return self._rows(
            "SELECT channel, COALESCE(SUM(sent IS NOT NULL), 0) AS sent, COALESCE(SUM(key IS NOT NULL AND sent IS NULL), 0) AS unsent, "
            "(SELECT problem FROM messages p WHERE p.channel = c.channel AND p.sent IS NULL ORDER BY p.id DESC LIMIT 1) AS problem, "
            "(SELECT COUNT(*) FROM notices n WHERE n.channel = c.channel AND n.message IS NULL AND n.folded IS NULL) AS waiting "
            "FROM (SELECT channel FROM notices UNION SELECT channel FROM messages) c LEFT JOIN messages USING (channel) "
            "GROUP BY channel ORDER BY channel"
        )

    def _message(self, row: Row) -> Message:
        told = self._rows("SELECT change FROM notices WHERE message = ? ORDER BY change", [row["id"]])
        return Message(
            id=row["id"],
            key=row["key"],
            channel=row["channel"],
            written=datetime.fromisoformat(row["written"]),
            attempts=row["attempts"],
            changes=tuple(int(each["change"]) for each in told),
        )


def _notice(row: Row) -> Notice:
    noted = instant(row["noted"])
    if noted is None:
        raise LookupError(f"notice {row['channel']}, {row['change']} has no time")
    return Notice(
        channel=row["channel"],
        change=row["change"],
        rule=row["rule"],
        noted=noted,
        message=row["message"],
        folded=row["folded"],
    )

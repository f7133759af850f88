"""What may change: runs, the schedule, sources of new articles, gaps, the service's heartbeat."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from storage.articles import Articles
from storage.base import Row, instant, now, text
from storage.errors import UNREADABLE
from storage.types import Article, Gap, Outcome

_LOOKED = """
SELECT s.*, c.outcome, COALESCE(c.answered, c.started) AS at, c.reason, a.language, a.first_seen
FROM json_each(?) named JOIN schedule s ON s.article = named.value JOIN articles a ON a.id = s.article
JOIN captures c ON c.id = (SELECT MAX(id) FROM captures WHERE article = s.article) ORDER BY named.key
"""

# from each name straight to the next, and to its first moment, by the index
_OUTLETS_DUE = """
WITH RECURSIVE named(outlet) AS (
    SELECT MIN(outlet) FROM schedule WHERE paused = 0 UNION ALL
    SELECT (SELECT MIN(outlet) FROM schedule WHERE paused = 0 AND outlet > named.outlet) FROM named WHERE outlet IS NOT NULL)
SELECT outlet, (SELECT MIN(due) FROM schedule WHERE paused = 0 AND outlet = named.outlet) AS first
FROM named WHERE outlet IS NOT NULL AND first <= ? ORDER BY first
"""
# by an index of their own: the condition is its, word for word
_PROMISED = """
SELECT * FROM schedule WHERE paused = 0 AND state ->> 'policy' <> 'learned' AND outlet = ? AND due <= ? ORDER BY due LIMIT ?
"""
_NEWEST = "SELECT * FROM schedule WHERE paused = 0 AND outlet = ? AND due <= ? ORDER BY due DESC LIMIT ?"
_LEFT = "no longer followed"  # in the table memory, before the article's id
STALLED_AFTER = timedelta(seconds=60)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """An article's place in the schedule, by its id and outlet; ``due_at`` is ``None`` while it is paused."""

    article: str
    outlet: str
    due_at: datetime | None
    state: dict[str, Any] = msgspec.field(default_factory=dict)


class Looked(Due, frozen=True, kw_only=True):
    """A followed article beside the newest look at it: how that ended, when the page answered (else was asked) and the reason."""

    outcome: Outcome
    at: datetime
    reason: str | None
    language: str
    first_seen: datetime | None


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A source of new articles: a feed, a sitemap or a section page."""

    url: str
    kind: str
    polled: str | None
    validators: dict[str, str]
    problem: str | None


class Following(Articles):
    """The plan and its keeping."""

    def start_run(self, job: str) -> int:
        """Note that a job began; returns the run's number."""
        with self._write():
            return int(self._insert("runs", {"job": job, "started": text(now())}))

    def finish_run(self, id: int, counts: Mapping[str, int]) -> None:
        """Note that it ended, with counts by outcome."""
        with self._write() as db:
            told = json.dumps(dict(counts), sort_keys=True)
            db.execute("UPDATE runs SET finished = ?, counts = ? WHERE id = ?", [text(now()), told, id])

    def followed(self) -> set[str]:
        """The ids of all followed articles, paused ones too."""
        return {row["article"] for row in self._rows("SELECT article FROM schedule")}

    def is_followed(self, article: str) -> bool:
        """Whether an article is followed."""
        return bool(self._value("SELECT 1 FROM schedule WHERE article = ?", [article]))

    def set_due(self, article: str, at: datetime, state: Mapping[str, Any] | None = None) -> None:
        """Plan the next look; ``state`` is what the revisit policy wants to remember."""
        with self._write() as db:
            db.execute(
                "INSERT INTO schedule(article, due, state) VALUES (?, ?, ?) ON CONFLICT(article) DO UPDATE "
                "SET due = excluded.due, state = CASE WHEN ? THEN excluded.state ELSE state END",
                [article, text(at), json.dumps(dict(state or {})), state is not None],
            )

    def set_all_due(self, planned: Iterable[tuple[str, datetime]]) -> None:
        """Move the next looks of many articles at once, in one transaction; what is paused stays so."""
        with self._write() as db:
            db.conn.executemany("UPDATE schedule SET due = ? WHERE article = ?", ((text(at), id) for id, at in planned))

    def plan(self, planned: Iterable[tuple[str, datetime, Mapping[str, Any]]]) -> None:
        """Plan the next looks at followed articles, and keep what the revisit policy wants to remember of each."""
        rows = ((text(at), msgspec.json.encode(state).decode(), id) for id, at, state in planned)
        with self._write() as db:
            db.conn.executemany("UPDATE schedule SET due = ?, state = ? WHERE article = ?", rows)

    def looked(self, articles: Iterable[str]) -> list[Looked]:
        """Those of these articles that are followed and were looked at, in this order."""
        return [_looked(row) for row in self._rows(_LOOKED, [json.dumps(list(articles))])]

    def due(self, at: datetime, limit: int, outlet: str | None = None) -> list[Due]:
        """The articles due at that moment, most overdue first; of one outlet, or of all."""
        of, values = ("AND outlet = ? ", [outlet]) if outlet is not None else ("", [])
        sql = f"SELECT * FROM schedule WHERE paused = 0 {of}AND due <= ? ORDER BY due LIMIT ?"
        return [_due(row) for row in self._rows(sql, [*values, text(at), limit])]

    def due_promised(self, at: datetime, limit: int, outlet: str) -> list[Due]:
        """Those of an outlet's due articles that are followed by a promised interval, most overdue first."""
        return [_due(row) for row in self._rows(_PROMISED, [outlet, text(at), limit])]

    def due_at_ends(self, at: datetime, limit: int, outlet: str) -> list[Due]:
        """An outlet's due articles, most overdue first; of more than ``limit``, half the most and half the least overdue."""
        oldest = self.due(at, limit // 2, outlet)
        newest = [_due(row) for row in self._rows(_NEWEST, [outlet, text(at), limit // 2])]
        return list({entry.article: entry for entry in (*oldest, *reversed(newest))}.values())

    def outlets_due(self, at: datetime) -> list[str]:
        """The outlets that have an article due at that moment, the one that waits longest first."""
        return [row["outlet"] for row in self._rows(_OUTLETS_DUE, [text(at)])]

    def due_until(self, at: datetime, after: str, limit: int) -> list[Due]:
        """The articles due up to that moment, by id from ``after`` on: for going through all of them in pieces."""
        sql = "SELECT * FROM schedule WHERE article > ? AND paused = 0 AND due <= ? ORDER BY article LIMIT ?"
        return [_due(row) for row in self._rows(sql, [after, text(at), limit])]

    def due_now(self, limit: int = -1) -> list[Article]:
        """The articles due now, most overdue first."""
        named = (self.article(due.article) for due in self.due(now(), limit))
        return [article for article in named if article is not None]

    def schedule(self, article: str) -> Due | None:
        """One article's place in the schedule."""
        row = self._row("SELECT * FROM schedule WHERE article = ?", [article])
        return _due(row) if row else None

    def remember(self, name: str, value: Any) -> None:
        """Keep working state (names and values, or an object of such) under a name, in place of what was there."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", [name, msgspec.json.encode(value).decode()])

    def recall(self, name: str) -> dict[str, Any] | None:
        """Working state kept earlier; what cannot be read any more is forgotten, for it is no evidence."""
        value = self._value("SELECT value FROM memory WHERE name = ?", [name])
        try:
            return dict(msgspec.json.decode(value)) if value else None
        except UNREADABLE:
            return None

    def next_due(self) -> datetime | None:
        """When the next look is due."""
        return instant(self._value("SELECT MIN(due) FROM schedule WHERE paused = 0"))

    def pause(self, article: str, paused: bool) -> None:
        """Stop, or go on, looking at an article."""
        with self._write() as db:
            db.execute("UPDATE schedule SET paused = ? WHERE article = ?", [int(paused), article])

    def forget(self, article: str) -> None:
        """Stop following an article; its records stay. That somebody asked for it is remembered, whatever sources name."""
        with self._write() as db:
            db.execute("DELETE FROM schedule WHERE article = ?", [article])
            self.remember(f"{_LEFT} {article}", {"at": text(now())})

    def was_left(self, article: str) -> bool:
        """Whether somebody asked that this article is followed no longer."""
        return self.recall(f"{_LEFT} {article}") is not None

    def follow_again(self, article: str) -> None:
        """Somebody wants it to be followed after all."""
        if self.was_left(article):
            with self._write() as db:
                db.execute("DELETE FROM memory WHERE name = ?", [f"{_LEFT} {article}"])

    def add_feed(self, url: str, kind: str) -> bool:
        """Read a source from now on. Returns False when it was read already."""
        with self._write() as db:
            row = {"url": url, "kind": kind, "added": text(now())}
            return bool(
                db.execute("INSERT OR IGNORE INTO feeds(url, kind, added) VALUES (:url, :kind, :added)", row).rowcount
            )

    def configure_feeds(self, sources: Iterable[tuple[str, str]]) -> None:
        """Read these sources (kind, URL) from now on, and no longer those that only an earlier configuration named."""
        named = {url: kind for kind, url in sources}
        with self._write() as db:
            for row in self._rows("SELECT url FROM feeds WHERE configured = 1"):
                if row["url"] not in named:
                    db.execute("DELETE FROM feeds WHERE url = ?", [row["url"]])
            for url, kind in named.items():
                db.execute(
                    "INSERT OR IGNORE INTO feeds(url, kind, added, configured) VALUES (?, ?, ?, 1)",
                    [url, kind, text(now())],
                )

    def add_editions(self, article: str, others: Iterable[Article]) -> None:
        """Note the same story's other languages."""
        with self._write() as db:
            for other in others:
                db.execute(
                    "INSERT OR IGNORE INTO editions VALUES (?, ?, ?, ?, ?)",
                    [article, other.id, other.language, other.url, text(now())],
                )

    def editions(self, article: str) -> list[Article]:
        """The same story in other languages, as far as a source named them, from either side."""
        rows = self._rows(
            "SELECT other AS id, url, language FROM editions WHERE article = ? UNION "
            "SELECT a.id, (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.seen DESC LIMIT 1), a.language "
            "FROM editions e JOIN articles a ON a.id = e.article WHERE e.other = ? ORDER BY language, id",
            [article, article],
        )
        found = {r["id"]: Article(id=r["id"], outlet="", url=r["url"], language=r["language"]) for r in rows}
        return list(found.values())

    def feeds(self) -> list[Feed]:
        """All sources, in the order they were added."""
        return [
            Feed(
                url=r["url"],
                kind=r["kind"],
                polled=r["polled"],
                validators=json.loads(r["validators"]),
                problem=r["problem"],
            )
            for r in self._rows("SELECT * FROM feeds ORDER BY added, url")
        ]

    def polled(self, url: str, problem: str | None) -> None:
        """Note that a source was read, and what was wrong with it."""
        with self._write() as db:
            db.execute("UPDATE feeds SET polled = ?, problem = ? WHERE url = ?", [text(now()), problem, url])

    def source_taken(self, url: str, validators: Mapping[str, str]) -> None:
        """Note that all a source named was taken: its next request may be conditional on these validators."""
        with self._write() as db:
            db.execute("UPDATE feeds SET validators = ? WHERE url = ?", [json.dumps(dict(validators)), url])

    def add_gap(self, article: str, since: datetime, until: datetime | None, reason: str) -> None:
        """Note that an article was due but not seen."""
        with self._write() as db:
            db.table("gaps").insert({"article": article, "since": text(since), "until": text(until), "reason": reason})

    def gaps(self, article: str | None = None) -> list[Gap]:
        """The stretches in which articles were due but not seen."""
        where, values = ("WHERE article = ?", [article]) if article else ("", [])
        return [
            Gap(
                article=r["article"],
                since=datetime.fromisoformat(r["since"]),
                until=instant(r["until"]),
                reason=r["reason"],
            )
            for r in self._rows(f"SELECT * FROM gaps {where} ORDER BY since", values)
        ]

    def beat(self) -> None:
        """The service lives."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO heartbeat VALUES (1, ?, ?)", [text(now()), os.getpid()])

    def rest(self) -> None:
        """The service was stopped in order."""
        with self._write() as db:
            db.execute("DELETE FROM heartbeat")

    def service(self) -> str:
        """``running``, ``stopped``, or ``stalled`` when it neither beats nor was stopped."""
        at = instant(self._value("SELECT at FROM heartbeat"))
        if at is None:
            return "stopped"
        return "running" if now() - at < STALLED_AFTER else "stalled"


def _due(row: Row) -> Due:
    return Due(**_place(row))


def _looked(row: Row) -> Looked:
    return Looked(
        **_place(row),
        outcome=Outcome(row["outcome"]),
        at=datetime.fromisoformat(row["at"]),
        reason=row["reason"],
        language=row["language"],
        first_seen=instant(row["first_seen"]),
    )


def _place(row: Row) -> dict[str, Any]:
    due_at = None if row["paused"] else instant(row["due"])
    return {
        "article": row["article"],
        "outlet": row["outlet"],
        "due_at": due_at,
        "state": msgspec.json.decode(row["state"]),
    }

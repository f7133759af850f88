"""Versions: read only; captures make them, a re-extraction may read them anew, the seed is number 0."""

from __future__ import annotations

import json
from datetime import datetime

from storage.base import Row, as_written, instant, now, text
from storage.content import decode, digest, encode, plain_text
from storage.events import Events
from storage.flips import Appeared, Return, returns
from storage.history import reading
from storage.texts import pack, text_of, unpack
from storage.texttables import HEAD, MAKER
from storage.types import Content, Event, EventKind, Origin, Outcome, Removal, Version

_SELECT = f"""
SELECT v.article, v.number, v.origin, v.capture, c.body_sha256,
       v.content, v.packed, w.packed AS whole, r.content AS reread, r.packed AS reread_packed,
       COALESCE(r.fingerprint, {MAKER}) AS fingerprint,
       COALESCE(r.digest, v.digest) AS digest,
       (SELECT MIN(answered) FROM captures x WHERE x.article = v.article AND x.version = v.number) AS first_seen,
       (SELECT MAX(answered) FROM captures x WHERE x.article = v.article AND x.version = v.number) AS last_seen,
       (SELECT e.record FROM removals m JOIN events e ON e.id = m.event
        WHERE m.kind = 'version' AND m.key = CAST(v.id AS TEXT)) AS removal
FROM versions v JOIN captures c ON c.id = v.capture LEFT JOIN versions w ON w.id = v.base
LEFT JOIN reextractions r ON r.id = (
    SELECT MAX(id) FROM reextractions x WHERE x.article = v.article AND x.number = v.number)
"""

_SHOWN = "SELECT version, answered, origin FROM captures WHERE article = :article AND version IS NOT NULL"
CURRENT = f"""
SELECT version FROM (
    SELECT * FROM ({_SHOWN} AND origin = 'crawl' ORDER BY id DESC LIMIT 1)
    UNION ALL SELECT * FROM ({_SHOWN} AND origin = 'archive' ORDER BY answered DESC, id DESC LIMIT 1)
) ORDER BY answered DESC, origin = 'crawl' DESC LIMIT 1
"""

# as lists show it; not where it was read anew, or taken down
_PUBLISHED = f"""
SELECT v.number, {HEAD.format(v="v")} ->> '$.published' AS published, {HEAD.format(v="v")} IS NULL OR EXISTS (
    SELECT 1 FROM reextractions r WHERE r.article = v.article AND r.number = v.number) AS elsewhere
FROM versions v WHERE v.article = :article AND v.number = ({CURRENT})
"""

_SEED = """
SELECT l.article, 0 AS number, s.content, s.fingerprint, s.taken_at,
       (SELECT e.record FROM removals m JOIN events e ON e.id = m.event
        WHERE m.kind = 'seed' AND m.key = CAST(s.number AS TEXT)) AS removal
FROM seed_links l JOIN seeds s ON s.number = l.seed
WHERE l.article = ?
"""

_APPEARED = """
SELECT v.number, COALESCE(c.answered, c.started) AS at, COALESCE(
    (SELECT r.digest FROM reextractions r WHERE r.article = v.article AND r.number = v.number ORDER BY r.id DESC LIMIT 1),
    v.digest) AS digest
FROM versions v JOIN captures c ON c.id = v.capture WHERE v.article = ? ORDER BY v.number
"""
_REREAD = """
INSERT OR IGNORE INTO reextractions(article, number, digest, content, packed, fingerprint, at)
VALUES (:article, :number, :digest, '', :packed, :fingerprint, :at)
"""
_READ_BY = f"""
SELECT digest FROM reextractions WHERE article = ? AND number = ? AND fingerprint = ?
UNION ALL SELECT digest FROM versions v WHERE article = ? AND number = ? AND {MAKER} = ?
"""
_READ_SO = """
SELECT EXISTS (SELECT 1 FROM reextractions WHERE article = ? AND number = ? AND digest = ?)
OR EXISTS (SELECT 1 FROM versions WHERE article = ? AND number = ? AND digest = ?)
"""


class Versions(Events):
    """What articles said, and between which looks."""

    def version(self, article: str, number: int) -> Version | None:
        """One version; number 0 is the linked seed."""
        if number == 0:
            return self.seed_of(article)
        row = self._row(f"{_SELECT} WHERE v.article = ? AND v.number = ?", [article, number])
        return _version(row) if row else None

    def latest(self, article: str) -> Version | None:
        """The version that stands last in time."""
        number = self.current_version(article)
        return self.version(article, number) if number else None

    def published(self, article: str) -> str | None:
        """When the article says that it was published, in the version that stands last in time; its text need not be unpacked for that."""
        row = self._row(_PUBLISHED, {"article": article})
        if row is None:
            return None
        if not row["elsewhere"]:
            return None if row["published"] is None else str(row["published"])
        version = self.version(article, row["number"])
        return version.content.published if version else None

    def current_version(self, article: str) -> int | None:
        """The number of the version that stands last in time: that of the newest look of our own, unless an archive saw a later one."""
        found = self._value(CURRENT, {"article": article})
        return None if found is None else int(found)

    def versions(self, article: str) -> list[Version]:
        """All versions in the order of time, the linked seed first."""
        seed = self.seed_of(article)
        rows = self._rows(f"{_SELECT} WHERE v.article = ? ORDER BY v.number", [article])
        return [*([seed] if seed else []), *in_time([_version(row) for row in rows])]

    def digests(self, article: str) -> dict[int, str]:
        """The digest of each crawled version's text, as read last."""
        rows = self._rows(f"SELECT number, digest FROM ({_SELECT} WHERE v.article = ?)", [article])
        return {row["number"]: row["digest"] for row in rows}

    def returns(self, article: str) -> dict[int, Return]:
        """The versions whose text had stood there before, by number, and which of them are flapping."""
        rows = self._rows(_APPEARED, [article])
        return returns(
            Appeared(number=r["number"], digest=r["digest"], at=datetime.fromisoformat(r["at"])) for r in rows
        )

    def returned(self, article: str, old: int, new: int) -> Return | None:
        """Whether the newer of two versions, where it follows the older one, has a text that had stood before."""
        return self.returns(article).get(new)

    def headline_held(self, article: str, number: int) -> tuple[bool | None, datetime | None]:
        """Whether the next look that showed the article still had this version's headline, and when; ``None`` before that look."""
        looks = self._rows(
            "SELECT version, answered FROM captures WHERE article = ? AND version IS NOT NULL AND id > "
            "(SELECT capture FROM versions WHERE article = ? AND number = ?) ORDER BY id LIMIT 1",
            [article, article, number],
        )
        then, now = self.version(article, number), self.version(article, looks[0]["version"]) if looks else None
        if then is None or now is None:
            return None, None
        return then.content.headline == now.content.headline, instant(looks[0]["answered"])

    def last_seen(self, article: str, number: int) -> datetime | None:
        """When a look last showed this version."""
        sql = "SELECT MAX(answered) FROM captures WHERE article = ? AND version = ?"
        return instant(self._value(sql, [article, number]))

    def seed_of(self, article: str) -> Version | None:
        """The baseline linked to the article, as version 0."""
        row = self._row(_SEED, [article])
        return _baseline(row) if row else None

    def reextracted(self, article: str, number: int, content: Content, fingerprint: str) -> None:
        """Record that another extractor read the stored page of a version: a re-baselining, never an edit. A second time is nothing new."""
        row = {
            "article": article,
            "number": number,
            "digest": digest(content),
            "content": encode(content),
            "fingerprint": fingerprint,
            "at": text(now()),
        }
        with self._write() as db:
            packed = pack(encode(content), text_of(db, article, number))
            if db.execute(_REREAD, {**row, "packed": packed}).rowcount:
                db.execute(
                    "UPDATE texts SET headline = ?, text = ? WHERE rowid = (SELECT id FROM versions WHERE article = ? AND number = ?)",
                    [content.headline or "", plain_text(content), article, number],
                )
                self.note_event(EventKind.REBASELINED, article=article, **reading(row))

    def not_read_again(self, article: str, number: int, fingerprint: str, reason: str) -> None:
        """Record that an extractor cannot read the stored page of a version, and why: texts of that extractor are not compared with it.

        A second time is nothing new. A re-baselining by the same extractor later takes it back.
        """
        with self._write():
            told = self.events(article=article, kinds=[EventKind.NOT_READ_AGAIN])
            if all((event.facts["number"], event.facts["fingerprint"]) != (number, fingerprint) for event in told):
                self.note_event(
                    EventKind.NOT_READ_AGAIN, article=article, number=number, fingerprint=fingerprint, reason=reason
                )

    def unread(self, article: str | None = None) -> list[Event]:
        """The versions that stand as unread by an extractor: it could not read their pages again, and has not since."""
        return [
            event
            for event in self.events(article=article, kinds=[EventKind.NOT_READ_AGAIN])
            if self._read_by(event.article or "", event.facts["number"], event.facts["fingerprint"]) is None
        ]

    def readings(self, article: str, number: int) -> list[tuple[str, str]]:
        """What was read from a version's page (JSON as stored) and by which extractor: as recorded first, then each time anew."""
        return [
            (said["content"], said["fingerprint"])
            for table in ("versions", "reextractions")
            for row in self._rows(
                f"SELECT * FROM {table} WHERE article = ? AND number = ? ORDER BY id", [article, number]
            )
            for said in [self._unpacked(table, row)]
        ]

    def _against(self, article: str, number: int, content: Content, fingerprint: str) -> Outcome:
        """What a text is beside a version: unchanged, changed, or new where the two cannot be compared.

        It is held against the version's text as the extractor of this ``fingerprint`` read it: after going back to an earlier
        program the newest reading is another's. Where that extractor never read it, only the same words as in any reading can be told.
        """
        says, said = digest(content), self._read_by(article, number, fingerprint)
        if said is not None:
            return Outcome.UNCHANGED if said == says else Outcome.CHANGED
        return Outcome.UNCHANGED if self._value(_READ_SO, [article, number, says] * 2) else Outcome.NEW

    def _read_by(self, article: str, number: int, fingerprint: str) -> str | None:
        """The digest of a version's text as this extractor read it, if it did."""
        said = self._value(_READ_BY, [article, number, fingerprint] * 2)
        return None if said is None else str(said)

    def _next_number(self, article: str) -> int:
        return int(self._value("SELECT COALESCE(MAX(number), 0) + 1 FROM versions WHERE article = ?", [article]))


def in_time(versions: list[Version]) -> list[Version]:
    """Versions in the order of time. Our own stand in the order they were recorded, whatever a clock did; those of archives between."""
    ordered = [version for version in versions if version.origin is Origin.CRAWL]
    archived = (version for version in versions if version.origin is Origin.ARCHIVE and version.first_seen)
    for version in sorted(archived, key=lambda version: (version.first_seen, version.number)):
        later = (at for at, other in enumerate(ordered) if _after(other, version))
        ordered.insert(next(later, len(ordered)), version)
    return ordered


def _after(one: Version, other: Version) -> bool:
    return bool(one.first_seen and other.first_seen and one.first_seen > other.first_seen)


@as_written("the saved copy of", "article")
def _baseline(row: Row) -> Version:
    taken = instant(row["taken_at"])
    return Version(
        article=row["article"],
        number=0,
        origin=Origin.SEED,
        content=decode(row["content"], Content),
        fingerprint=row["fingerprint"],
        first_seen=taken,
        last_seen=taken,
        removed=_removal(row["removal"]),
    )


@as_written("version of", "article")
def _version(row: Row) -> Version:
    return Version(
        article=row["article"],
        number=row["number"],
        origin=Origin(row["origin"]),
        content=decode(_says(row), Content),
        fingerprint=row["fingerprint"],
        first_seen=instant(row["first_seen"]),
        last_seen=instant(row["last_seen"]),
        capture=row["capture"],
        body_sha256=row["body_sha256"],
        removed=_removal(row["removal"]),
    )


def _says(row: Row) -> str:
    """The text of a version as it was read last."""
    whole = unpack("", row["whole"]) if row["whole"] else None
    first = unpack(row["content"], row["packed"], whole)
    return first if row["reread"] is None else unpack(row["reread"], row["reread_packed"], first)


def _removal(event: str | None) -> Removal | None:
    told = json.loads(event) if event else None
    return Removal(at=datetime.fromisoformat(told["at"]), reason=told["reason"]) if told else None

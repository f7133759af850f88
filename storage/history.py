"""History as tables: what happened to an article beside its edits, and the only ways in which evidence may be taken away.

A trigger lets content go, or a change be said anew, only where a row that accounts for it was written first. What a row proves
(digests, numbers, times, the chain) no trigger ever lets go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from storage.database import Database
from storage.presence import Word, presence_after, presence_facts
from storage.types import Outcome

GENESIS = "0" * 64
BLANK = '{"headline":null}'  # the content of a version that was taken down

TABLES = """
CREATE TABLE events (             -- missing, gone, back, another address, read anew, taken down: a chain of its own
    id INTEGER PRIMARY KEY,
    article TEXT REFERENCES articles(id),
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    capture INTEGER REFERENCES captures(id),
    record TEXT NOT NULL,         -- canonical JSON, with the hash of the newest look before it
    hash TEXT NOT NULL UNIQUE     -- sha256(hash of the event before || record)
) STRICT;
CREATE INDEX events_article ON events(article, id);
CREATE TABLE removals (           -- content that was taken away, and the event that says why
    id INTEGER PRIMARY KEY,
    event INTEGER NOT NULL REFERENCES events(id),
    kind TEXT NOT NULL,           -- body, version, reextraction, seed, change, former_change, article
    key TEXT NOT NULL,
    sha256 TEXT NOT NULL,         -- of what was there
    UNIQUE (kind, key)
) STRICT;
CREATE TABLE former_changes (     -- what a change said before it was computed anew
    id INTEGER PRIMARY KEY,
    change INTEGER NOT NULL REFERENCES changes(id),
    event INTEGER NOT NULL REFERENCES events(id),
    weight INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    disclosure TEXT NOT NULL,
    summary TEXT NOT NULL,
    assessment TEXT NOT NULL,
    differ TEXT NOT NULL,
    extractor TEXT,
    withdrawn TEXT
) STRICT;
CREATE INDEX former_changes_change ON former_changes(change, id);
CREATE INDEX changes_episode ON changes(episode) WHERE episode IS NOT NULL;
CREATE INDEX article_urls_article ON article_urls(article, id);
CREATE INDEX article_urls_url ON article_urls(url);
"""

COLUMNS = """
ALTER TABLE changes ADD COLUMN episode INTEGER REFERENCES changes(id);
ALTER TABLE changes ADD COLUMN withdrawn TEXT;
ALTER TABLE changes ADD COLUMN extractor TEXT;
ALTER TABLE listing ADD COLUMN episode INTEGER;
DROP TRIGGER changes_listed;
"""

# an address may come back, so that a pair may stand there twice
ADDRESSES = """
CREATE TABLE article_urls_new (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles(id),
    url TEXT NOT NULL,
    seen TEXT NOT NULL
) STRICT;
INSERT INTO article_urls_new(article, url, seen) SELECT article, url, seen FROM article_urls ORDER BY article, seen, rowid;
DROP TABLE article_urls;
ALTER TABLE article_urls_new RENAME TO article_urls;
"""

VIEWS = """
DROP VIEW change_list;
CREATE VIEW change_list AS
SELECT c.id, c.article, c.headline, c.baseline, c.from_version, c.to_version, c.observed_after, c.observed_by,
       CASE c.weight WHEN 3 THEN 'substantive' WHEN 2 THEN 'editorial' ELSE 'cosmetic' END AS weight,
       c.kinds, c.disclosure, c.summary, c.episode
FROM changes c WHERE c.withdrawn IS NULL;
"""

# looks of ours that say something of an article's presence: from its first version on, whoever saw it, those that showed it or found it missing
PRESENCE_LOOKS = """
SELECT id, outcome, status, COALESCE(answered, started) AS at FROM captures
WHERE article = :article AND origin = 'crawl' AND (outcome = 'gone' OR version IS NOT NULL)
AND id > (SELECT MIN(id) FROM captures WHERE article = :article AND version IS NOT NULL) ORDER BY id
"""

_LISTING = "weight, disclosure, observed, change, article, baseline, outlet, language, section, kinds, published"
_LIST = f"""INSERT INTO listing({_LISTING}) {{listed}} WHERE c.id = NEW.id AND c.withdrawn IS NULL;
    UPDATE listing SET episode = NEW.episode WHERE change = NEW.id;
    INSERT INTO listing_words SELECT NEW.id, NEW.words WHERE NEW.withdrawn IS NULL;"""
_LISTED = f"CREATE TRIGGER changes_listed AFTER INSERT ON changes BEGIN {_LIST} END"
_RELISTED = f"""CREATE TRIGGER changes_relisted AFTER UPDATE ON changes BEGIN
    DELETE FROM listing WHERE change = NEW.id;
    DELETE FROM listing_words WHERE change = NEW.id;
    {_LIST} END"""

_NEVER = "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}\nBEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
_UNLESS = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} WHEN NOT ({allowed})\n"
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)
REMOVED = "EXISTS (SELECT 1 FROM removals r WHERE r.kind = '{kind}' AND r.key = CAST(OLD.{key} AS TEXT))"


def same(*columns: str) -> str:
    return " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)


def _taken_down(kind: str, key: str, blank: str, *kept: str) -> str:
    return f"{REMOVED.format(kind=kind, key=key)} AND {blank} AND {same(*kept)}"


_RETOLD = (
    "EXISTS (SELECT 1 FROM former_changes f WHERE f.change = OLD.id AND f.assessment = OLD.assessment AND f.withdrawn IS OLD.withdrawn) AND "
    + same("id", "article", "baseline", "from_version", "to_version", "observed_after", "observed_by")
)
_ASSESSED = ("weight", "kinds", "disclosure", "summary", "differ", "extractor", "withdrawn")
_ALLOWED = {
    ("bodies", "DELETE"): REMOVED.format(kind="body", key="sha256"),
    ("versions", "UPDATE"): _taken_down(
        "version", "id", f"NEW.content = '{BLANK}'",
        "id", "article", "number", "origin", "digest", "fingerprint", "capture",
    ),
    ("reextractions", "UPDATE"): _taken_down(
        "reextraction", "id", f"NEW.content = '{BLANK}'", "id", "article", "number", "digest", "fingerprint", "at"
    ),
    ("seeds", "UPDATE"): _taken_down(
        "seed", "number", f"NEW.data = X'' AND NEW.content = '{BLANK}'",
        "number", "name", "sha256", "fingerprint", "outlet", "language", "url", "taken_at", "imported",
    ),
    ("articles", "UPDATE"): _taken_down(
        "article", "id", "NEW.headline IS NULL", "id", "outlet", "language", "first_seen"
    ),
    ("changes", "UPDATE"): "("
    + _taken_down(
        "change", "id", "NEW.words = '' AND NEW.headline = '' AND json_array_length(NEW.assessment, '$.diff.edits') = 0",
        "id", "article", "baseline", "from_version", "to_version", "observed_after", "observed_by", "episode", *_ASSESSED,
    )
    + f") OR ({_RETOLD})",
    ("former_changes", "UPDATE"): _taken_down(
        "former_change", "id", "json_array_length(NEW.assessment, '$.diff.edits') = 0", "id", "change", "event", *_ASSESSED
    ),
    # a comparison that found nothing, and finds something when it is made anew
    ("comparisons", "UPDATE"): "OLD.change IS NULL AND EXISTS (SELECT 1 FROM changes c WHERE c.id = NEW.change AND c.article = OLD.article "
    "AND c.baseline = OLD.baseline AND c.from_version = OLD.from_version AND c.to_version = OLD.to_version) AND "
    + same("article", "baseline", "from_version", "to_version", "at"),
}  # fmt: skip
_NEW_TABLES = ("events", "removals", "former_changes", "article_urls")

GUARDS = {
    f"{table}_no_{verb}": _UNLESS.format(table=table, verb=verb, allowed=allowed)
    for (table, verb), allowed in _ALLOWED.items()
} | {
    f"{table}_no_{verb}": _NEVER.format(table=table, verb=verb)
    for table in _NEW_TABLES
    for verb in ("UPDATE", "DELETE")
    if (table, verb) not in _ALLOWED
}


def listing_triggers(listed: str) -> dict[str, str]:
    """The triggers that keep the narrow list beside the changes, by name; ``listed`` selects a change ``c`` as a row of it."""
    return {"changes_listed": _LISTED.format(listed=listed), "changes_relisted": _RELISTED.format(listed=listed)}


def apply(db: Database, listed: str) -> None:
    """Bring a database here, with what it knew of presence, addresses and second readings as events.

    ``listed`` selects a change ``c`` as a row of the narrow list beside the changes.
    """
    for script in (ADDRESSES, COLUMNS, TABLES, VIEWS):
        for statement in script.split(";\n"):
            if statement.strip():
                db.execute(statement)
    for name, trigger in GUARDS.items():
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(trigger)
    for trigger in listing_triggers(listed).values():
        db.execute(trigger)
    _events_of_the_first_schema(db)


def _events_of_the_first_schema(db: Database) -> None:
    found = [*_addresses(db), *_presence(db), *_readings(db)]
    last = GENESIS
    for at, kind, article, capture, facts in sorted(found, key=lambda event: event[0]):
        record = event_record(kind, at, article, capture, None, facts)
        last = link(last, record)
        row = {"article": article, "kind": kind, "at": at, "capture": capture, "record": record, "hash": last}
        db.table("events").insert(row)


Found = tuple[str, str, str, int | None, dict[str, Any]]


def _addresses(db: Database) -> Iterator[Found]:
    sql = "SELECT article, url, seen, LAG(url) OVER (PARTITION BY article ORDER BY id) AS before FROM article_urls"
    for row in db.query(sql):
        if row["before"]:
            yield row["seen"], "address", row["article"], None, {"from": row["before"], "to": row["url"]}


def _presence(db: Database) -> Iterator[Found]:
    for article in [r["article"] for r in db.query("SELECT DISTINCT article FROM captures WHERE outcome = 'gone'")]:
        last: Word | None = None
        for look in db.query(PRESENCE_LOOKS, {"article": article}):
            at = datetime.fromisoformat(look["at"])
            kind = presence_after(last, Outcome(look["outcome"]), at)
            if kind:
                facts = presence_facts(last, kind, look["status"])
                yield look["at"], kind.value, article, look["id"], facts
                last = Word(kind=kind, at=at)


def _readings(db: Database) -> Iterator[Found]:
    for row in db.query("SELECT * FROM reextractions ORDER BY id"):
        yield row["at"], "rebaselined", row["article"], None, reading(row)


def reading(row: dict[str, Any]) -> dict[str, Any]:
    """What an event says of a second reading: enough to find its row altered."""
    return {
        "number": row["number"],
        "digest": row["digest"],
        "content_sha256": hashlib.sha256(row["content"].encode()).hexdigest(),
        "fingerprint": row["fingerprint"],
    }


def event_record(
    kind: str, at: str | None, article: str | None, capture: int | None, looks: str | None, facts: dict[str, Any]
) -> str:
    """An event as canonical JSON; ``looks`` is the hash of the newest look before it, which ties the two chains together."""
    whole = {"kind": kind, "at": at, "article": article, "capture": capture, "looks": looks, **facts}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def link(previous: str, record: str) -> str:
    """The hash of a record in a chain: SHA-256 over the hash of the one before and the record."""
    return hashlib.sha256(previous.encode() + record.encode()).hexdigest()

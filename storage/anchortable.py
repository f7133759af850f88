"""What is told to others, and what others tell: the table of anchors, and looks that archives made."""

from __future__ import annotations

from storage.database import Database

TABLE = """
CREATE TABLE anchors (            -- what was told to others of the chain, and the time stamps got for it
    id INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,        -- looks it covers, from the first
    data TEXT NOT NULL,           -- the anchor file, byte for byte
    authority TEXT,               -- the time-stamping authority that was asked
    token BLOB,                   -- its answer (RFC 3161), in DER
    at TEXT NOT NULL
) STRICT
"""
_ARCHIVES = (
    "ALTER TABLE captures ADD COLUMN origin TEXT NOT NULL DEFAULT 'crawl'",
    "CREATE INDEX captures_archived ON captures(article, answered) WHERE origin = 'archive'",
    "CREATE INDEX versions_archived ON versions(article) WHERE origin = 'archive'",
)

GUARDS = {
    f"anchors_no_{verb}": f"CREATE TRIGGER anchors_no_{verb} BEFORE {verb} ON anchors BEGIN SELECT RAISE(ABORT, 'anchors is append-only'); END"
    for verb in ("UPDATE", "DELETE")
}


def apply(db: Database) -> None:
    """Add the table, append-only like all evidence, and the origin of looks."""
    for statement in (TABLE, *_ARCHIVES, *GUARDS.values()):
        db.execute(statement)

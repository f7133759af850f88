"""How content is packed: what a page holds only the difference to, and which coding is made anew. What it proves stays as it was."""

from __future__ import annotations

from storage.database import Database

# base: the page this one holds only the difference to, itself whole; coding: NULL while not looked at, '' for bytes as they are,
# else the content coding that is made anew on reading
PAGES = (
    "ALTER TABLE bodies ADD COLUMN base TEXT REFERENCES bodies(sha256)",
    "ALTER TABLE bodies ADD COLUMN coding TEXT",
    "CREATE INDEX bodies_unpacked ON bodies(sha256) WHERE coding IS NULL",
    "CREATE INDEX bodies_base ON bodies(base) WHERE base IS NOT NULL",
)

GUARDS = {
    # a page may be packed otherwise; that the same bytes come out is checked whenever they are read
    "bodies_no_UPDATE": "CREATE TRIGGER bodies_no_UPDATE BEFORE UPDATE ON bodies WHEN NOT (NEW.sha256 IS OLD.sha256 "
    "AND NEW.size IS OLD.size AND NEW.rowid IS OLD.rowid AND NEW.coding IS NOT NULL "
    "AND (NEW.coding IS NOT OLD.coding OR NEW.base IS NOT OLD.base))\n"
    "BEGIN SELECT RAISE(ABORT, 'bodies is append-only'); END",
}


def apply(db: Database) -> None:
    """Add the columns; pages already there stay as they are until they are packed."""
    for statement in PAGES:
        db.execute(statement)
    for name, trigger in GUARDS.items():
        db.execute(f"DROP TRIGGER {name}")
        db.execute(trigger)

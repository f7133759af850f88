"""The columns of packed texts, the views over them, and the migration that packs what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storage.database import Database
from storage.history import BLANK, REMOVED, listing_triggers, same
from storage.texts import PACKED, pack, packed_change, packed_version, text_of

_COLUMNS = """
ALTER TABLE versions ADD COLUMN packed BLOB;
ALTER TABLE versions ADD COLUMN base INTEGER REFERENCES versions(id);
ALTER TABLE versions ADD COLUMN head TEXT;
ALTER TABLE reextractions ADD COLUMN packed BLOB;
ALTER TABLE changes ADD COLUMN packed BLOB;
ALTER TABLE former_changes ADD COLUMN packed BLOB;
CREATE INDEX versions_base ON versions(base) WHERE base IS NOT NULL;
"""

# what lists show of a version: told by itself, or the same as told by the version it rests on
HEAD = "COALESCE({v}.head, (SELECT w.head FROM versions w WHERE w.id = {v}.base))"
_HEAD = HEAD.format(v="v")
# and who made it
MAKER = "COALESCE(NULLIF(v.fingerprint, ''), (SELECT w.fingerprint FROM versions w WHERE w.id = v.base), '')"
_NEWEST = f"(SELECT {_HEAD} ->> '$.{{name}}' FROM versions v WHERE v.article = a.id ORDER BY v.number DESC LIMIT 1)"

LISTED = f"""
SELECT c.weight, c.disclosure, COALESCE(c.observed_by, ''), c.id, c.article, c.baseline, a.outlet, a.language,
       (SELECT CASE WHEN instr(kicker, '|') THEN trim(substr(kicker, 1, instr(kicker, '|') - 1)) ELSE trim(kicker) END
        FROM (SELECT COALESCE({_HEAD} ->> '$.kicker', '') AS kicker)),
       c.kinds, {_HEAD} ->> '$.published'
FROM changes c JOIN articles a ON a.id = c.article
LEFT JOIN versions v ON v.article = c.article AND v.number = MAX(c.to_version, 1)
"""

_VIEWS = f"""
DROP VIEW version_timeline;
CREATE VIEW version_timeline AS
SELECT v.article, v.number, v.origin, MIN(c.answered) AS first_seen, MAX(c.answered) AS last_seen, COUNT(*) AS looks,
       {_HEAD} ->> '$.headline' AS headline, v.digest, v.capture, {MAKER} AS fingerprint
FROM versions v JOIN captures c ON c.article = v.article AND c.version = v.number
GROUP BY v.id;
DROP VIEW data_articles;
CREATE VIEW data_articles AS
SELECT a.id AS article, a.outlet, a.language,
       (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.seen DESC, u.rowid DESC LIMIT 1) AS url,
       {_NEWEST.format(name="headline")} AS headline,
       {_NEWEST.format(name="published")} AS published,
       a.first_seen AS known_since,
       (SELECT COUNT(*) FROM versions v WHERE v.article = a.id) AS versions,
       (SELECT COUNT(*) FROM changes c WHERE c.article = a.id AND c.baseline = 'previous' AND c.withdrawn IS NULL) AS changes,
       EXISTS (SELECT 1 FROM seed_links l WHERE l.article = a.id) AS has_seed
FROM articles a;
DROP VIEW data_versions;
CREATE VIEW data_versions AS
SELECT v.article, v.number AS version, v.origin, MIN(c.answered) AS first_seen, MAX(c.answered) AS last_seen, COUNT(c.id) AS looks,
       {_HEAD} ->> '$.headline' AS headline, {_HEAD} ->> '$.published' AS published,
       (SELECT CASE WHEN v.packed IS NOT NULL THEN f.modified END FROM captures f WHERE f.id = v.capture) AS modified,
       COALESCE({_HEAD} ->> '$.blocks', 0) AS blocks,
       v.digest AS text_sha256, (SELECT body_sha256 FROM captures f WHERE f.id = v.capture) AS page_sha256, {MAKER} AS extractor
FROM versions v LEFT JOIN captures c ON c.article = v.article AND c.version = v.number
GROUP BY v.id;
CREATE VIEW newest_texts AS       -- the newest text of each article, to be read and searched: WHERE texts MATCH '…' in its own table
SELECT v.article, v.number AS version, t.headline, t.text FROM texts t JOIN versions v ON v.id = t.rowid;
"""

_UNLESS = (
    "CREATE TRIGGER {table}_no_UPDATE BEFORE UPDATE ON {table} WHEN NOT ({allowed})\n"
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)
_KEPT = ("id", "article", "number", "origin", "digest", "capture")
_MADE = "(NEW.fingerprint IS OLD.fingerprint OR OLD.fingerprint = '' OR NEW.fingerprint = '' AND NEW.base IS NOT NULL)"
_ASSESSED = ("weight", "kinds", "disclosure", "summary", "differ", "extractor", "withdrawn")
_PAIR = ("id", "article", "baseline", "from_version", "to_version", "observed_after", "observed_by")
_EMPTIED = "CASE WHEN NEW.packed IS NULL THEN json_array_length(NEW.assessment, '$.diff.edits') = 0 ELSE 0 END"


def _gone(kind: str, key: str = "id") -> str:
    return REMOVED.format(kind=kind, key=key)


_ALLOWED = {
    # taken down, or packed anew because what it rested on was
    "versions": f"({_gone('version')} AND NEW.content = '{BLANK}' AND NEW.packed IS NULL AND NEW.base IS NULL AND NEW.head IS NULL "
    f"AND {_MADE} AND {same(*_KEPT)}) OR (OLD.base IS NOT NULL AND {_gone('version', 'base')} AND NEW.packed IS NOT NULL "
    f"AND NEW.base IS NOT OLD.base AND {_MADE} AND {same(*_KEPT, 'content')})",
    "reextractions": f"{_gone('reextraction')} AND NEW.content = '{BLANK}' AND NEW.packed IS NULL "
    f"AND {same('id', 'article', 'number', 'digest', 'fingerprint', 'at')}",
    "changes": f"({_gone('change')} AND NEW.words = '' AND NEW.headline = '' AND {_EMPTIED} AND {same(*_PAIR, 'episode', *_ASSESSED)}) "
    "OR (EXISTS (SELECT 1 FROM former_changes f WHERE f.change = OLD.id AND f.assessment = OLD.assessment "
    f"AND f.packed IS OLD.packed AND f.withdrawn IS OLD.withdrawn) AND {same(*_PAIR)})",
    "former_changes": f"{_gone('former_change')} AND {_EMPTIED} AND {same('id', 'change', 'event', *_ASSESSED)}",
}
GUARDS = {f"{table}_no_UPDATE": _UNLESS.format(table=table, allowed=allowed) for table, allowed in _ALLOWED.items()}


def apply(db: Database) -> None:
    """Add the columns, pack every text and change, leave the newest text of each article in the full-text index."""
    triggers = listing_triggers(LISTED)
    for name in (*GUARDS, *triggers):
        db.execute(f"DROP TRIGGER {name}")
    for statement in _COLUMNS.split(";\n"):
        if statement.strip():
            db.execute(statement)
    _pack_all(db)
    db.execute("DELETE FROM texts WHERE rowid NOT IN (SELECT MAX(id) FROM versions GROUP BY article)")
    db.execute("INSERT INTO texts(texts) VALUES ('optimize')")
    for statement in [part for part in _VIEWS.split(";\n") if part.strip()] + [*GUARDS.values(), *triggers.values()]:
        db.execute(statement)


def _pack_all(db: Database) -> None:
    for row in _rows(db, "versions", "article, number", "content"):
        try:
            columns = packed_version(db, row["article"], row["number"], row["content"], row["fingerprint"])
        except ValueError:  # damaged: it stays as it is, for ``verify`` to name, and keeps nothing else from being used
            continue
        _update(db, "versions", row["id"], columns)
    for row in _rows(db, "reextractions", "id", "content"):
        packed = pack(row["content"], text_of(db, row["article"], row["number"]))
        _update(db, "reextractions", row["id"], {"content": "", "packed": packed})
    led_to = dict(db.execute("SELECT id, to_version FROM changes").fetchall())
    article = dict(db.execute("SELECT id, article FROM changes").fetchall())
    for table in ("changes", "former_changes"):
        for row in _rows(db, table, "id", "assessment"):
            change = row["id"] if table == "changes" else row["change"]
            _update(db, table, row["id"], packed_change(db, article[change], led_to[change], row["assessment"]))


def _rows(db: Database, table: str, order: str, column: str) -> Iterator[dict[str, Any]]:
    """The rows that say something; what was taken down is left as it is."""
    kind = {
        "versions": "version",
        "reextractions": "reextraction",
        "changes": "change",
        "former_changes": "former_change",
    }[table]
    ids = db.execute(
        f"SELECT id FROM {table} WHERE NOT EXISTS (SELECT 1 FROM removals r WHERE r.kind = '{kind}' AND r.key = CAST({table}.id AS TEXT)) "
        f"ORDER BY {order}"
    ).fetchall()
    for (id,) in ids:
        row = next(db.query(f"SELECT * FROM {table} WHERE id = ?", [id]))
        if row[PACKED[table]]:
            yield row


def _update(db: Database, table: str, id: int, columns: dict[str, Any]) -> None:
    names = ", ".join(f"{name} = :{name}" for name in columns)
    db.execute(f"UPDATE {table} SET {names} WHERE id = :id", {**columns, "id": id})

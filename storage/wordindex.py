"""An index over the words of changes: which changes can contain a text at all, by the groups of three letters in it."""

from __future__ import annotations

from storage.database import Database
from storage.history import listing_triggers
from storage.texttables import LISTED

# detail = none: it only says which changes have all the groups of three; whether they stand in a row is looked up in the words
_INDEX = (
    "CREATE VIRTUAL TABLE listing_index USING fts5(words, content = 'listing_words', content_rowid = 'change', detail = none, "
    "tokenize = 'trigram case_sensitive 1')"
)
_BEFORE = "INSERT INTO listing_words SELECT NEW.id, NEW.words WHERE NEW.withdrawn IS NULL;"
_INSERT = "INSERT INTO listing_index(rowid, words) SELECT NEW.id, NEW.words WHERE NEW.withdrawn IS NULL;"
_DELETE = "DELETE FROM listing_words WHERE change = NEW.id;"
_FORGET = "INSERT INTO listing_index(listing_index, rowid, words) SELECT 'delete', change, words FROM listing_words WHERE change = NEW.id;"
_GROUP = 3
_MOST = 40  # groups asked for; the words themselves are looked at anyhow


def apply(db: Database) -> None:
    """Make the index of what there is, and keep it from now on."""
    db.execute(_INDEX)
    db.execute("INSERT INTO listing_index(rowid, words) SELECT change, words FROM listing_words")
    for name, trigger in listing_triggers(LISTED).items():
        db.execute(f"DROP TRIGGER {name}")
        kept = trigger.replace(_BEFORE, f"{_BEFORE}\n    {_INSERT}")
        db.execute(kept.replace(_DELETE, f"{_FORGET}\n    {_DELETE}"))


def has_words(search: str, change: str = "l.change") -> tuple[str, list[str]]:
    """The condition on a change, named by what a query calls its number, that its words contain a case-folded text, and its values."""
    groups = sorted({search[at : at + _GROUP] for at in range(len(search) - _GROUP + 1)})
    if not groups or "\0" in search:
        return f"{change} IN (SELECT change FROM listing_words WHERE instr(words, ?))", [search]
    match = " AND ".join('"' + group.replace('"', '""') + '"' for group in groups[:_MOST])
    sql = (
        "SELECT w.change FROM listing_index JOIN listing_words w ON w.change = listing_index.rowid "
        "WHERE listing_index MATCH ? AND instr(w.words, ?)"
    )
    return f"{change} IN ({sql})", [match, search]

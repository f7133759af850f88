"""The tables, as migrations: each is applied whole or not at all and never edited after a release.

Evidence tables are append-only: triggers refuse UPDATE and DELETE. What may change (the schedule, sources, runs,
the heartbeat) is kept apart from what proves.
"""

from __future__ import annotations

from storage import anchortable, history, packedtables, sealtable, servicetables, texttables, wordindex
from storage.database import Database, Migrations

APPLICATION_ID = 0x5A534552  # "ZSER"
SCHEMA = 15  # PRAGMA user_version after the newest migration

migrations = Migrations("zaesur")

_TABLES = """
CREATE TABLE articles (
    id TEXT PRIMARY KEY,          -- a-71703285 for DW (type and number), the canonical URL elsewhere
    outlet TEXT NOT NULL,
    language TEXT NOT NULL,
    headline TEXT,                -- as first heard of, in a feed or on the page
    first_seen TEXT NOT NULL
) STRICT;
CREATE TABLE article_urls (       -- a changed slug is an event of the same article
    article TEXT NOT NULL REFERENCES articles(id),
    url TEXT NOT NULL,
    seen TEXT NOT NULL,
    PRIMARY KEY (article, url)
) STRICT;
CREATE INDEX article_urls_url ON article_urls(url);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    counts TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE TABLE bodies (             -- bodies as served, byte for byte, compressed here and nowhere else
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    zstd BLOB NOT NULL
) STRICT;
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    article TEXT REFERENCES articles(id),
    run INTEGER REFERENCES runs(id),
    requested_url TEXT NOT NULL,
    final_url TEXT,
    started TEXT NOT NULL,
    answered TEXT,
    status INTEGER,
    outcome TEXT NOT NULL,
    reason TEXT,
    version INTEGER,              -- number of the version this look showed
    body_sha256 TEXT,             -- of the body as served; the body itself is kept for versions and set-aside pages
    modified TEXT,                -- the outlet's own modification time, as declared on this look
    record TEXT NOT NULL,         -- canonical JSON of everything known about this look
    hash TEXT NOT NULL UNIQUE     -- sha256(hash of the capture before || record)
) STRICT;
CREATE INDEX captures_article ON captures(article, id);
CREATE INDEX captures_version ON captures(article, version, id);
CREATE TABLE seeds (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    data BLOB NOT NULL,
    content TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outlet TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT,
    taken_at TEXT,
    imported TEXT NOT NULL
) STRICT;
CREATE TABLE seed_links (
    seed INTEGER PRIMARY KEY REFERENCES seeds(number),
    article TEXT NOT NULL UNIQUE REFERENCES articles(id),
    linked TEXT NOT NULL
) STRICT;
CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles(id),
    number INTEGER NOT NULL CHECK (number >= 1),
    origin TEXT NOT NULL,
    digest TEXT NOT NULL,         -- sha256 over the compared texts
    content TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    capture INTEGER NOT NULL REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (article, number)
) STRICT;
CREATE TABLE reextractions (      -- an extractor upgrade is not an edit: the same page, read again
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL,
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,
    content TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (article, number, fingerprint),
    FOREIGN KEY (article, number) REFERENCES versions(article, number)
) STRICT;
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles(id),
    baseline TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    to_version INTEGER NOT NULL,
    observed_after TEXT,
    observed_by TEXT,
    weight INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    disclosure TEXT NOT NULL,
    summary TEXT NOT NULL,
    headline TEXT NOT NULL,
    words TEXT NOT NULL,          -- what was added or removed, case-folded, for searching
    assessment TEXT NOT NULL,
    differ TEXT NOT NULL,
    UNIQUE (article, baseline, from_version, to_version)
) STRICT;
CREATE INDEX changes_weight ON changes(weight DESC, disclosure DESC, observed_by DESC, id DESC);
CREATE TABLE comparisons (        -- every comparison made, also those that found nothing
    article TEXT NOT NULL REFERENCES articles(id),
    baseline TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    to_version INTEGER NOT NULL,
    change INTEGER REFERENCES changes(id),
    differ TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (article, baseline, from_version, to_version)
) STRICT;
CREATE TABLE gaps (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles(id),
    since TEXT NOT NULL,
    until TEXT,
    reason TEXT NOT NULL
) STRICT;
CREATE TABLE schedule (
    article TEXT PRIMARY KEY REFERENCES articles(id),
    due TEXT,
    paused INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX schedule_due ON schedule(due) WHERE paused = 0;
CREATE TABLE feeds (
    url TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    added TEXT NOT NULL,
    polled TEXT,
    validators TEXT NOT NULL DEFAULT '{}',
    problem TEXT
) STRICT;
CREATE TABLE memory (             -- what the revisit policy has learned, and other working state; no evidence
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE heartbeat (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    at TEXT NOT NULL,
    pid INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE texts USING fts5(headline, text, tokenize = 'unicode61 remove_diacritics 2');
"""

_VIEWS = """
CREATE VIEW version_timeline AS
SELECT v.article, v.number, v.origin, MIN(c.answered) AS first_seen, MAX(c.answered) AS last_seen, COUNT(*) AS looks,
       json_extract(v.content, '$.headline') AS headline, v.digest, v.capture, v.fingerprint
FROM versions v JOIN captures c ON c.article = v.article AND c.version = v.number
GROUP BY v.id;
CREATE VIEW change_list AS
SELECT c.id, c.article, c.headline, c.baseline, c.from_version, c.to_version, c.observed_after, c.observed_by,
       CASE c.weight WHEN 3 THEN 'substantive' WHEN 2 THEN 'editorial' ELSE 'cosmetic' END AS weight,
       c.kinds, c.disclosure, c.summary
FROM changes c;
CREATE VIEW article_coverage AS
SELECT a.id AS article, a.language, COUNT(c.id) AS looks, MAX(c.answered) AS last_look,
       SUM(c.outcome = 'set-aside') AS set_aside, SUM(c.outcome IN ('fetch-failed', 'extract-failed')) AS failed,
       (SELECT COUNT(*) FROM versions v WHERE v.article = a.id) AS versions,
       (SELECT COUNT(*) FROM gaps g WHERE g.article = a.id) AS gaps
FROM articles a LEFT JOIN captures c ON c.article = a.id
GROUP BY a.id;
"""

_EVIDENCE = (
    "articles article_urls bodies captures seeds seed_links versions reextractions changes comparisons".split()  # noqa: SIM905 - reads as the list it is
)
_VERBS = ("UPDATE", "DELETE")

_GUARD = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""


@migrations
def create_tables(db: Database) -> None:
    """The first schema."""
    for statement in _statements(_TABLES + _VIEWS):
        db.execute(statement)
    for table in _EVIDENCE:
        for verb in _VERBS:
            db.execute(_GUARD.format(table=table, verb=verb))


_LISTING = """
CREATE TABLE listing (            -- what the inbox is sorted and filtered by, in its order; derived from the evidence by a trigger
    weight INTEGER NOT NULL,
    disclosure TEXT NOT NULL,
    observed TEXT NOT NULL,
    change INTEGER NOT NULL,
    article TEXT NOT NULL,
    baseline TEXT NOT NULL,
    outlet TEXT NOT NULL,
    language TEXT NOT NULL,
    section TEXT NOT NULL,        -- the first part of the kicker: "Politik" of "Politik | USA"
    kinds TEXT NOT NULL,
    published TEXT,               -- as the outlet declares it
    PRIMARY KEY (weight, disclosure, observed, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_change ON listing(change);
CREATE INDEX listing_article ON listing(article);
CREATE INDEX listing_section ON listing(section);
CREATE INDEX listing_observed ON listing(observed);
CREATE TABLE listing_words (      -- apart, so that only a search reads them
    change INTEGER PRIMARY KEY,
    words TEXT NOT NULL
) STRICT;
CREATE TABLE reviews (            -- editors' marks, beside the evidence, never in it; the newest of a change counts
    id INTEGER PRIMARY KEY,
    change INTEGER NOT NULL REFERENCES changes(id),
    verdict TEXT NOT NULL,
    note TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX reviews_change ON reviews(change, id);
CREATE INDEX captures_troubled ON captures(outcome, id) WHERE outcome IN ('set-aside', 'fetch-failed', 'extract-failed', 'gone');
CREATE INDEX changes_article ON changes(article, to_version);
CREATE INDEX gaps_article ON gaps(article);
CREATE INDEX articles_language ON articles(language);
CREATE INDEX articles_outlet ON articles(outlet);
"""

_LISTED = """
SELECT c.weight, c.disclosure, COALESCE(c.observed_by, ''), c.id, c.article, c.baseline, a.outlet, a.language,
       (SELECT CASE WHEN instr(kicker, '|') THEN trim(substr(kicker, 1, instr(kicker, '|') - 1)) ELSE trim(kicker) END
        FROM (SELECT COALESCE(json_extract(v.content, '$.kicker'), '') AS kicker)),
       c.kinds, json_extract(v.content, '$.published')
FROM changes c JOIN articles a ON a.id = c.article
LEFT JOIN versions v ON v.article = c.article AND v.number = MAX(c.to_version, 1)
"""


@migrations
def list_changes(db: Database) -> None:
    """A narrow list beside the changes, so that a hundred thousand of them are filtered at once; the marks of editors."""
    for statement in _statements(_LISTING):
        db.execute(statement)
    db.execute(f"INSERT INTO listing {_LISTED}")
    db.execute("INSERT INTO listing_words SELECT id, words FROM changes")
    db.execute(
        f"CREATE TRIGGER changes_listed AFTER INSERT ON changes BEGIN INSERT INTO listing {_LISTED} WHERE c.id = NEW.id; "
        "INSERT INTO listing_words VALUES (NEW.id, NEW.words); END"
    )


@migrations
def name_sources_and_editions(db: Database) -> None:
    """Sources may come from the configuration; sitemaps tell a story's other languages."""
    for statement in _statements(servicetables.SOURCES):
        db.execute(statement)


_SAME_EDITS = """
CREATE TABLE change_edits (       -- the same edit on many pages; derived from the changes, no evidence
    change INTEGER NOT NULL REFERENCES changes(id),
    digest TEXT NOT NULL,         -- of one normalised edit; '' for a change without any
    PRIMARY KEY (change, digest)
) STRICT;
CREATE INDEX change_edits_digest ON change_edits(digest, change)
"""


@migrations
def recognise_same_edits(db: Database) -> None:
    """Digests of normalised edits; those of older changes are made when comparisons are next made."""
    for statement in _statements(_SAME_EDITS):
        db.execute(statement)


@migrations
def tell_others(db: Database) -> None:
    """Anchors over the chain; looks that archives made, told from our own."""
    anchortable.apply(db)


@migrations
def keep_an_outbox(db: Database) -> None:
    """Who is told of what."""
    for statement in _statements(servicetables.OUTBOX):
        db.execute(statement)


@migrations
def keep_history(db: Database) -> None:
    """Events, flips, second computations, takedowns."""
    history.apply(db, _LISTED)


@migrations
def count_what_was_asked(db: Database) -> None:
    """The ledger of requests, the keeping of the plan, and the documented views of the data."""
    for statement in _statements(servicetables.ASKED):
        db.execute(statement)


@migrations
def seal_records(db: Database) -> None:
    """Every row of evidence gets a seal (those already there, once the migrations are through); the service's own troubles."""
    for statement in _statements(sealtable.TABLES):
        db.execute(statement)
    for verb in _VERBS:
        db.execute(_GUARD.format(table="seals", verb=verb))


@migrations
def pack_pages(db: Database) -> None:
    """Pages as served may hold only what differs from another one of the same article."""
    packedtables.apply(db)


@migrations
def pack_texts(db: Database) -> None:
    """Texts and changes hold what differs; the full-text index holds the newest text of each article."""
    texttables.apply(db)


@migrations
def index_words(db: Database) -> None:
    """A search among a million changes reads those that can match."""
    wordindex.apply(db)


@migrations
def find_due_by_outlet(db: Database) -> None:
    """The schedule names each article's outlet."""
    for statement in servicetables.DUE_BY_OUTLET:
        db.execute(statement)


@migrations
def find_promised_by_outlet(db: Database) -> None:
    """What is followed by a promised interval is found among whatever else is due."""
    db.execute(servicetables.PROMISED)


@migrations
def say_what_stayed_once(db: Database) -> None:
    """Changes to come say a block that stayed once, which earlier programs cannot read; those that are there stay as they are."""


def guards() -> dict[str, str]:
    """The triggers that keep the evidence append-only, by name, as they must stand in the database."""
    first = {
        f"{table}_no_{verb}": _GUARD.format(table=table, verb=verb)
        for table in (*_EVIDENCE, "seals")
        for verb in _VERBS
    }
    whole = first | anchortable.GUARDS | history.GUARDS | packedtables.GUARDS | texttables.GUARDS
    return {name: " ".join(sql.split()).rstrip(";") for name, sql in whole.items()}


def _statements(script: str) -> list[str]:
    # not executescript(): that would commit the migration's own transaction first
    return [statement for part in script.split(";\n") if (statement := part.strip())]

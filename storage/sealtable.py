"""The tables of seals and of incidents."""

TABLES = """
CREATE TABLE seals (              -- the digest of every row of evidence, chained; see storage/seals.py
    id INTEGER PRIMARY KEY,
    of TEXT NOT NULL,             -- table
    key TEXT NOT NULL,            -- primary key
    digest BLOB NOT NULL,         -- SHA-256 over the row
    hash BLOB NOT NULL            -- SHA-256 over the hash of the seal before, of, key and digest
) STRICT;
CREATE TABLE incidents (          -- what went wrong with the service itself and how it went on; no evidence
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    times INTEGER NOT NULL
) STRICT;
"""

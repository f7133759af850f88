"""Tables of the service: what it reads, whom it tells, what it asked. No evidence: all of it may change."""

SOURCES = """
-- configured: named by the configuration, and read as long as it is
ALTER TABLE feeds ADD COLUMN configured INTEGER NOT NULL DEFAULT 0;
CREATE TABLE editions (           -- the same story in other languages, as a sitemap names them
    article TEXT NOT NULL REFERENCES articles(id),
    other TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT NOT NULL,
    seen TEXT NOT NULL,
    PRIMARY KEY (article, other)
) STRICT;
CREATE INDEX editions_other ON editions(other);
"""

OUTBOX = """
CREATE TABLE messages (           -- what is told; the key is the same on every attempt, so that a receiver can tell a repetition
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,        -- the channel's name; never its address, which may hold a password
    written TEXT NOT NULL,
    due TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent TEXT,
    problem TEXT
) STRICT;
CREATE INDEX messages_waiting ON messages(channel, due) WHERE sent IS NULL;
CREATE TABLE notices (            -- which change is told to which channel, once
    channel TEXT NOT NULL,
    change INTEGER NOT NULL REFERENCES changes(id),
    rule TEXT NOT NULL,
    noted TEXT NOT NULL,
    message INTEGER REFERENCES messages(id),
    folded TEXT,                  -- why it is not told by a message of its own
    PRIMARY KEY (channel, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_message ON notices(message);
"""

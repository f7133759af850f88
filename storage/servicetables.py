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

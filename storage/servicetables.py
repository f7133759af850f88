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

ASKED = """
CREATE TABLE asked (              -- what was asked of each outlet: every request that left, robots.txt and redirects too
    outlet TEXT NOT NULL,         -- what shares one pace: dw.com, example.org, 127.0.0.1:8000
    day TEXT NOT NULL,            -- UTC
    answer TEXT NOT NULL,         -- the status, or "none"
    requests INTEGER NOT NULL,
    PRIMARY KEY (outlet, day, answer)
) STRICT, WITHOUT ROWID;
CREATE TABLE plan_days (          -- how the plan was kept, by the day a look was made
    outlet TEXT NOT NULL,
    day TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,      -- looks that showed the text
    late INTEGER NOT NULL DEFAULT 0,      -- of these, more than 15 minutes after they were due
    not_seen INTEGER NOT NULL DEFAULT 0,  -- looks that failed or were set aside
    missed REAL NOT NULL DEFAULT 0,       -- edits expected to have been replaced by later ones before anybody looked
    PRIMARY KEY (outlet, day)
) STRICT, WITHOUT ROWID;
CREATE VIEW data_articles AS
SELECT a.id AS article, a.outlet, a.language,
       (SELECT url FROM article_urls u WHERE u.article = a.id ORDER BY u.seen DESC, u.rowid DESC LIMIT 1) AS url,
       (SELECT json_extract(v.content, '$.headline') FROM versions v WHERE v.article = a.id ORDER BY v.number DESC LIMIT 1) AS headline,
       (SELECT json_extract(v.content, '$.published') FROM versions v WHERE v.article = a.id ORDER BY v.number DESC LIMIT 1) AS published,
       a.first_seen AS known_since,
       (SELECT COUNT(*) FROM versions v WHERE v.article = a.id) AS versions,
       (SELECT COUNT(*) FROM changes c WHERE c.article = a.id AND c.baseline = 'previous' AND c.withdrawn IS NULL) AS changes,
       EXISTS (SELECT 1 FROM seed_links l WHERE l.article = a.id) AS has_seed
FROM articles a;
CREATE VIEW data_versions AS
SELECT v.article, v.number AS version, v.origin, MIN(c.answered) AS first_seen, MAX(c.answered) AS last_seen, COUNT(c.id) AS looks,
       json_extract(v.content, '$.headline') AS headline, json_extract(v.content, '$.published') AS published,
       json_extract(v.content, '$.modified') AS modified, json_array_length(v.content, '$.blocks') AS blocks,
       v.digest AS text_sha256, (SELECT body_sha256 FROM captures f WHERE f.id = v.capture) AS page_sha256, v.fingerprint AS extractor
FROM versions v LEFT JOIN captures c ON c.article = v.article AND c.version = v.number
GROUP BY v.id;
CREATE VIEW data_changes AS
SELECT c.id AS change, c.article, a.outlet, a.language, c.headline, c.baseline, c.from_version, c.to_version, c.observed_after, c.observed_by,
       CASE c.weight WHEN 3 THEN 'substantive' WHEN 2 THEN 'editorial' ELSE 'cosmetic' END AS weight,
       (SELECT group_concat(value, ' ') FROM json_each(c.kinds)) AS kinds, c.disclosure, c.summary, c.episode,
       (SELECT r.verdict FROM reviews r WHERE r.change = c.id ORDER BY r.id DESC LIMIT 1) AS verdict,
       (SELECT r.note FROM reviews r WHERE r.change = c.id ORDER BY r.id DESC LIMIT 1) AS verdict_note,
       c.differ
FROM changes c JOIN articles a ON a.id = c.article WHERE c.withdrawn IS NULL;
CREATE VIEW data_gaps AS
SELECT g.article, a.outlet, a.language, g.since, g.until, CAST(round((julianday(g.until) - julianday(g.since)) * 86400) AS INTEGER) AS seconds, g.reason
FROM gaps g JOIN articles a ON a.id = g.article;
CREATE VIEW data_captures AS
SELECT c.article, substr(c.started, 1, 10) AS day, c.outcome, COUNT(*) AS looks
FROM captures c WHERE c.article IS NOT NULL GROUP BY c.article, day, c.outcome;
CREATE VIEW data_coverage AS
SELECT a.id AS article, a.outlet, a.language, MIN(c.answered) AS first_look, MAX(c.answered) AS last_look, COUNT(c.id) AS looks,
       COALESCE(SUM(c.outcome IN ('new', 'changed', 'unchanged', 'not-modified')), 0) AS seen,
       COALESCE(SUM(c.outcome = 'set-aside'), 0) AS set_aside,
       COALESCE(SUM(c.outcome IN ('fetch-failed', 'extract-failed')), 0) AS failed,
       (SELECT COUNT(*) FROM gaps g WHERE g.article = a.id) AS gaps,
       COALESCE((SELECT SUM(seconds) FROM data_gaps g WHERE g.article = a.id), 0) AS gap_seconds
FROM articles a LEFT JOIN captures c ON c.article = a.id GROUP BY a.id;
CREATE VIEW data_plan AS
SELECT outlet, day, seen, late, not_seen, round(1.0 * (seen - late) / max(seen + not_seen, 1), 4) AS kept, round(missed, 4) AS expected_missed
FROM plan_days;
"""

DUE_BY_OUTLET = (  # so that outlets that are not to be asked are passed over, however much of theirs is due
    "ALTER TABLE schedule ADD COLUMN outlet TEXT NOT NULL DEFAULT ''",
    "UPDATE schedule SET outlet = (SELECT outlet FROM articles WHERE id = article)",
    "CREATE INDEX schedule_outlet ON schedule(outlet, due) WHERE paused = 0",
    "CREATE TRIGGER schedule_of AFTER INSERT ON schedule BEGIN "
    "UPDATE schedule SET outlet = (SELECT outlet FROM articles WHERE id = NEW.article) WHERE article = NEW.article; END",
)
PROMISED = (  # they are looked at first, however much waits: a few among what may be many thousands
    "CREATE INDEX schedule_promised ON schedule(outlet, due) WHERE paused = 0 AND state ->> 'policy' <> 'learned'"
)

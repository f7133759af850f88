-- Which substantive changes carry no note, newest first?
SELECT observed_by, article, headline, kinds, summary FROM data_changes
WHERE baseline = 'previous' AND weight = 'substantive' AND disclosure = 'silent' ORDER BY observed_by DESC;

-- How many articles changed at all, how many in substance, how many of those with a note; by language?
SELECT a.outlet, a.language, COUNT(DISTINCT a.article) AS articles, COUNT(DISTINCT c.article) AS changed,
       COUNT(DISTINCT CASE WHEN c.weight = 'substantive' THEN c.article END) AS in_substance,
       COUNT(DISTINCT CASE WHEN c.weight = 'substantive' AND c.disclosure = 'noted' THEN c.article END) AS with_note
FROM data_articles a LEFT JOIN data_changes c ON c.article = a.article AND c.baseline = 'previous'
GROUP BY a.outlet, a.language ORDER BY articles DESC;

-- How long after publication was each change first seen, in hours?
SELECT c.change, c.article, round((julianday(c.observed_by) - julianday(a.published)) * 24, 2) AS hours_after
FROM data_changes c JOIN data_articles a USING (article)
WHERE c.baseline = 'previous' AND a.published IS NOT NULL ORDER BY hours_after;

-- How exact is the time of each change (hours between the two looks)?
SELECT change, article, round((julianday(observed_by) - julianday(observed_after)) * 24, 2) AS hours
FROM data_changes WHERE baseline = 'previous' AND observed_after IS NOT NULL ORDER BY hours DESC;

-- Which kinds of change are most frequent, and how often without a note?
SELECT k.value AS kind, COUNT(*) AS changes, SUM(c.disclosure = 'silent') AS without_note
FROM data_changes c, json_each('["' || replace(c.kinds, ' ', '","') || '"]') k
WHERE c.baseline = 'previous' GROUP BY kind ORDER BY changes DESC;

-- Which articles were edited most?
SELECT article, headline, versions, changes FROM data_articles WHERE changes > 0 ORDER BY changes DESC, article LIMIT 50;

-- What did an article say at a given moment, as far as it was seen (version, and the look that proves it)?
SELECT article, version, first_seen, last_seen, headline, page_sha256 FROM data_versions
WHERE article = 'a-71703301' AND first_seen <= '2026-03-02T09:30:00Z' ORDER BY version DESC LIMIT 1;

-- Where was nobody looking, and why?
SELECT outlet, reason, COUNT(*) AS gaps, round(SUM(seconds) / 3600.0, 1) AS hours FROM data_gaps GROUP BY outlet, reason;

-- How far was the plan kept, by outlet and month?
SELECT outlet, substr(day, 1, 7) AS month, SUM(seen + not_seen) AS looks,
       round(1.0 * SUM(seen - late) / SUM(seen + not_seen), 4) AS kept, round(SUM(expected_missed), 2) AS expected_missed
FROM data_plan GROUP BY outlet, month;

-- Which looks were set aside, day by day?
SELECT day, outcome, SUM(looks) AS looks FROM data_captures WHERE outcome = 'set-aside' GROUP BY day, outcome ORDER BY day;

-- What was asked of each outlet, and how did it answer?
SELECT outlet, day, SUM(requests) AS requests, SUM(CASE WHEN answer IN ('429', '503') THEN requests ELSE 0 END) AS turned_away
FROM asked GROUP BY outlet, day ORDER BY outlet, day;

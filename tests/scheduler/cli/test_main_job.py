"""The main job through the command line: a saved copy, looks, changes against both baselines, the report."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from scheduler.timeline import NUMBER

if TYPE_CHECKING:
    Newsroom = Any

ARTICLE = f"a-{NUMBER}"
CHANGE_KEYS = {
    *("id", "article", "url", "language", "headline", "baseline", "from", "to", "observed_after", "observed_by"),
    *("weight", "kinds", "disclosure", "summary"),
}


def test_one_edit_gives_one_change_against_each_baseline(followed: Newsroom) -> None:
    assert [row["outcome"] for row in followed.rows("crawl", followed.url)] == ["unchanged"]
    assert followed.rows("changes") == []
    followed.site.revise(NUMBER, followed.steps[1].content)
    (row,) = followed.rows("crawl", followed.url)
    assert (row["outcome"], row["version"], len(row["changes"])) == ("changed", 2, 2)
    changes = followed.rows("changes")
    assert all(set(change) == CHANGE_KEYS for change in changes)
    assert {(c["baseline"], c["from"], c["to"]) for c in changes} == {("seed", 0, 2), ("previous", 1, 2)}
    assert {c["disclosure"] for c in changes} == {"silent"}
    previous = next(c for c in changes if c["baseline"] == "previous")
    assert previous["observed_after"] < previous["observed_by"]


def test_a_shown_diff_spells_both_texts_exactly_and_marks_only_the_words_that_changed(followed: Newsroom) -> None:
    followed.site.revise(NUMBER, followed.steps[1].content)
    (row,) = followed.rows("crawl", followed.url)
    (shown,) = followed.rows("show", str(row["changes"][0]))
    marked = []
    for edit in shown["edits"]:
        assert "".join(s["text"] for s in edit["spans"] if s["op"] != "add") == (edit["old"] or "")
        assert "".join(s["text"] for s in edit["spans"] if s["op"] != "drop") == (edit["new"] or "")
        marked += [(s["op"], s["text"]) for s in edit["spans"] if s["op"] != "keep"]
    assert marked == [
        ("drop", "Sergei Rjabkow"),
        ("add", "Sergej Lawrow"),
        ("drop", "500"),
        ("add", "300"),
        ("drop", "478"),
        ("add", "287"),
    ]


def test_the_whole_timeline_is_recorded_and_proved(followed: Newsroom) -> None:
    for step in followed.steps[1:]:
        followed.site.revise(NUMBER, step.content, touch=step.touch)
        assert [row["outcome"] for row in followed.rows("crawl", followed.url)] == ["changed"]
    changes = {(c["baseline"], c["to"]): c for c in followed.rows("changes")}
    assert len(changes) == 6
    assert {"amount", "name"} <= set(changes["previous", 2]["kinds"])
    assert {"headline", "quotation", "moved"} <= set(changes["previous", 3]["kinds"])
    assert changes["previous", 3]["disclosure"] == "silent"
    assert changes["previous", 4]["kinds"][0] == "correction-note"
    assert changes["seed", 4]["disclosure"] == "noted"
    assert followed.run("verify").stdout.startswith("PASS: 4 captures")
    report = followed.folder / "report.html"
    assert followed.run("show", ARTICLE, "--from", "seed", "--html", str(report), "--lang", "de").returncode == 0
    assert "Korrekturhinweis" in report.read_text(encoding="utf-8")


def test_a_return_to_an_earlier_text_is_called_one(followed: Newsroom) -> None:
    for step in (followed.steps[1], followed.steps[0]):
        followed.site.revise(NUMBER, step.content)
        followed.rows("crawl", followed.url)
    back = next(c for c in followed.rows("changes") if (c["baseline"], c["to"]) == ("previous", 3))
    assert "revert" in back["kinds"]
    assert not [c for c in followed.rows("changes") if (c["baseline"], c["to"]) == ("seed", 3)]


def test_a_changed_slug_is_the_same_article(followed: Newsroom) -> None:
    old = followed.url
    followed.site.revise(NUMBER, followed.steps[0].content, slug="ganz-anders")
    assert [(row["article"], row["outcome"]) for row in followed.rows("crawl", old)] == [(ARTICLE, "unchanged")]
    assert followed.rows("status")[0]["articles"] == 1


def test_pages_that_are_not_the_article_become_no_version(followed: Newsroom) -> None:
    from crawler.localsite.behaviours import BEHAVIOURS

    troubles = [name for name in BEHAVIOURS if name not in ("slow", "rate-limited")]
    for name in troubles[::4]:  # the others go through the gate's own tests, without a process each
        followed.site.misbehave(NUMBER, name)
        result = followed.run("crawl", followed.url, "--json")
        assert result.returncode == 1, name
        assert json.loads(result.stdout)["outcome"] in ("set-aside", "fetch-failed"), name
        assert json.loads(result.stdout)["reason"], name
    followed.site.misbehave(NUMBER, None)
    assert [row["outcome"] for row in followed.rows("crawl", followed.url)] == ["unchanged"]
    assert followed.rows("status")[0]["versions"] == 1


def test_a_spider_run_by_hand_records_and_the_next_command_compares(followed: Newsroom) -> None:
    import os
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).parents[3]
    followed.site.revise(NUMBER, followed.steps[1].content)
    out = followed.folder / "out.jsonl"
    environment = {
        **os.environ,
        "ZAESUR_DB": str(followed.folder / "zaesur.db"),
        "ZAESUR_ALLOW_HOSTS": followed.base_url.removeprefix("http://"),
        "ZAESUR_DELAY": "0",
        "PYTHONPATH": str(root),
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "article", "-a", f"url={followed.url}", "-O", str(out)]
    subprocess.run(command, cwd=root / "tests", env=environment, check=True, capture_output=True, timeout=120)
    assert json.loads(out.read_text(encoding="utf-8"))["outcome"] == "changed"
    assert len(followed.rows("changes")) == 2


def test_run_once_discovers_looks_and_ends(newsroom: Newsroom) -> None:
    feed = f"{newsroom.base_url}/rdf/rss-de-all"
    assert newsroom.rows("watch", "add", "--feed", feed) == [
        {"url": feed, "article": None, "status": "added", "reason": None}
    ]
    assert newsroom.run("run", "--once").returncode == 0
    status = newsroom.rows("status")[0]
    assert (status["articles"], status["versions"], status["service"]) == (1, 1, "stopped")


def test_the_database_is_readable_with_plain_sqlite(followed: Newsroom) -> None:
    with sqlite3.connect(followed.folder / "zaesur.db") as database:
        rows = database.execute("SELECT article, number, looks FROM version_timeline").fetchall()
    database.close()
    assert rows == [(ARTICLE, 1, 1)]

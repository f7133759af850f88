"""Going back and forth, gone, taken down: as a person at the command line meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.timeline import NUMBER
from tests.storage.test_seals import by_hand

if TYPE_CHECKING:
    Newsroom = Any

ARTICLE = f"a-{NUMBER}"
OUTCOMES = {"url", "article", "outcome", "http_status", "version", "changes", "reason"}


def test_flapping_is_folded_for_people_and_complete_in_json(followed: Newsroom) -> None:
    for step in (1, 0, 1, 0):
        followed.site.revise(NUMBER, followed.steps[step].content)
        followed.rows("crawl", followed.url)
    rows = followed.rows("changes", "--baseline", "previous")
    assert len(rows) == 4
    assert ["flapping" in row["kinds"] for row in sorted(rows, key=lambda row: row["id"])] == [False, False, True, True]
    listed = followed.run("changes", "--baseline", "previous").stdout
    assert listed.count("back and forth") == 1
    assert "1 later change is recorded with it" in listed


def test_missing_once_is_told_as_that_and_coming_back_too(followed: Newsroom) -> None:
    url = followed.url
    followed.site.remove(NUMBER, 404)
    (row,) = followed.rows("crawl", url)
    assert (set(row), row["outcome"], "missing once" in row["reason"]) == (OUTCOMES, "gone", True)
    followed.site.restore(NUMBER)
    (row,) = followed.rows("crawl", url)
    assert (row["outcome"], "back" in row["reason"]) == ("unchanged", True)
    assert [event["kind"] for event in followed.rows("events")] == ["missing-once", "back"]


def test_a_takedown_shows_when_and_why_and_verifies(followed: Newsroom) -> None:
    followed.site.revise(NUMBER, followed.steps[1].content)
    (row,) = followed.rows("crawl", "--keep-all", followed.url)
    assert followed.run("takedown", ARTICLE).returncode == 2
    done = followed.run("takedown", ARTICLE, "--reason", "Beschluss 7")
    assert (done.returncode, done.stdout.startswith(f"Removed of {ARTICLE}: texts: 2")) == (0, True)
    shown = followed.run("show", str(row["changes"][0]))
    assert "content removed on" in shown.stdout
    assert "because: Beschluss 7" in shown.stdout
    verified = followed.run("verify")
    assert (verified.returncode, "because: Beschluss 7" in verified.stderr) == (0, True)
    (added,) = followed.rows("watch", "add", followed.url)
    assert (added["status"], "Beschluss 7" in added["reason"]) == ("refused", True)
    assert b"Lawrow" not in (followed.folder / "zaesur.db").read_bytes()


def test_reading_again_what_is_of_today_changes_nothing(followed: Newsroom) -> None:
    done = followed.run("reextract")
    assert (done.returncode, done.stdout, "nothing differed" in done.stderr) == (0, "", True)
    assert followed.run("purge", "--before", "0m").stdout == "Removed: nothing\n"


def test_verify_new_proves_what_is_new_and_the_rest_in_turn(followed: Newsroom) -> None:
    first = followed.run("verify", "--new")
    assert (first.stdout.startswith("PASS: "), "so all is verified" in first.stderr) == (True, True)
    followed.site.revise(NUMBER, followed.steps[1].content)
    followed.rows("crawl", followed.url)
    second = followed.run("verify", "--new").stdout.splitlines()
    assert second[0].startswith("PASS: 1 captures in the chain since ")
    assert ", 1 texts extracted again, " in second[0]
    assert second[1].startswith("Of ")
    assert followed.run("verify", "--new").stdout.startswith("PASS: 0 captures")
    noted = (followed.folder / "zaesur.db-verified").read_bytes()
    by_hand(followed.folder / "zaesur.db", "captures", "UPDATE captures SET reason = 'x' WHERE id = 1")
    assert followed.run("verify", "--new").returncode == 1, (
        "older records are compared in turn, all within five minutes here"
    )
    assert (followed.folder / "zaesur.db-verified").read_bytes() == noted, "what failed is not noted as passed"


def test_storage_says_what_takes_the_space_and_packs_pages(followed: Newsroom) -> None:
    followed.site.revise(NUMBER, followed.steps[1].content)
    followed.rows("crawl", followed.url)
    (before,) = followed.rows("storage")
    assert (before["versions"], before["pages_not_packed"], before["pages_kept"]["version"]["pages"]) == (2, 2, 2)
    done = followed.run("storage", "--pack", "--tables")
    assert (done.returncode, done.stderr) == (0, "Packed 2 pages.\n")
    assert "pages as served" in done.stdout
    assert "sqlite_autoindex_bodies_1" in done.stdout
    (after,) = followed.rows("storage")
    assert after["pages_not_packed"] == 0
    assert after["pages_kept"]["version"]["bytes"] < 0.7 * before["pages_kept"]["version"]["bytes"]
    assert followed.run("verify").returncode == 0

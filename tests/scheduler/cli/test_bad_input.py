"""Bad input gets one clear line and the right exit code; nothing is lost and nothing falsely recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    Newsroom = Any

SEED = Path(__file__).parents[3] / "seeds" / "000_9a4a2732b8d94b39.txt"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["crawl", "nonsense"], 2, "not an http(s) URL"),
        (["crawl", "https://www.dw.com/de/themen/s-9077"], 2, "not an article"),
        (["crawl", "http://nosuchhost.invalid/de/x/a-123456"], 1, "unknown host"),
        (["crawl", "http://10.0.0.1/de/x/a-123456"], 1, "not a public address"),
        (["watch", "add", "file:///etc/hostname"], 2, "not an http(s) URL"),
        (["seeds", "link", "7", "https://www.dw.com/de/x/a-123456"], 2, "no seed"),
        (["changes", "--kind", "nonsense"], 2, "the kinds are"),
        (["changes", "--since", "yesterdayish"], 2, "neither a date"),
        (["compare", "missing.txt", "https://www.dw.com/de/x/a-123456"], 2, "cannot be read"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_one_clear_line(newsroom: Newsroom, arguments: list[str], code: int, words: str) -> None:
    result = newsroom.run(*arguments)
    assert result.returncode == code
    assert words in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_files_that_are_no_article_are_refused_one_by_one(newsroom: Newsroom) -> None:
    for name, data in (("empty.txt", b""), ("binary.txt", bytes(range(256)) * 9), ("line.txt", b"only one line")):
        (newsroom.folder / name).write_bytes(data)
    result = newsroom.run("seeds", "import", "empty.txt", "binary.txt", "line.txt", "none.txt", str(SEED))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 4
    assert len(newsroom.rows("seeds", "list")) == 1


def test_a_seed_given_twice_is_one_seed(newsroom: Newsroom) -> None:
    assert newsroom.run("seeds", "import", str(SEED)).returncode == 0
    assert "already known" in newsroom.run("seeds", "import", str(SEED)).stderr
    assert len(newsroom.rows("seeds", "list")) == 1


def test_a_seed_is_not_linked_to_another_edition(newsroom: Newsroom) -> None:
    newsroom.run("seeds", "import", str(SEED))
    result = newsroom.run("seeds", "link", "1", newsroom.url.replace("/de/", "/en/"))
    assert (result.returncode, "nothing was linked" in result.stderr) == (2, True)


def test_an_address_that_never_showed_an_article_is_a_failed_look_and_no_article(newsroom: Newsroom) -> None:
    assert newsroom.run("crawl", f"{newsroom.base_url}/de/x/a-12345678").returncode == 1
    assert newsroom.rows("status")[0]["articles"] == 0


def test_what_is_not_our_database_is_left_alone(newsroom: Newsroom) -> None:
    before = SEED.read_bytes()
    result = newsroom.run("crawl", newsroom.url, "--db", str(SEED))
    assert (result.returncode, "not a SQLite database" in result.stderr) == (2, True)
    assert SEED.read_bytes() == before


def test_an_article_that_was_there_and_is_gone_is_an_observation(followed: Newsroom) -> None:
    url = followed.url
    followed.site.remove(71703285, 410)
    result = followed.run("crawl", url)
    assert result.returncode == 0
    assert result.stdout.startswith("gone")
    assert followed.rows("status")[0]["versions"] == 1


def test_help_answers_at_once_for_every_command(newsroom: Newsroom) -> None:
    from scheduler.cli import _COMMANDS

    listed = newsroom.run("--help").stdout
    assert all(name in listed for name in _COMMANDS)

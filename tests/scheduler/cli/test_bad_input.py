"""Bad input gets one clear line and the right exit code; nothing is lost and nothing falsely recorded."""

from __future__ import annotations

import os
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
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
        (["purge", "--before", "9999-12-31T23:59-05:00"], 2, "neither a date"),
        (["watch", "add", "-f", "latin-1.txt"], 2, "not UTF-8 text"),
        (["seeds", "verify", "broken"], 2, "no manifest"),
        (["seeds", "verify", "empty"], 2, "no manifest"),
        (["show", "²"], 2, "no article '²' is known"),
        (["show", "9" * 19], 2, "is known"),
        (["show", "9" * 5000], 2, "is known"),
        (["review", "9" * 20, "--as", "reviewed", "--who", "M."], 2, "is not in the range"),
        (["changes", "--same", "9" * 20], 2, "is not in the range"),
        (["changes", "--limit", "9" * 20], 2, "is not in the range"),
        (["export", "evidence", "9" * 20, "folder"], 2, "is not in the range"),
        (["changes", "--since", "0001-01-01T00:00+05:00"], 2, "neither a date"),
        (["changes", "--since", "9999-12-31T23:59-05:00"], 2, "neither a date"),
        (["changes", "--search", "\udcff"], 2, "is no text"),
        (["changes", "--article", "\udcff"], 2, "is no text"),
    ],
)
def test_one_clear_line(newsroom: Newsroom, arguments: list[str], code: int, words: str) -> None:
    (newsroom.folder / "latin-1.txt").write_bytes("https://www.dw.com/de/für/a-71703286\n".encode("latin-1"))
    for name, manifest in (("broken", "{"), ("empty", '{"seeds": [{}]}')):
        (newsroom.folder / name).mkdir()
        (newsroom.folder / name / "manifest.json").write_text(manifest)
    newsroom.run("watch", "add", "https://www.dw.com/de/x/a-71703285")
    result = newsroom.run(*arguments)
    assert result.returncode == code
    assert words in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_files_that_are_no_article_are_refused_one_by_one(newsroom: Newsroom) -> None:
    for name, data in (("empty.txt", b""), ("binary.txt", bytes(range(256)) * 9), ("line.txt", b"only one line")):
        (newsroom.folder / name).write_bytes(data)
    early = '{"headline": "A", "paragraphs": ["b c d"], "taken_at": "0001-01-01T00:00:00+05:00"}'
    (newsroom.folder / "early.jsonl").write_text(early, encoding="utf-8")
    names = ("empty.txt", "binary.txt", "line.txt", "none.txt", "early.jsonl")
    result = newsroom.run("seeds", "import", *names, str(SEED))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == len(names)
    assert len(newsroom.rows("seeds", "list")) == 1


def test_a_list_of_urls_is_utf8_with_or_without_a_mark_at_its_start(newsroom: Newsroom) -> None:
    (newsroom.folder / "latin1.txt").write_bytes("https://www.dw.com/de/über/a-71703299".encode("latin-1"))
    refused = newsroom.run("watch", "add", "-f", "latin1.txt")
    assert (refused.returncode, "not UTF-8 text" in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)
    (newsroom.folder / "marked.txt").write_text("https://www.dw.com/de/x/a-71703299\n", encoding="utf-8-sig")
    assert newsroom.run("watch", "add", "-f", "marked.txt").returncode == 0
    assert newsroom.rows("watch", "list")[0]["article"] == "a-71703299"


def test_a_version_that_is_no_number_is_named(followed: Newsroom) -> None:
    for name in ("²", "9" * 5000):
        result = followed.run("show", "a-71703285", "--from", name)
        assert (result.returncode, "there is no version" in result.stderr) == (2, True)


def test_a_terminal_that_cannot_write_a_character_gets_its_code(
    followed: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:strict")
    shown = followed.run("show", "a-71703285", "--from", "seed", "--to", "1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\u2192" in shown.stdout  # the arrow
    assert followed.rows("show", "a-71703285")[0]["article"] == "a-71703285"


def test_a_bundle_can_be_written_into_the_folder_one_is_in(followed: Newsroom) -> None:
    followed.site.revise(71703285, followed.steps[1].content)
    assert followed.run("crawl", followed.url).returncode == 0
    (followed.folder / "bundle").mkdir()
    change = str(followed.rows("changes")[0]["id"])
    inside = replace(followed, folder=followed.folder / "bundle")
    result = inside.run("export", "evidence", change, ".", "--db", str(followed.folder / "zaesur.db"))
    assert result.returncode == 0, result.stderr
    assert (followed.folder / "bundle" / "verify.py").exists()


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


class Hostile(BaseHTTPRequestHandler):
    """Calls its page something that would turn a terminal red."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/\x1b[31m\u0085x")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"hi")

    def log_message(self, *args: object) -> None:
        """Nothing."""


def test_what_a_server_says_reaches_the_terminal_as_text(newsroom: Newsroom) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    elsewhere = replace(newsroom, base_url=f"http://127.0.0.1:{server.server_port}")
    try:
        url = f"{elsewhere.base_url}/de/x/a-12345678"
        told = [elsewhere.run("crawl", url), elsewhere.run("compare", str(SEED), url)]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    for result in told:
        assert "not an HTML page (text/\ufffd[31m" in result.stdout + result.stderr
        assert "\x1b" not in result.stdout + result.stderr


def test_help_answers_at_once_for_every_command(newsroom: Newsroom) -> None:
    from scheduler.cli import _COMMANDS

    listed = newsroom.run("--help").stdout
    assert all(name in listed for name in _COMMANDS)


def test_a_file_whose_name_is_no_text_is_imported_all_the_same(newsroom: Newsroom) -> None:
    name = os.fsdecode(b"n\xff.txt")
    (newsroom.folder / name).write_bytes(SEED.read_bytes())
    assert newsroom.run("seeds", "import", name).returncode == 0
    assert [row["name"] for row in newsroom.rows("seeds", "list")] == ["n\ufffd.txt"]


def test_a_list_of_addresses_may_begin_with_a_mark(newsroom: Newsroom) -> None:
    (newsroom.folder / "list.txt").write_bytes(b"\xef\xbb\xbfhttps://www.dw.com/de/x/a-71703286\r\n")
    assert [row["status"] for row in newsroom.rows("watch", "add", "-f", "list.txt")] == ["added"]


@pytest.mark.parametrize("address", ["/de/brücke/a-71703285?maca=de-rss#top", "/en/other/a-71703285/", "/a-71703285"])
def test_an_article_is_found_by_whatever_address_names_it(newsroom: Newsroom, address: str) -> None:
    newsroom.run("watch", "add", "https://www.dw.com/de/br%C3%BCcke/a-71703285")
    result = newsroom.run("watch", "why", f"https://www.dw.com{address}")
    assert (result.returncode, result.stderr) == (0, "")

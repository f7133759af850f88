"""The exported folder is the live site, byte for byte, and every link in it leads to a file."""

from __future__ import annotations

import dataclasses
import posixpath
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from reports.site import addresses, lists
from reports.site.export import export, pairs
from scheduler.cli.exportsite import site
from scheduler.showing import reading
from storage import Store
from tests.reports.newsroom import CLOCKS, START, content, look, settle
from tests.reports.web.conftest import PORT, client

_LINK = re.compile(rb'(?:href|src|action)="([^"#]+)')


@pytest.fixture(scope="module")
def folder(newsroom_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "PAGE", 5)
        arguments = [str(made), "--db", str(newsroom_database), "--address", f"http://127.0.0.1:{PORT}"]
        result = CliRunner().invoke(site, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "begin with" in result.output
    return made


def test_every_file_is_the_live_page_byte_for_byte(
    folder: Path, newsroom_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 5)
    compared = 0
    for file in sorted(folder.rglob("*.*")):
        if not file.is_file() or file.name in ("search.html", "compare.html"):
            continue  # what a folder cannot do; it says so
        # a reader without a cookie, each time
        answer = client(newsroom_database).get(f"/{file.relative_to(folder)}")
        assert answer.status_code == 200, file
        assert answer.content == file.read_bytes(), file
        compared += 1
    assert compared > 250


def dangling(folder: Path) -> set[tuple[str, str]]:
    """Pages with links that lead to no file, and those links."""
    found = set()
    for file in folder.rglob("*.html"):
        for link in _LINK.findall(file.read_bytes()):
            target = unquote(unescape(link.decode()))
            path = posixpath.normpath(posixpath.join(str(file.parent), target.partition("?")[0]))
            if not target.startswith(("http://", "https://")) and not Path(path).is_file():
                found.add((str(file.relative_to(folder)), target))
    return found


def test_every_link_leads_to_a_file(folder: Path) -> None:
    assert dangling(folder) == set()


def test_every_link_leads_to_a_file_though_something_is_written_meanwhile(own_database: Path, tmp_path: Path) -> None:
    written: list[int] = []

    def editions(store: Store, article: str) -> list[tuple[str, str]]:
        if (
            article != CLOCKS.article.id and not written
        ):  # the first article's English pages stand, its German ones do not
            written.append(1)
            with Store.open(own_database) as writer:
                later = replace(content(CLOCKS, CLOCKS.texts[0]), headline="Ein Dorf, das es noch nicht gab")
                writer.record(look(CLOCKS.article, START + timedelta(days=3), later))
                settle(writer)
        return []

    with Store.open(own_database, write=False) as store:
        export(store, dataclasses.replace(reading(), editions=editions), tmp_path / "site")
    assert written
    assert dangling(tmp_path / "site") == set()


def test_a_change_that_was_withdrawn_is_exported_as_that(own_database: Path, tmp_path: Path) -> None:
    def exported() -> list[str]:
        result = CliRunner().invoke(site, [str(tmp_path / "site"), "--db", str(own_database)], catch_exceptions=False)
        assert result.exit_code == 0
        return [
            (tmp_path / "site" / path).read_text(encoding="utf-8")
            for path in ("changes/2.html", "de/changes/2-side.html")
        ]

    assert not any("Withdrawn on " in page for page in exported())
    with Store.open(own_database) as store:
        store.retell(2, None, summary="", headline="", differ="another", extractor=None)
    english, german = exported()
    assert "Withdrawn on " in english
    assert "Zurückgezogen am " in german
    assert dangling(tmp_path / "site") == set()


def test_all_changes_are_reached_from_the_first_page(folder: Path, newsroom_database: Path) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (folder / "lists").glob("everything*.html"))
    found = set(re.findall(r'<li class="entry \w+" id="change-(\d+)">', pages))
    assert found == {path.stem for path in (folder / "changes").glob("*.html") if "-" not in path.stem}
    assert len(found) == 13


def test_what_a_folder_cannot_do_is_said(folder: Path) -> None:
    assert "cannot search" in (folder / "search.html").read_text(encoding="utf-8")
    assert "keine" not in (folder / "de" / "search.html").read_text(encoding="utf-8").split("<main", 1)[0]
    compare = (folder / "articles" / "a-71703301" / "compare.html").read_text(encoding="utf-8")
    assert 'href="seed..3.html"' in compare


def test_versions_that_cannot_be_compared_have_a_page_that_says_why_live_and_exported(
    own_database: Path, tmp_path: Path
) -> None:
    """One that was taken down, and one whose page an extractor could not read again: everything else is exported all the same."""
    with Store.open(own_database) as store:
        first, second = (version for version in store.versions("a-71703302") if version.number)
        store.take_down("a-71703302", "a name", until=first.last_seen)
        store.not_read_again("a-71703303", 1, "another extractor", "not the article: no text found")
    result = CliRunner().invoke(site, [str(tmp_path / "site"), "--db", str(own_database)], catch_exceptions=False)
    assert result.exit_code == 0
    for language, heading in (("", "These two versions cannot be compared"), ("de/", "Diese beiden Fassungen")):
        path = f"{language}articles/a-71703302/{first.number}..{second.number}.html"
        answer = client(own_database).get(f"/{path}")
        assert answer.status_code == 200
        assert answer.content == (tmp_path / "site" / path).read_bytes()
        assert heading in answer.text
        assert "content removed on" in answer.text
    article = (tmp_path / "site" / "de" / "articles" / "a-71703303.html").read_text(encoding="utf-8")
    assert "Nicht noch einmal lesbar" in article
    assert "nicht der Artikel: kein Text gefunden" in article


def test_a_folder_that_cannot_be_written_is_one_clear_line(newsroom_database: Path, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file in the way", encoding="utf-8")
    result = CliRunner().invoke(site, [str(tmp_path / "site" / "x"), "--db", str(newsroom_database)])
    assert "cannot be written" in str(result.exception)
    for address in ("ftp://a", "http://", "http://[", "https://a b/", "https://a.example/?x", "a.example"):
        refused = CliRunner().invoke(site, [str(tmp_path / "y"), "--address", address, "--db", str(newsroom_database)])
        assert "is no web address; nothing was written" in str(refused.exception)
    assert not (tmp_path / "y").exists()


def test_few_versions_have_every_pair_and_many_those_that_are_linked() -> None:
    assert len(pairs([0, 1, 2, 3])) == 6
    many = pairs(list(range(1, 101)))
    assert len(many) == 99 + 98
    assert (57, 58) in many
    assert (1, 100) in many


@pytest.mark.parametrize(
    "name", ["a-71703301", "https://example.org/a/b?c=d&e=~f", "..", "über/uns", "a" * 40, "%7E", "~"]
)
def test_any_id_is_a_file_name_that_can_be_read_back(name: str) -> None:
    made = addresses.file_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_~-]+", made)
    assert addresses.from_file_name(made) == name

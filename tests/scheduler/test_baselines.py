"""Baselines: the copy that was meant is linked, whatever files are called and whenever a process ends; what was taken down stays away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.copies import read_copy
from crawler.extraction import fingerprint
from scheduler.baselines import Imported, import_files, link_seed, verify_stored
from scheduler.proving import prove
from storage import Store
from storage.errors import UserError
from tests.scheduler.test_importing import NUMBER, URL, page, watch

ID = f"a-{NUMBER}"
COPY = "{headline}\n\nMara Lindqvist\n24.02.2025\n\nEin Bericht.\n\nAm Morgen liegen 12 Schiffe im Hafen.\n\nEs weht kein Wind.\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "z.db") as opened:
        yield opened


def bring(store: Store, file: Path, data: bytes) -> Imported:
    """Import one file with these bytes."""
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    (imported,) = import_files(store, [file])
    return imported


def test_a_file_named_like_another_seeds_number_is_not_taken_for_it(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path / "2", COPY.format(headline="Ein anderer Bericht").encode())
    saved = bring(store, tmp_path / "page.html", page("A"))
    assert saved.seed is not None
    assert (saved.seed.number, saved.seed.article) == (2, ID)
    assert [seed.article for seed in store.seeds()] == [None, ID]


def test_of_two_files_of_one_name_the_one_that_is_meant_must_be_said(store: Store, tmp_path: Path) -> None:
    for folder in ("x", "y"):
        bring(store, tmp_path / folder / "article.txt", COPY.format(headline=f"Ein Bericht aus {folder}").encode())
    with pytest.raises(UserError, match=r"seeds 1, 2 come from files named 'article.txt'"):
        link_seed(store, "article.txt", URL)
    assert link_seed(store, "2", URL).content.headline == "Ein Bericht aus y"


def test_a_copy_that_was_kept_when_the_process_ended_is_linked_when_it_is_imported_again(
    store: Store, tmp_path: Path
) -> None:
    data = page("A")
    (copy,) = read_copy("page.html", data)
    store.add_seed("page.html", data, copy.content, outlet="dw", language="de", fingerprint=fingerprint(), url=copy.url)
    assert not store.is_followed(ID)
    again = bring(store, tmp_path / "page.html", data)
    assert (again.created, again.seed and again.seed.article) == (False, ID)
    assert store.is_followed(ID)


def test_of_an_article_that_was_taken_down_no_copy_is_kept_or_linked(store: Store, tmp_path: Path) -> None:
    watch(store, "A", 1)
    bring(store, tmp_path / "copy.txt", COPY.format(headline="Der Hafen").encode())
    store.take_down(ID, "a court said so")
    refused = bring(store, tmp_path / "page.html", page("B"))
    assert "was taken down" in (refused.problem or "")
    with pytest.raises(UserError, match="was taken down"):
        link_seed(store, "copy.txt", URL)
    assert [(seed.name, seed.article) for seed in store.seeds()] == [("copy.txt", None)]
    assert not store.is_followed(ID)


def test_a_takedown_reaches_copies_of_the_article_that_are_no_baseline(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path / "page.html", page("A"))
    for spelled in (URL, f"{URL}/", f"{URL}?page=2", URL.replace("/der-", "/ein-")):
        told = bring(store, tmp_path / "later.html", page("B").replace(URL.encode(), spelled.encode())).problem
        assert "already has seed 1" in (told or "")
    bring(store, tmp_path / "copy.txt", COPY.format(headline="Der Hafen").encode())
    store.take_down(ID, "a court said so")
    assert [bool(store.seed_data(seed.number)) for seed in store.seeds()] == [False] * 5 + [True]
    assert prove(store).problems == ()


def test_copies_that_were_taken_down_are_not_called_altered(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path / "page.html", page("A"))
    bring(store, tmp_path / "mine #2.html", page("B"))  # a name is cut only where we added to it
    assert verify_stored(store) == []
    store.take_down(ID, "a court said so")
    assert verify_stored(store) == []

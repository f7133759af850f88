"""The looks as WARC: stock readers open it, every digest holds, and pages come out byte for byte as served."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from msgspec.structs import replace
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from reports.warc import export
from storage import Store
from storage.errors import UserError
from storage.records import chain
from storage.types import Article, Content, Look, Outcome

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ARTICLE = Article(id="a-71703301", outlet="dw", url="https://www.dw.com/de/ein-dorf/a-71703301?x=1", language="de")
PAGES = [gzip.compress(b"<html>eins</html>", mtime=0), b"\x00\xff\r\n\r\nzwei"]


def look(minute: int, body: bytes | None, says: str | None = None, **more: Any) -> Look:
    at = START + timedelta(minutes=minute)
    known = Look(
        requested_url=ARTICLE.url,
        article=ARTICLE,
        started=at,
        answered=at,
        status=200,
        ip="192.0.2.7",
        request_headers=(("User-Agent", "zaesur"),),
        headers=(("Content-Type", "text/html"), ("X-Place", "caf\xe9"), ("X-Place", "zwei")),
        body=body,
        content=Content(headline=says) if says else None,
        fingerprint="test",
    )
    return replace(known, **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two versions, a look without answer, one not modified, one with the same bytes, one whose noise was not kept."""
    with Store.open(tmp_path / "z.db") as opened:
        opened.record(look(0, PAGES[0], "eins"))
        opened.record(look(1, None, status=304, outcome=Outcome.NOT_MODIFIED))
        opened.record(look(2, None, status=None, headers=(), outcome=Outcome.FETCH_FAILED, reason="no answer"))
        opened.record(look(3, PAGES[0], "eins"))
        opened.record(look(4, b"other noise", "eins"))
        opened.record(look(5, PAGES[1], "zwei"))
        yield opened


@pytest.mark.parametrize("name", ["looks.warc", "looks.warc.gz"])
def test_stock_readers_open_it_and_every_digest_holds(store: Store, tmp_path: Path, name: str) -> None:
    path = export(store, tmp_path / name).path
    with pytest.raises(SystemExit) as ended:
        warcio(["check", str(path)])
    assert ended.value.code == 0
    with path.open("rb") as file:
        types = [record.rec_type for record in ArchiveIterator(file, check_digests="raise") if record.raw_stream.read]
    expected = "warcinfo response request metadata revisit request metadata metadata revisit request metadata"
    assert " ".join(types) == f"{expected} metadata response request metadata"
    with path.open("rb") as file:
        assert all(record.verify_block_digest() for record in FastIterator(file, parse_http=False))


def test_pages_and_header_values_come_out_byte_for_byte(store: Store, tmp_path: Path) -> None:
    with export(store, tmp_path / "looks.warc.gz").path.open("rb") as file:
        served = [
            (r.raw_stream.read(), r.http_headers.headers) for r in ArchiveIterator(file) if r.rec_type == "response"
        ]
    assert [body for body, _ in served] == PAGES
    assert served[0][1] == [("Content-Type", "text/html"), ("X-Place", "café"), ("X-Place", "zwei")]


def test_the_metadata_records_are_the_hash_chain(store: Store, tmp_path: Path) -> None:
    with export(store, tmp_path / "looks.warc").path.open("rb") as file:
        links = [
            (record.rec_headers, record.raw_stream.read().decode())
            for record in ArchiveIterator(file)
            if record.rec_type == "metadata"
        ]
    assert [chain(head.get_header("X-Zaesur-Previous"), text) for head, text in links] == [
        head.get_header("X-Zaesur-Hash") for head, _ in links
    ]
    assert [json.loads(text)["outcome"] for _, text in links] == [
        *("new", "not-modified", "fetch-failed", "unchanged", "unchanged", "changed")
    ]


def test_the_same_looks_give_the_same_bytes_and_a_part_can_be_chosen(store: Store, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    one, two = (export(store, tmp_path / folder) for folder in ("one", "two"))
    assert one.path.read_bytes() == two.path.read_bytes()
    assert (one.looks, one.pages, one.revisits, one.bare) == (6, 2, 2, 2)
    late = export(store, tmp_path / "late.warc", since=START + timedelta(minutes=3), article=ARTICLE.id)
    assert (late.looks, late.pages, late.revisits) == (3, 2, 0)


def test_nothing_is_overwritten_and_nothing_is_left_behind(store: Store, tmp_path: Path) -> None:
    taken = tmp_path / "taken.warc"
    taken.write_bytes(b"mine")
    for path, why in ((taken, "exists already"), (tmp_path / "x.zip", "ends in"), (tmp_path / "no.warc", "no look")):
        with pytest.raises(UserError, match=why):
            export(store, path, since=None if why != "no look" else START + timedelta(days=1))
    assert taken.read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir() if "db" not in path.suffix] == ["taken.warc"]

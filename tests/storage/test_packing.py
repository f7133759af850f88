"""Pages are packed to a fraction, and each comes out byte for byte, whatever becomes of the one it rests on."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import itertools
import random
import sqlite3
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from zlib_ng import zlib_ng

from storage import Store, packing
from storage.errors import OtherZlib, StoreError
from storage.packing import recoded, squeeze, uncoded, unsqueeze, usual_zlib
from storage.types import Look, Outcome

Looks = Callable[..., Look]
DRAW = random.Random(3)  # noqa: S311 - repeatable on purpose
SKELETON = "".join(f"<div class='c{DRAW.randrange(9**9)}'>{DRAW.randrange(9**9)}</div>" for _ in range(2000))


def page(says: str, level: int = 6) -> bytes:
    return gzip.compress(f"<html>{SKELETON}<p>{says}</p></html>".encode(), level, mtime=0)


def brought(look: Looks, says: str, body: bytes) -> Look:
    """A look with a page, and the digest of that page without its gzip, as the reader records it."""
    return replace(look(says, body=body), decoded_sha256=hashlib.sha256(gzip.decompress(body)).hexdigest())


@pytest.fixture
def packed(path: Path, look: Looks) -> dict[str, bytes]:
    """Ten versions with their pages, packed; the pages by digest."""
    served = {}
    with Store.open(path) as store:
        for number in range(10):
            body = page(f"Fassung {number}")
            capture = store.record(brought(look, f"Fassung {number}", body)).capture
            served[capture.body_sha256 or ""] = body
        assert sum(store.pack_pages()) == 10
    return served


def sizes(path: Path) -> list[tuple[str, str | None, int]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT sha256, base, length(zstd) FROM bodies ORDER BY rowid").fetchall()
    connection.close()
    return rows


@pytest.mark.parametrize(("level", "memory"), [(1, 8), (6, 8), (6, 9), (9, 8), (3, 7)])
def test_a_coding_that_is_undone_is_made_again_byte_for_byte(level: int, memory: int) -> None:
    deflater = zlib.compressobj(level, zlib.DEFLATED, 31, memory)
    body = deflater.compress(SKELETON.encode() * 3) + deflater.flush()
    coded = uncoded(body)
    assert recoded(coded.plain, coded.coding) == body
    assert bool(coded.coding) is ((level, memory) != (3, 7))  # settings nobody serves with: kept as it is


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x1f\x8b",
        b"<html></html>",
        page("x")[:-9],
        page("x") + b"more",
        page("x")[:-8] + bytes(8),
        gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0),
        b"\x1f\x8b\x08\x00" + bytes(40),
    ],
)
def test_any_other_body_is_kept_as_it_is(body: bytes) -> None:
    assert recoded(uncoded(body).plain, uncoded(body).coding) == body


def test_what_is_squeezed_comes_out_with_its_base_and_never_with_another() -> None:
    one, other = SKELETON.encode(), SKELETON[::-1].encode()
    small = squeeze(one + b"!", one)
    assert len(small) < 100
    assert unsqueeze(small, one, size=len(one) + 1) == one + b"!"
    with pytest.raises(ValueError, match="unpacked"):
        unsqueeze(small[:-3], one, size=len(one) + 1)
    with contextlib.suppress(ValueError):
        assert unsqueeze(small, other, size=len(one) + 1) != one + b"!"


def test_packed_pages_are_small_and_come_out_as_served(path: Path, packed: dict[str, bytes]) -> None:
    rows = sizes(path)
    assert [base for _, base, _ in rows] == [None] + [rows[0][0]] * 9
    assert sum(size for _, _, size in rows[1:]) < 9 * 200
    with Store.open(path, write=False) as store:
        assert {sha256: store.body(sha256) for sha256 in packed} == packed
        assert list(store.verify_chain()) == []


def test_packing_again_does_nothing_and_a_later_page_rests_on_the_same(
    path: Path, packed: dict[str, bytes], look: Looks
) -> None:
    before = sizes(path)
    with Store.open(path) as store:
        assert list(store.pack_pages()) == []
        store.record(look("Fassung 10", body=page("Fassung 10")))
        assert sum(store.pack_pages()) == 1
    assert sizes(path)[:-1] == before
    assert sizes(path)[-1][1] == before[0][0]


def test_a_page_unlike_the_others_is_kept_whole_and_does_not_part_them(path: Path, look: Looks) -> None:
    other = random.Random(4).randbytes(20_000)  # noqa: S311
    with Store.open(path) as store:
        store.record(look("eins", body=page("eins")))
        store.record(look(outcome=Outcome.SET_ASIDE, body=other))
        store.record(look("zwei", body=page("zwei")))
        assert sum(store.pack_pages()) == 3
    bases = [base for _, base, _ in sizes(path)]
    assert bases == [None, None, sizes(path)[0][0]]


def test_taking_down_the_page_that_others_rest_on_leaves_them_whole(path: Path, packed: dict[str, bytes]) -> None:
    first, *others = packed
    with Store.open(path) as store:
        store.take_down("a-100", "a name", until=datetime(2026, 3, 1, 0, 1, tzinfo=UTC))
        assert store.body(first) is None
        assert {sha256: store.body(sha256) for sha256 in others} == {sha256: packed[sha256] for sha256 in others}
        assert list(store.verify_chain()) == []
    assert [base for _, base, _ in sizes(path)] == [None] + [others[0]] * 8


def test_a_bit_that_flips_in_a_page_or_in_what_it_rests_on_is_named(path: Path, packed: dict[str, bytes]) -> None:
    first = next(iter(packed))
    connection = sqlite3.connect(path)
    (guard,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'bodies_no_UPDATE'").fetchone()
    (blob,) = connection.execute("SELECT zstd FROM bodies WHERE sha256 = ?", [first]).fetchone()
    flipped = bytearray(blob)
    flipped[len(flipped) // 2] ^= 4
    connection.execute("DROP TRIGGER bodies_no_UPDATE")
    connection.execute("UPDATE bodies SET zstd = ? WHERE sha256 = ?", [bytes(flipped), first])
    connection.execute(guard)
    connection.commit()
    connection.close()
    with Store.open(path, write=False) as store:
        problems = list(store.verify_chain())
        assert any(f"body {first[:12]}: altered" in problem for problem in problems)
        with pytest.raises(StoreError, match=f"page {first[:12]}"):
            store.body(first)


def test_the_zlib_that_is_known_is_told_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_zlib.__wrapped__()
    monkeypatch.setattr(packing, "zlib", zlib_ng)
    assert not usual_zlib.__wrapped__()


def test_where_another_zlib_deflates_packed_pages_are_called_whole_but_not_given_out_and_are_named(
    path: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path, write=False) as store:
        assert store.remade(7) == (7, 0)
        monkeypatch.setattr(packing, "zlib", zlib_ng)
        assert store.remade(7) == (7, 7)
        for sha256 in packed:
            with pytest.raises(
                OtherZlib, match=f"page {sha256[:12]}: its plain bytes are as recorded, but the zlib of this"
            ):
                store.body(sha256)
        problems = list(store.verify_chain())
        assert len(problems) == len(packed)
        assert all("cannot be made again here" in problem for problem in problems)
        monkeypatch.undo()
        assert {sha256: store.body(sha256) for sha256 in packed} == packed


def test_where_another_zlib_deflates_pages_are_kept_as_they_were_served(
    path: Path, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = [page(f"Fassung {number}") for number in range(3)]
    with Store.open(path) as store:
        looks = [store.record(brought(look, f"Fassung {number}", body)).capture for number, body in enumerate(served)]
        monkeypatch.setattr(packing, "zlib", zlib_ng)
        assert sum(store.pack_pages()) == 3
        assert store.remade(7) == (0, 0)
        monkeypatch.undo()
        assert [store.body(capture.body_sha256 or "") for capture in looks] == served
        assert list(store.verify_chain()) == []


def test_a_page_that_does_not_come_out_after_packing_stays_as_it_was(
    path: Path, look: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zlib that deflates otherwise from the third page on that it is asked for: while packing all looks well, reading back does not."""
    asked = itertools.count()

    def compressobj(*settings: int) -> object:
        return (zlib if next(asked) < 2 else zlib_ng).compressobj(*settings)

    body = page("Fassung 1")
    with Store.open(path) as store:
        capture = store.record(brought(look, "Fassung 1", body)).capture
        before = sizes(path)
        monkeypatch.setattr(packing, "zlib", SimpleNamespace(**{**vars(zlib), "compressobj": compressobj}))
        with pytest.raises(OtherZlib):
            list(store.pack_pages())
        assert next(asked) == 3
        monkeypatch.undo()
        assert sizes(path) == before
        assert store.body(capture.body_sha256 or "") == body
        assert store.waiting_pages() == 1


def test_content_is_taken_down_whatever_zlib_there_is(
    path: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = packed
    with Store.open(path) as store:
        monkeypatch.setattr(packing, "zlib", zlib_ng)
        store.take_down("a-100", "a name", until=datetime(2026, 3, 1, 0, 1, tzinfo=UTC))
        monkeypatch.undo()
        assert store.body(first) is None
        assert {sha256: store.body(sha256) for sha256 in others} == {sha256: packed[sha256] for sha256 in others}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bodies SET zstd = X'00'",
        "UPDATE bodies SET zstd = X'00', coding = NULL",
        "UPDATE bodies SET size = 1, coding = 'x'",
        "UPDATE bodies SET sha256 = 'x', coding = 'x'",
    ],
)
def test_a_page_may_be_packed_and_nothing_else(path: Path, packed: dict[str, bytes], statement: str) -> None:
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()

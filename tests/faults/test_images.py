"""The model of a power cut: what is synced stays, all else may or may not be there, and no more than was written is ever found."""

from __future__ import annotations

import random

from tests.faults.images import Call, Disk, Folder, read_log

_MANY = 300


def _left(start: Folder, *calls: Call) -> list[Folder]:
    """Many of the folders that a cut after these calls may leave."""
    disk, rng = Disk(start), random.Random(1)
    for call in calls:
        disk.do(call)
    return [disk.cut(rng) for _ in range(_MANY)]


def _write(name: str, data: bytes, at: int = 0) -> Call:
    return Call("write", name, at, data)


def test_a_log_is_read_whatever_bytes_were_written() -> None:
    log = b"create\ta\t0\t0\nwrite\ta\t7\t5\n\t\n\tx\nrename\ta\t0\t1\nbsync\tb\t0\t0\n"
    assert read_log(log) == [
        Call("create", "a"),
        _write("a", b"\t\n\tx\n", 7),
        Call("rename", "a", 0, b"b"),
        Call("sync", "b"),
    ]


def test_what_is_synced_with_its_folder_is_in_every_image() -> None:
    calls = [Call("create", "a"), _write("a", b"kept"), Call("sync", "a"), Call("sync", "."), _write("a", b"later", 4)]
    left = _left({}, *calls)
    assert all(folder["a"].startswith(b"kept") for folder in left)
    assert {folder["a"] for folder in left} == {b"kept", b"keptlater"}


def test_a_file_may_be_missing_while_its_folder_was_not_synced_however_often_it_was_itself() -> None:
    left = _left({}, Call("create", "a"), _write("a", b"kept"), Call("sync", "a"))
    assert {folder.get("a") for folder in left} == {None, b"kept"}


def test_unsynced_writes_are_dropped_kept_reordered_and_torn_at_sectors() -> None:
    old, new = b"o" * 1024, b"n" * 1024
    found = {folder["a"] for folder in _left({"a": old}, _write("a", new), _write("a", b"m" * 512))}
    halves = {data[:512][:1] + data[512:][:1] for data in found}
    assert {len(set(data[:512])) for data in found} == {len(set(data[512:])) for data in found} == {1}, (
        "no tear within a sector"
    )
    assert halves == {b"oo", b"on", b"no", b"nn", b"mo", b"mn"}


def test_a_file_may_have_grown_without_its_bytes() -> None:
    left = _left({"a": b""}, _write("a", b"x" * 512), _write("a", b"y" * 512, 512))
    assert {folder["a"][:1] + folder["a"][512:513] for folder in left} == {b"", b"x", b"\0y", b"xy"}


def test_a_file_made_anew_never_shows_bytes_of_the_old_one() -> None:
    calls = [Call("unlink", "a"), Call("create", "a"), _write("a", b"new")]
    assert {folder.get("a") for folder in _left({"a": b"older"}, *calls)} == {None, b"older", b"", b"new"}


def test_a_renaming_happens_whole_or_not_at_all() -> None:
    left = _left({"a": b"new", "b": b"old"}, Call("rename", "a", 0, b"b"))
    assert sorted({tuple(sorted(folder.items())) for folder in left}) == [
        (("a", b"new"), ("b", b"old")),
        (("b", b"new"),),
    ]


def test_a_truncate_is_as_uncertain_as_a_write() -> None:
    assert {folder["a"] for folder in _left({"a": b"long"}, Call("truncate", "a", 1))} == {b"long", b"l"}

"""Anchors: a chain that was cut off or rewritten is noticed; time stamps of a real authority (OpenSSL's) verify offline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reports.evidence.bundle import write as write_bundle
from reports.evidence.verify import Bundle
from scheduler import anchoring
from scheduler.anchoring import proved
from scheduler.demo import Demonstrated
from scheduler.evidence import gather
from scheduler.proving import prove
from storage import Store
from storage.anchors import Anchor, parse
from storage.errors import UserError, ZaesurError
from storage.seals import seal_anew
from tests.scheduler.tsa import Authority, openssl


def anchored(database: Path, authority: str | None) -> Anchor:
    """An anchor, kept in the database."""
    anchor, kept = anchoring.anchored(database, authority)
    assert kept
    return anchor


def _proved(database: Path, *files: Path, authority: Path | None = None) -> tuple[list[str], list[str]]:
    with Store.open(database, write=False) as store:
        return proved(store, files, authority)


def _harm(database: Path, *statements: str) -> None:
    """What someone who keeps the database can do to it."""
    with Store.open(database) as store:
        for trigger in [r["name"] for r in store._db.query("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            store._db.execute(f"DROP TRIGGER {trigger}")
        store._db.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            store._db.execute(statement)


def test_an_anchor_names_the_chain_and_holds_while_it_grows(demo_database: Path, tmp_path: Path) -> None:
    anchor = anchored(demo_database, None)
    (file,) = anchoring.write(anchor, tmp_path)
    with Store.open(demo_database, write=False) as store:
        head = store.head()
    assert head is not None
    told = json.loads(file.read_bytes())
    assert (told["size"], told["head"]) == (6, head.hash)
    assert _proved(demo_database, file) == ([f"Anchor of {anchor.at} over 6 looks: no time stamp."], [])
    assert anchored(demo_database, None) == anchor


# another one whatever it was: one hash in 256 begins with f0
_OTHER = "iif(substr(hash, 1, 2) = 'f0', '0f', 'f0') || substr(hash, 3)"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DELETE FROM captures WHERE id > 4"], "the end of the chain is missing"),
        ([f"UPDATE captures SET hash = {_OTHER} WHERE id = 6"], "not the one that the anchor"),
        ([f"UPDATE captures SET hash = {_OTHER} WHERE id = 2"], "are not those it saw"),
    ],
)
def test_a_chain_that_was_cut_off_or_rewritten_is_noticed(
    demo_database: Path, tmp_path: Path, statements: list[str], said: str
) -> None:
    (file,) = anchoring.write(anchored(demo_database, None), tmp_path)
    _harm(demo_database, *statements, "DELETE FROM anchors")
    _, problems = _proved(demo_database, file)
    assert any(said in problem for problem in problems), problems
    assert _proved(demo_database)[1] == [], "without the anchor kept elsewhere nothing tells"


def test_a_database_with_anchors_still_proves_and_one_in_use_is_anchored_too(
    demo_database: Path, authority: Authority
) -> None:
    first = anchored(demo_database, None)
    stamped = anchored(demo_database, authority.url)
    with Store.open(demo_database) as busy:
        again, kept = anchoring.anchored(demo_database, None)
        assert (again.data, kept) == (stamped.data, False)
        assert [anchor.token for anchor in busy.anchors()] == [None, stamped.token]
    assert first.data == stamped.data
    with Store.open(demo_database, write=False) as store:
        assert prove(store).problems == ()


def test_a_time_stamp_is_got_kept_and_verified_offline(
    demo_database: Path, tmp_path: Path, authority: Authority, certificates: Path
) -> None:
    files = anchoring.write(anchored(demo_database, authority.url), tmp_path)
    assert [file.suffix for file in files] == [".json", ".tsr"]
    authority.broken = "down"
    assert anchored(demo_database, authority.url).token == files[1].read_bytes(), (
        "a stamped anchor is not stamped again"
    )
    facts, problems = _proved(demo_database, files[0], authority=authority.root)
    assert problems == []
    (fact,) = facts  # the anchor was kept before the authority was asked; it is not called unstamped for that
    assert fact.endswith("its signature holds.")
    facts, problems = _proved(demo_database, files[0])
    assert (len(problems), "was not checked" in "".join(facts)) == (0, True)
    checked = openssl(
        certificates, "ts", "-verify", "-data", str(files[0]), "-in", str(files[1]), "-CAfile", "root.pem"
    )
    assert b"Verification: OK" in checked


def test_a_stamp_of_another_authority_or_on_another_anchor_does_not_verify(
    demo_database: Path, tmp_path: Path, authority: Authority
) -> None:
    file, beside = anchoring.write(anchored(demo_database, authority.url), tmp_path)
    assert "does not verify" in "".join(_proved(demo_database, file, authority=authority.other_root)[1])
    other = tmp_path / "other.json"
    other.write_bytes(file.read_bytes().replace(b'"at":"2', b'"at":"1'))
    shutil.copy(beside, tmp_path / "other.json.tsr")
    for root in (None, authority.root):
        assert "time stamp" in "".join(_proved(demo_database, other, authority=root)[1])
    whole = beside.read_bytes()
    for at in range(20, len(whole), 97):
        beside.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        _, problems = _proved(demo_database, file, authority=authority.root)
        assert problems, f"bit flipped at {at} of {len(whole)}"


@pytest.mark.parametrize("broken", ["down", "garbage", "replay"])
def test_an_authority_that_gives_no_stamp_leaves_nothing_behind(
    demo_database: Path, authority: Authority, broken: str
) -> None:
    authority.broken = broken
    with pytest.raises(ZaesurError, match=r"127\.0\.0\.1"):
        anchored(demo_database, authority.url)
    with Store.open(demo_database, write=False) as store:
        assert [anchor.token for anchor in store.anchors()] == [None]


def test_the_network_guard_applies_to_the_authority(
    demo_database: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", "")
    with pytest.raises(UserError, match="not a public address"):
        anchored(demo_database, authority.url)


def test_a_change_that_was_told_otherwise_and_sealed_anew_is_noticed(demo_database: Path, tmp_path: Path) -> None:
    (file,) = anchoring.write(anchored(demo_database, None), tmp_path)
    _harm(demo_database, "DELETE FROM anchors", "DELETE FROM comparisons", "DELETE FROM changes", "DELETE FROM seals")
    with Store.open(demo_database) as store:
        seal_anew(store._db, {})
    problems = _proved(demo_database, file)[1]
    assert any("cut off or rewritten" in problem for problem in problems), problems


def test_an_anchor_from_before_they_told_of_seals_still_holds(demo_database: Path, tmp_path: Path) -> None:
    told = json.loads(anchored(demo_database, None).data)
    (file,) = anchoring.write(
        parse(json.dumps({k: told[k] for k in told if not k.startswith("seal")}).encode()), tmp_path
    )
    assert _proved(demo_database, file)[1] == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff",
        b'{"format":"zaesur-anchor/1","size":"x"}',
        b'{"format":"zaesur-anchor/1","size":99999999999999999999,"head":"","root":"","at":""}',
    ],
)
def test_a_file_that_is_no_anchor_is_one_clear_line(demo_database: Path, tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "anchor.json"
    file.write_bytes(garbage)
    with pytest.raises(UserError, match=r"anchor\.json: not an anchor file"):
        _proved(demo_database, file)


def test_a_bundle_carries_the_anchor_and_its_stamp(
    demo_database: Path, demonstrated: Demonstrated, tmp_path: Path, authority: Authority
) -> None:
    anchored(demo_database, authority.url)
    folder = tmp_path / "bundle"
    with Store.open(demo_database, write=False) as store:
        write_bundle(gather(store, demonstrated.against_previous.id), folder)
    bundle = Bundle(str(folder))
    bundle.check()
    assert bundle.problems == []
    assert any("4 records are under the anchor" in fact for fact in bundle.facts)
    statement = (folder / "statement.en.html").read_text(encoding="utf-8")
    assert "stamped by a time-stamping authority" in statement
    anchor = json.loads((folder / "anchor" / "anchor.json").read_bytes())
    (folder / "anchor" / "anchor.json").write_text(json.dumps({**anchor, "root": "0" * 64}), encoding="utf-8")
    bundle = Bundle(str(folder))
    bundle.check()
    assert any("leads elsewhere" in problem for problem in bundle.problems)
    assert any("not of this anchor" in problem for problem in bundle.problems)

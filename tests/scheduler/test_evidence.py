"""A bundle of evidence: whole, checkable by a stranger with Python alone, and any change to it is named."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.flips import flipped
from reports import wording
from reports.evidence import statement
from reports.evidence.bundle import write
from reports.evidence.verify import MANIFEST, Bundle, canonical
from scheduler.demo import Demonstrated, demonstrate
from scheduler.evidence import gather
from storage import Store
from storage.content import decode
from storage.errors import StoreError, UserError
from storage.types import Content

Edited = Callable[[Any], Any]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Demonstrated:
    """The demo's database: a saved copy, four looks at one article, looks at two others."""
    return demonstrate(tmp_path_factory.mktemp("demo") / "zaesur.db", lambda text: None)


@pytest.fixture(scope="module")
def exported(done: Demonstrated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest change against the version before, as a bundle."""
    folder = tmp_path_factory.mktemp("bundles") / "change"
    _export(done, done.against_previous.id, folder)
    return folder


@pytest.fixture
def bundle(exported: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    return shutil.copytree(exported, tmp_path / "bundle")


def _export(done: Demonstrated, change: int, folder: Path) -> str:
    with Store.open(done.database, write=False) as store:
        return write(gather(store, change), folder)


def _problems(folder: Path) -> list[str]:
    bundle = Bundle(str(folder))
    bundle.check()
    return bundle.problems


def _stranger(folder: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The verifier as a third party runs it: no environment, no site packages, another folder."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    return subprocess.run(command, env={}, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_a_stranger_checks_it_with_python_alone(bundle: Path, tmp_path: Path) -> None:
    said = _stranger(bundle, tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[-1].startswith("PASS")
    (bundle / "new" / "served.bin").write_bytes(b"another page")
    said = _stranger(bundle, tmp_path)
    assert said.returncode == 1
    assert "new/served.bin" in said.stdout


def test_the_verifier_needs_nothing_but_python_3_9(exported: Path) -> None:
    tree = ast.parse((exported / "verify.py").read_text(encoding="utf-8"), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {(node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or "" for node in imports}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_change_against_a_saved_copy_is_proved_as_far_as_a_copy_can_be(done: Demonstrated, tmp_path: Path) -> None:
    digest = _export(done, done.against_seed.id, tmp_path / "b")
    bundle = Bundle(str(tmp_path / "b"))
    bundle.check()
    assert bundle.problems == []
    assert any("where it comes from is not proved" in fact for fact in bundle.facts)
    assert any(digest in fact for fact in bundle.facts)


def test_the_same_records_give_the_same_bytes(done: Demonstrated, exported: Path, tmp_path: Path) -> None:
    _export(done, done.against_previous.id, tmp_path / "again")
    assert _bytes(tmp_path / "again") == _bytes(exported)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_flipped_bit_is_named_with_its_file(bundle: Path) -> None:
    found = list(flipped(bundle, 200))
    assert {file for file, _ in found} == set(_bytes(bundle))
    assert [file for file, problems in found if not any(file in problem for problem in problems)] == []


def _forge(folder: Path, name: str, edit: Edited) -> None:
    """Alter a JSON file, and make the manifest anew so that only the records can tell."""
    path = folder / name
    lines = path.read_bytes().splitlines()
    raw = b"".join(
        canonical(edit(json.loads(line))) + (b"\n" if path.read_bytes().endswith(b"\n") else b"") for line in lines
    )
    path.write_bytes(raw)
    _reseal(folder, name)


def _reseal(folder: Path, name: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest.pop("manifest_sha256")
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest["manifest_sha256"] = hashlib.sha256(canonical(manifest)).hexdigest()
    (folder / MANIFEST).write_bytes(canonical(manifest) + b"\n")


def _other_status(link: dict[str, Any]) -> dict[str, Any]:
    record = link["record"].replace('"status":200', '"status":203')
    return {**link, "record": record}


def _rehashed(link: dict[str, Any]) -> dict[str, Any]:
    link = _other_status(link)
    return {**link, "hash": hashlib.sha256((link["previous"] + link["record"]).encode()).hexdigest()}


def _other_word(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "headline": "Etwas anderes"}


def _other_edit(diff: dict[str, Any]) -> dict[str, Any]:
    edits = [edit for edit in diff["edits"] if edit["op"] != "keep"]
    edits[0]["spans"][0]["text"] += "!"
    return diff


def _dropped_edit(diff: dict[str, Any]) -> dict[str, Any]:
    return {**diff, "edits": diff["edits"][:-1]}


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        ("records.jsonl", _other_status, "it and its hash disagree"),
        ("records.jsonl", _rehashed, "leads elsewhere"),
        ("new/recorded.json", _other_word, "is not the text that the record of look"),
        ("new/content.json", _other_word, "is not the text in new/content.json"),
        ("new/content.json", _other_word, "its new text is not the headline of new/content.json"),
        ("diff.json", _other_edit, "its words do not spell its"),
        ("diff.json", _dropped_edit, "does not cover every paragraph"),
        ("bundle.json", lambda told: {**told, "new": {**told["new"], "version": 9}}, "version and reader are not those"),
        ("bundle.json", lambda told: {**told, "new": {**told["new"], "capture": told["old"]["capture"]}}, "is not the body that the record of new (look"),
        ("chain.json", lambda chain: {**chain, "root": "0" * 64}, "leads elsewhere"),
    ],
)  # fmt: skip
def test_a_forger_who_makes_the_manifest_anew_is_still_noticed(
    bundle: Path, name: str, edit: Edited, said: str
) -> None:
    _forge(bundle, name, edit)
    problems = _problems(bundle)
    assert any(said in problem for problem in problems), problems
    assert not any("the manifest disagree" in problem for problem in problems)


@pytest.mark.parametrize("name", ["new/served.bin", "new/page.html.txt", "new/text.txt"])
def test_an_altered_page_is_named_with_its_record(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes((bundle / name).read_bytes() + b" ")
    _reseal(bundle, name)
    assert any(name in problem for problem in _problems(bundle))


def test_a_missing_and_a_foreign_file_are_named(bundle: Path) -> None:
    (bundle / "old" / "text.txt").unlink()
    (bundle / "old" / "extra.txt").write_text("x", encoding="utf-8")
    problems = _problems(bundle)
    assert "old/text.txt: missing" in problems
    assert "old/extra.txt: does not belong to the bundle" in problems


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"{", b"[]", b"null", b'{"files":3}', b"[" * 100_000])
@pytest.mark.parametrize(
    "name", [MANIFEST, "records.jsonl", "diff.json", "bundle.json", "chain.json", "new/content.json"]
)
def test_garbage_is_a_problem_and_never_a_crash(bundle: Path, name: str, garbage: bytes) -> None:
    (bundle / name).write_bytes(garbage)
    assert any(name in problem for problem in _problems(bundle))


@pytest.mark.parametrize(
    ("language", "many", "one"),
    [
        ("en", ["looks are in", "looks;"], ["1 look is in", "a chain of 1 look;"]),
        ("de", ["Abrufe stehen in", "Abrufen;"], ["1 Abruf steht in", "einer Kette von 1 Abruf;"]),
    ],
)
def test_the_statement_counts_and_names_outcomes_in_its_own_language(
    done: Demonstrated, language: str, many: list[str], one: list[str]
) -> None:
    with Store.open(done.database, write=False) as store:
        evidence = gather(store, done.against_previous.id)
    text = statement.render(evidence, language)
    outcomes = {json.loads(link.record)["outcome"] for link in evidence.links}
    assert all(wording.name("outcome", outcome, language) in text for outcome in outcomes)
    assert all(words in text for words in many)
    assert ("The older text (folder" if language == "en" else "Der ältere Text (Ordner") in text
    late = replace(evidence.old, version=msgspec.structs.replace(evidence.old.version, last_seen=datetime.now(UTC)))
    turned = statement.render(replace(evidence, old=late), language)
    assert ("The first text (folder" if language == "en" else "Der erste Text (Ordner") in turned
    single = statement.render(replace(evidence, links=evidence.links[:1], proofs=evidence.proofs[:1], size=1), language)
    assert all(words in single for words in one)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["What this does not prove", "the same page to others", "Who changed it", "No anchor covers them"]),
        ("de", ["Was dies nicht beweist", "anderen dieselbe Seite", "Wer ihn geändert hat", "Kein Anker deckt sie"]),
    ],
)
def test_the_statement_says_how_and_what_not(exported: Path, language: str, words: list[str]) -> None:
    text = (exported / f"statement.{language}.html").read_text(encoding="utf-8")
    told = json.loads((exported / "bundle.json").read_bytes())
    links = map(json.loads, (exported / "records.jsonl").read_text(encoding="utf-8").splitlines())
    records = {link["capture"]: json.loads(link["record"]) for link in links}
    for side in ("old", "new"):
        record = records[told[side]["capture"]]
        for name in (
            "requested_url",
            "started",
            "answered",
            "server_date",
            "ip",
            "body_sha256",
            "decoded_sha256",
            "software",
        ):
            assert str(record[name]) in text, name
    assert all(word in text for word in words)


def test_nothing_is_overwritten_and_nothing_is_left_behind(done: Demonstrated, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="not empty"):
        _export(done, done.against_previous.id, full)
    with pytest.raises(UserError, match="no change 999"):
        _export(done, 999, tmp_path / "other")
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "mine.txt"]
    (tmp_path / "empty").mkdir()
    _export(done, done.against_previous.id, tmp_path / "empty")
    assert _problems(tmp_path / "empty") == []


def test_records_that_do_not_verify_are_not_exported(done: Demonstrated, tmp_path: Path) -> None:
    database = tmp_path / "zaesur.db"
    with Store.open(done.database, write=False) as store:
        store.backup(database)
    with Store.open(database) as store:
        db = store._db
        db.execute("DROP TRIGGER captures_no_UPDATE")
        db.execute("UPDATE captures SET record = replace(record, '\"status\":200', '\"status\":203') WHERE id = 4")
    with Store.open(database, write=False) as store, pytest.raises(UserError, match=r"do not verify .*look 4"):
        write(gather(store, done.against_previous.id), tmp_path / "b")
    with Store.open(database) as store:
        store._db.execute("DROP TRIGGER bodies_no_DELETE")
        store._db.execute("DELETE FROM bodies")
    with Store.open(database, write=False) as store, pytest.raises(StoreError, match="its page as served is not kept"):
        gather(store, done.against_previous.id)
    assert not (tmp_path / "b").exists()


def test_a_page_that_was_read_again_later_does_not_spoil_the_proof(done: Demonstrated, tmp_path: Path) -> None:
    database = tmp_path / "zaesur.db"
    with Store.open(done.database, write=False) as store:
        store.backup(database)
    change = done.against_previous
    with Store.open(database) as store:
        text, _ = store.readings(change.article, change.to_version)[0]
        content = decode(text, Content)
        assert content.blocks
        shorter = Content(headline=content.headline, blocks=content.blocks[1:])
        store.reextracted(change.article, change.to_version, shorter, "another reader")
        write(gather(store, change.id), tmp_path / "b")
    assert _problems(tmp_path / "b") == []


def test_a_terminal_that_writes_ascii_only_is_told_all_the_same(bundle: Path, tmp_path: Path) -> None:
    (bundle / "Zusätzlich für später.txt").write_bytes(b"x")
    said = subprocess.run(
        [sys.executable, "-S", str(bundle / "verify.py")],
        env={"PYTHONIOENCODING": "ascii"}, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (1, "")
    assert "FAIL Zus\\xe4tzlich f\\xfcr sp\\xe4ter.txt: does not belong to the bundle" in said.stdout


def test_a_change_that_was_withdrawn_proves_nothing_and_gets_no_bundle(done: Demonstrated, tmp_path: Path) -> None:
    own = Path(shutil.copy(done.database, tmp_path / "zaesur.db"))
    with Store.open(own) as store:
        store.retell(done.against_previous.id, None, summary="", headline="", differ="another", extractor=None)
        with pytest.raises(UserError, match=r"was withdrawn on .* nothing was written"):
            gather(store, done.against_previous.id)

"""Anchors: a chain that was cut off or rewritten is noticed; time stamps of a real authority (OpenSSL's) verify offline."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from reports.evidence.bundle import write as write_bundle
from reports.evidence.verify import Bundle
from scheduler import anchoring
from scheduler.anchoring import proved
from scheduler.demo import Demonstrated, demonstrate
from scheduler.evidence import gather
from scheduler.proving import prove
from storage import Store
from storage.anchors import Anchor
from storage.errors import UserError, ZaesurError

_TSA = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
"""
_EXTENSIONS = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"


@dataclass
class Authority:
    """A time-stamping authority on loopback: its address, its certificates, what it answers next."""

    url: str
    root: Path
    other_root: Path
    broken: str = ""


def _openssl(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60).stdout


def _certificates(folder: Path) -> None:
    (folder / "ext").write_text(_EXTENSIONS, encoding="ascii")
    (folder / "tsa.cnf").write_text(_TSA.format(folder=folder), encoding="utf-8")
    (folder / "serial").write_text("01", encoding="ascii")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for name in ("root", "other"):
        _openssl(folder, "req", "-x509", *new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    _openssl(folder, "req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=stamps")
    sign = ("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
    _openssl(folder, *sign, "-extfile", "ext", "-days", "1", "-out", "tsa.pem")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    _certificates(folder)
    return folder


@pytest.fixture
def authority(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """OpenSSL's time-stamping authority behind HTTP."""
    made: Authority

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = certificates / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            if made.broken == "replay":
                _openssl(certificates, "ts", "-query", "-digest", "00" * 32, "-sha256", "-cert", "-out", "query.tsq")
            reply = (
                "ts",
                "-reply",
                "-queryfile",
                "query.tsq",
                "-config",
                "tsa.cnf",
                "-signer",
                "tsa.pem",
                "-inkey",
                "tsa.key",
            )
            _openssl(certificates, *reply, "-out", "reply.tsr")
            body = b"<html>" if made.broken == "garbage" else (certificates / "reply.tsr").read_bytes()
            self.send_response(503 if made.broken == "down" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamps)
    made = Authority(
        url=f"http://127.0.0.1:{server.server_port}/tsr",
        root=certificates / "root.pem",
        other_root=certificates / "other.pem",
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", f"127.0.0.1:{server.server_port}")
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Demonstrated:
    return demonstrate(tmp_path_factory.mktemp("demo") / "zaesur.db", lambda text: None)


@pytest.fixture
def database(done: Demonstrated, tmp_path: Path) -> Path:
    """A copy of the demo's database: six looks."""
    path = tmp_path / "zaesur.db"
    with Store.open(done.database, write=False) as store:
        store.backup(path)
    return path


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


def test_an_anchor_names_the_chain_and_holds_while_it_grows(database: Path, tmp_path: Path) -> None:
    anchor = anchored(database, None)
    (file,) = anchoring.write(anchor, tmp_path)
    with Store.open(database, write=False) as store:
        head = store.head()
    assert head is not None
    told = json.loads(file.read_bytes())
    assert (told["size"], told["head"]) == (6, head.hash)
    assert _proved(database, file) == ([f"Anchor of {anchor.at} over 6 looks: no time stamp."], [])
    assert anchored(database, None) == anchor


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DELETE FROM captures WHERE id > 4"], "the end of the chain is missing"),
        (["UPDATE captures SET hash = 'f0' || substr(hash, 3) WHERE id = 6"], "not the one that the anchor"),
        (["UPDATE captures SET hash = 'f0' || substr(hash, 3) WHERE id = 2"], "are not those it saw"),
    ],
)
def test_a_chain_that_was_cut_off_or_rewritten_is_noticed(
    database: Path, tmp_path: Path, statements: list[str], said: str
) -> None:
    (file,) = anchoring.write(anchored(database, None), tmp_path)
    _harm(database, *statements, "DELETE FROM anchors")
    _, problems = _proved(database, file)
    assert any(said in problem for problem in problems), problems
    assert _proved(database)[1] == [], "without the anchor kept elsewhere nothing tells"


def test_a_database_with_anchors_still_proves_and_one_in_use_is_anchored_too(
    database: Path, authority: Authority
) -> None:
    first = anchored(database, None)
    stamped = anchored(database, authority.url)
    with Store.open(database) as busy:
        again, kept = anchoring.anchored(database, None)
        assert (again.data, kept) == (stamped.data, False)
        assert [anchor.token for anchor in busy.anchors()] == [None, stamped.token]
    assert first.data == stamped.data
    with Store.open(database, write=False) as store:
        assert prove(store).problems == ()


def test_a_time_stamp_is_got_kept_and_verified_offline(
    database: Path, tmp_path: Path, authority: Authority, certificates: Path
) -> None:
    files = anchoring.write(anchored(database, authority.url), tmp_path)
    assert [file.suffix for file in files] == [".json", ".tsr"]
    authority.broken = "down"
    assert anchored(database, authority.url).token == files[1].read_bytes(), "a stamped anchor is not stamped again"
    facts, problems = _proved(database, files[0], authority=authority.root)
    assert problems == []
    assert any("its signature holds" in fact for fact in facts)
    facts, problems = _proved(database, files[0])
    assert (len(problems), "was not checked" in "".join(facts)) == (0, True)
    checked = _openssl(
        certificates, "ts", "-verify", "-data", str(files[0]), "-in", str(files[1]), "-CAfile", "root.pem"
    )
    assert b"Verification: OK" in checked


def test_a_stamp_of_another_authority_or_on_another_anchor_does_not_verify(
    database: Path, tmp_path: Path, authority: Authority
) -> None:
    file, beside = anchoring.write(anchored(database, authority.url), tmp_path)
    assert "does not verify" in "".join(_proved(database, file, authority=authority.other_root)[1])
    other = tmp_path / "other.json"
    other.write_bytes(file.read_bytes().replace(b'"at":"2', b'"at":"1'))
    shutil.copy(beside, tmp_path / "other.json.tsr")
    for root in (None, authority.root):
        assert "time stamp" in "".join(_proved(database, other, authority=root)[1])
    whole = beside.read_bytes()
    for at in range(20, len(whole), 97):
        beside.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        _, problems = _proved(database, file, authority=authority.root)
        assert problems, f"bit flipped at {at} of {len(whole)}"


@pytest.mark.parametrize("broken", ["down", "garbage", "replay"])
def test_an_authority_that_gives_no_stamp_leaves_nothing_behind(
    database: Path, authority: Authority, broken: str
) -> None:
    authority.broken = broken
    with pytest.raises(ZaesurError, match=r"127\.0\.0\.1"):
        anchored(database, authority.url)
    with Store.open(database, write=False) as store:
        assert [anchor.token for anchor in store.anchors()] == [None]


def test_the_network_guard_applies_to_the_authority(
    database: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", "")
    with pytest.raises(UserError, match="not a public address"):
        anchored(database, authority.url)


@pytest.mark.parametrize("garbage", [b"", b"{}", b"[1]", b"\xff", b'{"format":"zaesur-anchor/1","size":"x"}'])
def test_a_file_that_is_no_anchor_is_one_clear_line(database: Path, tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "anchor.json"
    file.write_bytes(garbage)
    with pytest.raises(UserError, match=r"anchor\.json: not an anchor file"):
        _proved(database, file)


def test_a_bundle_carries_the_anchor_and_its_stamp(
    database: Path, done: Demonstrated, tmp_path: Path, authority: Authority
) -> None:
    anchored(database, authority.url)
    folder = tmp_path / "bundle"
    with Store.open(database, write=False) as store:
        write_bundle(gather(store, done.against_previous.id), folder)
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

"""A bundle put together and written: only whole, only when its own verifier passes it, the same bytes for the same records."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from reports.data import change_full
from reports.evidence import statement, verify
from reports.html import report
from storage.chain import Link
from storage.content import canonical, encode
from storage.errors import StoreError, UserError
from storage.types import Article, Change, Edit, Gap, Version

_COPY = "copy.bin"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of the change. ``version`` has the content that was compared, ``recorded`` the JSON as read at first.

    A page that was looked at has its ``link``, the body as ``served`` and the ``page`` it unpacks to; a saved copy only its bytes.
    """

    version: Version
    recorded: str
    recorded_by: str
    link: Link | None
    served: bytes
    page: bytes | None


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A root that was told to others: the anchor file, the time stamp's token if there is one, and a proof for each look under it."""

    data: bytes
    token: bytes | None
    proofs: dict[int, list[str]]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that goes into a bundle; ``proofs`` lead from each of the article's ``links`` to ``root``, in order."""

    change: Change
    article: Article
    old: Side
    new: Side
    links: tuple[Link, ...]
    proofs: tuple[list[str], ...]
    size: int
    root: str
    gaps: tuple[Gap, ...] = ()
    anchor: Anchor | None = None


def write(evidence: Evidence, folder: Path) -> str:
    """Write the bundle into a new or empty folder; returns the digest of its manifest.

    Raises UserError when the folder holds anything or the records do not verify, StoreError when it cannot be written. The folder
    takes its name only when all of it is on the disk.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} exists and is not empty; nothing was written. Name a new folder")
    files = _files(evidence)
    folder = folder.resolve()  # "." has no name to put another beside
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        for name, data in files.items():
            _put(part / name, data)
        bundle = verify.Bundle(str(part))
        bundle.check()
        if bundle.problems:
            raise UserError(
                f"the records of change {evidence.change.id} do not verify ({bundle.problems[0]}); nothing was written"
            )
        part.replace(folder)
        _sync(folder.parent)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written ({error.strerror}); nothing was left there") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return str(_manifest(files)["manifest_sha256"])


def _files(evidence: Evidence) -> dict[str, bytes]:
    change, article = evidence.change, evidence.article
    files: dict[str, bytes] = {
        "bundle.json": _json(
            {"change": change.id, "article": article.id, "old": _told(evidence.old), "new": _told(evidence.new)}
        ),
        "diff.json": _json({**change_full(change), "edits": _edits(change)}),
        "records.jsonl": b"".join(_json(row) for row in _records(evidence)),
        "chain.json": _json({"size": evidence.size, "root": evidence.root, "anchored": _anchored(evidence.anchor)}),
        "verify.py": (resources.files("reports") / "evidence" / "verify.py").read_bytes(),
    }
    for language in ("en", "de"):
        html = report(change, evidence.old.version, evidence.new.version, article, language)
        files[f"diff.{language}.html"] = html.encode()
        files[f"statement.{language}.html"] = statement.render(evidence, language).encode()
    for name, side in (("old", evidence.old), ("new", evidence.new)):
        files |= {f"{name}/{file}": data for file, data in _side(side).items()}
    if evidence.anchor:
        files["anchor/anchor.json"] = evidence.anchor.data
        if evidence.anchor.token:
            files["anchor/anchor.json.tsr"] = evidence.anchor.token
    files["manifest.json"] = _json(_manifest(files))
    return dict(sorted(files.items()))


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    digests = {name: verify.sha256(data) for name, data in files.items() if name != verify.MANIFEST}
    manifest = {"format": verify.FORMAT, "files": digests}
    return {**manifest, "manifest_sha256": verify.sha256(canonical(manifest))}


def _side(side: Side) -> dict[str, bytes]:
    content = encode(side.version.content)
    files = {"content.json": content.encode(), "text.txt": verify.plain(msgspec.json.decode(content)).encode()}
    if side.link is None or side.page is None:
        return {**files, _COPY: side.served}
    return {**files, "recorded.json": side.recorded.encode(), "served.bin": side.served, "page.html.txt": side.page}


def _told(side: Side) -> dict[str, Any]:
    told: dict[str, Any] = {
        "version": side.version.number,
        "origin": side.version.origin.value,
        "capture": side.link.id if side.link else None,
        "recorded_by": side.recorded_by,
        "read_by": side.version.fingerprint,
    }
    return told if side.link else {**told, "copy": _COPY, "sha256": verify.sha256(side.served)}


def _edits(change: Change) -> list[dict[str, Any]]:
    rows = change_full(change)["edits"]
    return [{**row, **_places(edit)} for row, edit in zip(rows, change.assessment.diff.edits, strict=True)]


def _places(edit: Edit) -> dict[str, Any]:
    """Where the edit stands: indexes into the blocks of both contents; ``block`` is null for headline, kicker, teaser and byline."""
    return {"block": edit.block.value if edit.block else None, "old_at": list(edit.old_at), "new_at": list(edit.new_at)}


def _records(evidence: Evidence) -> list[dict[str, Any]]:
    pairs = zip(evidence.links, evidence.proofs, strict=True)
    return [
        {"capture": link.id, "previous": link.previous, "record": link.record, "hash": link.hash, "proof": proof}
        for link, proof in pairs
    ]


def _anchored(anchor: Anchor | None) -> dict[str, list[str]] | None:
    return {str(capture): proof for capture, proof in anchor.proofs.items()} if anchor else None


def _json(value: Any) -> bytes:
    return canonical(value) + b"\n"


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems have no folders to sync
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

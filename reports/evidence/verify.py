#!/usr/bin/env python3
"""Check a bundle of evidence that was written by "zaesur export evidence".

    python3 -I -S verify.py [FOLDER]

Needs Python 3.9 or newer and nothing else: no other file of the project, no network. Prints what was checked and ends with
0 (PASS) or 1 (FAIL; each problem names the file and the record). Checked are: the digest of every file; every record of the
article against its hash and its place in the hash chain; the pages and texts against their records; the diff against both texts.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator
from typing import Any

FORMAT = "zaesur-evidence/1"
MANIFEST = "manifest.json"
CAPTIONS = ("caption", "credit")
SIDES = ("old", "new")


def canonical(value: Any) -> bytes:
    """Plain data as canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def content_digest(content: dict[str, Any]) -> str:
    """SHA-256 over what an article says: headline, kicker, teaser, authors, place, body, captions."""
    body = [block["text"] for block in content["blocks"] if block["kind"] not in CAPTIONS]
    captions = [block["text"] for block in content["blocks"] if block["kind"] in CAPTIONS]
    fields = [content[name] for name in ("headline", "kicker", "teaser", "authors", "place")]
    return sha256(canonical([*fields, body, captions]))


def plain(content: dict[str, Any]) -> str:
    """An article as text: kicker, headline, teaser, byline, then each block, with blank lines between."""
    byline = " | ".join([*(content["authors"] or ()), *([content["place"]] if content["place"] else ())])
    head = [content["kicker"], content["headline"], content["teaser"], byline]
    return "\n\n".join([*filter(None, head), *(block["text"] for block in content["blocks"])]) + "\n"


def root_of(leaf: str, index: int, size: int, proof: list[str]) -> str:
    """The root that a proof leads to from one chain hash (RFC 6962); raises ValueError when the proof does not fit."""
    node, path = hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest(), [bytes.fromhex(each) for each in proof]
    if not 0 <= index < size:
        raise ValueError("outside the tree")
    while size > 1:
        if index % 2 or index + 1 < size:
            if not path:
                raise ValueError("too short")
            sibling = path.pop(0)
            node = hashlib.sha256(b"\1" + (sibling + node if index % 2 else node + sibling)).digest()
        index, size = index // 2, (size + 1) // 2
    if path:
        raise ValueError("too long")
    return node.hex()


class Bundle:
    """A folder under check; ``facts`` are said in any case, ``problems`` make it fail."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.facts: list[str] = []
        self.problems: list[str] = []

    def read(self, name: str) -> bytes:
        """A file of the bundle."""
        with open(os.path.join(self.folder, *name.split("/")), "rb") as file:  # noqa: PTH118, PTH123 - plain for strangers
            return file.read()

    def data(self, name: str) -> Any:
        """A JSON file of the bundle."""
        return json.loads(self.read(name))

    def check(self) -> None:
        """Run every check; a file that cannot be read is a problem, not an end."""
        steps = ((MANIFEST, self.files), ("records.jsonl", self.records), ("anchor/anchor.json", self.anchor))
        for name, step in steps:
            self.guarded(name, step)
        for side in SIDES:
            self.guarded(side, lambda side=side: self.side(side))
        self.guarded("diff.json", self.diff)

    def guarded(self, name: str, step: Any) -> None:
        """Run one check."""
        try:
            self.problems += step()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            self.problems.append(f"{name}: cannot be checked ({type(error).__name__}: {error})")

    def files(self) -> Iterator[str]:
        """Every file against the manifest, and the manifest against itself."""
        raw = self.read(MANIFEST)
        manifest = json.loads(raw)
        own = manifest.pop("manifest_sha256")
        if own != sha256(canonical(manifest)) or raw != canonical({**manifest, "manifest_sha256": own}) + b"\n":
            yield f"{MANIFEST}: altered; its own digest does not fit"
        if manifest["format"] != FORMAT:
            yield f"{MANIFEST}: of another format ({manifest['format']}); this verifier knows {FORMAT}"
        found = set(self.names())
        for name, digest in sorted(manifest["files"].items()):
            if name not in found:
                yield f"{name}: missing"
            elif sha256(self.read(name)) != digest:
                yield f"{name}: altered; its bytes and the manifest disagree"
        for name in sorted(found - set(manifest["files"]) - {MANIFEST}):
            yield f"{name}: does not belong to the bundle"
        self.facts.append(f"{len(manifest['files'])} files; digest of the manifest: {own}")

    def names(self) -> Iterator[str]:
        """The files in the folder, with / between folders."""
        for where, _, names in os.walk(self.folder):
            for name in names:
                yield os.path.relpath(os.path.join(where, name), self.folder).replace(os.sep, "/")  # noqa: PTH118 - same

    def records(self) -> Iterator[str]:
        """Every record of the article: its hash, and its place in the chain."""
        chain = self.data("chain.json")
        last = 0
        links = self.links()
        for link in links:
            name = f"records.jsonl: record of look {link['capture']}"
            if sha256((link["previous"] + link["record"]).encode()) != link["hash"]:
                yield f"{name}: altered; it and its hash disagree"
            yield from self.place(name, link["hash"], link["capture"], chain["size"], link["proof"], chain["root"])
            if link["capture"] <= last:
                yield f"{name}: out of order"
            last = link["capture"]
        self.facts.append(
            f"{len(links)} records hold and stand in a chain of {chain['size']} looks, root {chain['root']}"
        )

    def links(self) -> list[dict[str, Any]]:
        """The records with their links."""
        return [json.loads(line) for line in self.read("records.jsonl").decode().split("\n") if line]

    def place(self, name: str, leaf: str, capture: int, size: int, proof: list[str], root: str) -> Iterator[str]:
        """Whether a proof leads from a record to a root."""
        try:
            reached = root_of(leaf, capture - 1, size, proof)
        except (ValueError, TypeError) as error:
            yield f"{name}: the proof of its place in the chain does not fit ({error})"
        else:
            if reached != root:
                yield f"{name}: the proof of its place in the chain leads elsewhere"

    def anchor(self) -> Iterator[str]:
        """The anchor, if there is one: it names a root that the records lead to; the token names the anchor."""
        proofs = self.data("chain.json")["anchored"]
        if proofs is None:
            self.facts.append(
                "no anchor: that the records are not younger than they say rests on the word of who kept them"
            )
            return
        raw = self.read("anchor/anchor.json")
        anchor = json.loads(raw)
        for link in self.links():
            if str(link["capture"]) in proofs:
                name = f"anchor/anchor.json: look {link['capture']}"
                proof = proofs[str(link["capture"])]
                yield from self.place(name, link["hash"], link["capture"], anchor["size"], proof, anchor["root"])
        self.facts.append(f"{len(proofs)} records are under the anchor of {anchor['at']}, root {anchor['root']}")
        if "anchor/anchor.json.tsr" in set(self.names()):
            if hashlib.sha256(raw).digest() not in self.read("anchor/anchor.json.tsr"):
                yield "anchor/anchor.json.tsr: a time stamp, but not of this anchor"
            self.facts.append(
                "a time stamp names the anchor; its signature is checked with: "
                "openssl ts -verify -data anchor/anchor.json -in anchor/anchor.json.tsr -CAfile AUTHORITY.pem"
            )

    def side(self, side: str) -> Iterator[str]:
        """One side: the page and the text against the record of the look that brought them, or a copy against its digest."""
        told = self.data("bundle.json")[side]
        content = self.data(f"{side}/content.json")
        if self.read(f"{side}/text.txt").decode() != plain(content):
            yield f"{side}/text.txt: is not the text in {side}/content.json"
        if told["capture"] is None:
            name = f"{side}/{told['copy']}"
            if sha256(self.read(name)) != told["sha256"]:
                yield f"{name}: altered; it is not the copy that was brought in"
            self.facts.append(f"{side}: a saved copy, sha256 {told['sha256']}; where it comes from is not proved")
            return
        record = self.record(told["capture"])
        yield from self.page(side, record, f"{side} (look {told['capture']})")
        raw = self.read(f"{side}/recorded.json")
        recorded = json.loads(raw)
        if sha256(raw) != record["content_sha256"] or content_digest(recorded) != record["content_digest"]:
            yield f"{side}/recorded.json: is not the text that the record of look {told['capture']} names"
        if record["version"] != told["version"] or record["fingerprint"] != told["recorded_by"]:
            yield f"bundle.json: {side}: version and reader are not those of the record of look {told['capture']}"
        if content != recorded:
            self.facts.append(f"{side}: compared is the page as read again by {told['read_by']}")

    def record(self, capture: int) -> dict[str, Any]:
        """The record of one look."""
        for link in self.links():
            if link["capture"] == capture:
                record: dict[str, Any] = json.loads(link["record"])
                return record
        raise ValueError(f"records.jsonl has no record of look {capture}")

    def page(self, side: str, record: dict[str, Any], name: str) -> Iterator[str]:
        """The page as served and as decoded."""
        served, page = self.read(f"{side}/served.bin"), self.read(f"{side}/page.html.txt")
        if sha256(served) != record["body_sha256"] or len(served) != record["body_length"]:
            yield f"{side}/served.bin: is not the body that the record of {name} names"
        if sha256(page) != record["decoded_sha256"]:
            yield f"{side}/page.html.txt: is not the page that the record of {name} names"
        coding = ", ".join(value for key, value in record["headers"] if key.lower() == "content-encoding").lower()
        known = {"": 0, "identity": 0, "gzip": 47, "x-gzip": 47, "deflate": 47}
        if coding not in known:
            self.facts.append(
                f"{side}: the coding {coding} is not in Python's library; page and body are each checked by digest"
            )
        elif (unpacked(served, len(page)) if known[coding] else served) != page:
            yield f"{side}/page.html.txt: is not what {side}/served.bin unpacks to"

    def diff(self) -> Iterator[str]:
        """That the diff spells both texts: each edit its own, all edits together every block of both sides once."""
        edits = self.data("diff.json")["edits"]
        join, other = {"old": "add", "new": "drop"}, 0
        for side in SIDES:
            content, seen = self.data(f"{side}/content.json"), []
            for number, edit in enumerate(edits, start=1):
                text = "".join(span["text"] for span in edit["spans"] if span["op"] != join[side])
                places = edit[f"{side}_at"]
                seen += places
                if text != (edit[side] or ""):
                    yield f"diff.json: edit {number}: its words do not spell its {side} text"
                if places and text != "\n".join(content["blocks"][at]["text"] for at in places):
                    yield f"diff.json: edit {number}: its {side} text is not that of {side}/content.json"
                if edit["block"] is None and not stands(edit["field"], edit[side] or "", content):
                    yield f"diff.json: edit {number}: its {side} text is not the {edit['field']} of {side}/content.json"
            if sorted(seen) != list(range(len(content["blocks"]))):
                yield f"diff.json: does not cover every paragraph of {side}/content.json exactly once"
            other += len(content["blocks"])
        self.facts.append(f"{len(edits)} edits spell both texts ({other} paragraphs)")


def stands(field: str, text: str, content: dict[str, Any]) -> bool:
    """Whether a field of the article says this text; a byline is its authors, its place or both."""
    if field != "byline":
        return text == (content[field] or "")
    authors, place = " | ".join(content["authors"] or ()), content["place"] or ""
    return text in (authors, place, f"{authors} {place}".strip())


def unpacked(body: bytes, size: int) -> bytes:
    """A gzip or deflate body unpacked, at most one byte more than expected."""
    wrapped = body[:2] == b"\x1f\x8b" or (len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0)
    plain = b""
    while body:
        stream = zlib.decompressobj(47 if wrapped else -15)
        try:
            plain += stream.decompress(body, size + 1)
        except zlib.error:
            return b""
        if not stream.eof or len(plain) > size:
            return plain if stream.eof else b""
        body = stream.unused_data
    return plain


def printable(text: str) -> str:
    """Text for a terminal: names in a bundle may be anybody's."""
    return re.sub(r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f]", "\N{REPLACEMENT CHARACTER}", text)


def main() -> int:
    """Check and tell."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot write a sign gets its code
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - same
    bundle = Bundle(folder)
    bundle.check()
    for fact in bundle.facts:
        print(printable(fact))
    for problem in bundle.problems:
        print(f"FAIL {printable(problem)}")
    print(
        f"FAIL: {len(bundle.problems)} problems"
        if bundle.problems
        else "PASS: the bundle is whole and agrees with itself"
    )
    return 1 if bundle.problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""The looks as WARC 1.1 (ISO 28500:2017), written through warcio; digests are SHA-256 in hexadecimal.

Each look gives a ``metadata`` record that holds its whole record from the hash chain, and as far as it had an answer:
a ``response`` with the page as served (its ``request`` beside it), or a ``revisit`` where the server said "not modified"
or the same bytes stand earlier in the file. The body is byte for byte as served. The HTTP stack undoes the transfer coding
and normalises header names, so the head is put together again from the record; so are the request line and ``Host``.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage import Store
from storage.chain import Link
from storage.errors import Damaged, StoreError, UserError
from storage.opening import settle
from storage.types import Origin

_VERSION = "WARC/1.1"
_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
_HTTP = {
    "response": "application/http; msgtype=response",
    "request": "application/http; msgtype=request",
    "revisit": "application/http; msgtype=response",
}
_INFO = {
    "software": "zaesur/{version}",
    "format": "WARC File Format 1.1",
    "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "robots": "obeyed",
    "description": "Bodies are as served, still content-coded. Header names are title-cased and grouped by name, the transfer coding is "
    "undone, the reason phrase, the request line and Host are put together again. Each look's metadata record is its record from the "
    "hash chain: sha256(X-Zaesur-Previous + record) is X-Zaesur-Hash.",
}


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written: the file, the looks in it, and how each stands there."""

    path: Path
    looks: int
    pages: int
    revisits: int
    bare: int


def export(store: Store, path: Path, *, article: str | None = None, since: datetime | None = None) -> Written:
    """Write looks as a WARC file; it takes its name only when it is whole and on the disk.

    Raises UserError when there is nothing to write, ``path`` exists or is no WARC's name; StoreError when it cannot be written.
    """
    links = list(_numbers(store, article, since))
    if not links:
        raise UserError("no look matches, so no WARC was written")
    path = _named(path, links)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            counts = _write(store, file, store.links(article=article, since=since, until=links[-1].id), path.name)
        settle(part, path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}); nothing was left there") from None
    finally:
        part.unlink(missing_ok=True)
    pages, revisits = counts["response"], counts["revisit"]
    looks = counts["metadata"]
    return Written(path=path, looks=looks, pages=pages, revisits=revisits, bare=looks - pages - revisits)


def _numbers(store: Store, article: str | None, since: datetime | None) -> Iterator[Link]:
    """The first and the last link that will be written."""
    first = last = None
    for link in store.links(article=article, since=since):
        first, last = first or link, link
    if first and last:
        yield from (first, last)


def _named(path: Path, links: list[Link]) -> Path:
    if path.is_dir():
        path = path / f"zaesur-{links[0].id:08}-{links[-1].id:08}.warc.gz"
    if not path.name.endswith((".warc", ".warc.gz")):
        raise UserError(f"{path}: a WARC's name ends in .warc or .warc.gz; nothing was written")
    if path.exists():
        raise UserError(f"{path} exists already; nothing was written")
    return path


def _write(store: Store, file: IO[bytes], links: Iterable[Link], name: str) -> Counter[str]:
    writer = WARCWriter(file, gzip=name.endswith(".gz"), warc_version=_VERSION)
    written: dict[str, _Page] = {}
    counts: Counter[str] = Counter()
    for link in links:
        if not counts:
            writer.write_record(_info(link, name))
        for record in _records(store, link, written):
            counts[record.rec_type] += 1
            writer.write_record(record)
    return counts


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A page that stands in the file already."""

    id: str
    url: str
    date: str


def _records(store: Store, link: Link, written: dict[str, _Page]) -> Iterator[ArcWarcRecord]:
    record = _said(link)
    look = _Look(link=link, record=record, url=record["final_url"] or record["requested_url"])
    sha256 = record["body_sha256"]
    body = store.body(sha256) if sha256 and record["status"] else None
    beside = None
    if record["outcome"] == "not-modified":
        beside = look.revisit("server-not-modified", {})
    elif body is not None and sha256 in written:
        beside = look.revisit("identical-payload-digest", _refers(written[sha256], sha256))
    elif body is not None:
        beside = look.response(body)
        written[sha256] = _Page(id=look.id("response"), url=look.url, date=look.date)
    if beside is not None:
        yield beside
        if record.get("origin") != Origin.ARCHIVE:  # what another archive asked is not ours to say
            yield look.request(beside.rec_type)
    yield look.metadata(beside.rec_type if beside else None)


def _said(link: Link) -> dict[str, Any]:
    """The record of a look."""
    try:
        return dict(json.loads(link.record))
    except ValueError as error:
        raise Damaged(f"capture {link.id}: it cannot be read any more ({error}); see: zaesur verify") from error


def _refers(page: _Page, sha256: str) -> dict[str, str]:
    return {
        "WARC-Refers-To": page.id,
        "WARC-Refers-To-Target-URI": page.url,
        "WARC-Refers-To-Date": page.date,
        "WARC-Payload-Digest": f"sha256:{sha256}",
    }


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One look on its way into the file."""

    link: Link
    record: dict[str, Any]
    url: str

    @property
    def date(self) -> str:
        """When the look began."""
        return str(self.record["started"])

    def id(self, kind: str) -> str:
        """The same record has the same id in every export."""
        return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'zaesur:{self.link.hash}:{kind}')}>"

    def response(self, body: bytes) -> ArcWarcRecord:
        """The answer, with the page as served."""
        return self._record("response", self._answer(), body, {"WARC-Payload-Digest": _sha256(body)})

    def revisit(self, profile: str, refers: dict[str, str]) -> ArcWarcRecord:
        """The head of an answer whose page stands elsewhere."""
        return self._record("revisit", self._answer(), b"", {"WARC-Profile": _PROFILES + profile, **refers})

    def request(self, beside: str) -> ArcWarcRecord:
        """What was asked."""
        parts = urlsplit(self.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fields = [["Host", parts.netloc], *self.record["request_headers"]]
        return self._record("request", _head(f"GET {target} HTTP/1.1", fields), b"", self._beside(beside))

    def metadata(self, beside: str | None) -> ArcWarcRecord:
        """The whole record of the look, as it was hashed into the chain."""
        link = {"X-Zaesur-Capture": str(self.link.id), "X-Zaesur-Previous": self.link.previous}
        more = {**(self._beside(beside) if beside else {}), **link, "X-Zaesur-Hash": self.link.hash}
        return self._record("metadata", b"", self.link.record.encode(), more, "application/json")

    def _answer(self) -> bytes:
        status = self.record["status"]
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
        return _head(f"{self.record.get('protocol') or 'HTTP/1.1'} {status} {phrase}", self.record["headers"])

    def _beside(self, kind: str) -> dict[str, str]:
        return {"WARC-Concurrent-To": self.id(kind)}

    def _record(
        self, kind: str, head: bytes, body: bytes, more: dict[str, str], media: str | None = None
    ) -> ArcWarcRecord:
        fields = {"WARC-Record-ID": self.id(kind), "WARC-Date": self.date, "WARC-Target-URI": self.url}
        if self.record["ip"]:
            fields["WARC-IP-Address"] = self.record["ip"]
        return _record(kind, {**fields, **more}, head, body, media or _HTTP[kind])


def _info(link: Link, name: str) -> ArcWarcRecord:
    fields = {
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'zaesur:{link.hash}:{name}')}>",
        "WARC-Date": _said(link)["recorded"],
        "WARC-Filename": name,
    }
    lines = (f"{key}: {text.format(version=version('zaesur'))}\r\n" for key, text in _INFO.items())
    return _record("warcinfo", fields, b"", "".join(lines).encode(), "application/warc-fields")


class _Head(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """An HTTP head that is written as it is: warcio percent-encodes what is not ASCII, and a header value may be Latin-1."""

    def __init__(self, data: bytes) -> None:
        super().__init__("as recorded", [])
        self._data = data

    def compute_headers_buffer(self, header_filter: Any = None) -> None:
        """The bytes themselves."""
        self.headers_buff = self._data


def _record(kind: str, fields: dict[str, str], head: bytes, body: bytes, media: str) -> ArcWarcRecord:
    fields = {"WARC-Type": kind, **fields, "WARC-Block-Digest": _sha256(head + body)}
    if kind not in ("revisit", "warcinfo"):
        fields.setdefault("WARC-Payload-Digest", _sha256(body))
    headers = StatusAndHeaders("", list(fields.items()), protocol=_VERSION)
    return ArcWarcRecord(
        "warc", kind, headers, BytesIO(body), _Head(head) if head else None, media, len(body), payload_length=len(body)
    )


def _head(first: str, fields: Iterable[Iterable[str]]) -> bytes:
    lines = [first, *(": ".join(pair) for pair in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"

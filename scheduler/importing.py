"""Bring in history that archives hold: WARC files, each whole look in its place in time, provenance in its record."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from msgspec.structs import replace

from crawler.apart import read_apart
from crawler.archived import REVISIT, NoLook, Source, article_of, is_page, look, page_names, referred, seen_again
from crawler.reading import read, refresh
from crawler.urls import article_id
from crawler.warc import BrokenWarc, Record, records
from scheduler.baselines import file_name
from storage import Store
from storage.errors import UserError
from storage.types import Article, Content, Look, Outcome

# what was no article then may be one for a later extractor, or for a reader that is not stopped
_READ_AGAIN = frozenset({Outcome.SET_ASIDE, Outcome.EXTRACT_FAILED})
_SPOOLED = 64 << 20  # bytes of pages kept in memory; more wait in a temporary file


@dataclass(kw_only=True)
class Imported:
    """What became of one file: looks by outcome, records passed over by reason, where it is broken if it is."""

    file: str
    looks: Counter[str] = field(default_factory=Counter)
    known: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A look that waits for its turn; its bytes wait in the spool."""

    look: Look
    at: int
    size: int


def import_warc(store: Store, path: Path) -> Imported:
    """Import a WARC file; what it held whole before it broke is imported too. Raises UserError when it cannot be read at all.

    Looks are recorded in the order of time, whatever their order in the file, so that the same file always gives the same versions.
    """
    try:
        with path.open("rb") as file, tempfile.SpooledTemporaryFile(max_size=_SPOOLED) as spool:
            source = Source(name=file_name(path), sha256=_sha256(file))
            result = Imported(file=str(path))
            waiting = list(_looks(store, file, source, spool, result))
            run = store.start_run("import") if waiting else None
            for each in sorted(waiting, key=lambda one: (one.look.answered or datetime.now(UTC), one.at)):
                spool.seek(each.at)
                _record(store, replace(each.look, body=spool.read(each.size)), run, result)
            if run is not None:
                store.finish_run(run, result.looks)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); nothing more was imported of it") from None
    return result


def _looks(store: Store, file: IO[bytes], source: Source, spool: Any, result: Imported) -> Iterator[_Waiting]:
    """The looks of a file, in its order, their bodies put away."""
    now = datetime.now(UTC)
    wanted: dict[str, Article | None] = {}
    pages: dict[str, _Waiting] = {}  # by what revisits may call them

    def ours(record: Record) -> bool:
        if not is_page(record):
            return False
        if record.url not in wanted:
            wanted[record.url] = _followed(store, record)
        return wanted[record.url] is not None

    try:
        for record in records(file, ours):
            article = wanted.get(record.url) if is_page(record) else None
            if article is None:
                result.passed["other addresses" if is_page(record) else f"{record.kind or 'nameless'} records"] += 1
                continue
            try:
                if record.kind == REVISIT:
                    first = next((pages[name] for name in referred(record) if name in pages), None)
                    first = first or _put_away(spool, _of_another_file(store, record, article))
                    again = seen_again(record, article, source, now, first.look)
                    waiting = _Waiting(look=again, at=first.at, size=first.size)
                else:
                    waiting = _put_away(spool, look(record, article, source, now))
                    pages |= dict.fromkeys(page_names(record), waiting)
            except NoLook as why:
                result.passed[str(why)] += 1
                continue
            yield waiting
    except BrokenWarc as error:
        result.problem = f"{source.name}: broken {error}; what was whole before it was imported"


def _put_away(spool: Any, found: Look) -> _Waiting:
    """A look whose bytes wait in the spool."""
    body = found.body or b""
    spool.seek(0, 2)
    waiting = _Waiting(look=replace(found, body=None), at=spool.tell(), size=len(body))
    spool.write(body)
    return waiting


def _of_another_file(store: Store, record: Record, article: Article) -> Look:
    """The look whose page a revisit saw again, imported from another file earlier. Raises NoLook where it was not."""
    found = (store.page_again(article.id, name) for name in referred(record))
    if (first := next(filter(None, found), None)) is None:
        raise NoLook("revisit records whose page is nowhere to be found")
    return first


def _followed(store: Store, record: Record) -> Article | None:
    """The article a record is about: DW's by their form, others only when they are known already, or any page would be one."""
    article = article_of(record)
    if article is None or article_id(article.url):
        return article
    return article if store.article(article.id) else None


def _record(store: Store, found: Look, run: int | None, result: Imported) -> None:
    known = store.known_as(found)
    if known is not None and known not in _READ_AGAIN:
        result.known += 1
        return
    if found.article and store.barred(found.article.id):
        result.passed["looks at articles that were taken down"] += 1
        return
    found = _read(found, _beside(store, found))
    if known is not None and found.outcome is not None:
        result.known += 1  # and as unreadable as before
        return
    recorded = store.record_archived(found, run)
    result.looks[recorded.capture.outcome.value] += 1


def _read(found: Look, last: Content | None) -> Look:
    try:
        return read(found, last, read_apart)
    except Exception as error:
        # a page that breaks the reader is one bad page, not the end of the import
        reason = f"the page could not be read: {type(error).__name__}: {error}"[:300]
        return replace(found, outcome=Outcome.EXTRACT_FAILED, reason=reason, content=None)


def _beside(store: Store, found: Look) -> Content | None:
    """The text that stood there just before; both neighbours as today's extractor reads them, so that equal texts are told as equal."""
    article = found.article.id if found.article else ""
    before, after = store.neighbours(article, found.answered or found.started)
    texts = {number: _current(store, article, number) for number in {before, after} if number is not None}
    return texts.get(before) if before is not None else None


def _current(store: Store, article: str, number: int) -> Content | None:
    version = store.version(article, number)
    return refresh(store, version, read_apart).content if version else None


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary file will do
    file.seek(0)
    return digest

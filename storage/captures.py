"""Captures: one row a look, chained by hash; versions come into being here and nowhere else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from storage.articles import Articles
from storage.base import Row, instant, now, text
from storage.chain import GENESIS, Chain
from storage.content import canonical, digest, encode, plain_text
from storage.errors import StoreError
from storage.lastlooks import LastLooks, headers_of
from storage.presence import Word, presence_after, presence_facts
from storage.removing import Removing
from storage.texts import packed_version, text_of
from storage.types import Capture, Content, Event, Look, Origin, Outcome, Version
from storage.versions import CURRENT

BELIEVED_AFTER = timedelta(hours=10)  # of looks that agree; stale edge copies and faults of a site seldom last so long
BELIEVED_LOOKS = 3
_FAR_BACK = 200  # looks

_BEFORE = f"""
SELECT n.id, n.started, n.answered, n.requested_url, n.body_sha256, ({CURRENT}) AS current,
    (SELECT url FROM article_urls WHERE article = :article ORDER BY id DESC LIMIT 1) AS url,
    EXISTS (SELECT 1 FROM events WHERE article = :article) AS eventful
FROM (SELECT MAX(id) AS id FROM captures WHERE article IS :article) newest LEFT JOIN captures n ON n.id = newest.id
"""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What became of a look: the capture, the version it showed (``created`` when the look brought it), what it told beside."""

    capture: Capture
    created: bool
    shown: Callable[[], Version | None]
    event: Event | None = None

    @cached_property
    def version(self) -> Version | None:
        """The version as it is in the database, read when first asked for."""
        return self.shown()


class Captures(Removing, Articles, LastLooks, Chain):
    """The evidence."""

    keep_all = False  # bodies of unchanged looks too

    def record(self, look: Look, *, run: int | None = None, keep_body: bool = False) -> Recorded:
        """Record a look, and a new version if it shows another text than the latest; all or nothing, read back.

        Returns only after the commit is durable (with ``together``, that of its block). Raises StoreError when it is not; then
        nothing was recorded. The same look a second time, as after an acknowledgement that was lost on its way, gives the record that is there.
        """
        with self._write():
            before = self._before(look)
            if (known := self._recorded_already(look, before)) is not None:
                return Recorded(capture=known, created=False, shown=lambda: self._version_of(known))
            look = self._believed(self._barred(look) if before["eventful"] else look)
            if look.article and look.article.url != before["url"]:
                self.add_article(look.article)
            latest: int | None = before["current"]
            outcome, number = self._decide(look, latest)
            created = number is not None and outcome in (Outcome.NEW, Outcome.CHANGED)
            if look.body is not None and (created or keep_body or self.keep_all or outcome not in _SAME):
                self._keep(look.body)
            recorded = self._insert_capture(look, outcome, number, run)
            if created:
                self._insert_version(look, number or 1, recorded.id)
            if look.article and number and look.content:
                self.set_url(look.article.id, look.article.url, shown=True)
            telling = latest and (before["eventful"] or outcome is Outcome.GONE)
            event = self._note_presence(look, outcome, recorded.id) if telling else None
        if not self._stands(recorded):
            raise StoreError(f"{self.path}: the record of {look.requested_url} could not be read back")
        if created and look.content and not self._reads_back(recorded, look.content):
            raise StoreError(f"{self.path}: the version of {look.requested_url} could not be read back")
        return Recorded(capture=recorded, created=created, event=event, shown=lambda: self._version_of(recorded))

    def _stands(self, capture: Capture) -> bool:
        """Whether a record is in the database as it was made."""
        return bool(self._value("SELECT hash FROM captures WHERE id = ?", [capture.id]) == capture.hash)

    def _reads_back(self, capture: Capture, content: Content) -> bool:
        """Whether the version a look brought says in the database what the look said."""
        return text_of(self._db, capture.article or "", capture.version or 0) == encode(content)

    def _version_of(self, capture: Capture) -> Version | None:
        return self.version(capture.article, capture.version) if capture.article and capture.version else None

    def _before(self, look: Look) -> Row:
        """What a look meets: its article's newest capture, address and version, and whether anything ever happened to it."""
        return self._rows(_BEFORE, {"article": look.article.id if look.article else None})[0]

    def _recorded_already(self, look: Look, newest: Row) -> Capture | None:
        """The article's newest capture, if it is of this very look: same clocks, same address, same bytes."""
        if newest["id"] is None or not look.monotonic or newest["started"] != text(look.started):
            return None
        found = (newest["answered"], newest["requested_url"], newest["body_sha256"])
        same = found == (text(look.answered), look.requested_url, _sha256(look.body))
        return (
            self.capture(newest["id"]) if same and self.record_of(newest["id"])["monotonic"] == look.monotonic else None
        )

    def _decide(self, look: Look, latest: int | None) -> tuple[Outcome, int | None]:
        """The outcome and the number of the version shown; ``latest`` is the number of the version that stands last."""
        if look.same_as is not None:
            if look.same_as.version != latest:
                raise ValueError(f"capture {look.same_as.capture} does not show the latest version")
            return Outcome.UNCHANGED, latest
        if look.outcome is Outcome.NOT_MODIFIED:
            return look.outcome, latest
        if look.outcome is not None or look.content is None:
            return look.outcome or Outcome.EXTRACT_FAILED, None
        if latest is None or look.article is None:
            return Outcome.NEW, 1
        outcome = self._against(look.article.id, latest, look.content, look.fingerprint)
        return outcome, latest if outcome is Outcome.UNCHANGED else self._next_number(look.article.id)

    def _note_presence(self, look: Look, outcome: Outcome, capture: int) -> Event | None:
        article = look.article.id if look.article else ""
        said, at = self.presence(article), look.answered or look.started
        last = Word(kind=said.kind, at=said.at) if said else None
        kind = presence_after(last, outcome, at)
        if kind is None:
            return None
        facts = presence_facts(last, kind, look.status)
        return self.event(self.note_event(kind, article=article, capture=capture, at=at, **facts))

    def _believed(self, look: Look) -> Look:
        """A doubt that lasts is believed: looks over ``BELIEVED_AFTER`` that agree on it, and none that showed the old text."""
        if not look.doubt or look.content is None or look.article is None:
            return look
        agreeing: list[datetime] = []
        for capture in self.captures(look.article.id, limit=_FAR_BACK):
            if capture.outcome.seen:
                break
            if self.record_of(capture.id).get("doubt") == look.doubt:
                agreeing.append(capture.answered or capture.started)
        at = look.answered or look.started
        if len(agreeing) + 1 < BELIEVED_LOOKS or at - agreeing[-1] < BELIEVED_AFTER:
            return look
        reason = f"believed after {len(agreeing) + 1} looks since {agreeing[-1]:%Y-%m-%d %H:%M} UTC that agree; at first {look.reason}"
        return replace(look, outcome=None, reason=reason)

    def _barred(self, look: Look) -> Look:
        """Of an article that was taken down, nothing but the fact of the look is kept."""
        removal = self.barred(look.article.id) if look.article else None
        if removal is None:
            return look
        reason = f"taken down on {removal.at:%Y-%m-%d} ({removal.reason}); nothing is kept of it"
        return replace(
            look,
            outcome=Outcome.SET_ASIDE,
            reason=reason,
            content=None,
            body=None,
            doubt=None,
            region=None,
            same_as=None,
        )

    def disagreements(self, reason: str) -> int:
        """How often a page was read as a control and said something else than its region had."""
        return int(self._value("SELECT COUNT(*) FROM captures WHERE outcome = 'changed' AND reason = ?", [reason]))

    def _insert_capture(self, look: Look, outcome: Outcome, number: int | None, run: int | None) -> Capture:
        says = _record(look, outcome, number)
        record = canonical(says).decode()
        last = self._row("SELECT id, hash FROM captures ORDER BY id DESC LIMIT 1")
        capture = int(last["id"]) + 1 if last else 1
        link = chain(last["hash"] if last else GENESIS, record)
        row = {
            "id": capture,
            "article": look.article.id if look.article else None,
            "run": run,
            "requested_url": look.requested_url,
            "final_url": look.final_url,
            "started": says["started"],
            "answered": says["answered"],
            "status": look.status,
            "outcome": outcome.value,
            "reason": look.reason,
            "version": number,
            "body_sha256": says["body_sha256"],
            "modified": says["modified"],
            "record": record,
            "hash": link,
            "origin": look.origin.value,
        }
        self._insert("captures", row)
        return _capture(row)

    def _insert_version(self, look: Look, number: int, capture: int) -> None:
        if look.content is None or look.article is None:
            raise ValueError("a version needs an article and its content")
        row = {
            "article": look.article.id,
            "number": number,
            "origin": look.origin.value,
            "digest": digest(look.content),
            "capture": capture,
            **packed_version(self._db, look.article.id, number, encode(look.content), look.fingerprint),
        }
        self._insert("versions", row)
        if number == 1 or look.origin is not Origin.ARCHIVE:  # what archives saw earlier is not the newest text
            self._index(look.article.id, look.content)

    def _index(self, article: str, content: Content) -> None:
        """The full-text index holds one text of each article; what earlier ones said beside it stands in the words of changes."""
        self._db.execute("DELETE FROM texts WHERE rowid IN (SELECT id FROM versions WHERE article = ?)", [article])
        sql = "INSERT INTO texts(rowid, headline, text) SELECT MAX(id), ?, ? FROM versions WHERE article = ?"
        self._db.execute(sql, [content.headline or "", plain_text(content), article])

    def capture(self, id: int) -> Capture | None:
        """One capture."""
        row = self._row("SELECT * FROM captures WHERE id = ?", [id])
        return _capture(row) if row else None

    def captures(self, article: str | None = None, limit: int | None = None) -> list[Capture]:
        """The looks at an article (or all), newest first."""
        where, values = ("WHERE article = ?", [article]) if article else ("", [])
        rows = self._rows(
            f"SELECT * FROM captures {where} ORDER BY id DESC LIMIT ?", [*values, -1 if limit is None else limit]
        )
        return [_capture(row) for row in rows]

    def record_of(self, id: int) -> dict[str, Any]:
        """Everything known about a look, as it was hashed."""
        return dict(json.loads(self._value("SELECT record FROM captures WHERE id = ?", [id]) or "{}"))

    def last_answered(self, article: str) -> datetime | None:
        """When the article's page last answered, whatever it said."""
        return instant(self._value("SELECT MAX(answered) FROM captures WHERE article = ?", [article]))


_SAME = frozenset({Outcome.UNCHANGED, Outcome.NOT_MODIFIED})


def _record(look: Look, outcome: Outcome, number: int | None) -> dict[str, Any]:
    content = look.content
    return {
        "requested_url": look.requested_url,
        "article": look.article.id if look.article else None,
        "final_url": look.final_url,
        "redirects": look.redirects,
        "redirect_statuses": look.redirect_statuses,
        "request_headers": look.request_headers,
        "started": text(look.started),
        "answered": text(look.answered),
        "recorded": text(now()),
        "monotonic": look.monotonic,
        "elapsed": look.elapsed,
        "protocol": look.protocol,
        "status": look.status,
        "headers": look.headers,
        "normalised": look.normalised,
        "server_date": next((value for name, value in look.headers if name.lower() == "date"), None),
        "body_sha256": _sha256(look.body),
        "body_length": len(look.body) if look.body is not None else None,
        "decoded_sha256": look.decoded_sha256,
        "decoded_length": look.decoded_length,
        "charset": look.charset,
        "charset_source": look.charset_source,
        "ip": look.ip,
        "tls": look.tls,
        "certificate_sha256": look.certificate_sha256,
        "outcome": outcome.value,
        "reason": look.reason,
        "version": number,
        "content_digest": digest(content) if content else None,
        # dates, links and pictures are not compared, but they are evidence too
        "content_sha256": _sha256(encode(content).encode()) if content else None,
        "published": content.published if content else None,
        "modified": _modified(look),
        # a look that shows the region of an earlier one again: the text was not read anew but taken as that one's
        "region": look.region,
        "same_as": look.same_as.capture if look.same_as else None,
        "relied": look.same_as.relied + 1 if look.same_as else 0,
        "fingerprint": look.fingerprint,
        "software": look.software,
        "doubt": look.doubt,
        "origin": look.origin.value,
        "provenance": asdict(look.provenance) if look.provenance else None,
    }


def _modified(look: Look) -> str | None:
    if look.same_as is not None:
        return look.same_as.modified
    return look.content.modified if look.content else None


def chain(previous: str, record: str) -> str:
    """The hash of a capture: SHA-256 over the hash of the one before and its own canonical record."""
    return hashlib.sha256(previous.encode() + record.encode()).hexdigest()


def _sha256(body: bytes | None) -> str | None:
    return hashlib.sha256(body).hexdigest() if body is not None else None


def _capture(row: Row) -> Capture:
    return Capture(
        id=row["id"],
        article=row["article"],
        run=row["run"],
        requested_url=row["requested_url"],
        final_url=row["final_url"],
        started=datetime.fromisoformat(row["started"]),
        answered=instant(row["answered"]),
        status=row["status"],
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        version=row["version"],
        body_sha256=row["body_sha256"],
        headers=tuple(headers_of(row["record"])),
        hash=row["hash"],
    )

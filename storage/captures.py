"""Captures: one row a look, chained by hash; versions come into being here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

import msgspec
from msgspec.structs import replace

from storage.articles import Articles
from storage.base import Row, as_written, instant, text
from storage.chain import GENESIS, Chain
from storage.content import as_json, canonical, digest, encode
from storage.errors import StoreError
from storage.lastlooks import LastLooks, headers_of
from storage.presence import Word, presence_after, presence_facts
from storage.records import article_of, chain, record_from, sha256
from storage.removing import Removing
from storage.texts import packed_version, text_of
from storage.types import Capture, Content, Event, Look, Origin, Outcome, Version
from storage.versions import CURRENT

BELIEVED_AFTER = timedelta(hours=10)  # of looks that agree; stale edge copies and faults of a site seldom last so long
BELIEVED_LOOKS = 3
_FAR_BACK = 200  # looks

_BEFORE = f"""
SELECT met.value AS article, n.id, n.started, n.answered, n.requested_url, n.body_sha256,
    ({CURRENT.replace(":article", "met.value")}) AS current,
    (SELECT url FROM article_urls WHERE article = met.value ORDER BY id DESC LIMIT 1) AS url,
    EXISTS (SELECT 1 FROM events WHERE article = met.value) AS eventful
FROM json_each(?) met LEFT JOIN captures n ON n.id = (SELECT MAX(id) FROM captures WHERE article IS met.value)
"""

# what came before a look: of our own in the order they were made, whatever a clock did; before one of an archive whatever is earlier
_BEFORE_IT = "SELECT outcome, COALESCE(answered, started) AS at, record ->> '$.doubt' AS doubt FROM captures WHERE article = :article"
_OWN = f"{_BEFORE_IT} AND origin = 'crawl' ORDER BY id DESC LIMIT :most"
_EARLIER = f"{_BEFORE_IT} AND answered < :at ORDER BY answered DESC, id DESC LIMIT :most"


class Recorded(msgspec.Struct, frozen=True, kw_only=True, dict=True):
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
        return self.record_all([look], run=run, keep_body=keep_body)[0]

    def record_all(self, looks: Sequence[Look], *, run: int | None = None, keep_body: bool = False) -> list[Recorded]:
        """Record looks in this order as ``record`` does, all of them or none: what many share is asked once."""
        recorded: list[Recorded] = []
        with self._write():
            met = self._before(looks)
            end = self._end()
            for look in looks:
                # taken out: a second look at an article meets the first
                before = met.pop(article_of(look), None) or self._before([look])[article_of(look)]
                end = self._record(look, before, end, run, keep_body, recorded)
        self._read_back(looks, recorded)
        return recorded

    def _end(self) -> Row:
        """The newest capture's number and hash."""
        return self._row("SELECT id, hash FROM captures ORDER BY id DESC LIMIT 1") or {"id": 0, "hash": GENESIS}

    def _record(
        self, look: Look, before: Row, end: Row, run: int | None, keep_body: bool, recorded: list[Recorded]
    ) -> Row:
        """Record one look behind the capture ``end``; the end of the chain after it."""
        if (known := self._recorded_already(look, before)) is not None:
            recorded.append(Recorded(capture=known, created=False, shown=partial(self._version_of, known)))
            return end
        look = self._believed(self._barred(look) if before["eventful"] else look)
        if look.article and look.article.url != before["url"]:
            self.add_article(look.article)
        latest: int | None = before["current"]
        outcome, number = self._decide(look, latest)
        created = number is not None and outcome in (Outcome.NEW, Outcome.CHANGED)
        if look.body is not None and (created or keep_body or self.keep_all or outcome not in _SAME):
            self._keep(look.body)
        capture = self._insert_capture(look, outcome, number, run, end)
        if created:
            self._insert_version(look, number or 1, capture.id)
        if look.article and number and look.content:
            self.set_url(look.article.id, look.article.url, shown=True)
        telling = latest and (before["eventful"] or outcome is Outcome.GONE)
        event = self._note_presence(look, outcome, capture.id) if telling else None
        shown = partial(self._version_of, capture)
        recorded.append(Recorded(capture=capture, created=created, event=event, shown=shown))
        return {"id": capture.id, "hash": capture.hash}

    def _read_back(self, looks: Sequence[Look], recorded: Sequence[Recorded]) -> None:
        """Raises StoreError unless all of it is in the database as it was made."""
        ids = [each.capture.id for each in recorded]
        rows = self._rows("SELECT id, hash FROM captures WHERE id IN (SELECT value FROM json_each(?))", [encode(ids)])
        hashes = {row["id"]: row["hash"] for row in rows}
        for look, each in zip(looks, recorded, strict=True):
            if hashes.get(each.capture.id) != each.capture.hash:
                raise StoreError(f"{self.path}: the record of {look.requested_url} could not be read back")
            if each.created and look.content and not self._reads_back(each.capture, look.content):
                raise StoreError(f"{self.path}: the version of {look.requested_url} could not be read back")

    def _reads_back(self, capture: Capture, content: Content) -> bool:
        """Whether the version a look brought says in the database what the look said."""
        return text_of(self._db, capture.article or "", capture.version or 0) == as_json(content)

    def _version_of(self, capture: Capture) -> Version | None:
        return self.version(capture.article, capture.version) if capture.article and capture.version else None

    def _before(self, looks: Iterable[Look]) -> dict[str | None, Row]:
        """By article, what a look meets: the newest capture, address and version, and whether anything ever happened to it."""
        rows = self._rows(_BEFORE, [encode([article_of(look) for look in looks])])
        return {row["article"]: row for row in rows}

    def _recorded_already(self, look: Look, newest: Row) -> Capture | None:
        """The article's newest capture, if it is of this very look: same clocks, same address, same bytes."""
        if newest["id"] is None or not look.monotonic or newest["started"] != text(look.started):
            return None
        found = (newest["answered"], newest["requested_url"], newest["body_sha256"])
        same = found == (text(look.answered), look.requested_url, sha256(look.body))
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
        at = look.answered or look.started
        before = _EARLIER if look.origin is Origin.ARCHIVE else _OWN
        for row in self._rows(before, {"article": look.article.id, "at": text(at), "most": _FAR_BACK}):
            if Outcome(row["outcome"]).seen:
                break
            seen = datetime.fromisoformat(row["at"])
            if row["doubt"] == look.doubt and seen <= at:  # not those of a clock that was set back since
                agreeing.append(seen)
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

    def _insert_capture(self, look: Look, outcome: Outcome, number: int | None, run: int | None, end: Row) -> Capture:
        says = record_from(look, outcome, number)
        record = canonical(says).decode()
        link = chain(end["hash"], record)
        row = {
            "id": int(end["id"]) + 1,
            "article": article_of(look),
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
            **packed_version(self._db, look.article.id, number, as_json(look.content), look.fingerprint),
        }
        self._insert("versions", row)

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


@as_written("capture", "id")
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

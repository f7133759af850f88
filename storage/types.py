"""The vocabulary of the project: plain, frozen data, all times UTC-aware.

Nothing here does I/O or knows a library of the other packages; every package imports these names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

import msgspec


class Outcome(StrEnum):
    """How a look at a page ended. Page trouble is data, not an exception."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not-modified"
    MOVED = "moved"
    GONE = "gone"
    SET_ASIDE = "set-aside"
    FETCH_FAILED = "fetch-failed"
    EXTRACT_FAILED = "extract-failed"

    @property
    def seen(self) -> bool:
        """Whether the look showed the article's text (or the server's word that it is the same)."""
        return self in _SEEN


_SEEN = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED})


class Origin(StrEnum):
    """Where a version's text comes from."""

    SEED = "seed"
    CRAWL = "crawl"
    ARCHIVE = "archive"


class Form(StrEnum):
    """What a content was read from, and so what it can carry.

    A text copy has no markup: invisible characters (no-break spaces, soft hyphens), block kinds
    and the split between author and place are guesses there, and guesses never make a difference.
    """

    PAGE = "page"
    TEXT = "text"


class BlockKind(StrEnum):
    """What a paragraph-like piece is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list-item"
    QUOTE = "quote"
    TABLE_ROW = "table-row"
    POST = "post"
    CAPTION = "caption"
    CREDIT = "credit"
    NOTE = "note"


class Field(StrEnum):
    """The parts of an article in which a difference is a Change, in reading order."""

    HEADLINE = "headline"
    KICKER = "kicker"
    TEASER = "teaser"
    BYLINE = "byline"
    BODY = "body"
    CAPTION = "caption"
    NOTE = "note"


_FIELDS = {BlockKind.CAPTION: Field.CAPTION, BlockKind.CREDIT: Field.CAPTION, BlockKind.NOTE: Field.NOTE}


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One paragraph-like piece of an article.

    ``text`` is plain text as published: runs of ordinary white space are one space, ends trimmed,
    no-break spaces and soft hyphens kept. ``links`` (targets, in order) and ``image`` (identity of
    the picture a caption or credit belongs to) are metadata and ``None`` where the source cannot
    carry them. ``level`` is the heading level (2 or 3), else 0.
    """

    kind: BlockKind
    text: str
    level: int = 0
    links: tuple[str, ...] | None = None
    image: str | None = None

    @property
    def field(self) -> Field:
        """The field a difference in this block is reported under."""
        return _FIELDS.get(self.kind, Field.BODY)


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What an article says, as the extractor found it.

    ``None`` means the source cannot carry the field (absent); ``""`` and ``()`` mean it is carried
    and empty. Absence is never a difference. ``published`` and ``modified`` are the outlet's own
    statements in ISO 8601: a UTC instant (``2025-02-24T13:05:00Z``) or, where only a day is given,
    a date (``2025-02-24``). ``blocks`` holds body, captions, credits and notes in page order.
    ``language`` is a BCP 47 code (``de``, ``zh``), ``layout`` names the page family read
    (``dw-2026``, ``dw-2023``, ``dw-classic``, ``generic``, ``copy``).
    """

    headline: str | None
    kicker: str | None = None
    teaser: str | None = None
    authors: tuple[str, ...] | None = None
    place: str | None = None
    published: str | None = None
    modified: str | None = None
    language: str = ""
    blocks: tuple[Block, ...] = ()
    form: Form = Form.PAGE
    layout: str = ""
    canonical_url: str | None = None
    topics: tuple[str, ...] | None = None


class EditOp(StrEnum):
    """A block's fate between two versions."""

    KEEP = "keep"
    EDIT = "edit"
    MOVE = "move"
    ADD = "add"
    DROP = "drop"
    SPLIT = "split"
    MERGE = "merge"


class SpanOp(StrEnum):
    """A run of text's fate inside a block."""

    KEEP = "keep"
    ADD = "add"
    DROP = "drop"


class Weight(IntEnum):
    """How much a difference matters to someone who relies on the article."""

    COSMETIC = 1
    EDITORIAL = 2
    SUBSTANTIVE = 3

    @property
    def label(self) -> str:
        """The name used in JSON and on the command line."""
        return self.name.lower()


class Disclosure(StrEnum):
    """Whether the outlet said that it changed the article."""

    NOTED = "noted"
    SILENT = "silent"
    NOT_NEEDED = "not-needed"


# why a disclosure was judged so
REASONS = (
    "note_accounts_for_all",  # every substantive edit has words that the note mentions
    "note_accounts_for_part",
    "note_names_none",  # there is a note, but it mentions none of what changed
    "note_is_general",  # an update note that says that, not what
    "note_only",  # nothing else changed
    "note_added",  # in older records: a note, not yet compared with the edits
    "no_note_time_moved",
    "no_note_time_not_moved",
    "no_note_time_unknown",
    "cosmetic_only",
    "spelling_only",
)


class Kind(StrEnum):
    """What an edit is about, by its observable form."""

    TYPOGRAPHY = "typography"
    SPELLING = "spelling"
    WORDING = "wording"
    MOVED = "moved"
    STRUCTURE = "structure"
    NUMBER = "number"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    DATE = "date"
    TIME = "time"
    NAME = "name"
    PLACE = "place"
    QUOTATION = "quotation"
    ATTRIBUTION = "attribution"
    HEDGING = "hedging"
    NEGATION = "negation"
    HEADLINE = "headline"
    KICKER = "kicker"
    TEASER = "teaser"
    BYLINE = "byline"
    CAPTION = "caption"
    IMAGE = "image"
    LINK = "link"
    SOURCE = "source"
    PARAGRAPH_ADDED = "paragraph-added"
    PARAGRAPH_DROPPED = "paragraph-dropped"
    SENTENCE_ADDED = "sentence-added"
    SENTENCE_DROPPED = "sentence-dropped"
    CORRECTION_NOTE = "correction-note"
    UPDATE_NOTE = "update-note"
    NOTE_REMOVED = "note-removed"
    CREDIT_NOTE = "credit-note"
    REVERT = "revert"
    FLAPPING = "flapping"


class Span(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A run of text inside an edit. ``link`` pairs the two ends of a sentence that moved."""

    op: SpanOp
    text: str
    link: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One rule that fired on an edit: its kind, its weight and the words that made it fire.

    ``old`` and ``new`` are the pieces of text the rule saw ("" where there is none); ``reason`` is the key of
    the sentence that says why it fired (``reports.reasons``), "" for changes recorded before there were reasons.
    """

    kind: Kind
    weight: Weight
    old: str = ""
    new: str = ""
    reason: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The fate of one block (or of the blocks a split or merge joins).

    ``old``/``new`` are the full texts, ``None`` where the side has none; the parts of a split or
    merge are joined with a newline. Joining keep and drop spans gives ``old`` (or ""), keep and add spans
    ``new`` (or ""), byte for byte. ``old_at``/``new_at`` are indexes into ``Content.blocks`` (empty
    for headline, kicker, teaser and byline). A moved block that was also edited is a MOVE whose spans differ.
    ``findings`` are empty until the edit has been ranked.
    """

    op: EditOp
    field: Field
    old: str | None
    new: str | None
    spans: tuple[Span, ...]
    block: BlockKind | None = None
    old_at: tuple[int, ...] = ()
    new_at: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """The most telling kind: that of the heaviest finding, the first one among equals."""
        best = max(self.findings, key=lambda finding: finding.weight, default=None)
        return best.kind if best else None

    @property
    def weight(self) -> Weight | None:
        """The heaviest finding's weight; ``None`` for a kept or unranked block."""
        return max((finding.weight for finding in self.findings), default=None)


class MetadataChange(msgspec.Struct, frozen=True, kw_only=True):
    """A difference around the text (declared date, link target, picture): recorded, never a Change alone."""

    name: str
    old: str | None
    new: str | None


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """All that differs between two contents, as data: every block of both sides exactly once, in reading order."""

    edits: tuple[Edit, ...]
    metadata: tuple[MetadataChange, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any text differs."""
        return any(edit.op is not EditOp.KEEP for edit in self.edits)


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What a diff amounts to: the ranked diff, its kinds, weight and disclosure with the reason as a message key.

    ``unaccounted`` are indexes into ``diff.edits``: substantive edits that no note accounts for.
    """

    diff: Diff
    kinds: tuple[Kind, ...]
    weight: Weight
    disclosure: Disclosure
    reason: str
    note: str | None = None
    modified_moved: bool = False
    unaccounted: tuple[int, ...] = ()


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A story we follow, whatever it says today; its identity is the outlet's number, not its URL."""

    id: str
    outlet: str
    url: str
    language: str
    headline: str | None = None
    first_seen: datetime | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The region that an article's newest readable look showed, and the capture whose text was read from it.

    ``relied`` counts the looks since that were told by the region alone; ``modified`` is what that page declared.
    """

    capture: int
    version: int
    region: str
    relied: int = 0
    modified: str | None = None


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where in whose archive file a look was found: the file's name and SHA-256, the record's place, own name and date as written."""

    file: str
    sha256: str
    offset: int
    record_id: str
    date: str


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one request for an article brought, before anything is stored: transport facts, verdict and text.

    ``body`` is the body as served, still coded. ``region`` is a digest of the part of the page that the text is read from;
    ``same_as`` is what an earlier look showed when this one shows the same region again: then the text is not read anew. ``outcome`` is set when the look ended without a readable
    article (GONE, SET_ASIDE, FETCH_FAILED, EXTRACT_FAILED, NOT_MODIFIED, MOVED). Else it is ``None``, ``content``
    is there, and the store decides between NEW, CHANGED and UNCHANGED. ``elapsed`` are seconds from request to answer on the
    monotonic clock; ``normalised`` says in words what the HTTP stack changed before the look was recorded. ``doubt`` names
    why a page that could be read was set aside all the same; its ``content`` is there too, for a doubt that lasts is believed.
    """

    requested_url: str
    article: Article | None
    started: datetime
    answered: datetime | None
    monotonic: float = 0.0
    elapsed: float | None = None
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    redirect_statuses: tuple[int | str, ...] = ()
    request_headers: tuple[tuple[str, str], ...] = ()
    protocol: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    normalised: str | None = None
    body: bytes | None = None
    charset: str | None = None
    charset_source: str | None = None
    decoded_sha256: str | None = None
    decoded_length: int | None = None
    ip: str | None = None
    tls: str | None = None
    certificate_sha256: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    content: Content | None = None
    fingerprint: str = ""
    region: str | None = None
    same_as: Shown | None = None
    software: str = ""
    doubt: str | None = None
    origin: Origin = Origin.CRAWL
    provenance: Provenance | None = None


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One look as recorded: the evidence. ``version`` is the number of the version it showed, if any."""

    id: int
    article: str | None
    run: int | None
    requested_url: str
    final_url: str | None
    started: datetime
    answered: datetime | None
    status: int | None
    outcome: Outcome
    reason: str | None
    version: int | None
    body_sha256: str | None
    headers: tuple[tuple[str, str], ...] = ()
    hash: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An article's content as it stood between two moments. The seed is number 0."""

    article: str
    number: int
    origin: Origin
    content: Content
    fingerprint: str
    first_seen: datetime | None
    last_seen: datetime | None
    capture: int | None = None
    body_sha256: str | None = None
    removed: Removal | None = None


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """Content that was taken away: when and why. Digests, times and numbers stay."""

    at: datetime
    reason: str


class EventKind(StrEnum):
    """What can happen to an article beside an edit."""

    MISSING = "missing-once"
    GONE = "gone"
    BACK = "back"
    ADDRESS = "address"
    REBASELINED = "rebaselined"
    NOT_READ_AGAIN = "not-read-again"
    RECOMPUTED = "recomputed"
    TAKEN_DOWN = "taken-down"
    PURGED = "purged"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to an article beside an edit; ``capture`` is the look that told, ``facts`` plain values."""

    id: int
    article: str | None
    kind: EventKind
    at: datetime
    capture: int | None = None
    facts: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Baseline(StrEnum):
    """What a version was compared with."""

    SEED = "seed"
    PREVIOUS = "previous"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded difference between two versions.

    The edit happened after ``observed_after`` (the last look that showed the older text; ``None`` if
    not known) and not later than ``observed_by`` (the first look that showed the newer one). ``episode`` is the
    change that already told of the same flapping; ``withdrawn`` says when a later reading found no difference.
    """

    id: int
    article: str
    baseline: Baseline
    from_version: int
    to_version: int
    observed_after: datetime | None
    observed_by: datetime | None
    assessment: Assessment
    summary: str = ""
    url: str = ""
    language: str = ""
    headline: str = ""
    episode: int | None = None
    withdrawn: datetime | None = None


class Verdict(StrEnum):
    """What an editor says of a change; OPEN takes an earlier mark back."""

    OPEN = "open"
    REVIEWED = "reviewed"
    CONFIRMED = "confirmed"
    EXPLAINED = "explained"


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """An editor's mark on a change: kept beside the evidence, never in it. The newest mark counts."""

    change: int
    verdict: Verdict
    who: str
    at: datetime
    note: str = ""


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline brought by the user: one saved copy of an article."""

    number: int
    name: str
    sha256: str
    outlet: str
    language: str
    content: Content
    url: str | None = None
    article: str | None = None
    taken_at: datetime | None = None


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch in which an article was due but not seen. A gap is never "no change"."""

    article: str
    since: datetime
    until: datetime | None
    reason: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a job with counts by outcome."""

    id: int
    job: str
    started: datetime
    finished: datetime | None = None
    counts: dict[str, int] = msgspec.field(default_factory=dict)

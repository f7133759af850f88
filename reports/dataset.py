"""The records as a data set for research: CSV and JSON lines, a data dictionary, the coverage, and how to cite it.

One description of the tables makes the dictionary and the documentation, and is tested against the columns there are. The same
records give the same bytes. Texts of articles are not part of it; their digests are.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import Store
from storage.errors import UserError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the data set: the SQL view it is, what a row is, and what each column means."""

    name: str
    row: str
    columns: Mapping[str, str]

    @property
    def view(self) -> str:
        """The view in the database."""
        return f"data_{self.name}"


_ARTICLE = "the article: a-NUMBER for DW, the canonical URL elsewhere"
_MOMENT = "ISO 8601, UTC"
TABLES = (
    Table(
        name="articles",
        row="an article that is known",
        columns={
            "article": _ARTICLE,
            "outlet": "dw, or the host",
            "language": "the edition, as in the address",
            "url": "the address last heard of",
            "headline": "of the version recorded last",
            "published": "publication time as the outlet declares it there; empty when it does not",
            "known_since": f"when it was first heard of; {_MOMENT}",
            "versions": "versions seen",
            "changes": "changes between consecutive versions",
            "has_seed": "1 when a saved copy is linked to it as a baseline",
        },
    ),
    Table(
        name="versions",
        row="a text that stood between two moments",
        columns={
            "article": _ARTICLE,
            "version": "number, from 1, in the order of recording; what archives saw earlier is recorded later",
            "origin": "crawl, or archive for looks that others made",
            "first_seen": f"first look that showed it; {_MOMENT}",
            "last_seen": f"last look that showed it; {_MOMENT}",
            "looks": "looks that showed it",
            "headline": "its headline",
            "published": "publication time it declares",
            "modified": "modification time it declares",
            "blocks": "paragraphs, headings, quotes, captions and so on in it",
            "text_sha256": "SHA-256 over the compared texts",
            "page_sha256": "SHA-256 of the page as served",
            "extractor": "fingerprint of what read the page",
        },
    ),
    Table(
        name="changes",
        row="a recorded difference between two versions; the edit lies between observed_after and observed_by, "
        "unless the former is later: a copy saved after the version was first seen says nothing of when",
        columns={
            "change": "its number",
            "article": _ARTICLE,
            "outlet": "dw, or the host",
            "language": "the edition",
            "headline": "of the newer version",
            "baseline": "previous: the version before; seed: a saved copy",
            "from_version": "the older version; 0 is the saved copy",
            "to_version": "the newer version",
            "observed_after": f"last look that showed the older text; empty when not known; {_MOMENT}",
            "observed_by": f"first look that showed the newer text; {_MOMENT}",
            "weight": "cosmetic, editorial or substantive",
            "kinds": "what was changed, by observable form, separated by spaces",
            "disclosure": "noted: a note was found; silent: none was; not-needed: typography and spelling only",
            "summary": "one sentence, in English",
            "episode": "the change with which a flapping between two texts began; empty for all others",
            "verdict": "an editor's newest mark: reviewed, confirmed, explained or open; empty without one",
            "verdict_note": "the editor's note",
            "differ": "fingerprint of what compared",
        },
    ),
    Table(
        name="gaps",
        row="a stretch in which an article was due and not seen; never to be read as no change",
        columns={
            "article": _ARTICLE,
            "outlet": "dw, or the host",
            "language": "the edition",
            "since": f"when it was due; {_MOMENT}",
            "until": f"when it was seen again; {_MOMENT}",
            "seconds": "its length",
            "reason": "why",
        },
    ),
    Table(
        name="captures",
        row="the looks at an article on one day that ended alike",
        columns={
            "article": _ARTICLE,
            "day": "ISO 8601, UTC",
            "outcome": "new, changed, unchanged, not-modified, moved, gone, set-aside, fetch-failed or extract-failed",
            "looks": "how many",
        },
    ),
    Table(
        name="coverage",
        row="how closely an article was watched",
        columns={
            "article": _ARTICLE,
            "outlet": "dw, or the host",
            "language": "the edition",
            "first_look": f"first answered look; {_MOMENT}",
            "last_look": f"last answered look; {_MOMENT}",
            "looks": "all looks",
            "seen": "looks that showed the text",
            "set_aside": "looks whose page could not be trusted to be the article, whole",
            "failed": "looks without a readable answer",
            "gaps": "stretches in which it was due and not seen",
            "gap_seconds": "their length together",
        },
    ),
    Table(
        name="plan",
        row="how the plan was kept at an outlet on one day",
        columns={
            "outlet": "dw, or the host",
            "day": "ISO 8601, UTC",
            "seen": "planned looks that showed the text",
            "late": "of these, more than 15 minutes after they were due, and not because others were worth more of the budget",
            "not_seen": "planned looks that failed or were set aside",
            "kept": "share of the planned looks that showed the text in time",
            "expected_missed": "edits expected, by the learned rates, to have been replaced by others before anybody looked",
        },
    ),
)


def export(store: Store, folder: Path, version: str) -> dict[str, int]:
    """Write the data set into a new folder, whole or not at all. Returns the rows of each table. Raises UserError if it exists."""
    if folder.exists():
        raise UserError(f"{folder} exists already; it was left as it is. Name a new folder")
    part = folder.with_name(f".{folder.name}.part-{os.getpid()}")
    try:
        part.mkdir(parents=True)
        with store.of_one_moment(long=True):
            counts = {table.name: _write_table(part, table, store) for table in TABLES}
            _write(part / "README.md", readme(store, counts))
            _write(part / "CITATION.cff", citation(store, version))
        _write(part / "dictionary.csv", _as_csv(("table", "column", "meaning"), _dictionary()))
        sums = (f"{_sha256(path)}  {path.name}\n" for path in sorted(part.iterdir()))
        _write(part / "SHA256SUMS", "".join(sums))
        part.rename(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror}); nothing was left there") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return counts


def guarded(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def readme(store: Store, counts: Mapping[str, int]) -> str:
    """What the data set holds, how complete it is, and what it is no proof of."""
    first, last = store.period()
    lines = [
        "# Changes of news articles after publication",
        "",
        f"Looks from {first or '-'} to {last or '-'} (UTC). Recorded by Zäsur.",
        "",
        "| table | rows | a row is |",
        "|---|---|---|",
        *(f"| {table.name} | {counts[table.name]} | {table.row} |" for table in TABLES),
        "",
        "Each table is there as CSV (RFC 4180, UTF-8; text that a spreadsheet would take for a formula has an apostrophe before it)",
        "and as JSON lines (values as recorded). `dictionary.csv` says what each column means. `SHA256SUMS` holds the digests.",
        "",
        "## Coverage",
        "",
        *_coverage(store),
        "",
        "An edit is seen when a look shows another text than the look before; edits between two looks count as one, and an edit taken back",
        "between two looks is not seen. A gap is a stretch in which an article was due and not seen; it is never to be read as no change.",
        "What is recorded is what the outlet's server sent to one machine at the stated times.",
        "",
        "## Citing",
        "",
        "`CITATION.cff` names the data set; give the period above and the digest of `SHA256SUMS` with it.",
        "",
    ]
    return "\n".join(lines)


def _coverage(store: Store) -> Iterable[str]:
    rows = store.plan_kept()
    if not rows:
        return ["No look was planned: the looks were made by hand, and nothing can be said of their completeness."]
    table = ["| outlet | planned looks | in time | edits expected to be missed |", "|---|---|---|---|"]
    return table + [f"| {r['outlet']} | {r['looks']} | {r['kept']:.1%} | {r['expected_missed']} |" for r in rows]


def citation(store: Store, version: str) -> str:
    """The data set in the Citation File Format."""
    first, last = store.period()
    title = f"Changes of news articles after publication, {(first or '-')[:10]} to {(last or '-')[:10]}"
    return (
        "cff-version: 1.2.0\n"
        "type: dataset\n"
        "message: If you use this data set, please cite it, with its period and coverage.\n"
        f"title: {json.dumps(title)}\n"
        "authors:\n  - name: The people who ran Zäsur\n"
        f"date-released: {json.dumps((last or '1970-01-01')[:10])}\n"
        f"keywords: [news, corrections, edits, {', '.join(sorted({a.outlet for a in store.articles()})) or 'none'}]\n"
        f"abstract: {json.dumps(f'Observed by Zäsur {version}; see README.md for what was covered.', ensure_ascii=False)}\n"
    )


def _dictionary() -> Iterable[tuple[str, str, str]]:
    for table in TABLES:
        yield table.name, "", table.row
        yield from ((table.name, column, meaning) for column, meaning in table.columns.items())


def _write_table(folder: Path, table: Table, store: Store) -> int:
    count = 0
    with (
        (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as sheet,
        (folder / f"{table.name}.jsonl").open("w", encoding="utf-8", newline="\n") as lines,
    ):
        writer = csv.writer(sheet, lineterminator="\r\n")
        writer.writerow(table.columns)
        for row in store.view(table.view):
            writer.writerow([guarded(row[column]) for column in table.columns])
            lines.write(json.dumps({column: row[column] for column in table.columns}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _as_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

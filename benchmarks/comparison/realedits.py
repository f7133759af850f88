"""Real edits of other outlets, where the sample data are at hand: a table of kinds, and a seeded sample to read by eye.

``python -m benchmarks.comparison.realedits --sample 60`` prints the sample; ``docs/reading-60-edits.md`` says what a reader found.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.diff import assess
from reports.diff.notes import is_correction, is_update
from reports.summary import summarise
from storage.types import Assessment, Block, BlockKind, Content, EditOp, SpanOp, Weight

NO_NOTE = "trajectory correction"  # an astronaut's: collected by that word, but a sentence of an article
_SEED = 20261123


@dataclass(frozen=True)
class Real:
    """One edit somebody made."""

    name: str
    old: Content
    new: Content


def folder() -> Path | None:
    """Where the sample data are, if they are."""
    named = os.environ.get("ZAESUR_TEST_DATA")
    return Path(named) / "edits" if named else None


def headlines(data: Path) -> Iterator[Real]:
    """Each step of each sequence of German front-page headlines."""
    for row in _lines(data / "headlines_de.jsonl"):
        for at, (before, after) in enumerate(zip(row["versions"], row["versions"][1:], strict=False)):
            old, new = (
                Content(headline=version["title"], teaser=version["teaser"] or None, language=row["lang"])
                for version in (before, after)
            )
            yield Real(f"{row['id']}/{at}", old, new)


def articles(data: Path) -> Iterator[Real]:
    """English articles before and after, paragraph by paragraph."""
    for row in _lines(data / "fulltext_en.jsonl"):
        old, new = (
            Content(
                headline=row[f"{side}_title"],
                language="en",
                blocks=tuple(
                    Block(kind=BlockKind.PARAGRAPH, text=text.strip())
                    for text in row[side].split("\n\n")
                    if text.strip()
                ),
            )
            for side in ("before", "after")
        )
        yield Real(row["id"], old, new)


def notes(data: Path) -> list[str]:
    """Correction and update notes."""
    return [entry["note"] for entry in json.loads((data / "correction_notes_en.json").read_text(encoding="utf-8"))]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def tabled(edits: Iterator[Real]) -> tuple[int, int, Counter[str], Counter[str]]:
    """How many pairs, how many differ, and the kinds and weights of all findings."""
    pairs = changed = 0
    kinds, weights = Counter[str](), Counter[str]()
    for real in edits:
        found = assess(real.old, real.new)
        pairs += 1
        changed += found.diff.changed
        kinds.update(kind.value for kind in found.kinds)
        if found.diff.changed:
            weights[found.weight.label] += 1
    return pairs, changed, kinds, weights


def report(data: Path) -> float:
    """Print the tables; gives the share of real notes recognised."""
    for name, edits in (("headlines_de", headlines(data)), ("fulltext_en", articles(data))):
        pairs, changed, kinds, weights = tabled(edits)
        shares = ", ".join(f"{weight.label} {weights[weight.label]}" for weight in reversed(Weight))
        print(f"  {name}: {pairs} pairs, {changed} differ in text: {shares}")
        print("    changes with a kind: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    told = [note for note in notes(data) if NO_NOTE not in note.lower()]
    return sum(is_correction(note) or is_update(note) for note in told) / len(told)


def sample(data: Path, count: int) -> list[tuple[Real, Assessment]]:
    """Seeded real edits that differ in text, half headlines and half articles of at most a dozen edits."""
    rng = random.Random(_SEED)
    out = []
    for edits in (list(headlines(data)), list(articles(data))):
        rng.shuffle(edits)
        some = ((real, assess(real.old, real.new)) for real in edits)
        few = (pair for pair in some if 0 < sum(edit.op is not EditOp.KEEP for edit in pair[1].diff.edits) <= 12)
        out += [pair for pair, _ in zip(few, range(count // 2), strict=False)]
    return out


def show(number: int, real: Real, found: Assessment) -> None:
    """One edit of the sample, short enough to read."""
    print(f"\n{number}. {real.name}  {found.weight.label}  {summarise(found)}")
    for edit in found.diff.edits:
        if edit.op is not EditOp.KEEP:
            marks = {SpanOp.KEEP: "{}", SpanOp.ADD: "{{+{}+}}", SpanOp.DROP: "[-{}-]"}
            texts = [(span.op, span.text) for span in edit.spans]
            short = [
                marks[op].format(text if op is not SpanOp.KEEP or len(text) < 90 else f"{text[:40]} … {text[-40:]}")
                for op, text in texts
            ]
            print(f"   {edit.op.value} {edit.field.value}: {''.join(short)[:700]}")
            for finding in edit.findings:
                print(
                    f"     · {finding.kind.value} {finding.weight.label}: {finding.old[:70]!r} → {finding.new[:70]!r} ({finding.reason})"
                )


def main() -> int:
    """The tables, or a sample to read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    count = parser.parse_args().sample
    data = folder()
    if data is None:
        print("skipped, ZAESUR_TEST_DATA is not set")
    elif count:
        for number, (real, found) in enumerate(sample(data, count), 1):
            show(number, real, found)
    else:
        print(f"  notes recognised: {report(data):.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Differences as a person would mark them, written by hand before the engine was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from reports.diff import diff
from storage.types import Block, BlockKind, Content, Edit, EditOp, Span, SpanOp

KINDS = {"* ": BlockKind.LIST_ITEM, "@ ": BlockKind.POST}


@dataclass(frozen=True)
class Case:
    title: str
    old: list[str]
    new: list[str]
    edits: list[str]


def cases() -> list[Case]:
    found = []
    for path in sorted((Path(__file__).parent / "golden").glob("*.txt")):
        for text in re.split(r"\n\n+", path.read_text(encoding="utf-8").strip()):
            title, old, new, edits = re.split(r"\n--- (?:old|new|edits)\n", text)
            found.append(Case(f"{path.stem}: {title}", *(read(part) for part in (old, new, edits))))
    return found


def read(text: str) -> list[str]:
    return [re.sub(r"\\u(\w{4})", lambda code: chr(int(code[1], 16)), line) for line in text.splitlines()]


def content(lines: list[str]) -> Content:
    blocks = [
        Block(kind=KINDS.get(line[:2], BlockKind.PARAGRAPH), text=line.removeprefix("* ").removeprefix("@ "))
        for line in lines
    ]
    return Content(headline="Überschrift", blocks=tuple(blocks))


def written(edit: Edit) -> str:
    return f"{edit.op}: {''.join(map(marked, edit.spans))}".replace("\n", "¶")


def marked(span: Span) -> str:
    link = span.link or ""
    return {
        SpanOp.KEEP: span.text,
        SpanOp.DROP: f"[{link}-{span.text}-{link}]",
        SpanOp.ADD: f"{{{link}+{span.text}+{link}}}",
    }[span.op]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_a_difference_is_marked_as_a_person_would(case: Case) -> None:
    found = diff(content(case.old), content(case.new))
    assert [written(edit) for edit in found.edits if edit.op is not EditOp.KEEP] == case.edits

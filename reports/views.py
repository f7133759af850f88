"""What a renderer needs of a change, free of any output format: rows in reading order, unchanged runs folded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.types import Assessment, Edit, EditOp, Span, SpanOp, Version

RTL = frozenset({"ar", "fa", "ur", "ps", "prs", "he"})
_CONTROLS = {
    "\u00ad": "-",
    "\u200b": "ZWSP",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u00a0": "NBSP",
    "\u202f": "NNBSP",
    "\ufeff": "BOM",
}
_EXCERPT = 60  # characters of unchanged text kept on each side of an edit


@dataclass(frozen=True, kw_only=True)
class Folded:
    """A run of unchanged blocks, folded away but not lost."""

    edits: tuple[Edit, ...]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.edits)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One edit to show; ``number`` counts the changes from 1."""

    number: int
    edit: Edit

    @property
    def anchor(self) -> str:
        """The fragment that names this row."""
        return f"change-{self.number}"


@dataclass(frozen=True, kw_only=True)
class MovedAway:
    """The place where a moved passage stood before; ``row`` is where it stands now."""

    row: Row


def rows(assessment: Assessment) -> list[Row | Folded | MovedAway]:
    """Every edit that is not a keep, headline and teaser first, with the unchanged runs between folded."""
    return list(_rows(assessment.diff.edits))


def _rows(edits: Sequence[Edit]) -> Iterator[Row | Folded | MovedAway]:
    changed = [edit for edit in edits if edit.op is not EditOp.KEEP]
    numbered = {id(edit): Row(number=number, edit=edit) for number, edit in enumerate(changed, start=1)}
    leaving = sorted((edit for edit in changed if edit.op is EditOp.MOVE and edit.old_at), key=lambda edit: edit.old_at)
    run: list[Edit] = []
    for edit in edits:
        while leaving and edit.op is not EditOp.MOVE and edit.old_at > leaving[0].old_at:
            yield from _folded(run)
            yield MovedAway(row=numbered[id(leaving.pop(0))])
        if edit.op is EditOp.KEEP:
            run += [edit] if edit.block is not None else []
        else:
            yield from _folded(run)
            yield numbered[id(edit)]
    yield from _folded(run)
    yield from (MovedAway(row=numbered[id(edit)]) for edit in leaving)


def _folded(run: list[Edit]) -> Iterator[Folded]:
    if run:
        yield Folded(edits=tuple(run))
        run.clear()


def heaviest(assessment: Assessment) -> Edit | None:
    """The edit that tells most: the heaviest, the first among equals; a headline before all of its weight."""
    edits = [edit for edit in assessment.diff.edits if edit.op is not EditOp.KEEP]
    return max(edits, key=lambda edit: edit.weight or 0, default=None)


def old_side(spans: Sequence[Span]) -> list[Span]:
    """What stood in the older text: kept and removed runs."""
    return [span for span in spans if span.op is not SpanOp.ADD]


def new_side(spans: Sequence[Span]) -> list[Span]:
    """What stands in the newer text: kept and added runs."""
    return [span for span in spans if span.op is not SpanOp.DROP]


def direction(language: str, text: str | None) -> str:
    """``rtl`` or ``ltr``: that of the language, or where it is not known of the text's first letter."""
    if language:
        return "rtl" if re.split("[-_]", language.lower())[0] in RTL else "ltr"
    strong = (unicodedata.bidirectional(character) for character in text or "")
    return "rtl" if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


def in_order(old: Version, new: Version) -> bool:
    """Whether the text compared with does not stand later in time, as a copy saved late does."""
    return not (old.last_seen and new.first_seen and old.last_seen > new.first_seen)


def shown(text: str, *, marked: bool = False) -> str:
    """Text safe to show: control characters never reach a terminal or page; invisible ones are named where they were edited."""
    return "".join(_safe(character, marked=marked) for character in text)


def _safe(character: str, *, marked: bool) -> str:
    if character in _CONTROLS:
        return f"⟨{_CONTROLS[character]}⟩" if marked or character not in "\u00a0\u00ad\u202f" else character
    category = unicodedata.category(character)
    if (category in ("Cc", "Cs") and character not in "\n\t") or ord(character) & 0xFFFE == 0xFFFE:
        return "\ufffd"
    if category == "Cf" and character not in "\u200c\u200d":
        return f"⟨U+{ord(character):04X}⟩"
    return character


def only_invisible(span: Span) -> bool:
    """Whether an edited span shows nothing by itself, so that its characters must be named."""
    return span.op is not SpanOp.KEEP and not any(unicodedata.category(c)[0] in "LNPS" for c in span.text)


def excerpted(spans: Sequence[Span]) -> list[Span]:
    """The spans with long unchanged stretches shortened to what stands around the edits."""
    if len(spans) == 1 and spans[0].op is SpanOp.KEEP and len(spans[0].text) > 3 * _EXCERPT:
        return [Span(op=SpanOp.KEEP, text=f"{_head(spans[0].text, 2 * _EXCERPT)}…")]
    result = []
    for index, span in enumerate(spans):
        if span.op is SpanOp.KEEP and len(span.text) > 3 * _EXCERPT:
            head = "" if index == 0 else _head(span.text, _EXCERPT)
            tail = "" if index == len(spans) - 1 else _tail(span.text, _EXCERPT)
            span = Span(op=SpanOp.KEEP, text=f"{head}…{tail}")
        result.append(span)
    return result


def _head(text: str, size: int) -> str:
    """The beginning of a text, cut at a space; anywhere in a script that has none."""
    words, space, _ = text[:size].rpartition(" ")
    return f"{words}{space}" if words else text[:size]


def _tail(text: str, size: int) -> str:
    """The end of a text, cut likewise."""
    _, space, words = text[-size:].partition(" ")
    return f"{space}{words}" if words else text[-size:]


def teased(spans: Sequence[Span], longest: int = 320) -> list[Span]:
    """The spans excerpted for a list, and cut where they get too long even so."""
    result: list[Span] = []
    room = longest
    for span in excerpted(spans):
        text = span.text.replace("\n", " ")
        if len(text) > room:
            result.append(Span(op=span.op, text=f"{text[:room].rpartition(' ')[0] or text[:room]} …"))
            break
        result.append(Span(op=span.op, text=text))
        room -= len(text)
    return result

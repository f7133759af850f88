"""What one change inside an edit is about: each rule says what it saw, on which words, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from reports.diff.counted import counts
from reports.diff.hunks import Hunk
from reports.diff.lexicon import Lexicon
from reports.diff.markers import attribution, hedging, negation, sources
from reports.diff.names import Known, placed, renamed, titled
from reports.diff.pieces import Differing, reason
from reports.diff.quantities import KINDS
from reports.diff.quoting import quoted
from reports.diff.spelling import is_doubled, is_punctuation, is_respaced, is_spelling, is_swap
from reports.diff.tokens import folded, is_number, is_word, words
from storage.types import Finding, Kind, Weight

C, E, S = Weight.COSMETIC, Weight.EDITORIAL, Weight.SUBSTANTIVE
_SENTENCE = 4  # words from which what ends in a full stop is a sentence
_UNSPACED_SENTENCE = 6  # tokens, where each sign is one
_PASSAGE = 6000  # characters; so long a passage is rewritten, whatever its words
_PIECES = frozenset({*KINDS, Kind.NEGATION, Kind.HEDGING, Kind.SOURCE, Kind.ATTRIBUTION, Kind.PLACE, Kind.NAME})
_STOPS = (".", "!", "?", "…", "。", "।", "።", "؟", "۔", "!", "?")


def of_hunk(hunk: Hunk, lex: Lexicon, known: Known) -> Iterator[Finding]:
    """The findings of one change, the most telling first."""
    old, new = hunk.old.strip(), hunk.new.strip()
    if hunk.link is not None:
        yield Finding(kind=Kind.MOVED, weight=E, old=old, new=new, reason="sentence_moved")
        return
    if folded(old) == folded(new) or _dashes(old) == _dashes(new):
        yield Finding(kind=Kind.TYPOGRAPHY, weight=C, old=old, new=new, reason="typography")
        return
    if is_sentence(old, new):
        kind = Kind.SENTENCE_ADDED if new else Kind.SENTENCE_DROPPED
        yield Finding(kind=kind, weight=S, old=old, new=new, reason=kind.value.replace("-", "_"))
        return
    if is_respaced(old, new) or is_punctuation(old, new) or is_doubled(hunk):
        why = "punctuation" if is_punctuation(old, new) else "doubled" if is_doubled(hunk) else "spelling"
        yield Finding(kind=Kind.SPELLING, weight=E, old=old, new=new, reason=why)
        return
    if max(len(old), len(new)) > _PASSAGE:
        yield Finding(kind=Kind.WORDING, weight=S, old=old, new=new, reason="passage_rewritten")
        return
    found = list(_facts(hunk, old, new, lex, known))
    why = quoted(hunk)
    slip = not why or (why == "inside_quotation" and is_swap(old, new))
    if slip and not any(finding.weight is S for finding in found) and is_spelling(old, new, lex):
        yield Finding(kind=Kind.SPELLING, weight=E, old=old, new=new, reason="spelling")
        return
    if why:
        yield Finding(kind=Kind.QUOTATION, weight=S, old=old, new=new, reason=why)
    yield from found
    if not why and not found:
        counted = any(map(is_number, (*words(old), *words(new))))  # and no quantity differs
        yield Finding(kind=Kind.WORDING, weight=E, old=old, new=new, reason="same_value" if counted else "wording")


def _facts(hunk: Hunk, old: str, new: str, lex: Lexicon, known: Known) -> Iterator[Finding]:
    before, after = hunk.sides
    counted = list(counts(before, after, lex))
    yield from counted
    yield from _one(Kind.NEGATION, S, negation(before, after, lex))
    yield from _one(Kind.HEDGING, S, hedging(before, after, lex))
    named = sources(before, after, lex)
    yield from _one(Kind.SOURCE, S, named)
    if not named:
        yield from _one(Kind.ATTRIBUTION, E, attribution(before, after, lex))
    places = list(_one(Kind.PLACE, S, placed(before, after, lex)))
    yield from places
    people = titled(before, after, lex)
    if people:
        yield from _one(Kind.NAME, S, people)
    elif not places and not named and renamed(hunk, lex, known, [text for f in counted for text in (f.old, f.new)]):
        yield Finding(kind=Kind.NAME, weight=S, old=old, new=new, reason="name_changed")


def settled(found: list[Finding]) -> list[Finding]:
    """The findings of an edit, where what went in one place and came in another, word for word, only stands elsewhere."""
    out = list(found)
    for gone in [finding for finding in found if finding.old and not finding.new]:
        came = next((f for f in out if f.kind is gone.kind and not f.old and _plain(f.new) == _plain(gone.old)), None)
        if came is not None and gone in out and came.kind in _PIECES:
            out.remove(came)
            out[out.index(gone)] = replace(gone, kind=Kind.WORDING, weight=E, new=came.new, reason="stands_elsewhere")
    return out


def _plain(text: str) -> str:
    return folded(text).casefold()


def _one(kind: Kind, weight: Weight, some: Differing) -> Iterable[Finding]:
    if some:
        yield Finding(kind=kind, weight=weight, old=some.old, new=some.new, reason=reason(kind, some))


def _dashes(text: str) -> str:
    """The text with two hyphens between words read as the dash they stand for."""
    return folded(text.replace("--", "–"))


def is_sentence(old: str, new: str) -> bool:
    """Whether nothing but a whole sentence was added or dropped."""
    text = (old or new).rstrip("\"'“”»«’)")
    tokens = [word for word in words(text) if is_word(word)]
    least = _SENTENCE if " " in text else _UNSPACED_SENTENCE
    return not (old and new) and len(tokens) >= least and text.endswith(_STOPS)

"""Numbers, amounts, percentages, dates and times that changed, and whether a count rose or fell."""

from __future__ import annotations

from collections.abc import Iterator

from reports.diff.hunks import Side
from reports.diff.lexicon import Lexicon
from reports.diff.pieces import Differing, differing, reason
from reports.diff.quantities import KINDS, quantities, value
from reports.diff.tokens import is_word, words
from storage.types import Finding, Kind, Weight

_NOUN = 4  # letters of the counted noun that must stay


def counts(old: Side, new: Side, lex: Lexicon) -> Iterator[Finding]:
    """Quantities on one side only, by kind; a quantity that changed its kind is one finding, not two."""
    differ = differing(quantities(old, lex), quantities(new, lex))
    if differ.weak:
        return
    if differ.gone and differ.came:
        kind = next(kind for kind in KINDS if any(p.kind is kind for p in (*differ.gone, *differ.came)))
        kinds = {p.kind for p in differ.gone} & {p.kind for p in differ.came}
        if not kinds:
            yield Finding(
                kind=kind, weight=Weight.SUBSTANTIVE, old=differ.old, new=differ.new, reason=reason(kind, differ)
            )
            return
    for kind in KINDS:
        some = differ.of(kind)
        if not some.weak:
            higher = _count(some, old.alike, new.alike) if kind is Kind.NUMBER else ""
            yield Finding(
                kind=kind, weight=Weight.SUBSTANTIVE, old=some.old, new=some.new, reason=higher or reason(kind, some)
            )


def _count(some: Differing, old: str, new: str) -> str:
    """Whether one number of the same counted things became higher or lower."""
    if len(some.gone) != 1 or len(some.came) != 1:
        return ""
    was, now = value(some.gone[0]), value(some.came[0])
    nouns = [_next_word(old, some.gone[0].end), _next_word(new, some.came[0].end)]
    if was is None or now is None or not nouns[0] or nouns[0][:_NOUN] != nouns[1][:_NOUN]:
        return ""
    return "" if now == was else "count_higher" if now > was else "count_lower"


def _next_word(text: str, end: int) -> str:
    following = [word for word in words(text[end:].strip()[:40]) if is_word(word)]
    return following[0].casefold() if following else ""

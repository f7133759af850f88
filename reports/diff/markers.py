"""Words that turn a statement: negation, hedging, attribution, and who is named as its source."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import regex

from reports.diff.hunks import Side
from reports.diff.lexicon import Lexicon, agencies
from reports.diff.pieces import Differing, Piece, differing, found
from storage.types import Kind

_STEM = 4  # letters of a hedging or speaking word that tell it from others
_SUBJECT = 4  # letters that may stand before the stem of an affirmed verb: Swahili ali-fika, waka-fika
_MOST = 60  # different words on a side; in a longer passage no two of them are one word negated
_WORD = regex.compile(r"\w[\w'-]*")


def negation(old: Side, new: Side, lex: Lexicon) -> Differing:
    """Negations on one side only: by number, as "never" and "not" both negate; else by a word that was itself negated."""
    gone, came = (list(found(Kind.NEGATION, lex.negation, side)) for side in (old, new))
    if len(gone) != len(came):
        return differing(gone, came)
    return _affixed(old, new, lex)


def _affixed(old: Side, new: Side, lex: Lexicon) -> Differing:
    """A word on one side that is the negated form of a word on the other: safe and unsafe, açıldı and açılmadı."""
    left, right = (dict.fromkeys(_WORD.findall(side.alike[side.start : side.end])) for side in (old, new))
    if max(len(left), len(right)) <= _MOST:
        for here, there, swapped in ((left, right, False), (right, left, True)):
            for word, other in _negated(there, here, lex):
                plain, negated = Piece(Kind.NEGATION, other, other), Piece(Kind.NEGATION, word, word)
                return Differing((negated,), (plain,)) if swapped else Differing((plain,), (negated,))
    return Differing((), ())


def _negated(words: Collection[str], plain: Collection[str], lex: Lexicon) -> Iterator[tuple[str, str]]:
    """Negated words of one side, each with the word of the other side that it negates."""
    for word in words:
        for form in lex.negated if word not in plain else ():
            if match := form.fullmatch(word):
                stem = match["stem"].casefold()
                yield from ((word, one) for one in plain if not form.fullmatch(one) and _shares(stem, one.casefold()))


def _shares(stem: str, word: str) -> bool:
    """Whether a word begins with a stem, but for its last letters, or ends with it."""
    kept = max(len(stem) - 2, 1)
    return word.startswith(stem[:kept]) or (len(stem) > 2 and word.endswith(stem) and len(word) - len(stem) <= _SUBJECT)


def hedging(old: Side, new: Side, lex: Lexicon) -> Differing:
    """Words that qualify a statement, on one side only."""
    return differing(*(found(Kind.HEDGING, lex.hedging, side, _STEM) for side in (old, new)))


def attribution(old: Side, new: Side, lex: Lexicon) -> Differing:
    """Words of speaking, on one side only."""
    return differing(*(found(Kind.ATTRIBUTION, lex.attribution, side, _STEM) for side in (old, new)))


def sources(old: Side, new: Side, lex: Lexicon) -> Differing:
    """Sources named on one side only: news agencies, and whoever stands after "according to"."""
    return differing(*(_sources(side, lex) for side in (old, new)))


def _sources(side: Side, lex: Lexicon) -> Iterator[Piece]:
    for form in lex.sources:
        for match in form.finditer(side.alike):
            text = side.text[match.start() : match.end()]
            yield Piece(
                Kind.SOURCE, next((g for g in match.groups() if g), match.group()).casefold(), text, match.end()
            )
    for match in agencies().finditer(side.alike):
        yield Piece(Kind.SOURCE, match.group(), side.text[match.start() : match.end()], match.end())

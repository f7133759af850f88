"""Sentences inside a text, as ranges of tokens."""

from __future__ import annotations

from collections.abc import Sequence

from reports.diff.tokens import Words

_SPACED_ENDS = frozenset(".!?")
_OTHER_ENDS = frozenset("。！？؟۔।॥።፧։")
ENDS = _SPACED_ENDS | _OTHER_ENDS | {"..."}
_CLOSERS = frozenset(")]}\"'」』")
_SHORT = """
Dr Prof Mr Mrs Ms St Nr No Art Abs Mio Mrd Tsd Jan Feb Mar Apr Jun Jul Aug Sep Sept Okt Oct Nov Dez Dec bzw ca usw
vgl sog geb gest Hr Fr Gen Col Sen Rep Gov Inc Ltd Co vs etc approx ul г гг им тыс млн млрд руб т
"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_ENGLISH = "January February March April May June July August September October November December"
_MONTHS = frozenset(_ENGLISH.split())  # a day after the month is no ordinal: "on October 4. More than"
_HALF_DAYS = (("a", ".", "m"), ("p", ".", "m"))

Range = tuple[int, int]


def sentences(words: Words) -> list[Range]:
    """The sentences of a text, in order, covering every token once."""
    keys, found, start = words.keys, [], 0
    ends = [at for at, key in enumerate(keys) if key in ENDS]
    if "\n" in words.text:
        ends = [at for at, key in enumerate(keys) if key in ENDS or "\n" in words.gaps[at]]
    for candidate in ends:
        if candidate < start or not _ends(words, candidate):
            continue
        at = candidate + 1
        while at < len(keys) and keys[at] in _CLOSERS and not words.gaps[at - 1]:
            at += 1
        found.append((start, at))
        start = at
    if start < len(keys):
        found.append((start, len(keys)))
    return found


def _ends(words: Words, at: int) -> bool:
    keys, gaps = words.keys, words.gaps
    if keys[at] in _OTHER_ENDS or "\n" in gaps[at]:
        return True
    after = at + 1
    while after < len(keys) and keys[after] in _CLOSERS and not gaps[after - 1]:
        after += 1
    if after < len(keys) and (not gaps[after - 1] or words.cores[after][0].islower()):
        return False
    return keys[at] != "." or at == 0 or not _abbreviated(keys, at - 1, last=after == len(keys))


def _abbreviated(keys: Sequence[str], at: int, *, last: bool) -> bool:
    key = keys[at]
    if last or keys[max(at - 2, 0) : at + 1] in _HALF_DAYS:
        return False
    return (
        key in _ABBREVIATIONS
        or (len(key) == 1 and key.isalpha() and (key.isupper() or key.isascii()))
        or (key.isdecimal() and len(key) <= 2 and not (at and keys[at - 1] in _MONTHS))
    )

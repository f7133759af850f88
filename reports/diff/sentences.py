"""Sentences inside a text, as ranges of tokens."""

from __future__ import annotations

from reports.diff.tokens import Words

_SPACED_ENDS = frozenset(".!?")
_OTHER_ENDS = frozenset("。！？؟۔।॥።፧։")
ENDS = _SPACED_ENDS | _OTHER_ENDS | {"..."}
_CLOSERS = frozenset(")]}\"'」』")
_ABBREVIATIONS = frozenset(
    [
        "Dr",
        "Prof",
        "Mr",
        "Mrs",
        "Ms",
        "St",
        "Nr",
        "No",
        "Art",
        "Abs",
        "Mio",
        "Mrd",
        "Tsd",
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Sept",
        "Okt",
        "Oct",
        "Nov",
        "Dez",
        "Dec",
        "bzw",
        "ca",
        "usw",
        "vgl",
        "sog",
        "geb",
        "gest",
        "Hr",
        "Fr",
        "Gen",
        "Col",
        "Sen",
        "Rep",
        "Gov",
        "Inc",
        "Ltd",
        "Co",
        "vs",
        "etc",
        "approx",
        "ul",
        "г",
        "гг",
        "им",
        "тыс",
        "млн",
        "млрд",
        "руб",
        "т",
    ]
)

Range = tuple[int, int]


def sentences(words: Words) -> list[Range]:
    """The sentences of a text, in order, covering every token once."""
    keys, found, start = words.keys, [], 0
    for candidate in [at for at, key in enumerate(keys) if key in ENDS or "\n" in words.gaps[at]]:
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
    key = words.keys[at]
    if key in _OTHER_ENDS or "\n" in words.gaps[at]:
        return True
    if key not in ENDS:
        return False
    after = at + 1
    while after < len(words) and words.keys[after] in _CLOSERS and not words.gaps[after - 1]:
        after += 1
    if after < len(words) and (not words.gaps[after - 1] or words.cores[after][0].islower()):
        return False
    return key != "." or at == 0 or not _abbreviated(words.keys[at - 1], last=after == len(words))


def _abbreviated(key: str, *, last: bool) -> bool:
    if last:
        return False
    return (
        key in _ABBREVIATIONS
        or (len(key) == 1 and key.isalpha() and (key.isupper() or key.isascii()))
        or (key.isdecimal() and len(key) <= 2)
    )

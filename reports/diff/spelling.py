"""One word that stayed nearly the same: a slip mended or an ending changed."""

from __future__ import annotations

import unicodedata

import regex
from rapidfuzz.distance import DamerauLevenshtein

from reports.diff.hunks import Hunk
from reports.diff.lexicon import Lexicon
from reports.diff.tokens import is_number, is_word, words

_SHORT = 7  # letters up to which one slip is allowed, two beyond
_TELLING = '?؟"„“”«»「」『』%‰٪+±=<>$€£¥₹&@#*'
_LETTER = regex.compile(r"\p{L}[\p{Mn}\p{Mc}]*|\p{N}")
_OPTIONAL = regex.compile("[\u064b-\u065f\u0670]")
_LEAST = 4  # letters below which two words are simply two words


def is_spelling(old: str, new: str, lex: Lexicon) -> bool:
    """Whether one word was spelled otherwise, or only spaces and signs changed. The caller has looked for facts before."""
    a, b = [w for w in words(old) if is_word(w)], [w for w in words(new) if is_word(w)]
    if any(map(is_number, (*words(old), *words(new)))):
        return False
    if len(a) != 1 or len(b) != 1:
        return _letters(old) == _letters(new) != ""
    left, right = a[0].casefold(), b[0].casefold()
    if frozenset((left, right)) in lex.confusable:
        return False
    longest = max(len(left), len(right))
    slips = 1 if longest < _SHORT or left[0] != right[0] else 2
    return left == right or (longest >= _LEAST and _distance(left, right) <= slips)


def is_respaced(old: str, new: str) -> bool:
    """Whether the same letters were only joined, parted or capitalised otherwise: Afrika Cup, Afrika-Cup."""
    if _letters(old) != _letters(new) or not _letters(old) or any(character.isdigit() for character in old + new):
        return False
    return not any(character in _TELLING for character in old + new)


def is_punctuation(old: str, new: str) -> bool:
    """Whether signs alone differ, and none that changes what is said as quotation and question marks or signs of numbers do."""
    return not any(character.isalnum() or character in _TELLING for character in old + new)


def is_doubled(hunk: Hunk) -> bool:
    """Whether words that stood twice in a row stand once now: wherever the pair was cut, its parts stand around the cut."""
    before, gone, after = (_words(text) for text in (hunk.before, hunk.old, hunk.after))
    if not gone or hunk.new.strip():
        return False
    cuts = range(len(gone) + 1)
    return any(after[:at] == gone[:at] and before[len(before) - (len(gone) - at) :] == gone[at:] for at in cuts)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in words(text) if is_word(word)]


def is_slip(left: str, right: str) -> bool:
    """Letters swapped, or one too many, too few or wrong."""
    return sorted(left.casefold()) == sorted(right.casefold()) or _distance(left, right) <= 1


def is_swap(old: str, new: str) -> bool:
    """The same letters in another order, or one doubled: a slip even inside a quotation."""
    a, b = _letters(old), _letters(new)
    return len(a) >= _SHORT - 1 and (sorted(a) == sorted(b) or _single(a) == _single(b))


def _single(letters: str) -> str:
    """Doubled letters made one."""
    return "".join(letter for at, letter in enumerate(letters) if not at or letters[at - 1] != letter)


def _distance(a: str, b: str) -> int:
    return int(DamerauLevenshtein.distance(a, b))


def _letters(text: str) -> str:
    """Letters and digits, each with the marks that make another of it; of vowel signs only the Arabic ones may be left out."""
    return "".join(_LETTER.findall(_OPTIONAL.sub("", unicodedata.normalize("NFC", text.casefold()))))

"""People and places: names that stand on one side only, as far as their writing gives them away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache

import regex
from rapidfuzz.distance import DamerauLevenshtein

from reports.diff.gazetteer import gazetteer
from reports.diff.hunks import Hunk, Side
from reports.diff.lexicon import Lexicon
from reports.diff.pieces import Differing, Piece, differing
from reports.diff.spelling import is_slip
from reports.diff.tokens import Words, is_number, is_word, words
from storage.types import Kind

Known = Callable[[Collection[str]], bool]  # whether the article uses one of these words as a family name elsewhere
_LONG = 7  # letters from which a slip in a German noun is told from another name
_LIKE = 3  # letters two German names may differ in and still be told from two nouns
_SENTENCE_ENDS = '.!?:"“„”»«…。।؟'
_DOTTED = regex.compile(r"\p{Han}{1,6}(?:[·•]\p{Han}{1,8})+")


def placed(old: Side, new: Side, lex: Lexicon) -> Differing:
    """Countries, regions and cities on one side only."""
    return differing(*(_places(side, lex) for side in (old, new)))


def _places(side: Side, lex: Lexicon) -> Iterator[Piece]:
    book = gazetteer(lex.language, lex.places, lex.prefixes, inflects=lex.inflects)
    tokens = Words(side.text)
    for first, end, name in book.find(tokens.cores):
        yield Piece(Kind.PLACE, name, side.text[tokens.starts[first] : tokens.starts[end]].strip())


def titled(old: Side, new: Side, lex: Lexicon) -> Differing:
    """Names after a title ("Minister Olsen"), on one side only."""
    return differing(*(_titled(side, lex) for side in (old, new)))


@cache
def _title(lex: Lexicon) -> regex.Pattern[str]:
    if lex.surnames:
        return regex.compile(rf"(?:{lex.titles})(?P<name>[{lex.surnames}]\p{{Han}}{{1,2}})")
    name = r"(?-i:\p{Lu}[\w'-]+(?:\s\p{Lu}[\w'-]+)*)" if lex.cased else r"\w{2,}"
    return regex.compile(rf"(?:{lex.titles})\s(?P<name>{name})", regex.IGNORECASE)


def _titled(side: Side, lex: Lexicon) -> Iterator[Piece]:
    for match in _title(lex).finditer(side.alike):
        yield Piece(Kind.NAME, match["name"], side.text[match.start("name") : match.end("name")])
    if lex.surnames:
        for match in _DOTTED.finditer(side.alike):
            yield Piece(Kind.NAME, match.group(), match.group())


def renamed(hunk: Hunk, lex: Lexicon, known: Known, told: Sequence[str] = ()) -> bool:
    """Whether capitalised words were replaced by others.

    German writes every noun so, and needs more to go by: a given name before, or that the article (``known``) uses
    one of the words as a family name elsewhere. Words ``told`` already, as a month or a unit, are no names.
    """
    left, right = (_capitals(text, told) for text in (hunk.old, hunk.new))
    if not lex.cased or left is None or right is None or sorted(left) == sorted(right):
        return False
    single = len(left) == len(right) == 1
    if single and frozenset((left[0].casefold(), right[0].casefold())) in lex.confusable:
        return True
    if lex.language != "de":
        return not _starts(hunk) or len(left) > 1
    if not single:
        return len(left) > 1 and len(right) > 1 and not any(_is_common(word) for word in (*left, *right))
    return _german(left[0], right[0], hunk, known)


def _capitals(text: str, told: Sequence[str]) -> list[str] | None:
    """The words of a text that are not told already, if all of them are capitalised."""
    besides = {word for piece in told for word in words(piece)}
    found = [word for word in words(text) if is_word(word) and not is_number(word) and word not in besides]
    return found if found and all(word[:1].isupper() for word in found) else None


def _starts(hunk: Hunk) -> bool:
    """Whether the change stands at the start of a sentence, where every word is capitalised."""
    before = hunk.before.rstrip()
    return not before or before[-1] in _SENTENCE_ENDS


def _german(old: str, new: str, hunk: Hunk, known: Known) -> bool:
    if known({old, new}):
        return True
    if is_slip(old, new) and max(len(old), len(new)) >= _LONG:
        return False
    stem = _shared(old, new)
    inflected = stem >= 4 and len(old) - stem <= 2 and len(new) - stem <= 2
    alike = old[0] == new[0] and DamerauLevenshtein.distance(old, new) <= _LIKE
    return (alike and not inflected) or (_after_given_name(hunk) and not _is_common(old) and not _is_common(new))


def _after_given_name(hunk: Hunk) -> bool:
    """Whether the word before is capitalised inside its sentence and no common noun: Clara Weiss."""
    before = words(hunk.before[-80:])
    if not before or not before[-1][:1].isupper() or not is_word(before[-1]) or _is_common(before[-1]):
        return False
    return len(before) > 1 and before[-2][-1] not in _SENTENCE_ENDS


_ENDINGS = ("ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "tion", "tionen", "tät", "täten",
            "nis", "nisse", "ismus", "tum", "ment", "ments", "enz", "enzen", "anz", "ling", "linge", "erei", "ik", "ät")  # fmt: skip


def _is_common(word: str) -> bool:
    """Whether a German noun ends as only common nouns do."""
    return len(word) > 4 and word.lower().endswith(_ENDINGS)


def _shared(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def is_family_name(names: Collection[str], texts: Iterable[str]) -> bool:
    """Whether an article uses one of these words as a family name: as the last of two or more capitalised words inside a sentence."""
    wanted = {name for name in names if not _is_common(name)}
    return any(
        match["last"] in wanted
        for text in texts
        if any(f" {name}" in text for name in wanted)  # the pattern takes its time
        for match in _FULL_NAME.finditer(text)
    )


_FULL_NAME = regex.compile(
    r"(?<=[\p{Ll},] )\p{Lu}\p{Ll}+(?: (?:von|van|de|al|der))? (?P<last>\p{Lu}[\p{Ll}-]{2,})(?=[\s.,;:!?])"
)

"""What one change inside an edit is about: each rule says what it saw, on which words, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import regex

from reports.diff.hunks import Hunk
from reports.diff.lexicon import Lexicon
from reports.diff.markers import attribution, hedging, negation, sources
from reports.diff.names import placed, renamed, titled
from reports.diff.pieces import Differing, differing
from reports.diff.quantities import KINDS, is_article, quantities, value
from reports.diff.spelling import is_spelling, is_swap
from reports.diff.tokens import folded, is_number, is_word, words
from storage.types import Finding, Kind, Weight

C, E, S = Weight.COSMETIC, Weight.EDITORIAL, Weight.SUBSTANTIVE
_QUOTED = regex.compile(r'["„“”«»「」『』](.+?)["“”«»「」『』]', regex.DOTALL)
_SENTENCE = 4  # words from which what ends in a full stop is a sentence
_UNSPACED_SENTENCE = 6  # tokens, where each sign is one
_PASSAGE = 6000  # characters; so long a passage is rewritten, whatever its words
_STOPS = (".", "!", "?", "…", "。", "।", "።", "؟", "۔", "!", "?")
_NOUN = 4  # letters of the counted noun that must stay


def of_hunk(hunk: Hunk, lex: Lexicon, known: Callable[[], frozenset[str]]) -> Iterator[Finding]:
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
    if max(len(old), len(new)) > _PASSAGE:
        yield Finding(kind=Kind.WORDING, weight=S, old=old, new=new, reason="passage_rewritten")
        return
    found = list(_facts(hunk, old, new, lex, known))
    quoted = _quoted(hunk, old, new)
    slip = not quoted or (quoted == "inside_quotation" and is_swap(old, new))
    if slip and not any(finding.weight is S for finding in found) and is_spelling(old, new, lex):
        yield Finding(kind=Kind.SPELLING, weight=E, old=old, new=new, reason="spelling")
        return
    if quoted:
        yield Finding(kind=Kind.QUOTATION, weight=S, old=old, new=new, reason=quoted)
    yield from found
    if not quoted and not found:
        counted = any(map(is_number, (*words(old), *words(new))))  # and no quantity differs
        yield Finding(kind=Kind.WORDING, weight=E, old=old, new=new, reason="same_value" if counted else "wording")


def _facts(hunk: Hunk, old: str, new: str, lex: Lexicon, known: Callable[[], frozenset[str]]) -> Iterator[Finding]:
    before, after = hunk.sides
    yield from _of_quantities(hunk, lex)
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
    elif not places and not named and renamed(hunk, lex, known):
        yield Finding(kind=Kind.NAME, weight=S, old=old, new=new, reason="name_changed")


def _of_quantities(hunk: Hunk, lex: Lexicon) -> Iterator[Finding]:
    old, new = hunk.sides
    all_of_them = differing(quantities(old, lex), quantities(new, lex))
    if all(map(is_article, (*all_of_them.gone, *all_of_them.came))):
        return
    if all_of_them.gone and all_of_them.came:  # a quantity that changed its kind is one finding, not two
        kind = next(kind for kind in KINDS if any(p.kind is kind for p in (*all_of_them.gone, *all_of_them.came)))
        kinds = {p.kind for p in all_of_them.gone} & {p.kind for p in all_of_them.came}
        if not kinds:
            yield Finding(
                kind=kind, weight=S, old=all_of_them.old, new=all_of_them.new, reason=_reason(kind, all_of_them)
            )
            return
    for kind in KINDS:
        some = all_of_them.of(kind)
        if not all(map(is_article, (*some.gone, *some.came))):
            higher = _count(some, old.alike, new.alike) if kind is Kind.NUMBER else ""
            yield Finding(kind=kind, weight=S, old=some.old, new=some.new, reason=higher or _reason(kind, some))


def _count(some: Differing, old: str, new: str) -> str:
    """Whether one number of the same counted things became higher or lower."""
    if len(some.gone) != 1 or len(some.came) != 1:
        return ""
    was, now = value(some.gone[0]), value(some.came[0])
    nouns = [_next_word(old, some.gone[0].end), _next_word(new, some.came[0].end)]
    if was is None or now is None or not nouns[0] or nouns[0][:_NOUN] != nouns[1][:_NOUN]:
        return ""
    return "count_higher" if now > was else "count_lower"


def _next_word(text: str, end: int) -> str:
    following = [word for word in words(text[end:].strip()[:40]) if is_word(word)]
    return following[0].casefold() if following else ""


def _one(kind: Kind, weight: Weight, some: Differing) -> Iterable[Finding]:
    if some:
        yield Finding(kind=kind, weight=weight, old=some.old, new=some.new, reason=_reason(kind, some))


def _reason(kind: Kind, some: Differing) -> str:
    how = "changed" if some.gone and some.came else "added" if some.came else "dropped"
    return f"{kind.value}_{how}"


def _dashes(text: str) -> str:
    """The text with two hyphens between words read as the dash they stand for."""
    return folded(text.replace("--", "–"))


def is_sentence(old: str, new: str) -> bool:
    """Whether nothing but a whole sentence was added or dropped."""
    text = (old or new).rstrip("\"'“”»«’)")
    tokens = [word for word in words(text) if is_word(word)]
    least = _SENTENCE if " " in text else _UNSPACED_SENTENCE
    return not (old and new) and len(tokens) >= least and text.endswith(_STOPS)


def _quoted(hunk: Hunk, old: str, new: str) -> str:
    """Why the change is one of a quotation: it stands inside the marks, or the marks stand inside it."""
    if _inside(hunk.before):
        return "inside_quotation"
    if _QUOTED.search(old) or _QUOTED.search(new):
        return (
            "quotation_changed"
            if _QUOTED.search(old) and _QUOTED.search(new)
            else "quotation_added"
            if _QUOTED.search(new)
            else "quotation_dropped"
        )
    return ""


def _inside(before: str) -> bool:
    """Whether a quotation mark opened before and has not closed; one left open in an earlier paragraph is forgotten."""
    opened = 0
    for character in before:
        if character in "„«「『":
            opened = 1
        elif character in "”»」』\n":
            opened = 0
        elif character in '"“':
            opened = 1 - opened
    return bool(opened)

"""What an edit is about, by its observable form: each rule says what it saw. Pure, no models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import regex
from rapidfuzz.distance import DamerauLevenshtein

from reports.diff.disclosure import is_correction, is_update
from reports.diff.gazetteer import place_words, places
from reports.diff.lexicon import Lexicon, lexicon
from reports.diff.tokens import folded as key
from reports.diff.tokens import is_number, is_word, words
from storage.types import BlockKind, Edit, EditOp, Field, Finding, Kind, Span, SpanOp, Weight

C, E, S = Weight.COSMETIC, Weight.EDITORIAL, Weight.SUBSTANTIVE
_QUOTED = regex.compile(r'["„“”«»「」](.+?)["“”«»」]', regex.DOTALL)
_LONG = 7  # letters from which a slip in a German noun is told from another name
_YEAR = regex.compile(r"^(19|20)\d\d$")
_HALF_DAY = regex.compile(r"\s*[ap]\.?\s?m\b", regex.IGNORECASE)
_CLOCK = regex.compile(r"^\d{1,2}[:.]\d{2}$")
_FIELD_KINDS = {
    Field.HEADLINE: Kind.HEADLINE,
    Field.KICKER: Kind.KICKER,
    Field.TEASER: Kind.TEASER,
    Field.BYLINE: Kind.BYLINE,
}
_FACTS = frozenset(
    {
        Kind.NUMBER,
        Kind.AMOUNT,
        Kind.PERCENTAGE,
        Kind.DATE,
        Kind.TIME,
        Kind.NAME,
        Kind.PLACE,
        Kind.NEGATION,
        Kind.QUOTATION,
    }
)


def rank(edit: Edit, language: str) -> Edit:
    """The edit with its findings, heaviest first; a kept block has none."""
    if edit.op is EditOp.KEEP:
        return edit
    found = list(dict.fromkeys(_findings(edit, lexicon(language), language)))
    return replace(edit, findings=tuple(sorted(found, key=lambda finding: -finding.weight)))


def _findings(edit: Edit, lex: Lexicon, language: str) -> Iterator[Finding]:
    old, new = edit.old or "", edit.new or ""
    if edit.op is EditOp.MOVE:
        yield Finding(kind=Kind.MOVED, weight=E, new=new)
    if edit.op in (EditOp.SPLIT, EditOp.MERGE):
        yield Finding(kind=Kind.STRUCTURE, weight=C)
    if old and new and key(old) == key(new):
        if old != new:
            yield Finding(kind=Kind.TYPOGRAPHY, weight=C, old=old, new=new)
        return
    if _is_note(edit):
        yield from _note(edit, old, new)
        return
    if edit.op in (EditOp.ADD, EditOp.DROP):
        yield from _whole(edit, old, new)
        return
    inner = [finding for place in _pairs(edit.spans) for finding in _words(place, lex, language)]
    yield from inner
    yield from _of_field(edit, inner)


def _is_note(edit: Edit) -> bool:
    texts = [text for text in (edit.old, edit.new) if text]
    return edit.field is Field.NOTE or any(
        edit.op in (EditOp.ADD, EditOp.DROP) and is_correction(text) for text in texts
    )


def _note(edit: Edit, old: str, new: str) -> Iterator[Finding]:
    if is_correction(new) and key(old) != key(new):
        yield Finding(kind=Kind.CORRECTION_NOTE, weight=S, old=old, new=new)
    elif is_update(new):
        yield Finding(kind=Kind.UPDATE_NOTE, weight=E, old=old, new=new)
    elif not new and (is_correction(old) or is_update(old)):
        yield Finding(kind=Kind.NOTE_REMOVED, weight=S, old=old)
    else:
        yield Finding(kind=Kind.CREDIT_NOTE, weight=E, old=old, new=new)


def _whole(edit: Edit, old: str, new: str) -> Iterator[Finding]:
    added = edit.op is EditOp.ADD
    if edit.field in _FIELD_KINDS:
        yield Finding(
            kind=_FIELD_KINDS[edit.field], weight=S if edit.field is not Field.KICKER else E, old=old, new=new
        )
    elif edit.field is Field.CAPTION:
        yield Finding(kind=Kind.CAPTION, weight=E, old=old, new=new)
    elif edit.block is BlockKind.HEADING:
        yield Finding(kind=Kind.STRUCTURE, weight=E, old=old, new=new)
    else:
        yield Finding(kind=Kind.PARAGRAPH_ADDED if added else Kind.PARAGRAPH_DROPPED, weight=S, old=old, new=new)


@dataclass(frozen=True, slots=True)
class _Place:
    """What was dropped, what was added in its place, the text before and after, and the link of a moved sentence."""

    old: str
    new: str
    before: str
    after: str
    link: int | None


def _pairs(spans: Sequence[Span]) -> Iterator[_Place]:
    """The changes of an edit one by one: what moved by link, the rest as dropped and added in its place."""
    groups = [(kept, list(group)) for kept, group in groupby(spans, key=lambda span: span.op is SpanOp.KEEP)]
    before = ""
    for at, (kept, group) in enumerate(groups):
        if not kept:
            after = "".join(s.text for _, rest in groups[at + 1 :] for s in rest if s.op is not SpanOp.DROP)
            for link in dict.fromkeys(span.link for span in group):
                old, new = (
                    "".join(s.text for s in group if s.op is op and s.link == link) for op in (SpanOp.DROP, SpanOp.ADD)
                )
                yield _Place(old, new, before, after, link)
        before += "".join(span.text for span in group if span.op is not SpanOp.DROP)


def _words(place: _Place, lex: Lexicon, language: str) -> Iterator[Finding]:
    old, new, before = place.old.strip(), place.new.strip(), place.before
    if place.link is not None:
        yield Finding(kind=Kind.MOVED, weight=E, old=old, new=new)
        return
    if key(old) == key(new):
        yield Finding(kind=Kind.TYPOGRAPHY, weight=C, old=old, new=new)
        return
    facts = list(_facts(old, new, place, lex, language))
    yield from facts
    if _is_spelling(old, new, lex) and not facts:
        yield Finding(kind=Kind.SPELLING, weight=E, old=old, new=new)
        return
    if _inside_quote(before) and not any(f.kind is Kind.QUOTATION for f in facts):
        yield Finding(kind=Kind.QUOTATION, weight=S, old=old, new=new)
    if _is_sentence(old, new):
        kind = Kind.SENTENCE_ADDED if new else Kind.SENTENCE_DROPPED
        yield Finding(kind=kind, weight=S, old=old, new=new)
    elif not facts:
        yield Finding(kind=Kind.WORDING, weight=E, old=old, new=new)


def _facts(old: str, new: str, place: _Place, lex: Lexicon, language: str) -> Iterator[Finding]:
    a, b = _only(old, new), _only(new, old)
    folded_a, folded_b = ([word.casefold() for word in side] for side in (a, b))
    if kind := _number_kind(a, b, place, lex):
        yield Finding(kind=kind, weight=S, old=old, new=new)
    elif set(folded_a + folded_b) & (lex.months | lex.days):
        yield Finding(kind=Kind.DATE, weight=S, old=old, new=new)
    elif set(folded_a + folded_b) & (lex.units - lex.numbers):
        yield Finding(kind=Kind.AMOUNT, weight=S, old=old, new=new)
    elif set(folded_a) & lex.numbers and set(folded_b) & lex.numbers:
        yield Finding(kind=Kind.NUMBER, weight=S, old=old, new=new)
    if sum(w in lex.negation for w in folded_a) != sum(w in lex.negation for w in folded_b):
        yield Finding(kind=Kind.NEGATION, weight=S, old=old, new=new)
    if set(folded_a) & lex.hedging != set(folded_b) & lex.hedging:
        yield Finding(kind=Kind.HEDGING, weight=S, old=old, new=new)
    if set(folded_a) & lex.attribution != set(folded_b) & lex.attribution:
        yield Finding(kind=Kind.ATTRIBUTION, weight=E, old=old, new=new)
    if _QUOTED.search(old) or _QUOTED.search(new):
        yield Finding(kind=Kind.QUOTATION, weight=S, old=old, new=new)
    if _names_place(a, b, language):
        yield Finding(kind=Kind.PLACE, weight=S, old=old, new=new)
    elif frozenset((*folded_a, *folded_b)) in lex.confusable or _is_name(a, b, place.before, language):
        yield Finding(kind=Kind.NAME, weight=S, old=old, new=new)


def _only(text: str, other: str) -> list[str]:
    """The tokens of a text that the other has not."""
    rest = list(words(other))
    found = []
    for word in words(text):
        if word in rest:
            rest.remove(word)
        else:
            found.append(word)
    return found


def _number_kind(a: Sequence[str], b: Sequence[str], place: _Place, lex: Lexicon) -> Kind | None:
    numbers = [word for word in (*a, *b) if is_number(word)]
    if not numbers:
        return None
    beside = (*words(place.before[-40:])[-2:], *words(place.after[:40])[:3])
    around = {word.casefold() for word in (*words(place.old), *words(place.new), *beside)}
    if any("%" in word or "‰" in word for word in numbers) or around & lex.percent - {"per"}:
        return Kind.PERCENTAGE
    if around & (lex.months | lex.days) or all(_YEAR.match(word) for word in numbers):
        return Kind.DATE
    if (
        around & lex.clock
        or _HALF_DAY.match(place.after)
        or (all(_CLOCK.match(word) for word in numbers) and any(":" in word for word in numbers))
    ):
        return Kind.TIME
    return (
        Kind.AMOUNT if around & lex.units or set("€$£¥") & set(place.old + place.new + "".join(beside)) else Kind.NUMBER
    )


def _is_name(a: Sequence[str], b: Sequence[str], before: str, language: str) -> bool:
    """Whether capitalised words were replaced by others; German writes every noun so and needs more than one."""
    left, right = ([w for w in side if is_word(w)] for side in (a, b))
    if not left or not right or not all(word[:1].isupper() for word in (*left, *right)):
        return False
    at_start = not before.strip() or before.rstrip()[-1] in '.!?:"“„”'
    if language == "de":
        several = len(left) > 1 and len(right) > 1
        single = len(left) == len(right) == 1
        slip = single and _is_slip(left[0], right[0]) and max(map(len, (*left, *right))) >= _LONG
        alike = single and not slip and left[0][0] == right[0][0] and _distance(left[0], right[0]) <= 3
        return several or (alike and not _same_stem(left[0], right[0])) or (_after_name(before) and not at_start)
    return not at_start or len(left) > 1


def _names_place(a: Sequence[str], b: Sequence[str], language: str) -> bool:
    """Whether a country or city stands on either side but not on both."""
    known = place_words(language)
    left, right = {word for word in a if word in known}, {word for word in b if word in known}
    if left != right:
        return True
    if language.startswith("zh"):
        texts = "".join(a), "".join(b)
        several = ["".join(name) for name in places(language) if len(name) > 1]
        return any((name in texts[0]) != (name in texts[1]) for name in several)
    return False


def _after_name(before: str) -> bool:
    """Whether the word before is capitalised too: a first name, a title."""
    last = words(before)[-1:] if before else ()
    return bool(last) and last[0][:1].isupper() and is_word(last[0])


def _same_stem(a: str, b: str) -> bool:
    """Inflection: the same word with another ending."""
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return shared >= 4 and len(a) - shared <= 2 and len(b) - shared <= 2


def _distance(a: str, b: str) -> int:
    return int(DamerauLevenshtein.distance(a, b))


def _is_spelling(old: str, new: str, lex: Lexicon) -> bool:
    """One word that stayed nearly the same: a slip mended or an ending changed. Never for words that carry facts."""
    a, b = [w for w in words(old) if is_word(w)], [w for w in words(new) if is_word(w)]
    if len(a) != 1 or len(b) != 1 or any(map(is_number, (*words(old), *words(new)))):
        return _letters(old) == _letters(new) != ""
    left, right = a[0].casefold(), b[0].casefold()
    special = lex.negation | lex.hedging | lex.numbers | lex.units | lex.months | lex.days
    if {left, right} & special or frozenset((left, right)) in lex.confusable:
        return False
    longest = max(len(left), len(right))
    return left == right or (longest >= 4 and _distance(left, right) <= (1 if longest < 7 else 2))


def _is_slip(left: str, right: str) -> bool:
    """Letters swapped, or one too many, too few or wrong."""
    return sorted(left.casefold()) == sorted(right.casefold()) or _distance(left, right) <= 1


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _inside_quote(before: str) -> bool:
    """Whether the edit stands inside quotation marks that opened before it."""
    opened = 0
    for character in before:
        if character in "„«「":
            opened = 1
        elif character in "”»」":
            opened = 0
        elif character in '"“':
            opened = 1 - opened
    return bool(opened)


def _is_sentence(old: str, new: str) -> bool:
    text = old or new
    return (
        not (old and new)
        and len(words(text)) >= 4
        and text.rstrip('"“”»').endswith((".", "!", "?", "…", "。", "।", "።", "؟"))
    )


def _of_field(edit: Edit, inner: Sequence[Finding]) -> Iterator[Finding]:
    """Headline, teaser, byline and captions are findings of their own, as heavy as what happened in them."""
    heaviest = max((finding.weight for finding in inner), default=C)
    reworded = any(finding.kind not in (Kind.TYPOGRAPHY, Kind.SPELLING) for finding in inner)
    old, new = edit.old or "", edit.new or ""
    if edit.field in (Field.HEADLINE, Field.TEASER):
        yield Finding(kind=_FIELD_KINDS[edit.field], weight=S if reworded else heaviest, old=old, new=new)
    elif edit.field is Field.BYLINE:
        yield Finding(kind=Kind.BYLINE, weight=E if heaviest <= E else S, old=old, new=new)
    elif edit.field is Field.KICKER:
        yield Finding(kind=Kind.KICKER, weight=min(heaviest, E), old=old, new=new)
    elif edit.field is Field.CAPTION:
        yield Finding(kind=Kind.CAPTION, weight=heaviest, old=old, new=new)


def is_factual(finding: Finding) -> bool:
    """Whether the rule saw a fact change: what DW's own rule says must be noted."""
    return finding.kind in _FACTS

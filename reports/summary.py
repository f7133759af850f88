"""One neutral sentence that sums a change up, made from its kinds by templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports import wording
from storage.types import Assessment, EditOp, Finding, Kind

# how a sentence names what its kind names with a verb: singular and plural, English and German
_NOUNS = {
    **dict.fromkeys((Kind.PARAGRAPH_ADDED, Kind.PARAGRAPH_DROPPED), ("paragraph", "paragraphs", "Absatz", "Absätze")),
    **dict.fromkeys((Kind.SENTENCE_ADDED, Kind.SENTENCE_DROPPED), ("sentence", "sentences", "Satz", "Sätze")),
    Kind.WORDING: ("phrase", "phrases", "Formulierung", "Formulierungen"),
    Kind.MOVED: ("passage", "passages", "Passage", "Passagen"),
    Kind.NOTE_REMOVED: ("note", "notes", "Hinweis", "Hinweise"),
    Kind.REVERT: ("return to an earlier text", "returns to an earlier text", "Rückkehr zu früherem Text", "Rückkehren zu früherem Text"),
    Kind.FLAPPING: ("going back and forth between texts", "goings back and forth between texts", "Hin und Her zwischen Fassungen", "Hin und Her zwischen Fassungen"),
}  # fmt: skip
_FEMININE = frozenset(
    {Kind.NUMBER, Kind.PERCENTAGE, Kind.TIME, Kind.ATTRIBUTION, Kind.HEDGING, Kind.NEGATION, Kind.HEADLINE, Kind.KICKER,
     Kind.BYLINE, Kind.SOURCE, Kind.SPELLING, Kind.WORDING, Kind.MOVED, Kind.STRUCTURE, Kind.REVERT}
)  # fmt: skip
_ONLY = frozenset({Kind.HEADLINE, Kind.KICKER, Kind.TEASER, Kind.BYLINE, Kind.STRUCTURE})  # an article has one
_NUMERALS = {
    "en": ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "de": ("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
}
_FIELDS = frozenset(
    {Kind.HEADLINE, Kind.TEASER, Kind.KICKER, Kind.BYLINE, Kind.CAPTION, Kind.WORDING, Kind.SPELLING, Kind.TYPOGRAPHY}
)
_MOST = 7  # kinds named; the rest is in the list


def summarise(assessment: Assessment, language: str = "en") -> str:
    """For example: "Two numbers and the headline changed; a paragraph added; no note found." """
    if not assessment.diff.changed:
        # kinds without edits: what was found is known, what it said was taken down
        return wording.say("content_removed" if assessment.kinds else "no_differences", language)
    counts = Counter(
        (_verb(finding), _told(finding.kind))
        for edit in assessment.diff.edits
        if edit.op is not EditOp.KEEP
        for finding in edit.findings
        if finding.kind is not Kind.MOVED or finding.new  # a sentence that moved is counted where it arrived
    )
    # a change that goes on flapping is told as that, not as one more return
    whole = next((kind for kind in (Kind.FLAPPING, Kind.REVERT) if kind in assessment.kinds), None)
    if whole:
        counts["seen", whole] = 1
    # facts first, then where they stand
    ranks = {_told(kind): rank for rank, kind in reversed(list(enumerate(assessment.kinds)))}
    order = sorted(counts, key=lambda item: (item[1] in _FIELDS, ranks.get(item[1], len(ranks))))
    named = order[:_MOST]
    verbs = dict.fromkeys(verb for verb, _ in named)
    groups = [
        _group(verb, [_counted(kind, counts[v, kind], language) for v, kind in named if v == verb], language)
        for verb in verbs
    ]
    more = [wording.say("and_more", language)] if len(order) > _MOST else []
    sentence = "; ".join([*groups, *more, wording.disclosure(assessment.disclosure, language)]) + "."
    return sentence[:1].upper() + sentence[1:]


def _verb(finding: Finding) -> str:
    """What happened to the thing found, by its kind or the end of its reason."""
    if finding.kind is Kind.MOVED:
        return "moved"
    if finding.kind is Kind.NOTE_REMOVED or finding.reason.endswith("_dropped"):
        return "removed"
    return "added" if finding.reason.endswith("_added") else "changed"


def _told(kind: Kind) -> Kind:
    """The kind a sentence counts it under: what came and what went are told apart by the verb."""
    return {Kind.PARAGRAPH_DROPPED: Kind.PARAGRAPH_ADDED, Kind.SENTENCE_DROPPED: Kind.SENTENCE_ADDED}.get(kind, kind)


def _group(verb: str, things: Sequence[str], language: str) -> str:
    verbs = {
        "changed": wording.say("changed", language),
        "added": wording.operation(EditOp.ADD, language),
        "removed": wording.operation(EditOp.DROP, language),
        "moved": wording.operation(EditOp.MOVE, language),
    }
    listed = things[0] if len(things) == 1 else f"{', '.join(things[:-1])} {wording.say('and', language)} {things[-1]}"
    return listed if verb == "seen" else f"{listed} {verbs[verb]}"


def _counted(kind: Kind, count: int, language: str) -> str:
    """A thing with its number: "a name", "two numbers", "14 dates"."""
    nouns = _NOUNS.get(kind)
    noun = nouns[(2 if language == "de" else 0) + (count != 1)] if nouns else wording.kind(kind, language, count)
    if count != 1:
        numerals = _NUMERALS["de" if language == "de" else "en"]
        return f"{numerals[count - 2] if count - 2 < len(numerals) else count} {noun}"
    if language == "de":
        definite, indefinite = ("die", "eine") if kind in _FEMININE else ("der", "ein")
    else:
        definite, indefinite = "the", "an" if noun[0] in "aeiou" else "a"
    return f"{definite if kind in _ONLY else indefinite} {noun}"

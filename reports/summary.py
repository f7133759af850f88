"""One neutral sentence that sums a change up."""

from __future__ import annotations

from collections import Counter

from reports import wording
from storage.types import Assessment, EditOp, Kind

_SELF_TOLD = frozenset(
    {
        Kind.MOVED,
        Kind.PARAGRAPH_ADDED,
        Kind.PARAGRAPH_DROPPED,
        Kind.SENTENCE_ADDED,
        Kind.SENTENCE_DROPPED,
        Kind.NOTE_REMOVED,
    }
)
_FIELDS = frozenset({Kind.HEADLINE, Kind.TEASER, Kind.KICKER, Kind.BYLINE, Kind.CAPTION, Kind.WORDING})
_MOST = 7  # kinds named; the rest is in the list


def summarise(assessment: Assessment, language: str = "en") -> str:
    """For example: "2 numbers, 1 name changed, 1 paragraph added; no note found." """
    if not assessment.diff.changed:
        return wording.say("no_differences", language)
    counts = Counter(
        finding.kind for edit in assessment.diff.edits if edit.op is not EditOp.KEEP for finding in edit.findings
    )
    if Kind.REVERT in assessment.kinds:
        counts[Kind.REVERT] = 1
    # facts first, then where they stand
    found = sorted((kind for kind in assessment.kinds if counts[kind]), key=lambda kind: kind in _FIELDS)
    order = found[:_MOST]
    changed = [_counted(kind, counts[kind], language) for kind in order if kind not in _SELF_TOLD]
    told = [_counted(kind, counts[kind], language) for kind in order if kind in _SELF_TOLD]
    more = " …" if len(found) > _MOST else ""
    parts = [f"{', '.join(changed)}{more} {wording.say('changed', language)}"] if changed else []
    sentence = "; ".join([", ".join(parts + told), wording.disclosure(assessment.disclosure, language)])
    return sentence[:1].upper() + sentence[1:] + "."


def _counted(kind: Kind, count: int, language: str) -> str:
    return f"{count} {wording.kind(kind, language, count)}"

"""Single edits of every kind: is the kind right, is the weight safe?"""

from __future__ import annotations

from collections import Counter

from benchmarks.comparison.mutations import LANGUAGES, Mutation, kinds, mutations
from reports.diff import assess
from storage.types import Kind, Weight

FACTS = (
    Kind.NUMBER,
    Kind.AMOUNT,
    Kind.PERCENTAGE,
    Kind.DATE,
    Kind.TIME,
    Kind.NAME,
    Kind.PLACE,
    Kind.QUOTATION,
    Kind.NEGATION,
)


def judged(mutation: Mutation) -> tuple[Kind | None, Weight | None]:
    """What the assessment says about one pair: the kind and weight of its heaviest edit."""
    edits = [edit for edit in assess(mutation.old, mutation.new).diff.edits if edit.findings]
    edit = max(edits, key=lambda edit: edit.weight or Weight.COSMETIC, default=None)
    return (edit.kind, edit.weight) if edit else (None, None)


def table(count: int = 100) -> dict[tuple[str, Kind], tuple[float, int, Counter[str]]]:
    """For each language and kind: share right, unsafe weights, and what wrong ones were called."""
    found = {}
    for language in LANGUAGES:
        for kind in kinds():
            right, unsafe, wrong = 0, 0, Counter[str]()
            for mutation in mutations(language, kind, count):
                seen, weight = judged(mutation)
                right += seen is kind
                unsafe += kind in FACTS and weight is not Weight.SUBSTANTIVE
                unsafe += kind is Kind.TYPOGRAPHY and weight is not Weight.COSMETIC
                if seen is not kind:
                    wrong[str(seen)] += 1
            found[language, kind] = (right / count, unsafe, wrong)
    return found

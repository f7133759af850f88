"""Changes as plain data: the JSON that ``changes --json`` and ``show --json`` print. Keys are fixed; nothing is folded away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from reports.reasons import reason
from reports.wording import LANGUAGES
from storage.content import digest
from storage.types import Article, Change, Edit, Finding, Review, Version


def change_row(change: Change) -> dict[str, Any]:
    """A change as one row."""
    assessment = change.assessment
    return {
        "id": change.id,
        "article": change.article,
        "url": change.url,
        "language": change.language,
        "headline": change.headline,
        "baseline": change.baseline.value,
        "from": change.from_version,
        "to": change.to_version,
        "observed_after": iso(change.observed_after),
        "observed_by": iso(change.observed_by),
        "weight": assessment.weight.label,
        "kinds": [kind.value for kind in assessment.kinds],
        "disclosure": assessment.disclosure.value,
        "summary": change.summary,
    }


def change_full(change: Change) -> dict[str, Any]:
    """A change with every edit; of one that was withdrawn also when."""
    withdrawn = {"withdrawn": iso(change.withdrawn)} if change.withdrawn else {}
    return {**change_row(change), **withdrawn, "edits": [edit_row(edit) for edit in change.assessment.diff.edits]}


def review_row(review: Review) -> dict[str, Any]:
    """An editor's mark."""
    return {
        "change": review.change,
        "verdict": review.verdict.value,
        "who": review.who,
        "at": iso(review.at),
        "note": review.note,
    }


def article_row(article: Article) -> dict[str, Any]:
    """An article as one row."""
    return {
        "article": article.id,
        "outlet": article.outlet,
        "url": article.url,
        "language": article.language,
        "headline": article.headline,
        "first_seen": iso(article.first_seen),
    }


def version_row(version: Version) -> dict[str, Any]:
    """A version as one row, without its text; the seed is 0."""
    return {
        "article": version.article,
        "version": version.number,
        "origin": version.origin.value,
        "headline": version.content.headline,
        "first_seen": iso(version.first_seen),
        "last_seen": iso(version.last_seen),
        "text_sha256": digest(version.content),
        "page_sha256": version.body_sha256,
        "extractor": version.fingerprint,
    }


def edit_row(edit: Edit) -> dict[str, Any]:
    """An edit; joining its keep and drop spans gives ``old``, keep and add spans ``new``, exactly."""
    return {
        "op": edit.op.value,
        "field": edit.field.value,
        "kind": edit.kind.value if edit.kind else None,
        "old": edit.old,
        "new": edit.new,
        "spans": [{"op": span.op.value, "text": span.text} for span in edit.spans],
        "findings": [finding_row(finding) for finding in edit.findings],
    }


def finding_row(finding: Finding) -> dict[str, Any]:
    """One rule that fired: its kind and weight, the words it saw, and why, as a key and in words."""
    return {
        "kind": finding.kind.value,
        "weight": finding.weight.label,
        "old": finding.old,
        "new": finding.new,
        "reason": finding.reason,
        "why": {language: reason(finding, language) for language in LANGUAGES},
    }


def iso(moment: datetime | None) -> str | None:
    """An instant in ISO 8601, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None

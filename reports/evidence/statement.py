"""The statement that goes with a bundle: how it was obtained, what it shows and what it does not, in German and English."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reports import wording
from reports.site.view import environment, template_text
from reports.summary import summarise
from reports.views import in_order
from storage.content import digest
from storage.types import Baseline

if TYPE_CHECKING:
    from reports.evidence.bundle import Evidence, Side


# what records made before these were kept do not hold
_LATER = ("server_date", "protocol", "decoded_length", "software", "normalised", "provenance")


def render(evidence: Evidence, language: str) -> str:
    """The statement as one HTML file, in ``en`` or ``de``; page content is text only."""
    change = evidence.change
    records = [json.loads(link.record) for link in evidence.links]
    return (
        environment()
        .get_template(f"statement.{language}.html")
        .render(
            language=language,
            css=Markup(template_text("style.css")),  # noqa: S704 - our own style sheet
            change=change,
            article=evidence.article,
            content_language=evidence.new.version.content.language or evidence.article.language,
            from_seed=change.baseline is Baseline.SEED,
            observed=wording.observed(change.observed_after, change.observed_by, language),
            weight=wording.weight(change.assessment.weight, language),
            disclosure=wording.disclosure(change.assessment.disclosure, language),
            summary=summarise(change.assessment, language),
            ordered=in_order(evidence.old.version, evidence.new.version),
            sides=(("old", evidence.old), ("new", evidence.new)),
            record=_record,
            looks=Counter(record["outcome"] for record in records),
            total=len(records),
            first=records[0]["started"] if records else None,
            last=records[-1]["started"] if records else None,
            gaps=evidence.gaps,
            size=evidence.size,
            root=evidence.root,
            anchor=json.loads(evidence.anchor.data) if evidence.anchor else None,
            stamped=bool(evidence.anchor and evidence.anchor.token),
            digest=digest,
            moment=lambda value: wording.moment(value, language),
            outcome=lambda value: wording.name("outcome", value, language),
            count=lambda number: wording.count("looks", number, language),
        )
    )


def _record(side: Side) -> dict[str, Any] | None:
    return {**dict.fromkeys(_LATER), **json.loads(side.link.record)} if side.link else None

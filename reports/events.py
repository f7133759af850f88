"""Events as plain data and as a sentence each: what was observed, never why."""

from __future__ import annotations

from typing import Any

from reports import wording
from reports.data import iso
from reports.troubles import trouble
from reports.views import shown
from storage.types import Event, EventKind


def event_row(event: Event) -> dict[str, Any]:
    """An event as one row; ``facts`` are what was recorded with it."""
    facts = {name: value for name, value in event.facts.items() if name != "removed"}
    if "removed" in event.facts:
        facts["removed"] = len(event.facts["removed"])
    return {
        "id": event.id,
        "article": event.article,
        "kind": event.kind.value,
        "at": iso(event.at),
        "capture": event.capture,
        "facts": facts,
        "summary": told(event),
    }


def told(event: Event, language: str = "en") -> str:
    """An event in a sentence."""
    facts = event.facts
    values = {
        "status": facts.get("status"),
        "since": f"{str(facts.get('since', ''))[:16].replace('T', ' ')} UTC",
        "old": facts.get("from"),
        "new": facts.get("to"),
        "number": facts.get("number"),
        "extractor": facts.get("fingerprint"),
        "change": facts.get("change"),
        "pages": len(facts.get("removed", ())),
        # of a takedown it is what somebody gave as the reason
        "why": trouble(facts["reason"], language) if event.kind is EventKind.NOT_READ_AGAIN else facts.get("reason"),
    }
    return shown(wording.say(f"event.{_key(event)}", language).format(**values))


def _key(event: Event) -> str:
    """Which sentence tells it."""
    withdrawn = event.kind is EventKind.RECOMPUTED and event.facts.get("after") is None
    return "withdrawn" if withdrawn else event.kind.value

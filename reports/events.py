"""Events as plain data and as a sentence each: what was observed, never why."""

from __future__ import annotations

from typing import Any

from reports.data import iso
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


def told(event: Event) -> str:
    """An event in a sentence."""
    facts = event.facts
    since = f"{str(facts.get('since', ''))[:16].replace('T', ' ')} UTC"
    after = "a recomputation found no difference any more" if facts.get("after") is None else "computed anew"
    sentences = {
        EventKind.MISSING: f"missing once (status {facts.get('status')}); a second look must agree before it is called gone",
        EventKind.GONE: f"gone (status {facts.get('status')}): missing since {since}, two spaced looks agree",
        EventKind.BACK: f"back: it was missing since {since}",
        EventKind.ADDRESS: f"address changed from {facts.get('from')} to {facts.get('to')}",
        EventKind.REBASELINED: f"version {facts.get('number')} read anew by {facts.get('fingerprint')}; not an edit",
        EventKind.RECOMPUTED: f"change {facts.get('change')}: {after}",
        EventKind.TAKEN_DOWN: f"content removed because: {facts.get('reason')}",
        EventKind.PURGED: f"{len(facts.get('removed', ()))} pages purged: {facts.get('reason')}",
    }
    return shown(sentences[event.kind])

"""What ``zaesur status`` adds to the counts: what was asked of each outlet, how the plan was kept, who waits for a message, which sources fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from storage import Store

LEFT_ALONE = "left alone"  # where the outlets that are not to be asked are kept, for the next process


def figures(store: Store, now: datetime | None = None) -> dict[str, Any]:
    """Today's requests by outlet and answer (UTC), outlets left alone, the plan's keeping, the outbox, sources in trouble."""
    now = now or datetime.now(UTC)
    kept = store.recall(LEFT_ALONE) or {}
    asked: dict[str, dict[str, int]] = {}
    for row in store.asked(now.date().isoformat()):
        asked.setdefault(row["outlet"], {})[row["answer"]] = row["requests"]
    return {
        "asked_today": asked,
        "left_alone": {name: rest for name, rest in kept.items() if datetime.fromisoformat(rest["until"]) > now},
        "plan": {row.pop("outlet"): row for row in store.plan_kept()},
        "outbox": {row.pop("channel"): row for row in store.outbox()},
        "sources_in_trouble": {source.url: source.problem for source in store.feeds() if source.problem},
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for a person."""
    for outlet, answers in found["asked_today"].items():
        told = ", ".join(f"{number} × {answer}" for answer, number in answers.items())
        yield f"asked of {outlet} today: {sum(answers.values())} requests ({told})"
    for outlet, rest in found["left_alone"].items():
        yield f"{outlet} is {rest['why']}"
    for outlet, row in found["plan"].items():
        yield (
            f"plan for {outlet}: {row['kept']:.1%} of {row['looks']} looks made in time and seen; "
            f"{row['expected_missed']:g} edits expected to have been missed between looks"
        )
    for channel, row in found["outbox"].items():
        problem = f": {row['problem']}" if row["problem"] else ""
        yield f"channel {channel}: {row['sent']} sent, {row['unsent'] + row['waiting']} waiting{problem}"
    for url, problem in found["sources_in_trouble"].items():
        yield f"source {url}: {problem}"

"""When to look again: an age table, with short schedules after trouble. A learned policy can take its place here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from storage import Store
from storage.types import Article, Capture, Outcome

# half of all edits come within hours of publication, the rest trickle for months: (age up to, time between looks)
AGES: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=3)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta(days=365), timedelta(days=7)),
)
FLOOR = timedelta(days=30)  # nothing is forgotten
AFTER: Mapping[Outcome, timedelta] = {
    Outcome.SET_ASIDE: timedelta(minutes=10),
    Outcome.FETCH_FAILED: timedelta(minutes=10),
    Outcome.EXTRACT_FAILED: timedelta(minutes=10),
    Outcome.GONE: timedelta(hours=1),  # gone is believed after two looks that agree
    Outcome.MOVED: timedelta(hours=1),
}
LONGEST_TROUBLE = timedelta(days=1)


def interval(age: timedelta, outcome: Outcome | None, troubles: int) -> timedelta:
    """The time until the next look at an article of this age, after ``troubles`` looks in a row that showed no text. Pure."""
    if outcome is not None and outcome in AFTER and troubles:
        return min(AFTER[outcome] * (1 << min(troubles - 1, 10)), LONGEST_TROUBLE)
    return next((step for limit, step in AGES if age <= limit), FLOOR)


def plan_next(store: Store, article_id: str) -> None:
    """Set the next look at an article, from its age and how the last looks ended."""
    now = datetime.now(UTC)
    outcome, troubles = _trouble(store.captures(article_id, limit=12))
    store.set_due(article_id, now + interval(_age(store, article_id, now), outcome, troubles))


def reasons(store: Store, article: Article) -> list[str]:
    """Why an article is due when it is."""
    planned = store.schedule(article.id)
    if planned is None:
        return [f"{article.id} is not followed: zaesur watch add {article.url}"]
    if planned.due_at is None:
        return [f"{article.id} is paused: zaesur watch pause --resume {article.id}"]
    now = datetime.now(UTC)
    age = _age(store, article.id, now)
    outcome, troubles = _trouble(store.captures(article.id, limit=12))
    lines = [f"{article.id} is due {planned.due_at:%Y-%m-%d %H:%M} UTC."]
    if troubles and outcome:
        lines.append(
            f"The last {troubles} look(s) showed no text ({outcome.value}); such looks are repeated soon, then less often."
        )
    else:
        lines.append(
            f"It was published {_words(age)} ago; at that age it is looked at every {_words(interval(age, None, 0))}."
        )
    return lines


def _age(store: Store, article_id: str, now: datetime) -> timedelta:
    latest = store.latest(article_id)
    article = store.article(article_id)
    seen = article.first_seen if article and article.first_seen else now
    told = latest.content.published if latest else None
    published = datetime.fromisoformat(told) if told else seen
    published = published if published.tzinfo else published.replace(tzinfo=UTC)
    return max(now - published, timedelta())


def _trouble(captures: list[Capture]) -> tuple[Outcome | None, int]:
    """The newest outcome, and how many looks in a row showed no text."""
    count = 0
    for capture in captures:
        if capture.outcome.seen:
            break
        count += 1
    return (captures[0].outcome if captures else None), count


def _words(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"

"""When to look again: the learned policy of ``scheduler.plan``, with its memory in the database."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.discovery import Entry
from scheduler.plan import Followed, Model, Observation, choose, hinted, learn, observe, policy
from scheduler.plan.observing import chance
from storage import Due, Store
from storage.types import Article, Capture, Outcome

_MODEL = "revisit-model"
_PLENTY = 5e-5  # the least value at which a look is made
_LATE = timedelta(minutes=15)  # a look so long after it was due leaves a gap
_SHORT_LIST = 1000  # due articles that compete for one tick's looks: fifty times as many
_PIECE = 5000  # articles planned anew in one transaction
_UNTIL = re.compile(r"until (\S+Z)")  # as a look that was rate limited says it


def plan_next(store: Store, articles: Mapping[str, bool]) -> None:
    """Take the lessons of the newest looks at these articles and set their next ones, all or none of them.

    ``articles`` says of each whether the look showed a text that had stood there before.
    """
    model = _model(store)
    with store.together():
        for article_id, returned in articles.items():
            _plan_one(store, article_id, returned, model)
        store.remember(_MODEL, model.to_json())


def _plan_one(store: Store, article_id: str, returned: bool, model: Model) -> None:
    newest = next(iter(store.captures(article_id, limit=1)), None)
    planned = store.schedule(article_id)
    if newest is None or planned is None:
        return
    at = newest.answered or newest.started
    before = _state(store, article_id, planned.state)
    if before.published is None or newest.outcome not in (Outcome.UNCHANGED, Outcome.NOT_MODIFIED):
        before = replace(before, published=_published(store, article_id))
    _count(store, planned, before, newest, model)
    learn(model, Observation(before=before, outcome=newest.outcome, at=at))
    state = observe(before, newest.outcome, at, model, flip=returned, retry_after=_asked_to_wait(newest))
    by = policy(str(planned.state.get("policy", "learned")))
    kept = {**state.to_json(), "policy": by.name, "missed_since": _gap(store, planned, newest, at)}
    store.set_due(article_id, by.next_due(state, at, model), kept)


def _gap(store: Store, planned: Due, look: Capture, at: datetime) -> str | None:
    """Note the stretch in which an article was due and not seen, once it is seen again; until then, since when."""
    since = planned.state.get("missed_since")
    late = planned.due_at is not None and at - planned.due_at > _LATE
    if not look.outcome.seen:
        return str(since or (planned.due_at or at).isoformat())
    if since:
        store.add_gap(look.article or "", datetime.fromisoformat(str(since)), at, "the looks in between showed no text")
    elif late and planned.due_at and "first_seen" in planned.state:
        store.add_gap(look.article or "", planned.due_at, at, "nobody looked: the service was not running, or behind")
    return None


def _count(store: Store, planned: Due, before: Followed, look: Capture, model: Model) -> None:
    """How the plan was kept. A change seen stands for at least one edit; those expected beyond it were missed."""
    article, at = store.article(planned.article), look.answered or look.started
    expected = model.unseen(before, at.timestamp()) if before.last_look is not None else 0.0
    # of the edits expected, given that there was at least one, all but the last were replaced before anybody looked
    missed = expected / chance(expected) - 1 if look.outcome is Outcome.CHANGED and expected > 1e-9 else 0.0
    late = planned.due_at is not None and "first_seen" in planned.state and at - planned.due_at > _LATE
    store.count_look(article.outlet if article else "", at, seen=look.outcome.seen, late=late, missed=missed)


def choose_due(store: Store, budget: int, without: Collection[str] = ()) -> list[Article]:
    """Of what is due now, the articles most worth a look, at most ``budget``; none of the outlets in ``without``."""
    now, model = datetime.now(UTC), _model(store)
    due = {entry.article: entry for entry in store.due(now, _SHORT_LIST, without)}
    # a fixed interval or the age table is a promise: what is due by them is looked at first, in order
    promised = [name for name, entry in due.items() if entry.state.get("policy", "learned") != "learned"][:budget]
    left = due.keys() - promised
    states = {name: _state(store, name, entry.state) for name, entry in due.items() if name in left}
    chosen = promised + choose(states, now, budget - len(promised), model)
    if chosen:
        store.remember(_MODEL, model.to_json())
    return [article for article in map(store.article, chosen) if article]


def note_hint(store: Store, told: Entry, source: str) -> bool:
    """A source names a followed article; another title, address or date there than before makes it due now.

    What a source says is compared only with what the same source said before: two sources may word a title differently.
    Returns whether the article became due.
    """
    planned = store.schedule(told.article.id)
    if planned is None or planned.due_at is None:
        return False
    before = state = _state(store, told.article.id, planned.state)
    stamps = {
        "title": told.title,
        "address": told.article.url,
        "published": told.published,
        "modified": told.modified,
    }
    for name, stamp in stamps.items():
        state = hinted(state, f"{name} in {source}", stamp) if stamp else state
    if state == before:
        return False
    due = datetime.now(UTC) if state.hints > before.hints else planned.due_at
    store.set_due(told.article.id, due, {**planned.state, **state.to_json()})
    return state.hints > before.hints


def replan(store: Store) -> int:
    """Set every due time anew by what was learned since; once a night. Returns how many were set."""
    now, model = datetime.now(UTC), _model(store)
    model.refit()
    count, last = 0, ""
    while entries := store.due_later(now, last, _PIECE):
        store.set_all_due((entry.article, _next(store, entry, now, model)) for entry in entries)
        count, last = count + len(entries), entries[-1].article
    store.remember(_MODEL, model.to_json())
    return count


def _next(store: Store, entry: Due, now: datetime, model: Model) -> datetime:
    by = policy(str(entry.state.get("policy", "learned")))
    return by.next_due(_state(store, entry.article, entry.state), now, model)


def reasons(store: Store, article: Article) -> list[str]:
    """Why an article is due when it is, in sentences."""
    planned = store.schedule(article.id)
    if planned is None:
        return [f"{article.id} is not followed: zaesur watch add {article.url}"]
    if planned.due_at is None:
        return [f"{article.id} is paused: zaesur watch pause --resume {article.id}"]
    by = policy(str(planned.state.get("policy", "learned")))
    state = _state(store, article.id, planned.state)
    explained = by.explain(state, datetime.now(UTC), _model(store))
    return [f"{article.id} is due {planned.due_at:%Y-%m-%d %H:%M} UTC.", *explained]


def _model(store: Store) -> Model:
    kept = store.recall(_MODEL)
    # with few articles every look is affordable; scarcity raises the thresholds by itself
    return Model.from_json(kept) if kept else Model(threshold=_PLENTY, old_threshold=_PLENTY)


def _state(store: Store, article_id: str, kept: dict[str, object]) -> Followed:
    """The article's state as kept, or a new one."""
    if "first_seen" in kept:
        return Followed.from_json(kept)
    article = store.article(article_id)
    seen = article.first_seen if article and article.first_seen else datetime.now(UTC)
    return Followed.start(seen, group=article.language if article else "")


def _published(store: Store, article_id: str) -> float | None:
    """The outlet's own publication time, once a page has told it; seconds since 1970."""
    latest = store.latest(article_id)
    told = datetime.fromisoformat(latest.content.published) if latest and latest.content.published else None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() if told else None


def _asked_to_wait(look: Capture) -> timedelta | None:
    """How long the server asked to be left alone, as the look's reason records it."""
    match = _UNTIL.search(look.reason or "")
    return datetime.fromisoformat(match[1]) - (look.answered or look.started) if match else None

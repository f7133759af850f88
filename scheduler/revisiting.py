"""When to look again: the learned policy of ``scheduler.plan``, with its memory in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from crawler.discovery import Entry
from scheduler.plan import PAUSE, Followed, Model, Observation, choose, hinted, learn, observe, policy, to_replan
from scheduler.plan.observing import chance
from scheduler.plan.policies import FLOOR
from storage import Due, Store
from storage.following import Looked
from storage.ledger import PlannedLook
from storage.types import Article, Outcome

_MODEL = "revisit-model"
_PLENTY = 5e-5  # the least value at which a look is made
_LATE = timedelta(minutes=15)  # a look so long after it was due leaves a gap
_SHORT_LIST = 1000  # due articles that compete for one tick's looks: fifty times as many, half of them the newest due
_HINTS = 9  # more told of one article before it is looked at say nothing more
_PIECE = 1000  # articles planned anew in one transaction, some .1 s
# as a look says that was rate limited, or put off; a page may write "until" elsewhere in a reason
_UNTIL = re.compile(r"(?:rate limited|left alone) until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")


def plan_next(store: Store, articles: Mapping[str, bool]) -> None:
    """Take the lessons of the newest looks at these articles and set their next ones, all or none of them.

    ``articles`` says of each whether the look showed a text that had stood there before.
    """
    models = _Models(store)
    counted: list[PlannedLook] = []
    planned: list[tuple[str, datetime, dict[str, Any]]] = []
    with store.together():
        for look in map(_as_planned, store.looked(articles)):
            before, model = _before(store, look), models.of(look.outlet)
            late = _late(look, before, model)
            counted.append(_kept(look, before, model, late=late))
            planned.append(_planned(store, look, before, model, returned=articles[look.article], late=late))
        store.count_looks(counted)
        store.plan(planned)
        models.keep()


def _as_planned(look: Looked) -> Looked:
    """A look with the moment for which it was planned: a hint that came since then has moved that."""
    was_due = look.state.get("was_due")
    return replace(look, due_at=datetime.fromisoformat(was_due)) if was_due and look.due_at else look


def _hinted_since(look: Looked) -> list[float]:
    """When sources told of a change after the look was made and before it was planned upon."""
    return [at for at in look.state.get("hinted", ()) if at > look.at.timestamp()]


def _before(store: Store, look: Looked) -> Followed:
    """The article's state before the look. When it was published is asked again whenever a look may have told it."""
    before = _state(look.state, look)
    before = replace(before, hints=max(0, before.hints - len(_hinted_since(look))))
    known, at = before.published, look.at.timestamp()
    if known is None or known > at or look.outcome not in (Outcome.UNCHANGED, Outcome.NOT_MODIFIED):
        before = replace(before, published=_published(store, look.article, at))
    return before


def _planned(
    store: Store, look: Looked, before: Followed, model: Model, *, returned: bool, late: bool
) -> tuple[str, datetime, dict[str, Any]]:
    """Take the lesson of a look; when to look next, and what to remember."""
    learn(model, Observation(before=before, outcome=look.outcome, at=look.at))
    state = observe(before, look.outcome, look.at, model, flip=returned, retry_after=_asked_to_wait(look))
    by = policy(str(look.state.get("policy", "learned")))
    kept = {**state.to_json(), "policy": by.name, "missed_since": _gap(store, look, model, late=late)}
    if newer := _hinted_since(look):  # due by what the look could not know yet
        kept |= {"hints": state.hints + len(newer), "hinted": newer}
        return look.article, datetime.fromtimestamp(newer[0], UTC), kept
    return look.article, by.next_due(state, look.at, model), kept


def _gap(store: Store, look: Looked, model: Model, *, late: bool) -> str | None:
    """Note the stretch in which an article was due and not seen, once it is seen again; until then, since when."""
    since = look.state.get("missed_since")
    if not look.outcome.seen:
        return str(since or (look.due_at or look.at).isoformat())
    if since:
        store.add_gap(look.article, datetime.fromisoformat(str(since)), look.at, "the looks in between showed no text")
    elif late and look.due_at:
        since, until = look.due_at.timestamp(), look.at.timestamp()
        if (why := model.rested(since, until)) and not model.paused(since, until):
            store.add_gap(look.article, look.due_at, look.at, f"the outlet was not asked: {why}")
        else:
            store.add_gap(look.article, look.due_at, look.at, "nobody looked: the service was not running, or behind")
    return None


def _late(look: Looked, before: Followed, model: Model) -> bool:
    """Whether a look came so long after it was due, and not because others were worth more of what the outlet allows.

    Waiting for its turn is the learned policy's plan, as long as looks are chosen all the while and the outlet may be asked; the floor is a
    promise, and so is every other policy. The first look at an article is never late.
    """
    if look.due_at is None or "first_seen" not in look.state or look.at - look.due_at <= _LATE:
        return False
    since, until = look.due_at.timestamp(), look.at.timestamp()
    if look.state.get("policy", "learned") != "learned" or model.paused(since, until) or model.rested(since, until):
        return True
    return before.last_look is not None and look.at.timestamp() - before.last_look > FLOOR + _LATE.total_seconds()


def _kept(look: Looked, before: Followed, model: Model, *, late: bool) -> PlannedLook:
    """How the plan was kept. A change seen stands for at least one edit; those expected beyond it were missed."""
    expected = model.unseen(before, look.at.timestamp()) if before.last_look is not None else 0.0
    # of the edits expected, given that there was at least one, all but the last were replaced before anybody looked
    missed = expected / chance(expected) - 1 if look.outcome is Outcome.CHANGED and expected > 1e-9 else 0.0
    return PlannedLook(outlet=look.outlet, at=look.at, seen=look.outcome.seen, late=late, missed=missed)


def choose_due(store: Store, outlet: str, budget: int) -> list[Article]:
    """Of what is due now at an outlet, the articles most worth a look, at most ``budget``."""
    now, models = datetime.now(UTC), _Models(store)
    if budget == 0:
        # what is due waits for its turn: it was not forgotten
        if now.timestamp() - models.of(outlet).chosen > PAUSE / 2:
            models.of(outlet).choosing(now.timestamp())
            models.keep()
        return []
    # a fixed interval or the age table is a promise: what is due by them is looked at first, in order
    promised = [entry.article for entry in store.due_promised(now, budget, outlet)]
    # what has become due just now (new, or hinted) competes with what waits longest, however much waits
    due = store.due_at_ends(now, _SHORT_LIST, outlet)
    states = {entry.article: _state_of(store, entry) for entry in due if entry.article not in promised}
    chosen = promised + choose(states, now, budget - len(promised), models.of(outlet))
    if chosen:
        models.keep()
    return [article for article in map(store.article, chosen) if article]


def note_rest(store: Store, outlet: str, until: datetime, why: str) -> None:
    """What is due at an outlet waits because it is left alone."""
    now, models = datetime.now(UTC).timestamp(), _Models(store)
    model, end = models.of(outlet), until.timestamp()
    # at every tick, but written down only when there is something new; ends are told to the second
    if now - model.chosen > PAUSE / 2 or not model.rests or end > model.rests[-1][1] + 60:
        model.resting(now, end, why)
        models.keep()


def note_hint(store: Store, told: Entry, source: str) -> bool:
    """A source names a followed article; another title, address or date there than before makes it due now.

    What a source says is compared only with what the same source said before: two sources may word a title differently.
    Returns whether the article became due.
    """
    planned = store.schedule(told.article.id)
    if planned is None or planned.due_at is None:
        return False
    before = state = _state_of(store, planned)
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
    kept, due, now = {**planned.state, **state.to_json()}, planned.due_at, datetime.now(UTC)
    if new := state.hints - before.hints:
        kept["hinted"] = [*planned.state.get("hinted", ()), *[now.timestamp()] * new][-_HINTS:]
        if due < now:  # so long it has waited, whatever makes it due anew
            kept.setdefault("was_due", due.isoformat())
        due = now
    store.set_due(told.article.id, due, kept)
    return bool(new)


def replan(store: Store) -> Iterator[int]:
    """Set due times anew by what was learned since; once a night. A piece at each step, and how many were set in it.

    What waits already and is not worth a look any more is put off; what still is stays due since when it was.
    """
    now, models, last = datetime.now(UTC), _Models(store), ""
    while entries := store.due_until(to_replan(now), last, _PIECE):
        anew = [(entry, _next(store, entry, now, models.of(entry.outlet))) for entry in entries]
        moved = [(entry.article, due) for entry, due in anew if due > now or (entry.due_at and entry.due_at > now)]
        store.set_all_due(moved)
        last = entries[-1].article
        yield len(moved)


def _next(store: Store, entry: Due, now: datetime, model: Model) -> datetime:
    by = policy(str(entry.state.get("policy", "learned")))
    return by.next_due(_state_of(store, entry), now, model)


def reasons(store: Store, article: Article) -> list[str]:
    """Why an article is due when it is, in sentences."""
    planned = store.schedule(article.id)
    if planned is None:
        return [f"{article.id} is not followed: zaesur watch add {article.url}"]
    if planned.due_at is None:
        return [f"{article.id} is paused: zaesur watch pause --resume {article.id}"]
    by = policy(str(planned.state.get("policy", "learned")))
    state = _state_of(store, planned)
    explained = by.explain(state, datetime.now(UTC), _Models(store).of(planned.outlet))
    return [f"{article.id} is due {planned.due_at:%Y-%m-%d %H:%M} UTC.", *explained]


class _Models:
    """What was learned, for each outlet by itself: how its articles are edited, and what its budget allows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._models: dict[str, Model] = {}

    def of(self, outlet: str) -> Model:
        """An outlet's model; a new one begins with what was learned when there was one for all, else with what is published."""
        if outlet not in self._models:
            kept = self._store.recall(f"{_MODEL} {outlet}") or self._store.recall(_MODEL)
            # with few articles every look is affordable; scarcity raises the thresholds by itself
            new = {"threshold": _PLENTY, "steady": _PLENTY, "archive_level": _PLENTY}
            self._models[outlet] = Model.from_json(kept or new)
        return self._models[outlet]

    def keep(self) -> None:
        """Remember all that were asked for."""
        for outlet, model in self._models.items():
            self._store.remember(f"{_MODEL} {outlet}", model)


def _state(kept: Mapping[str, Any], article: Looked | Article | None) -> Followed:
    """The article's state as kept, or a new one."""
    if "first_seen" in kept:
        return Followed.from_json(kept)
    seen = article.first_seen if article and article.first_seen else datetime.now(UTC)
    return Followed.start(seen, group=article.language if article else "")


def _state_of(store: Store, planned: Due) -> Followed:
    return _state(planned.state, None if "first_seen" in planned.state else store.article(planned.article))


def _published(store: Store, article_id: str, at: float) -> float | None:
    """The outlet's own publication time, once a page has told one before the moment ``at`` at which it was there; seconds since 1970.

    A later one is a local time without its zone, or a slip: until then nobody would look.
    """
    try:
        told = datetime.fromisoformat(store.published(article_id) or "")
    except ValueError:  # none, or one that is in no calendar
        return None
    published = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    return published if published <= at else None


def _asked_to_wait(look: Looked) -> timedelta | None:
    """How long the server asked to be left alone, as the look's reason records it."""
    match = _UNTIL.match(look.reason or "")
    return datetime.fromisoformat(match[1]) - look.at if match else None

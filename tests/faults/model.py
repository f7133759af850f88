"""Random histories of a newsroom against a model of what must have been recorded.

The site publishes, edits, deletes, restores, renames, answers badly and goes down; the clock steps; we are killed, upgraded and look
again. The way is the real one from the answer to the recorded change, without the network.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from crawler.localsite import Site
from crawler.reading import refresh
from crawler.urls import identify
from scheduler.comparing import compare_owed
from scheduler.timeline import neighbours
from storage import Store
from storage.types import Baseline, Content, Outcome
from tests.faults import scene

STEPS = Counter[str]()
_WORDS = ("Murmansk", "siebzehn", "Quittenbaum", "Lagerhalle")
WHICH = st.sampled_from([0, 1])


@dataclass
class Followed:
    """What the model knows of an article: what it says now, and the texts that good looks showed, each once as it came."""

    number: int
    slug: str
    start: Content
    says: Content
    there: bool = True
    down: bool = False
    shown: list[str] = field(default_factory=list)


class Newsroom(RuleBasedStateMachine):
    """The site, the database and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="zaesur-", dir=scene.MEMORY if scene.MEMORY.is_dir() else None)
        self.path = Path(self.folder.name) / "z.db"
        self.store = Store.open(self.path)
        self.site, self.now = Site(seed=3), scene.START
        self.acknowledged: list[str] = []
        self.articles = [
            Followed(number=number, slug=slug, start=content, says=content) for number, slug, content in neighbours()
        ]
        for each in self.articles:
            self.site.publish(each.says, number=each.number, slug=each.slug)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def _says(self, each: Followed, content: Content) -> None:
        each.says = content
        self.site.revise(each.number, content, slug=each.slug, touch=False)

    @rule(which=WHICH, word=st.sampled_from(_WORDS))
    def edit(self, which: int, word: str) -> None:
        STEPS["edit"] += 1
        each = self.articles[which]
        blocks = (*each.start.blocks[:-1], replace(each.start.blocks[-1], text=f"Am Ende stand ein Wort: {word}."))
        self._says(each, replace(each.says, blocks=blocks))

    @rule(which=WHICH)
    def flip_back(self, which: int) -> None:
        STEPS["flip"] += 1
        self._says(self.articles[which], self.articles[which].start)

    @rule(which=WHICH, slug=st.sampled_from(["anders", "noch-anders"]))
    def move(self, which: int, slug: str) -> None:
        STEPS["move"] += 1
        self.articles[which].slug = slug
        self._says(self.articles[which], self.articles[which].says)

    @rule(which=WHICH, status=st.sampled_from([404, 410]))
    def delete(self, which: int, status: int) -> None:
        STEPS["delete"] += 1
        self.articles[which].there = False
        self.site.remove(self.articles[which].number, status)

    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        STEPS["restore"] += 1
        self.articles[which].there = True
        self.site.restore(self.articles[which].number)

    @rule(
        which=WHICH, how=st.sampled_from(["consent", "status-503", "no-end", "empty", "soft-404", "maintenance", None])
    )
    def answer_badly(self, which: int, how: str | None) -> None:
        STEPS["outage"] += 1
        self.articles[which].down = how is not None
        self.site.misbehave(self.articles[which].number, how)

    @rule(minutes=st.integers(-120, 600))
    def clock(self, minutes: int) -> None:
        STEPS["clock step"] += 1
        self.now += timedelta(minutes=minutes)

    @rule(which=WHICH)
    def look(self, which: int) -> None:
        STEPS["look"] += 1
        self.now += timedelta(minutes=1)
        each = self.articles[which]
        article = identify(f"{self.site.base_url}/de/{each.slug}/a-{each.number}")
        latest = self.store.latest(article.id)
        last = refresh(self.store, latest).content if latest else None
        recorded = self.store.record(scene.look_at(self.site, article, self.now, last))
        self.acknowledged.append(recorded.capture.hash)
        outcome = recorded.capture.outcome
        if not each.there:
            assert outcome in (Outcome.GONE, Outcome.SET_ASIDE), outcome
        elif each.down:
            assert outcome in (Outcome.SET_ASIDE, Outcome.GONE, Outcome.FETCH_FAILED), outcome
        else:
            self._expect(each, outcome)

    @rule(which=WHICH)
    def look_by_a_program_that_cannot_read_the_last_page(self, which: int) -> None:
        """What it reads is what was shown last, or a new start; never called an edit."""
        STEPS["unread"] += 1
        self.now += timedelta(minutes=1)
        each = self.articles[which]
        article = identify(f"{self.site.base_url}/de/{each.slug}/a-{each.number}")
        latest, another = self.store.latest(article.id), f"extractor {STEPS['unread']} that cannot read what is stored"
        look = scene.look_at(self.site, article, self.now, latest.content if latest else None)
        if look.content is None:
            return
        if latest:
            self.store.not_read_again(article.id, latest.number, another, "not the article: no text found")
            assert self.store.unread(article.id)[-1].facts["fingerprint"] == another
        recorded = self.store.record(replace(look, fingerprint=another, region=None))
        self.acknowledged.append(recorded.capture.hash)
        same = each.shown[-1:] == [repr(each.says)]
        assert recorded.capture.outcome is (Outcome.UNCHANGED if same else Outcome.NEW)
        if not same:
            each.shown.append(repr(each.says))

    @rule(which=WHICH, word=st.sampled_from(_WORDS))
    def edit_and_look(self, which: int, word: str) -> None:
        self.edit(which, word)
        self.look(which)

    def _expect(self, each: Followed, outcome: Outcome) -> None:
        """A good answer is seen: a new version exactly when it says something else than the last one did."""
        says = repr(each.says)
        same = each.shown[-1:] == [says]
        expected = Outcome.UNCHANGED if same else Outcome.CHANGED if each.shown else Outcome.NEW
        assert outcome is expected, f"{outcome} where {expected} was to be seen"
        if not same:
            each.shown.append(says)

    @rule()
    def compare(self) -> None:
        STEPS["compare"] += 1
        compare_owed(self.store)
        assert self.store.owed() == self.store.owed(everything=True) == []
        for each in self.articles:
            changes = self.store.changes(article=f"a-{each.number}", baseline=Baseline.PREVIOUS)
            pairs = sorted((change.from_version, change.to_version) for change in changes)
            assert pairs == [(n, n + 1) for n in range(1, len(each.shown))]

    @rule(writing=st.booleans())
    def kill(self, writing: bool) -> None:
        """The process ends, perhaps in the middle of a transaction; another one starts. (Real kills: ``tests.faults.kill``.)"""
        STEPS["kill"] += 1
        if writing:
            self.store._db.execute("BEGIN IMMEDIATE")
            self.store._db.execute("INSERT INTO runs(job, started) VALUES ('half done', '')")
        self.store.close()
        self.store = Store.open(self.path)
        assert not self.store._rows("SELECT 1 FROM runs")

    @rule(which=WHICH)
    def upgrade(self, which: int) -> None:
        """Another extractor has read the newest page: recorded as such, and no version and no change comes of it."""
        STEPS["upgrade"] += 1
        latest = self.store.latest(f"a-{self.articles[which].number}")
        if latest is not None:
            content = replace(latest.content, headline=f"{latest.content.headline} (as another extractor reads it)")
            self.store.reextracted(latest.article, latest.number, content, f"extractor {STEPS['upgrade']}")

    @rule()
    def verify(self) -> None:
        STEPS["verify"] += 1
        assert list(self.store.verify_chain()) == []

    @invariant()
    def nothing_is_lost_and_nothing_invented(self) -> None:
        kept = [capture.hash for capture in reversed(self.store.captures())]
        assert kept == self.acknowledged
        for each in self.articles:
            assert len(self.store.digests(f"a-{each.number}")) == len(each.shown)


def run(size: int, seed: int) -> int:
    """Make ``size`` random steps."""
    began, length = time.monotonic(), 50
    random.seed(seed)
    while sum(STEPS.values()) < size:
        run_state_machine_as_test(
            Newsroom,
            settings=settings(
                max_examples=max(1, min(1000, (size - sum(STEPS.values())) // length)),
                stateful_step_count=length,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    counts = ", ".join(f"{number} {name}" for name, number in sorted(STEPS.items()))
    print(f"model: {sum(STEPS.values())} steps, 0 violations ({time.monotonic() - began:.0f} s): {counts}")
    return 0


if __name__ == "__main__":
    scene.command("model", run, 5000)

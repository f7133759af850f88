"""An article's history with one fault in it, and a round of such histories: every fault once."""

from __future__ import annotations

import os
import random
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from benchmarks.comparison.texts import LANGUAGES
from crawler import crawling, politeness
from crawler.localsite import Site
from crawler.urls import identify
from storage import Store
from storage.types import Content
from tests.faults import pages, scene
from tests.faults.servers import certificates, said, transfer, ways
from tests.faults.servers.fault import Fault
from tests.faults.servers.wire import Wire

FAULTS = [
    *transfer.TRANSFER,
    *transfer.CODINGS,
    *transfer.CHARSETS,
    *ways.STATUSES,
    *ways.REDIRECTS,
    *ways.HEADERS,
    *ways.CONNECTIONS,
    *ways.ROBOTS,
    *said.ERROR_PAGES,
    *said.CONTENT,
]
# a history: g looks at a good answer, e edits before that, f meets the fault just after an edit
PLACES = {"middle": "gfgeg", "first": "fgeg", "last": "gegfeg"}
_FIRST = 71_000_000


class History:
    """One article, one fault, looks in order; ``findings`` are what went wrong."""

    def __init__(self, wire: Wire, store: Store, fault: Fault, place: str, seed: int, number: int) -> None:
        self.wire, self.store, self.fault, self.place = wire, store, fault, place
        self.rng = wire.rng = random.Random(f"{fault.name} {place} {seed}")
        self.says = _article(self.rng)
        self.shown: list[Content] = []
        self.findings: list[str] = []
        self.untold = fault.beside and place == "first"
        wire.number = number
        path = wire.site.publish(self.says, number=number, slug="eine-nachricht")
        self.article = identify(wire.bases["http"] + path)

    def run(self) -> None:
        """Make all looks; time passes between them, so that whatever was put off is over."""
        for step in PLACES[self.place]:
            politeness.forget()
            if step == "e" or (step == "f" and self.shown):
                self.says = scene.edited(self.says, self.rng)
                self.wire.site.revise(self.wire.number, self.says)
            if step == "f":
                self._fault()
            else:
                self._good(self._look())

    def _look(self, patience: float | None = None, base: str = "") -> dict[str, Any]:
        article = (
            replace(self.article, url=self.article.url.replace(self.wire.bases["http"], base)) if base else self.article
        )
        settings = {"DOWNLOAD_TIMEOUT": patience} if patience else None
        return crawling.run(crawling.look([article], self.store, settings=settings))[0]

    def _fault(self) -> None:
        fault = self.fault
        self.wire.answering, self.wire.robots = fault.answering, fault.robots
        row = self._look(fault.patience, self.wire.bases[fault.entrance])
        self.wire.answering = self.wire.robots = None
        if fault.outcome is None:
            self._good(row)
        elif not self.untold:
            self._set_aside(row)
        elif row["outcome"] == "new":
            self.shown.append(self.says)  # nothing to compare it with: taken for what the article says

    def _set_aside(self, row: dict[str, Any]) -> None:
        reason = row["reason"] or ""
        if row["outcome"] != self.fault.outcome:
            self._found(f"{row['outcome']} ({reason}), where {self.fault.outcome} was to be recorded")
        elif not re.search(self.fault.reason, reason):
            self._found(f"the reason {reason!r} does not say {self.fault.reason!r}")
        self._count()

    def _good(self, row: dict[str, Any]) -> None:
        same = bool(self.shown) and self.shown[-1] == self.says
        expected = "unchanged" if same else "changed" if self.shown else "new"
        if self.untold and row["outcome"] in ("changed", "unchanged"):
            return
        if row["outcome"] != expected:
            self._found(f"{row['outcome']} ({row['reason']}), where {expected} was to be seen")
        if not same:
            self.shown.append(self.says)
        self._count()
        latest = self.store.latest(self.article.id)
        if latest is None or _words(latest.content) != _words(self.says):
            self._found("the newest version is not what the site says")

    def _count(self) -> None:
        versions = len(self.store.digests(self.article.id))
        if versions != len(self.shown):
            self._found(f"{versions} versions, where {len(self.shown)} texts were shown")

    def _found(self, what: str) -> None:
        self.findings.append(f"{self.fault.name}, {self.place} look: {what}")


def _article(rng: random.Random) -> Content:
    content = pages.content(rng.choice([language for language in LANGUAGES if language != "zh"]))
    return replace(content, headline=(content.headline or "").strip(), kicker="Welt | Küste", place="")


def _words(content: Content) -> list[str]:
    return [content.headline or "", content.teaser or "", *(block.text for block in content.blocks)]


@dataclass
class Found:
    """What went wrong, and the faults that nothing could tell."""

    findings: list[str] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)


def chosen(every: int, seed: int) -> list[Fault]:
    """One of ``every`` faults and oddities: each seed below ``every`` has others, all of these together have all."""
    return [*FAULTS, *said.HARMLESS][seed % every :: every]


def meet(n: int, seed: int, every: int) -> Found:
    """Round ``n``: each fault in one history. A process, a database, and for each history a site, that hold nothing of other rounds."""
    os.environ["ZAESUR_DELAY"] = "0"
    place, found = tuple(PLACES)[n % len(PLACES)], Found()
    wire = Wire(site=Site())
    with tempfile.TemporaryDirectory(prefix="zaesur-") as folder:
        certificates.trusted(Path(folder))
        with wire.serving(Path(folder)), Store.open(Path(folder) / "z.db") as store:
            hosts = {base.partition("//")[2] for base in wire.bases.values()}
            os.environ["ZAESUR_ALLOW_HOSTS"] = ",".join(sorted(hosts))
            for number, fault in enumerate(chosen(every, seed), _FIRST):
                # what a site remembers of its articles makes each later look dearer
                wire.site = _site(seed + n, wire.bases["http"])
                history = History(wire, store, fault, place, seed + n // len(PLACES), number)
                history.run()
                found.findings += history.findings
                if history.untold:
                    found.untold.add(fault.name)
    return found


def _site(seed: int, base: str) -> Site:
    site = Site(seed=seed, base_url=base)
    site.publish(_article(random.Random(seed)), number=70_000_001, slug="eine-andere")  # where a redirect may lead
    return site

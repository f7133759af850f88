"""Faults of servers over real HTTP and HTTPS on loopback: each is set aside or failed for the right reason, and no version comes of it.

``python -m tests.faults.servers --size 60`` meets every fault in 60 histories of its own: at the first look, at one in the
middle and at the last one in turn, with another article, another edit and other random places each. ``--size 1``: in the middle, once.
"""

from __future__ import annotations

import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

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


def histories(size: int, faults: list[Fault]) -> Iterator[tuple[Fault, str, int]]:
    """Which fault, at which look, with which seed."""
    for n in range(size):
        for fault in faults:
            yield fault, tuple(PLACES)[n % len(PLACES)], n // len(PLACES)


def run(size: int, seed: int) -> int:
    """Meet every fault in ``size`` histories; the number of the exit."""
    os.environ["ZAESUR_DELAY"] = "0"
    site = Site(seed=seed)
    site.publish(_article(random.Random(seed)), number=70_000_001, slug="eine-andere")  # where a redirect may lead
    wire, findings, untold = Wire(site=site), list[str](), Counter[str]()
    made = list(histories(size, [*FAULTS, *said.HARMLESS]))
    with tempfile.TemporaryDirectory(prefix="zaesur-") as folder:
        certificates.trusted(Path(folder))
        with wire.serving(Path(folder)), Store.open(Path(folder) / "z.db") as store:
            hosts = {base.partition("//")[2] for base in wire.bases.values()}
            os.environ["ZAESUR_ALLOW_HOSTS"] = ",".join(sorted(hosts))
            for n, (fault, place, turn) in enumerate(made):
                history = History(wire, store, fault, place, seed + turn, _FIRST + n)
                history.run()
                findings += history.findings
                untold[fault.name] += history.untold
    for finding in findings:
        print(f"WRONG: {finding}")
    told = sorted(name for name, count in untold.items() if count)
    if told:
        print(f"cannot be told at a first look, and are read as they come: {', '.join(told)}")
    print(
        f"faults of servers: {len(findings)} wrong in {len(made)} histories of {len(FAULTS)} kinds and {len(said.HARMLESS)} harmless oddities; target 0"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    scene.command("servers", run, 1)

"""The checks of ``zaesur doctor``: each says what was found and, if it is bad, what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crawler.pipelines import DISAGREES
from scheduler.configuration import find, load
from storage import Store
from storage.errors import ZaesurError
from storage.opening import SQLITE_VERSION, UNFIXED, json_needs_trust, wal_is_safe
from storage.packing import usual_zlib, zlib_version

_LIBRARIES = ("scrapy", "trafilatura", "apscheduler", "sqlite-utils", "lxml")
_ROOM = 1 << 30
_SAMPLE = 100  # packed pages that are made again to try this machine's zlib
_LATE = timedelta(days=2)  # without a time stamp, where the service asks for one a day


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def checks(path: Path, config: Path | None = None) -> Iterator[Check]:
    """Look at Python, the libraries, SQLite, the disk, the settings and, if there is one, the database."""
    yield Check(name="Python", ok=sys.version_info >= (3, 11), found=sys.version.split()[0], advice="use 3.11 or newer")
    yield Check(name="libraries", ok=True, found=", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    yield _sqlite()
    yield _disk(path)
    yield _delay()
    yield _allowed()
    yield _configuration(path, config)
    if path.exists():
        yield from _database(path)
        yield from _stamped(path, config)
    else:
        yield Check(
            name="database", ok=True, found=f"{path} does not exist yet; the first command that records makes it"
        )


def _sqlite() -> Check:
    safe = wal_is_safe()
    mode = (
        "free of the WAL-reset fault; databases use WAL"
        if safe
        else "has the WAL-reset fault of 3.7.0 to 3.51.2; databases use TRUNCATE, which it does not touch"
    )
    trust = "; looks into JSON in views and triggers only where the schema is trusted" if json_needs_trust() else ""
    return Check(name="SQLite", ok=True, found=f"{SQLITE_VERSION}, {mode}{trust}")


def _pragmas(pragmas: dict[str, Any]) -> Check:
    """The file itself says whether it uses WAL; a journal that is rolled back is a matter of the connection that writes."""
    at_risk = pragmas["journal_mode"] == "wal" and not wal_is_safe()
    told = pragmas if pragmas["journal_mode"] == "wal" else {**pragmas, "journal_mode": f"{UNFIXED} (of who writes)"}
    return Check(
        name="pragmas",
        ok=not at_risk,
        found=", ".join(f"{name}={value}" for name, value in told.items()),
        advice="this file uses WAL, with which this SQLite may damage it; the next command that records changes that: zaesur run --once",
    )


def _zlib(remade: int, other: int) -> Check:
    """Packed pages hold no gzip: it is made again on reading, and only the zlib that served it, or one like it, makes the same bytes."""
    kind = "deflates as zlib does" if usual_zlib() else "deflates otherwise than zlib itself (zlib-ng?)"
    tried = (
        f"{remade - other} of {remade} stored pages tried come out as they were served"
        if remade
        else "no page was packed without its gzip"
    )
    advice = (
        "nothing is lost: these pages are whole without their gzip, and their digests are recorded. Use this database where Python has the "
        "zlib it was packed with: nearly always zlib itself, as Python of python.org and of Debian has it"
    )
    return Check(name="zlib", ok=not other, found=f"{zlib_version()}, {kind}; {tried}", advice=advice)


def _disk(path: Path) -> Check:
    folder = path.resolve().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    writable = os.access(folder, os.W_OK)
    found = f"{free / (1 << 30):.1f} GiB free{'' if writable else ', not writable'}"
    return Check(name="disk", ok=free > _ROOM and writable, found=found, advice="make room, or name another --db")


def _delay() -> Check:
    text = os.environ.get("ZAESUR_DELAY", "")
    try:
        ok = not text or float(text) >= 0
    except ValueError:
        ok = False
    return Check(name="ZAESUR_DELAY", ok=ok, found=text or "not set: polite default", advice="give seconds, such as 5")


def _allowed() -> Check:
    text = os.environ.get("ZAESUR_ALLOW_HOSTS", "")
    found = text or "not set: only public addresses may be contacted"
    return Check(name="ZAESUR_ALLOW_HOSTS", ok=True, found=found)


def _configuration(path: Path, config: Path | None) -> Check:
    try:
        found = find(path, config)
        read = load(found)
    except ZaesurError as error:
        return Check(name="configuration", ok=False, found=str(error), advice="correct it, then: zaesur config check")
    if found is None:
        return Check(name="configuration", ok=True, found="none: the defaults hold; write one with: zaesur config init")
    sources, channels = len(list(read.sources())), len(read.notify.channels)
    return Check(name="configuration", ok=True, found=f"{found}: {sources} sources, {channels} channels")


def _stamped(path: Path, config: Path | None) -> Iterator[Check]:
    """When the authority that is named gave its newest time stamp; nothing where none is named."""
    try:
        authority = load(find(path, config)).maintenance.authority
        with Store.open(path, write=False) as store:
            last = store.last_stamp()
    except ZaesurError:  # said by the checks of the configuration and the database
        return
    if authority:
        late = last is None or datetime.now(UTC) - last > _LATE
        found = f"{authority}: the newest is of {last:%Y-%m-%d %H:%M} UTC" if last else f"{authority}: none yet"
        advice = "the service asks daily and, when it fails, hourly: see the incidents; or: zaesur anchor --tsa URL"
        yield Check(name="time stamps", ok=not late, found=found, advice=advice)


def _database(path: Path) -> Iterator[Check]:
    try:
        with Store.open(path, write=False) as store:
            status = store.status()
            pragmas = store.pragmas()
            problems = list(store.verify_chain())
            troubles = store.incidents(3)
            remade, other = store.remade(_SAMPLE)
            blind = store.disagreements(DISAGREES)
    except ZaesurError as error:
        yield Check(name="database", ok=False, found=str(error), advice="restore a backup or name another --db")
        return
    yield Check(name="database", ok=True, found=f"{path}: {status['articles']} articles, {status['versions']} versions")
    yield _pragmas(pragmas)
    first = str(problems[0]) if problems else "unbroken"
    yield Check(name="records", ok=not problems, found=first, advice="run zaesur verify; restore a backup")
    yield _zlib(remade, other)
    found = f"{blind} control(s) found a text changed whose page region had not"
    yield Check(name="regions", ok=not blind, found=found, advice="please report the article; no change was lost")
    told = "; ".join(
        f"{each.last:%Y-%m-%d %H:%M} {each.detail}" + (f" ({each.times} times)" if each.times > 1 else "")
        for each in troubles
    )
    yield Check(name="incidents", ok=True, found=told or "none")
    alive = status["service"] != "stalled"
    yield Check(name="service", ok=alive, found=str(status["service"]), advice="restart zaesur run")

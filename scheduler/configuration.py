"""``zaesur.toml``: what is read at which outlet, how politely, and who is told of what. Checked whole before anything is used.

Looked for where ``--config`` or ZAESUR_CONFIG says, else beside the database; without a file the defaults hold. What the
environment says (ZAESUR_CONTACT, ZAESUR_DELAY, ZAESUR_TSA) goes before the file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from crawler.urls import is_usable
from storage.errors import UserError
from storage.types import Disclosure, Kind

NAME = "zaesur.toml"
T = TypeVar("T")


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file: a key it does not know is an error, never ignored."""


class Sources(Table, frozen=True):
    """Where the articles of one language of an outlet are found."""

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for _, url in self.named():
            _require_url(url)

    def named(self) -> Iterator[tuple[str, str]]:
        """Each source with its kind."""
        for kind, urls in (("feed", self.feeds), ("sitemap", self.sitemaps), ("section", self.sections)):
            yield from ((kind, url) for url in urls)


class Outlet(Table, frozen=True):
    """How one outlet is asked. ``delay``: seconds between two requests; ``budget``: requests a day; ``hosts``: all of its
    hosts, which share both."""

    delay: float | None = None
    budget: int | None = None
    hosts: tuple[str, ...] = ()
    languages: dict[str, Sources] = {}

    def __post_init__(self) -> None:
        if self.delay is not None and not 0 <= self.delay <= 3600:
            raise ValueError("`delay` is in seconds, 0 to 3600")
        if self.budget is not None and self.budget < 1:
            raise ValueError("`budget` is a number of requests a day, 1 or more")


class Channel(Table, frozen=True):
    """Where messages go: an Apprise address or our own signed webhook. Both may name environment variables as ``${NAME}``."""

    url: str = ""
    webhook: str = ""
    secret: str = ""
    language: Literal["en", "de"] = "en"
    timezone: str = "UTC"
    quiet: str = ""
    digest: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.webhook):
            raise ValueError("give either `url` (an Apprise address) or `webhook`")
        if self.webhook and not self.secret:
            raise ValueError('`secret` is needed to sign a webhook, such as secret = "${ZAESUR_WEBHOOK_SECRET}"')
        if self.secret and not re.fullmatch(r"\$\{\w+\}", self.secret):
            raise ValueError('`secret` names an environment variable, such as "${ZAESUR_WEBHOOK_SECRET}"')
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f'`timezone` {self.timezone!r} is not known; write it like "Europe/Berlin"') from None
        _ = self.quiet_hours, self.digest_times

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which quiet hours and digests are meant."""
        return ZoneInfo(self.timezone)

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From when to when nothing is sent."""
        if not self.quiet:
            return None
        first, dash, last = self.quiet.partition("-")
        if not dash:
            raise ValueError('`quiet` is written like "22:00-07:00"')
        return _clock(first), _clock(last)

    @property
    def digest_times(self) -> tuple[time, ...]:
        """When what has gathered is sent as one message; empty: each change by itself, at once."""
        return tuple(sorted(map(_clock, self.digest)))


class Rule(Table, frozen=True):
    """Which changes are told to which channels; every condition given must hold."""

    channels: tuple[str, ...]
    name: str = ""
    weight: Literal["cosmetic", "editorial", "substantive"] = "editorial"
    kinds: tuple[str, ...] = ()
    disclosure: str = ""
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    text: str = ""
    baseline: Literal["previous", "seed", "any"] = "previous"

    def __post_init__(self) -> None:
        if not self.channels:
            raise ValueError("`channels` names no channel")
        for kind in self.kinds:
            _require_one_of("kinds", kind, [known.value for known in Kind])
        if self.disclosure:
            _require_one_of("disclosure", self.disclosure, [known.value for known in Disclosure])


class Notify(Table, frozen=True):
    """Who is told of what. ``reports``: the address under which the reports can be opened, for links in messages."""

    reports: str = ""
    channels: dict[str, Channel] = {}
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        if self.reports:
            _require_url(self.reports)
        for rule in self.rules:
            for name in rule.channels:
                _require_one_of("channels", name, list(self.channels))


class Maintenance(Table, frozen=True):
    """What the service does for the database. ``backups``: a folder; ``keep``: how many copies stay; ``runs``: days for which
    the list of runs is kept (evidence is kept for good); ``tsa``: the time-stamping authority (RFC 3161) that is asked once a day;
    ``verify``: the minutes for older records when what is new is verified, 0 for not at all."""

    backups: str = ""
    tsa: str = ""
    keep: int = 7
    runs: int = 365
    verify: float = 1

    def __post_init__(self) -> None:
        if self.keep < 1 or self.runs < 1:
            raise ValueError("`keep` and `runs` are 1 or more")
        if self.verify < 0:
            raise ValueError("`verify` is 0 or more minutes")
        if self.tsa:
            _require_url(self.tsa)

    @property
    def authority(self) -> str:
        """The time-stamping authority to ask, "" for none."""
        return os.environ.get("ZAESUR_TSA") or self.tsa


class Configuration(Table, frozen=True):
    """The whole file."""

    contact: str = ""
    outlets: dict[str, Outlet] = {}
    notify: Notify = Notify()
    maintenance: Maintenance = Maintenance()

    def __post_init__(self) -> None:
        if not self.contact.isascii() or any(character in self.contact for character in "()\r\n"):
            raise ValueError("`contact` is sent in a header: letters, digits and signs of ASCII, no parentheses")

    def sources(self) -> Iterator[tuple[str, str]]:
        """Every source with its kind, in the order of the file."""
        for outlet in self.outlets.values():
            for sources in outlet.languages.values():
                yield from sources.named()


def find(database: Path, named: Path | None = None) -> Path | None:
    """The configuration file to use, if any. Raises UserError when one is named and is not there."""
    told = named or (Path(os.environ["ZAESUR_CONFIG"]) if os.environ.get("ZAESUR_CONFIG") else None)
    if told is not None and not told.is_file():
        raise UserError(
            f"there is no configuration {told}; nothing was started. Write one with: zaesur config init {told}"
        )
    beside = database.parent / NAME
    return told or (beside if beside.is_file() else None)


def load(path: Path | None) -> Configuration:
    """Read and check a configuration file; without one, the defaults. Raises UserError with one line naming the key."""
    if path is None:
        return Configuration()
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid TOML: {error}; nothing was started") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); nothing was started") from None
    try:
        return _configuration(read)
    except _Wrong as error:
        raise UserError(f"{path}: {error}; nothing was started") from None


class _Wrong(Exception):
    pass


def _configuration(read: dict[str, Any]) -> Configuration:
    """The innermost tables first, so that a mistake is named by its own keys."""
    outlets = {name: _outlet(table, f"outlets.{name}") for name, table in _tables(read, "outlets")}
    notify = read.get("notify", {})
    if isinstance(notify, dict):
        for name, table in _tables(notify, "channels", "notify."):
            _as(table, Channel, f"notify.channels.{name}")
        rules = notify.get("rules", [])
        for number, rule in enumerate(rules if isinstance(rules, list) else [], 1):
            _as(rule, Rule, f"notify.rules, number {number}")
    rest = _as({name: value for name, value in read.items() if name not in ("outlets", "notify")}, Configuration, "")
    return msgspec.structs.replace(rest, outlets=outlets, notify=_as(notify, Notify, "notify"))


def _outlet(table: Any, path: str) -> Outlet:
    languages = {}
    if isinstance(table, dict):
        languages = {
            name: _as(sources, Sources, f"{path}.languages.{name}")
            for name, sources in _tables(table, "languages", f"{path}.")
        }
        table = {name: value for name, value in table.items() if name != "languages"}
    return msgspec.structs.replace(_as(table, Outlet, path), languages=languages)


def _tables(read: Mapping[str, Any], name: str, before: str = "") -> Iterator[tuple[str, Any]]:
    found = read.get(name, {})
    if not isinstance(found, dict):
        raise _Wrong(f"{before}{name}: a table is expected, such as [{before}{name}.NAME]")
    yield from found.items()


def _as(read: Any, kind: type[T], path: str) -> T:
    try:
        return msgspec.convert(read, kind)
    except msgspec.ValidationError as error:
        raise _Wrong(_told(str(error), path, kind)) from None


def _told(message: str, path: str, kind: type) -> str:
    """msgspec's words with the key's full name, and the nearest key for one that is unknown."""
    text, _, inside = message.partition(" - at `$")
    where = f"{path}{inside.rstrip('`')}".lstrip(".")
    if unknown := re.search(r"unknown field `(.+)`", text):
        near = get_close_matches(unknown[1], [field.name for field in msgspec.structs.fields(kind)], n=1)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        text = f"unknown key `{unknown[1]}`{meant}"
    elif missing := re.search(r"missing required field `(.+)`", text):
        text = f"the key `{missing[1]}` is missing"
    return f"{where}: {text}" if where else text


def _require_url(url: str) -> None:
    if not is_usable(url):
        raise ValueError(f"{url!r} is not an http(s) URL")


def _require_one_of(key: str, value: str, known: list[str]) -> None:
    if value not in known:
        near = get_close_matches(value, known, n=1)
        meant = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known) or 'none'}"
        raise ValueError(f"`{key}`: {value!r} is not known; {meant}")


def _clock(text: str) -> time:
    if not re.fullmatch(r"\s*\d{1,2}:\d{2}\s*", text):
        raise ValueError(f"{text!r} is not a time of day like 07:30")
    hour, minute = map(int, text.split(":"))
    if hour > 23 or minute > 59:
        raise ValueError(f"{text!r} is not a time of day like 07:30")
    return time(hour, minute)

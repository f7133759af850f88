"""Tell people: which changes, to which channels, when; each change once a channel, each message until it has arrived.

A message is written down before it is sent and marked when it has arrived. After a kill between the two it is sent again, under the
same id: at least once, and told apart by the receiver.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from reports import notifications, wording
from reports.notifications import Told
from scheduler.configuration import Channel, Configuration, Rule
from storage import Message, Store
from storage.changes import words
from storage.errors import UserError
from storage.types import Change, Weight

_PATIENCE = 60.0  # seconds for one message, whatever the library does
_SINGLES = 10  # more changes than this at once make one message
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def wanted(rule: Rule, change: Change, outlet: str) -> bool:
    """Whether a rule asks for a change: every condition that it gives holds. Pure."""
    assessment = change.assessment
    kinds = {kind.value for kind in assessment.kinds}
    return (
        assessment.weight >= Weight[rule.weight.upper()]
        and rule.baseline in ("any", change.baseline.value)
        and (not rule.kinds or not kinds.isdisjoint(rule.kinds))
        and rule.disclosure in ("", assessment.disclosure.value)
        and (not rule.outlets or outlet in rule.outlets)
        and (not rule.languages or change.language in rule.languages)
        and (not rule.text or rule.text.casefold() in words(assessment))
    )


def quiet(channel: Channel, at: datetime) -> bool:
    """Whether a channel is to be left alone at that moment, in its own zone. Pure."""
    hours = channel.quiet_hours
    if hours is None:
        return False
    first, last = hours
    clock = at.astimezone(channel.zone).time().replace(tzinfo=None)
    return first <= clock < last if first <= last else clock >= first or clock < last


def gathered_until(channel: Channel, at: datetime) -> datetime:
    """What was noted until then is to be sent now: the last digest's time, or now where there are no digests. Pure."""
    if not channel.digest_times:
        return at
    today = at.astimezone(channel.zone).date()
    times = (
        datetime.combine(day, clock, channel.zone)
        for day in (today, today - timedelta(days=1))
        for clock in channel.digest_times
    )
    return max(moment for moment in times if moment <= at)


def gather(store: Store, configuration: Configuration, *, at_first: int | None = None) -> Counter[str]:
    """Note for each channel the changes recorded since it was last asked. A new channel begins with what comes after now."""
    newest = store.newest_change()
    noted: Counter[str] = Counter()
    for name in configuration.notify.channels:
        begin = store.told_until(name, newest)
        if at_first is not None:
            begin = min(begin, at_first)
        asked = _weighed(store, configuration, name, begin, newest)
        notices = [(change.id, rule, folded) for change, rule, folded in asked]
        store.note(name, notices, newest)
        noted["noted"] += len(notices)
    return +noted


def _weighed(
    store: Store, configuration: Configuration, channel: str, after: int, until: int
) -> list[tuple[Change, str, str | None]]:
    """The changes that a channel's rules ask for, each with the first rule that does, and why it is folded, if it is."""
    rules = [rule for rule in configuration.notify.rules if channel in rule.channels]
    known = {notice.change for notice in store.notices(channel)}
    found: list[tuple[Change, str, str | None]] = []
    for number in store.change_numbers(after, until) if rules else ():
        change = store.change(number) if number not in known else None
        article = store.article(change.article) if change and not change.withdrawn else None
        if change and article and (rule := next((r for r in rules if wanted(r, change, article.outlet)), None)):
            # texts that take turns within 48 hours are one episode, which is told of once
            folded = f"flapping, told with change {change.episode}" if change.episode else None
            found.append((change, rule.name, folded))
    return found


def write(store: Store, configuration: Configuration, at: datetime) -> None:
    """Put what is to be told now into messages."""
    for name, channel in configuration.notify.channels.items():
        if quiet(channel, at):
            continue
        store.fold_withdrawn(name)
        until = gathered_until(channel, at)
        changes = [notice.change for notice in store.notices(name, waiting=True) if notice.noted <= until]
        together = bool(channel.digest) or len(changes) > _SINGLES
        for group in [changes] if together and changes else [[change] for change in changes]:
            store.write_message(name, group)


async def deliver(store: Store, configuration: Configuration, at: datetime) -> Counter[str]:
    """Send what is due. A channel that fails rests; the others go on."""
    counts: Counter[str] = Counter()
    async with Sender() as sender:
        for name, channel in configuration.notify.channels.items():
            if quiet(channel, at):
                continue
            for message in store.unsent(name, at):
                problem = await sender.send(channel, as_sent(store, configuration, channel, message))
                if problem:
                    store.not_sent(message, problem)
                    counts["not delivered"] += 1
                    break
                store.sent(message)
                counts["told"] += 1
    return counts


def as_sent(store: Store, configuration: Configuration, channel: Channel, message: Message) -> dict[str, Any]:
    """A message in every form that a channel may want; the same on every attempt."""
    changes = tuple(change for number in message.changes if (change := store.change(number)))
    told = Told(changes=changes, language=channel.language, reports=configuration.notify.reports)
    return in_all_forms(told, message.key, message.written)


def in_all_forms(told: Told, key: str, written: datetime) -> dict[str, Any]:
    """Subject, text, text for chats, mail and data."""
    moment = written.isoformat()
    return {
        "key": key,
        "written": moment,
        "subject": notifications.subject(told),
        "text": notifications.text(told),
        "chat": notifications.text(told, chat=True),
        "mail": notifications.mail(told),
        "payload": notifications.payload(told, key, moment),
    }


def opened(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """A text with the environment variables that it names. Raises UserError for one that is not set."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise UserError(f"the environment variable {found[1]} is not set; nothing was sent there")
        return environment[found[1]]

    return _VARIABLE.sub(value, text)


class Sender:
    """The process that sends (``scheduler.sending``), started when there is something to send."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def send(self, channel: Channel, message: Mapping[str, Any]) -> str | None:
        """Send one message; returns why it did not arrive, or ``None``."""
        try:
            address = {name: opened(getattr(channel, name)) for name in ("url", "webhook", "secret")}
        except UserError as error:
            return str(error)
        try:
            return await asyncio.wait_for(self._ask({"channel": address, "message": message}), _PATIENCE)
        except TimeoutError:
            await self._end()
            return f"no answer within {_PATIENCE:.0f} s"

    async def _ask(self, request: Mapping[str, Any]) -> str | None:
        if self._process is None:
            # -P: nothing that lies in the current folder is taken for a library
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "scheduler.sending", stdin=-1, stdout=-1, limit=1 << 20
            )
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the sender has no pipes")
        with suppress(ConnectionError):
            process.stdin.write(json.dumps(request).encode() + b"\n")
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            await self._end()
            return "the sender ended without an answer"
        answer = json.loads(line)
        return None if answer["ok"] else str(answer["problem"])

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def would_tell(
    store: Store, configuration: Configuration, *, everything: bool
) -> list[tuple[str, str, Change, str | None]]:
    """What ``gather`` would note now: channel, rule, change and why folded; nothing is written."""
    newest = store.newest_change()
    return [
        (name, rule, change, folded)
        for name in configuration.notify.channels
        for change, rule, folded in _weighed(
            store, configuration, name, 0 if everything else store.told_until(name, newest), newest
        )
    ]


async def test_channels(configuration: Configuration) -> list[tuple[str, str | None]]:
    """Send a test to every channel; why each did not take it, if it did not."""
    results = []
    async with Sender() as sender:
        for name, channel in configuration.notify.channels.items():
            told = wording.say("told_test", channel.language, channel=name)
            at = datetime.now(UTC)
            message = in_all_forms(Told(changes=(), language=channel.language), f"test-{uuid.uuid4().hex}", at)
            message |= {"subject": told, "text": told, "chat": told, "mail": f"<p>{escape(told)}</p>"}
            message["payload"] |= {"subject": told}
            results.append((name, await sender.send(channel, message)))
    return results

"""What people are told of changes: a subject, a text, a mail and a webhook's data. Pure; page content is text everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from reports import wording
from reports.data import change_full
from reports.site import addresses
from reports.summary import summarise
from reports.views import Row, direction, excerpted, only_invisible, rows, shown
from storage.types import Baseline, Change, Field, Span, SpanOp, Weight

_LONGEST_SUBJECT = 180
_MOST_EDITS = 12  # of one change; the report has them all
_MOST_CHANGES = 40  # of one message; the list has them all
# words that chat services take as a call to everybody, or as a link of their own
_CALLS = re.compile(r"@(?=\w)|<(?=[@!#])")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a message tells: changes in a language; ``reports`` is where the pages can be opened, "" when nowhere."""

    changes: tuple[Change, ...]
    language: str = "en"
    reports: str = ""


def subject(told: Told) -> str:
    """One line."""
    language = told.language
    if len(told.changes) == 1:
        change = told.changes[0]
        weight = wording.weight(change.assessment.weight, language)
        return _line(f"[{weight}] {change.headline or change.article}: {summarise(change.assessment, language)}")
    weights = Counter(change.assessment.weight for change in told.changes)
    parts = [
        f"{weights[weight]} {wording.weight(weight, language)}"
        for weight in sorted(Weight, reverse=True)
        if weights[weight]
    ]
    return _line(f"{wording.count('told_changes', len(told.changes), language)}: {', '.join(parts)}")


def text(told: Told, *, chat: bool = False) -> str:
    """The whole message as text; ``chat``: page content cannot call people together."""
    parts = [_as_text(change, told) for change in told.changes[:_MOST_CHANGES]]
    if left := len(told.changes) - _MOST_CHANGES:
        parts += [wording.count("told_more_changes", left, told.language)] if left > 0 else []
    whole = "\n\n".join([*parts, wording.say("told_limits", told.language)])
    return _CALLS.sub(lambda found: f"{found[0]}\u2060", whole) if chat else whole


def mail(told: Told) -> str:
    """The message as HTML for mail programs: styles on the elements, because programs drop style sheets, ins and del."""
    return (
        _environment()
        .get_template("mail.html")
        .render(
            told=told,
            language=told.language,
            subject=subject(told),
            changes=told.changes[:_MOST_CHANGES],
            left=len(told.changes) - _MOST_CHANGES,
            limits=wording.say("limits", told.language),
            most=_MOST_EDITS,
            address=lambda change: address(change, told),
            headline=lambda change: shown(change.headline or change.article),
            url=lambda change: shown(change.url),
            weight=lambda change: wording.weight(change.assessment.weight, told.language),
            summary=lambda change: summarise(change.assessment, told.language),
            observed=lambda change: _observed(change, told.language),
            direction=direction,
            edits=lambda change: [row for row in rows(change.assessment) if isinstance(row, Row)],
            title=lambda row: _title(row, told.language),
            spans=lambda row: excerpted(row.edit.spans),
            words=_words,
            more_edits=lambda number: wording.count("told_more_edits", number, told.language),
            more_changes=lambda number: wording.count("told_more_changes", number, told.language),
        )
    )


def payload(told: Told, key: str, written: str) -> dict[str, Any]:
    """The message as data, for a webhook: every edit, with the same keys as ``show --json``."""
    return {
        "id": key,
        "written": written,
        "subject": subject(told),
        "changes": [{**change_full(change), "report": address(change, told)} for change in told.changes],
    }


def address(change: Change, told: Told) -> str | None:
    """Where the report of a change can be opened."""
    if not told.reports:
        return None
    return f"{told.reports.rstrip('/')}/{addresses.in_language(addresses.change(change.id), told.language)}"


def _as_text(change: Change, told: Told) -> str:
    language = told.language
    lines = [
        shown(change.headline or change.article),
        f"{wording.weight(change.assessment.weight, language)}: {summarise(change.assessment, language)}",
        _observed(change, language),
        "",
    ]
    edits = [row for row in rows(change.assessment) if isinstance(row, Row)]
    lines += [line for row in edits[:_MOST_EDITS] for line in _edit(row, language)]
    if len(edits) > _MOST_EDITS:
        lines.append(wording.count("told_more_edits", len(edits) - _MOST_EDITS, language))
    lines += [shown(change.url), address(change, told) or f"zaesur show {change.id}"]
    return "\n".join(lines)


def _edit(row: Row, language: str) -> Iterable[str]:
    yield f"* {_title(row, language)}"
    yield f"  {''.join(map(_marked, excerpted(row.edit.spans)))}"


def _title(row: Row, language: str) -> str:
    where = "" if row.edit.field is Field.BODY else f"{wording.field(row.edit.field, language)}: "
    kinds = ", ".join(dict.fromkeys(wording.kind(finding.kind, language) for finding in row.edit.findings))
    return f"{where}{wording.operation(row.edit.op, language)}{f' ({kinds})' if kinds else ''}"


def _observed(change: Change, language: str) -> str:
    baseline = "against_seed" if change.baseline is Baseline.SEED else "against_previous"
    observed = wording.observed(change.observed_after, change.observed_by, language)
    return f"{observed}, {wording.say(baseline, language)}"


def _words(span: Span) -> str:
    return shown(span.text, marked=only_invisible(span)).replace("\n", " ¶ ")


def _marked(span: Span) -> str:
    words = _words(span)
    return {SpanOp.ADD: f"{{+{words}+}}", SpanOp.DROP: f"[-{words}-]"}.get(span.op, words)


def _line(text: str) -> str:
    """One line that can stand in a header."""
    line = " ".join(shown(text).split())
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[:_LONGEST_SUBJECT].rpartition(' ')[0]} …"


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, loader=FunctionLoader(_file), undefined=StrictUndefined)


def _file(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")

"""Reasons are recorded in English and told in the reader's language; those of the program itself are all known."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import wording
from reports.troubles import trouble

ROOT = Path(__file__).parents[2]
# what gives a reason, and which of its arguments is the reason
GIVERS = {"_aside": 0, "_doubted": 1, "BrokenBody": 0, "Unreadable": 0, "Postponed": 0, "_Rules": 1, "add_gap": 3}
MODULES = (
    "crawler/gate.py",
    "crawler/decoding.py",
    "crawler/extraction.py",
    "crawler/reading.py",
    "crawler/standing.py",
    "crawler/middlewares/robots.py",
    "scheduler/revisiting.py",
)


def given(module: str) -> Iterator[str]:
    """The reasons that a module gives in words of its own, with a word in place of each value."""
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = str(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
            reasons = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
            at = GIVERS.get(name)
            reasons += node.args[at : at + 1] if at is not None else []
            for reason in reasons:
                for part in reason.values if isinstance(reason, ast.BoolOp) else [reason]:
                    if isinstance(part, ast.Subscript):
                        part = part.value
                    if isinstance(part, ast.JoinedStr):
                        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "etwas" for p in part.values)
                    elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


@pytest.mark.parametrize("module", MODULES)
def test_every_reason_that_the_program_gives_has_german_words(module: str) -> None:
    found = list(given(module))
    assert found, "else this would prove nothing"
    for reason in found:
        if reason == "etwas (status etwas)":  # put together from the words for known statuses, which are below
            continue
        assert trouble(reason, "de") != reason, reason


@pytest.mark.parametrize(
    ("recorded", "german"),
    [
        ("server error (status 503)", "Fehler des Servers (Status 503)"),
        ("rate limited (status 429)", "zu viele Abrufe, sagt der Server (Status 429)"),
        ("access refused (status 403)", "Zugriff verweigert (Status 403)"),
        ("not the article: no headline found", "nicht der Artikel: keine Überschrift gefunden"),
        ("broken gzip body: the stream does not end", "beschädigter Inhalt (gzip): der Datenstrom endet nicht"),
        ("wrong article: the page says it is a-1", "falscher Artikel: die Seite gibt sich als a-1 aus"),
        ("not an article: the page calls itself '{0} {a!r}'", "kein Artikel: die Seite nennt sich '{0} {a!r}'"),
        ("reading it took longer than 60 seconds", "das Lesen dauerte länger als 60 Sekunden"),
        ("reading it took more than 512 MiB of memory", "das Lesen brauchte mehr als 512 MiB Arbeitsspeicher"),
        ("the reader ended over it (SIGKILL)", "das Programm, das sie las, endete dabei (SIGKILL)"),
        (
            "page 0123456789ab: it and its digest disagree (altered)",
            "Seite 0123456789ab: sie und ihre Prüfsumme stimmen nicht überein (verändert)",
        ),
        (
            "the outlet was not asked: rate limited until 2026-03-02T12:00:00Z",
            "das Medium wurde nicht abgefragt: der Server bittet um Pause bis 2026-03-02T12:00:00Z",
        ),
        (
            "the outlet was not asked: left alone until 2026-03-02T12:00:00Z: 5 errors in a row, the last 503",
            "das Medium wurde nicht abgefragt: in Ruhe gelassen bis 2026-03-02T12:00:00Z: 5 Fehler nacheinander, zuletzt 503",
        ),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_a_reason_is_told_in_german_with_its_values_and_an_unknown_one_as_recorded(recorded: str, german: str) -> None:
    assert trouble(recorded, "de") == german
    assert trouble(recorded, "en") == recorded


@pytest.mark.parametrize("key", wording.FAMILIES["why"])
def test_no_sentence_hides_behind_a_more_general_one(key: str) -> None:
    values = {"a": "1", "b": "2", "c": "3"}
    english, german = (wording.name("why", key, language).format(**values) for language in ("en", "de"))
    assert trouble(english, "de") == german

"""One neutral sentence, facts first, in German and English."""

from __future__ import annotations

import pytest

from benchmarks.comparison.mutations import kinds, mutations
from reports.diff import assess
from reports.summary import summarise
from storage.types import Block, BlockKind, Content, Kind


def story(*texts: str, headline: str = "Ein Dorf schaltet die Uhren ab") -> Content:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Content(headline=headline, language="de", blocks=blocks, layout="dw-2026")


def test_facts_come_before_fields() -> None:
    changed = assess(
        story("Es waren 12 Gäste da."), story("Es waren 21 Gäste da.", headline="Ein Dorf verzichtet auf Uhren")
    )
    assert summarise(changed, "en").startswith("A number and the headline changed;")
    assert summarise(changed, "de").startswith("Eine Zahl und die Überschrift geändert;")
    assert summarise(changed, "en").endswith("no note found.")


def test_the_same_text_has_no_differences() -> None:
    same = assess(story("Es waren 12 Gäste da."), story("Es waren 12 Gäste da."))
    assert (summarise(same, "en"), summarise(same, "de")) == ("No differences.", "Keine Unterschiede.")


def test_a_sentence_names_what_was_added_and_says_when_no_note_is_needed() -> None:
    longer = assess(
        story("Ein Satz steht hier."), story("Ein Satz steht hier.", "Ein ganzer Absatz kam dazu, mit vielen Worten.")
    )
    assert summarise(longer, "de") == "Ein Absatz hinzugefügt; kein Hinweis gefunden."
    quotes = assess(story('Er sagt "ja" dazu.'), story("Er sagt „ja“ dazu."))
    assert summarise(quotes, "en").endswith("no note needed.")


@pytest.mark.parametrize(
    ("old", "new", "english", "german"),
    [
        (["12 Boote, 3 Wagen."], ["13 Boote, 4 Wagen."], "Two numbers changed;", "Zwei Zahlen geändert;"),
        (["Er kam am Montag an."], ["Er kam an."], "A date removed;", "Ein Datum entfernt;"),
        (["Laut Polizei schlief er."], ["Laut dpa schlief er."], "A source changed;", "Eine Quelle geändert;"),
        (["Es blieb ruhig im Ort."], ["Es blieb angeblich ruhig im Ort."], "A qualification added;", "Eine Einschränkung hinzugefügt;"),
    ],
)  # fmt: skip
def test_what_came_and_what_went_are_told_apart(old: list[str], new: list[str], english: str, german: str) -> None:
    found = assess(story(*old), story(*new))
    assert summarise(found, "en").startswith(english)
    assert summarise(found, "de").startswith(german)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_makes_a_sentence_in_both_languages(kind: Kind) -> None:
    for language in ("de", "en"):
        for mutation in mutations(language, kind, 5):
            found = assess(mutation.old, mutation.new)
            english, german = summarise(found, "en"), summarise(found, "de")
            assert english != german
            for sentence in (english, german):
                assert sentence[0].isupper()
                assert sentence.endswith(".")
                assert " 1 " not in sentence

"""One neutral sentence, facts first, in German and English."""

from __future__ import annotations

from reports.diff import assess
from reports.summary import summarise
from storage.types import Block, BlockKind, Content


def story(*texts: str, headline: str = "Ein Dorf schaltet die Uhren ab") -> Content:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts)
    return Content(headline=headline, language="de", blocks=blocks, layout="dw-2026")


def test_facts_come_before_fields() -> None:
    changed = assess(
        story("Es waren 12 Gäste da."), story("Es waren 21 Gäste da.", headline="Ein Dorf verzichtet auf Uhren")
    )
    assert summarise(changed, "en").startswith("1 number, 1 headline")
    assert summarise(changed, "de").startswith("1 Zahl, 1 Überschrift")
    assert summarise(changed, "en").endswith("no note found.")


def test_the_same_text_has_no_differences() -> None:
    same = assess(story("Es waren 12 Gäste da."), story("Es waren 12 Gäste da."))
    assert (summarise(same, "en"), summarise(same, "de")) == ("No differences.", "Keine Unterschiede.")


def test_a_sentence_names_what_was_added_and_says_when_no_note_is_needed() -> None:
    longer = assess(
        story("Ein Satz steht hier."), story("Ein Satz steht hier.", "Ein ganzer Absatz kam dazu, mit vielen Worten.")
    )
    assert summarise(longer, "de") == "1 Absatz hinzugefügt; kein Hinweis gefunden."
    quotes = assess(story('Er sagt "ja" dazu.'), story("Er sagt „ja“ dazu."))
    assert summarise(quotes, "en").endswith("no note needed.")

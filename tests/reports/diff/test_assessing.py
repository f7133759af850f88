"""What an edit is called, how much it weighs, and whether the outlet said so."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from reports.diff import assess
from reports.diff.notes import is_correction, is_update
from storage.types import Assessment, Block, BlockKind, Content, Disclosure, EditOp, Form, Kind, Weight


def article(*paragraphs: str, note: str = "", modified: str | None = None, language: str = "de") -> Content:
    blocks = [Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs]
    if note:
        blocks.append(Block(kind=BlockKind.NOTE, text=note))
    return Content(headline="Die Brücke", language=language, blocks=tuple(blocks), modified=modified)


def assessed(old: str, new: str, language: str = "de") -> Assessment:
    return assess(article(old, language=language), article(new, language=language))


@pytest.mark.parametrize(
    ("language", "old", "new", "kind"),
    [
        ("de", "Es gab 12 Verletzte am Hafen.", "Es gab 21 Verletzte am Hafen.", Kind.NUMBER),
        ("de", "Die Preise fielen um -5 % im Mai.", "Die Preise fielen um 5 % im Mai.", Kind.PERCENTAGE),
        ("de", "Es kostet 3 Millionen Euro.", "Es kostet 3 Milliarden Euro.", Kind.AMOUNT),
        ("de", "Er kam am 3. Juni nach Bonn.", "Er kam am 3. Juli nach Bonn.", Kind.DATE),
        ("de", "Das Treffen mit dem Iran scheiterte.", "Das Treffen mit dem Irak scheiterte.", Kind.PLACE),
        ("de", "Er will das nicht verbieten lassen.", "Er will das verbieten lassen.", Kind.NEGATION),
        ("de", "Er hat angeblich Geld genommen.", "Er hat Geld genommen.", Kind.HEDGING),
        ("en", "Ministers meet on Monday at noon.", "Ministers meet on Friday at noon.", Kind.DATE),
        ("en", "He did not sign the treaty.", "He did sign the treaty.", Kind.NEGATION),
        ("ru", "Мэр приехал в понедельник утром.", "Мэр приехал в вторник утром.", Kind.DATE),
        ("ar", "قُتل ١٢ شخصاً في الحادث.", "قُتل ٢١ شخصاً في الحادث.", Kind.NUMBER),
        ("zh", "事故造成12人受伤。", "事故造成21人受伤。", Kind.NUMBER),
    ],
)
def test_a_fact_is_named_and_substantive(language: str, old: str, new: str, kind: Kind) -> None:
    found = assessed(old, new, language)
    assert found.kinds[0] is kind
    assert found.weight is Weight.SUBSTANTIVE


@pytest.mark.parametrize(
    ("old", "new"),
    [('Er nannte es "gut".', "Er nannte es „gut“."), ("5 - 6 Tage", "5 – 6 Tage"), ("Und dann...", "Und dann…")],
)
def test_typography_is_cosmetic_and_needs_no_note(old: str, new: str) -> None:
    found = assessed(old, new)
    assert found.kinds == (Kind.TYPOGRAPHY,)
    assert found.weight is Weight.COSMETIC
    assert found.disclosure is Disclosure.NOT_NEEDED


def test_a_sentence_that_moved_is_linked_at_both_ends() -> None:
    sentence = "Die Fähre fährt deshalb bis zum Herbst nur zweimal am Tag."
    first, second = (
        "Der Rat tagte bis in den Abend. {}Danach gingen alle heim.",
        "Am Ufer wartete niemand mehr. {}Es regnete.",
    )
    old = article(first.format(sentence + " "), second.format(""))
    new = article(first.format(""), second.format(sentence + " "))
    linked = [span for edit in assess(old, new).diff.edits for span in edit.spans if span.link is not None]
    assert [(span.op.value, span.text.strip(), span.link) for span in linked] == [
        ("drop", sentence, 1),
        ("add", sentence, 1),
    ]


def ops(old: Sequence[str], new: Sequence[str]) -> list[EditOp]:
    return [edit.op for edit in assess(article(*old), article(*new)).diff.edits if edit.block]


def test_moved_split_and_merged_paragraphs_are_named() -> None:
    a, b = (f"Absatz {name} erzählt von der Brücke. Er tut das in {name} Sätzen." for name in ("Alpha", "Beta"))
    d, e = (
        "Ganz anderes steht in diesem langen Absatz über Schiffe.",
        "Kurz vor Schluss kommt noch etwas zum Wetter am Fluss.",
    )
    assert ops((a, d, e), (d, e, a)).count(EditOp.MOVE) == 1
    assert EditOp.SPLIT in ops((f"{d} {e}", a), (d, e, a))
    assert EditOp.MERGE in ops((b, d, e), (b, f"{d} {e}"))


def test_a_text_copy_takes_captions_and_bylines_otherwise_without_a_difference() -> None:
    page = Content(
        headline="Die Brücke", authors=("Ada Lind",), place="Bonn", layout="dw-2026",
        blocks=(
            Block(kind=BlockKind.CAPTION, text="Die alte Brücke am Morgen"),
            Block(kind=BlockKind.CREDIT, text="Bild: Ada Lind/DW"),
            Block(kind=BlockKind.HEADING, text="Der Anfang", level=2),
            Block(kind=BlockKind.PARAGRAPH, text="Sie steht\u00a0noch."),
        ),
    )  # fmt: skip
    copy = Content(
        headline="Die Brücke", authors=("Ada Lind Bonn",), form=Form.TEXT, layout="copy",
        blocks=(
            Block(kind=BlockKind.PARAGRAPH, text="Die alte Brücke am MorgenBild: Ada Lind/DW"),
            Block(kind=BlockKind.PARAGRAPH, text="Der Anfang"),
            Block(kind=BlockKind.PARAGRAPH, text="Sie steht noch."),
        ),
    )  # fmt: skip
    assert not assess(copy, page).diff.changed
    assert not assess(page, copy).diff.changed


@pytest.mark.parametrize(("caption", "same"), [("Die Brücke mit 1 5 Bögen", True), ("Die Brücke mit 15 Bögen", False)])
def test_a_caption_in_a_text_copy_keeps_its_numbers(caption: str, same: bool) -> None:
    copy = Content(
        headline="-", language="de", form=Form.TEXT, layout="copy",
        blocks=(Block(kind=BlockKind.CAPTION, text="Bild: Die Brücke mit 1 5 Bögen"), Block(kind=BlockKind.PARAGRAPH, text="Sie steht.")),
    )  # fmt: skip
    page = Content(
        headline="-", language="de", layout="dw-2026",
        blocks=(Block(kind=BlockKind.CAPTION, text=caption), Block(kind=BlockKind.PARAGRAPH, text="Sie steht.")),
    )  # fmt: skip
    assert assess(copy, page).diff.changed is not same


@pytest.mark.data
@pytest.mark.skipif("ZAESUR_TEST_DATA" not in os.environ, reason="ZAESUR_TEST_DATA is not set")
def test_every_real_correction_note_is_recognised() -> None:
    path = Path(os.environ["ZAESUR_TEST_DATA"]) / "edits" / "correction_notes_en.json"
    notes = [entry["note"] for entry in json.loads(path.read_text(encoding="utf-8"))]
    told = [
        note for note in notes if "trajectory correction" not in note.lower()
    ]  # collected by that word, but no note
    assert [note for note in told if not is_correction(note) and not is_update(note)] == []


LEFT = "Die Brücke trug im Jahr 2024 rund 1,5 Millionen Autos und „kaum“ Räder, sagt das Amt."


@pytest.mark.parametrize(
    ("there", "op"),
    [
        (LEFT, EditOp.MOVE),
        (LEFT.replace(" ", "\n\t "), EditOp.MOVE),
        (LEFT.replace("1,5", "15"), EditOp.DROP),
        (LEFT.replace("„kaum“", "kaum"), EditOp.DROP),
        (LEFT.replace("Amt.", "Amt?"), EditOp.DROP),
    ],
)
def test_a_passage_that_left_the_text_was_only_moved_when_it_stands_on_the_page_as_it_was(
    there: str, op: EditOp
) -> None:
    first = Block(kind=BlockKind.PARAGRAPH, text="Sie steht.")
    old = Content(headline="-", language="de", blocks=(first, Block(kind=BlockKind.PARAGRAPH, text=LEFT)))
    new = Content(headline="-", language="de", blocks=(first,))
    ops = [edit.op for edit in assess(old, new, lambda: f"Menü {there} Ende").diff.edits if edit.block]
    assert ops == [EditOp.KEEP, op]

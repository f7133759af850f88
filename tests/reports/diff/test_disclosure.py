"""Whether the outlet said so: what a note accounts for, and material, noted and time moved told apart."""

from __future__ import annotations

from itertools import product

import pytest

from reports import reasons
from reports.diff import assess
from reports.wording import LANGUAGES
from storage.types import REASONS, Assessment, Block, BlockKind, Content, Disclosure, Kind, Weight

EARLY, LATE = "2025-02-24T10:00:00Z", "2025-02-24T11:00:00Z"
NOTE = "Korrektur: In einer früheren Version stand, es seien 12 Menschen verletzt worden. Das wurde korrigiert."
HURT = "Am Hafen gab es {} Verletzte - so die Polizei."
OPENED = "Die Brücke wurde im Jahr {} eröffnet und steht seither."
MAYOR = "Das Band zerschnitt damals Bürgermeister {} mit einer Schere."


def article(*paragraphs: str, note: str = "", modified: str | None = EARLY, language: str = "de") -> Content:
    blocks = [Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs]
    if note:
        blocks.append(Block(kind=BlockKind.NOTE, text=note))
    return Content(headline="Die Brücke", language=language, blocks=tuple(blocks), modified=modified)


def judged(*, material: bool, noted: bool, moved: bool) -> Assessment:
    new = HURT.format(21 if material else 12).replace(" - ", " – ")
    return assess(article(HURT.format(12)), article(new, note=NOTE if noted else "", modified=LATE if moved else EARLY))


@pytest.mark.parametrize(("material", "noted", "moved"), list(product([False, True], repeat=3)))
def test_each_of_the_eight_combinations_is_named(material: bool, noted: bool, moved: bool) -> None:
    found = judged(material=material, noted=noted, moved=moved)
    expected = {
        (True, True): (Disclosure.NOTED, "note_accounts_for_all"),
        (False, True): (Disclosure.NOTED, "note_only"),
        (True, False): (Disclosure.SILENT, "no_note_time_moved" if moved else "no_note_time_not_moved"),
        (False, False): (Disclosure.NOT_NEEDED, "cosmetic_only"),
    }
    assert (found.disclosure, found.reason) == expected[material, noted]
    assert (found.modified_moved, found.note is not None) == (moved, noted)
    assert bool(found.unaccounted) is (material and not noted)


def test_the_eight_combinations_are_told_apart() -> None:
    seen = [judged(material=m, noted=n, moved=t) for m, n, t in product([False, True], repeat=3)]
    assert len({(found.disclosure, found.reason, found.modified_moved) for found in seen}) == 8


def test_a_time_that_one_side_does_not_declare_is_not_said_to_have_stayed() -> None:
    found = assess(article(HURT.format(12), modified=None), article(HURT.format(21)))
    assert (found.disclosure, found.reason) == (Disclosure.SILENT, "no_note_time_unknown")


@pytest.mark.parametrize(
    ("was", "now", "moved"),
    [
        ("2025-02-24", EARLY, False),
        (EARLY, "2025-02-24", False),
        ("2025-02-24", "2025-02-25T08:00:00Z", True),
        (LATE, EARLY, False),
        (EARLY, LATE, True),
    ],
)
def test_a_day_is_not_earlier_than_an_instant_on_it(was: str, now: str, moved: bool) -> None:
    found = assess(article(HURT.format(12), modified=was), article(HURT.format(21), modified=now))
    assert (found.modified_moved, found.reason) == (moved, f"no_note_time{'' if moved else '_not'}_moved")


def noted(
    note: str, old: tuple[str, str, str], new: tuple[str, str, str], language: str = "de"
) -> tuple[str, list[str]]:
    """The reason, and the new texts that the note does not account for."""
    frames = (HURT, OPENED, MAYOR)
    a, b = (tuple(frame.format(fill) for frame, fill in zip(frames, fills, strict=True)) for fills in (old, new))
    found = assess(article(*a), article(*b, note=note))
    return found.reason, [found.diff.edits[index].new or "" for index in found.unaccounted]


BEFORE, AFTER = ("12", "1914", "Krause"), ("21", "1941", "Reiter")


def test_a_note_accounts_for_the_numbers_and_names_it_mentions() -> None:
    note = "Korrektur: Zuvor stand, die Brücke sei 1914 eröffnet worden, der Bürgermeister habe Krause geheißen und 12 Menschen seien verletzt."
    assert noted(note, BEFORE, AFTER) == ("note_accounts_for_all", [])


def test_what_a_note_does_not_mention_remains_unaccounted() -> None:
    note = "Korrektur: In einer früheren Version stand, die Brücke sei 1914 eröffnet worden."
    reason, left = noted(note, BEFORE, AFTER)
    assert reason == "note_accounts_for_part"
    assert left == [HURT.format(21), MAYOR.format("Reiter")]


def test_a_number_may_be_mentioned_in_words() -> None:
    note = "Korrektur: In einer früheren Version war von zwölf Verletzten die Rede."
    assert noted(note, BEFORE, ("21", "1914", "Krause")) == ("note_accounts_for_all", [])


def test_a_note_about_something_else_accounts_for_nothing() -> None:
    note = "Korrektur: In einer früheren Version war das Wappen der Stadt falsch beschrieben."
    assert noted(note, BEFORE, ("21", "1914", "Krause")) == ("note_names_none", [HURT.format(21)])


def test_an_update_note_says_that_not_what() -> None:
    reason, left = noted("Dieser Artikel wurde am Abend aktualisiert.", BEFORE, ("21", "1914", "Krause"))
    assert (reason, left) == ("note_is_general", [HURT.format(21)])


def test_a_note_that_only_lost_its_slip_is_no_new_disclosure() -> None:
    old, new = article(HURT.format(12), note=NOTE), article(HURT.format(21), note=NOTE)
    assert assess(old, new).disclosure is Disclosure.SILENT


def test_an_update_note_in_the_place_of_a_correction_hides_neither() -> None:
    found = assess(
        article(HURT.format(12), note=NOTE),
        article(HURT.format(12), note="Dieser Artikel wurde am Abend aktualisiert."),
    )
    assert set(found.kinds) == {Kind.NOTE_REMOVED, Kind.UPDATE_NOTE}
    assert found.weight is Weight.SUBSTANTIVE
    assert found.reason == "note_is_general"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("The article has been corrected to reflect that it was 21.", Kind.CORRECTION_NOTE),
        ("The story was updated on Monday.", Kind.UPDATE_NOTE),
        ("Anmerkung der Redaktion: In einer früheren Version hieß es, es seien 12 gewesen.", Kind.CORRECTION_NOTE),
        ("Editor's note: An earlier version of this article said 12.", Kind.CORRECTION_NOTE),
        ("Redaktion: Anna Kern", Kind.CREDIT_NOTE),
    ],
)
def test_a_last_line_that_says_so_is_found_however_it_begins(line: str, kind: Kind) -> None:
    assert kind in assess(article(HURT.format(12)), article(HURT.format(21), note=line)).kinds


@pytest.mark.parametrize(
    "line", ["Die Wachstumsprognose wurde nach unten korrigiert.", "The minister misstated his age before parliament."]
)
def test_a_last_line_about_a_forecast_is_no_note_of_the_outlet(line: str) -> None:
    found = assess(article(HURT.format(12)), article(HURT.format(21), note=line))
    assert (found.disclosure, found.note) == (Disclosure.SILENT, None)


def test_slips_need_no_note() -> None:
    found = assess(article("Die Wasserleitnug ist alt."), article("Die Wasserleitung ist alt."))
    assert (found.disclosure, found.reason) == (Disclosure.NOT_NEEDED, "spelling_only")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_that_only_observe(language: str) -> None:
    told = judged(material=True, noted=True, moved=True)
    for key in REASONS:
        words = reasons.disclosure(Assessment(
            diff=told.diff, kinds=(), weight=told.weight, disclosure=told.disclosure, reason=key), language)  # fmt: skip
        assert words
        assert not any(motive in words for motive in ("hid", "secret", "stealth", "heimlich", "vertusch", "verschwieg"))


def test_what_is_left_unmentioned_is_counted_in_words() -> None:
    found = assess(
        article(HURT.format(12), OPENED.format(1914)), article(HURT.format(21), OPENED.format(1941), note=NOTE)
    )
    assert reasons.disclosure(found, "en").endswith("(not mentioned: 1 passage)")
    assert reasons.disclosure(found, "de").endswith("(ohne Erwähnung: 1 Stelle)")

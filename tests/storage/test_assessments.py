"""What a change says is kept whole: short where a block stayed, and read as it was, from databases of before too."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from reports.diff import assess
from storage.assessments import read, written
from storage.content import encode
from storage.types import Block, BlockKind, Content
from tests.reports.diff.written import contents

LONG = "Der Hafen bleibt bis auf Weiteres für Schiffe mit mehr als acht Metern Tiefgang gesperrt. " * 3


@given(contents(), contents())
def test_an_assessment_is_read_as_it_was_written(old: Content, new: Content) -> None:
    assessment = assess(old, new)
    assert read(written(assessment)) == assessment


@given(contents(), contents())
def test_what_earlier_programs_wrote_is_read_too(old: Content, new: Content) -> None:
    assessment = assess(old, new)
    assert read(encode(assessment)) == assessment


def test_of_a_block_that_stayed_the_text_stands_once() -> None:
    stays = [Block(kind=BlockKind.PARAGRAPH, text=f"{n}. {LONG}") for n in range(5)]
    old = Content(headline="Hafen", blocks=(*stays, Block(kind=BlockKind.PARAGRAPH, text="Acht Schiffe warten.")))
    new = Content(headline="Hafen", blocks=(*stays, Block(kind=BlockKind.PARAGRAPH, text="Neun Schiffe warten.")))
    says = written(assess(old, new))
    assert all(says.count(block.text) == 1 for block in stays)
    edits = json.loads(says)["diff"]["edits"]
    assert edits[1] == {
        "op": "keep",
        "field": "body",
        "new": stays[0].text,
        "block": "paragraph",
        "old_at": [0],
        "new_at": [0],
    }
    assert edits[-1]["old"] == "Acht Schiffe warten."


@pytest.mark.parametrize(
    "edit",
    [
        '{"op":"edit","field":"body","new":"x"}',
        '{"op":"keep","field":"body","new":null}',
        '{"op":"drop","field":"body","new":null}',
        '{"op":"keep","field":"body","old":"x","new":"x"}',
        '{"op":"keep","field":"body","new":"x","spans":[{"op":"keep","text":"x"}]}',
    ],
)
def test_an_edit_that_lost_its_old_text_is_not_taken_for_one_that_stayed(edit: str) -> None:
    says = written(assess(Content(headline="a"), Content(headline="b")))
    whole = json.loads(says)
    whole["diff"]["edits"] = [json.loads(edit)]
    with pytest.raises(ValueError, match="did not stay"):
        read(json.dumps(whole))

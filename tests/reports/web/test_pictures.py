"""The picture of a change for sharing: nothing in it that no font can set, and marks where they belong."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from reports.diff import assess
from reports.site.pictures import draw
from storage.types import Baseline, Block, BlockKind, Change, Content

ADDED = (10, 61, 145)


def picture(language: str, headline: str, old: str, new: str) -> bytes:
    before, after = (
        Content(headline=headline, language=language, blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),))
        for text in (old, new)
    )
    change = Change(
        id=1, article="a-1", baseline=Baseline.PREVIOUS, from_version=1, to_version=2,
        observed_after=None, observed_by=None, assessment=assess(before, after), headline=headline, language=language,
    )  # fmt: skip
    return draw(change, "en", "Deutsche Welle")


def test_a_word_of_a_script_without_a_font_is_left_out_and_drawn_as_no_boxes() -> None:
    plain = picture("en", "The school", "It has 45 rooms.", "It has 54 rooms.")
    assert picture("en", "The ᏣᎳᎩ school", "It has 45 rooms.", "It has 54 rooms.") == plain


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("en", "It has 45 rooms.", "It has 54 rooms."),
        ("ar", "إن 12 عائلة شاركت", "إن 21 عائلة شاركت"),
        ("ta", "பள்ளியில் 45 மாணவர்கள்.", "பள்ளியில் 54 மாணவர்கள்."),
    ],
)
def test_what_was_added_is_underlined_and_not_struck_through(language: str, old: str, new: str) -> None:
    image = Image.open(BytesIO(picture(language, "", old, new))).convert("RGB")
    rows = [sum(image.getpixel((x, y)) == ADDED for x in range(image.width)) for y in range(image.height)]
    if not any(rows):
        pytest.skip("no font for this script on this machine")
    assert [count for count in rows if count][-1] == max(rows)  # nothing of the word stands below its line

"""What is left of a long text in a list: the words around what changed, in every script."""

from __future__ import annotations

import pytest

from reports.views import direction, excerpted, teased
from storage.types import Span, SpanOp

LONG = {
    "de": "Die Fähre fährt bis zum Herbst nur zweimal am Tag, danach sieht man weiter. " * 8,
    "zh": "学校共有三十六名学生，最小的六岁，老师从城里来。" * 20,
}


@pytest.mark.parametrize("language", LONG)
def test_what_changed_keeps_the_words_around_it(language: str) -> None:
    text = LONG[language]
    spans = [Span(op=SpanOp.KEEP, text=text), Span(op=SpanOp.ADD, text="X"), Span(op=SpanOp.KEEP, text=text)]
    before, added, after = excerpted(spans)
    assert added.text == "X"
    assert before.text.startswith("…")
    assert after.text.endswith("…")
    assert len(before.text.strip("… ")) >= 40
    assert text.endswith(before.text.removeprefix("…"))
    assert text.startswith(after.text.removesuffix("…"))


@pytest.mark.parametrize("language", LONG)
def test_a_moved_paragraph_is_known_by_its_first_words(language: str) -> None:
    for shortened in (excerpted, teased):
        (told,) = shortened([Span(op=SpanOp.KEEP, text=LONG[language])])
        assert 80 <= len(told.text) <= 122
        assert LONG[language].startswith(told.text.removesuffix("…"))


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("ar", "DW", "rtl"),
        ("fa_IR", "", "rtl"),
        ("de", "قرية", "ltr"),
        ("", "„قرية تعيد فتح بئرها“", "rtl"),
        ("", "12 Tote in Bonn", "ltr"),
        ("", None, "ltr"),
    ],
)
def test_where_no_language_is_known_a_text_reads_from_the_side_of_its_first_letter(
    language: str, text: str | None, wanted: str
) -> None:
    assert direction(language, text) == wanted

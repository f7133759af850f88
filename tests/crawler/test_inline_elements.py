"""Whatever stands within a sentence, the paragraph is read once and whole."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from tests.crawler.test_clean_baseline import URL, seed
from tests.crawler.test_region import page


def texts(sentence: str) -> list[str]:
    """The blocks of an article whose first paragraph begins so."""
    before, begins, body = page(seed(), 1).partition('data-tracking-name="rich-text"')
    article = extract(before + begins + body.replace("<p>", f"<p>{sentence}", 1), URL)
    return [block.text for block in article.blocks]


@pytest.mark.parametrize("tag", ["time", "label", "output", "object", "math", "picture", "rt", "abbr", "bdi", "ins"])
def test_words_in_an_element_of_a_sentence_are_words_of_it(tag: str) -> None:
    plain = texts("Um 14.30 Uhr begann es. ")
    assert texts(f"Um <{tag}>14.30</{tag}> Uhr begann es. ") == plain
    assert any(text.startswith("Um 14.30 Uhr begann es. ") for text in plain)


@pytest.mark.parametrize("tag", ["button", "select", "textarea", "iframe", "video", "audio", "svg", "noscript"])
def test_what_is_pressed_or_played_within_a_sentence_is_no_word_of_it(tag: str) -> None:
    assert texts(f"Um 14.30 Uhr begann es. <{tag}>Mehr</{tag}>") == texts("Um 14.30 Uhr begann es. ")

"""An edit is recognised in another article, and another edit is not taken for it."""

from __future__ import annotations

from hypothesis import given, settings

from reports.diff import diff
from reports.diff.sameness import edit_digests
from storage.types import Block, BlockKind, Content
from tests.reports.diff.written import pairs

AGENCY = "Bei dem Beben kamen nach Angaben der Behörden {} Menschen ums Leben, viele wurden verletzt."


def article(*paragraphs: str, headline: str = "Beben im Tal") -> Content:
    return Content(
        headline=headline,
        language="de",
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs),
    )


def digests(old: Content, new: Content) -> tuple[str, ...]:
    return edit_digests(diff(old, new))


def test_the_same_edit_is_recognised_in_another_article_and_another_typography() -> None:
    here = digests(article("Anfang.", AGENCY.format(12)), article("Anfang.", AGENCY.format(21)))
    there = digests(
        article(f"„Hilfe“, rief er. {AGENCY.format(12)} Ende.", headline="Die Erde bebt"),
        article(f"»Hilfe«, rief er. {AGENCY.format(21)} Ende.", headline="Die Erde bebt"),
    )
    assert len(here) == 1
    assert here != there  # there the quotation marks changed too, in the same paragraph
    there = digests(article(f"Vorher. {AGENCY.format(12)}"), article(f"Vorher. {AGENCY.format(21)}"))
    assert here == there


def test_the_same_numbers_between_other_words_are_another_edit() -> None:
    here = digests(article(AGENCY.format(12)), article(AGENCY.format(21)))
    there = digests(
        article("Im Stall stehen 12 Kühe und ein Pferd."), article("Im Stall stehen 21 Kühe und ein Pferd.")
    )
    assert not set(here) & set(there)


def test_the_way_back_is_another_edit() -> None:
    old, new = article(AGENCY.format(12)), article(AGENCY.format(21))
    assert not set(digests(old, new)) & set(digests(new, old))


def test_an_added_template_line_is_one_edit_wherever_it_is_added() -> None:
    line = "Dieser Text erschien zuerst im Newsletter."
    first, second = article("Eins steht hier."), article("Ganz anderes steht dort.", headline="Anderes")
    assert digests(first, article("Eins steht hier.", line)) == digests(
        second, article("Ganz anderes steht dort.", line, headline="Anderes")
    )


def test_what_only_moved_is_not_recognised_elsewhere() -> None:
    a, b, c = (f"Absatz {name} erzählt lange von der Brücke am Fluss {name}." for name in ("Alpha", "Beta", "Gamma"))
    assert digests(article(a, b, c), article(b, c, a)) == ()


@given(pairs())
@settings(max_examples=60)
def test_digests_depend_on_the_two_texts_alone(pair: tuple[Content, Content]) -> None:
    assert digests(*pair) == digests(*pair) == tuple(sorted(set(digests(*pair))))
    assert digests(pair[0], pair[0]) == ()

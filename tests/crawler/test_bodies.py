"""A container's blocks: nothing lost, nothing glued, nothing twice, and in time that grows with the page."""

from __future__ import annotations

import time

import lxml.html
import pytest

from crawler.body import read_body


def blocks(inner: str) -> list[tuple[str, str]]:
    return [
        (block.kind.value, block.text) for block in read_body(lxml.html.fragment_fromstring(inner, create_parent="div"))
    ]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            "Bare <b>text</b> with <a href='/x'>links</a>.<p>Next.</p>",
            [("paragraph", "Bare text with links."), ("paragraph", "Next.")],
        ),
        ("<div>Half<b>word</b>s stay whole</div>", [("paragraph", "Halfwords stay whole")]),
        (
            "<ul><li>One<ul><li>Inner</li></ul></li><li><p>Two</p><p>more</p></li></ul>",
            [("list-item", "One"), ("list-item", "Inner"), ("list-item", "Two more")],
        ),
        (
            "<blockquote><p>Said.</p><footer>Who</footer></blockquote><p>End.</p>",
            [("quote", "Said."), ("quote", "Who"), ("paragraph", "End.")],
        ),
        (
            "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
            [("table-row", "A | B"), ("table-row", "1 | 2")],
        ),
        (
            "<p>Same.</p><p>Other.</p><p>Same.</p>",
            [("paragraph", "Same."), ("paragraph", "Other."), ("paragraph", "Same.")],
        ),
        ("<p>A&nbsp;b so&shy;ft\n  c</p>", [("paragraph", "A\u00a0b so\u00adft c")]),
        (
            "<p><em>Aside.</em></p><p>Text.</p><p><em>Edited by: B</em></p>",
            [("paragraph", "Aside."), ("paragraph", "Text."), ("note", "Edited by: B")],
        ),
    ],
)
def test_each_piece_is_one_block(inner: str, expected: list[tuple[str, str]]) -> None:
    assert blocks(inner) == expected


def test_ten_thousand_paragraphs_are_read_in_seconds() -> None:
    start = time.process_time()
    assert len(blocks("".join(f"<p>Paragraph number {n} says something.</p>" for n in range(10_000)))) == 10_000
    assert time.process_time() - start < 10

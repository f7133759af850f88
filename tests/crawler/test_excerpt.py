"""What a page says is read from a part of it, and is what the whole of it says."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cost.pages import FIRST, HeavySite, article, publish
from crawler.excerpt import excerpt
from crawler.extraction import Page, extract
from crawler.layouts import dw_react
from crawler.localsite.edits import EDITS, scripted
from crawler.page import parse
from crawler.region import region
from storage.types import Content
from tests.crawler.test_clean_baseline import URL, seed
from tests.crawler.test_region import page

OTHERS = (
    "<nav><a href='/a'>One <span>two</span></a><h2>Three</h2></nav>",
    '<article class="teaser"><h2>Another story</h2><p>Its teaser.</p></article>',
    "<div><p>unclosed <b>and <div class='rich-text'>another text</div>",
    "<!-- <article><h1>Old</h1></article> -->",
    '<!-- <script type="application/ld+json">{"@type": "NewsArticle", "headline": "Old"}</script> -->',
    "<script>if (a <b) document.write('<div><h3>c</h3>')</script>",
    "<svg><g><path d='M4 9'></path></g></svg>",
    "<style>p > a::after { content: 'x' }</style>",
    "<!--><!--[if !IE]><!--><p>five</p><!--<![endif]-->",
    "</div></section>",
    "\x00 & < >",
)


def of_the_whole(text: str) -> Content:
    """What reading the page itself says, without an excerpt."""
    root = parse(text)
    assert dw_react.matches(root)
    return dw_react.read(root, text, "71703285")


@pytest.mark.parametrize("layout", ["dw-2026", "dw-2023"])
@pytest.mark.parametrize("name", sorted(EDITS))
def test_the_excerpt_says_what_the_page_says(name: str, layout: str) -> None:
    for n in range(5):
        edited = scripted(seed(), random.Random(n), name).content  # noqa: S311 - seeded on purpose
        text = page(edited, n, layout=layout)
        assert extract(text, URL) == of_the_whole(text)
        assert len(excerpt(text.encode())) < len(text.encode())


@given(st.lists(st.sampled_from(OTHERS)), st.lists(st.sampled_from(OTHERS)))
def test_what_stands_before_and_behind_the_article_is_not_read(before: list[str], behind: list[str]) -> None:
    plain = page(seed(), 1)
    text = plain.replace("<main>", f"{''.join(before)}<main>", 1)
    text = text.replace("</main>", f"</main>{''.join(behind)}", 1)
    assert extract(text, URL) == extract(plain, URL)
    # of several ends the last could be the article's: then its region goes as far as that; without a region it is read
    if "</article>" not in "".join(behind):
        assert region(excerpt(text.encode()), "x") in (None, region(excerpt(plain.encode()), "x"))


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("<article", "<div"),
        ("rich-text", "rich-text-ad"),
        ("</head>", ""),
        ("<main>", "<h1>The outlet</h1><main>"),
        ("<main>", "<main><article><p>A teaser.</p></article><h1>No article around it</h1>"),
    ],
)
def test_where_the_article_cannot_be_told_the_whole_page_is_read(part: str, instead: str) -> None:
    text = page(seed(), 1).replace(part, instead)
    assert part not in text.replace(instead, "")
    assert excerpt(text.encode()) == text.encode()


def test_an_excerpt_is_its_own_excerpt_and_a_seventh_of_a_page_of_that_weight() -> None:
    site = HeavySite(seed=3)
    whole = site.answer(publish(site, 1)[0], {}).body
    part = excerpt(whole)
    assert excerpt(part) == part
    assert len(part) < len(whole) / 6
    url = f"https://www.dw.com/de/x/a-{FIRST}"
    assert extract(Page(part), url) == extract(Page(whole), url)
    assert extract(Page(whole), url).headline == article(FIRST).headline

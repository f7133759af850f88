"""A page told by its region says what it said; whatever could be an edit makes another region."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from crawler import politeness
from crawler.crawling import look_now
from crawler.localsite import Site
from crawler.localsite.edits import EDITS, scripted
from crawler.localsite.rendering import Page, render
from crawler.pipelines import DISAGREES
from crawler.region import region as region_of
from storage import Store
from storage.types import Content
from tests.crawler.test_clean_baseline import DAY, URL, seed

BODY = '<div class="rich-text"><b>two</b></div>'


def page(content: Content, noise: int, **changes: object) -> str:
    """The page of one article on one request: its embeds stand still, the rest is noise."""
    whole = Page(
        content=content,
        number=71703285,
        url=URL,
        published=DAY,
        modified=DAY,
        noise=random.Random(noise),  # noqa: S311 - seeded on purpose
        embeds=random.Random(71703285),  # noqa: S311
    )
    return render(replace(whole, **changes))


def region(text: str, fingerprint: str) -> str | None:
    """The region of a page given as text."""
    return region_of(text.encode(), fingerprint)


@pytest.mark.parametrize("layout", ["dw-2026", "dw-2023"])
def test_the_noise_of_requests_leaves_the_region_as_it_is(layout: str) -> None:
    assert len({region(page(seed(), noise, layout=layout), "x") for noise in range(50)}) == 1


@pytest.mark.parametrize("name", sorted(EDITS))
def test_every_edit_shows_in_the_region(name: str) -> None:
    before = region(page(seed(), 1), "x")
    for n in range(10):
        edit = scripted(seed(), random.Random(n), name)  # noqa: S311 - seeded on purpose
        assert region(page(edit.content, 2 + n), "x") != before, edit


def test_a_single_character_a_link_and_a_declared_time_show_too() -> None:
    content = seed()
    before = page(content, 1)
    first = content.blocks[5]
    shorter = replace(content, blocks=(*content.blocks[:5], replace(first, text=first.text[:-1]), *content.blocks[6:]))
    told = region(before, "x")
    assert region(page(shorter, 1), "x") != told
    assert first.text in before
    assert region(before.replace(first.text, first.text.replace(" ", "\u00a0", 1)), "x") != told
    assert region(page(content, 1, modified=DAY + timedelta(minutes=1)), "x") != told
    assert region(before.replace('href="/person-1"', 'href="/person-2"'), "x") != told


@pytest.mark.parametrize(
    "inline", ['<time datetime="x">{}</time>', '<span class="publication x"><span>{}</span></span>', "<bdi>{}</bdi>"]
)
def test_a_time_in_the_text_is_text(inline: str) -> None:
    """Left out like the header's, an edit of it stayed unseen until the next control."""
    before, begins, body = page(seed(), 1).partition('data-tracking-name="rich-text"')
    told = [
        region(before + begins + body.replace("<p>", f"<p>Um {inline.format(at)} Uhr: ", 1), "x")
        for at in ("14.30", "15.30")
    ]
    assert None not in told
    assert told[0] != told[1]


def test_another_extractor_sees_another_region() -> None:
    assert region(page(seed(), 1), "x") != region(page(seed(), 1), "y")


@pytest.mark.parametrize("layout", ["dw-classic"])
def test_layouts_whose_text_stands_elsewhere_have_none(layout: str) -> None:
    assert region(page(seed(), 1, layout=layout), "x") is None
    assert region(page(seed(), 1).replace("NewsArticle", "LiveBlogPosting"), "x") is None


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("ZAESUR_DELAY", "0")
    politeness.forget()
    return Site(seed=4)


def test_every_twentieth_unchanged_page_is_read_all_the_same(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = site.publish(seed(), number=71703285, slug="gipfel")
    with site.serving() as base, Store.open(tmp_path / "z.db") as store:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base.removeprefix("http://"))
        outcomes = [look_now([base + path], store)[0]["outcome"] for _ in range(22)]
        relied = [store.record_of(n)["same_as"] for n in range(1, 23)]
    assert outcomes == ["new", *["unchanged"] * 21]
    assert relied == [None, *[1] * 19, None, 21]


def test_a_control_that_disagrees_is_told(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the region ever blind to an edit, the control finds it and says that it was."""
    monkeypatch.setattr("crawler.reading.region", lambda page, fingerprint: "blind")
    path = site.publish(seed(), number=71703285, slug="gipfel")
    with site.serving() as base, Store.open(tmp_path / "z.db") as store:
        monkeypatch.setenv("ZAESUR_ALLOW_HOSTS", base.removeprefix("http://"))
        look_now([base + path], store)
        site.revise(71703285, replace(seed(), headline="Eine andere Überschrift"))
        rows = [look_now([base + path], store)[0] for _ in range(20)]
        assert store.disagreements(DISAGREES) == 1
    assert [row["outcome"] for row in rows] == [*["unchanged"] * 19, "changed"]
    assert rows[-1]["reason"] == DISAGREES


def test_of_what_is_left_out_nothing_more_is_left_out_than_that() -> None:
    def of(noise: str, behind: str = "") -> str | None:
        return region(f"<head></head><article><h1>One</h1>{noise}{BODY}{behind}</article>", "x")

    noise = (
        '<script>if (a <b) c</script><!-- d --><span class="publication x">e<span>f</span></span><svg><p>g</p></svg>'
    )
    assert of(noise) == of("")
    assert of("") not in (None, of("", "<svg> never closed"))
    assert of("", "<!--><p>a</p><!-- c -->") != of("", "<!--><p>b</p><!-- c -->")
    # where a comment or a script never ends, nobody can tell where the article does: it is read
    assert of("", "<!-- never closed") is None
    assert of("", "<script> never <!-- closed -->") is None

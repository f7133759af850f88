"""What a URL says about an article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import article_id, canonical, identify, language, outlet
from storage.errors import UserError

SUMMIT = "https://www.dw.com/de/gipfel/a-71703285"


@pytest.mark.parametrize(
    ("url", "number", "edition"),
    [
        (SUMMIT, "a-71703285", "de"),
        ("https://www.dw.com/de/a-71703285", "a-71703285", "de"),
        ("http://127.0.0.1:8000/de/gipfel/a-71703285/?maca=de-rss", "a-71703285", "de"),
        ("https://amp.dw.com/en/0/live-72516011", "live-72516011", "en"),
        ("https://www.dw.com/pt-002/cimeira/a-71703285", "a-71703285", "pt-002"),
        ("https://www.dw.com/fa-ir/x/video-71703285", "video-71703285", "fa-ir"),
        ("https://www.dw.com/zh/中文标题/a-71703285", "a-71703285", "zh"),
        ("https://www.dw.com/de/x/av-56780778", "av-56780778", "de"),
        ("https://www.dw.com/gipfel/e-5678077", "e-5678077", ""),
    ],
)
def test_the_number_is_the_identity_on_any_host_under_any_slug(url: str, number: str, edition: str) -> None:
    assert (article_id(url), language(url), outlet(url)) == (number, edition, "dw")
    assert identify(url).id == number


@pytest.mark.parametrize(
    "url",
    [
        "https://www.dw.com/de/themen/s-9097",
        "https://www.dw.com/de/x/t-17493",
        "https://www.dw.com/de/x/a-٧١٧٠٣٢٨٥",
        "/",
        "",
    ],
)
def test_section_pages_and_foreign_digits_are_no_articles(url: str) -> None:
    assert article_id(url) is None


@pytest.mark.parametrize(
    "spelling",
    [
        "HTTPS://WWW.DW.COM/de/gipfel/a-71703285",
        "https://www.dw.com:443/de/gipfel/a-71703285",
        "https://amp.dw.com/de/gipfel/a-71703285",
        "https://www.dw.com/de/gipfel/a-71703285?maca=de-rss&at_medium=x&utm_source=y#top",
        "  https://www.dw.com/de/gipfel/a-71703285 ",
    ],
)
def test_spellings_of_one_address_are_one(spelling: str) -> None:
    assert canonical(spelling) == SUMMIT


def test_umlauts_and_chinese_are_percent_encoded_once() -> None:
    assert canonical("https://www.dw.com/de/ära-€/a-71703285") == "https://www.dw.com/de/%C3%A4ra-%E2%82%AC/a-71703285"
    assert canonical("https://x.example/%C3%A4ra?q=ü") == "https://x.example/%C3%A4ra?q=%C3%BC"


def test_a_page_of_another_outlet_is_named_by_its_canonical_url() -> None:
    article = identify("https://News.Example/a/story?id=5&fbclid=x")
    assert (article.id, article.outlet) == ("https://news.example/a/story?id=5", "news.example")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dw.com/de/x/a-1",
        "mailto:a@b",
        "file:///etc/passwd",
        "http://",
        "http://[",
        "http://x:99999/a",
        "http://a b/c",
        "http://x/\ud800",
        "http://x/a\x00b",
        "https://www.dw.com/de/",
        "https://www.dw.com/de/x/s-9097",
        "https://p.dw.com/p/4qXYZ",
        "https://x.example/",
    ],
)
def test_what_is_no_article_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(UserError) as refused:
        identify(url)
    assert "nothing was changed" in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text() | st.text(alphabet="htps:/[]@.#?%&=a-71 ä\ud800").map(lambda text: f"http://{text}"))
def test_no_text_breaks_the_reading_of_a_url(text: str) -> None:
    for question in (article_id, language, outlet, canonical):
        question(text)
    try:
        name = identify(text).url
    except UserError:
        return
    assert identify(name).url == name

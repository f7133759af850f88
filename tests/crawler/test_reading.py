"""From a look to what the article says: a version only from the whole, right and readable page, else a reason."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from crawler.extraction import standing_text
from crawler.gate import judge_answer, judge_page
from crawler.page import declared_time
from crawler.reading import read
from crawler.urls import identify
from reports.diff import assess
from storage.types import Content, EditOp, Form, Kind, Look, Outcome

URL = "https://www.dw.com/en/harbour/a-71703285"
ELSEWHERE = "https://news.example/2025/harbour"
PASSAGES = [
    f"Passage number {n} says something of its own about the harbour of Kiel and its ferries." for n in range(12)
]
NOW = datetime(2025, 2, 24, 9, 30, tzinfo=UTC)


def page(
    passages: list[str] = PASSAGES,
    *,
    title: str = "The harbour",
    url: str | None = URL,
    modified: str = "2025-02-24T10:00:00.500Z",
    inside: str = "",
    header: bool = True,
) -> str:
    link = f'<link rel="canonical" href="{url}">' if url else ""
    paragraphs = "".join(f"<p>{text}</p>" for text in passages)
    kicker = '<div data-tracking-name="content-detail-kicker"><span>Travel</span></div>' if header else ""
    lead = '<p class="teaser-text">What moves in Kiel.</p>' if header else ""
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{link}<script type="application/ld+json">'
        f'{{"@type":"NewsArticle","headline":"{title}","dateModified":"{modified}"}}</script></head><body><article>'
        f"<header>{kicker}<h1>{title}</h1>{lead}</header>"
        f'<div data-tracking-name="rich-text">{paragraphs}</div>{inside}</article></body></html>'
    )


def look(body: str | bytes, *, url: str = URL, status: int | None = 200, **facts: object) -> Look:
    data = body.encode() if isinstance(body, str) else body
    plain = Look(
        requested_url=url,
        article=identify(url),
        started=NOW,
        answered=NOW,
        final_url=url,
        status=status,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=data,
    )
    return replace(plain, **facts)


def last(**changes: object) -> Content:
    content = read(look(page()), None).content
    assert content is not None
    return replace(content, **changes)


def test_a_whole_page_becomes_content_with_its_transport_facts() -> None:
    done = read(
        look(gzip.compress(page().encode()), headers=(("Content-Encoding", "gzip"), ("Content-Type", "text/html"))),
        None,
    )
    assert (done.outcome, done.reason) == (None, None)
    assert done.content is not None
    assert [block.text for block in done.content.blocks] == PASSAGES
    assert (done.charset, done.charset_source) == ("utf-8", "default")
    assert done.decoded_sha256
    assert done.fingerprint
    assert read(look(page()), done.content).outcome is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(None, Outcome.FETCH_FAILED), (404, Outcome.GONE), (410, Outcome.GONE)]
    + [(status, Outcome.SET_ASIDE) for status in (202, 204, 401, 403, 407, 429, 451, 500, 502, 503, 504, 520)],
)
def test_the_status_decides_alone_where_it_can(status: int | None, outcome: Outcome) -> None:
    done = read(look(page(), status=status), None)
    assert (done.outcome, done.content) == (outcome, None)
    assert done.reason


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        ((("If-None-Match", '"a"'),), Outcome.NOT_MODIFIED),
        ((("If-Modified-Since", "Mon, 24 Feb 2025 09:00:00 GMT"),), Outcome.NOT_MODIFIED),
        ((("Accept", "text/html"),), Outcome.SET_ASIDE),
    ],
)
def test_not_modified_is_believed_only_when_it_was_asked(sent: tuple[tuple[str, str], ...], outcome: Outcome) -> None:
    assert read(look(b"", status=304, request_headers=sent), None).outcome is outcome


def test_two_pages_in_one_answer_are_not_read_as_one() -> None:
    assert judge_page((page() + page()).encode()).reason == "two pages in one answer"
    assert judge_page(page(inside="<!-- </html><html> --><script>'</html><html>'</script>").encode()).outcome is None


@pytest.mark.parametrize("element", ["article", "main"])
def test_a_page_cut_on_the_way_and_closed_up_is_not_whole(element: str) -> None:
    whole = page().replace("article>", f"{element}>")
    cut = whole[: whole.index("Passage number 7")]
    verdict = judge_page((cut + "</p></body></html>").encode())
    assert verdict.reason == f"incomplete page: its <{element}> does not end"
    assert judge_page(whole.encode()).outcome is None


@pytest.mark.parametrize("spoilt", ["f\u00c3\u00bcr", "Gr\u00c3\u00b6\u00c3\u0178e", "\u00e2\u20ac\u201c und"])
def test_text_coded_twice_is_doubted_beside_text_that_was_not(spoilt: str) -> None:
    passages = [f"{PASSAGES[0]} {spoilt}", *PASSAGES[1:]]
    assert read(look(page(passages)), last()).doubt == "garbled"
    assert read(look(page(passages)), read(look(page(passages)), None).content).doubt is None


def test_characters_that_were_lost_are_doubted_at_the_first_look_too() -> None:
    assert read(look(page().encode().replace(b"Kiel", b"K\xffel")), None).doubt == "garbled"


@pytest.mark.parametrize("name", ["cf-mitigated", "x-amzn-waf-action"])
def test_a_challenge_is_told_by_its_header_whatever_the_status(name: str) -> None:
    assert judge_answer(200, {name: "challenge"}, None).outcome is Outcome.SET_ASIDE


@pytest.mark.parametrize("media", ["application/json", "application/pdf", "image/png", "text/plain"])
def test_what_is_no_html_is_set_aside(media: str) -> None:
    assert judge_answer(200, {"content-type": media}, None).outcome is Outcome.SET_ASIDE


def test_a_page_cut_at_any_place_is_never_a_version() -> None:
    whole = page().encode()
    for end in range(0, len(whole) - 7, 13):
        assert read(look(whole[:end]), None).outcome is Outcome.SET_ASIDE, end


@pytest.mark.parametrize(
    "tail", ["", "\n", "<!-- cached 10:00 -->\n<!-- node 7 -->", "<script>track()</script>", "</body>"]
)
def test_what_servers_add_behind_the_page_does_not_make_it_incomplete(tail: str) -> None:
    assert judge_page((page() + tail).encode()).outcome is None


@pytest.mark.parametrize("tail", ["<p>and then", "Fatal error: out of memory", "<!---->" * 500 + "x"])
def test_text_behind_the_end_does(tail: str) -> None:
    assert judge_page((page() + tail).encode()).outcome is Outcome.SET_ASIDE


@pytest.mark.parametrize(
    "title",
    [
        "Just a moment...",
        "404 - Seite nicht gefunden",
        "Page not found",
        "Access Denied",
        "Attention Required! | Cloudflare",
        "Service Unavailable",
        "503 Service Temporarily Unavailable",
        "Wartungsarbeiten",
        "Before you continue to News",
        "Log in",
        "Pagina non trovata",
        "404 - Сторінку не знайдено",
        "الصفحة غير موجودة",
        "页面不存在",
    ],
)
def test_pages_that_call_themselves_something_else_are_set_aside(title: str) -> None:
    assert read(look(page(title=title, url=ELSEWHERE), url=ELSEWHERE), None).outcome is Outcome.SET_ASIDE


@pytest.mark.parametrize(
    "title", ["404 days in prison: a diary", "Access denied: how borders close for refugees", "Anmeldezahlen sinken"]
)
def test_articles_about_such_things_pass(title: str) -> None:
    assert read(look(page(title=title, url=ELSEWHERE), url=ELSEWHERE), None).outcome is None


def test_another_articles_number_is_the_wrong_article_and_moved_after_a_redirect() -> None:
    other = page(url="https://www.dw.com/en/other/a-60000001")
    assert read(look(other), None).outcome is Outcome.SET_ASIDE
    assert read(look(other, redirects=(URL,)), None).outcome is Outcome.MOVED


def test_a_new_slug_is_the_same_article_and_is_followed() -> None:
    done = read(look(page(url="https://www.dw.com/en/kiel-harbour/a-71703285")), last())
    assert done.outcome is None
    assert done.article is not None
    assert done.article.url == "https://www.dw.com/en/kiel-harbour/a-71703285"


@pytest.mark.parametrize(
    ("told", "redirected", "outcome"), [("/", False, Outcome.SET_ASIDE), ("/2025/other", False, Outcome.SET_ASIDE)]
)
def test_elsewhere_the_pages_own_address_must_be_the_articles(told: str, redirected: bool, outcome: Outcome) -> None:
    known = read(look(page(url=ELSEWHERE), url=ELSEWHERE), None).content
    other = page(title="Another story", url=f"https://news.example{told}")
    assert read(look(other, url=ELSEWHERE), known).outcome is outcome
    same_story = page(url="https://news.example/2025/harbour-updated")
    assert read(look(same_story, url=ELSEWHERE), known).outcome is None


@pytest.mark.parametrize("address", ["http://[", "//", "javascript:x", "/relative", "http://x:99999/"])
def test_a_broken_address_in_the_page_breaks_nothing(address: str) -> None:
    assert read(look(page(url=address)), last()).outcome in (None, Outcome.SET_ASIDE)


def test_an_older_copy_is_stale_to_the_millisecond_and_a_newer_one_is_not() -> None:
    for told, outcome in [
        ("2025-02-24T10:00:00Z", Outcome.SET_ASIDE),
        ("2025-02-24T10:00:01Z", None),
        ("2025-02-24T10:00:00.5Z", None),
    ]:
        assert read(look(page(modified=told)), last()).outcome is outcome, told


def test_a_page_that_lost_most_of_its_text_or_its_header_is_doubted() -> None:
    assert read(look(page(PASSAGES[:1])), last()).outcome is Outcome.SET_ASIDE
    assert read(look(page(header=False)), last()).outcome is Outcome.SET_ASIDE
    assert read(look(page(PASSAGES[:8])), last()).outcome is None


def test_characters_lost_on_the_way_are_doubted_but_published_ones_are_not() -> None:
    broken = page().replace("Kiel", "Ki\udcffl").encode("utf-8", "surrogateescape")
    assert read(look(broken), last()).outcome is Outcome.SET_ASIDE
    published = page([*PASSAGES[:-1], "A sign that was published as \ufffd by the outlet itself."])
    assert read(look(published), read(look(published), None).content).outcome is None


def moved_out(into: str) -> Look:
    """A look at the page whose fourth passage stands elsewhere on it."""
    return look(page([text for text in PASSAGES if text != PASSAGES[3]], inside=into.format(PASSAGES[3])))


def test_a_passage_that_stands_on_the_page_and_was_not_read_is_doubted() -> None:
    done = read(moved_out('<div class="unknown"><p>{}</p></div>'), last())
    assert (done.outcome, done.doubt) == (Outcome.SET_ASIDE, "unread")
    assert "stand on the page" in (done.reason or "")


def test_a_passage_moved_into_an_embed_does_not_block_the_article_and_is_not_reported_as_removed() -> None:
    moved = moved_out('<div class="embed dw-widget"><p>{}</p></div>')
    done = read(moved, last())
    assert done.outcome is None
    assert done.content is not None
    found = assess(last(), done.content, lambda: standing_text((moved.body or b"").decode()))
    (edit,) = [edit for edit in found.diff.edits if edit.op is not EditOp.KEEP]
    assert (edit.op, edit.old, edit.new, found.kinds) == (EditOp.MOVE, PASSAGES[3], PASSAGES[3], (Kind.MOVED,))
    (plain,) = [edit for edit in assess(last(), done.content).diff.edits if edit.op is not EditOp.KEEP]
    assert plain.op is EditOp.DROP


def test_a_passage_that_is_really_gone_shortened_split_or_moved_passes() -> None:
    gone = [text for text in PASSAGES if text != PASSAGES[3]]
    split = [*PASSAGES[:3], PASSAGES[3][:44], PASSAGES[3][44:], *PASSAGES[4:]]
    merged = [" ".join(PASSAGES[:2]), *PASSAGES[2:]]
    moved = [*PASSAGES[5:], *PASSAGES[:5]]
    for edited in (gone, split, merged, moved):
        assert read(look(page(edited)), last()).outcome is None


def test_a_text_copy_as_the_last_word_never_makes_a_page_doubtful() -> None:
    copy = last(form=Form.TEXT, modified=None, layout="copy", kicker=None)
    inside = f'<div class="embed dw-widget"><p>{PASSAGES[3]}</p></div>'
    assert read(look(page(PASSAGES[:3] + PASSAGES[4:], inside=inside)), copy).outcome is None


def test_a_line_or_two_without_date_or_author_is_doubted_and_with_them_believed() -> None:
    wall = "<!doctype html><html><head><title>{0}</title>{1}</head><body><article><h1>{0}</h1><p>Please wait.</p></article></body></html>"
    dated = '<meta property="article:published_time" content="2025-02-24T10:00:00Z">'
    assert read(look(wall.format("One thing first", ""), url=ELSEWHERE), None).doubt == "thin"
    assert read(look(wall.format("One thing first", dated), url=ELSEWHERE), None).outcome is None


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("24.2.2025", "2025-02-24"),
        ("31.02.2022", None),
        ("99.99.2020", None),
        ("2025-02-24", "2025-02-24"),
        ("2025-02-30", None),
        ("1901-02-03T04:05:06+01:00", "1901-02-03T03:05:06Z"),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_a_declared_time_is_in_the_calendar_or_none(told: str, read: str | None) -> None:
    assert declared_time(told) == read

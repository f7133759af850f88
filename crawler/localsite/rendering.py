"""Pages with the skeletons of dw.com and its noise: what changes on every request without anyone editing a word."""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

import msgspec

from storage.types import Block, BlockKind, Content

_RTL = frozenset({"ar", "fa", "ur", "ps", "prs"})
_TEASERS = (
    "Wie ein Leuchtturm umzog",
    "Das leise Comeback der Nachtzüge",
    "Warum Bienen Mathematik können",
    "Ein Dorf ohne Uhren",
)
_ATTRIBUTE = re.compile(r'[a-z:-]+="[^"]*"')
_TAG = re.compile(r'<([a-z][a-z0-9]*)((?: [a-z:-]+="[^"]*")+)>')


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is made from: an article's content and what surrounds it. ``noise`` off gives the same bytes every time.

    ``embeds`` places the furniture among the paragraphs, where that shall not be drawn anew with each request. ``deploy`` is
    the release of the site, where hashed classes shall stay until the next one.
    """

    content: Content
    number: int
    url: str
    published: datetime
    modified: datetime
    layout: str = "dw-2026"
    kind: str = "a"
    noise: random.Random | None = None
    embeds: random.Random | None = None
    deploy: int | None = None


def render(page: Page) -> str:
    """The page as HTML, in its layout."""
    return {"dw-2026": _react, "dw-2023": _react, "dw-classic": _classic}[page.layout](page)


def jittered(html: str, rng: random.Random) -> str:
    """The same page from another template engine: attributes in another order, other white space inside tags."""

    def tag(match: re.Match[str]) -> str:
        attributes = _ATTRIBUTE.findall(match[2])
        rng.shuffle(attributes)
        return f"<{match[1]}{''.join(rng.choice((' ', '  ', chr(10))) + each for each in attributes)}>"

    return _TAG.sub(tag, html)


def _react(page: Page) -> str:
    content = page.content
    direction = "rtl" if content.language in _RTL else "ltr"
    head = f"""<!doctype html>
<html lang="{content.language}" dir="{direction}"><head><meta charset="utf-8">
<title>{escape(content.headline or "")} – DW – {page.published:%d.%m.%Y}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="{escape(content.teaser or "")}">
<meta name="date" content="{_iso(page.published)}"><meta property="og:title" content="{escape(content.headline or "")}">
<meta property="og:url" content="{escape(page.url)}"><meta property="og:description" content="{escape(content.teaser or "")}">
<link rel="canonical" href="{escape(page.url)}"><link rel="stylesheet" href="/static/index-{_hash(page)}.css">
<script type="application/ld+json" nonce="{_hash(page)}">{_linked_data(page)}</script></head><body>"""
    return "".join((head, _navigation(page), _article(page), _related(page), _state(page), "</body></html>"))


def _article(page: Page) -> str:
    content = page.content
    authors = '<span class="separator"> | </span>'.join(
        f'<span><a class="author-link {_hash(page)}" href="/person-1">{escape(name)}</a></span>'
        for name in content.authors or ()
    )
    place = f'<span class="extra-info {_hash(page)}">{escape(content.place)}</span>' if content.place else ""
    kicker = "".join(f"<span>{escape(part)}</span>" for part in (content.kicker or "").split(" | ") if part)
    body = "" if page.layout == "dw-2023" else ' data-tracking-name="rich-text"'
    lead, rest = _lead(content.blocks)
    return f"""<main><article class="{_hash(page)}"><div class="content-area {_hash(page)}"><header class="{_hash(page)}">
<div data-tracking-name="content-detail-kicker" class="kicker {_hash(page)}">{kicker}</div>
<h1 class="{_hash(page)}">{escape(content.headline or "")}</h1><div class="author-details {_hash(page)}">{authors}{place}</div>
<span class="time-area {_hash(page)}">{_dates(page)}</span>
<p class="teaser-text {_hash(page)}">{escape(content.teaser or "")}</p></header>
<section data-tracking-name="sharing-icons-inline" class="in-line closed"><a href="#">Facebook</a><span>https://p.dw.com/p/{_hash(page)}</span></section>
{"".join(_figures(lead))}<div class="{_hash(page)}"><span class="label-top">Anzeige</span><div id="dw_m_article_top" class="gpt-slot"></div></div>
<div{body} class="{_hash(page)} rich-text">{"".join(_body(rest, page))}</div>
<footer><div class="author"><a class="author-link" href="/person-1">{escape(" ".join(content.authors or ()))}</a><span>Korrespondentin</span></div>
<div class="feedback"><div id="feedback-button">Schicken Sie uns Ihr Feedback!</div><form><textarea>Ihr Feedback</textarea></form></div></footer>
</div></article></main>"""


def _lead(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """The main picture stands above the body."""
    end = next((i for i, block in enumerate(blocks) if block.kind not in (BlockKind.CAPTION, BlockKind.CREDIT)), 0)
    return blocks[:end], blocks[end:]


def _figures(blocks: Sequence[Block]) -> Iterator[str]:
    """Captions with the credit that follows each."""
    index = 0
    while index < len(blocks):
        caption = escape(blocks[index].text) if blocks[index].kind is BlockKind.CAPTION else ""
        index += bool(caption)
        credit = blocks[index].text if index < len(blocks) and blocks[index].kind is BlockKind.CREDIT else ""
        index += bool(credit)
        small = f'<small class="copyright">{escape(credit)}</small>' if credit else ""
        yield (
            '<figure class="placeholder-image"><picture><img src="/image/1_303.jpg" alt="Bild"></picture>'
            f'<figcaption class="img-caption">{caption}{small}</figcaption></figure>'
        )


def _body(blocks: Sequence[Block], page: Page) -> Iterator[str]:
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.kind in (BlockKind.CAPTION, BlockKind.CREDIT):
            end = index
            while end < len(blocks) and blocks[end].kind in (BlockKind.CAPTION, BlockKind.CREDIT):
                end += 1
            yield from _figures(blocks[index:end])
            index = end
            continue
        if block.kind is BlockKind.LIST_ITEM:
            end = index
            while end < len(blocks) and blocks[end].kind is BlockKind.LIST_ITEM:
                end += 1
            yield f"<ul>{''.join(f'<li>{escape(item.text)}</li>' for item in blocks[index:end])}</ul>"
            index = end
            continue
        yield _piece(block)
        yield _embed(page)
        index += 1


def _piece(block: Block) -> str:
    text = escape(block.text, quote=False).replace("\u00a0", "&nbsp;")
    if block.kind is BlockKind.HEADING:
        return f"<h{block.level or 2}>{text}</h{block.level or 2}>"
    if block.kind is BlockKind.NOTE:
        return f"<p><em>{text}</em></p>"
    if block.kind is BlockKind.QUOTE:
        return f"<blockquote><p>{text}</p></blockquote>"
    for link in block.links or ():
        word = text.split(" ", 1)[0]
        return f'<p><a class="internal-link" href="{escape(link)}">{word}<svg><path d="M1 1"/></svg></a>{text[len(word) :]}</p>'
    return f"<p>{text}</p>"


def _embed(page: Page) -> str:
    """Furniture among the paragraphs: here now, gone at the next request."""
    rng = page.embeds or page.noise
    if rng is None or rng.random() > 0.25:
        return ""
    title = rng.choice(_TEASERS)
    return rng.choice(
        (
            '<span class="rich-text-ad"></span>',
            f'<div class="vjs-wrapper embed big"><h2 class="headline">{title}</h2><span>02:45</span>'
            '<p class="vjs-no-js">To view this video please enable JavaScript</p><p>This browser does not support the video element.</p></div>',
            f'<div class="embed dw-widget"><iframe src="/w"></iframe><p>{title}</p></div>',
            f'<div class="embed image-gallery"><h2>{title}</h2><p>1 / 8</p></div>',
            '<p>Add DW as a <a href="#">Preferred Source on Google</a></p>',
            f'<blockquote class="tweet embed"><p>{title}</p></blockquote>',
        )
    )


def _dates(page: Page) -> str:
    relative = page.noise is not None and page.noise.random() < 0.3
    short = f"vor {page.noise.randint(1, 20)} Stunden" if relative and page.noise else f"{page.published:%d.%m.%Y}"
    long = short if relative else f"{page.published.day}. {page.published:%m} {page.published.year}"
    return (
        f'<span class="publication"><time aria-hidden="true">{short}</time><span class="sr-only">{long}</span></span>'
    )


def _linked_data(page: Page) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": page.url},
        "headline": page.content.headline,
        "author": [{"@type": "Person", "name": name} for name in page.content.authors or ()],
        "datePublished": _iso(page.published),
        "dateModified": _iso(page.modified),
    }
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _state(page: Page) -> str:
    """The page's own data; now and then it is missing, and what surrounds the article in it changes always."""
    if page.noise is not None and page.layout == "dw-2026" and page.noise.random() < 0.2:
        return ""
    article = {
        "__typename": "Article",
        "id": page.number,
        "title": page.content.headline,
        "teaser": page.content.teaser,
        "kicker": page.content.kicker or "",
        "firstPublicationDate": _iso(page.published),
        "lastPublicationDate": _iso(page.published),
        "lastModifiedDate": _iso(page.modified),
        "canonicalUrl": page.url,
        "isRtl": page.content.language in _RTL,
    }
    noise = {"requestId": _hash(page), "serverTime": page.noise.random() if page.noise else 0}
    if page.layout == "dw-2023":
        return f"<script> window.__APOLLO_STATE__={_json({'ROOT_QUERY': noise, f'Article:{page.number}': article})};</script>"
    path = f"/graph-api/{page.content.language}/content/article/{page.number}"
    return f"<script>window.__APP_STATE__={_json({path: {'data': {'content': article}}, 'session': noise})};</script>"


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _navigation(page: Page) -> str:
    return f'<nav class="{_hash(page)}"><a href="#main">Zum Inhalt springen</a><a href="/de/themen/s-9077">Themen</a></nav>'


def _related(page: Page) -> str:
    rng = page.noise or random.Random(0)  # noqa: S311 - noise, not secrets
    teasers = "".join(
        f'<a href="/de/x/a-{rng.randint(10**6, 10**7)}"><h3>{rng.choice(_TEASERS)}</h3></a>' for _ in range(4)
    )
    return f'<section data-tracking-name="section-related-topics">{teasers}</section><section class="taboola">{teasers}</section>'


def _classic(page: Page) -> str:
    content = page.content
    facts = f"<li><strong>Datum</strong> {page.published:%d.%m.%Y}</li><li><strong>Autorin/Autor</strong> {escape(', '.join(content.authors or ()))}</li>"
    pieces = (
        f'<div class="picBox full"><a class="overlayLink"><img src="/i.jpg"></a><p>{escape(block.text)}</p></div>'
        if block.kind is BlockKind.CAPTION
        else ""
        if block.kind is BlockKind.CREDIT
        else _piece(block)
        for block in content.blocks
    )
    return f"""<!DOCTYPE html><html lang="{content.language}"><head><meta charset="utf-8"><title>{escape(content.headline or "")}</title>
<link rel="canonical" href="{escape(page.url)}"></head><body>{_navigation(page)}<div id="bodyContent"><div class="col3">
<h4 class="artikel">Welt</h4><h1>{escape(content.headline or "")}</h1><p class="intro">{escape(content.teaser or "")}</p></div>
<div class="col3"><div class="group"><div class="longText">{"".join(pieces)}</div></div></div>
<div class="col1"><ul class="smallList">{facts}</ul></div></div>{_related(page)}</body></html>"""


def _hash(page: Page) -> str:
    """A hashed class or nonce: another one at every release; with every request where no release is named."""
    if page.deploy is not None:
        return f"s{zlib.crc32(b'%d' % page.deploy):08x}"
    return f"s{page.noise.getrandbits(28):07x}" if page.noise else "s0000000"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

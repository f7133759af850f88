"""The whole way from a body as served to what the article says, or to the reason why not. Pure but for ``refresh``."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from crawler.decoding import BrokenBody, decode
from crawler.excerpt import excerpt
from crawler.extraction import OUTDATED, Page, Unreadable, extract, fingerprint, standing_text
from crawler.gate import Verdict, judge_answer, judge_content, judge_missing, judge_page, missing
from crawler.region import region
from crawler.urls import article_id, canonical, identify
from storage import Store
from storage.errors import Altered, NotNow, OtherZlib, UserError
from storage.types import BlockKind, Capture, Content, Form, Look, Origin, Outcome, Version

_CONDITIONS = ("if-none-match", "if-modified-since")


def open_page(look: Look) -> tuple[Look, bytes]:
    """Decode strictly and pass the gate as far as that goes without reading the article; the look and the page's excerpt in UTF-8.

    A look that ends here has its outcome; one that goes on has its region, where a page of its layout has one.
    """
    headers = {name.lower(): value for name, value in look.headers}
    conditional = any(name.lower() in _CONDITIONS for name, _ in look.request_headers)
    verdict = judge_answer(look.status, headers, look.reason, conditional)
    if verdict.outcome is Outcome.GONE and _led_away(look):
        verdict = Verdict(outcome=Outcome.SET_ASIDE, reason=f"redirected to another page, which answers {look.status}")
    if verdict.outcome or look.body is None:
        return _ended(look, verdict), b""
    try:
        decoded = decode(look.body, look.headers)
    except BrokenBody as error:
        return _ended(look, Verdict(outcome=Outcome.SET_ASIDE, reason=str(error))), b""
    look = replace(
        look,
        charset=decoded.charset,
        charset_source=decoded.charset_source,
        decoded_sha256=decoded.sha256,
        decoded_length=decoded.length,
        fingerprint=fingerprint(),
    )
    verdict = judge_page(decoded.page)
    if verdict.outcome:
        return _ended(look, verdict), decoded.page
    read_from = excerpt(decoded.page)
    # an answer from another address than the one asked for is always read
    return replace(look, region=None if look.redirects else region(read_from, fingerprint())), read_from


def _led_away(look: Look) -> bool:
    """Whether redirects ended somewhere that is not the article's address: its absence says nothing of the article."""
    asked = look.article.id if look.article else article_id(look.requested_url)
    return bool(look.redirects) and article_id(look.final_url or "") != asked


def read_article(look: Look, page: bytes, last: Content | None) -> Look:
    """Extract the article from a page that passed (in UTF-8), and judge what it says."""
    opened = Page(page)
    url = look.final_url or look.requested_url
    asked = look.article.id if look.article else article_id(look.requested_url) or canonical(look.requested_url)
    try:
        content = extract(opened, url if article_id(url) else look.requested_url)
    except Unreadable as error:
        return _ended(look, Verdict(outcome=Outcome.SET_ASIDE, reason=f"not the article: {error}"))
    content = replace(content, language=content.language or (look.article.language if look.article else ""))
    verdict = judge_content(content, asked, bool(look.redirects), last)
    if not verdict.outcome and last is not None and last.form is Form.PAGE and missing(content, last):
        verdict = judge_missing(content, last, standing_text(opened, furniture=False))
    if verdict.outcome:
        return replace(_ended(look, verdict), doubt=verdict.doubt, content=content if verdict.doubt else None)
    article = look.article
    if article is not None:
        article = replace(
            article,
            url=_address(content, article.url),
            language=article.language or content.language,
            headline=article.headline or content.headline,
        )
    # posts may stand in scripts, where no region sees them
    posts = any(block.kind is BlockKind.POST for block in content.blocks)
    return replace(look, content=content, article=article, region=None if posts else look.region)


Reader = Callable[[Look, bytes, Content | None], Look]  # read_article, or one like it


def read(look: Look, last: Content | None, reader: Reader = read_article) -> Look:
    """Complete a look: decode strictly, pass the gate, extract. ``last`` is the article's last accepted content."""
    look, page = open_page(look)
    return look if look.outcome else reader(look, page, last)


def _address(content: Content, known: str) -> str:
    """The article's address as it is now: a changed slug is followed, on the host that was asked."""
    told = content.canonical_url
    if not told or not article_id(told) or article_id(told) != article_id(known):
        return known
    try:
        same_host = identify(told).url.split("/")[2] == known.split("/")[2]
    except UserError:
        return known
    return canonical(told) if same_host else known


def _ended(look: Look, verdict: Verdict) -> Look:
    return replace(look, outcome=verdict.outcome, reason=verdict.reason or look.reason)


def reread(store: Store, version: Version, reader: Reader = read_article) -> Content:
    """A crawled version's text, read again from its stored page by today's extractor; as ``reread_look``."""
    capture = store.capture(version.capture) if version.capture else None
    if capture is None:
        raise Unreadable("its page is not stored")
    return reread_look(store, capture, reader)


def reread_look(store: Store, capture: Capture, reader: Reader = read_article) -> Content:
    """What a look showed, read again from its stored page by today's extractor.

    Raises Unreadable with the reason why it cannot be: today's extractor finds no article, the page is not kept or damaged. Raises
    NotNow when that says nothing about the page.
    """
    try:
        body = store.body(capture.body_sha256) if capture.body_sha256 else None
    except Altered as error:
        raise Unreadable(str(error)) from None
    except OtherZlib as error:
        raise NotNow(str(error)) from None
    if body is None:
        raise Unreadable("its page is not stored")
    look = Look(
        requested_url=capture.requested_url,
        final_url=capture.final_url,
        article=store.article(capture.article or ""),
        started=capture.started,
        answered=capture.answered,
        status=capture.status,
        headers=capture.headers,
        body=body,
    )
    found = read(look, None, reader)
    if found.content is None and OUTDATED in (found.reason or ""):
        raise NotNow(found.reason)
    if found.content is None:
        raise Unreadable(found.reason or "no article found")
    return found.content


def page_text(store: Store, version: Version, text: Callable[[bytes], str]) -> str:
    """All text on the page a crawled version was read from, furniture too, as ``text`` tells it; "" when there is no page of it.

    Raises NotNow when the page does not come out: "" would say that nothing stands there.
    """
    capture = store.capture(version.capture) if version.capture else None
    try:
        body = store.body(version.body_sha256) if version.body_sha256 else None
    except (Altered, OtherZlib) as error:
        raise NotNow(str(error)) from None
    if capture is None or body is None:
        return ""
    try:
        return text(decode(body, capture.headers).page)
    except BrokenBody:
        return ""


def refresh(store: Store, version: Version, reader: Reader = read_article) -> Version:
    """A version as today's extractor reads it, with limits if ``reader`` has some. An upgrade is recorded as a re-baselining, never as an edit.

    One that cannot be read again comes back as it was read before; that, too, is recorded. Raises NotNow as ``reread_look``.
    """
    if version.origin is Origin.SEED or version.removed or version.fingerprint == fingerprint():
        return version
    try:
        content = reread(store, version, reader)
    except Unreadable as why:
        if store.writable:
            store.not_read_again(version.article, version.number, fingerprint(), str(why))
        return version
    if store.writable:
        store.reextracted(version.article, version.number, content, fingerprint())
    return replace(version, content=content, fingerprint=fingerprint())

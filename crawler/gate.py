"""The gate: is this the article we asked for, complete and readable? Pure; refuses with a reason, never an edit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from crawler.leaving import without
from crawler.noarticle import no_article
from crawler.urls import article_id, canonical
from storage.types import Content, Field, Outcome

_REFUSED = {
    401: "login required",
    403: "access refused",
    407: "login required",
    429: "rate limited",
    451: "legally barred",
}
_HTML = ("text/html", "application/xhtml+xml")
_CHALLENGES = ("cf-mitigated", "x-amzn-waf-action")
_SHORTEST = 0.2  # of the last accepted text; below that a page is doubted, not believed
_LONG_ENOUGH = 800  # characters from which that comparison means anything
_PROVABLE = 40  # letters from which a passage standing elsewhere on the page is no accident
_THIN = 240  # characters; what walls and errors say at most
_TAIL = 16 << 10  # bytes at either end of a page
_NO_LETTERS = re.compile(r"[\W_]+")
_NOT_SHOWN = re.compile(r"<!--|<(script|noscript|style)\b", re.IGNORECASE)
_SHOWN_AGAIN = {"<!--": re.compile("-->")} | {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "noscript", "style")
}
_ENDS = re.compile(r"</?(?:body|html)\s*>", re.IGNORECASE)
# text that was UTF-8, was read as another charset and coded again: "Ã¼" for "ü", "â€“" for a dash
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u2013-\u2122]|\u00e2\u20ac."
)
_MOJIBAKE_BEGINS = ("\u00c2", "\u00c3", "\u00e2\u20ac")
_HEADLINE = re.compile(rb"<h1")
_ELEMENTS = (b"article", b"main")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``outcome`` is ``None`` when the page may pass."""

    outcome: Outcome | None = None
    reason: str | None = None
    doubt: str | None = None  # names what is doubted of a page that can be read; a doubt that lasts is believed


PASS = Verdict()


def judge_answer(
    status: int | None, headers: Mapping[str, str], reason: str | None, conditional: bool = True
) -> Verdict:
    """What status and headers alone decide; ``conditional``: whether the request allowed a 304."""
    if status is None:
        return Verdict(outcome=Outcome.FETCH_FAILED, reason=reason or "no answer")
    if status == 304 and conditional:
        return Verdict(outcome=Outcome.NOT_MODIFIED)
    if status in (404, 410):
        return Verdict(outcome=Outcome.GONE, reason=f"the server answers {status}")
    if any(name in headers for name in _CHALLENGES):
        return _aside("bot challenge")
    if status != 200:
        known = _REFUSED.get(status) or ("server error" if status >= 500 else "unexpected answer")
        return _aside(f"{known} (status {status})")
    media = headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    return PASS if media in _HTML else _aside(f"not an HTML page ({media})")


def judge_page(page: bytes) -> Verdict:
    """Whether the decoded page, in UTF-8, is whole."""
    if not page.strip():
        return _aside("empty page")
    if b"\x00" in page[:_TAIL]:
        return _aside("binary data, not a page")
    tail = page[-_TAIL:]
    end = tail.lower().rfind(b"</html")
    if end < 0 or _ENDS.sub("", _shown(tail[end:].decode("utf-8", "replace").partition(">")[2])).strip():
        return _aside("incomplete page: it does not end with </html>")
    if _second_page(page):
        return _aside("two pages in one answer")
    if unended := _unended(page):
        return _aside(f"incomplete page: its <{unended}> does not end")
    return PASS


def _second_page(page: bytes) -> bool:
    """Whether another page begins behind the end of one; what scripts and comments quote does not count."""
    # from its end on: bytes.rfind takes a third of the time that bytes.find takes in so long a text
    if page.find(b"</html", 0, max(page.rfind(b"<html"), 0)) < 0:
        return False
    bare = _shown(page.decode("utf-8", "replace"))
    return 0 <= bare.find("</html") < bare.rfind("<html")


def _shown(text: str) -> str:
    """Text without comments and what is in scripts."""
    return without(text, _NOT_SHOWN, _SHOWN_AGAIN)


def _unended(page: bytes) -> str | None:
    """The element around the headline that does not end: a page cut on the way and closed up is not whole."""
    headline = _HEADLINE.search(page)
    return next((name.decode() for name in _ELEMENTS if headline and _open_at(page, name, headline.start())), None)


def _open_at(page: bytes, name: bytes, place: int) -> bool:
    """Whether an element that is open at this place never ends."""
    begin = page.rfind(b"<" + name, 0, place)
    return begin >= 0 and page.find(b"</" + name, begin) < 0


def judge_content(content: Content, asked: str | None, redirected: bool, last: Content | None) -> Verdict:
    """Whether the text is that of the article ``asked`` for (its id), and plausible beside the last accepted one."""
    headline = (content.headline or "").partition(" | ")[0].partition(" – ")[0].strip()
    if headline and no_article(headline) and not (last and last.headline == content.headline):
        return _aside(f"not an article: the page calls itself {headline!r}")
    named = article_id(content.canonical_url or "")
    if asked and named and article_id(f"/x/{asked}") and _number(named) != _number(asked):
        if redirected:
            return Verdict(outcome=Outcome.MOVED, reason=f"redirected to another article, {named}")
        return _aside(f"wrong article: the page says it is {named}")
    if asked and not article_id(f"/x/{asked}"):
        verdict = _judge_address(content, asked, redirected, last)
        if verdict.outcome:
            return verdict
    if _thin(content):
        return _doubted("thin", "doubtful: a line or two of text, and neither a date nor an author")
    if last is None:
        return _doubted("garbled", "garbled characters in the text") if "\ufffd" in said(content) else PASS
    return _judge_beside(content, last)


def _thin(content: Content) -> bool:
    """Whether this says so little, and so little about itself, that a wall or an error is likelier than an article.

    Not of pages that are followed with headline and teaser alone, such as videos: they hold no text.
    """
    told = content.published or content.modified or content.authors
    return bool(content.blocks) and not told and _length(content) < _THIN


def _judge_address(content: Content, asked: str, redirected: bool, last: Content | None) -> Verdict:
    """For outlets without numbers: whether the page's own address is still that of the article."""
    told, known = _path(content.canonical_url), _path(last.canonical_url if last else None)
    if told == "" and _path(asked) != "":
        return _aside("wrong article: the page says it is the home page")
    if last is None or None in (told, known) or told in (known, _path(asked)) or content.headline == last.headline:
        return PASS
    if redirected:
        return Verdict(outcome=Outcome.MOVED, reason=f"redirected to another page, {content.canonical_url}")
    return _aside(f"wrong article: the page says it is {content.canonical_url}")


def _judge_beside(content: Content, last: Content) -> Verdict:
    if _older(content.modified, last.modified):
        return _doubted(
            "stale", f"stale copy: it says it was modified {content.modified}, an earlier look said {last.modified}"
        )
    before, after = _length(last), _length(content)
    if before > _LONG_ENOUGH and after < before * _SHORTEST:
        return _doubted("shortened", f"doubtful: only {after} characters of text, {before} at the last look")
    if _garbled(content) > _garbled(last):
        return _doubted("garbled", "garbled characters that were not there before")
    gone = [
        name
        for name in ("kicker", "teaser", "authors", "published")
        if getattr(last, name) and not getattr(content, name)
    ]
    if len(gone) > 1 and content.layout == last.layout:
        return _doubted(
            "incomplete", f"incomplete page: {' and '.join(gone)} are missing, which were there at the last look"
        )
    return PASS


def judge_missing(content: Content, last: Content, unread: str) -> Verdict:
    """A passage may be missing from the text only if it is really gone, or was moved into what is furniture.

    ``unread`` is all text of the article on the page but for furniture: a passage that stands there and was not read is doubted.
    """
    now = {block.text for block in content.blocks}
    gone = [block.text for block in last.blocks if block.field is not Field.CAPTION and block.text not in now]
    keys = [key for text in gone if len(key := letters(text)) >= _PROVABLE]
    page = letters(unread) if keys else ""
    standing = [key for key in keys if key in page]
    found = letters(said(content)) if standing else ""
    if count := sum(key not in found for key in standing):
        return _doubted(
            "unread", f"doubtful: {count} passages of the last text stand on the page but not in the text read from it"
        )
    return PASS


def missing(content: Content, last: Content) -> bool:
    """Whether a passage of the last accepted text is not in this one."""
    now = {block.text for block in content.blocks}
    return any(block.text not in now for block in last.blocks)


def letters(text: str) -> str:
    """A text without what layout may change: letters and digits only."""
    return _NO_LETTERS.sub("", text)


def said(content: Content) -> str:
    """Headline, teaser and text as one."""
    return " ".join([content.headline or "", content.teaser or "", *(block.text for block in content.blocks)])


def _older(told: str | None, known: str | None) -> bool:
    """Whether a declared instant lies before another; days alone decide nothing."""
    if not told or not known or "T" not in told or "T" not in known:
        return False
    try:
        return datetime.fromisoformat(told) < datetime.fromisoformat(known)
    except (ValueError, TypeError):
        return False


def _path(url: str | None) -> str | None:
    return urlsplit(canonical(url)).path.rstrip("/") if url else None


def _aside(reason: str) -> Verdict:
    return Verdict(outcome=Outcome.SET_ASIDE, reason=reason)


def _doubted(doubt: str, reason: str) -> Verdict:
    return Verdict(outcome=Outcome.SET_ASIDE, reason=reason, doubt=doubt)


def _number(article: str) -> str:
    return article.rpartition("-")[2]


def _length(content: Content) -> int:
    return sum(len(block.text) for block in content.blocks)


def _garbled(content: Content) -> int:
    text = said(content)
    # only now and then has a text what such a run begins with
    return text.count("\ufffd") + (len(_MOJIBAKE.findall(text)) if any(map(text.__contains__, _MOJIBAKE_BEGINS)) else 0)

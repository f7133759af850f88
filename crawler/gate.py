"""The gate: is this the article we asked for, complete and readable? Pure; refuses with a reason, never an edit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.urls import article_id
from storage.types import Content, Outcome

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
_TAIL = 4096


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """``outcome`` is ``None`` when the page may pass."""

    outcome: Outcome | None = None
    reason: str | None = None


PASS = Verdict()


def judge_answer(status: int | None, headers: Mapping[str, str], reason: str | None) -> Verdict:
    """What status and headers alone decide."""
    if status is None:
        return Verdict(outcome=Outcome.FETCH_FAILED, reason=reason or "no answer")
    if status == 304:
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


def judge_page(page: str) -> Verdict:
    """Whether the decoded page is whole."""
    if not page.strip():
        return _aside("empty page")
    if "\x00" in page[:_TAIL]:
        return _aside("binary data, not a page")
    return (
        PASS
        if re.search(r"</html\s*>\s*(<!--.*?-->\s*)*$", page[-_TAIL:], re.IGNORECASE | re.DOTALL)
        else _aside("incomplete page: it does not end with </html>")
    )


def judge_content(content: Content, asked: str | None, redirected: bool, last: Content | None) -> Verdict:
    """Whether the text is that of the article ``asked`` for, and plausible beside the last accepted one."""
    named = article_id(content.canonical_url or "")
    if asked and named and article_id(f"http://x/de/x/{asked}") and _number(named) != _number(asked):
        if redirected:
            return Verdict(outcome=Outcome.MOVED, reason=f"redirected to another article, {named}")
        return _aside(f"wrong article: the page says it is {named}")
    if last is None:
        return PASS
    if content.modified and last.modified and "T" in content.modified and content.modified < last.modified:
        return _aside(f"stale copy: it says it was modified {content.modified}, an earlier look said {last.modified}")
    before, after = _length(last), _length(content)
    if before > _LONG_ENOUGH and after < before * _SHORTEST:
        return _aside(f"doubtful: only {after} characters of text, {before} at the last look")
    if _garbled(content) > _garbled(last):
        return _aside("garbled characters that were not there before")
    return PASS


def _aside(reason: str) -> Verdict:
    return Verdict(outcome=Outcome.SET_ASIDE, reason=reason)


def _number(article: str) -> str:
    return article.rpartition("-")[2]


def _length(content: Content) -> int:
    return sum(len(block.text) for block in content.blocks)


def _garbled(content: Content) -> int:
    return sum(block.text.count("\ufffd") for block in content.blocks)

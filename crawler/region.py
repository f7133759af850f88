"""Whether a page says what it said at the last look, told from its source: far cheaper than reading the article again. Pure.

The region is what the text of a React page of dw.com is read from: the article's own element with its tags' names, addresses
and words, and what the head declares (title, description, canonical address, linked data). Classes, ids, drawings, scripts
and relative times change with each request or release and are left out. Equal regions as one extractor sees them mean equal
texts; unequal ones mean nothing: then the page is read. Where this cannot be told (other layouts, live blogs, whose posts
stand in scripts) there is no region, and the page is read.
"""

from __future__ import annotations

import hashlib
import re

RULES = 1  # raised whenever another part of a page counts
_LEFT_OUT = re.compile(
    r"<(script|style|svg|noscript|template|time)\b.*?</\1>|<!--.*?-->"
    r'|<span class="publication\b.*?</span></span>'  # says "3 hours ago" while the page is fresh
    r'|<section data-tracking-name="sharing.*?</section>',
    re.DOTALL,
)
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")
_ADDRESSES = ('href="', 'src="', 'data-url="', 'alt="')
_DECLARED = re.compile(r"<(?:html|meta|link) [^>]*>")
_TELLING = ("<html", "og:title", "og:description", '"description', '"date', "canonical")
_LIVE = re.compile(r"LiveBlogPosting|liveBlogUpdate")


def region(page: str, fingerprint: str) -> str | None:
    """The digest of the article's region as ``fingerprint``'s extractor sees it; ``None`` where the page must be read."""
    found = _article(page)
    linked = _linked_data(page)
    if found is None or any(_LIVE.search(part) for part in linked):
        return None
    article = _LEFT_OUT.sub("", page[slice(*found)])
    parts = (str(RULES), fingerprint, *_declared(page[: found[0]]), *linked, *_addresses(article), *_TAG.split(article))
    told = "\n".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _article(page: str) -> tuple[int, int] | None:
    headline = page.find("<h1")
    start = page.find("<article", 0, max(headline, 0))
    end = page.rfind("</article>")
    if start < 0 or end < headline or page.find("rich-text", start, end) < 0:
        return None
    return start, end


def _declared(head: str) -> list[str]:
    """What the head says of the article."""
    return [tag for tag in _DECLARED.findall(head) if any(name in tag for name in _TELLING)]


def _linked_data(page: str) -> list[str]:
    found, at = [], page.find("application/ld+json")
    while at >= 0:
        found.append(page[page.find(">", at) : page.find("</script", at)])
        at = page.find("application/ld+json", at + 1)
    return found


def _addresses(article: str) -> list[str]:
    return [piece[: piece.find('"')] for name in _ADDRESSES for piece in article.split(name)[1:]]

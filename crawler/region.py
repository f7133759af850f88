"""Whether a page says what it said at the last look, told from its source: far cheaper than reading the article again. Pure.

The region is what the text of a React page of dw.com is read from: the article's own element with its tags' names, addresses
and words, and what the head declares (title, description, canonical address, linked data). Classes, ids, drawings, scripts
and the header's relative times change with each request or release and are left out. Equal regions as one extractor sees them mean equal
texts; unequal ones mean nothing: then the page is read. Where this cannot be told (other layouts, live blogs, whose posts
stand in scripts) there is no region, and the page is read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from crawler.excerpt import parts
from crawler.leaving import without

RULES = 2  # raised whenever another part of a page counts
_LONGEST = 4 << 20  # bytes; a longer page is read apart, where memory is limited
_LEFT_OUT = r'<(script|style|svg|noscript|template)\b|<!--|<section data-tracking-name="sharing'
_OPENS = re.compile(_LEFT_OUT)
# in the header: it says "3 hours ago" while the page is fresh; a time that stands in the text is text
_OPENS_IN_HEADER = re.compile(_LEFT_OUT.replace("template", "template|time") + r'|<span class="publication\b')
_CLOSES = {name: re.compile(f"</{name}>") for name in ("script", "style", "svg", "noscript", "template", "time")} | {
    "<!--": re.compile("-->"),
    '<span class="publication': re.compile("</span></span>"),
    '<section data-tracking-name="sharing': re.compile("</section>"),
}
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")
_ADDRESSES = ('href="', 'src="', 'data-url="', 'alt="')
_DECLARED = re.compile(rb"<(?:html|meta|link) [^>]*>")
_TELLING = (b"<html", b"og:title", b"og:description", b'"description', b'"date', b"canonical")
_APART = " \0 "  # between the parts that count; a page that holds this is read
_LIVE = re.compile(r"LiveBlogPosting|liveBlogUpdate")


def region(page: bytes, fingerprint: str) -> str | None:
    """The digest of the article's region as ``fingerprint``'s extractor sees it; ``None`` where the page must be read.

    ``page`` in UTF-8: only what counts of it, a tenth, is made text.
    """
    if len(page) > _LONGEST:
        return None
    found = parts(page)
    linked = _linked_data(page)
    if found is None or b"\0" in page or any(_LIVE.search(part) for part in linked):
        return None
    text = page.find(b"rich-text", found.begin)
    header, body = _text(page[found.begin : text]), _text(page[text : found.end])
    article = without(header, _OPENS_IN_HEADER, _CLOSES) + without(body, _OPENS, _CLOSES)
    counts = (str(RULES), fingerprint, *_declared(page, found.begin), *linked, *_addresses(article), *_split(article))
    # runs of ordinary white space count as one space, as in the text; no-break spaces are the author's
    told = b" ".join(_APART.join(counts).encode("utf-8", "replace").split())
    return hashlib.sha256(told).hexdigest()


def _text(part: bytes) -> str:
    return part.decode("utf-8", "replace")


# Each of the following takes time in proportion to the page, whatever its maker had in mind: this runs where nothing limits it.
# "<a" ten thousand times and never ">" would make a plain search start anew at each.


def _split(article: str) -> list[str]:
    """Names of tags and what stands between them, in turn."""
    end = article.rfind(">") + 1
    *parts, last = _TAG.split(article[:end])
    return [*parts, last + article[end:]]


def _declared(page: bytes, end: int) -> list[str]:
    """What the page says of the article before this place."""
    tags = b"".join(_DECLARED.findall(page, 0, page.rfind(b">", 0, end) + 1))
    begins = {begin for sign in _TELLING for begin in _tags_with(tags, sign)}
    return [_text(tags[begin : tags.find(b">", begin) + 1]) for begin in sorted(begins)]


def _tags_with(tags: bytes, sign: bytes) -> Iterator[int]:
    """Where the tags begin in which something stands, however often."""
    at = tags.find(sign)
    while at >= 0:
        yield tags.rfind(b">", 0, at) + 1
        at = tags.find(sign, tags.find(b">", at))


def _linked_data(page: bytes) -> list[str]:
    found: list[str] = []
    end, last = 0, page.rfind(b"application/ld+json")
    while end <= last and (at := page.find(b"application/ld+json", end)) >= 0:
        end = page.find(b"</script", at)
        if end < 0:
            return [*found, _text(page[at:])]
        found.append(_text(page[max(page.find(b">", at, end), at) : end]))
    return found


def _addresses(article: str) -> list[str]:
    return [piece[: piece.find('"')] for name in _ADDRESSES for piece in article.split(name)[1:]]

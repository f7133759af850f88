"""The part of a page that its text is read from, as a page of its own: a seventh of a page of dw.com. Pure.

On a React page of dw.com that is the head without its styles, the article's own element, and the scripts with data on the article.
Menus, teasers of other articles and the footer are most of a page, and parsing them was a third of what reading one took. The same part
is told to be the same by its region (``crawler.region``): what is not in it neither makes a version nor hides one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADLINE = re.compile(rb"<h1")  # a pattern is found in half the time that bytes.find takes in so long a text
_BODY = re.compile(rb"\"(?:[^\"<>]* )?rich-text(?: [^\"<>]*)?\"")  # a class, or a name for the outlet's own counting
_HEAD_ENDS = re.compile(rb"</head>")
_STYLE = re.compile(rb"<style\b[^<>]*>[^<]*</style>")
_SCRIPT = re.compile(rb"<!--|<script\b")
_DATA = (b"application/ld+json", b"window.__APOLLO_STATE__", b"window.__APP_STATE__")
_END = b"</article>"


def excerpt(page: bytes) -> bytes:
    """What the article is read from, of a page in UTF-8; the page itself where that cannot be told. An excerpt's is itself."""
    found = article_in(page)
    head = _HEAD_ENDS.search(page, 0, found[0]) if found else None
    if found is None or head is None:
        return page
    begin, end = found[0], found[1] + len(_END)
    parts = (
        _STYLE.sub(b"", page[: head.end()]),
        b"<body>",
        *_data(page, head.end(), begin),
        page[begin:end],
        *_data(page, end, len(page)),
        b"</body></html>",
    )
    return b"".join(parts)


def article_in(page: bytes) -> tuple[int, int] | None:
    """Where the element around the first headline begins and, at the latest, ends; ``None`` on a page of another layout."""
    headline = _HEADLINE.search(page)
    begin = page.rfind(b"<article", 0, headline.start()) if headline else -1
    if headline is None or begin < 0 or page.find(_END, begin, headline.start()) >= 0 or _is_hidden(page, begin):
        return None
    end = page.rfind(_END)
    return (begin, end) if end > headline.start() and _BODY.search(page, begin, end) else None


def _is_hidden(page: bytes, at: int) -> bool:
    """Whether a place is within a comment or a script."""
    opens = ((page.rfind(b"<!--", 0, at), b"-->"), (page.rfind(b"<script", 0, at), b"</script>"))
    return any(begin >= 0 and page.find(end, begin, at) < 0 for begin, end in opens)


def _data(page: bytes, at: int, end: int) -> Iterator[bytes]:
    """The scripts with data on the article between two places, outside comments; none behind one that does not end."""
    while opening := _SCRIPT.search(page, at, end):
        comment = opening[0] == b"<!--"
        at = page.find(b"-->" if comment else b"</script>", opening.end(), end)
        if at < 0:
            return
        if not comment and any(page.find(sign, opening.start(), at) >= 0 for sign in _DATA):
            yield page[opening.start() : at] + b"</script>"

"""The part of a page that its text is read from, as a page of its own: a seventh of a page of dw.com. Pure.

On a React page of dw.com that is the head without its styles, the article's own element, and the scripts with data on the article.
Menus, teasers of other articles and the footer are most of a page, and parsing them was a third of what reading one took. The same part
is told to be the same by its region (``crawler.region``): what is not in it neither makes a version nor hides one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARK = re.compile(rb"<(?:!--|(?:style|script|article|h1)\b|/(?:head|article)>)")
_CLOSES = {b"<!--": b"-->", b"<script": b"</script>", b"<style": b"</style>"}  # nothing within these is a mark
_BODY = re.compile(rb"\"(?:[^\"<>]* )?rich-text(?: [^\"<>]*)?\"")  # a class, or a name for the outlet's own counting
_STATE = b"window.__AP"  # the page's own data: __APOLLO_STATE__, __APP_STATE__


class Parts(NamedTuple):
    """The pieces of a page that its text is read from; where the article's element begins and, at the latest, ends."""

    head: list[bytes]
    before: list[bytes]
    begin: int
    end: int
    behind: list[bytes]


def excerpt(page: bytes) -> bytes:
    """What the article is read from, of a page in UTF-8; the page itself where that cannot be told. An excerpt's is itself."""
    found = parts(page)
    if found is None:
        return page
    article = page[found.begin : found.end]
    return b"".join([*found.head, b"<body>", *found.before, article, *found.behind, b"</body></html>"])


def parts(page: bytes) -> Parts | None:
    """Of a page in UTF-8; ``None`` on one of another layout. The article is the element around the first headline."""
    marks = _marks(page)
    head, at = list[bytes](), 0
    for name, start, stop in marks:
        if name == b"<style":
            head.append(page[at:start])
            at = stop
        elif name == b"</head>":
            head.append(page[at:stop])
            break
    before, begin = list[bytes](), -1
    for name, start, stop in marks:
        if name == b"<h1":
            break
        if name == b"<article":
            begin = start
        elif name == b"</article>":
            begin = -1
        elif _has_data(page, name, start, stop):
            before.append(page[start:stop])
    behind, end = list[bytes](), -1
    for name, start, stop in marks:
        if name == b"</article>":  # of several the last could be the article's
            end, behind = stop, []
        elif _has_data(page, name, start, stop):
            behind.append(page[start:stop])
    return Parts(head, before, begin, end, behind) if 0 <= begin < end and _BODY.search(page, begin, end) else None


def _marks(page: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The tags that tell where something is, and where they, or what they hold, end; none behind one that holds all the rest."""
    at = 0
    while mark := _MARK.search(page, at):
        start, at = mark.span()
        if close := _CLOSES.get(mark[0]):
            at = page.find(close, start + 2) + len(close)  # "<!-->" is a whole comment
            if at < len(close):
                return
        yield mark[0], start, at


def _has_data(page: bytes, name: bytes, start: int, stop: int) -> bool:
    """Whether this is a script with data on the article."""
    if name != b"<script":
        return False
    return b"application/ld+json" in page[start : page.find(b">", start)] or page.find(_STATE, start, stop) >= 0

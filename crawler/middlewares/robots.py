"""robots.txt by RFC 9309: 4xx allows but for 429, 5xx and network trouble disallow, Crawl-delay is kept; then the outlet's pace."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawler.decoding import BrokenBody, decode
from crawler.politeness import Postponed, delay, turn

AGENT = "zaesur"
_LARGEST = 500 << 10  # bytes that RFC 9309 asks to be read
_FRESH = 3600.0  # seconds for which an answer is kept to; RFC 9309 allows a day
_AGAIN = 600.0  # seconds after which one is asked again that disallowed all because it could not be read


class _Rules:
    """``parser`` is ``None`` when everything is disallowed for the reason in ``why``."""

    def __init__(self, parser: Any, why: str = "") -> None:
        self.parser, self.why = parser, why
        self._until = time.monotonic() + (_AGAIN if parser is None else _FRESH)

    def stand(self) -> bool:
        """Whether they may still be kept to."""
        return time.monotonic() < self._until


_known: dict[str, _Rules] = {}


class Resting(IgnoreRequest):
    """The outlet may not be asked now, which says nothing of its robots.txt."""


class RobotsMiddleware:
    """Asks each host for its robots.txt first, and lets a request go on in its turn."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._rules: dict[str, asyncio.Task[_Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Any) -> RobotsMiddleware:
        """As Scrapy makes it."""
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        """Refuse what robots.txt disallows; wait for the turn of what it allows."""
        if request.url.startswith("data:"):
            return
        least = 0.0
        if not request.meta.get("robots"):
            rules = await self._for(request.url)
            if rules.parser is None:
                raise IgnoreRequest(rules.why)
            if not rules.parser.can_fetch(request.url, AGENT):
                raise IgnoreRequest("disallowed by robots.txt")
            least = float(rules.parser.crawl_delay(AGENT) or 0.0)
        try:
            await turn(request.url, least)
        except Postponed as error:
            raise Resting(str(error)) from None

    async def _for(self, url: str) -> _Rules:
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        rules = _known.get(root)
        # a host asked without any delay is one of our own, whose rules may change at any moment
        if rules and delay(url) > 0 and rules.stand():
            return rules
        if root not in self._rules:
            self._rules[root] = asyncio.ensure_future(self._ask(f"{root}/robots.txt"))
        try:
            _known[root] = await asyncio.shield(self._rules[root])
        except Resting:
            self._rules.pop(root, None)
            raise
        return _known[root]

    async def _ask(self, url: str) -> _Rules:
        request = Request(
            url,
            callback=NO_CALLBACK,
            headers={"Accept": "text/plain, */*", "Accept-Encoding": "identity"},
            meta={"robots": True, "download_timeout": 30},
            dont_filter=True,
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except Resting:
            raise
        except IgnoreRequest as error:
            looped = "max redirections" in str(error)
            return _Rules(None, "robots.txt redirects in a loop, which disallows all" if looped else str(error))
        except Exception as error:
            from crawler.answers import trouble

            return _Rules(None, f"robots.txt could not be read, which disallows all: {trouble(error)}")
        return _rules(response)


def _rules(response: Any) -> _Rules:
    if response.status >= 500 or response.status == 429:
        return _Rules(None, f"robots.txt answers {response.status}, which disallows all")
    if response.status != 200:
        return _Rules(Protego.parse(""))
    headers = [
        (name.decode("latin-1"), b",".join(values).decode("latin-1")) for name, values in response.headers.items()
    ]
    try:
        return _Rules(Protego.parse(decode(response.body, headers).text[:_LARGEST]))
    except BrokenBody as error:
        return _Rules(None, f"robots.txt could not be read, which disallows all: {error}")
